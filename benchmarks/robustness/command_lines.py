"""Throw 500 command lines at the command.

    python benchmarks/robustness/command_lines.py                          # seed 0
    python benchmarks/robustness/command_lines.py --count 100 --seed 3 --folder kept
    python benchmarks/robustness/command_lines.py --seed 3 --make 17       # says that one

A line depends on the seed and its number alone (`drawn_lines`) and runs in a copy of a small world
(`small_world`). A worker imports the libraries once and forks for each line. Wrong is: a traceback,
a signal, more than `SECONDS`, an exit status but 0, 1 and 2, a message that is not one line of at
most 500 characters, a control character on the terminal, an input lost or changed, a file that is
half-written.
"""

from __future__ import annotations

import argparse
import json
import os
import pty
import random
import re
import resource
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

from campaign import LONGEST_LINE, Told, command_line
from drawn_lines import Line, drawn
from small_world import copy_world, make_world, state_of

SECONDS = 60
"""That a line may take; with many workers on few cores, of the clock."""
MEMORY = 12 << 30
"""Bytes of address space of a line; torch alone maps several gigabytes."""
LOADED = ("cv2", "av", "onnxruntime", "matplotlib.pyplot", "faster_coco_eval", "lightning", "timm")
_STYLES = re.compile("\x1b\\[[0-9;?]*[A-Za-z]|\r")
"""What a bar moves and colours a terminal with."""
_RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_FAULTS = re.compile(r"unexpected \w+(Error|Exception)|Exception ignored|Warning:|Aborted!")
_OF_FAULTS = ("kirinuki: ", "failed: ", "warning: ", "Error: ")
_PICTURES = {".png", ".jpg", ".webp", ".gif", ".avif", ".tiff"}


@dataclass(frozen=True)
class Lines:
    """Runs batches of command lines of one seed in a folder."""

    seed: int
    folder: Path
    name: str = "lines"
    batch: int = 50

    def prepare(self) -> None:
        """Make the world."""
        shutil.rmtree(self.folder / "world", ignore_errors=True)
        make_world(self.folder / "world")

    def line(self, number: int) -> Line:
        """A line."""
        return drawn(random.Random(f"{self.name} {self.seed} {number}"))

    def show(self, number: int) -> str:
        """A line, as a shell takes it, but for what is not UTF-8."""
        line = self.line(number)
        fed = " < pics/a.png" if line.fed else ""
        words = shlex.join(["kirinuki", *line.words])
        return ascii(f"{words}{fed}{'  # on a terminal' if line.watched else ''}")

    def run(self, numbers: Sequence[int]) -> Told:
        """A process that forks for each line."""
        asked = [str(self.seed), str(self.folder), str(numbers[0]), str(numbers[-1])]
        command = [sys.executable, __file__, "--worker", *asked]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        told = Told()
        for said in map(json.loads, done.stdout.splitlines()):
            told.counts[f"status {said['status']}"] += 1
            told.wrong += [(said["number"], what) for what in said["wrong"]]
        if done.returncode or told.counts.total() != len(numbers):
            told.wrong.append((None, f"the worker ended with status {done.returncode}"))
        return told


@dataclass(frozen=True)
class Ended:
    """How a line ended; status 124 is a hang, negative a signal."""

    status: int
    out: bytes
    said: bytes


def work(lines: Lines, first: int, last: int) -> None:
    """Run lines, and print what was wrong with each as JSON."""
    for name in ("kirinuki.cli", *LOADED):
        with suppress(ImportError):
            import_module(name)
    for number in range(first, last + 1):
        line, above = lines.line(number), lines.folder / f"{lines.seed}-{number}"
        place = above / "here"  # a line may write above it
        copy_world(lines.folder / "world", place)
        before = state_of(place)
        try:
            ended = run_line(line, place)
            wrong = [*faults_of(line, ended), *lost(line, before, place)]
        finally:
            shutil.rmtree(above, ignore_errors=True)
        if wrong:
            wrong.append(lines.show(number))
        print(json.dumps({"number": number, "status": ended.status, "wrong": wrong}), flush=True)


def run_line(line: Line, place: Path) -> Ended:
    """Fork, run, wait."""
    near, far = pty.openpty() if line.watched else os.pipe()
    with (place.parent / f"{place.name}.out").open("w+b") as out:
        child = os.fork()
        if child == 0:
            _be_the_command(line, place, out.fileno(), far)
        os.close(far)
        said = _read_until_end(near, child)
        status = _status_of(child)
        os.close(near)
        out.seek(0)
        text = out.read()
    Path(out.name).unlink()
    return Ended(status, text, said)


