"""A character that a frame lacks between two that have it, brought there along the motion of the
picture from both sides. Where the two do not agree the character is left out: it may really be
gone, behind somebody or out of the picture.

Not covered: which character is which (`tracker`), at what gaps this is tried (`settle`).
"""

from __future__ import annotations

import numpy as np

from kirinuki.instances import HARD_MASK_ALPHA
from kirinuki.sharing import Placed
from kirinuki.tracking.flow import Motion
from kirinuki.tracking.smooth import around

AGREE = 0.8
"""IoU from which the masks brought from before and from after are one."""
TRUSTED = 0.6
"""Mean trust in the motion, on both sides, that the mask needs."""


def between(before: tuple[Placed, Motion], after: tuple[Placed, Motion]) -> Placed | None:
    """The alpha of a character in a frame where it was not found, or None where the picture does
    not bear it out.

    Args:
        before: as it was settled in the frame before, and the motion from here to there.
        after: as it was found in a later frame, and the motion from here to there.
    """
    window = around([before[0][0], after[0][0]])
    past, future = (motion.bring(placed, window) for placed, motion in (before, after))
    trusts = [motion.sampled(motion.trust, window) for _, motion in (before, after)]
    one, other = past >= HARD_MASK_ALPHA, future >= HARD_MASK_ALPHA
    either = one | other
    if np.count_nonzero(one & other) < AGREE * np.count_nonzero(either) or not either.any():
        return None
    if min(float(trust[either].mean()) for trust in trusts) < TRUSTED:
        return None
    share = (trusts[1] + 0.01) / (trusts[0] + trusts[1] + 0.02)
    return window, np.rint(past + share * (future - past)).astype(np.uint8)
