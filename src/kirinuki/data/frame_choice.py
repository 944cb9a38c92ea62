"""`ShotChoice`: which frames of a shot are worth a label, and why the others are not.

Of every drawing that is held for a while the sharpest frame is a candidate; frames that move only
where nothing is held, since cross-fades, fast pans and fades never are. Chosen are the sharpest
candidate, then again and again the one that is most unlike all chosen ones.

Not covered: where a shot ends (`tracking.shots`), reading and writing (`frames`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.data.fingerprint import NEAR_BITS
from kirinuki.data.frame_look import Look, look_at

Bits = NDArray[np.bool_]

HELD = 1.2
"""Mean difference of two frames, in levels of 255, up to which they show one drawing."""
SHARP = 0.5
"""Share of the sharpness of the shot's sharpest frame that a frame must have."""
MOST_CANDIDATES = 48
"""Candidates of a shot that are kept; of more, the less sharp one of two neighbours goes."""
SHORTEST = 3
"""Frames that a shot must have: shorter ones are flashes, or pieces of a cross-fade."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A frame that may be chosen.

    Attributes:
        time: seconds.
        shot: number of the shot, from 0.
        look: its measures.
        held: whether the drawing is held, so that the frame is surely not a transition.
    """

    time: Fraction
    shot: int
    look: Look
    held: bool

    @property
    def rank(self) -> tuple[bool, float]:
        """Held ones first, then the sharpest."""
        return self.held, self.look.sharpness


class ShotChoice:
    """Takes the frames of one shot, reduced, and says at its end which to keep."""

    def __init__(self, shot: int) -> None:
        self._shot = shot
        self._frames = 0
        self._last: NDArray[np.uint8] | None = None
        self._open: Candidate | None = None  # the best frame of the drawing on the screen
        self._candidates: list[Candidate] = []
        self.skipped: Counter[str] = Counter()
        """Drawings that were left out, by reason."""

    def add(self, time: Fraction, rgb: NDArray[np.uint8]) -> None:
        """Take the next frame, (H, W, 3) uint8 RGB, `frame_look.LONG_SIDE` long at most."""
        self._frames += 1
        held = self._last is not None and _apart(self._last, rgb) <= HELD
        self._last = rgb
        if not held:
            self._close()
        candidate = Candidate(time, self._shot, look_at(rgb), held)
        if self._open is None or candidate.rank > self._open.rank:
            self._open = candidate

    def choose(self, count: int, chosen: Sequence[Bits]) -> list[Candidate]:
        """At the end of the shot: at most `count` frames, none like another or like one whose hash
        is in `chosen`; in order of time."""
        self._close()
        if self._frames < SHORTEST:
            self.skipped["in a shot of a moment"] += len(self._candidates)
            return []
        left = self._sharp_enough()
        kept: list[Candidate] = []
        while left:
            taken = [*chosen, *(_bits(one) for one in kept)]
            distances = {one: _nearest(one, taken) for one in left}
            unlike = [one for one in left if distances[one] > NEAR_BITS]
            self.skipped["like another"] += len(left) - len(unlike)
            if not unlike or len(kept) == count:
                self.skipped["one too many of a shot"] += len(unlike)
                break
            best = max(unlike, key=lambda one: (distances[one] if kept else 0, one.rank))
            kept.append(best)
            left = [one for one in unlike if one is not best]
        return sorted(kept, key=lambda one: one.time)

    def _close(self) -> None:
        """The drawing on the screen has gone."""
        done, self._open = self._open, None
        if done is None:
            return
        if done.look.blank:
            self.skipped["blank"] += 1
        elif done.look.credits:
            self.skipped["credits"] += 1
        else:
            self._candidates.append(done)
        if len(self._candidates) > MOST_CANDIDATES:
            self._candidates = [
                max(pair, key=lambda one: one.rank)
                for pair in zip(self._candidates[::2], self._candidates[1::2], strict=False)
            ]

    def _sharp_enough(self) -> list[Candidate]:
        """Candidates that are not blurred; of a shot that holds drawings, held ones alone."""
        held = [one for one in self._candidates if one.held]
        left = held or self._candidates
        self.skipped["moving"] += len(self._candidates) - len(left)
        best = max((one.look.sharpness for one in self._candidates), default=0.0)
        sharp = [one for one in left if one.look.sharpness >= SHARP * best]
        self.skipped["blurred"] += len(left) - len(sharp)
        return sharp


def _apart(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Mean absolute difference of two frames in levels of 255."""
    return float(cv2.norm(first, second, cv2.NORM_L1)) / first.size


def _bits(candidate: Candidate) -> Bits:
    assert candidate.look.bits is not None  # blank ones are no candidates
    return candidate.look.bits


def _nearest(candidate: Candidate, others: Sequence[Bits]) -> int:
    """Bits by which the hash differs from the nearest of the others; 256 where there is none."""
    if not others:
        return _bits(candidate).size
    return int((np.stack(others) != _bits(candidate)).sum(axis=1).min())
