"""Weapons in a hand: sword, great sword, staff, spear, scythe, gun, shield. Frame of the hand.

A rod in the fist lies along y at `GRIP`; `up` is the sign of y towards the thumb.
Not covered: peaceful things (`belongings`, `held`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import Colour, glow, line, mix, rgb, shadow
from kirinuki_draw.strokes.curves import Points, curve, ellipse, flow, join, profile, tube

GRIP = 19.5
"""x at which a rod lies in a fist."""
_STEEL, _GOLD, _WOOD, _LEATHER = (rgb(c) for c in ("#c9d3e0", "#e9c46a", "#8a5a3c", "#5b3a2e"))


def rod(x: float, low: float, high: float, half: float, up: float) -> Points:
    """A straight bar along y, (4, 2)."""
    ys = (up * low, up * low, up * high, up * high)
    return np.array([[x - half, ys[0]], [x + half, ys[1]], [x + half, ys[2]], [x - half, ys[3]]])


def _blade(brush: Brush, up: float, low: float, high: float, half: float) -> None:
    shape = join(
        (GRIP - half, up * low), (GRIP - half, up * (high - 3 * half)), (GRIP, up * high),
        (GRIP + half, up * (high - 3 * half)), (GRIP + half, up * low),
    )  # fmt: skip
    brush.cel(shape, _STEEL, depth=0)
    bright = join((GRIP, up * low), (GRIP, up * high), shape[1], shape[0])
    brush.fill(bright, glow(_STEEL, 0.75))
    brush.ink(np.array([[GRIP, up * low], [GRIP, up * (high - 4 * half)]]), 1.2, line(_STEEL, 0.4))


def sword(brush: Brush, up: float, tone: Colour) -> None:
    """A straight sword with a guard."""
    _blade(brush, up, 16, 205, 6.5)
    brush.cel(rod(GRIP, -22, 16, 3.2, up), _LEATHER, depth=1.5)
    brush.cel(ellipse(GRIP, -up * 25, 5, 5), _GOLD, depth=2)
    guard = curve(
        (GRIP - 26, up * 20), (GRIP - 12, up * 12), (GRIP, up * 11), (GRIP + 12, up * 12),
        (GRIP + 26, up * 20), (GRIP + 12, up * 19), (GRIP, up * 20), (GRIP - 12, up * 19),
        closed=True,
    )  # fmt: skip
    brush.cel(guard, _GOLD, depth=2)
    brush.cel(ellipse(GRIP, up * 15, 4, 4), tone, depth=1)


def katana(brush: Brush, up: float, tone: Colour) -> None:
    """A curved single-edged sword with a wrapped hilt."""
    spine = flow((GRIP, up * 16), up * 90, 215, bend=up * 13, lift=1.2)
    brush.cel(tube(spine, profile(spine, (0, 4.2), (0.9, 4.0), (1, 0.3))), _STEEL, depth=2.5)
    brush.cel(rod(GRIP, -38, 14, 3.6, up), shadow(tone), depth=1.5)
    for y in range(-36, 12, 8):
        cross = np.array([[GRIP - 3.4, up * y], [GRIP + 3.4, up * (y + 7)]])
        brush.ink(cross, 1.6, glow(tone, 0.6), (0.05, 0.05))
    brush.cel(ellipse(GRIP, up * 15, 11, 3.4), _GOLD, depth=1.5)


def great_sword(brush: Brush, up: float, tone: Colour) -> None:
    """A blade as broad as its bearer's arm."""
    _blade(brush, up, 26, 268, 18)
    brush.cel(rod(GRIP, -40, 26, 4, up), _LEATHER, depth=1.5)
    brush.cel(rod(GRIP, 19, 31, 30, up), mix(_GOLD, tone, 0.4), depth=3)
    brush.cel(ellipse(GRIP, -up * 44, 7, 7), _GOLD, depth=2)


def staff(brush: Brush, up: float, tone: Colour) -> None:
    """A magician's staff: a ring with a stone, or a gnarled head."""
    brush.cel(rod(GRIP, -190, 118, 4, up), _WOOD, depth=2)
    with brush.at(GRIP, up * 140) as head:
        ring = ellipse(0, 0, 27, 27)
        head.cel(tube(np.concatenate([ring, ring[:2]]), 4.5), _GOLD, depth=2)
        head.cel(ellipse(0, 0, 13, 13), tone, depth=4)
        head.fill(ellipse(-4, -5, 3.5, 3), rgb("#ffffff"), 0.9)
        for side in (-1.0, 1.0):
            wing = curve((26, 0), (48, 10), (56, 30), (36, 16), (24, 12), closed=True)
            wing = wing * [side, up]
            head.cel(wing, glow(_GOLD, 0.5), depth=3)


