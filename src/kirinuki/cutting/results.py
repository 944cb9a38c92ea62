"""Results of one input become files: all of them or none, over nothing that is not ours.

Not covered: looking at the input (`still`, `moving`), which outputs are due (`due`).
"""

from __future__ import annotations

import glob
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from kirinuki.cutting.due import Due
from kirinuki.cutting.found import Found
from kirinuki.cutting.outputs.output import Place
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.outputs.sink import Sink
from kirinuki.errors import OutputError
from kirinuki.work.journal import Journal
from kirinuki.work.plan import Plan
from kirinuki.work.source import Source

_HALF_WRITTEN = re.compile(r"\.kirinuki-[0-9a-f]{16}\.\w+")
"""Names that `files.write_atomically` gives."""


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
                "that version, or pass --overwrite to begin again"
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
                raise OutputError(f"{path}: exists already; pass --overwrite to replace it")

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
        raise OutputError(f"{target}: is one of the inputs; choose another folder with -o")


def _remove_folder(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
