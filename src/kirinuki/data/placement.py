"""Where a cutout stands in a composed picture, and how it is turned, bent and scaled there.

A cutout that was cut flush at a side (half-body art ends in a straight line) is placed with that
side at or beyond the frame: a straight cut inside the picture would become a cue.

Not covered: colours (`paint`), what covers what (`compose`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FLUSH_SHARE = 0.15
"""A side is cut flush when opaque pixels cover this share of it."""

BEND_GRID = 33
"""Points a side at which the smooth warp is computed; between them it is interpolated."""


@dataclass(frozen=True)
class Shot:
    """How large the characters of one picture are: height of a whole figure / picture height."""

    low: float
    high: float


CLOSE_UP = Shot(1.2, 2.6)
MEDIUM = Shot(0.55, 1.15)
SMALL = Shot(0.18, 0.5)


def flush_sides(cutout: NDArray[np.uint8]) -> tuple[bool, bool, bool, bool]:
    """Whether the left, top, right, bottom side of an (h, w, 4) cutout is a straight cut.

    Looked at one line inside the outermost opaque one: resampling softens the outermost.
    """
    opaque = cutout[..., 3] >= 128
    columns, rows = opaque.mean(axis=0), opaque.mean(axis=1)
    x, y = np.flatnonzero(columns), np.flatnonzero(rows)
    if len(x) < 4 or len(y) < 4:
        return False, False, False, False
    left, right = columns[x[1]] >= FLUSH_SHARE, columns[x[-2]] >= FLUSH_SHARE
    top, bottom = rows[y[1]] >= FLUSH_SHARE, rows[y[-2]] >= FLUSH_SHARE
    return bool(left), bool(top), bool(right), bool(bottom)


def bent(cutout: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The cutout under a smooth warp: limbs and hair lean, bodies widen, outlines wave.

    The displacement is a sum of a few low sine waves (a cheap stand-in for thin-plate splines,
    Bookstein 1989); its strength is up to 7 % of the cutout's size.
    """
    height, width = cutout.shape[:2]
    v, u = np.mgrid[0 : 1 : BEND_GRID * 1j, 0 : 1 : BEND_GRID * 1j].astype(np.float32)
    dx, dy = np.zeros_like(u), np.zeros_like(u)
    for _ in range(3):
        for field, reach in ((dx, 0.07 * width), (dy, 0.04 * height)):
            fu, fv = rng.uniform(-1.6, 1.6, 2)
            phase = rng.uniform(0, 2 * math.pi)
            field += rng.uniform(-1, 1) * reach * np.sin(2 * math.pi * (fu * u + fv * v) + phase)
    # Flush sides must stay flush: the warp fades out towards the border.
    fade = np.minimum(1, 8 * np.minimum(np.minimum(u, 1 - u), np.minimum(v, 1 - v)))
    map_x = cv2.resize(dx * fade, (width, height)) + np.arange(width, dtype=np.float32)
    map_y = cv2.resize(dy * fade, (width, height)) + np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(cv2.remap(cutout, map_x, map_y, cv2.INTER_LINEAR, borderValue=0), np.uint8)


@dataclass(frozen=True)
class Pose:
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


def place(
    cutout: NDArray[np.uint8],
    pose: Pose,
    size_hw: tuple[int, int],
    rng: np.random.Generator,
    x_share: float | None = None,
) -> NDArray[np.float64]:
    """An affine matrix (2, 3) from cutout to picture pixels, position drawn at random.

    Whole figures stand anywhere with most of them in the frame; figures taller than the frame keep
    their upper part (the face) in it; flush sides lie on or beyond the frame.

    Args:
        x_share: where the figure's middle should be, as a share of the width; None: anywhere.
    """
    height, width = size_hw
    h, w = cutout.shape[:2]
    linear = pose.linear()
    corners = linear @ np.array([[0, w, 0, w], [0, 0, h, h]])
    low, high = corners.min(axis=1), corners.max(axis=1)
    span_x, span_y = high - low
    middle = rng.uniform(0.05, 0.95) if x_share is None else x_share
    left = middle * width - span_x / 2
    if span_y >= height:
        top = rng.uniform(-0.08, 0.3) * height
    else:
        top = rng.uniform(-0.15 * span_y, height - 0.85 * span_y)
    left, top = _keep_flush_outside(cutout, pose, (left, top), (span_x, span_y), size_hw, rng)
    return np.column_stack([linear, [left - low[0], top - low[1]]])


def _keep_flush_outside(
    cutout: NDArray[np.uint8],
    pose: Pose,
    left_top: tuple[float, float],
    span: tuple[float, float],
    size_hw: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[float, float]:
    left, top = left_top
    span_x, span_y = span
    height, width = size_hw
    flush_left, flush_top, flush_right, flush_bottom = flush_sides(cutout)
    if pose.mirrored:
        flush_left, flush_right = flush_right, flush_left
    # A turned rectangle's edge reaches into its bounding box by this much.
    slant_y = abs(math.sin(math.radians(pose.angle))) * span_x
    slant_x = abs(math.sin(math.radians(pose.angle))) * span_y + abs(pose.shear) * span_y
    if flush_bottom:
        top = max(top, height - span_y + slant_y + rng.uniform(0, 0.1) * span_y)
    elif flush_top:
        top = min(top, -slant_y)
    if flush_left:
        left = min(left, -slant_x)
    elif flush_right:
        left = max(left, width - span_x + slant_x)
    return left, top


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
