"""`ShotChoice`: which frames of a shot are worth a label, and why the others are not.

Of every drawing that is held for a while the sharpest frame is a candidate; frames that move only
where nothing is held, since cross-fades, fast pans and fades never are. Chosen are the sharpest
candidate, then again and again the one that is most unlike all chosen ones. Frames of a shot that
was shown before, in an opening or when two people talk in turn, count as chosen from this one too.

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

from kirinuki.images.fingerprint import HASH_SIDE, NEAR_BITS
from kirinuki.labelling.frame_look import Look, look_at, sharpness_of

Bits = NDArray[np.bool_]

HELD = 1.2
"""Mean difference of two frames, in levels of 255, up to which they show one drawing."""
SHARP = 0.5
"""Share of the sharpness of the shot's sharpest frame that a frame must have."""
MOST_CANDIDATES = 48
"""Candidates of a shot that are kept; of more, the less sharp one of two neighbours goes."""
HASH_BITS = HASH_SIDE**2
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


@dataclass(frozen=True, eq=False)
class _Frame:
    """The best frame so far of the drawing on the screen: looked at only when that goes."""

    time: Fraction
    rgb: NDArray[np.uint8]
    held: bool
    sharpness: float


class ShotChoice:
    """Takes the frames of one shot, reduced, and says at its end which to keep."""

    def __init__(self, shot: int) -> None:
        self._shot = shot
        self._frames = 0
        self._last: NDArray[np.uint8] | None = None
        self._open: _Frame | None = None
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
        sharpness = sharpness_of(rgb)
        best = self._open
        if best is None or (held, sharpness) > (best.held, best.sharpness):
            self._open = _Frame(time, rgb, held, sharpness)

    def choose(self, count: int, chosen: Sequence[Bits]) -> list[Candidate]:
        """At the end of the shot: at most `count` frames in order of time, none like another.

        Args:
            chosen: (256,) bool hashes of the frames that are chosen already. One like a frame of
                this shot, which then is shown again, counts towards `count`.
        """
        self._close()
        if self._frames < SHORTEST:
            self.skipped["in a shot of a moment"] += len(self._candidates)
            return []
        apart = _bits_apart([_bits(one) for one in self._candidates], chosen)
        count -= int((apart <= NEAR_BITS).any(axis=0).sum())
        nearest = dict(zip(self._candidates, apart.min(axis=1, initial=HASH_BITS), strict=True))
        left, kept = self._sharp_enough(), list[Candidate]()
        while left:
            unlike = [one for one in left if nearest[one] > NEAR_BITS]
            self.skipped["like another"] += len(left) - len(unlike)
            if not unlike or len(kept) >= count:
                self.skipped["one too many of a shot"] += len(unlike)
                break
            best = max(unlike, key=lambda one: (nearest[one] if kept else 0, one.rank))
            kept.append(best)
            left = [one for one in unlike if one is not best]
            for one in left:
                nearest[one] = min(nearest[one], np.count_nonzero(_bits(one) != _bits(best)))
        return sorted(kept, key=lambda one: one.time)

    def _close(self) -> None:
        """The drawing on the screen has gone."""
        best, self._open = self._open, None
        if best is None:
            return
        done = Candidate(best.time, self._shot, look_at(best.rgb), best.held)
        if done.look.blank:
            self.skipped["blank"] += 1
        elif done.look.credits:
            self.skipped["credits"] += 1
        else:
            self._candidates.append(done)
        if len(self._candidates) > MOST_CANDIDATES:
            pairs = (self._candidates[i : i + 2] for i in range(0, len(self._candidates), 2))
            thinned = [max(pair, key=lambda one: one.rank) for pair in pairs]
            self.skipped["one too many of a shot"] += len(self._candidates) - len(thinned)
            self._candidates = thinned

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


def _bits_apart(first: Sequence[Bits], second: Sequence[Bits]) -> NDArray[np.float32]:
    """(N, M) number of bits in which hashes differ."""
    a, b = (np.array(hashes, np.float32).reshape(-1, HASH_BITS) for hashes in (first, second))
    apart: NDArray[np.float32] = a.sum(axis=1)[:, None] + b.sum(axis=1) - 2 * a @ b.T
    return apart
