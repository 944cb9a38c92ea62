"""Memory and time of a plan over ten million made-up names, of which no file is touched; or of
reading the journal of a job over them, in which all is done.

python benchmarks/plan_memory.py                  # 10,000 folders of 1,000
python benchmarks/plan_memory.py 1 1000000        # one flat folder
python benchmarks/plan_memory.py 1000 1000 --journal
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

from kirinuki.work.journal import FORMAT, Journal
from kirinuki.work.plan import Plan, plan
from kirinuki.work.results import JOURNAL_NAME
from kirinuki.work.walk import Entry


def main() -> None:
    """Do it, and print how long it took and the most memory the process had."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=int, nargs="?", default=10_000)
    parser.add_argument("files", type=int, nargs="?", default=1_000, help="in each folder")
    parser.add_argument("--journal", action="store_true", help="read a journal, not folders")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as top:
        base = Path(top)
        if asked.journal:
            write_journal(base, asked.folders, asked.files)
        before = _most_memory()
        begun = time.perf_counter()
        if asked.journal:
            count = sum(1 for _ in Journal(base).stems())
        else:
            count = sum(1 for _ in made_up_plan(base, asked.folders, asked.files))
        seconds = time.perf_counter() - begun
    most = _most_memory()
    print(
        f"{count:,} items in {seconds:.1f} s, {seconds / count * 1e6:.1f} µs each; memory "
        f"{before:.0f} MiB before, {most:.0f} MiB at most, {(most - before) * 2**20 / count:.0f} "
        "bytes an item"
    )


def made_up_plan(base: Path, folders: int, files: int) -> Plan:
    """Over folders that are not there."""

    def listing(folder: Path) -> list[Entry]:
        if folder == base:
            return [Entry(f"{number:06d}", True, False) for number in range(folders)]
        return [Entry(f"{number:08d}.png", False, False) for number in range(files)]

    return plan([base], base / "out", listing=listing)


def write_journal(out: Path, folders: int, files: int) -> None:
    """As a job leaves it that cut them all."""
    with (out / JOURNAL_NAME).open("w") as file:
        run = {"format": FORMAT, "made": {}, "outputs": {"each": {}}}
        file.write(json.dumps({"run": run}) + "\n")
        for number in range(folders * files):
            stem = f"{number // files:06d}/{number % files:08d}"
            source = {"path": f"../d/{stem}.png", "size": 1, "mtime_ns": 1, "hash": "0" * 32}
            files_of = {"each": [f"{stem}_1.png"]}
            line = {"done": stem, "source": source, "files": files_of, "records": {}}
            file.write(json.dumps(line) + "\n")


def _most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # MiB on Linux


if __name__ == "__main__":
    main()
