"""A head seen from the side. Frame of the head; drawn looking right and mirrored.

Not covered: the hair that hangs behind it (`hair`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kirinuki_draw.strokes import adornment, extras, hats, portrait
from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import line, mix, rgb, skin_line, skin_shadow
from kirinuki_draw.strokes.curves import Points, curve, flow, join
from kirinuki_draw.strokes.face import EYE_LINE, Eye, Head
from kirinuki_draw.strokes.locks import Lock, Tint, fill_locks, lock, outline_locks, paint_locks


def draw_profile(brush: Brush, head: Head) -> None:
    """Face, hair and hat of a head that looks to one side."""
    spec = head.spec
    sign = head.sign
    head = Head(replace(spec, parts=replace(spec.parts, glasses="none"), yaw=0.0))
    with brush.warped((0.0, 0.0), (sign, 0.0), (0.0, 1.0)) as local:
        _face(local, head)
        _hair(local, Head(replace(head.spec, wind=spec.wind * sign)))
    adornment.under_fringe(brush, head)
    if "cat ears" in spec.extras:
        extras.cat_ears(brush, head)
    if "straw hat" in spec.extras:
        hats.straw_hat(brush, portrait.hat_tilt(spec), spec.second, spec.wind)
    adornment.over_head(brush, head)


def _outline(girl: bool) -> Points:
    """The line from the forehead over nose and chin to the ear, closed over the skull."""
    front = curve(
        (33, -32), (37.5, -14), (37.5, 2), (36.5, 10), (40, 18), (44.5, 24.5), (40.5, 28),
        (38.5, 31), (40, 34), (37.5, 36.6), (38.8, 39.5), (36.5, 43), (36.5, 47), (31, 51),
        (22, 49.5), (4, 40), (-6, 26), (-8, 8), steps=6,
    )  # fmt: skip
    if not girl:
        front = front * np.array([1.0, 1.02])
    return join(front, (-10, -30), (10, -49), (24, -45))


def _face(brush: Brush, head: Head) -> None:
    spec = head.spec
    skin, dark, ink = spec.skin, skin_shadow(spec.skin), skin_line(spec.skin)
    face = _outline(spec.girl)
    brush.outline([face], colour=ink)
    brush.fill(face, Ramp((0, -20), (0, 50), (skin, skin, mix(skin, dark, 0.2))))
    brush.crescent(face, np.asarray(brush.light) * 4, dark)
    with brush.within(face):
        brush.spot(18, 29, 12, rgb("#ff6f6a"), 0.42 if spec.girl else 0.2)
        brush.fill(curve((40, -30), (34, -8), (16, -6), (-4, 2), (-10, -40), closed=True), dark)
    with brush.at(23.5, EYE_LINE) as local, brush.within(face):
        Eye(local, spec, -1.0, 0.62, 1.6).draw()
    if spec.mood in ("laugh", "surprised"):
        mouth = curve((40, 34.5), (32, 35), (30, 37), (34, 42), (40, 40), closed=True)
        with brush.within(face):
            brush.fill(mouth, rgb("#a2404a"))
            brush.ink(mouth, 1.0, ink)
    else:
        up = 1.2 if spec.mood in ("smile", "closed") else -0.4
        brush.ink(curve((38.5, 36.8), (34, 37.6), (30, 36.8 - up)), 1.3, ink, (0.1, 0.5))
    brush.ink(curve((41.5, 27.8), (39, 26.6)), 1.0, ink, (0.2, 0.4))
    ear = curve((-9, 3), (-3, 0), (1, 6), (-2, 16), (-7, 20), (-10, 14), closed=True)
    brush.cel(ear, skin, dark=dark, depth=2)
    brush.ink(curve((-6, 5), (-2, 6), (-4, 13)), 0.9, skin_line(skin, 0.6))


def _hair(brush: Brush, head: Head) -> None:
    spec = head.spec
    tint = Tint.of(spec.hair)
    rng = np.random.default_rng((spec.seed, 32))
    ramp = Ramp((0, -58), (0, 60), (tint.base, tint.base, mix(tint.base, tint.dark, 0.25)))
    top = curve(
        (38, -14), (38, -34), (24, -52), (0, -61), (-26, -55), (-44, -34), (-48, -8), (-42, 16),
        (-28, 26), (-12, 20), (-8, 2), (0, -16), (18, -24), closed=True,
    )  # fmt: skip
    behind = [_behind(u, spec.girl, rng) for u in np.linspace(0, 1, 6)]
    bangs = [_bang(x, y, w, rng) for x, y, w in (
        (-2.0, 14.0, 15.0), (6.0, 6.0, 16.0), (43.0, 8.0, 15.0), (36.0, 4.0, 17.0),
        (27.0, 1.0, 17.0), (16.0, 2.0, 17.0),
    )]  # fmt: skip
    long = spec.hair_style not in ("short", "spiky", "bob")
    front = lock(
        flow((0, -22), 92, (84.0 if long else 44.0) if spec.girl else 36.0, bend=-spec.wind * 22,
             wave=8), 14, 0.7, 0.3,
    )  # fmt: skip
    brush.outline([top], 1.2, tint.ink)
    paint_locks(brush, behind, tint, ramp)
    outline_locks(brush, [front, *bangs], tint)
    brush.fill(top, ramp)
    lx, ly = brush.light
    brush.crescent(top, (lx * 8, ly * 8), tint.dark)
    fill_locks(brush, [front, *bangs], tint, ramp, shade=0.36)
    for x in (-34.0, -22.0, -10.0, 4.0):
        stroke = curve((4 + x * 0.1, -58), (x, -44), (x * 1.2 - 4, 2))
        brush.ink(stroke, 1.1, tint.dark, (0.4, 0.6))
    shine = curve((-40, -26), (-20, -18), (6, -18), (30, -30))
    with brush.within(top):
        brush.fill(join(shine, (shine + np.array([0, 6.5]))[::-1]), tint.light, 0.6)
    brow = curve((16, -3), (25, -7), (34, -5))
    brush.ink(brow, 2.4 if spec.girl else 3.4, line(spec.hair, 0.55), (0.25, 0.6), alpha=0.7)


def _behind(u: float, girl: bool, rng: np.random.Generator) -> Lock:
    """A lock over the back of the head, `u` 0 at the nape to 1 before the ear."""
    spine = flow(
        (-40 + 30 * u, -20 - 12 * u),
        98 - 10 * u,
        (66 if girl else 56) + rng.uniform(-6, 6) - 10 * u,
        bend=-24 + 20 * u,
    )
    return lock(spine, rng.uniform(17, 22), 0.9, 0.4)


def _bang(x: float, y: float, width: float, rng: np.random.Generator) -> Lock:
    root = np.array([10.0 + 0.1 * x, -55.0])
    tip = np.array([x, y + rng.uniform(-3, 3)])
    swing = tip[0] - root[0]
    middle = root + np.array([swing * 0.75, 22.0 + 0.08 * abs(swing)])
    low = np.array([root[0] + swing * 1.08, (middle[1] + tip[1]) / 2 + 3])
    return replace(lock(curve(root, middle, low, tip), width, 0.4, 0.6), ink_from=0.5)
