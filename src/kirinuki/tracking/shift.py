"""`Shifts`: how far a character was moved from one drawing to the next, as a whole.

On twos somebody walking is elsewhere by a tenth of their width in each new drawing. Masks that are
moved along lead the refiner to them, so that the detector is not needed.

Matched are the character's own pixels, by their squared differences (`cv2.matchTemplate` with a
mask). Dense flow (`flow`) would tell every pixel's motion, but costs three times as much and errs
most where whole limbs jump.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import Window
from kirinuki.instances import HARD_MASK_ALPHA, Instances
from kirinuki.segmenter.placed import Placed

LONG_SIDE = 240
"""Longer side, in pixels, of the reduced pictures that are matched."""
SMALLEST = 6
"""Reduced pixels a side that a character needs to be matched."""
SAME = 31.0
"""Root of the mean squared difference, in levels of 255, up to which it is still the character: new
drawings of somebody who walks or talks stay below 30, who left or went behind somebody else came to
35 and more."""
WORTH_MOVING = 0.9
"""Share of the differences of not moving at all that a shift may have."""


class Shifts:
    """Remembers the picture in which everybody was looked at last."""

    def __init__(self) -> None:
        self._last: NDArray[np.uint8] | None = None

    def look(self, picture: NDArray[np.uint8]) -> None:
        """Remember a frame, (h, w, 3) uint8 RGB, of any size (`Frame.small` will do)."""
        self._last = _reduced(picture)

    def moved(
        self,
        picture: NDArray[np.uint8],
        instances: Instances,
        which: NDArray[np.integer],
        reach: float,
    ) -> Instances | None:
        """Everybody where they probably are in a later frame.

        Args:
            picture: (h, w, 3) uint8 RGB, of the size of the one looked at.
            instances: everyone in the frame looked at.
            which: (K,) indices of those who may have moved.
            reach: how far at most, as a share of the longer side of their boxes.

        Returns:
            The instances, alphas as they were; None where somebody is not to be seen any more, or
            looks quite different.
        """
        assert self._last is not None, "look() comes first"
        now, (height, width) = _reduced(picture), instances.size_hw
        scale = now.shape[1] / width, now.shape[0] / height
        placed = [(instances.window(i), alpha) for i, alpha in enumerate(instances.alphas)]
        for i in which.tolist():
            shift = _shift(self._last, now, placed[i], scale, reach)
            there = None if shift is None else _shifted(placed[i], shift, instances.size_hw)
            if there is None:
                return None
            placed[i] = there
        return replace(
            instances,
            boxes=np.array([window for window, _ in placed], np.float32).reshape(-1, 4),
            alphas=tuple(alpha for _, alpha in placed),
        )


def _reduced(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    share = min(LONG_SIDE / max(height, width), 1)
    size_wh = max(round(width * share), 1), max(round(height * share), 1)
    return np.asarray(cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def _shift(
    last: NDArray[np.uint8],
    now: NDArray[np.uint8],
    placed: Placed,
    scale: tuple[float, float],
    reach: float,
) -> tuple[int, int] | None:
    """Pixels to the right and down by which a character moved; None where they are not seen."""
    window, alpha = placed
    x1, x2 = (round(x * scale[0]) for x in window[::2])
    y1, y2 = (round(y * scale[1]) for y in window[1::2])
    if min(x2 - x1, y2 - y1) < SMALLEST:
        return 0, 0
    solid = cv2.resize(alpha, (x2 - x1, y2 - y1), interpolation=cv2.INTER_AREA) >= HARD_MASK_ALPHA
    if not solid.any():
        return 0, 0
    most = max(1, round(reach * max(x2 - x1, y2 - y1)))
    around = cv2.copyMakeBorder(now, most, most, most, most, cv2.BORDER_REPLICATE)
    around = around[y1 : y2 + 2 * most, x1 : x2 + 2 * most]
    mask = solid.astype(np.uint8)
    apart = cv2.matchTemplate(around, last[y1:y2, x1:x2], cv2.TM_SQDIFF, mask=mask)
    smallest, _, (column, row), _ = cv2.minMaxLoc(apart)
    if smallest > np.count_nonzero(solid) * last.shape[2] * SAME**2:
        return None
    if smallest > WORTH_MOVING * apart[most, most]:
        return 0, 0
    return round((column - most) / scale[0]), round((row - most) / scale[1])


def _shifted(placed: Placed, shift: tuple[int, int], size_hw: tuple[int, int]) -> Placed | None:
    """Window and alpha elsewhere, cut off at the picture's border; None when nothing is left."""
    dx, dy = shift
    if dx == dy == 0:
        return placed
    (x1, y1, x2, y2), alpha = placed
    height, width = size_hw
    there: Window = max(x1 + dx, 0), max(y1 + dy, 0), min(x2 + dx, width), min(y2 + dy, height)
    if there[0] >= there[2] or there[1] >= there[3]:
        return None
    left, top = there[0] - x1 - dx, there[1] - y1 - dy
    inside = alpha[top : top + there[3] - there[1], left : left + there[2] - there[0]]
    return (there, np.ascontiguousarray(inside)) if (inside >= HARD_MASK_ALPHA).any() else None
