"""Where every pixel was a frame earlier or is a frame later, and how far that can be trusted.

Found on reduced pictures (`Frame.small`). Nothing moves where staying in place explains the picture
as well as moving does: flat colours, of which drawings are full, would drift. Where nothing
changed, nothing is looked for.

Not covered: the flow itself (`dense_flow`), what is done with it (`smooth`, `fill`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import Window, mask_to_box
from kirinuki.segmenter.detector import Level, sample
from kirinuki.segmenter.placed import Placed, in_window
from kirinuki.tracking.dense_flow import SMALLEST, dense_flow

SPREAD = 5
"""Side of the squares over which differences are averaged, in reduced pixels."""
SAME, OTHER = 4.0, 14.0
"""Mean difference, in levels of 255, up to which two places are surely the same and from which they
are surely not. Compression at usual qualities stays below the first."""
WORTH_MOVING = 1.0
"""By how many levels a motion must explain the picture better than none."""
TRUSTED = 0.5
"""Trust from which what another frame says counts."""

MARGIN = 16
"""Reduced pixels around what changed that are looked at, too: what moves comes from somewhere."""

Area = tuple[slice, slice]
"""Rows and columns of a reduced picture."""


@dataclass(frozen=True, eq=False)
class Motion:
    """From one picture to another of its size.

    Attributes:
        flow: (2, h, w) float32, x and y in reduced pixels, of `area`: what is here is there, so
            much further. Elsewhere nothing moves; None: nowhere.
        area: where the flow was looked for.
        trust: (H', W') float32 in [0, 1]: whether what is there looks like what is here.
        still: (H', W') float32, 1 where nothing moves, else 0.
        scale: reduced pixels a pixel, (x, y).
    """

    flow: NDArray[np.float32] | None
    area: Area
    trust: NDArray[np.float32]
    still: NDArray[np.float32]
    scale: tuple[float, float]

    @classmethod
    def between(
        cls,
        here: NDArray[np.uint8],
        there: NDArray[np.uint8],
        size_hw: tuple[int, int],
        changed: NDArray[np.bool_] | None = None,
    ) -> Motion:
        """From one reduced picture (H', W', 3) to another, of pictures of this size; `changed`
        blocks, of any size, are where the two differ at all."""
        trust, still = (np.ones(here.shape[:2], np.float32) for _ in range(2))
        scale = _scale(here, size_hw)
        area = _around(changed, here.shape[:2])
        if area is None:
            return cls(None, np.s_[:0, :0], trust, still, scale)
        here, there = (np.ascontiguousarray(picture[area]) for picture in (here, there))
        flow = dense_flow(here, there)
        stays = _difference(here, there)
        moves = _difference(here, _moved(there, flow))
        stands = stays <= moves + WORTH_MOVING
        flow *= ~stands
        apart = np.where(stands, stays, moves)
        trust[area] = np.clip((OTHER - apart) / (OTHER - SAME), 0, 1)
        still[area] = stands
        return cls(flow, area, trust, still, scale)

    @classmethod
    def none(
        cls, here: NDArray[np.uint8], there: NDArray[np.uint8], size_hw: tuple[int, int]
    ) -> Motion:
        """As `between`, much cheaper: trusted only where nothing moves."""
        trust = np.clip((OTHER - _difference(here, there)) / (OTHER - SAME), 0, 1)
        return cls(None, np.s_[:0, :0], trust, np.ones_like(trust), _scale(here, size_hw))

    def bring(self, placed: Placed, window: Window) -> NDArray[np.uint8]:
        """The alpha of a character there, moved to where it is here: (h, w) uint8, filling a window
        of the picture here."""
        brought = in_window(placed, window)
        moving = self._moving_in(window)
        if moving is not None:
            x1, y1, x2, y2 = moving
            inside = np.s_[y1 - window[1] : y2 - window[1], x1 - window[0] : x2 - window[0]]
            brought[inside] = self._moved(placed, moving)
        return brought

    @cached_property
    def trusted(self) -> NDArray[np.bool_]:
        """(H, W), pixels of the picture where the trust reaches `TRUSTED`."""
        levels = (self.trust >= TRUSTED).view(np.uint8) * np.uint8(255)
        return np.asarray(self.enlarged(levels) > 127)

    def enlarged(self, field: NDArray[Level]) -> NDArray[Level]:
        """A reduced field at the pixels of the whole picture: for several windows of it cheaper
        than `sampled`."""
        size_wh = tuple(
            round(side / step) for side, step in zip(field.shape[::-1], self.scale, strict=True)
        )
        return cv2.resize(field, size_wh).astype(field.dtype, copy=False)

    def sampled(self, field: NDArray[np.float32], window: Window) -> NDArray[np.float32]:
        """A reduced field at the pixels of a window."""
        return self._sampled(field, window, (0, 0))

    def _moving_in(self, window: Window) -> Window | None:
        """The part of a window where something may move."""
        if self.flow is None:
            return None
        rows, columns = self.area
        x1, x2 = (round(x / self.scale[0]) for x in (columns.start, columns.stop))
        y1, y2 = (round(y / self.scale[1]) for y in (rows.start, rows.stop))
        x1, y1, x2, y2 = (
            max(x1, window[0]),
            max(y1, window[1]),
            min(x2, window[2]),
            min(y2, window[3]),
        )
        return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None

    def _moved(self, placed: Placed, window: Window) -> NDArray[np.uint8]:
        assert self.flow is not None
        x1, y1, x2, y2 = window
        (left, top, _, _), alpha = placed
        rows, columns = self.area
        height, width = self.trust.shape
        behind = (left, left + alpha.shape[1]), (top, top + alpha.shape[0])
        source = []  # x and y in `alpha`
        for axis, (length, begin, end) in enumerate(((width, x1, x2), (height, y1, y2))):
            scale, (first, last) = self.scale[axis], behind[axis]
            shift = self.flow[axis] * np.float32(1 / scale)
            at = self._sampled(shift, window, (columns.start, rows.start))
            pixels = np.arange(begin - first, end - first, dtype=np.float32)
            at += pixels[:, None] if axis else pixels
            # What is cut off by the picture's border goes on behind it.
            size = round(length / scale)
            if first == 0 or last == size:
                np.clip(at, -first, size - 1 - first, out=at)
            source.append(at)
        moved = cv2.remap(alpha, source[0], source[1], cv2.INTER_LINEAR, borderValue=0)
        return np.asarray(moved, np.uint8)

    def _sampled(
        self, field: NDArray[np.float32], window: Window, corner: tuple[int, int]
    ) -> NDArray[np.float32]:
        """A part of a reduced field, which begins at this corner (x, y), at a window's pixels."""
        step = np.array(self.scale)
        start = (np.array(window[:2]) + 0.5) * step - 0.5 - corner
        size_wh = window[2] - window[0], window[3] - window[1]
        return sample(field, step, start, size_wh, cv2.BORDER_REPLICATE)


