"""One detection a character where two windows of a long picture overlap.

Boxes and coarse masks alone are joined. Soft edges are made afterwards of the whole picture, a crop
a character, so that no alpha has a seam.

Not covered: where to look (`windows`), two detections of one character in one window (`detector`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import Window, mask_iou
from kirinuki.segmenter.detector import INSIDE, Detections, mask_in
from kirinuki.segmenter.windows import windows_of

AT_SEAM = 0.02
"""Who ends within this share of a window of its end may go on behind it."""
SAME = 0.5
"""IoU of two detections, where both windows look, from which they are of one character."""

Look = Callable[[NDArray[np.uint8]], Detections]
"""Finds everyone in a picture (h, w, 3) uint8 RGB."""


def look_through(rgb: NDArray[np.uint8], look: Look) -> Detections:
    """Everyone in a picture (H, W, 3) uint8 RGB of any shape, best score first, each once."""
    windows = windows_of(rgb)
    if len(windows) == 1:
        return look(rgb)
    before, done = _look_at(rgb, windows[0], look), []
    for earlier, later in pairwise(windows):
        after = _look_at(rgb, later, look)
        if _overlap(earlier, later):
            before, after = join(before, after, Seam.between(earlier, later))
        done.append(before)
        before = after
    found = Detections.of_all([*done, before])
    return found[np.argsort(-found.scores, kind="stable")]


@dataclass(frozen=True)
class Seam:
    """Where a window overlaps the next.

    Attributes:
        shared: what both see, in pixels of the picture.
        axis: the windows are lined up along 0, x, or 1, y.
        near: pixels from a window's end within which a detection may be cut off by it.
    """

    shared: Window
    axis: int
    near: float

    @classmethod
    def between(cls, earlier: Window, later: Window) -> Seam:
        """The seam of two windows in a row."""
        axis = 0 if later[0] > earlier[0] else 1
        near = AT_SEAM * (earlier[2 + axis] - earlier[axis])
        return cls((later[0], later[1], earlier[2], earlier[3]), axis, near)

    def cuts_end(self, box: NDArray[np.float32]) -> bool:
        """Whether a detection of the earlier window may go on behind that window's end."""
        return bool(box[2 + self.axis] >= self.shared[2 + self.axis] - self.near)

    def cuts_start(self, box: NDArray[np.float32]) -> bool:
        """Whether a detection of the later window may have begun before that window."""
        return bool(box[self.axis] <= self.shared[self.axis] + self.near)


def join(before: Detections, after: Detections, seam: Seam) -> tuple[Detections, Detections]:
    """Finds of two windows, each character once: those of the earlier window that stay, and those
    of the later.

    Of two detections of one character the one that the seam does not cut stays, of two such the
    better. If both are cut they become one among the later window's, of which the next may show
    more.
    """
    stay, come = np.ones(len(before), np.bool_), np.ones(len(after), np.bool_)
    joined = replace(
        after, boxes=after.boxes.copy(), scores=after.scores.copy(), masks=after.masks.copy()
    )
    for i, k in _same(before, after, seam):
        cut_before, cut_after = seam.cuts_end(before.boxes[i]), seam.cuts_start(after.boxes[k])
        if cut_before and cut_after:
            _unite(before, i, joined, k)
            stay[i] = False
        elif cut_before or (not cut_after and after.scores[k] >= before.scores[i]):
            stay[i] = False
        else:
            come[k] = False
    return before[stay], joined[come]


def _unite(before: Detections, i: int, joined: Detections, k: int) -> None:
    """Make detection k of these the whole of which detection i of the window before is a part."""
    a, b = before.boxes[i], joined.boxes[k]
    box = np.concatenate([np.minimum(a[:2], b[:2]), np.maximum(a[2:], b[2:])])
    first, second = mask_in(box, before.masks[i], a), mask_in(box, joined.masks[k], b)
    joined.masks[k] = np.maximum(first, second)
    joined.boxes[k] = box
    joined.scores[k] = max(before.scores[i], joined.scores[k])


def _same(before: Detections, after: Detections, seam: Seam) -> Iterator[tuple[int, int]]:
    """Pairs of detections of one character, the surest first, each detection in one pair at
    most."""
    agree = np.zeros((len(before), len(after)), np.float32)
    for i, k in np.ndindex(*agree.shape):
        agree[i, k] = _agreement(
            (before.boxes[i], before.masks[i]), (after.boxes[k], after.masks[k]), seam.shared
        )
    while agree.size and agree.max() >= SAME:
        i, k = (int(at) for at in np.unravel_index(agree.argmax(), agree.shape))
        agree[i], agree[:, k] = 0, 0
        yield i, k


Coarse = tuple[NDArray[np.float32], NDArray[np.float32]]
"""A box (4,) and the coarse mask (m, m) in it."""


def _agreement(first: Coarse, second: Coarse, shared: Window) -> float:
    """IoU in [0, 1] of two coarse masks, as far as both windows see them."""
    (a, _), (b, _) = first, second
    if (np.minimum(a[2:], b[2:]) <= np.maximum(a[:2], b[:2])).any():
        return 0.0
    low = np.maximum(np.minimum(a[:2], b[:2]), shared[:2])
    high = np.minimum(np.maximum(a[2:], b[2:]), shared[2:])
    if (high <= low).any():
        return 0.0
    part = np.concatenate([low, high])
    mine, yours = (mask_in(part, mask, box) >= INSIDE for box, mask in (first, second))
    return mask_iou(mine, yours) if mine.any() else 0.0


def _overlap(earlier: Window, later: Window) -> bool:
    return earlier[2] > later[0] and earlier[3] > later[1]


def _look_at(rgb: NDArray[np.uint8], window: Window, look: Look) -> Detections:
    """Everyone in a window, in pixels of the picture."""
    x1, y1, x2, y2 = window
    found = look(rgb[y1:y2, x1:x2])
    return replace(found, boxes=found.boxes + np.array([x1, y1, x1, y1], np.float32))
