"""The job of `kirinuki data frames`: videos one after the other, journaled, so that a second run
goes on and a new episode is compared with those that are done.

Not covered: which frames are picked (`frames`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from fractions import Fraction
from pathlib import Path

from kirinuki.errors import OutputError, reason_of
from kirinuki.labelling.frame_table import FrameRow, write_table
from kirinuki.labelling.frames import Picked, Wanted, pick, write
from kirinuki.work.journal import Facts, Journal, Made
from kirinuki.work.plan import Plan
from kirinuki.work.planned import Planned, Problem
from kirinuki.work.source import is_unchanged, relative_to_folder, source_of

Progress = Callable[[Path], AbstractContextManager[Callable[[Fraction], None]]]
"""Shows how far a video is: given the video, told the seconds that were reached."""


OUTPUT = "frames"
"""Of the journal."""


class FramesRun:
    """Picks frames of the videos of a plan into its folder. One that fails costs only itself.

    Args:
        tell: takes each line about what was made.
        complain: takes each line about what went wrong.
        say: takes each line that is good to know.

    Attributes:
        problems: a line for everything that went wrong, each shown already.
    """

    def __init__(
        self,
        plan: Plan,
        wanted: Wanted,
        overwrite: bool,
        *,
        tell: Callable[[str], None],
        complain: Callable[[str], None],
        say: Callable[[str], None],
    ) -> None:
        self.problems: list[str] = []
        self._plan = plan
        self._wanted = wanted
        self._overwrite = overwrite
        self._tell, self._complain, self._say = tell, complain, say
        self._journal = Journal(plan.out)
        self._started = False

    def run(self, progress: Progress) -> int:
        """Do them all; how many pictures lie in the folder now."""
        with closing(self._journal):
            for planned in self._plan:
                try:
                    self._one(planned, progress)
                except Exception as error:  # one video must not cost the rest
                    self._failed(str(Problem(str(planned.source), reason_of(error))))
        for problem in self._plan.walked.problems:
            self._failed(str(problem))
        rows = self._all_rows()
        if rows:
            self._tell(str(write_table(self._plan.out, rows)))
        return len(rows)

    def _one(self, planned: Planned, progress: Progress) -> None:
        former = self._former(planned.stem.as_posix())
        if former is not None:
            self._refuse_another(planned, former)
        if former is not None and self._is_done(planned, former):
            self._say_problems(planned, former.record["problems"])
            self._say(f"{planned.source}: done already, left as it is")
            return
        others = [row for row in self._all_rows() if Path(row.file).parent != planned.stem]
        with progress(planned.source) as advance:
            picked = pick(planned.source, self._wanted, [row.bits for row in others], advance)
        new = self._write(planned, picked)
        self._say_problems(planned, picked.problems)
        for note in picked.notes:
            self._say(f"{planned.source}: {note}")
        self._tell(f"{planned.source}: {_summary(picked, new)}")

    def _write(self, planned: Planned, picked: Picked) -> int:
        """Write the frames, beside those of earlier runs with other options; how many are new."""
        stem, source = planned.stem.as_posix(), source_of(planned.source, self._plan.out)
        found = [FrameRow.of(stem, planned.source, frame) for frame in picked.frames]
        rows = {row.file: row for row in [*self._rows(stem), *found]}
        if not self._started:
            self._journal.start({}, {OUTPUT: _told(self._wanted)})
            self._started = True
        self._journal.begin(stem, source, [OUTPUT], list(rows))
        new = 0
        for row, frame in zip(found, picked.frames, strict=True):
            file = self._plan.out / row.file
            new += write(planned.source, frame.time, file, self._overwrite)
        record = {"frames": [row.as_json() for row in rows.values()], "problems": picked.problems}
        self._journal.done(stem, source, {OUTPUT: list(rows)}, {OUTPUT: record})
        return new

    def _former(self, stem: str) -> Made | None:
        return self._journal.entry(stem).done.get(OUTPUT)

    def _is_done(self, planned: Planned, former: Made) -> bool:
        """Whether a video was done just so; not where all of its pictures were removed."""
        if self._overwrite or former.options != _told(self._wanted):
            return False
        if not is_unchanged(former.source, planned.source):
            return False
        return not former.record["frames"] or bool(self._rows(planned.stem.as_posix()))

    def _rows(self, stem: str) -> list[FrameRow]:
        """Frames of a video that are there."""
        former = self._former(stem)
        frames = [] if former is None else former.record["frames"]
        rows = [FrameRow.from_json(frame) for frame in frames]
        return [row for row in rows if (self._plan.out / row.file).is_file()]

    def _all_rows(self) -> list[FrameRow]:
        return [row for stem in self._journal.stems() for row in self._rows(stem)]

    def _refuse_another(self, planned: Planned, former: Made) -> None:
        """Frames of two videos never share a folder."""
        path = former.source["path"]
        if path != relative_to_folder(planned.source, self._plan.out):
            raise OutputError(
                f"{planned.source}: {self._plan.out / planned.stem} holds frames of another video, "
                f"{path}; choose another folder (`out`)"
            )

    def _say_problems(self, planned: Planned, problems: Sequence[str]) -> None:
        for problem in problems:
            self._failed(f"{planned.source}: {problem}")

    def _failed(self, line: str) -> None:
        self.problems.append(line)
        self._complain(line)


def _told(wanted: Wanted) -> Facts:
    """What was wanted, for the journal."""
    times = {"from": wanted.start, "to": wanted.end}
    said: Facts = {"per_shot": wanted.per_shot, "most": wanted.most}
    return said | {name: str(time) for name, time in times.items() if time is not None}


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
