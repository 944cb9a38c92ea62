"""Outlines of solid parts seen from any side: chains of balls for limbs, rings for skirts.

Not covered: where they are (`skeleton`) and how they are painted (`lower`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import ArrayLike

from kirinuki_draw.strokes.brush import merged
from kirinuki_draw.strokes.curves import Points, ellipse


def hull(points: ArrayLike) -> Points:
    """The convex hull of points (N, 2)."""
    cloud = np.asarray(points, np.float32)
    return np.asarray(cv2.convexHull(cloud)[:, 0], np.float64)


def chain(centres: Points, radii: ArrayLike) -> Points:
    """The outline around balls along a line, each pair joined: a limb that may point at us."""
    sizes = np.broadcast_to(np.asarray(radii, np.float64), len(centres))
    balls = [ellipse(x, y, r, r) for (x, y), r in zip(centres, sizes, strict=True)]
    return largest(merged([hull(np.concatenate(pair)) for pair in pairwise(balls)]))


def largest(outlines: Sequence[Points]) -> Points:
    """The outline around the largest area."""
    return max(outlines, key=lambda o: abs(cv2.contourArea(o.astype(np.float32))))


def facing(quad: Points) -> float:
    """Signed area of a polygon: positive when its points run clockwise in the picture."""
    x, y = quad[:, 0], quad[:, 1]
    return float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2
