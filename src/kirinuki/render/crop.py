"""Cutouts made ready for data sets and stickers: trimmed, padded, square, smaller, outlined.

All take and give (H, W, 4) uint8 RGBA, straight alpha.

Not covered: cutting out (`cutout`).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.geometry import mask_to_box
from kirinuki.instances import HARD_MASK_ALPHA
from kirinuki.render.overlay import Colour


def trimmed(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Without the rows and columns around in which there is nothing; of nothing, as it was."""
    box = mask_to_box(rgba[..., 3] > 0)
    if box is None:
        return rgba
    x1, y1, x2, y2 = box
    return rgba[y1:y2, x1:x2]


def padded(rgba: NDArray[np.uint8], pixels: int) -> NDArray[np.uint8]:
    """With so many pixels of nothing on each side."""
    return np.pad(rgba, ((pixels, pixels), (pixels, pixels), (0, 0)))


def squared(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """In the middle of a square as wide as its longer side."""
    height, width = rgba.shape[:2]
    missing = max(height, width) - np.array([height, width])
    before = missing // 2
    return np.pad(rgba, (*zip(before, missing - before, strict=True), (0, 0)))


def shrunk(rgba: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """Its longer side at most so many pixels; nothing is enlarged."""
    height, width = rgba.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return rgba
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Pillow weighs colours by alpha while it resizes: no black comes in from what is not there.
    return np.array(Image.fromarray(rgba).resize(size, Image.Resampling.LANCZOS))


def outlined(rgba: NDArray[np.uint8], width: int, colour: Colour) -> NDArray[np.uint8]:
    """On a line of one colour around it, as stickers have; what of the line does not fit into the
    array is cut off.

    The line ends at a distance from the hard mask, smoothed a little: a wide line follows no single
    hair. What is half transparent beyond it goes.
    """
    outside = (rgba[..., 3] < HARD_MASK_ALPHA).astype(np.uint8)
    distance = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    distance = cv2.GaussianBlur(distance, (0, 0), max(0.8, width / 6))
    alpha = np.clip(width + 0.5 - distance, 0, 1)[..., None]
    own = rgba[..., 3:] * alpha / 255
    mixed = own * rgba[..., :3] + (alpha - own) * np.array(colour, np.float32)
    colours = np.minimum(mixed / np.maximum(alpha, 1 / 512), 255)
    drawn: NDArray[np.uint8] = np.rint(np.dstack([colours, alpha * 255])).astype(np.uint8)
    return drawn
