"""The engine of the campaigns: bad inputs by number, many to a command, checked, bisected, resumed.

An input depends on the campaign, the seed and its number alone. A worker is one ``kirinuki cut``
over a batch of them between two good ones, with a ceiling on memory and on time. Wrong is: a
signal, a traceback, a hang, words of a library on the terminal, a result of a refused input, none
of another, files left over, a good neighbour not cut. What ends a command is bisected.

`run_batches` and `command_line` are for other campaigns, too: whatever has numbers, batches and
something wrong to tell of them.

Not covered: what the inputs are (`damaged_pictures`, `damaged_videos`).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from fake_models import save_detector, save_refiner

COMMAND = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
sys.argv[1:2] = []
from kirinuki.cli import main
main()
"""
LONGEST_LINE = 500
_REMARKS = ("model:", "results:", "failed:", "left ", "  ")
"""How lines begin that are no complaint; others name an input, or are the summary."""


@dataclass(frozen=True)
class Campaign:
    """What is thrown at the command.

    Attributes:
        name: of the campaign.
        make: number's random numbers, its path without a suffix → the input, written.
        good: writes a good neighbour, given a path without a suffix.
        options: of ``kirinuki cut``.
        count, batch: inputs of the whole campaign, and of a worker.
        memory: bytes of address space that a worker may take.
        seconds: that an input may take on average.
        damaged: words of a complaint after which a result may be there all the same.
    """

    name: str
    make: Callable[[random.Random, Path], Path]
    good: Callable[[Path], Path]
    options: Sequence[str]
    count: int
    batch: int = 200
    memory: int = 6 << 30
    seconds: float = 3
    damaged: tuple[str, ...] = ()


@dataclass
class Told:
    """What became of a batch.

    Attributes:
        counts: inputs that were cut, refused, and cut with a complaint.
        wrong: number of an input (None: of no single one) and what was wrong.
    """

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[int | None, str]] = field(default_factory=list)


class Runs(Protocol):
    """Runs batches of a campaign of one seed in a folder."""

    @property
    def name(self) -> str: ...

    @property
    def batch(self) -> int:
        """Inputs of a worker."""

    def prepare(self) -> None:
        """Make what all batches need."""

    def run(self, numbers: Sequence[int]) -> Told:
        """Run a batch."""

    def show(self, number: int) -> str:
        """Make one input, to look at."""


@dataclass(frozen=True)
class Runner:
    """Runs batches of one campaign in a folder."""

    campaign: Campaign
    seed: int
    folder: Path

    @property
    def name(self) -> str:
        return self.campaign.name

    @property
    def batch(self) -> int:
        return self.campaign.batch

    def show(self, number: int) -> str:
        """Write an input here."""
        return str(self.input(number, Path()))

    @property
    def model(self) -> Path:
        """A model of a few bytes that finds two characters in everything."""
        return self.folder / "model"

    def prepare(self) -> None:
        """Write the model."""
        self.model.mkdir(parents=True, exist_ok=True)
        boxes = [[8, 6, 26, 34], [34, 4, 58, 35]]
        save_detector(self.model / "detector.onnx", boxes, [0.9, 0.8], [0, 1])
        save_refiner(self.model / "refiner.onnx", 1)

    def input(self, number: int, folder: Path) -> Path:
        """Write an input."""
        draw = random.Random(f"{self.campaign.name} {self.seed} {number}")
        return self.campaign.make(draw, folder / f"n{number:05d}")

    def run(self, numbers: Sequence[int]) -> Told:
        """Run a batch; where it ends badly, its halves."""
        work = Path(tempfile.mkdtemp(prefix=f"{numbers[0]:05d}-", dir=self.folder))
        try:
            (work / "in").mkdir()
            paths = {number: self.input(number, work / "in") for number in numbers}
            first, last = (self.campaign.good(work / "in" / name) for name in ("a_good", "z_good"))
            inputs = [first, *paths.values(), last]
            status, lines = self._command(inputs, work / "out", len(numbers))
            ended = _end(status, lines)
            if ended is None:
                return self._checked(paths, work, lines)
            if len(numbers) == 1:
                return Told(wrong=[(numbers[0], ended)])
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return self._halves(numbers, ended)

    def _halves(self, numbers: Sequence[int], ended: str) -> Told:
        both, middle = Told(), len(numbers) // 2
        for half in (numbers[:middle], numbers[middle:]):
            told = self.run(half)
            both.counts += told.counts
            both.wrong += told.wrong
        if not both.wrong:
            both.wrong.append((None, f"{numbers[0]} to {numbers[-1]}, only together: {ended}"))
        return both

    def _command(self, inputs: Sequence[Path], out: Path, count: int) -> tuple[int, list[str]]:
        options = ["-o", str(out), "--model", str(self.model), *self.campaign.options]
        arguments = [str(self.campaign.memory), "cut", *map(str, inputs), *options]
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        try:
            _, said = process.communicate(timeout=60 + self.campaign.seconds * count)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return 124, []
        return process.returncode, said.decode(errors="replace").splitlines()

    def _checked(self, paths: dict[int, Path], work: Path, lines: list[str]) -> Told:
        told = Told()
        names = [path.name for path in (work / "out").glob("*")]  # none where all is refused
        said = [line for line in lines if line.startswith("failed:")]
        for number, path in paths.items():
            complaint = next((line for line in said if str(path) in line), "")
            made = [name for name in names if name.startswith(f"{path.stem}_")]
            told.counts["cut" if not complaint else "damaged" if made else "refused"] += 1
            told.wrong += [(number, what) for what in self._faults(complaint, bool(made))]
        told.wrong += [(None, what) for what in _faults_of_all(names, lines, str(work))]
        return told

    def _faults(self, complaint: str, made: bool) -> list[str]:
        faults = []
        if not complaint and not made:
            faults.append("neither a result nor a word")
        if complaint and made and not any(word in complaint for word in self.campaign.damaged):
            faults.append(f"refused, and yet there is a result: {complaint}")
        if len(complaint) > LONGEST_LINE + len("failed: "):
            faults.append(f"a line of {len(complaint)} characters: {complaint[:80]}")
        if "unexpected" in complaint:
            faults.append(complaint)
        return faults