def spear(brush: Brush, up: float, tone: Colour) -> None:
    """A long shaft with a leaf blade and a tassel."""
    brush.cel(rod(GRIP, -175, 175, 3.2, up), mix(_WOOD, tone, 0.3), depth=1.5)
    head = join(
        (GRIP - 4, up * 172), (GRIP - 12, up * 190), (GRIP, up * 236), (GRIP + 12, up * 190),
        (GRIP + 4, up * 172),
    )  # fmt: skip
    brush.cel(head, _STEEL, depth=4)
    brush.ink(np.array([[GRIP, up * 178], [GRIP, up * 226]]), 1.2, line(_STEEL))
    for x in (-9, -3, 4, 10):
        hair = curve((GRIP, up * 170), (GRIP + x, up * 156), (GRIP + x * 1.4, up * 138))
        brush.ink(hair, 5, tone, (0.1, 0.6))


def scythe(brush: Brush, up: float, tone: Colour) -> None:
    """A long handle with a blade that sweeps aside."""
    brush.cel(rod(GRIP, -170, 160, 4, up), mix(_WOOD, rgb("#2a2230"), 0.6), depth=2)
    outer = curve((GRIP - 8, up * 158), (GRIP + 60, up * 176), (GRIP + 120, up * 140),
                  (GRIP + 150, up * 84))  # fmt: skip
    inner = curve((GRIP + 150, up * 84), (GRIP + 108, up * 124), (GRIP + 56, up * 148),
                  (GRIP - 8, up * 138))  # fmt: skip
    brush.cel(join(outer, inner), mix(_STEEL, tone, 0.15), depth=6)
    brush.cel(rod(GRIP, 134, 164, 7, up), _GOLD, depth=2)


def gun(brush: Brush, up: float, tone: Colour) -> None:
    """A rifle that points along the arm."""
    dark = mix(rgb("#39404c"), tone, 0.25)
    stock = curve(
        (4, up * -4), (-12, up * 2), (-46, up * -12), (-50, up * 14), (-14, up * 20), (10, up * 22),
        closed=True, steps=5,
    )  # fmt: skip
    brush.cel(stock, _WOOD, depth=3)
    body = join((-14, up * 6), (-10, up * 26), (76, up * 26), (80, up * 8))
    brush.cel(body, dark, depth=4)
    brush.cel(join((78, up * 12), (78, up * 20), (150, up * 19), (150, up * 13)), dark, depth=2)
    magazine = join((34, up * 8), (54, up * 8), (62, -up * 26), (44, -up * 28))
    brush.cel(magazine, shadow(dark), depth=3)
    brush.cel(join((8, up * 28), (8, up * 36), (50, up * 36), (50, up * 28)), dark, depth=2)
    brush.cel(join((14, up * 8), (26, up * 8), (24, -up * 22), (12, -up * 20)), dark, depth=2)


def pistol(brush: Brush, up: float, tone: Colour) -> None:
    """A handgun that points along the arm."""
    dark = mix(rgb("#3d434f"), tone, 0.2)
    brush.cel(join((12, -up * 16), (26, -up * 16), (30, up * 16), (14, up * 16)), dark, depth=2)
    brush.cel(join((8, up * 12), (8, up * 26), (68, up * 26), (68, up * 14)), dark, depth=3)
    brush.ink(np.array([[10, up * 20], [66, up * 20]]), 1.2, glow(dark, 0.4))


def shield(brush: Brush, tone: Colour) -> None:
    """A kite shield before the fist."""
    outer = curve(
        (8, -58), (40, -52), (66, -34), (78, 0), (66, 34), (40, 52), (8, 58), (-34, 48),
        (-78, 18), (-92, 0), (-78, -18), (-34, -48), closed=True, steps=6,
    )  # fmt: skip
    brush.cel(outer, _STEEL, depth=6, rim=3)
    core = outer.mean(axis=0)
    brush.cel(core + (outer - core) * 0.82, tone, depth=8)
    for half in (
        join((-76, -5), (64, -5), (64, 5), (-76, 5)),
        join((14, -46), (26, -46), (26, 46), (14, 46)),
    ):
        brush.cel(half, _GOLD, depth=2)
    brush.cel(ellipse(20, 0, 11, 11), _GOLD, depth=3)