def _around(changed: NDArray[np.bool_] | None, size_hw: tuple[int, int]) -> Area | None:
    """What of a reduced picture lies around the changed blocks; None where there are none."""
    height, width = size_hw
    if changed is None:
        return np.s_[0:height, 0:width]
    box = mask_to_box(changed)
    if box is None:
        return None
    across, down = width / changed.shape[1], height / changed.shape[0]
    rows = _widened(int(box[1] * down), math.ceil(box[3] * down), height)
    return rows, _widened(int(box[0] * across), math.ceil(box[2] * across), width)


def _widened(first: int, last: int, length: int) -> slice:
    """What changed along one side of a picture and what lies around it; beside a border more of
    it, because flow needs `SMALLEST`."""
    start, stop = max(first - MARGIN, 0), min(last + MARGIN, length)
    return slice(max(min(start, stop - SMALLEST), 0), min(max(stop, start + SMALLEST), length))


def _scale(small: NDArray[np.uint8], size_hw: tuple[int, int]) -> tuple[float, float]:
    return small.shape[1] / size_hw[1], small.shape[0] / size_hw[0]


def _moved(there: NDArray[np.uint8], flow: NDArray[np.float32]) -> NDArray[np.uint8]:
    height, width = flow.shape[1:]
    x = flow[0] + np.arange(width, dtype=np.float32)
    y = flow[1] + np.arange(height, dtype=np.float32)[:, None]
    moved = cv2.remap(there, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return moved.astype(np.uint8, copy=False)


def _difference(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(h, w) mean around each pixel of the largest difference of the three colours."""
    red, green, blue = cv2.split(cv2.absdiff(first, second))
    apart = cv2.max(cv2.max(red, green), blue)
    return np.asarray(cv2.blur(apart.astype(np.float32), (SPREAD, SPREAD)), np.float32)
