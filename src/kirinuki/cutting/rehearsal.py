"""What a job would do, and about how long it would take: ``--dry-run``. Nothing is written.

Not covered: which outputs are due (`due`), doing it (`job`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from kirinuki.cutting.due import Due
from kirinuki.cutting.part import Part
from kirinuki.errors import KirinukiError
from kirinuki.images.picture import Picture, read_picture
from kirinuki.segmenter.segments import Segments
from kirinuki.video import probe, read
from kirinuki.work.planned import Planned
from kirinuki.work.summary import counted


@dataclass
class Rehearsal:
    """Goes through what is due.

    Attributes:
        pictures, frames: so many would be looked at.
        seconds: that the model takes for one, measured on the first that can be read; None where
            there is none.
        lines: what would be made of each input, or why it would fail.
    """

    model: Segments
    part: Part
    pictures: int = 0
    frames: int = 0
    seconds: float | None = None
    lines: list[str] = field(default_factory=list)

    def take(self, items: Iterable[tuple[Planned, Due]]) -> None:
        """Look at all of them; the model sees one picture, twice: the first time it warms up."""
        for planned, due in items:
            try:
                frames = self._frames(planned) if planned.moves else 1
                if self.seconds is None:
                    self.seconds = self._measured(planned)
            except KirinukiError as error:
                self.lines.append(f"{planned.source}: would fail: {error}")
                continue
            self.pictures += not planned.moves
            self.frames += frames if planned.moves else 0
            of = f" of about {frames:,} frames" if planned.moves else ""
            self.lines.append(f"{planned.source}: {', '.join(due.chosen) or 'nothing'}{of}")

    def estimate(self) -> str:
        """How much it is, and about how long it would take."""
        counts = {"picture": self.pictures, "frame": self.frames}
        what = [counted(number, unit) for unit, number in counts.items() if number]
        if self.seconds is None:
            return "nothing to do"
        total = self.seconds * (self.pictures + self.frames)
        most = "at most about" if self.frames else "about"  # frames that repeat cost little
        return f"{' and '.join(what)}: {most} {_long(total)} on this computer"

    def _frames(self, planned: Planned) -> int:
        return self.part.frames_of(probe(planned.source)) or 0

    def _measured(self, planned: Planned) -> float:
        picture = _first_frame(planned.source) if planned.moves else read_picture(planned.source)
        self.model(picture)
        begun = time.perf_counter()
        self.model(picture)
        return time.perf_counter() - begun


def _first_frame(path: Path) -> Picture:
    with read(path) as video:
        return next(iter(video)).picture


def _long(seconds: float) -> str:
    """A time in words: 40 s, 12 min, 3.5 h."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
