"""What flickers: how much alpha changes where nothing does.

Between two frames of a shot a pixel is *static* when around it, within 0.8 % of the diagonal,
neither the truth nor the picture changed. There alpha should not change either. While the light
changes, as in a fade from black, nothing is static. Three numbers, all
means of absolute differences in levels of alpha (0 to 255), alpha being that of all characters
together:

- ``static``: over all static pixels. The flicker that is talked about.
- ``new_drawing``: the same over pairs of frames whose picture did change somewhere: reuse alone
  brings no gain here, for only frames that repeat have nothing to flicker.
- ``moving``: near the outlines that are not static, how much the *error* of alpha changes. Trailing
  or boiling edges show here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.instances import Instances

REACH = 0.008
"""How far a change reaches, as a share of the picture's diagonal."""
SAME_LEVELS = 8
"""Levels that a blurred picture may change by; compression alone stays below."""
FADE = 0.5
"""Levels by which all that seems static may get brighter or darker on the whole: noise has no mean,
but who steps out of the dark in a fade changes by few levels a frame."""


@dataclass(frozen=True)
class Mean:
    """A mean that can be added to."""

    total: float = 0.0
    count: int = 0

    def __add__(self, other: Mean) -> Mean:
        return Mean(self.total + other.total, self.count + other.count)

    @property
    def value(self) -> float:
        return self.total / self.count if self.count else float("nan")


@dataclass(frozen=True)
class Flicker:
    """The three numbers of one or more clips."""

    static: Mean = Mean()
    new_drawing: Mean = Mean()
    moving: Mean = Mean()

    def __add__(self, other: Flicker) -> Flicker:
        return Flicker(
            self.static + other.static,
            self.new_drawing + other.new_drawing,
            self.moving + other.moving,
        )


@dataclass(frozen=True, eq=False)
class Pair:
    """Where two successive frames of one shot are static, and where their outlines move.

    Attributes:
        static: (H, W) bool.
        outlines: (H, W) bool, near an outline of either frame and not static.
        truth_change: (H, W) int16, change of the truth's alpha, −255, 0 or 255.
    """

    static: NDArray[np.bool_]
    outlines: NDArray[np.bool_]
    truth_change: NDArray[np.int16]

    @property
    def repeats(self) -> bool:
        """Whether the second frame is the first one again."""
        return bool(self.static.all())


def compare_frames(
    pictures: Sequence[NDArray[np.uint8]], truths: Sequence[NDArray[np.integer]]
) -> Pair:
    """What changes between two frames.

    Args:
        pictures: two (H, W, 3) uint8 RGB.
        truths: two (H, W) integer, id of the character at every pixel, 0 is nobody.
    """
    before, after = (cv2.GaussianBlur(picture, (0, 0), 2.0) for picture in pictures)
    levels = cv2.absdiff(before, after).max(axis=2)
    moved = (levels > SAME_LEVELS) | (truths[0] != truths[1])
    apart = cv2.subtract(after, before, dtype=cv2.CV_16S)[~moved]
    if apart.size and abs(float(apart.mean())) > FADE:
        moved[:] = True
    reach = math.ceil(REACH * math.hypot(*moved.shape))
    near = _within(moved, reach)
    solid = [(truth > 0).astype(np.int16) * 255 for truth in truths]
    kernel = np.ones((3, 3), np.uint8)
    edges = [cv2.morphologyEx(s, cv2.MORPH_GRADIENT, kernel) > 0 for s in solid]
    outlines = _within(edges[0] | edges[1], reach) & near
    return Pair(~near, outlines, solid[1] - solid[0])


def flicker_of(pair: Pair, change: NDArray[np.int16]) -> Flicker:
    """The numbers of one pair of frames; `change` is (H, W), of the alpha of `everyone`."""
    static = _mean(np.abs(change[pair.static]))
    return Flicker(
        static,
        Mean() if pair.repeats else static,
        _mean(np.abs((change - pair.truth_change)[pair.outlines])),
    )


def everyone(instances: Instances) -> NDArray[np.uint8]:
    """Alpha of all characters together, (H, W) uint8."""
    alpha = np.zeros(instances.size_hw, np.uint16)
    for i, crop in enumerate(instances.alphas):
        x1, y1, x2, y2 = instances.window(i)
        alpha[y1:y2, x1:x2] += crop
    return np.minimum(alpha, 255).astype(np.uint8)


def _within(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """All pixels within `reach` pixels of the mask."""
    if not mask.any():
        return np.zeros_like(mask)
    distance = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance <= reach)


def _mean(values: NDArray[np.integer]) -> Mean:
    return Mean(float(values.sum()), int(values.size))
