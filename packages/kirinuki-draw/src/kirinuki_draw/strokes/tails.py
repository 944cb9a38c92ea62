"""Tails that end behind the hips: of a cat, a fox, a dragon, a devil. Origin: where they grow.

Not covered: ears and horns (`ears`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import Colour, glow, line, mix, rgb, shadow
from kirinuki_draw.strokes.curves import Points, curve, flow, join, profile, sides, tube
from kirinuki_draw.strokes.parts import TailKind


def draw_tail(
    brush: Brush, kind: TailKind, side: float, size: float, colour: Colour, seed: int
) -> None:
    """A tail that swings out to `side` and curls."""
    rng = np.random.default_rng((seed, 22))
    lengths = {"cat": 260.0, "fox": 270.0, "dragon": 360.0, "devil": 270.0}
    if kind == "none":
        return
    spine = flow(
        (0, 0),
        90 - side * rng.uniform(30, 75),
        lengths[kind] * size * rng.uniform(0.85, 1.15),
        bend=-side * rng.uniform(20, 150),
        wave=rng.uniform(10, 45),
        turns=1.1,
        phase=rng.uniform(0, 1),
        lift=1.0,
        steps=48,
    )
    if kind == "fox":
        _brush_tail(brush, spine, size, colour, rng)
    elif kind == "dragon":
        _dragon(brush, spine, size, colour)
    else:
        _thin(brush, spine, size, colour, spade=kind == "devil")


def _thin(brush: Brush, spine: Points, size: float, colour: Colour, *, spade: bool) -> None:
    width = (
        profile(spine, (0, 4.0), (1, 2.6)) if spade else profile(spine, (0, 6), (0.6, 8), (1, 6))
    )
    shape = tube(spine, width * size)
    ahead = spine[-1] - spine[-3]
    angle = float(np.rad2deg(np.arctan2(ahead[1], ahead[0])))
    x, y = (float(v) for v in spine[-1])
    brush.cel(shape, colour, depth=3)
    with brush.at(x, y, angle, size) as tip:
        if spade:
            heart = curve((-3, 0), (-9, -14), (10, -13), (30, 0), (10, 13), (-9, 14), closed=True)
            tip.cel(heart, colour, depth=4)
        else:
            end = curve((-8, -6), (4, -6.5), (9, 0), (4, 6.5), (-8, 6), closed=True)
            tip.fill(end, colour)
            tip.ink(end[12:37], 1.6, line(colour), (0.2, 0.2))


def _tuft(spine: Points, half: Points, rng: np.random.Generator) -> Points:
    """The outline of fur: a tube whose edges are broken by tips that point backwards."""
    edges = []
    for edge in sides(spine, half):
        moved = edge.copy()
        for i in range(6, len(edge) - 5, 6):
            moved[i] = edge[i] + (edge[i] - spine[i]) * rng.uniform(0.12, 0.3)
            moved[i] += (spine[min(i + 3, len(spine) - 1)] - spine[i]) * 0.8
        edges.append(moved)
    return join(edges[0], edges[1][::-1])


def _brush_tail(
    brush: Brush, spine: Points, size: float, colour: Colour, rng: np.random.Generator
) -> None:
    half = profile(spine, (0, 8), (0.55, 40), (0.8, 31), (1, 0.5)) * size
    shape = _tuft(spine, half, rng)
    brush.cel(shape, colour, depth=8)
    tip = glow(mix(colour, rgb("#ffffff"), 0.7), 0.5)
    with brush.within(shape):
        cut = int(0.7 * len(spine))
        one, two = sides(spine[cut:], half[cut:] + 12)
        jag = [one[0] + (two[0] - one[0]) * k / 6 for k in range(1, 6)]
        ahead = spine[cut + 3] - spine[cut]
        zig = [p + ahead * (1.6 if i % 2 else -0.6) for i, p in enumerate(jag)]
        end = join(one, two[::-1], np.array(zig[::-1]))
        brush.fill(end, tip)
        brush.crescent(end, np.asarray(brush.light) * 7, shadow(tip))
        for k in (-0.45, 0.1, 0.5):
            hair = spine[8:34] + (sides(spine, half)[0] - spine)[8:34] * k
            brush.ink(hair, 1.4, line(colour, 0.4), (0.5, 0.6))


def _dragon(brush: Brush, spine: Points, size: float, colour: Colour) -> None:
    half = profile(spine, (0, 26), (0.4, 19), (1, 1.5)) * size
    one, two = sides(spine, half)
    back = one if float(one[:, 1].mean()) < float(two[:, 1].mean()) else two
    for i in range(5, len(spine) - 3, 4):
        out = back[i] - spine[i]
        thorn = join(back[i - 2], back[i] + out * 0.95 + (spine[i + 1] - spine[i]) * 2, back[i + 2])
        brush.cel(thorn, mix(colour, rgb("#f2e2b8"), 0.5), depth=2)
    shape = tube(spine, half)
    brush.cel(shape, colour, depth=6)
    with brush.within(shape):
        belly = spine - (back - spine) * 0.45
        far = spine - (back - spine) * 1.2
        brush.fill(join(belly, far[::-1]), mix(colour, rgb("#f7e9c8"), 0.65))
        for i in range(4, len(spine) - 3, 3):
            brush.ink(np.array([belly[i], far[i]]), 1.1, line(colour, 0.5), (0.1, 0.1))
