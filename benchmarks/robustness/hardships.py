"""What goes wrong around a job: a full disk, a folder that is read-only, inputs that vanish or
grow, two jobs at once. Each must end in one line a fault, lose nothing that was done, and go on.

    python benchmarks/robustness/hardships.py              # the disks need root, for a tmpfs

The exit status is 1 where something was wrong.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from contents import Digests, differences, digests, half_written
from scenarios import JOB_FILE, SCENARIOS, Scenario, make_inputs, start

LONGEST = 600
"""Seconds after which a job is taken to hang."""


@dataclass(frozen=True)
class Ended:
    """How the command ended: its status, and the lines that it said on stderr."""

    status: int
    lines: list[str]

    def expect(self, status: int, *words: str) -> list[str]:
        """What is wrong with it: another status, a traceback, or nothing said of these words."""
        said = "\n".join(self.lines)
        wrong = [] if self.status == status else [f"status {self.status}, not {status}: {said}"]
        wrong += [f"{w!r} said: {said}" for w in ("Traceback", "unexpected") if w in said]
        return wrong + [f"nothing said of {word!r}: {said}" for word in words if word not in said]


@dataclass(frozen=True)
class Place:
    """Where a hardship happens.

    Attributes:
        made: the inputs; may be changed.
        out: the results, not there yet.
        expected: what they are without it.
    """

    scenario: Scenario
    made: Path
    out: Path
    expected: Digests

    def run(self, *options: str) -> Ended:
        """The command, to its end."""
        return ended(self.start(*options))

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """The command."""
        return start([*self.scenario.arguments(self.made, self.out), *options])

    def half(self) -> list[str]:
        """Files in sight that are not whole. One of the whole job may hold less than at the end."""
        half = half_written(self.expected, digests(self.out))
        return [f"{name} is not whole" for name in half if name != JOB_FILE]

    def goes_on(self) -> list[str]:
        """What is wrong after ``--resume``."""
        wrong = self.run("--resume").expect(0)
        different = differences(self.expected, digests(self.out))
        return wrong + [f"at the end: {name} differs" for name in different]


def ended(process: subprocess.Popen[bytes]) -> Ended:
    """Wait for a command."""
    _, said = process.communicate(timeout=LONGEST)
    return Ended(process.returncode, said.decode(errors="replace").splitlines())


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """A file system of this size at a folder."""
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder))
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def full_disk(place: Place) -> list[str]:
    """The disk is full half-way; then there is room again."""
    size = sum(path.stat().st_size for path in undisturbed_files(place))
    with small_disk(place.out.parent, size // 2048 + 16):
        wrong = place.run().expect(1, "No space left")
        wrong += place.half()
        _mount("-o", f"remount,size={64 * 1024}k", str(place.out.parent))
        return wrong + place.goes_on()


def undisturbed_files(place: Place) -> list[Path]:
    """Results of the undisturbed run."""
    folder = place.made.parent / f"undisturbed_{place.scenario.name}"
    return [path for path in folder.rglob("*") if path.is_file()]


def read_only(place: Place) -> list[str]:
    """The results' folder cannot be written; then it can."""
    with small_disk(place.out.parent, 64 * 1024):
        _mount("-o", "remount,ro", str(place.out.parent))
        wrong = place.run().expect(1, str(place.out))
        _mount("-o", "remount,rw", str(place.out.parent))
        return wrong + place.goes_on()


def vanishing(place: Place) -> list[str]:
    """Half of the pictures go while the job is on its way, and come back."""
    process = place.start()
    while process.poll() is None and not place.out.exists():
        time.sleep(0.002)
    gone = sorted((place.made / "pictures").rglob("*.png"))[6:]
    for path in gone:
        path.rename(path.with_suffix(".gone"))
    wrong = ended(process).expect(1)
    wrong += place.half()
    for path in gone:
        path.with_suffix(".gone").rename(path)
    return wrong + place.goes_on()


def growing(place: Place) -> list[str]:
    """Inputs that are half there when the job begins, and one that comes after it has begun."""
    whole = {path: path.read_bytes() for path in _some_inputs(place.made)}
    late = sorted((place.made / "pictures").rglob("*.png"))[-1]
    for path, content in whole.items():
        path.write_bytes(content[: len(content) // 2])
    kept = late.read_bytes()
    late.unlink()
    process = place.start()
    while process.poll() is None and not place.out.exists():
        time.sleep(0.002)
    late.write_bytes(kept)
    wrong = ended(process).expect(1, *(path.name for path in whole))
    for path, content in whole.items():
        path.write_bytes(content)
    return wrong + place.goes_on()


def _some_inputs(made: Path) -> list[Path]:
    return [sorted((made / "pictures").rglob("*.png"))[2], made / "short.mkv"]


def two_at_once(place: Place) -> list[str]:
    """Two jobs begin in one folder, ready to go on: one does it all, the other says so."""
    ends = [ended(process) for process in [place.start("--resume"), place.start("--resume")]]
    ends.sort(key=lambda end: end.status)
    wrong = ends[0].expect(0) + ends[1].expect(1, str(place.out), "another job is at work")
    different = differences(place.expected, digests(place.out))
    return wrong + [f"{name} differs" for name in different]


HARDSHIPS: dict[Callable[[Place], list[str]], tuple[str, ...]] = {
    full_disk: ("pictures", "video", "compose"),
    read_only: ("pictures", "video", "compose"),
    vanishing: ("pictures", "mixed"),
    growing: ("mixed",),
    two_at_once: ("pictures", "video", "compose"),
}
"""What happens, and to which jobs."""
NEED_ROOT = (full_disk, read_only)


def prepare(folder: Path, scenario: Scenario) -> Place:
    """Fresh inputs, and an undisturbed run over them."""
    made = folder / "made"
    if not made.exists():
        make_inputs(made)
    calm = folder / f"undisturbed_{scenario.name}" / "out"  # as deep: labels name their pictures
    if not calm.exists():
        wrong = ended(start(scenario.arguments(made, calm))).expect(0)
        if wrong:
            raise SystemExit(f"{scenario.name}: the undisturbed job failed: {wrong[0]}")
    return Place(scenario, made, folder / f"disk_{time.monotonic_ns()}" / "out", digests(calm))


def main() -> None:
    parser = argparse.ArgumentParser(description="Make life hard for jobs.")
    parser.add_argument("--folder", type=Path, help="work here and keep everything")
    asked = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        for hardship, names in HARDSHIPS.items():
            for scenario in (scenario for scenario in SCENARIOS if scenario.name in names):
                title = f"{hardship.__name__.replace('_', ' ')}, {scenario.name}"
                if hardship in NEED_ROOT and (os.name == "nt" or os.geteuid() != 0):
                    print(f"{title}: left out, needs root")
                    continue
                wrong = hardship(prepare(folder, scenario))
                failed |= bool(wrong)
                print(f"{title}: " + ("WRONG" if wrong else "fine"), flush=True)
                for line in wrong:
                    print(f"  {line}", flush=True)
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
