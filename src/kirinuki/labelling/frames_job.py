"""The job of `kirinuki data frames`: videos one after the other, journaled, so that a second run
goes on and a new episode is compared with those that are done.

Not covered: which frames are picked (`frames`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from fractions import Fraction
from pathlib import Path

import click

from kirinuki.errors import OutputError, reason_of
from kirinuki.labelling.frame_table import FrameRow, write_table
from kirinuki.labelling.frames import Picked, Wanted, pick, write
from kirinuki.work.journal import Entry, Journal, Settings, relative_to_folder
from kirinuki.work.made_plan import Plan, Planned, Problem

Progress = Callable[[Path], AbstractContextManager[Callable[[Fraction], None]]]
"""Shows how far a video is: given the video, told the seconds that were reached."""


class FramesRun:
    """Picks frames of the videos of a plan into its folder. One that fails costs only itself.

    Attributes:
        problems: a line for everything that went wrong, each shown already.
    """

    def __init__(self, plan: Plan, wanted: Wanted, overwrite: bool) -> None:
        self.problems: list[str] = []
        self._plan = plan
        self._wanted = wanted
        self._overwrite = overwrite
        self._journal = Journal(plan.out)
        self._started = False

    def run(self, progress: Progress) -> int:
        """Do them all; how many pictures lie in the folder now."""
        for problem in self._plan.problems:
            self._say(str(problem))
        with closing(self._journal):
            for planned in self._plan.pictures:
                try:
                    self._one(planned, progress)
                except Exception as error:  # one video must not cost the rest
                    self._say(str(Problem(str(planned.source), reason_of(error))))
        rows = self._all_rows()
        if rows:
            click.echo(str(write_table(self._plan.out, rows)))
        return len(rows)

    def _one(self, planned: Planned, progress: Progress) -> None:
        former = self._journal.entries.get(planned.stem)
        if former is not None:
            self._refuse_another(planned, former)
        if self._is_done(planned):
            assert former is not None
            self._say_problems(planned, former.record.get("problems", []))
            click.echo(f"{planned.source}: done already; --overwrite picks anew", err=True)
            return
        others = [row for row in self._all_rows() if Path(row.file).parent != Path(planned.stem)]
        with progress(planned.source) as advance:
            picked = pick(planned.source, self._wanted, [row.bits for row in others], advance)
        new = self._write(planned, picked)
        self._say_problems(planned, picked.problems)
        click.echo(f"{planned.source}: {_summary(picked, new)}")

    def _write(self, planned: Planned, picked: Picked) -> int:
        """Write the frames, beside those of earlier runs with other settings; how many are new."""
        found = [FrameRow.of(planned.stem, planned.source, frame) for frame in picked.frames]
        rows = {row.file: row for row in [*self._rows(planned.stem), *found]}
        if not self._started:
            self._journal.start(_settings(self._wanted))
            self._started = True
        self._journal.begin(planned, list(rows))
        new = 0
        for row, frame in zip(found, picked.frames, strict=True):
            file = self._plan.out / row.file
            new += write(planned.source, frame.time, file, self._overwrite)
        record = {"frames": [row.as_json() for row in rows.values()], "problems": picked.problems}
        self._journal.done(planned, list(rows), record)
        return new

    def _is_done(self, planned: Planned) -> bool:
        """Whether a video was done just so; not where all of its pictures were removed."""
        if self._overwrite or not self._journal.is_done(planned, _settings(self._wanted)):
            return False
        record = self._journal.entries[planned.stem].record
        return not record.get("frames") or bool(self._rows(planned.stem))

    def _rows(self, stem: str) -> list[FrameRow]:
        """Frames of a video that are there."""
        entry = self._journal.entries.get(stem)
        frames = [] if entry is None else entry.record.get("frames", [])
        rows = [FrameRow.from_json(frame) for frame in frames]
        return [row for row in rows if (self._plan.out / row.file).is_file()]

    def _all_rows(self) -> list[FrameRow]:
        return [row for stem in self._journal.entries for row in self._rows(stem)]

    def _refuse_another(self, planned: Planned, former: Entry) -> None:
        """Frames of two videos never share a folder."""
        if former.source != relative_to_folder(planned.source, self._plan.out):
            raise OutputError(
                f"{planned.source}: {self._plan.out / planned.stem} holds frames of another video, "
                f"{former.source}; choose another folder with -o"
            )

    def _say_problems(self, planned: Planned, problems: Sequence[str]) -> None:
        for problem in problems:
            self._say(f"{planned.source}: {problem}")

    def _say(self, line: str) -> None:
        self.problems.append(line)
        click.echo(line, err=True)


def _settings(wanted: Wanted) -> Settings:
    def text(time: Fraction | None) -> str | None:
        return None if time is None else str(time)

    return {
        "verb": "frames",
        "per_shot": wanted.per_shot,
        "most": wanted.most,
        "from": text(wanted.start),
        "to": text(wanted.end),
    }


def _summary(picked: Picked, new: int) -> str:
    """How many frames there are, and what was skipped."""
    count = len(picked.frames)
    text = f"{count} frame" if count == 1 else f"{count} frames"
    if new < count:
        text += f" ({count - new} were there already)"
    skipped = +picked.skipped
    if skipped:
        reasons = ", ".join(f"{number} {reason}" for reason, number in skipped.most_common())
        text += f"; skipped: {reasons}"
    return text
