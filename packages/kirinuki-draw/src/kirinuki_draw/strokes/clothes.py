"""Parts that clothes are made of: tops, sleeves, creases, bows.

The frame is that of the body, see `figure`.

Not covered: whole outfits (`outfits`) and hats (`hats`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import Colour, line, shadow
from kirinuki_draw.strokes.curves import Points, capsule, curve, flow, join, profile, sides
from kirinuki_draw.strokes.figure import Body, part_of


def torso(body: Body, hem_y: float, loose: float) -> Points:
    """Outline of a top from the collar to its hem, (N, 2)."""
    s, w = body.shoulder, body.waist
    bust = 2.5 if body.spec.girl else 0.0
    right = [
        (15.0, -7.0), (s * 0.62, 3.0), (s - 3, 11.0), (s + 1.5, 26.0), (s - 5.0 + bust, 58.0),
        (s - 9.0 + loose * 0.5, 82.0), (w + loose, body.waist_y),
    ]  # fmt: skip
    if hem_y > body.waist_y:
        right.append((w + loose + 5, hem_y))
    one = curve(*[(x + body.shift(y), y) for x, y in right])
    two = curve(*[(-x + body.shift(y), y) for x, y in right])
    m = body.shift(hem_y)
    end = right[-1][0]
    hem = curve((end + m, hem_y), (m, hem_y + 5), (-end + m, hem_y))
    return join(one, hem[1:-1], two[::-1])


def sleeve(body: Body, side: float, end: float, wide: float) -> tuple[Points, Points, Points]:
    """Outline of a sleeve and its two edges, from the shoulder to a place on the arm."""
    spine, _ = body.arm(side)
    piece = part_of(spine, 0.0, end)
    half = profile(piece, (0, 13.0 if body.spec.girl else 15.5), (0.5, wide * 0.94), (1, wide))
    one, two = sides(piece, half)
    return capsule(piece[::-1], half[::-1]), one, two


def draw_sleeve(
    brush: Brush, body: Body, side: float, end: float, wide: float, colour: Colour, cuff: Colour
) -> None:
    """A sleeve over an arm; its lines fade towards the shoulder, where it joins the top."""
    shape, one, two = sleeve(body, side, end, wide)
    brush.fill(shape, colour)
    brush.crescent(shape, np.asarray(brush.light) * 7, shadow(colour))
    ink = line(colour)
    hem_one, hem_two = one[-1], two[-1]
    sag = (one[-1] - one[-2]) / max(float(np.linalg.norm(one[-1] - one[-2])), 1e-6)
    bottom = curve(hem_one, (hem_one + hem_two) / 2 + sag * 3, hem_two)
    up = bottom - sag * 6
    band = join(bottom, up[::-1])
    brush.fill(band, cuff)
    brush.crescent(band, np.asarray(brush.light) * 6, shadow(cuff))
    brush.ink(up, 1.0, ink, (0.05, 0.05))
    brush.ink(bottom, 1.9, ink, (0.02, 0.02))
    for edge in (one, two):
        brush.ink(edge[6:], 1.9, ink, (0.4, 0.02))
    middle = (one + two) / 2
    for place, reach in ((0.45, 0.7), (0.62, -0.5), (0.8, 0.45)):
        i = int(place * (len(middle) - 1))
        a = one[i] if reach > 0 else two[i]
        b = a + (middle[i] - a) * abs(reach) * 1.5 - sag * 5
        brush.ink(curve(a, (a + b) / 2 + sag * 2, b), 1.2, shadow(ink), (0.05, 0.9), 0.7)


def torso_shade(brush: Brush, body: Body, top: Points, colour: Colour) -> None:
    """Shadow side, shadow under the bust and creases of a top."""
    dark = shadow(colour)
    lx, ly = brush.light
    brush.crescent(top, (lx * 15, ly * 2), dark)
    s, w, wy = body.shoulder, body.waist, body.waist_y
    with brush.within(top):
        m = body.middle(60)
        if body.spec.girl:
            for side in (-1, 1):
                c = m + side * 17
                under = curve(
                    (c - 13, 61), (c, 70), (c + 14, 63), (c + 2, 75), (c - 8, 69), closed=True
                )
                brush.fill(under, dark, 0.6)
        x = body.shift(wy)
        strokes = [
            curve((-s + 3, 44), (-s + 15, 55), (-s + 24, 70)),
            curve((s - 3, 42), (s - 14, 53), (s - 20, 68)),
            curve((-w - 4 + x, wy - 4), (-w + 8 + x, wy - 8), (-6 + x, wy - 22)),
            curve((-w - 4 + x, wy + 4), (-w + 12 + x, wy + 3), (-w + 26 + x, wy - 5)),
            curve((w + 4 + x, wy - 2), (w - 10 + x, wy - 5), (6 + x, wy - 17)),
            curve((w + 4 + x, wy + 6), (w - 8 + x, wy + 4), (w - 20 + x, wy - 2)),
        ]
        folds(brush, strokes, colour)


def folds(brush: Brush, strokes: Sequence[Points], colour: Colour, width: float = 3.0) -> None:
    """Creases: a tapered band of shadow with a thin line inside."""
    for stroke in strokes:
        brush.ink(stroke + np.array([0.8, 0.6]), width, shadow(colour), (0.1, 0.85))
        brush.ink(stroke, 1.1, line(colour, 0.5), (0.1, 0.85))


def bow(
    brush: Brush, x: float, y: float, size: float, colour: Colour, *, wind: float, tails: float
) -> None:
    """A bow with two loops, a knot and two tails that the wind takes (`tails` long)."""
    dark, ink = shadow(colour), line(colour)
    with brush.at(x, y, 0, size) as local:
        for side in (-1.0, 1.0):
            spine = flow(
                (side * 3, 2),
                90 - side * 30,
                tails / size * (1.0 if side > 0 else 0.88),
                bend=side * 26 - wind * 62,
                wave=20,
                turns=1.2,
                phase=0.15 * side,
                lift=0.8,
            )
            ribbon = _ribbon(spine, 4.2, 9.0)
            local.cel(ribbon, colour, depth=3)
            left, right = sides(spine, profile(spine, (0, 4.0), (1, 8.5)))
            local.ink((left + right)[4:24] / 2, 1.6, dark, (0.2, 0.8))
        for side in (-1.0, 1.0):
            loop = curve(
                (side * 2, -3), (side * 16, -17), (side * 36, -19), (side * 41, -3),
                (side * 35, 13), (side * 15, 9), (side * 2, 4),
            )  # fmt: skip
            local.cel(loop, colour, depth=5)
            inside = curve(
                (side * 36, -18), (side * 41, -3), (side * 35, 12), (side * 33, -3), closed=True
            )
            with local.within(loop):
                local.fill(inside, dark)
            for dy in (-7, 1, 7):
                local.ink(
                    curve((side * 3, dy * 0.25), (side * 13, dy * 0.7), (side * 22, dy)),
                    1.5,
                    ink,
                    (0.1, 0.9),
                )
        knot = curve((-6, -7), (6, -7), (7.5, 0), (6, 8), (-6, 8), (-7.5, 0), closed=True)
        local.cel(knot, colour, depth=3)


def _ribbon(spine: Points, start: float, end: float) -> Points:
    """A band that widens and ends in a swallow tail."""
    half = profile(spine, (0, start), (1, end))
    left, right = sides(spine, half)
    notch = spine[-5]
    return join(left, notch, right[::-1])
