"""The files of the whole job: what is kept of each input, and the files made from it at the end.

Not covered: what is in them (`outputs`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

from kirinuki.cutting.due import item_options
from kirinuki.cutting.outputs.options import told
from kirinuki.cutting.outputs.output import JobOutput, Pieces, Place
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.results import refuse_unwritable
from kirinuki.errors import OutputError
from kirinuki.outside_text import as_text
from kirinuki.work.journal import Facts, Journal
from kirinuki.work.source import relative_to_folder
from kirinuki.work.spool import Spool


class JobFiles:
    """Of one job.

    Args:
        overwrite: replace files that exist.
        ours: replace those that a former run of this folder wrote.

    Raises:
        OutputError: a file exists and may not be replaced, or is none that could be written.
    """

    def __init__(
        self,
        journal: Journal,
        out: Path,
        outputs: Mapping[str, Any],
        overwrite: bool,
        ours: bool,
    ) -> None:
        self._journal = journal
        self._out = out
        self._chosen = {n: o for n, o in outputs.items() if OUTPUTS[n].scope == "job"}
        said = self.told()
        self._replaces = {
            name: overwrite
            or (ours and any(run["outputs"].get(name) == said[name] for run in journal.runs))
            for name in self._chosen
        }
        for name, options in self._chosen.items():
            _refuse(options.value, self._replaces[name])
        self._spools = {
            name: Spool(out, name, options.value, anew=overwrite)
            for name, options in self._chosen.items()
        }

    def targets(self) -> list[Path]:
        """The files."""
        return [options.value for options in self._chosen.values()]

    def told(self) -> dict[str, Facts]:
        """Their options for the journal; files as seen from the results' folder."""
        return {
            name: {**told(options), "value": relative_to_folder(options.value, self._out)}
            for name, options in self._chosen.items()
        }

    def keep(self, chosen: Mapping[str, Any], place: Place, pieces: Pieces) -> dict[str, Any]:
        """Keep what they need of an input; where it stands, by output."""
        return {
            name: self._spools[name].append(_output(name).kept(options, place, pieces[name]))
            for name, options in self._chosen.items()
            if name in chosen
        }

    def finish(self, made: Facts, names: Sequence[str]) -> None:
        """Write them from all inputs of the folder that were made alike, if there are any.

        Raises:
            OutputError: one cannot be written.
        """
        for name, options in self._chosen.items():
            live: set[int] = set()
            kept = list(self._kept(name, options, made, live))
            if kept:
                _output(name).finish(options, kept, names, self._replaces[name])
            self._spools[name].keep_only(live)

    def _kept(
        self, name: str, options: Any, made: Facts, live: set[int]
    ) -> Iterable[tuple[str, Callable[[], Iterable[Any]]]]:
        """What is kept of each input; the numbers of the spool's files that count go into `live`,
        those of inputs that were made otherwise too."""
        folder = options.value.parent
        mine = item_options(name, told(options))
        for stem in self._journal.stems():
            done = self._journal.entry(stem).done.get(name)
            if done is None:
                continue
            live.add(done.record[0])
            if item_options(name, done.options) == mine and done.made == made:
                source = as_text(relative_to_folder(self._out / done.source["path"], folder))
                yield source, partial(self._spools[name].read, done.record)


def _refuse(target: Path, may_replace: bool) -> None:
    """A file that cannot become one is found out before the work."""
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; give a file name")
    if not may_replace and os.path.lexists(target):
        raise OutputError(f"{target}: exists already; pass `overwrite` to replace it")
    refuse_unwritable(target.parent)


def _output(name: str) -> JobOutput:
    return cast(JobOutput, OUTPUTS[name])