def _end(status: int, lines: list[str]) -> str | None:
    """How a command ended that should not have; None where it is well."""
    if status == 124:
        return "hangs"
    if status < 0:
        return f"signal {-status}"
    trace = next((line for line in reversed(lines) if line.strip()), "")
    if any(line.startswith("Traceback") for line in lines) or status not in (0, 1):
        return f"status {status}: {trace}"
    return None


def _faults_of_all(names: Sequence[str], lines: Sequence[str], work: str) -> Iterator[str]:
    for good in ("a_good", "z_good"):
        if not any(name.startswith(f"{good}_") for name in names):
            yield f"{good} is not cut"
    for name in names:
        if name.startswith("."):
            yield f"{name} is left over"
    for line in lines[:-2]:
        if not line.startswith(_REMARKS) and work not in line and " failed" not in line:
            yield f"said beside: {line[:200]}"


def run(campaign: Campaign, count: int, seed: int, folder: Path, workers: int) -> Told:
    """Run a campaign, or go on with it."""
    notes = folder / f"{campaign.name}-{seed}.jsonl"
    return run_batches(Runner(campaign, seed, folder), count, notes, workers)


def run_batches(runner: Runs, count: int, notes: Path, workers: int) -> Told:
    """Run all batches but those that are noted already."""
    all_told, size = Told(), runner.batch
    runner.prepare()
    known = _known(notes)
    batches = [range(first, min(first + size, count)) for first in range(0, count, size)]
    with ThreadPoolExecutor(workers) as pool, notes.open("a", encoding="utf-8") as file:
        todo = [batch for batch in batches if (batch.start, batch.stop) not in known]
        for batch, told in zip(todo, pool.map(runner.run, todo), strict=True):
            note = {"of": [batch.start, batch.stop], "counts": told.counts, "wrong": told.wrong}
            file.write(json.dumps(note) + "\n")
            file.flush()
            known[batch.start, batch.stop] = note
            print(f"{batch.start} to {batch.stop - 1}: {dict(told.counts)}", flush=True)
            for number, what in told.wrong:
                print(f"  WRONG {'' if number is None else number}: {what}", flush=True)
    for batch in batches:
        note = known[batch.start, batch.stop]
        all_told.counts.update(note["counts"])
        all_told.wrong += [(number, what) for number, what in note["wrong"]]
    return all_told


def _known(notes: Path) -> dict[tuple[int, int], dict[str, Any]]:
    lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    return {tuple(note["of"]): note for note in map(json.loads, lines)}


def main(campaign: Campaign) -> None:
    """The command line of a campaign of inputs."""
    command_line(lambda seed, folder: Runner(campaign, seed, folder), campaign.count)


def command_line(runner_of: Callable[[int, Path], Runs], count: int) -> None:
    """The command line of a campaign, given its runner of a seed in a folder."""
    name = runner_of(0, Path()).name
    parser = argparse.ArgumentParser(description=f"Throw bad {name} at the command.")
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="work here, and go on with what is noted here")
    parser.add_argument("--make", type=int, metavar="NUMBER", help="write this input, and no more")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if asked.make is not None:
            print(runner_of(asked.seed, folder).show(asked.make))
            return
        begun = time.monotonic()
        notes = folder / f"{name}-{asked.seed}.jsonl"
        told = run_batches(runner_of(asked.seed, folder), asked.count, notes, asked.workers)
    counts = ", ".join(f"{number:,} {what}" for what, number in sorted(told.counts.items()))
    minutes = (time.monotonic() - begun) / 60
    print(f"{name}, seed {asked.seed}: {counts}, {len(told.wrong)} wrong, {minutes:.1f} min")
    sys.exit(1 if told.wrong else 0)
