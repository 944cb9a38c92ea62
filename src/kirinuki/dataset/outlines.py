"""What can be wrong with one polygon: no area, an outline that crosses itself, points outside.

Pure geometry on (N, 2) float64 arrays of x, y points in pixels, closed implicitly.

Not covered: outlines that only touch or retrace themselves: they fill the same pixels either way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
_MAX_PAIRS = 1 << 20
"""Edge pairs compared at once, so that an outline of 10,000 points fits into memory."""


@dataclass(frozen=True)
class Crossing:
    """Two edges of one outline that cross.

    Attributes:
        edges: 0-based numbers of the edges; edge i runs from point i to point i + 1.
        x, y: where they cross, in pixels.
        share: area of the smaller of the two loops that meet there, as a share of the larger:
            near 0 for a slip at one corner, up to 1 for a figure of eight.
    """

    edges: tuple[int, int]
    x: float
    y: float
    share: float


def signed_area(points: Points) -> float:
    """Shoelace area of a polygon in square pixels, negative when it runs the other way round."""
    if len(points) < 3:
        return 0.0
    x, y = (points - points[0]).T  # near the origin, so that no digits are lost
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def worst_crossing(points: Points) -> Crossing | None:
    """The self-crossing of an outline that cuts off most, or None for a simple outline."""
    repeated = np.all(points == np.roll(points, 1, axis=0), axis=1)
    kept = np.flatnonzero(~repeated)  # a point drawn twice is an edge of no length
    ring = points[kept]
    if len(ring) < 4:
        return None
    worst: Crossing | None = None
    for i, j in _crossing_edges(ring):
        x, y = _meeting_point(ring, i, j)
        loops = sorted(_loop_areas(ring, i, j, (x, y)))
        share = loops[0] / loops[1] if loops[1] > 0 else 0.0
        if worst is None or share > worst.share:
            worst = Crossing((int(kept[i]), int(kept[j])), x, y, share)
    return worst


def _crossing_edges(ring: Points) -> Iterator[tuple[int, int]]:
    """Pairs i < j of edges that properly cross, by sweeping over x."""
    count = len(ring)
    ends = np.roll(ring, -1, axis=0)
    low, high = np.minimum(ring, ends), np.maximum(ring, ends)  # (N, 2) each
    order = np.argsort(low[:, 0], kind="stable")
    # Edges that start, in x, before edge `order[k]` ends: the only ones it can cross.
    stop = np.searchsorted(low[order, 0], high[order, 0], side="right")
    partners = stop - np.arange(count) - 1
    start = 0
    while start < count:
        end = start + 1
        total = int(partners[start])
        while end < count and total + int(partners[end]) <= _MAX_PAIRS:
            total += int(partners[end])
            end += 1
        rows = np.repeat(np.arange(start, end), partners[start:end])
        offsets = np.arange(total) - np.repeat(
            np.cumsum(partners[start:end]) - partners[start:end], partners[start:end]
        )
        i, j = order[rows], order[rows + 1 + offsets]
        near = (low[i, 1] <= high[j, 1]) & (low[j, 1] <= high[i, 1])
        i, j = i[near], j[near]
        crossing = _properly_cross(ring[i], ends[i], ring[j], ends[j])
        for a, b in zip(i[crossing].tolist(), j[crossing].tolist(), strict=True):
            yield (a, b) if a < b else (b, a)
        start = end


def _properly_cross(a: Points, b: Points, c: Points, d: Points) -> NDArray[np.bool_]:
    """(K,) bool: does a–b cross c–d at an inner point of both? Neighbours share a point: no."""
    first = _side(a, b, c) * _side(a, b, d) < 0
    second = _side(c, d, a) * _side(c, d, b) < 0
    crossing: NDArray[np.bool_] = first & second
    return crossing


def _side(a: Points, b: Points, point: Points) -> NDArray[np.float64]:
    """(K,) in {-1, 0, 1}: on which side of the line a–b the point lies."""
    ab, ap = b - a, point - a
    sides: NDArray[np.float64] = np.sign(ab[:, 0] * ap[:, 1] - ab[:, 1] * ap[:, 0])
    return sides


def _meeting_point(ring: Points, i: int, j: int) -> tuple[float, float]:
    a, b = ring[i], ring[(i + 1) % len(ring)]
    c, d = ring[j], ring[(j + 1) % len(ring)]
    ab, cd, ac = b - a, d - c, c - a
    along = (ac[0] * cd[1] - ac[1] * cd[0]) / (ab[0] * cd[1] - ab[1] * cd[0])
    x, y = a + along * ab
    return float(x), float(y)


def _loop_areas(ring: Points, i: int, j: int, at: tuple[float, float]) -> tuple[float, float]:
    """Areas of the two loops into which a crossing of edges i < j parts the outline."""
    inner = np.vstack([ring[i + 1 : j + 1], at])
    outer = np.vstack([ring[: i + 1], at, ring[j + 1 :]])
    return abs(signed_area(inner)), abs(signed_area(outer))


def overhang(points: Points, size_hw: tuple[int, int]) -> NDArray[np.float64]:
    """(N,) how far each point lies outside the picture, in pixels; 0 inside and on the edge."""
    height, width = size_hw
    limits = np.array([width, height], np.float64)
    beyond = np.maximum(np.maximum(-points, points - limits), 0)  # (N, 2)
    distances: NDArray[np.float64] = beyond.max(axis=1)
    return distances
