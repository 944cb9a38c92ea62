"""A yukata: wrapped robe with a pattern, a broad sash and sleeves that hang. Frame of the body.

Not covered: other outfits (`outfits`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.clothes import bow, torso, torso_shade
from kirinuki_draw.strokes.colour import glow, line, mix, shadow
from kirinuki_draw.strokes.curves import Points, curve, ellipse, join, profile, sides
from kirinuki_draw.strokes.figure import Body, draw_neck, draw_shoe, part_of
from kirinuki_draw.strokes.spec import CharacterSpec


def yukata(brush: Brush, body: Body) -> None:
    """Robe from neck to ankle and the ends of the bow behind the waist."""
    spec = body.spec
    colour, sash = spec.cloth, spec.accent
    x, y = body.shift(body.waist_y), body.waist_y
    for side in (-1.0, 1.0):
        wing = curve(
            (x, y), (x + side * 44, y - 26), (x + side * 58, y - 4), (x + side * 40, y + 18)
        )
        brush.cel(wing, sash, depth=6)
        foot = side * (body.hip * 0.5 + 3) + body.spec.wind * 9 + body.shift(body.hip_y)
        draw_shoe(brush, foot, body.hip_y + 264, side, sash)
    robe = _robe(body)
    top = torso(body, body.waist_y, 4)
    brush.outline([robe, top], colour=line(colour))
    brush.fill(robe, Ramp((0, y), (0, y + 300), (colour, mix(colour, shadow(colour), 0.4))))
    scatter_flowers(brush, spec, robe)
    with brush.within(robe):
        brush.crescent(robe, np.asarray(brush.light) * np.array([20, 2]), shadow(colour))
        m = body.shift(body.hip_y)
        lap = curve((m + 6, y), (m - 4, y + 110), (m - 22, y + 330))
        brush.fill(join(lap, lap[::-1] + np.array([13.0, 0.0])), shadow(colour), 0.8)
        brush.ink(lap, 1.6, line(colour), (0.05, 0.05))
    _fill_top(brush, body, top)


def yukata_top(brush: Brush, body: Body) -> None:
    """The robe from neck to waist."""
    top = torso(body, body.waist_y, 4)
    brush.outline([top], colour=line(body.spec.cloth))
    _fill_top(brush, body, top)


def _fill_top(brush: Brush, body: Body, top: Points) -> None:
    brush.fill(top, body.spec.cloth)
    scatter_flowers(brush, body.spec, top)
    torso_shade(brush, body, top, body.spec.cloth)


def _robe(body: Body) -> Points:
    """The lower part, a column that narrows a little to its hem."""
    wind = body.spec.wind * 12
    right = [
        (body.waist + 3, body.waist_y - 4),
        (body.hip + 7, body.hip_y + 6),
        (body.hip + 6, 260),
    ]
    hem = body.hip_y + 262
    one = curve(*[(x + body.shift(y), y) for x, y in right], (body.hip + 2 + wind, hem))
    two = curve(*[(-x + body.shift(y), y) for x, y in right], (-body.hip - 2 + wind, hem))
    bottom = curve((body.hip + 2 + wind, hem), (wind, hem + 6), (-body.hip - 2 + wind, hem))
    return join(one, bottom[1:-1], two[::-1])


def scatter_flowers(brush: Brush, spec: CharacterSpec, outline: Points) -> None:
    """The pattern of the cloth inside an outline."""
    rng = np.random.default_rng((spec.seed, 9))
    low, high = outline.min(axis=0), outline.max(axis=0)
    with brush.within(outline):
        for _ in range(int(np.prod(high - low) / 420)):
            x, y = rng.uniform(low, high)
            size, turn = rng.uniform(3.5, 7.5), rng.uniform(0, 72)
            tone = (spec.second, glow(spec.cloth, 0.6))[int(rng.integers(2))]
            for i in range(5):
                a = np.deg2rad(turn + 72 * i)
                petal = (x + size * 0.6 * np.cos(a), y + size * 0.6 * np.sin(a))
                brush.fill(ellipse(petal[0], petal[1], size * 0.45, size * 0.45), tone, 0.9)


def yukata_front(brush: Brush, body: Body) -> None:
    """Crossed collar and sash; over the sleeves."""
    spec = body.spec
    m, s, y = body.middle(50), body.shoulder, body.waist_y
    opening = join((-12.0, -13), (12.0, -13), (m + 1, 34), (m - 1, 34))
    with brush.within(opening):
        draw_neck(brush, body)
    collar = mix(spec.cloth, (1.0, 1.0, 1.0), 0.75)
    ends = ((1.0, (m - 16, y - 6)), (-1.0, (m + 12, y - 6)))
    for side, end in ends:
        strip = curve((side * 14, -13), (side * 17, 0), (m + side * 3, 32), end)
        brush.cel(join(*_band(strip, 4.6)), collar, depth=2)
    draw_sash(brush, body)
    bow(
        brush, body.shift(y) + s * 0.1, y + 3, 0.3, glow(spec.accent, 0.55), wind=spec.wind,
        tails=24,
    )  # fmt: skip


def draw_sash(brush: Brush, body: Body) -> None:
    """The broad sash around the waist and the cord over it."""
    spec, y = body.spec, body.waist_y
    x, w = body.shift(y), body.waist + 5
    top, low = y - 16, y + 15
    sash = join(
        curve((x - w, top), (x, top + 4), (x + w, top)),
        curve((x + w + 2, low), (x, low + 5), (x - w - 2, low)),
    )
    brush.cel(sash, spec.accent, depth=8)
    cord = curve((x - w, y - 1), (x, y + 4), (x + w, y - 1))
    brush.ink(cord, 4.0, glow(spec.accent, 0.55), (0.01, 0.01))


def _band(spine: Points, half: float) -> tuple[Points, Points]:
    one, two = sides(spine, half)
    return one, two[::-1]


def wide_sleeve(brush: Brush, body: Body, side: float) -> None:
    """A sleeve that hangs from the arm like a pouch."""
    spec = body.spec
    shape = wide_sleeve_outline(body, side)
    brush.outline([shape], colour=line(spec.cloth))
    brush.fill(shape, spec.cloth)
    scatter_flowers(brush, spec, shape)
    brush.crescent(shape, np.asarray(brush.light) * 8, shadow(spec.cloth))
    spine = part_of(body.arm(side)[0], 0.3, 0.7)
    middle = spine + np.stack([np.zeros(28), np.linspace(4, 16, 28)], axis=1)
    brush.ink(middle, 1.4, line(spec.cloth, 0.5), (0.3, 0.6))


def wide_sleeve_outline(body: Body, side: float) -> Points:
    """Outline of a hanging sleeve: around the arm, and down from the forearm."""
    spine, _ = body.arm(side)
    piece = part_of(spine, 0.0, 0.88)
    half = profile(piece, (0, 15.0), (1, 14.0))
    one, two = sides(piece, half)
    upper, lower = (one, two) if one[:, 1].mean() < two[:, 1].mean() else (two, one)
    drop = np.array([body.spec.wind * 10, 46.0])
    return join(
        upper,
        curve(upper[-1], lower[-1] + drop * 0.5, lower[-1] + drop),
        lower[11:20][::-1] + drop * 0.9,
        lower[:10][::-1],
    )