def _be_the_command(line: Line, place: Path, out: int, far: int) -> None:
    """In the child: never returns."""
    status = 70
    try:
        os.setsid()
        feed = place / "pics" / "a.png" if line.fed else Path(os.devnull)
        for number, file in ((0, os.open(feed, os.O_RDONLY)), (1, out), (2, far)):
            os.dup2(file, number)
        os.chdir(place)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.environ |= {"HOME": str(place), "OMP_NUM_THREADS": "1"}
        sys.stdin = os.fdopen(0)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w", buffering=1)
        sys.argv = ["kirinuki", *line.words]
        from kirinuki.cli import main

        main()
        status = 0
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _read_until_end(near: int, child: int) -> bytes:
    """What is said on stderr; a child that takes too long is killed with all that it started."""
    said, deadline = b"", time.monotonic() + SECONDS
    while True:
        ready, _, _ = select.select([near], [], [], 0.2)
        with suppress(OSError):  # a terminal that is closed
            more = os.read(near, 65536) if ready else b""
            said += more
            if ready and more:
                continue
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return said
        if time.monotonic() > deadline:
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGALRM)
                time.sleep(0.1)
                os.killpg(child, signal.SIGKILL)
            return said


def _status_of(child: int) -> int:
    _, ended = os.waitpid(child, 0)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what a line has left running
    status = os.waitstatus_to_exitcode(ended)
    return 124 if status in (-signal.SIGALRM, -signal.SIGKILL) else status


def faults_of(line: Line, ended: Ended) -> Iterator[str]:
    """What is wrong with what a line said and how it ended."""
    if ended.status not in (0, 1, 2):
        yield "hangs" if ended.status == 124 else f"status {ended.status}"
    said = ended.said.decode("utf-8", "surrogateescape")
    out = ended.out.decode("utf-8", "surrogateescape")
    shown = _STYLES.sub("", said) if line.watched else said
    for text in (shown, "" if "-" in line.words else out):
        raw = _RAW.search(text)
        if raw is not None:
            near = text[max(0, raw.start() - 40) : raw.end() + 20]
            yield f"raw {raw[0]!r} on the terminal: {near!r}"
    asked = {"-v", "--verbose"} & set(line.words)  # then it says where errors came from
    if _FAULTS.search(said) or ("Traceback" in said and not asked):
        yield f"said: {said[-3000:]}"
    complaints = [one for one in shown.splitlines() if one.strip()]
    for one in complaints:
        if len(one) > LONGEST_LINE and one.startswith(_OF_FAULTS):
            yield f"a line of {len(one)} characters: {one[:200]}"
    ours = [one for one in complaints if one.startswith("kirinuki: ")]
    usage = [one for one in complaints if one.startswith("Error: ")]
    if ended.status == 2 and complaints[-1:] != usage:
        yield f"{len(usage)} lines about wrong usage: {complaints[-5:]}"
    if ended.status == 1 and not complaints and not out:
        yield "status 1 without a word"
    if len(ours) > 1 and "left out" not in ours[-1]:
        yield f"more than one line of the command: {ours[:3]}"


def lost(line: Line, before: dict[str, str], place: Path) -> Iterator[str]:
    """Inputs that are gone or changed, and new files that are not whole."""
    after = state_of(place)
    replaced = {"--overwrite"} & set(line.words)
    for name, content in before.items():
        if name not in after:
            yield f"{name!r} is gone"
        elif after[name] != content and not replaced:
            yield f"{name!r} is changed"
    for name in after.keys() - before.keys():
        fault = _half_written(place / name)
        if fault:
            yield f"{name!r}: {fault}"


def _half_written(path: Path) -> str | None:
    if path.name.startswith(".kirinuki-") and path.suffix != ".jsonl":
        return "is left over"
    if path.suffix.lower() not in (*_PICTURES, ".json"):
        return None
    content = path.read_bytes()
    if content.startswith(b"<?xml") and content.rstrip().endswith(b"</annotations>"):
        return None  # CVAT
    try:  # whatever it is asked to be called
        json.loads(content)
    except ValueError:
        try:
            Image.open(path).load()
        except Exception as error:
            return f"is not whole: {error}"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--worker", nargs=4)
    asked, _ = parser.parse_known_args()
    if asked.worker:
        seed, folder, first, last = asked.worker
        work(Lines(int(seed), Path(folder)), int(first), int(last))
        return
    command_line(lambda seed, folder: Lines(seed, folder.absolute()), 500)


if __name__ == "__main__":
    main()
