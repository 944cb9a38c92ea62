"""Everyday clothes: a hooded sweater, shorts. Frame of the body.

Not covered: uniforms and dresses (`outfits`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.clothes import torso, torso_shade
from kirinuki_draw.strokes.colour import line, mix, shadow
from kirinuki_draw.strokes.curves import capsule, curve, ellipse, join, profile
from kirinuki_draw.strokes.figure import Body, draw_neck


def hoodie(brush: Brush, body: Body) -> None:
    """A loose sweater with a pocket and a hood behind the neck."""
    colour = body.spec.cloth
    hem = body.waist_y + 40
    hood = ellipse(0, -4, body.shoulder * 0.82, 20)
    brush.cel(hood, shadow(colour, 0.6), depth=0)
    draw_neck(brush, body)
    top = torso(body, hem, 13)
    brush.outline([top], colour=line(colour))
    brush.fill(top, Ramp((0, 0), (0, hem), (colour, colour, mix(colour, shadow(colour), 0.4))))
    torso_shade(brush, body, top, colour)
    m = body.shift(hem)
    with brush.within(top):
        band = join((m - 90, hem - 8), (m + 90, hem - 8), (m + 90, hem + 9), (m - 90, hem + 9))
        brush.fill(band, shadow(colour, 0.55))
        for i in range(-9, 10):
            rib = curve((m + i * 6, hem - 8), (m + i * 6, hem + 5))
            brush.ink(rib, 0.9, line(colour, 0.4), (0.1, 0.1))
    y, w = body.waist_y - 8, 25.0
    c = body.middle(y)
    pocket = curve((c - w + 7, y), (c + w - 7, y), (c + w, y + 32), (c - w, y + 32), (c - w + 7, y))
    brush.ink(pocket, 1.4, line(colour), (0.02, 0.02))


def hood_front(brush: Brush, body: Body) -> None:
    """The rim of the hood around the neck and its cords; over the sleeves."""
    colour, m = body.spec.cloth, body.middle(30)
    opening = join((-14.0, -12), (14.0, -12), (m + 4, 20), (m - 4, 20))
    with brush.within(opening):
        draw_neck(brush, body)
    for side in (-1.0, 1.0):
        rim = join(
            curve((side * 13, -15), (side * 15, 2), (m + side * 1, 24)),
            curve((m + side * 2, 32), (side * 29, 14), (side * 32, -4), (side * 20, -14)),
        )
        brush.cel(rim, colour, depth=4)
        cord = curve(
            (m + side * 8, 24), (m + side * 10, 44), (m + side * 8 + body.spec.wind * 4, 62)
        )
        brush.ink(cord, 3.4, line(colour), (0.02, 0.02))
        brush.ink(cord, 2.0, body.spec.accent, (0.02, 0.02))


def shorts(brush: Brush, body: Body) -> None:
    """Shorts over bare legs."""
    colour, x = body.spec.second, body.shift(body.hip_y)
    parts = []
    for side in (1.0, -1.0):
        spine = body.leg(side)
        piece = spine[: int(0.36 * len(spine))]
        half = profile(piece, (0, 26.0), (1, 25.0))
        parts.append(capsule(piece[::-1], half[::-1]))
    top = body.shift(body.waist_y)
    hips = curve(
        (top - body.waist, body.waist_y), (x - body.hip - 4, body.hip_y), (x, 196),
        (x + body.hip + 4, body.hip_y), (top + body.waist, body.waist_y),
    )  # fmt: skip
    brush.outline([*parts, hips], colour=line(colour))
    for part in parts:
        brush.fill(part, colour)
        brush.crescent(part, np.asarray(brush.light) * 9, shadow(colour))
    brush.fill(hips, colour)
    brush.fill(ellipse(x, body.waist_y + 38, body.hip, 9), shadow(colour), 0.7)
    brush.ink(curve((x + 2, 160), (x + 3, 180), (x, 196)), 1.4, line(colour), (0.2, 0.1))
