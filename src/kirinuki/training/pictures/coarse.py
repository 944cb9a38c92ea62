"""Coarse masks as a detector would have drawn them, made from the truth, to train the refiner on.

Detectors err in known ways, and every one of them is played through here: the box is too tight, too
loose or cut at a side, the 28 × 28 mask is eroded, dilated, blurred, has holes, misses a part, or
takes along a piece of the neighbour (`others`).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import Window, clip_boxes

MASK_SIZE = 28
"""Cells a side of a coarse mask: what Mask R-CNN's mask head gives."""


def shaky_box(
    tight: Window, size_hw: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float32]:
    """A detector's box (4,) xyxy around a character whose true box is `tight`."""
    x1, y1, x2, y2 = tight
    sides = np.array([x2 - x1, y2 - y1, x2 - x1, y2 - y1], np.float32)
    shift = rng.normal(0, rng.choice([0.015, 0.05]), 4)
    if rng.random() < 0.2:  # cut at one side, inwards
        side = int(rng.integers(4))
        shift[side] = rng.uniform(0.05, 0.22) * (1 if side < 2 else -1)
    box = clip_boxes((np.array(tight) + shift * sides)[None].astype(np.float32), size_hw)[0]
    # At least two pixels each way, whatever the shaking did.
    if min(box[2] - box[0], box[3] - box[1]) < 2:
        return np.array(tight, np.float32)
    return np.asarray(box, np.float32)


def coarse_mask(
    alpha: NDArray[np.uint8],
    others: NDArray[np.uint8],
    box: NDArray[np.float32],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Probabilities (28, 28) inside a box, as a mask head might give them.

    Args:
        alpha: (H, W) visible alpha of the character.
        others: (H, W) visible alpha of all other characters together.
        box: (4,) xyxy in pixels.
    """
    own, neighbour = _in_box(alpha, box), _in_box(others, box)
    if rng.random() < 0.4:  # a piece of the neighbour comes along
        own = np.maximum(own, neighbour * _blobs(rng) * float(rng.uniform(0.3, 1)))
    if rng.random() < 0.3:  # a part is missing
        own = own * (1 - _blobs(rng) * float(rng.uniform(0.4, 1)))
    if rng.random() < 0.15:  # something of the background comes along
        own = np.maximum(own, _blobs(rng) * float(rng.uniform(0.3, 0.9)))
    own = np.asarray(cv2.GaussianBlur(own, (0, 0), float(rng.uniform(0.3, 1.6))), np.float32)
    # A gain around a shifted threshold erodes or dilates.
    gain = float(rng.uniform(1, 5))
    threshold = float(rng.uniform(0.25, 0.75))
    noise = cv2.GaussianBlur(rng.normal(0, 0.25, own.shape).astype(np.float32), (0, 0), 1.0)
    probabilities = 1 / (1 + np.exp(-4 * gain * (own + noise - threshold)))
    return np.asarray(probabilities, np.float32)


def _in_box(alpha: NDArray[np.uint8], box: NDArray[np.float32]) -> NDArray[np.float32]:
    x1, y1 = np.floor(box[:2]).astype(int)
    x2, y2 = np.ceil(box[2:]).astype(int)
    crop = alpha[y1 : max(y2, y1 + 1), x1 : max(x2, x1 + 1)].astype(np.float32) / 255
    how = cv2.INTER_AREA if min(crop.shape) >= MASK_SIZE else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(crop, (MASK_SIZE, MASK_SIZE), interpolation=how), np.float32)


def _blobs(rng: np.random.Generator) -> NDArray[np.float32]:
    """One to three soft-edged discs, (28, 28) in [0, 1]."""
    y, x = np.mgrid[0:MASK_SIZE, 0:MASK_SIZE].astype(np.float32) / MASK_SIZE
    field = np.zeros((MASK_SIZE, MASK_SIZE), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        centre_x, centre_y = rng.uniform(0, 1, 2)
        radius = rng.uniform(0.05, 0.25)
        distance = np.hypot(x - centre_x, y - centre_y)
        field = np.maximum(field, np.clip((radius - distance) * 12 + 0.5, 0, 1))
    return field
