"""Shapes drawn in code onto a layer: strips along curves, filled with a colour and an outline.

A layer is premultiplied (h, w, 4) float32 RGBA in [0, 255].

Not covered: what the shapes stand for (`adornments`).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Layer = NDArray[np.float32]
Points = NDArray[np.float64]
"""(n, 2) x and y in pixels."""

STEPS = 24
"""Points of a curve."""
FINE = 4
"""Binary digits behind the point of a drawn coordinate."""


def curve(
    start: Points, direction: float, length: float, wave: float, rng: np.random.Generator
) -> Points:
    """A path (STEPS, 2) from `start` (2,) in a direction in radians, swaying by `wave`."""
    t = np.linspace(0, 1, STEPS)
    sway = wave * np.sin(t * rng.uniform(2, 7) + rng.uniform(0, 6)) * t
    angle = direction + sway + rng.normal(0, 0.7) * t**1.5
    steps = np.stack([np.cos(angle), np.sin(angle)], axis=1) * length / STEPS
    return np.asarray(start + np.cumsum(steps, axis=0) - steps[0])


def line(start: Points, end: Points) -> Points:
    """A straight path (STEPS, 2)."""
    return np.asarray(np.linspace(start, end, STEPS))


def strip(path: Points, half_widths: NDArray[np.float64]) -> Points:
    """The polygon of a strip along a path (n, 2), so wide to each side, (n,)."""
    along = np.gradient(path, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    reach = across * half_widths[:, None]
    return np.concatenate([path + reach, (path - reach)[::-1]])


def fill(
    layer: Layer,
    polygon: Points,
    colour: NDArray[np.float64],
    rng: np.random.Generator,
    outlined: bool = True,
) -> None:
    """Lay a polygon over the layer, in place: a ramp of shade, and a darker line along its edge.

    Args:
        colour: (3,) RGB in [0, 255].
    """
    height, width = layer.shape[:2]
    left, top = np.clip(np.floor(polygon.min(axis=0)) - 2, 0, (width, height)).astype(int).tolist()
    low = left, top
    right, bottom = np.clip(np.ceil(polygon.max(axis=0)) + 3, 0, (width, height)).astype(int)
    w, h = int(right) - left, int(bottom) - top
    if w < 2 or h < 2:
        return
    corners = [np.round((polygon - low) * 2**FINE).astype(np.int32)]
    mask = np.zeros((h, w), np.uint8)
    cv2.fillPoly(mask, corners, 255, cv2.LINE_AA, FINE)
    share = mask.astype(np.float32)[..., None] / 255
    slope_x, slope_y = rng.normal(0, 0.25, 2)
    shade = 1 + slope_x * np.linspace(-1, 1, w)[None, :] + slope_y * np.linspace(-1, 1, h)[:, None]
    art = np.clip(colour * shade[..., None], 0, 255)
    if outlined:
        edge = np.zeros_like(mask)
        cv2.polylines(edge, corners, True, 255, max(1, height // 350), cv2.LINE_AA, FINE)
        ink = edge[..., None] / 255 * float(rng.uniform(0.3, 0.9))
        art = art * (1 - ink) + 0.3 * np.asarray(colour) * ink
    view = layer[top : top + h, left : left + w]
    view *= 1 - share
    view[..., :3] += art.astype(np.float32) * share
    view[..., 3:] += 255 * share


def over(front: Layer, back: Layer) -> Layer:
    """One layer over another (Porter & Duff 1984)."""
    return np.asarray(front + back * (1 - front[..., 3:] / 255), np.float32)
