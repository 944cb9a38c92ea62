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
    inside = rgba[near]
    window = (2 * REACH + 1, 2 * REACH + 1)
    weight = inside[..., 3].astype(np.float32)
    total = cv2.blur(weight, window)
    colours = cv2.blur(inside[..., :3] * weight[..., None], window)
    holes = (inside[..., 3] == 0) & (total > 0)
    result = rgba.copy()
    filled = colours[holes] / total[holes][:, None]
    result[near][..., :3][holes] = np.clip(np.rint(filled), 0, 255).astype(np.uint8)
    return result
