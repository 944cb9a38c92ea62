"""Memory and time of a plan over ten million made-up names: no file is touched.

python benchmarks/plan_memory.py                  # 10,000 folders of 1,000
python benchmarks/plan_memory.py 1 1000000        # one flat folder
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from kirinuki.work.plan import plan
from kirinuki.work.walk import Entry


def main() -> None:
    """Plan, and print how long it took and the most memory the process had."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=int, nargs="?", default=10_000)
    parser.add_argument("files", type=int, nargs="?", default=1_000, help="in each folder")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as top:
        base = Path(top)

        def listing(folder: Path) -> list[Entry]:
            if folder == base:
                return [Entry(f"{number:06d}", True, False) for number in range(asked.folders)]
            return [Entry(f"{number:08d}.png", False, False) for number in range(asked.files)]

        before = _most_memory()
        begun = time.perf_counter()
        count = sum(1 for _ in plan([top], base / "out", listing=listing))
        seconds = time.perf_counter() - begun
    print(
        f"{count:,} items in {seconds:.1f} s, {seconds / count * 1e6:.1f} µs each; "
        f"memory {before:.0f} MiB before, {_most_memory():.0f} MiB at most"
    )


def _most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # MiB on Linux


if __name__ == "__main__":
    main()
