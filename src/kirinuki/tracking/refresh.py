"""Whether a frame needs no new look: who changed in it, and where their alpha may change.

Not covered: the comparison (`repeats`), where somebody went (`shift`), the refiner itself
(`Segmenter.refresh`).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.instances import HARD_MASK_ALPHA, Instances
from kirinuki.tracking.repeats import BLOCK, block_max

REACH = 0.08
"""How far a character may have come since the last drawing, as a share of their longer side."""
MEETING = 0.25
"""Share of the smaller box that two share who could be taken for each other."""
MOST_UNEXPLAINED = 8
"""Changed blocks that nobody's mask explains, up to which it does. New drawings of somebody who
moves as a whole have 0 to 3, petals that fall past them a few more, hands that go where no mask
leads the refiner 13 and more."""

MOST_GROWTH = 1.15
"""How many times as large, or as small, a character may have become since the last new look. Those
who were still masked well came to 1.14, those whose mask had begun to take in the background, as
when somebody walks in from the side, to 1.25 and more."""


def who_changed(
    instances: Instances, changed: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]] | None:
    """Indices of the characters who changed, and the blocks around them, when every change lies in
    a character's box or within reach of it; None when something else changed, so that only a new
    look will do.

    Args:
        instances: everyone in the frame compared with.
        changed: blocks that changed, as `Repeats.changed` gives them.
    """
    around = np.zeros_like(changed)
    which = []
    for i in range(len(instances)):
        x1, y1, x2, y2 = instances.window(i)
        reach = max(BLOCK, round(REACH * max(x2 - x1, y2 - y1)))
        top, left = max(0, (y1 - reach) // BLOCK), max(0, (x1 - reach) // BLOCK)
        near = np.s_[top : -(-(y2 + reach) // BLOCK), left : -(-(x2 + reach) // BLOCK)]
        if changed[near].any():
            which.append(i)
            around[near] = True
    return None if (changed & ~around).any() else (np.array(which, np.int64), around)


def anyone_meets(instances: Instances, which: NDArray[np.int64]) -> bool:
    """Whether one of those who changed is so near another that they could be taken for each other,
    as when they cross."""
    boxes = instances.boxes
    for i in which.tolist():
        x1, y1 = np.maximum(boxes[i, :2], boxes[:, :2]).T
        x2, y2 = np.minimum(boxes[i, 2:], boxes[:, 2:]).T
        shared = np.maximum(x2 - x1, 0) * np.maximum(y2 - y1, 0)
        shared[i] = 0
        sides = boxes[:, 2:] - boxes[:, :2]
        if (shared > MEETING * np.minimum(sides.prod(axis=1), sides[i].prod())).any():
            return True
    return False


def is_explained(before: Instances, moved: Instances, changed: NDArray[np.bool_]) -> bool:
    """Whether the changes lie where somebody was or should be now. If not, a limb went where no
    mask leads the refiner, or there is somebody who was not found.

    Args:
        before: everyone in the frame compared with.
        moved: the same where they are now, as `Shifts.moved` gives them.
        changed: blocks that changed.
    """
    strongest = np.zeros(before.size_hw, np.uint8)
    for people in (before, moved):
        for i, alpha in enumerate(people.alphas):
            x1, y1, x2, y2 = people.window(i)
            there = strongest[y1:y2, x1:x2]
            np.maximum(there, alpha, out=there)
    around = cv2.dilate(block_max(strongest, BLOCK), np.ones((3, 3), np.uint8)) >= HARD_MASK_ALPHA
    return int((changed & ~around).sum()) <= MOST_UNEXPLAINED


def sizes(instances: Instances) -> NDArray[np.int64]:
    """Solid pixels of each character, (N,)."""
    return np.array([np.count_nonzero(a >= HARD_MASK_ALPHA) for a in instances.alphas], np.int64)


def has_drifted(looked_at: NDArray[np.int64], fresh: Instances) -> bool:
    """Whether somebody has become so much larger or smaller, step by step, that only a new look can
    tell whether that is still them.

    Args:
        looked_at: `sizes` at the last new look.
        fresh: the same characters now, in the same order.
    """
    now = sizes(fresh)
    return bool((np.maximum(now, looked_at) > MOST_GROWTH * np.minimum(now, looked_at)).any())


def pixels_to_redo(
    before: Instances, moved: Instances, changed: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Where alpha may change, (H, W) bool: in changed blocks and those beside them, and all around
    a character who moved. Elsewhere the picture is the same, and so is who owns it.

    Args:
        before: everyone in the frame compared with.
        moved: the same where they are now, as `Shifts.moved` gives them.
        changed: blocks that changed.
    """
    height, width = before.size_hw
    blocks = cv2.dilate(changed.view(np.uint8), np.ones((3, 3), np.uint8))
    size_wh = blocks.shape[1] * BLOCK, blocks.shape[0] * BLOCK
    redo = cv2.resize(blocks, size_wh, interpolation=cv2.INTER_NEAREST)[:height, :width] > 0
    for i in np.flatnonzero((before.boxes != moved.boxes).any(axis=1)).tolist():
        for x1, y1, x2, y2 in (before.window(i), moved.window(i)):
            redo[max(0, y1 - BLOCK) : y2 + BLOCK, max(0, x1 - BLOCK) : x2 + BLOCK] = True
    return np.asarray(redo, np.bool_)
