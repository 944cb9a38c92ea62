"""Damage our own model files in every way, and open each: refused in one line, or it works.

    python benchmarks/robustness/models.py                       # 200 files
    python benchmarks/robustness/models.py --count 20 --seed 3
    python benchmarks/robustness/models.py --only 17 --folder kept

A file depends on the seed and its number alone. Workers open `SHARE` files each under ceilings of
memory and time, and cut a picture with what opens; one that dies is named by the file it was at,
and another goes on after it. Wrong are signals, tracebacks, hangs, messages that are not one line
of at most `LONGEST` characters, words on stdout, and a good model that finds other than before
after a worker's files.
"""

from __future__ import annotations

import argparse
import json
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from kirinuki.errors import KirinukiError
from kirinuki.instances import Instances
from kirinuki.segmenter.segmenter import Segmenter

sys.path.insert(0, str(Path(__file__).parent))

from model_damage import damage_of, damaged

SHARE = 25
"""Files a worker."""
MEMORY = 4 << 30
"""Bytes of address space of a worker."""
SECONDS = 60
"""Of the processor for one file; of the clock ten times that, for it may be shared."""
LONGEST = 500
"""Characters of a message."""


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        number: of the file.
        damage: what was done to it.
        ended: refused, failed (opens, then refused at the picture), works, or WRONG.
        words: the message, or what was wrong.
    """

    number: int
    damage: str
    ended: str
    words: str = ""


def picture() -> np.ndarray:
    """Something drawn, (180, 320, 3) uint8."""
    from PIL import Image

    scene = Path(__file__).parents[2] / "examples" / "scene.png"
    with Image.open(scene) as opened:
        return np.array(opened.convert("RGB").resize((320, 180)))


def opened(path: Path, shown: np.ndarray) -> tuple[str, str]:
    """How opening a model and cutting with it ended, and in which words."""
    cut = None
    try:
        cut = Segmenter.load(path, threads=1)
        return "works", f"{len(cut(shown))} found"
    except KirinukiError as error:
        words = str(error)
        if "\n" in words or len(words) > LONGEST:
            return "WRONG", f"{len(words)} characters, {words.count(chr(10))} line ends: {words!r}"
        return ("failed" if cut else "refused"), words
    except Exception:  # what is looked for
        return "WRONG", traceback.format_exc()


def work(seed: int, first: int, last: int, folder: Path) -> None:
    """A worker: a line of JSON before and after each file, and whether a good model still works."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for alarm in (signal.SIGALRM, signal.SIGPROF):  # ends the process, whatever it is in
        signal.signal(alarm, signal.SIG_DFL)
    shown, good = picture(), Segmenter.load(threads=1)
    before = good(shown)
    for number in range(first, last):
        signal.alarm(10 * SECONDS)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        damage = damage_of(number)
        print(json.dumps(asdict(Outcome(number, damage, "begun"))), flush=True)
        ended, words = opened(damaged(seed, number, folder), shown)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        print(json.dumps(asdict(Outcome(number, damage, ended, words))), flush=True)
    if not _same(before, good(shown)):
        raise AssertionError("the good model finds other than before")


def _same(first: Instances, second: Instances) -> bool:
    return len(first) == len(second) and all(map(np.array_equal, first.alphas, second.alphas))


def campaign(seed: int, numbers: range, folder: Path) -> list[Outcome]:
    """The outcome of every file, in order; what is wrong is printed at once."""
    done: list[Outcome] = []
    first = numbers.start
    while first < numbers.stop:
        last = min(first + SHARE, numbers.stop)
        command = [sys.executable, __file__, "--worker", *map(str, (first, last))]
        command += ["--seed", str(seed), "--folder", str(folder)]
        run = subprocess.run(command, capture_output=True, text=True)
        said = [_heard(line) for line in run.stdout.splitlines()]
        ended = [one for one in said if one.ended != "begun"]
        if run.returncode:
            number = max([first, *(one.number for one in said)])
            words = f"status {run.returncode} (a hang is -14 or -27): {run.stderr[-2000:]}"
            ended.append(Outcome(number, damage_of(number), "WRONG", words))
        for one in ended:
            if one.ended == "WRONG":
                print(f"{one.number} {one.damage}: WRONG {one.words}", flush=True)
        print(f"{first} to {max(one.number for one in ended)} done", flush=True)
        done += ended
        first = max(one.number for one in ended) + 1
    return done


def _heard(line: str) -> Outcome:
    """What a worker says; anything else on its stdout would be in the middle of a picture there."""
    try:
        return Outcome(**json.loads(line))
    except ValueError:
        return Outcome(-1, "on stdout", "WRONG", line)


def report(done: list[Outcome]) -> str:
    """A table: how each kind of damage ended."""
    counts = Counter((one.damage, one.ended) for one in done)
    ends = ("refused", "failed", "works", "WRONG")
    lines = [f"| damage | {' | '.join(ends)} |", "|---|---|---|---|---|"]
    for damage in sorted({one.damage for one in done}):
        lines.append(f"| {damage} | {' | '.join(str(counts[damage, end]) for end in ends)} |")
    totals = " | ".join(str(sum(one.ended == end for one in done)) for end in ends)
    return "\n".join([*lines, f"| all | {totals} |"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Open damaged model files.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="this file alone, and say how it ended")
    parser.add_argument("--folder", type=Path, help="make the files here and keep the last")
    parser.add_argument("--worker", type=int, nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        work(asked.seed, *asked.worker, asked.folder)
        return
    begun = time.monotonic()
    numbers = range(asked.count) if asked.only is None else range(asked.only, asked.only + 1)
    with tempfile.TemporaryDirectory() as temporary:
        done = campaign(asked.seed, numbers, asked.folder or Path(temporary))
    if asked.only is not None:
        print(*done, sep="\n")
    print(f"\n{report(done)}\n\nseed {asked.seed}, {(time.monotonic() - begun) / 60:.1f} minutes")
    sys.exit(any(one.ended == "WRONG" for one in done))


if __name__ == "__main__":
    main()
