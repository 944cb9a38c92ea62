"""Other shapes from one cutout: bodies that lean and turn in the hips, limbs apart, another eye
height, smooth waves. Art at hand mostly stands straight; characters in pictures do not.

Every change is a map from the new cutout to the old one on a coarse grid; the maps are chained and
made weaker until they nowhere fold, and the cutout is sampled once, so lines stay sharp and the
alpha is exact. Sides that are cut straight stay straight and where they are.

Not covered: size, turn and place in the picture (`placement`), colours (`paint`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.compose.paint import Rgba

GRID = 41
"""Points a side of the coarse grid; between them a map is interpolated."""
MARGIN = 0.2
"""Room around the cutout for what moves outwards, as a share of its longer side."""
MIN_STRETCH, MAX_STRETCH = 0.45, 2.2
"""Bounds of the area that a pixel may shrink or grow to; 0 would be a fold."""
CONTROL_ROWS, CONTROL_COLUMNS = 6, 4
"""Control points of the spline: figures are taller than wide."""
SPLINE_REACH, HALF_REACH = 0.05, 0.03
"""Standard deviation of a control point's shift, as a share of the cutout's size: of whole figures,
and of half bodies and busts, whose faces would suffer."""

Points = NDArray[np.float64]
Flush = tuple[bool, bool, bool, bool]
"""Whether the left, top, right, bottom side is a straight cut."""


@dataclass(frozen=True)
class Reshaping:
    """Which changes one cutout undergoes."""

    limbs: bool = False
    perspective: bool = False
    bend: bool = False


def reshaped(cutout: Rgba, reshaping: Reshaping, flush: Flush, rng: np.random.Generator) -> Rgba:
    """The cutout in another shape, premultiplied (h, w, 4) uint8, trimmed to what is opaque."""
    height, width = cutout.shape[:2]
    grid = grid_over((height, width))
    size = np.array([width, height], np.float64)
    moved = resampled(cutout, _chained(grid / size, size, reshaping, any(flush), rng), flush)
    left, top, w, h = cv2.boundingRect(np.asarray(moved[..., 3] >= 8, np.uint8))
    if not w:  # specks that resampling blurs away
        return cutout
    return np.ascontiguousarray(moved[top : top + h, left : left + w], np.uint8)


def margin_of(size: tuple[int, int]) -> int:
    """Pixels around a cutout (h, w) for what moves outwards."""
    return round(MARGIN * max(size))


def grid_over(size: tuple[int, int]) -> Points:
    """The coarse grid (GRID, GRID, 2) of x, y over a cutout (h, w) and margin, in its pixels."""
    margin = margin_of(size)
    height, width = (side + 2 * margin for side in size)
    x, y = ((np.arange(GRID) + 0.5) * (n / GRID) - 0.5 - margin for n in (width, height))
    return np.stack(np.meshgrid(x, y), axis=-1)


def resampled(cutout: Rgba, points: Points, flush: Flush) -> Rgba:
    """The cutout and its margin, showing at each point of `grid_over` what was at `points`.

    Where the map would fold it is made weaker as a whole; straight cuts stay where they are.

    Returns:
        Premultiplied (h + 2 margin, w + 2 margin, 4) uint8.
    """
    height, width = cutout.shape[:2]
    margin = margin_of((height, width))
    full = width + 2 * margin, height + 2 * margin
    grid = grid_over((height, width))
    size = np.array([width, height], np.float64)
    shift = _kept_flush(points - grid, grid, size, flush)
    shift *= _strength(grid, shift, size)
    # Not cv2.remap: it would interpolate the grid in steps of 1/32 of a cell.
    fine = np.asarray(cv2.resize(shift.astype(np.float32), full), np.float32)
    source_x = fine[..., 0] + np.arange(-margin, width + margin, dtype=np.float32)
    source_y = fine[..., 1] + np.arange(-margin, height + margin, dtype=np.float32)[:, None]
    moved = cv2.remap(cutout, source_x, source_y, cv2.INTER_LINEAR, borderValue=0)
    return np.asarray(moved, np.uint8)


def _chained(
    unit: Points, size: Points, reshaping: Reshaping, is_half: bool, rng: np.random.Generator
) -> Points:
    """Where the points (…, 2), in shares of the cutout, come from, in its pixels."""
    if reshaping.bend:
        unit = unit + _spline(unit, HALF_REACH if is_half else SPLINE_REACH, rng)
    points = unit * size
    if reshaping.limbs:
        points = _posed(points, size, is_half, rng)
    if reshaping.perspective:
        points = _seen_from_elsewhere(points, size, rng)
    return points


def _posed(points: Points, size: Points, is_half: bool, rng: np.random.Generator) -> Points:
    """Arms lifted or lowered, legs apart or together, turned in the neck, hips and knees."""
    width, height = size
    middle = width * rng.uniform(0.42, 0.58)
    shoulders = height * (0.4 if is_half else 0.2)
    hips = height * (rng.uniform(0.8, 1.1) if is_half else rng.uniform(0.45, 0.6))
    knees = hips + (height - hips) * 0.5
    # Sideways by at most a small part of the width: between the legs cloth or skin is stretched.
    apart = rng.uniform(-0.07, 0.16) * width / height
    points = swung(points, (middle, hips), (2 * height, 3 * height), (apart * 2, -apart * 2), size)
    arms = np.clip(rng.normal(0, 0.14, 2), -0.3, 0.3) * width / height
    points = swung(points, (middle, shoulders), (hips, knees), (arms[0], arms[1]), size)
    for joint, sigma, downwards in ((knees, 18, True), (hips, 18, True), (shoulders, 7, False)):
        angle = math.radians(float(np.clip(rng.normal(0, sigma), -2 * sigma, 2 * sigma)))
        points = turned(points, (middle, joint), max(0.3 * height, 0.7 * width), angle, downwards)
    return points


def turned(
    points: Points, joint: tuple[float, float], soft: float, angle: float, downwards: bool
) -> Points:
    """All that is below (or above) a joint turned about it, with a soft crease of this length."""
    along = (points[..., 1] - joint[1]) * (1 if downwards else -1)
    return _rotated(points, joint, angle * smooth(along / soft + 0.3))


def swung(
    points: Points,
    joint: tuple[float, float],
    fade: tuple[float, float],
    angles: tuple[float, float],
    size: Points,
) -> Points:
    """What is below a joint turned about it, to the left and to the right of it by two angles; less
    and less from the first to the second height of `fade`."""
    side = (points[..., 0] - joint[0]) / (0.4 * size[0])
    angle = np.where(side < 0, angles[0], angles[1]) * smooth(np.abs(side))
    y = points[..., 1]
    begun = smooth((y - joint[1]) / (0.25 * size[1]))
    return _rotated(
        points, joint, angle * begun * smooth((fade[1] - y) / max(fade[1] - fade[0], 1))
    )


def _rotated(points: Points, joint: tuple[float, float], angle: NDArray[np.float64]) -> Points:
    away = points - joint
    cos, sin = np.cos(angle), np.sin(angle)
    turned = (
        away[..., 0] * cos - away[..., 1] * sin,
        away[..., 0] * sin + away[..., 1] * cos,
    )
    return np.stack(turned, axis=-1) + joint


def smooth(share: NDArray[np.float64]) -> NDArray[np.float64]:
    t = np.clip(share, 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def _seen_from_elsewhere(points: Points, size: Points, rng: np.random.Generator) -> Points:
    """Perspective: large above and small below (seen from above), or the reverse; a little of the
    same from side to side."""
    tilt = np.array([rng.normal(0, 0.06), rng.uniform(-0.4, 0.4)])
    centred = points / size - 0.5
    depth = 1 + centred @ tilt
    return np.asarray((centred / np.maximum(depth, 0.4)[..., None] + 0.5) * size)


def _spline(unit: Points, reach: float, rng: np.random.Generator) -> Points:
    """Shifts of a thin-plate spline (Bookstein 1989) through 4 × 6 control points, in shares."""
    count = CONTROL_ROWS * CONTROL_COLUMNS
    shifts = reach * np.clip(rng.normal(0, 1, (count, 2)), -2.2, 2.2) * (1, 0.6)
    return np.asarray(_kernel(unit, _controls()) @ (_solver()[:, :count] @ shifts))


@cache
def _controls() -> Points:
    x, y = np.meshgrid(np.linspace(0, 1, CONTROL_COLUMNS), np.linspace(0, 1, CONTROL_ROWS))
    return np.stack([x.ravel(), y.ravel()], axis=-1)


def _kernel(points: Points, controls: Points) -> NDArray[np.float64]:
    """r² log r to each control point, then 1, x, y."""
    x, y = (points[..., None, axis] - controls[:, axis] for axis in (0, 1))
    squared = x * x + y * y
    radial = 0.5 * squared * np.log(np.maximum(squared, 1e-12))
    return np.concatenate([radial, np.ones((*points.shape[:-1], 1)), points], axis=-1)


@cache
def _solver() -> NDArray[np.float64]:
    """From the control points' shifts (and three zeros) to the coefficients of the kernel."""
    upper = _kernel(_controls(), _controls())
    affine = upper[:, -3:]
    lower = np.concatenate([affine.T, np.zeros((3, 3))], axis=1)
    return np.asarray(np.linalg.inv(np.concatenate([upper, lower])))


