"""Where every pixel was a frame earlier or is a frame later, and how far that can be trusted.

Dense inverse search (Kroeger et al. 2016, "Fast Optical Flow using Dense Inverse Search") of
OpenCV, on pictures reduced to `LONG_SIDE`: its result does not depend on the number of threads.
Nothing moves where staying in place explains the picture as well as moving does: flat colours, of
which drawings are full, would drift.

Not covered: what is done with it (`smooth`, `fill`).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.detect import sample
from kirinuki.geometry import Window
from kirinuki.sharing import Placed

LONG_SIDE = 480
"""Longer side of the reduced pictures, in pixels."""
SPREAD = 5
"""Side of the squares over which differences are averaged, in reduced pixels."""
SAME, OTHER = 4.0, 14.0
"""Mean difference, in levels of 255, up to which two places are surely the same and from which they
are surely not. Compression at usual qualities stays below the first."""
WORTH_MOVING = 1.0
"""By how many levels a motion must explain the picture better than none."""


@dataclass(frozen=True, eq=False)
class Motion:
    """From one picture to another of its size.

    Attributes:
        flow: (h, w, 2) float32, x and y in reduced pixels: what is here is there, so much further;
            None: nowhere further.
        trust: (h, w) float32 in [0, 1]: whether what is there looks like what is here.
        still: (h, w) float32, 1 where nothing moves, else 0.
        scale: reduced pixels a pixel, (x, y).
    """

    flow: NDArray[np.float32] | None
    trust: NDArray[np.float32]
    still: NDArray[np.float32]
    scale: tuple[float, float]

    @classmethod
    def between(
        cls, here: NDArray[np.uint8], there: NDArray[np.uint8], size_hw: tuple[int, int]
    ) -> Motion:
        """From one reduced picture (h, w, 3) to another, of pictures of this size."""
        estimator = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        grey_here, grey_there = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY) for p in (here, there))
        flow = np.asarray(estimator.calc(grey_here, grey_there, None), np.float32)  # type: ignore[call-overload]
        stays = _difference(here, there)
        moves = _difference(here, _moved(there, flow))
        still = stays <= moves + WORTH_MOVING
        flow[still] = 0
        trust = (OTHER - np.where(still, stays, moves)) / (OTHER - SAME)
        return cls(flow, np.clip(trust, 0, 1), still.astype(np.float32), _scale(here, size_hw))

    @classmethod
    def none(
        cls, here: NDArray[np.uint8], there: NDArray[np.uint8], size_hw: tuple[int, int]
    ) -> Motion:
        """As `between`, much cheaper: trusted only where nothing moves."""
        trust = np.clip((OTHER - _difference(here, there)) / (OTHER - SAME), 0, 1)
        return cls(None, trust, np.ones_like(trust), _scale(here, size_hw))

    def bring(self, placed: Placed, window: Window) -> NDArray[np.float32]:
        """The alpha of a character there, moved to where it is here: (h, w) float32 in [0, 255],
        filling a window of the picture here."""
        if self.flow is None:
            return in_window(placed, window)
        x1, y1, x2, y2 = window
        shift = self.sampled(self.flow, window)
        left, top = placed[0][:2]
        x = shift[..., 0] / self.scale[0] + np.arange(x1, x2, dtype=np.float32)
        y = shift[..., 1] / self.scale[1] + np.arange(y1, y2, dtype=np.float32)[:, None]
        # What is cut off by the picture's border goes on behind it.
        height, width = self.trust.shape
        source_x = np.clip(x, 0, round(width / self.scale[0]) - 1) - np.float32(left)
        source_y = np.clip(y, 0, round(height / self.scale[1]) - 1) - np.float32(top)
        moved = cv2.remap(placed[1], source_x, source_y, cv2.INTER_LINEAR, borderValue=0)
        return moved.astype(np.float32)

    def sampled(self, field: NDArray[np.float32], window: Window) -> NDArray[np.float32]:
        """A reduced field at the pixels of a window."""
        step = np.array(self.scale)
        start = (np.array(window[:2]) + 0.5) * step - 0.5
        size_wh = window[2] - window[0], window[3] - window[1]
        return sample(field, step, start, size_wh, cv2.BORDER_REPLICATE)


def reduced(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture (H, W, 3) with its longer side at most `LONG_SIDE`."""
    height, width = rgb.shape[:2]
    share = LONG_SIDE / max(height, width)
    if share >= 1:
        return rgb
    # Dense inverse search needs 16 pixels a side at least.
    size_wh = max(round(width * share), 16), max(round(height * share), 16)
    return cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def in_window(placed: Placed, window: Window) -> NDArray[np.float32]:
    """An alpha as (h, w) float32 in another window, 0 outside its own."""
    (left, top, right, bottom), alpha = placed
    x1, y1, x2, y2 = window
    full = np.zeros((y2 - y1, x2 - x1), np.float32)
    a, b, c, d = max(left, x1), max(top, y1), min(right, x2), min(bottom, y2)
    if a < c and b < d:
        full[b - y1 : d - y1, a - x1 : c - x1] = alpha[b - top : d - top, a - left : c - left]
    return full


def _scale(small: NDArray[np.uint8], size_hw: tuple[int, int]) -> tuple[float, float]:
    return small.shape[1] / size_hw[1], small.shape[0] / size_hw[0]


def _moved(there: NDArray[np.uint8], flow: NDArray[np.float32]) -> NDArray[np.uint8]:
    height, width = flow.shape[:2]
    x = flow[..., 0] + np.arange(width, dtype=np.float32)
    y = flow[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    moved = cv2.remap(there, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return moved.astype(np.uint8, copy=False)


def _difference(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(h, w) mean around each pixel of the largest difference of the three colours."""
    red, green, blue = cv2.split(cv2.absdiff(first, second))
    apart = cv2.max(cv2.max(red, green), blue)
    return np.asarray(cv2.blur(apart.astype(np.float32), (SPREAD, SPREAD)), np.float32)
