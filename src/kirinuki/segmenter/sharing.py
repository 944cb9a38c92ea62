"""Which pixels belong to whom: alphas that meet are shared out, so that no pixel is owned twice.

Not covered: finding two detections of one character in the coarse masks
(`detector.drop_duplicates`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import Window
from kirinuki.instances import HARD_MASK_ALPHA
from kirinuki.segmenter.placed import Placed

KEPT_SHARE = 0.4
"""A detection that keeps less of its hard mask than this, once surer ones have theirs, is no
character of its own."""

Claim = Callable[[int], NDArray[np.float32]]
"""How strongly a detection, by its index, claims each pixel of its window: (h, w), any one unit."""

Scalar = TypeVar("Scalar", bound=np.generic)


def share_inside(first: Placed, second: Placed) -> float:
    """Share of the smaller of two hard masks that lies inside the larger, in [0, 1]."""
    overlap = _overlap(first[0], second[0])
    if overlap is None:
        return 0.0
    a, b = _view(first, overlap) >= HARD_MASK_ALPHA, _view(second, overlap) >= HARD_MASK_ALPHA
    smaller = int(solid_areas((first, second)).min())
    return int(np.count_nonzero(a & b)) / smaller if smaller else 0.0


def solid_areas(placed: Sequence[Placed]) -> NDArray[np.int64]:
    """Pixels of the hard mask of each, (N,)."""
    return np.array([np.count_nonzero(a >= HARD_MASK_ALPHA) for _, a in placed], np.int64)


def share_without_leftovers(
    placed: Sequence[Placed],
    scores: NDArray[np.float32],
    coarse: Callable[[int], NDArray[np.uint8]],
) -> tuple[NDArray[np.int64], list[Placed]]:
    """Indices of the detections that are characters of their own, and their alphas shared out.

    First everybody claims pixels by the alpha around them times score. Who then keeps less than
    `KEPT_SHARE` of its hard mask goes: what is left of it are the gaps between surer detections,
    such as the outline of a pair that was also found one by one. Among those who stay the score
    says nothing about who stands in front; alpha and coarse mask together do, better than either.

    Args:
        scores: (N,) in [0, 1].
        coarse: the coarse mask of a detection, by its index, in its window, (h, w) uint8.
    """
    shared = share_out(placed, lambda i: _mean_around(placed[i][1]) * scores[i])
    before, after = solid_areas(placed), solid_areas(shared)
    kept = np.flatnonzero((after > 0) & (after >= KEPT_SHARE * before))
    staying = [placed[i] for i in kept.tolist()]

    def claim(n: int) -> NDArray[np.float32]:
        both = cv2.add(staying[n][1], coarse(int(kept[n])), dtype=cv2.CV_32F)
        return both.astype(np.float32, copy=False)

    return kept, share_out(staying, claim)


def share_out(placed: Sequence[Placed], claim: Claim) -> list[Placed]:
    """The same alphas (h, w) uint8, lowered where several meet so that they add up to 255 at most.

    A pixel belongs first to whoever claims it most; then to the one earlier in the list; the others
    share what is left. `claim` is asked once about each detection that meets another.
    """
    above: dict[int, NDArray[np.uint8]] = {}
    claims: dict[int, NDArray[np.float32]] = {}
    meetings = _meetings([window for window, _ in placed])
    last = {j: n for n, (i, k, _) in enumerate(meetings) for j in (i, k)}
    for n, (i, k, overlap) in enumerate(meetings):
        for j in (i, k):
            if j not in above:
                above[j] = np.zeros_like(placed[j][1])
                claims[j] = claim(j)
        first, second = placed[i], placed[k]
        a, b = _view(first, overlap), _view(second, overlap)
        a_above = _view((first[0], above[i]), overlap)
        b_above = _view((second[0], above[k]), overlap)
        owns = _part(first[0], claims[i], overlap) >= _part(second[0], claims[k], overlap)
        b_above[:] = cv2.add(b_above, np.where(owns, a, 0).astype(np.uint8))  # saturates at 255
        a_above[:] = cv2.add(a_above, np.where(owns, 0, b).astype(np.uint8))
        for j in (i, k):
            if last[j] == n:
                del claims[j]
    return [
        (window, np.minimum(alpha, 255 - above[i]) if i in above else alpha)
        for i, (window, alpha) in enumerate(placed)
    ]


def _meetings(windows: Sequence[Window]) -> list[tuple[int, int, Window]]:
    """Any two that overlap, and where: along the picture, so that those at one end of a long one
    are done with before those at the other are begun."""
    pairs = combinations(enumerate(windows), 2)
    meeting = [(i, k, both) for (i, a), (k, b) in pairs if (both := _overlap(a, b)) is not None]
    return sorted(meeting, key=lambda one: one[2][0] + one[2][1])


def _mean_around(alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A mean, so that two that are about equal do not alternate from pixel to pixel."""
    side = max(alpha.shape) // 64 * 2 + 3  # pixels, odd
    return cv2.blur(alpha, (side, side)).astype(np.uint8, copy=False)


def _overlap(first: Window, second: Window) -> Window | None:
    x1, y1 = max(first[0], second[0]), max(first[1], second[1])
    x2, y2 = min(first[2], second[2]), min(first[3], second[3])
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None


def _view(placed: Placed, part: Window) -> NDArray[np.uint8]:
    return _part(*placed, part)


def _part(window: Window, array: NDArray[Scalar], part: Window) -> NDArray[Scalar]:
    """The pixels of an array that fills a window which lie in `part`; a view, not a copy."""
    left, top = window[:2]
    x1, y1, x2, y2 = part
    return array[y1 - top : y2 - top, x1 - left : x2 - left]
