"""Curves of a drawing: smooth outlines, tapered tubes and strands that flow in the wind.

Points are (N, 2) float64, x right and y down, in the unit of the caller.

Not covered: painting them (`brush`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points: TypeAlias = NDArray[np.float64]


Point: TypeAlias = "Sequence[float] | Points"
"""One (x, y)."""


def curve(*anchors: Point, closed: bool = False, steps: int = 12) -> Points:
    """A Catmull-Rom spline through the anchors (centripetal, so that it never loops)."""
    p = np.asarray(anchors, np.float64)
    if closed:
        p = np.concatenate([p[-1:], p, p[:2]])
    else:
        p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    knots = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1) ** 0.5)])
    knots += np.arange(len(knots)) * 1e-9  # two equal anchors must not divide by zero
    pieces = [_piece(p[i : i + 4], knots[i : i + 4], steps) for i in range(len(p) - 3)]
    pieces.append(p[-2:-1])
    return np.concatenate(pieces)


def _piece(p: Points, t: NDArray[np.float64], steps: int) -> Points:
    """One span of the spline, from p[1] up to but without p[2] (Barry and Goldman 1988)."""
    u = np.linspace(t[1], t[2], steps, endpoint=False)[:, None]
    a = [((t[i + 1] - u) * p[i] + (u - t[i]) * p[i + 1]) / (t[i + 1] - t[i]) for i in range(3)]
    b = [((t[i + 2] - u) * a[i] + (u - t[i]) * a[i + 1]) / (t[i + 2] - t[i]) for i in range(2)]
    result: Points = ((t[2] - u) * b[0] + (u - t[1]) * b[1]) / (t[2] - t[1])
    return result


def join(*parts: ArrayLike) -> Points:
    """One outline from several curves; where they meet, a corner stays."""
    return np.concatenate([np.atleast_2d(np.asarray(part, np.float64)) for part in parts])


def normals(points: Points) -> Points:
    """Unit normals along a polyline, (N, 2), to the left of the way it goes."""
    step = np.gradient(points, axis=0)
    step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
    return np.stack([step[:, 1], -step[:, 0]], axis=1)


def along(points: Points) -> NDArray[np.float64]:
    """How far along the polyline each point lies, 0 to 1."""
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return length / max(float(length[-1]), 1e-9)


def profile(points: Points, *stops: tuple[float, float]) -> NDArray[np.float64]:
    """A value along the polyline from (place 0..1, value) stops, smoothly joined."""
    place, value = np.asarray(stops, np.float64).T
    t = along(points)
    i = np.clip(np.searchsorted(place, t, side="right") - 1, 0, len(place) - 2)
    u = np.clip((t - place[i]) / np.maximum(place[i + 1] - place[i], 1e-9), 0, 1)
    u = u * u * (3 - 2 * u)
    result: NDArray[np.float64] = value[i] + (value[i + 1] - value[i]) * u
    return result


def sides(spine: Points, half: ArrayLike) -> tuple[Points, Points]:
    """The two edges of a tube of half width `half` around a spine."""
    offset = normals(spine) * np.broadcast_to(np.asarray(half, np.float64), len(spine))[:, None]
    return spine + offset, spine - offset


def tube(spine: Points, half: ArrayLike) -> Points:
    """The outline of a tube of half width `half` (one value or one per point)."""
    left, right = sides(spine, half)
    return join(left, right[::-1])


def capsule(spine: Points, half: ArrayLike) -> Points:
    """A tube with a round end at its far tip: a finger, an arm."""
    width = np.broadcast_to(np.asarray(half, np.float64), len(spine))
    left, right = sides(spine, width)
    ahead = spine[-1] - spine[-2]
    turn = np.arctan2(ahead[1], ahead[0]) + np.linspace(-np.pi / 2, np.pi / 2, 9)[1:-1]
    cap = spine[-1] + width[-1] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return join(left, cap, right[::-1])


def flow(
    root: Sequence[float],
    heading: float,
    length: float,
    *,
    bend: float = 0.0,
    wave: float = 0.0,
    turns: float = 1.0,
    phase: float = 0.0,
    lift: float = 1.5,
    steps: int = 36,
) -> Points:
    """A strand that leaves `root` at `heading` degrees (0 right, 90 down).

    `bend` degrees of turning build up as place ** lift (so a strand hangs first and blows away
    at its end), and a wave of ±`wave` degrees with `turns` periods runs along it.
    """
    t = np.linspace(0, 1, steps)
    angle = heading + bend * t**lift + wave * t**0.7 * np.sin(2 * np.pi * (turns * t + phase))
    angle = np.deg2rad(angle)
    step = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (length / (steps - 1))
    path = np.cumsum(step, axis=0) - step[0]
    result: Points = path + np.asarray(root, np.float64)
    return result


def ellipse(x: float, y: float, rx: float, ry: float, angle: float = 0.0) -> Points:
    """An ellipse, turned by `angle` degrees."""
    t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    px, py = rx * np.cos(t), ry * np.sin(t)
    return np.stack([x + c * px - s * py, y + s * px + c * py], axis=1)
