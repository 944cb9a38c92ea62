"""A character that a frame lacks between two that have it, brought there along the motion of the
picture from both sides; or one that is found no more although the picture of it is the same. Where
the picture does not bear it out the character is left out: it may really be gone, behind somebody
or out of the picture.

Not covered: which character is which (`tracker`), at what gaps and for how long this is tried
(`settle`).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from kirinuki.instances import HARD_MASK_ALPHA
from kirinuki.segmenter.placed import Placed, around, in_window
from kirinuki.tracking.flow import Motion

AGREE = 0.8
"""IoU from which the masks brought from before and from after are one."""
TRUSTED = 0.6
"""Mean trust in the motion that the mask needs on one side: the other side agrees with it."""
STAYS = 0.7
"""Mean trust in the motion that the mask of somebody needs who is found no more."""
FREE = 0.75
"""Share of that mask that must not have become somebody else's."""


def between(before: tuple[Placed, Motion], after: tuple[Placed, Motion]) -> Placed | None:
    """The alpha of a character in a frame where it was not found, or None where the picture does
    not bear it out.

    Args:
        before: as it was settled in the frame before, and the motion from here to there.
        after: as it was found in a later frame, and the motion from here to there.
    """
    window = around([before[0][0], after[0][0]])
    past, future = (
        motion.bring(placed, window).astype(np.float32) for placed, motion in (before, after)
    )
    trusts = [motion.sampled(motion.trust, window) for _, motion in (before, after)]
    one, other = past >= HARD_MASK_ALPHA, future >= HARD_MASK_ALPHA
    either = one | other
    if np.count_nonzero(one & other) < AGREE * np.count_nonzero(either) or not either.any():
        return None
    if max(float(trust[either].mean()) for trust in trusts) < TRUSTED:
        return None
    share = (trusts[1] + 0.01) / (trusts[0] + trusts[1] + 0.02)
    return window, np.rint(past + share * (future - past)).astype(np.uint8)


def stayed(before: tuple[Placed, Motion], others: Sequence[Placed]) -> Placed | None:
    """The alpha of a character who is not found any more although the picture of them has not
    changed; None where it has.

    Args:
        before: as it was settled in the frame before, and the motion from here to there.
        others: the characters found in this frame.
    """
    placed, motion = before
    window = placed[0]
    past = motion.bring(placed, window)
    solid = past >= HARD_MASK_ALPHA
    if not solid.any() or float(motion.sampled(motion.trust, window)[solid].mean()) < STAYS:
        return None
    free = np.full(past.shape, 255, np.uint8)
    for other in others:
        free = np.asarray(cv2.subtract(free, in_window(other, window)), np.uint8)  # 0 at least
    past = np.minimum(past, free)
    if np.count_nonzero(past >= HARD_MASK_ALPHA) < FREE * np.count_nonzero(solid):
        return None
    return window, past