def _kept_flush(shift: Points, grid: Points, size: Points, flush: Flush) -> Points:
    """No motion across a straight cut at the cut itself and beyond it; it fades in from there."""
    held = shift.copy()
    for side, is_flush in enumerate(flush):
        if not is_flush:
            continue
        axis = side % 2
        inwards = grid[..., axis] if side < 2 else size[axis] - 1 - grid[..., axis]
        held[..., axis] *= smooth(inwards / (0.3 * size[axis]))
    return held


def _strength(grid: Points, shift: Points, size: Points) -> float:
    """The largest of 1, 0.8, 0.64, … at which the map nowhere folds, squashes or blows up."""
    step = grid[1, 1] - grid[0, 0]
    down, right = (np.diff(shift, axis=axis) / step[1 - axis] for axis in (0, 1))
    down, right = down[:, :-1], right[:-1]
    for power in range(12):
        strength = 0.8**power
        source = (grid + strength * shift)[:-1, :-1]
        inside = ((source > -step) & (source < size)).all(axis=-1)
        area = (1 + strength * right[..., 0]) * (1 + strength * down[..., 1]) - (
            strength * right[..., 1]
        ) * (strength * down[..., 0])
        area = area[inside]
        if area.min() >= 1 / MAX_STRETCH and area.max() <= 1 / MIN_STRETCH:
            return strength
    return 0.0
