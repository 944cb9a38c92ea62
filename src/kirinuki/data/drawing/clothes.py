"""What the figures wear: sailor uniform, school shirt, summer dress, bows, straw hat.

The frame is that of the body, see `figure`.

Not covered: the body itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kirinuki.data.drawing.brush import Brush, Ramp
from kirinuki.data.drawing.colour import Colour, glow, line, mix, rgb, shadow
from kirinuki.data.drawing.curves import (
    Points,
    capsule,
    curve,
    ellipse,
    flow,
    join,
    profile,
    sides,
    tube,
)
from kirinuki.data.drawing.figure import Body, draw_neck, draw_shoe, part_of


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


def folds(brush: Brush, strokes: Sequence[Points], colour: Colour, width: float = 3.0) -> None:
    """Creases: a tapered band of shadow with a thin line inside."""
    for stroke in strokes:
        brush.ink(stroke + np.array([0.8, 0.6]), width, shadow(colour), (0.1, 0.85))
        brush.ink(stroke, 1.1, line(colour, 0.5), (0.1, 0.85))


def pleated_skirt(brush: Brush, body: Body, top: float, length: float, colour: Colour) -> None:
    """A pleated skirt that the wind takes along."""
    wind, n = body.spec.wind, 11
    u = np.linspace(-1, 1, 2 * n + 1)
    jitter = np.random.default_rng((body.spec.seed, 7)).uniform(-0.03, 0.03, len(u))
    angle = np.sin((u + jitter) * np.pi / 2 * 0.96)
    flare = body.hip + 27
    blow = wind * 17 * (0.5 + 0.5 * u * np.sign(wind or 1))
    top_x = (body.waist + 3) * angle + body.shift(top)
    hem_x = flare * angle + body.shift(top) + blow
    wave = 3.5 * np.sin(3.2 * u * np.pi + 1.0) * abs(wind)
    step = np.where(np.arange(len(u)) % 2 == 0, -2.2, 2.2)
    hem_y = top + length + 7 * np.cos(u * np.pi / 2) + wave + step - 10 * np.maximum(u * wind, 0)
    def edge(i: int) -> Points:
        bulge = 9.0 * angle[i]
        mid = ((top_x[i] * 0.62 + hem_x[i] * 0.38) + bulge, top + length * 0.36)
        return curve((top_x[i], top + 2 * np.cos(u[i] * np.pi / 2)), mid, (hem_x[i], hem_y[i]))
    hem = np.stack([hem_x, hem_y], axis=1)
    shape = join(edge(0), hem[1:-1], edge(2 * n)[::-1])
    brush.outline([shape], colour=line(colour))
    fill = Ramp((0, top), (0, top + length), (mix(colour, shadow(colour), 0.35), colour))
    brush.fill(shape, fill)
    dark = shadow(colour)
    with brush.within(shape):
        for i in range(1, 2 * n, 2):
            # the narrow face of a pleat turns away from the light
            j = i + 1 if brush.light[0] < 0 else i - 1
            face = join(edge(i), edge(j)[::-1])
            brush.fill(face, dark, 0.9)
        right = join(edge(int(1.55 * n)), (300, top + length + 30), (300, top))
        brush.fill(right, dark, 0.55)
        shade = join(edge(0)[:1], edge(2 * n)[:1], edge(2 * n)[8:9], edge(n)[10:11] + [[0, 3]], edge(0)[8:9])
        brush.fill(shade, dark, 0.8)
    for i in range(1, 2 * n):
        start = 3 if i % 2 else 12
        brush.ink(edge(i)[start:], 1.35 if i % 2 else 0.9, line(colour), (0.7, 0.02))


def sailor(brush: Brush, body: Body) -> None:
    """Torso of a sailor uniform: blouse, collar with two stripes, neckerchief, pleated skirt."""
    spec = body.spec
    white = spec.cloth
    hem = body.waist_y + 13
    pleated_skirt(brush, body, body.waist_y + 4, 104, spec.second)
    top = torso(body, hem, 5)
    arms = [sleeve(body, s, 0.36, 19)[0] for s in (-1, 1) if not _behind(body, s)]
    brush.outline([top, *arms], colour=line(white))
    brush.fill(top, Ramp((0, 0), (0, hem), (white, white, mix(white, shadow(white), 0.3))))
    _torso_shade(brush, body, top, white)


def _behind(body: Body, side: float) -> bool:
    return not body.arm_of(side).front


def _torso_shade(brush: Brush, body: Body, top: Points, colour: Colour) -> None:
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
                under = curve((c - 13, 61), (c, 70), (c + 14, 63), (c + 2, 75), (c - 8, 69), closed=True)
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
        outer = curve((m + side * 1.0, v + 8), (side * (s - 16), 32), (side * (s - 7), 12), (side * (s * 0.60), -1))
        lapel = join(inner, outer, (side * 16.0, -12))
        brush.cel(lapel, colour, depth=4)
        for gap in (3.5, 7.0):
            inset = np.array([m, 8.0]) + (outer[:-10] - np.array([m, 8.0])) * (1 - gap / 46)
            with brush.within(lapel):
                brush.ink(inset, 1.3, spec.cloth, (0.05, 0.05))
    bow(brush, m, v + 4, 0.62, spec.accent, wind=spec.wind, tails=42)


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
            inside = curve((side * 36, -18), (side * 41, -3), (side * 35, 12), (side * 33, -3), closed=True)
            with local.within(loop):
                local.fill(inside, dark)
            for dy in (-7, 1, 7):
                local.ink(curve((side * 3, dy * 0.25), (side * 13, dy * 0.7), (side * 22, dy)), 1.5, ink, (0.1, 0.9))
        knot = curve((-6, -7), (6, -7), (7.5, 0), (6, 8), (-6, 8), (-7.5, 0), closed=True)
        local.cel(knot, colour, depth=3)


def _ribbon(spine: Points, start: float, end: float) -> Points:
    """A band that widens and ends in a swallow tail."""
    half = profile(spine, (0, start), (1, end))
    left, right = sides(spine, half)
    notch = spine[-5]
    return join(left, notch, right[::-1])


def shirt(brush: Brush, body: Body) -> None:
    """A short-sleeved school shirt, its tie, a belt and trousers."""
    spec = body.spec
    white = spec.cloth
    hem = body.waist_y + 26
    trousers(brush, body)
    top = torso(body, hem, 6)
    arms = [sleeve(body, s, 0.42, 21)[0] for s in (-1, 1) if not _behind(body, s)]
    brush.outline([top, *arms], colour=line(white))
    brush.fill(top, Ramp((0, 0), (0, hem), (white, white, mix(white, shadow(white), 0.3))))
    _torso_shade(brush, body, top, white)


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
    tie = curve((m - 4, 26), (m + 4, 26), (m + 3, 36), (m + 8, 84), (m + 1, 96), (m - 7, 84), (m - 3, 36), closed=True)
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
    m = body.shift(body.hip_y)
    hips = curve(
        (-body.waist + body.shift(body.waist_y), body.waist_y), (-body.hip - 4 + m, body.hip_y), (-body.hip + m, 205),
        (m, 192), (body.hip + m, 205), (body.hip + 4 + m, body.hip_y), (body.waist + body.shift(body.waist_y), body.waist_y),
    )  # fmt: skip
    brush.outline([shape for _, shape in legs] + [hips], colour=line(colour))
    for spine, shape in legs:
        brush.fill(shape, colour)
        brush.crescent(shape, np.asarray(brush.light) * 10, shadow(colour))
        brush.ink(spine[20:], 1.1, shadow(colour, 1.4), (0.3, 0.3))
    brush.fill(hips, colour)
    with brush.within(hips):
        brush.fill(join(curve((body.hip * 0.9 + m, 120), (body.hip * 0.72 + m, 165), (body.hip * 0.8 + m, 215)), (80 + m, 220), (80 + m, 120)), shadow(colour))
        brush.fill(ellipse(m, body.waist_y + 22, 60, 11), shadow(colour))
    x = m
    brush.ink(curve((x + 2, body.hip_y - 14), (x + 4, 180), (x, 197)), 1.4, line(colour), (0.2, 0.1))
    creases = (
        curve((x - 3, 195), (x - 14, 191), (x - 26, 193)),
        curve((x + 2, 193), (x + 14, 187), (x + 28, 188)),
        curve((x + 3, 184), (x + 14, 176), (x + 24, 174)),
    )
    for crease in creases:
        brush.ink(crease, 1.6, shadow(colour, 1.5), (0.05, 0.9))


def dress(brush: Brush, body: Body) -> None:
    """A sleeveless summer dress with a ribbon around the waist and a skirt that flutters."""
    spec = body.spec
    white = spec.cloth
    top_y = body.waist_y - 8
    _flared_skirt(brush, body, top_y, 150, white)
    bodice = _bodice(body, top_y + 4)
    brush.outline([bodice], colour=line(white))
    brush.fill(bodice, white)
    _torso_shade(brush, body, bodice, white)
    m = body.middle(20)
    frill = curve((-body.shoulder + 14, 22), (m - 14, 33), (m, 30), (m + 14, 33), (body.shoulder - 14, 22))
    brush.ink(frill + [0, 4], 1.2, line(white), (0.05, 0.05))
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


def _flared_skirt(brush: Brush, body: Body, top: float, length: float, colour: Colour) -> None:
    """A wide skirt in soft folds, blown to one side."""
    wind, n = body.spec.wind, 15
    u = np.linspace(-1, 1, n)
    spread = np.sin(u * np.pi / 2)
    top_x = (body.waist + 2) * spread + body.shift(top)
    hem_x = (body.hip + 46) * spread + body.shift(top) + wind * (22 + 22 * u * np.sign(wind or 1))
    deep = np.where(np.arange(n) % 2 == 0, -7.0, 5.0)
    hem_y = top + length + 9 * np.cos(u * np.pi / 2) + deep - 26 * np.maximum(u * wind, 0)
    hem = curve(*np.stack([hem_x, hem_y], axis=1), steps=8)
    def edge(i: int) -> Points:
        mid = (top_x[i] * 0.5 + hem_x[i] * 0.5 + 11 * spread[i], top + length * 0.42)
        return curve((top_x[i], top), mid, (hem_x[i], hem_y[i]))
    shape = join(edge(0), hem[1:-1], edge(n - 1)[::-1])
    dark = shadow(colour)
    brush.outline([shape], colour=line(colour))
    brush.fill(shape, Ramp((0, top), (0, top + length), (colour, colour, mix(colour, dark, 0.25))))
    with brush.within(shape):
        for i in range(0, n, 2):
            a, b = edge(i), edge(min(i + 1, n - 1))
            t = np.linspace(0, 1, len(a))[:, None]
            brush.fill(join(a, (a + (b - a) * 0.75 * t)[::-1]), dark, 0.85)
        brush.crescent(shape, np.asarray(brush.light) * np.array([22, 4]), dark, 0.7)
    for i in range(1, n - 1):
        part = edge(i)[10:] if i % 2 else edge(i)[:16]
        brush.ink(part, 1.3, line(colour, 0.55), (0.8, 0.02) if i % 2 else (0.02, 0.9))


_STRAW = rgb("#efcb85")


def straw_hat_back(brush: Brush, tilt: float) -> None:
    """The underside of the brim, seen behind the head; frame of the head."""
    brim = ellipse(0, -30, 79, 19, tilt)
    brush.cel(brim, mix(shadow(_STRAW), rgb("#a06a4a"), 0.35), depth=0)


def straw_hat(brush: Brush, tilt: float, ribbon: Colour, wind: float) -> None:
    """Crown, upper side of the brim and ribbon of a straw hat that is pushed back a little."""
    side = -1.0 if tilt < 0 else 1.0
    with brush.at(0, -36, tilt) as hat:
        crown = curve(
            (-43, 0), (-44.5, -20), (-39, -42), (-22, -52), (0, -54), (22, -52), (39, -42), (44.5, -20), (43, 0), (0, 9), closed=True
        )  # fmt: skip
        upper = ellipse(0, 0, 80, 16.5)
        lower = ellipse(0, 3.2, 79, 16.0)
        hat.outline([crown, upper, lower], colour=line(_STRAW))
        hat.fill(lower, mix(shadow(_STRAW), rgb("#a06a4a"), 0.2))
        hat.fill(upper, Ramp((-80, 0), (80, 0), (glow(_STRAW, 0.4), _STRAW, shadow(_STRAW, 0.6))))
        with hat.within(upper):
            for k in (0.93, 0.84, 0.75, 0.66):
                hat.ink(ellipse(0, 0, 80 * k, 16.5 * k), 0.8, shadow(_STRAW), (0.01, 0.01), 0.7)
            hat.fill(ellipse(10, 3, 52, 11), shadow(_STRAW), 0.8)
        hat.fill(crown, Ramp((-40, 0), (44, 0), (glow(_STRAW, 0.35), _STRAW, _STRAW)))
        with hat.within(crown):
            for k in range(1, 8):
                y = -52 + k * 7.5
                hat.ink(curve((-48, y - 4), (0, y + 5), (48, y - 4)), 0.8, shadow(_STRAW), alpha=0.8)
            hat.crescent(crown, np.asarray(hat.light) * 13, shadow(_STRAW))
            band = join(
                curve((-48, -20), (0, -11), (48, -20)), curve((50, -3), (0, 10), (-50, -3))
            )
            hat.fill(band, ribbon)
            hat.crescent(band, np.asarray(hat.light) * 7, shadow(ribbon))
        hat.ink(curve((-44, -19), (0, -11), (44, -19)), 1.1, line(ribbon), (0.05, 0.05))
        hat.ink(curve((-43, -1), (0, 9), (43, -1)), 1.2, line(ribbon), (0.05, 0.05))
        bow(hat, side * 38, -10, 0.55, ribbon, wind=wind, tails=60)


def hat_shade(brush: Brush, tilt: float, on: Points) -> None:
    """The shadow that the brim throws on hair and forehead."""
    with brush.within(on):
        brush.fill(ellipse(4, -24, 62, 17, tilt), rgb("#3a2448"), 0.34)
