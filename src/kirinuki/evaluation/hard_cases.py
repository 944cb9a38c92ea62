"""Which annotated characters are hard to find: the small ones, and those that overlap others.

Both are read off the labels alone, so that any data set can be measured by them, and relative to
the picture, so that a picture and its enlargement say the same. (COCO's "small", below 32² px,
knows no character of a picture in HD.)

Not covered: how many of them were found (`evaluate`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.formats.labelled import LabelledPicture

SMALL_SHARE = 0.02
"""A character that covers less of its picture is small: 135 × 135 px of 1280×720."""

TOUCH_RATIO = 0.003
"""How near another character a pixel of an outline must be to count as touching it, as a share of
the picture's diagonal: 4 px at 1280×720, so that soft edges do not part two that overlap."""

TOUCH_SHARE = 0.05
"""A character overlaps others when this share of its outline touches them."""


@dataclass(frozen=True)
class HardCases:
    """Of the characters of one picture, crowd regions left out: (characters,) bool each."""

    small: NDArray[np.bool_]
    overlapping: NDArray[np.bool_]


def hard_cases(picture: LabelledPicture) -> HardCases:
    """Which characters of a picture are small, and which overlap others.

    Two characters overlap where their visible masks touch: of the one behind nobody has labelled
    what cannot be seen.
    """
    height, width = picture.size_hw
    masks = [one.mask(picture.size_hw).astype(np.uint8) for one in picture.characters]
    areas = np.array([int(np.count_nonzero(mask)) for mask in masks])
    return HardCases(
        small=areas < SMALL_SHARE * height * width,
        overlapping=_overlapping(masks, picture.size_hw),
    )


def _overlapping(masks: Sequence[NDArray[np.uint8]], size: tuple[int, int]) -> NDArray[np.bool_]:
    touching = np.zeros(len(masks), np.bool_)
    if len(masks) < 2:
        return touching
    reach = max(1, round(TOUCH_RATIO * math.hypot(*size)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = [cv2.dilate(mask, disc) for mask in masks]
    for i, mask in enumerate(masks):
        outline = (mask > 0) & (cv2.erode(mask, np.ones((3, 3), np.uint8)) == 0)
        others = np.any([n for k, n in enumerate(near) if k != i], axis=0)
        length = int(np.count_nonzero(outline))
        touching[i] = np.count_nonzero(outline & others) >= max(1, TOUCH_SHARE * length)
    return touching
