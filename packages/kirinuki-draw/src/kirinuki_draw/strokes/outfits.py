"""What the figures wear: sailor uniform, school shirt and trousers, summer dress.

The frame is that of the body, see `figure`. A dress or top is drawn first, then the arms, then
what lies over the sleeves (`sailor_collar`, `shirt_front`).

Not covered: hats (`hats`) and the body itself.
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.clothes import bow, torso, torso_shade
from kirinuki_draw.strokes.colour import line, mix, shadow
from kirinuki_draw.strokes.curves import Points, capsule, curve, ellipse, join, profile
from kirinuki_draw.strokes.figure import Body, draw_neck, draw_shoe
from kirinuki_draw.strokes.skirts import flared_skirt, pleated_skirt


def sailor(brush: Brush, body: Body) -> None:
    """Torso of a sailor uniform: blouse, collar with two stripes, neckerchief, pleated skirt."""
    pleated_skirt(brush, body, body.waist_y + 4, 104, body.spec.second)
    blouse(brush, body)


def blouse(brush: Brush, body: Body) -> None:
    """The upper part of a sailor uniform, without its collar."""
    white = body.spec.cloth
    hem = body.waist_y + 13
    top = torso(body, hem, 5)
    brush.outline([top], colour=line(white))
    brush.fill(top, Ramp((0, 0), (0, hem), (white, white, mix(white, shadow(white), 0.3))))
    torso_shade(brush, body, top, white)


def sailor_collar(brush: Brush, body: Body) -> None:
    """Sailor collar, the skin in its opening and the neckerchief; over the sleeves."""
    spec = body.spec
    colour = spec.second
    m = body.middle(50)
    s, v = body.shoulder, 50.0
    skin_v = join((-13.0, -13), (13.0, -13), (m + 1, v - 6), (m - 1, v - 6))
    with brush.within(skin_v):
        draw_neck(brush, body)
        panel = join((-30, 30), (30, 30), (30, 60), (-30, 60))
        brush.fill(panel, spec.cloth)
        brush.ink(curve((-30, 30), (30, 30)), 1.2, line(spec.cloth))
        brush.ink(curve((-30, 34), (30, 34)), 1.6, colour)
    for side in (-1.0, 1.0):
        inner = curve((side * 13, -11), (side * 15.0, 2), (m + side * 1.0, v))
        outer = curve(
            (m + side * 1.0, v + 8),
            (side * (s - 16), 32),
            (side * (s - 7), 12),
            (side * (s * 0.60), -1),
        )
        lapel = join(inner, outer, (side * 16.0, -12))
        brush.cel(lapel, colour, depth=4)
        for gap in (3.5, 7.0):
            inset = np.array([m, 8.0]) + (outer[:-10] - np.array([m, 8.0])) * (1 - gap / 46)
            with brush.within(lapel):
                brush.ink(inset, 1.3, spec.cloth, (0.05, 0.05))
    bow(brush, m, v + 4, 0.62, spec.accent, wind=spec.wind, tails=42)


def shirt(brush: Brush, body: Body) -> None:
    """A school shirt, worn over what is below the waist."""
    spec = body.spec
    white = spec.cloth
    hem = body.waist_y + 26
    top = torso(body, hem, 6)
    brush.outline([top], colour=line(white))
    brush.fill(top, Ramp((0, 0), (0, hem), (white, white, mix(white, shadow(white), 0.3))))
    torso_shade(brush, body, top, white)


def shirt_front(brush: Brush, body: Body) -> None:
    """Collar, tie, buttons and pocket of a shirt."""
    spec = body.spec
    hem = body.waist_y + 26
    white, ink = spec.cloth, line(spec.cloth)
    seam = curve(*[(body.middle(y), y) for y in (20, 60, 100, hem + 3)])
    brush.ink(seam + np.array([5.0, 0]), 1.0, ink, (0.05, 0.1))
    for y in (72, 92, 112):
        brush.fill(ellipse(body.middle(y) + 1, y, 1.5, 1.5), ink)
    m = body.middle(20)
    opening = join((-15, -12), (15, -12), (m, 30))
    with brush.within(opening):
        draw_neck(brush, body)
    tie = curve(
        (m - 4, 26),
        (m + 4, 26),
        (m + 3, 36),
        (m + 8, 84),
        (m + 1, 96),
        (m - 7, 84),
        (m - 3, 36),
        closed=True,
    )
    brush.cel(tie, spec.accent, depth=3)
    knot = join((m - 6, 20), (m + 6, 20), (m + 3.5, 33), (m - 3.5, 33))
    brush.cel(knot, spec.accent, depth=2)
    for side in (-1.0, 1.0):
        wing = join(
            curve((side * 14, -14), (side * 17.5, -6), (m + side * 2.5, 27), steps=6),
            (m + side * 15, 36),
            curve((side * 29, 10), (side * 27, -4), (side * 18, -13), steps=5),
        )
        brush.cel(wing, white, depth=3)
    pocket = join((m + 15, 50), (m + 37, 48), (m + 37, 72), (m + 26, 77), (m + 15, 73))
    brush.ink(join(pocket, pocket[:1]), 1.2, ink, (0.01, 0.01))
    brush.ink(join((m + 15, 54), (m + 37, 52)), 1.0, ink, (0.01, 0.01))


def trousers(brush: Brush, body: Body) -> None:
    """Straight trousers with a crease."""
    colour = body.spec.second
    legs = []
    for side in (1.0, -1.0):
        spine = body.leg(side)
        draw_shoe(brush, float(spine[-1, 0]), float(spine[-1, 1]), side, colour)
        half = profile(spine, (0, 25), (0.2, 24), (0.5, 18.5), (1, 17.5))
        legs.append((spine, capsule(spine[::-1], half[::-1])))
    m, top = body.shift(body.hip_y), body.shift(body.waist_y)
    hips = curve(
        (top - body.waist, body.waist_y), (m - body.hip - 4, body.hip_y), (m - body.hip, 205),
        (m, 192), (m + body.hip, 205), (m + body.hip + 4, body.hip_y),
        (top + body.waist, body.waist_y),
    )  # fmt: skip
    brush.outline([*(shape for _, shape in legs), hips], colour=line(colour))
    for spine, shape in legs:
        brush.fill(shape, colour)
        brush.crescent(shape, np.asarray(brush.light) * 10, shadow(colour))
        brush.ink(spine[20:], 1.1, shadow(colour, 1.4), (0.3, 0.3))
    brush.fill(hips, colour)
    _seat(brush, body, hips)


def _seat(brush: Brush, body: Body, hips: Points) -> None:
    """Shadow, fly and creases of trousers."""
    colour, x, hip = body.spec.second, body.shift(body.hip_y), body.hip
    with brush.within(hips):
        side = curve((x + hip * 0.9, 120), (x + hip * 0.72, 165), (x + hip * 0.8, 215))
        brush.fill(join(side, (x + 80, 220), (x + 80, 120)), shadow(colour))
        brush.fill(ellipse(x, body.waist_y + 22, 60, 11), shadow(colour))
    fly = curve((x + 2, body.hip_y - 14), (x + 4, 180), (x, 197))
    brush.ink(fly, 1.4, line(colour), (0.2, 0.1))
    creases = (
        curve((x - 3, 195), (x - 14, 191), (x - 26, 193)),
        curve((x + 2, 193), (x + 14, 187), (x + 28, 188)),
        curve((x + 3, 184), (x + 14, 176), (x + 24, 174)),
    )
    for crease in creases:
        brush.ink(crease, 1.6, shadow(colour, 1.5), (0.05, 0.9))


def dress(brush: Brush, body: Body) -> None:
    """A sleeveless summer dress with a ribbon around the waist and a skirt that flutters."""
    flared_skirt(brush, body, body.waist_y - 8, 150, body.spec.cloth)
    dress_top(brush, body)


def dress_top(brush: Brush, body: Body) -> None:
    """The upper part of a summer dress with its ribbon."""
    spec = body.spec
    white = spec.cloth
    top_y = body.waist_y - 8
    bodice = _bodice(body, top_y + 4)
    brush.outline([bodice], colour=line(white))
    brush.fill(bodice, white)
    torso_shade(brush, body, bodice, white)
    m = body.middle(20)
    frill = curve(
        (-body.shoulder + 14, 22), (m - 14, 33), (m, 30), (m + 14, 33), (body.shoulder - 14, 22)
    )
    brush.ink(frill + np.array([0.0, 4.0]), 1.2, line(white), (0.05, 0.05))
    w, sh = body.waist + 3, body.shift(top_y)
    sash = join(
        curve((-w + sh, top_y - 4), (sh, top_y), (w + sh, top_y - 4)),
        curve((w + sh + 1, top_y + 6), (sh, top_y + 10), (-w + sh - 1, top_y + 6)),
    )
    brush.cel(sash, spec.second, depth=4)
    bow(brush, sh + w * 0.55, top_y + 3, 0.5, spec.second, wind=spec.wind, tails=58)


def _bodice(body: Body, hem: float) -> Points:
    s, w, m = body.shoulder, body.waist, body.middle(20)
    right = [(s - 13, -2), (s - 8, 10), (s - 7, 36), (s - 3, 56), (s - 9, 80), (w + 2, hem)]
    strap = [(s - 13.0, -2.0), (s - 20.0, 0.0), (s - 19, 20)]
    one = curve(*[(x + body.shift(y), y) for x, y in right])
    two = curve(*[(-x + body.shift(y), y) for x, y in right])
    neck_r, neck_l = curve(*strap), curve(*[(-x, y) for x, y in strap])
    neck = curve((-s + 19, 20), (m - 12, 29), (m, 26), (m + 12, 29), (s - 19, 20))
    return join(two[::-1], neck_l, neck, neck_r[::-1], one)
