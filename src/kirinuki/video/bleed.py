"""Colours that reach out under transparent pixels, so that chroma that is stored at half the
resolution, and blocks that are compressed, mix no black into soft edges."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import mask_to_box

REACH = 8
"""Pixels: half a macroblock."""


def bleed(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same picture (H, W, 4) uint8 RGBA, straight alpha, in which transparent pixels near the
    others have the mean colour of those around them."""
    alpha = rgba[..., 3]
    box = mask_to_box(alpha > 0)
    if box is None:
        return rgba
    x1, y1, x2, y2 = box
    near = np.s_[max(0, y1 - REACH) : y2 + REACH, max(0, x1 - REACH) : x2 + REACH]
    result = rgba.copy()
    inside = result[near]
    seen = (inside[..., 3] > 0).view(np.uint8)
    counted = cv2.bitwise_and(inside, inside, mask=seen)
    counted[..., 3] = seen
    window = (2 * REACH + 1, 2 * REACH + 1)
    sums = cv2.boxFilter(counted, cv2.CV_32F, window, normalize=False)
    holes = (seen == 0) & (sums[..., 3] > 0)
    filled = sums[holes]
    inside[holes, :3] = np.rint(filled[:, :3] / filled[:, 3:]).astype(np.uint8)
    return result
