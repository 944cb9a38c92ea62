"""`Found`: what came of looking at one input, before its results are written.

Not covered: looking (`still`, `moving`), writing (`cut`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kirinuki.cutting.outputs.output import Place
from kirinuki.cutting.segment import Pieces


@dataclass
class Found:
    """What came of one input.

    Attributes:
        place: where its results go.
        pieces: what its outputs are joined from.
        counts: pictures, videos, frames, characters …
        notes: what the user should know.
        problems: what was wrong with it, though it was not lost.
        reuse: frames of a video by `TrackedFrame.reuse`.
        speed_up: see `Follower.speed_up`.
        resumed: frames that former runs had done.
        total: about how many frames there will be; None when nobody knows.
        interrupted: it was asked to stop before the end.
    """

    place: Place
    pieces: Pieces = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    reuse: dict[str, int] = field(default_factory=lambda: {"fresh": 0, "partial": 0, "repeat": 0})
    speed_up: float | None = None
    resumed: int = 0
    total: int | None = None
    interrupted: bool = False

    def add(self, pieces: Pieces) -> None:
        """Take what a segment left."""
        for name, more in pieces.items():
            self.pieces.setdefault(name, []).extend(more)


def pieces_of(parts: Sequence[dict[str, Any]]) -> Pieces:
    """What the segments of a journal left, in order."""
    pieces: Pieces = {}
    for part in parts:
        for name, more in part["pieces"].items():
            pieces.setdefault(name, []).extend(more)
    return pieces
