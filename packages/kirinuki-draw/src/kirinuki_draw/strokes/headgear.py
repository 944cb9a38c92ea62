"""Hats: a witch's, a wide brim, a cap, a crown, a helmet, a beret, a top hat, a veil.

Frame of the head; `behind` comes before the hair of the back, `over` after all hair. The straw hat
has a file of its own (`hats`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.clothes import bow
from kirinuki_draw.strokes.colour import Colour, glow, line, mix, rgb, shadow
from kirinuki_draw.strokes.curves import Points, curve, ellipse, flow, join, profile, tube
from kirinuki_draw.strokes.face import Head
from kirinuki_draw.strokes.ribbons import big_bow

_GOLD = rgb("#e9c46a")
_STEEL = rgb("#b9c2cf")
_BRIMS = {"witch": (104.0, 24.0), "wide": (118.0, 27.0), "top hat": (70.0, 14.0)}


def behind(brush: Brush, head: Head) -> None:
    """The far side of a brim, or the fall of a veil."""
    parts = head.spec.parts
    tone = mix(shadow(_colour(head)), rgb("#201830"), 0.4)
    if parts.hat in _BRIMS:
        wide, deep = _BRIMS[parts.hat]
        size = parts.size
        brush.cel(ellipse(0, -33, wide * size * 0.98, deep * size, _lean(head)), tone, depth=0)
    elif parts.hat == "veil":
        _veil(brush, head)
    elif parts.hat == "hood":
        brush.cel(_HOOD, shadow(shadow(head.spec.accent)), depth=0)


def over(brush: Brush, head: Head) -> None:
    """The hat itself."""
    draw = {
        "witch": _witch,
        "wide": _wide,
        "cap": _cap,
        "crown": _crown,
        "helmet": _helmet,
        "beret": _beret,
        "top hat": _top_hat,
        "veil": _veil_band,
        "hood": _hood,
    }
    if head.spec.parts.hat != "none":
        draw[head.spec.parts.hat](brush, head)


_HOOD = curve(
    (-56, 62), (-63, 18), (-58, -26), (-36, -60), (0, -76), (36, -60), (58, -26), (63, 18),
    (56, 62), (0, 70), closed=True,
)  # fmt: skip


def _hood(brush: Brush, head: Head) -> None:
    """The hood of a cloak, open at the face."""
    colour = head.spec.accent
    opening = curve(
        (40, 64), (46, 14), (36, -26), (0, -46), (-36, -26), (-46, 14), (-40, 64)
    )  # fmt: skip
    shape = join(_HOOD[:97], opening)
    brush.cel(shape, colour, depth=8)
    brush.ink(opening, 2.2, line(colour), (0.02, 0.02))
    for x in (-1.0, 1.0):
        brush.ink(curve((x * 56, -20), (x * 48, 6), (x * 52, 40)), 1.6, line(colour), (0.1, 0.7))


def _colour(head: Head) -> Colour:
    spec = head.spec
    return spec.second if spec.seed % 2 else spec.accent


def _lean(head: Head) -> float:
    return (-5.0 if head.spec.yaw > 0 else 5.0) * (1 + head.spec.seed % 3) / 2


def _brim(hat: Brush, wide: float, deep: float, droop: float, colour: Colour) -> None:
    """The near side of a brim that hangs a little at both ends."""
    upper = curve(
        (-wide, droop), (-wide * 0.7, -deep * 0.55), (0, -deep * 0.9), (wide * 0.7, -deep * 0.55),
        (wide, droop), (wide * 0.72, deep * 0.85 + droop * 0.3), (0, deep),
        (-wide * 0.72, deep * 0.85 + droop * 0.3), closed=True,
    )  # fmt: skip
    hat.outline([upper], colour=line(colour))
    hat.fill(upper + np.array([0, 3.0]), shadow(shadow(colour)))
    hat.fill(upper, colour)
    with hat.within(upper):
        hat.crescent(upper, np.asarray(hat.light) * 9, shadow(colour))
        hat.fill(ellipse(8, 1, wide * 0.56, deep * 0.62), shadow(colour), 0.8)


def _band(hat: Brush, low: float, high: float, wide: float, colour: Colour) -> None:
    band = join(
        curve((-wide, low), (0, low + 9), (wide, low)),
        curve((wide, high), (0, high + 9), (-wide, high)),
    )
    hat.fill(band, colour)
    hat.crescent(band, np.asarray(hat.light) * 6, shadow(colour))
    hat.ink(curve((-wide, high), (0, high + 9), (wide, high)), 1.1, line(colour), (0.02, 0.02))
    hat.ink(curve((-wide, low), (0, low + 9), (wide, low)), 1.1, line(colour), (0.02, 0.02))


def _witch(brush: Brush, head: Head) -> None:
    spec, colour = head.spec, _colour(head)
    rng = np.random.default_rng((spec.seed, 31))
    size, bend = spec.parts.size, rng.uniform(-70, 70)
    with brush.at(0, -37, _lean(head), size) as hat:
        cone = flow((0, -4), -90, rng.uniform(110, 165), bend=bend, lift=1.8)
        half = profile(cone, (0, 46), (0.3, 30), (0.7, 13), (1, 1.5))
        shape = tube(cone, half)
        hat.outline([shape], colour=line(colour))
        _brim(hat, 105, 24, rng.uniform(-6, 12), colour)
        hat.fill(shape, colour)
        with hat.within(shape):
            hat.crescent(shape, np.asarray(hat.light) * 12, shadow(colour))
            _band(hat, -2, -19, 52, spec.accent if colour == spec.second else spec.second)
            for y in (-34, -60, -84):
                fold = curve((-30, y - 6), (-4, y + 2), (18, y - 5))
                hat.ink(fold, 2.2, shadow(shadow(colour)), (0.1, 0.8))
        if rng.uniform() < 0.4:
            bow(hat, 30, -8, 0.7, _GOLD, wind=spec.wind, tails=50)


def _wide(brush: Brush, head: Head) -> None:
    spec, colour = head.spec, _colour(head)
    rng = np.random.default_rng((spec.seed, 31))
    pale = mix(colour, rgb("#fff7e6"), rng.uniform(0.2, 0.9))
    with brush.at(0, -37, _lean(head) * 1.5, spec.parts.size) as hat:
        crown = curve(
            (-45, 2), (-46, -24), (-34, -48), (0, -55), (34, -48), (46, -24), (45, 2), (0, 9),
            closed=True,
        )  # fmt: skip
        hat.outline([crown], colour=line(pale))
        _brim(hat, 119, 27, rng.uniform(-8, 20), pale)
        hat.cel(crown, pale, depth=11)
        with hat.within(crown):
            _band(hat, 0, -18, 50, colour)
    if rng.uniform() < 0.6:
        big_bow(brush, 42 * float(rng.choice([-1, 1])), -48, 0.45, spec.accent, wind=spec.wind,
                seed=spec.seed)  # fmt: skip


def _cap(brush: Brush, head: Head) -> None:
    spec, colour, s = head.spec, _colour(head), head.sign
    with brush.at(0, -18, _lean(head) * 0.6, 1.03) as hat:
        dome = curve(
            (-46, 2), (-48, -22), (-33, -46), (0, -54), (33, -46), (48, -22), (46, 2), (0, -8),
            closed=True,
        )  # fmt: skip
        hat.cel(dome, colour, depth=9)
        with hat.within(dome):
            for x in (-24.0, 24.0):
                seam = curve((0, -54), (x, -40), (x * 1.5, 0))
                hat.ink(seam, 1.1, line(colour, 0.5), (0.05, 0.05))
        hat.cel(ellipse(0, -54, 5, 3), glow(colour, 0.3), depth=1)
        x = s * 14 * head.turn
        visor = curve(
            (-40 + x * 0.6, -2), (-30 + x, -12), (x, -16), (30 + x, -12), (40 + x * 0.6, -2),
            (44 + x * 1.9, 10), (x * 2.3, 6), (-44 + x * 1.9, 10), closed=True,
        )  # fmt: skip
        hat.cel(visor, mix(colour, spec.accent, 0.4), depth=4)
        hat.cel(ellipse(x * 0.9, -29, 9, 9), glow(colour, 0.75), depth=2)


def _crown(brush: Brush, head: Head) -> None:
    rng = np.random.default_rng((head.spec.seed, 31))
    tall, n = rng.uniform(26, 52), int(rng.integers(2, 4)) * 2 + 1
    with brush.at(head.x(0, 4), -47, _lean(head), rng.uniform(0.7, 1.05)) as hat:
        back = ellipse(0, -8, 40, 8)
        hat.cel(back, shadow(_GOLD), depth=0)
        xs = np.linspace(-42, 42, 2 * n + 1)
        ys = np.where(np.arange(2 * n + 1) % 2 == 1, -tall, -tall * 0.42)
        ys = ys + 7 * (1 - (xs / 42) ** 2)
        shape = join(np.stack([xs, ys], axis=1), curve((40, 4), (0, 13), (-40, 4)))
        hat.cel(shape, _GOLD, depth=6)
        for x, y in zip(xs[1::2], ys[1::2], strict=True):
            hat.cel(ellipse(float(x), float(y), 3.6, 3.6), glow(_GOLD, 0.5), depth=1)
        for x in (-22, 0, 22):
            hat.cel(ellipse(x, 4, 4.5, 5.5), head.spec.accent, depth=2)
        hat.ink(curve((-40, -5), (0, 3), (40, -5)), 1.2, line(_GOLD), (0.02, 0.02))


def _helmet(brush: Brush, head: Head) -> None:
    spec = head.spec
    rng = np.random.default_rng((spec.seed, 31))
    metal = mix(_STEEL, spec.accent, rng.uniform(0, 0.4))
    kind = int(rng.integers(3))
    if kind == 0:  # a plume
        for k in range(7):
            plume = flow((0, -66), -100 + 6 * k, rng.uniform(80, 130), bend=-spec.wind * 20 +
                         (110 if spec.wind >= 0 else -110), lift=0.8)  # fmt: skip
            brush.cel(tube(plume, profile(plume, (0, 4), (0.5, 11), (1, 0.5))), spec.accent,
                      depth=3)  # fmt: skip
    elif kind == 1:  # horns
        for side in (-1.0, 1.0):
            horn = flow((side * 44, -34), -90 + side * 75, 92, bend=-side * 95, lift=0.7)
            brush.cel(tube(horn, profile(horn, (0, 13), (1, 0.5))), rgb("#efe3c4"), depth=4)
    dome = curve(
        (-50, 8), (-53, -22), (-40, -54), (0, -70), (40, -54), (53, -22), (50, 8),
        (44, -8), (26, -20), (0, -25), (-26, -20), (-44, -8), closed=True,
    )  # fmt: skip
    for side in (-1.0, 1.0):
        cheek = curve((side * 38, -6), (side * 52, 2), (side * 48, 30), (side * 34, 42),
                      (side * 33, 16), closed=True)  # fmt: skip
        brush.cel(cheek, metal, depth=5)
    brush.cel(dome, metal, depth=9, rim=3)
    ridge = curve((head.x(0, 7), -25), (head.x(0, 6), -48), (0, -70))
    brush.cel(tube(ridge, 4.0), _GOLD, depth=2)
    brush.cel(ellipse(head.x(0, 7), -25, 7, 8), spec.accent, depth=2)
    if kind == 2:  # small wings
        for side in (-1.0, 1.0):
            for i in range(4):
                base = (side * 47, -18 - 4 * i)
                feather = flow(base, -90 + side * (52 - 15 * i), 62 - 9 * i, bend=-side * 30)
                half = profile(feather, (0, 4), (0.6, 7), (1, 0.5))
                brush.cel(tube(feather, half), rgb("#f4f1ea"), depth=2)


def _beret(brush: Brush, head: Head) -> None:
    colour, side = _colour(head), -head.sign
    with brush.at(side * 6, -44, side * 13, 1.05) as hat:
        disc = curve(
            (-48, 4), (-58, -10), (-40, -28), (0, -34), (40, -28), (58, -8), (46, 6), (0, 1),
            closed=True,
        )  # fmt: skip
        hat.cel(disc, colour, depth=8)
        hat.cel(curve((-2, -33), (0, -43), (5, -44), (4, -33)), colour, depth=1)
        hat.ink(curve((-44, 3), (0, -3), (44, 4)), 2.0, line(colour), (0.1, 0.1))


def _top_hat(brush: Brush, head: Head) -> None:
    spec, colour = head.spec, mix(_colour(head), rgb("#221d2a"), 0.7)
    rng = np.random.default_rng((spec.seed, 31))
    small = rng.uniform() < 0.4
    x, size = (head.x(-20, -14), 0.42) if small else (0.0, 0.92)
    with brush.at(x, -44 if small else -38, _lean(head) * (3 if small else 1), size) as hat:
        tall = rng.uniform(55, 88)
        pipe = join(
            curve((-42, 2), (-39, -tall * 0.5), (-45, -tall)),
            curve((-45, -tall), (0, -tall - 9), (45, -tall)),
            curve((45, -tall), (39, -tall * 0.5), (42, 2)),
        )
        hat.outline([pipe], colour=line(colour))
        _brim(hat, 70, 14, -7, colour)
        hat.cel(pipe, colour, depth=10)
        with hat.within(pipe):
            _band(hat, 0, -18, 48, spec.accent)


def _veil_shape(head: Head) -> Points:
    w = head.spec.wind
    low = 150 * head.spec.parts.size
    return curve(
        (-48, -12), (-42, -48), (0, -66), (42, -48), (48, -12), (58 + w * 18, low * 0.5),
        (74 + w * 60, low), (w * 66, low + 9), (-74 + w * 60, low), (-58 + w * 18, low * 0.5),
        closed=True,
    )  # fmt: skip


def _veil(brush: Brush, head: Head) -> None:
    """A cloth over the back of the head: a nun's, or a bride's that lets the picture through."""
    spec = head.spec
    bride = spec.seed % 2 == 0
    colour = rgb("#fbf8ff") if bride else mix(spec.second, rgb("#1d1a26"), 0.6)
    shape = _veil_shape(head)
    with brush.layer(0.62 if bride else 1.0):
        brush.cel(shape, colour, depth=9)
        with brush.within(shape):
            for u in (-0.6, -0.25, 0.15, 0.5):
                fold = curve(
                    (u * 50, 10), (u * 80 + spec.wind * 20, 70), (u * 110 + spec.wind * 58, 160)
                )
                brush.ink(fold, 2.4, shadow(colour), (0.4, 0.05))


def _veil_band(brush: Brush, head: Head) -> None:
    spec = head.spec
    bride = spec.seed % 2 == 0
    colour = rgb("#fbf8ff") if bride else mix(spec.second, rgb("#1d1a26"), 0.6)
    band = join(
        curve((-50, -4), (-46, -34), (-28, -57), (0, -66), (28, -57), (46, -34), (50, -4)),
        curve((44, -8), (33, -32), (0, -45), (-33, -32), (-44, -8)),
    )
    brush.cel(band, colour, depth=5)
    if bride:
        for i in range(9):
            a = np.deg2rad(200 + 17.5 * i)
            x, y = 42 * np.cos(a), -6 + 46 * np.sin(a)
            brush.cel(ellipse(x, y, 6, 6), glow(spec.accent, 0.4), depth=2, edge=0.8)
