"""`Placed`: an alpha and the window of the picture that it fills.

Not covered: who owns a pixel that two claim (`sharing`).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import Window, mask_to_box
from kirinuki.instances import HARD_MASK_ALPHA

FAINT = 8
"""Alpha below this is taken for nothing: it is noise of the refiner, and would stretch the box."""

Placed = tuple[Window, NDArray[np.uint8]]
"""A window of the picture and the alpha (h, w) that fills it."""


def around(windows: Sequence[Window]) -> Window:
    """Smallest window that holds all of these."""
    x1, y1, x2, y2 = zip(*windows, strict=True)
    return min(x1), min(y1), max(x2), max(y2)


def in_window(placed: Placed, window: Window) -> NDArray[np.uint8]:
    """An alpha as (h, w) uint8 in another window, 0 outside its own."""
    (left, top, right, bottom), alpha = placed
    x1, y1, x2, y2 = window
    full = np.zeros((y2 - y1, x2 - x1), np.uint8)
    a, b, c, d = max(left, x1), max(top, y1), min(right, x2), min(bottom, y2)
    if a < c and b < d:
        full[b - y1 : d - y1, a - x1 : c - x1] = alpha[b - top : d - top, a - left : c - left]
    return full


def tight(placed: Placed) -> Placed | None:
    """Window and alpha cut down to the pixels that count; None when none of them is solid."""
    (left, top, _, _), alpha = placed
    if not (alpha >= HARD_MASK_ALPHA).any():
        return None
    box = mask_to_box(alpha >= FAINT)
    assert box is not None  # a solid pixel is more than faint
    x1, y1, x2, y2 = box
    _, cleaned = cv2.threshold(alpha[y1:y2, x1:x2], FAINT - 1, 0, cv2.THRESH_TOZERO)
    return (left + x1, top + y1, left + x2, top + y2), cleaned.astype(np.uint8, copy=False)
