"""Results of one input become files: all of them or none, over nothing that is not ours.

Not covered: looking at the input (`cutter`, `moving`), which outputs are due (`due`).
"""

from __future__ import annotations

import glob
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from kirinuki.cutting.due import Due
from kirinuki.cutting.found import Found
from kirinuki.cutting.outputs.output import Pieces, Place
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.errors import OutputError
from kirinuki.files import write_atomically
from kirinuki.work.journal import Journal
from kirinuki.work.plan import Plan
from kirinuki.work.source import Source

_HALF_WRITTEN = re.compile(r"\.kirinuki-[0-9a-f]{16}\.\w+")
"""Names that `files.write_atomically` gives."""


class Sink:
    """Writes the results of one input.

    Args:
        out: folder that names are relative to.
        ours: names of results that may be replaced.
        overwrite: all may be replaced.

    Attributes:
        files: names written so far.
        lines: for stdout, in order of the inputs, once the input is done.
    """

    def __init__(self, out: Path, ours: Collection[str], overwrite: bool) -> None:
        self.files: list[str] = []
        self.lines: list[str] = []
        self._out = out
        self._ours = ours
        self._overwrite = overwrite
        self._fresh: list[Path] = []

    def target(self, name: str) -> tuple[Path, bool]:
        """A file for a writer that must have its path and is atomic by itself (those of `formats`;
        FFmpeg, which opens an MP4 again to move its index), and whether it may replace another."""
        path = self._out / name
        if not os.path.lexists(path):
            self._fresh.append(path)
        self.files.append(name)
        return path, self._overwrite or name in self._ours

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A seekable stream, which becomes the file when the block ends well."""
        path, replace = self.target(name)
        with write_atomically(path, replace) as temporary, temporary.open("w+b") as file:
            yield file

    def undo(self) -> None:
        """Remove what was not there before."""
        for path in self._fresh:
            path.unlink(missing_ok=True)


@dataclass
class Written:
    """An input whose results are there, but not in the journal yet.

    Attributes:
        files: names by output, relative to the results' folder.
        lines: see `Sink`.
    """

    source: Source
    due: Due
    found: Found
    files: dict[str, list[str]]
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Results:
    """Writes results of the inputs of a plan.

    Attributes:
        overwrite: replace what is there.
    """

    plan: Plan
    journal: Journal
    overwrite: bool

    def announce(self, due: Due, place: Place, source: Source) -> None:
        """Say in the journal what is begun; results known beforehand must not be in the way.

        Raises:
            OutputError: one is, or is an input.
        """
        names = expected(due, place)
        self._refuse(names, due)
        if not self.overwrite and (place.work / "job.json").exists():
            raise OutputError(
                f"{place.work}: holds an unfinished job of kirinuki 0.4 or 0.5; finish it with "
                "that version, or pass `overwrite` to begin again"
            )
        if not due.parts:
            for name in names:  # folders of pictures fill while the job goes on
                _remove_folder(self.plan.out / name)
        self._begin(due, place, source, names, goes_on=bool(due.parts))

    def write(self, due: Due, found: Found, source: Source) -> Written:
        """Write what was announced by `names`, or none of it; what a former run left goes."""
        sink = Sink(self.plan.out, due.ours, self.overwrite)
        files: dict[str, list[str]] = {}
        try:
            for output, options in due.chosen.items():
                before = len(sink.files)
                pieces = found.pieces.get(output, [])
                found.notes += OUTPUTS[output].join(options, found.place, pieces, sink)
                files[output] = sink.files[before:]
        except BaseException:
            sink.undo()
            raise
        for name in set(due.former) - {*sink.files}:
            self._remove(self.plan.out / name)
        return Written(source, due, found, files, sink.lines)

    def announce_all(self, due: Due, found: Found, source: Source) -> None:
        """Say in the journal which files are about to be written.

        Raises:
            OutputError: one is in the way, or is an input.
        """
        pieces = found.pieces
        names = [
            name
            for output, options in due.chosen.items()
            for name in OUTPUTS[output].names(options, found.place, pieces.get(output, []))
        ]
        self._refuse([name for name in names if not (self.plan.out / name).is_dir()], due)
        self._begin(due, found.place, source, names, goes_on=True)

    def remove_half_written(self, also_in: list[Path]) -> None:
        """Remove what a killed run left in the folders it was writing to."""
        folders = {self.plan.out, *also_in}
        for stem in self.journal.begun():
            place = self.plan.out / stem
            # Frames of a video go into folders, those of its characters by names not known before.
            pattern = f"{glob.escape(place.name)}_*"
            folders |= {place.parent, *filter(Path.is_dir, place.parent.glob(pattern))}
        for folder in folders:
            for path in folder.glob(".kirinuki-*"):
                if _HALF_WRITTEN.fullmatch(path.name) and path.is_file():
                    path.unlink(missing_ok=True)

    def drop(self, due: Due, place: Place) -> None:
        """Remove what a video that failed has left, where nothing of it can be shown."""
        shutil.rmtree(place.work, ignore_errors=True)
        for name in expected(due, place):
            _remove_folder(self.plan.out / name)

    def _begin(
        self, due: Due, place: Place, source: Source, names: list[str], *, goes_on: bool
    ) -> None:
        files = list(dict.fromkeys([*names, *due.former]))
        self.journal.begin(place.stem, source, list(due.chosen), files, goes_on=goes_on)

    def _refuse(self, names: list[str], due: Due) -> None:
        for name in names:
            path = self.plan.out / name
            refuse_input(self.plan, path)
            if not self.overwrite and name not in due.ours and os.path.lexists(path):
                raise OutputError(f"{path}: exists already; pass `overwrite` to replace it")

    def _remove(self, path: Path) -> None:
        if not self.plan.reads(path):
            _remove_folder(path)
            path.unlink(missing_ok=True)


def expected(due: Due, place: Place) -> list[str]:
    """Names of results, as far as they are known before the work."""
    return [
        name
        for output, options in due.chosen.items()
        for name in OUTPUTS[output].expected(options, place)
    ]


def refuse_input(plan: Plan, target: Path) -> None:
    """Never write over an input.

    Raises:
        OutputError: the target is one.
    """
    if plan.reads(target):
        raise OutputError(f"{target}: is one of the inputs; choose another folder (`out`)")


def refuse_unwritable(folder: Path) -> None:
    """Find out before the work what no later moment could mend.

    Raises:
        OutputError: nothing can be written into the folder, which need not be there yet.
    """
    above = next(p for p in (folder, *folder.absolute().parents) if os.path.lexists(p))
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise OutputError(f"{folder}: cannot be written: {above} is no folder to write to")


def make_ready(place: Place, pieces: Pieces) -> None:
    """A folder for the pieces of a video, with those alone that count.

    Raises:
        OutputError: it cannot be written.
    """
    kept = {piece["file"] for those in pieces.values() for piece in those if "file" in piece}
    with naming(place.out / place.stem):
        place.work.mkdir(parents=True, exist_ok=True)
        for path in place.work.iterdir():
            if path.name not in kept:
                path.unlink() if path.is_file() else shutil.rmtree(path)


def result_of(name: str, options: Any, place: Place) -> Path:
    """The file, or one of them, that an output's pieces are for."""
    if OUTPUTS[name].scope == "job":
        return Path(options.value)
    names = OUTPUTS[name].expected(options, place)
    return place.out / next(iter(names), f"{place.stem}_{name}")


@contextmanager
def naming(result: Path) -> Iterator[None]:
    """A disk's error names the result, not a piece of it that nobody knows."""
    try:
        yield
    except (OSError, OutputError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if cause is None:
            raise
        why = getattr(cause, "strerror", None) or cause
        raise OutputError(f"{result}: cannot be written: {why}") from cause


def _remove_folder(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
