"""How far the edges of characters reach, and how soft they are: changed in one place, before any
output, so that cutouts, mattes, masks and label files all have them.

Not covered: finding the edges (`segmenter.edges`), keeping them still through a video (`tracking`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.cutting.outputs.options import option
from kirinuki.errors import KirinukiError
from kirinuki.geometry import Window, mask_to_box
from kirinuki.instances import HARD_MASK_ALPHA, Instances
from kirinuki.render.cutout import union_alpha
from kirinuki.segmenter.placed import in_window

MOST = 128
"""Pixels by which edges may be moved or softened."""
_DISC = 8
"""Radius of the largest disc by which a mask grows at once: a wide one costs its area."""


@dataclass(frozen=True)
class Edges:
    """What becomes of the edges of each character.

    They grow into nobody else: a pixel still belongs to all by shares of 1 at most. Where the
    picture ends a character goes on: there, edges are neither shrunk nor softened. Who is shrunk to
    nothing is left out.

    Raises:
        KirinukiError: two of them contradict each other.
    """

    grow: int = option(0, "Move edges outwards by N pixels.", range=(0, MOST), metavar="N")
    shrink: int = option(0, "Move edges inwards by N pixels.", range=(0, MOST), metavar="N")
    feather: int = option(
        0, "Soften edges, by about N pixels to either side.", range=(0, MOST), metavar="N"
    )
    hard: bool = option(False, "Make edges hard: no pixel is half transparent.")

    def __post_init__(self) -> None:
        for one, other in (("grow", "shrink"), ("feather", "hard")):
            if getattr(self, one) and getattr(self, other):
                raise KirinukiError(f"`{one}` and `{other}` contradict each other; leave one out")

    def __call__(self, instances: Instances) -> Instances:
        """The same characters, but those of whom nothing is left, with such edges."""
        if self == Edges():
            return instances
        taken = union_alpha(instances)
        kept, boxes, alphas = [], [], []
        for i in range(len(instances)):
            (left, top, *_), alpha = self._reshaped(instances, i, taken)
            box = mask_to_box(alpha > 0)
            if box is None:
                continue
            x1, y1, x2, y2 = box
            kept.append(i)
            boxes.append((left + x1, top + y1, left + x2, top + y2))
            alphas.append(np.ascontiguousarray(alpha[y1:y2, x1:x2]))
        return replace(
            instances[np.array(kept, np.int64)],
            boxes=np.array(boxes, np.float32).reshape(-1, 4),
            alphas=tuple(alphas),
        )

    def _reshaped(
        self, instances: Instances, index: int, taken: NDArray[np.uint8]
    ) -> tuple[Window, NDArray[np.uint8]]:
        """One alpha and its window; what it takes of free pixels goes into `taken`."""
        (height, width), reach = instances.size_hw, self.grow + ceil(1.5 * self.feather) + 1
        x1, y1, x2, y2 = instances.window(index)
        left, top = max(0, x1 - reach), max(0, y1 - reach)
        window = (left, top, min(width, x2 + reach), min(height, y2 + reach))
        before = in_window(((x1, y1, x2, y2), instances.alphas[index]), window)
        after = self._shaped(before)
        view = taken[top : window[3], left : window[2]]
        added = np.minimum(cv2.subtract(after, before), 255 - view)
        view += added
        return window, np.minimum(after, before + added)

    def _shaped(self, alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
        alpha = _in_discs(cv2.dilate, alpha, self.grow)
        alpha = _in_discs(cv2.erode, alpha, self.shrink)
        if self.feather:
            blurred = cv2.GaussianBlur(
                alpha, (0, 0), self.feather / 2, borderType=cv2.BORDER_REPLICATE
            )
            return blurred.astype(np.uint8, copy=False)
        return np.where(alpha >= HARD_MASK_ALPHA, 255, 0).astype(np.uint8) if self.hard else alpha


def _in_discs(
    change: Callable[..., NDArray[np.generic]], alpha: NDArray[np.uint8], pixels: int
) -> NDArray[np.uint8]:
    """Grow or shrink by so many pixels; OpenCV lets nothing come in from beyond the array."""
    while pixels:
        radius = min(pixels, _DISC)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        alpha = change(alpha, disc).astype(np.uint8, copy=False)
        pixels -= radius
    return alpha
