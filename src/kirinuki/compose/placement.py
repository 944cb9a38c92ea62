"""Where a cutout stands in a composed picture, and how it is turned and scaled there.

A cutout that was cut flush at a side (half-body art ends in a straight line) is placed with that
side at or beyond the frame: a straight cut inside the picture would become a cue.

Not covered: shapes (`warp`), colours (`paint`), what covers what (`compose`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.compose.warp import Flush

FLUSH_SHARE = 0.15
"""A side is cut flush when opaque pixels cover this share of it."""
STRAIGHT = 0.7
"""... and a little further in not many more of them: heads and shoes are rounded."""


@dataclass(frozen=True)
class Shot:
    """How large the characters of one picture are: height of a whole figure / picture height."""

    low: float
    high: float


CLOSE_UP = Shot(1.2, 2.6)
MEDIUM = Shot(0.55, 1.15)
SMALL = Shot(0.18, 0.5)


def flush_sides(cutout: NDArray[np.uint8]) -> Flush:
    """Whether the left, top, right, bottom side of an (h, w, 4) cutout is a straight cut."""
    opaque = cutout[..., 3] >= 128
    columns, rows = opaque.mean(axis=0), opaque.mean(axis=1)
    columns, rows = np.trim_zeros(columns), np.trim_zeros(rows)
    if len(columns) < 4 or len(rows) < 4:
        return False, False, False, False
    return _is_cut(columns), _is_cut(rows), _is_cut(columns[::-1]), _is_cut(rows[::-1])


def _is_cut(shares: NDArray[np.float64]) -> bool:
    """Whether lines that are opaque to these shares, from the outermost inwards, begin with a cut.

    Looked at one line inside the outermost one: resampling softens the outermost.
    """
    further = max(2, round(0.02 * len(shares)))
    return bool(shares[1] >= max(FLUSH_SHARE, STRAIGHT * shares[further]))


@dataclass(frozen=True)
class Affine:
    """Size and turn of a cutout: `scale` in picture pixels per cutout pixel, `angle` in degrees."""

    scale_x: float
    scale_y: float
    angle: float
    shear: float
    mirrored: bool

    def linear(self) -> NDArray[np.float64]:
        """The (2, 2) matrix from cutout to picture directions."""
        a = math.radians(self.angle)
        turn = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
        flip = -1.0 if self.mirrored else 1.0
        scale = np.array([[self.scale_x * flip, self.shear * self.scale_y], [0, self.scale_y]])
        return np.asarray(turn @ scale)


@dataclass(frozen=True)
class Spot:
    """Where a figure should stand; None: anywhere.

    Attributes:
        middle: the middle of it, as a share of the picture's width.
        top: its upper end, as a share of the picture's height.
        cut: the side (0 left, 1 top, 2 right, 3 bottom) at which the frame cuts a part of it off,
            and how large a part.
    """

    middle: float | None = None
    top: float | None = None
    cut: tuple[int, float] | None = None


def place(
    size: tuple[int, int],
    affine: Affine,
    flush: Flush,
    frame_hw: tuple[int, int],
    spot: Spot,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """An affine matrix (2, 3) from cutout to picture pixels; what the spot leaves open is random.

    Whole figures stand anywhere with most of them in the frame; figures taller than the frame keep
    their upper part (the face) in it; flush sides lie on or beyond the frame, two opposite ones if
    the cutout is large enough (`fills_frame`).

    Args:
        size: (h, w) of the cutout.
    """
    h, w = size
    linear = affine.linear()
    corners = linear @ np.array([[0, w, 0, w], [0, 0, h, h]])
    low, high = corners.min(axis=1), corners.max(axis=1)
    span = high - low
    frame = np.array([frame_hw[1], frame_hw[0]])
    start = np.empty(2)
    start[0] = (rng.uniform(0.05, 0.95) if spot.middle is None else spot.middle) * frame[0]
    start[0] -= span[0] / 2
    if spot.top is not None:
        start[1] = spot.top * frame[1]
    elif span[1] >= frame[1]:
        start[1] = rng.uniform(-0.08, 0.3) * frame[1]
    else:
        start[1] = rng.uniform(-0.15 * span[1], frame[1] - 0.85 * span[1])
    if spot.cut is not None:
        side, share = spot.cut
        axis = side % 2
        start[axis] = -share * span[axis] if side < 2 else frame[axis] - (1 - share) * span[axis]
    start = _keep_flush_outside(start, span, affine, flush, frame, rng)
    return np.column_stack([linear, start - low])


def _keep_flush_outside(
    start: NDArray[np.float64],
    span: NDArray[np.float64],
    affine: Affine,
    flush: Flush,
    frame: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    if affine.mirrored:
        flush = flush[2], flush[1], flush[0], flush[3]
    # A turned rectangle's edge reaches into its bounding box by this much.
    turn = abs(math.sin(math.radians(affine.angle)))
    slant = turn * span[1] + abs(affine.shear) * span[1], turn * span[0]
    start = start.copy()
    for axis in (0, 1):
        first, last = -slant[axis], frame[axis] - span[axis] + slant[axis]
        if flush[axis] and flush[axis + 2]:
            start[axis] = rng.uniform(min(first, last), first)
        elif flush[axis]:
            start[axis] = min(start[axis], first)
        elif flush[axis + 2]:
            start[axis] = max(start[axis], last + rng.uniform(0, 0.1) * span[axis] * axis)
    return start


def fills_frame(size: tuple[int, int], flush: Flush, frame_hw: tuple[int, int]) -> float:
    """The scale from which on a cutout (h, w) with two opposite flush sides reaches both sides of
    the frame; 0 if it has none such."""
    scales = (
        frame_hw[1 - axis] / size[1 - axis] for axis in (0, 1) if flush[axis] and flush[axis + 2]
    )
    return max(scales, default=0.0)


def warp(
    cutout: NDArray[np.uint8], matrix: NDArray[np.float64], size_hw: tuple[int, int]
) -> NDArray[np.uint8]:
    """The cutout drawn into an empty (H, W, 4) picture, premultiplied, smooth also when shrunk."""
    scale = math.sqrt(abs(float(np.linalg.det(matrix[:, :2]))))
    if scale < 0.6:
        # warpAffine samples points; shrink by area first, or thin lines alias.
        h, w = cutout.shape[:2]
        small = max(1, round(w * scale * 1.2)), max(1, round(h * scale * 1.2))
        cutout = np.asarray(cv2.resize(cutout, small, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix @ np.diag([w / small[0], h / small[1], 1.0])
    height, width = size_hw
    return np.asarray(
        cv2.warpAffine(cutout, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=0),
        np.uint8,
    )
