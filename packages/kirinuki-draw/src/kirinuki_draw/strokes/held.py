"""Things in a hand: chooses what to draw, and draws popsicle, sunflower and school bag.

The frame is that of the hand: x towards the finger tips, a rod in the fist lies along y.

Not covered: the hand (`hand`), the other things (`belongings`, `weapons`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kirinuki_draw.strokes import belongings, weapons
from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import Colour, glow, line, mix, rgb, shadow
from kirinuki_draw.strokes.curves import curve, ellipse, join, tube
from kirinuki_draw.strokes.spec import Held

_GRIP = weapons.GRIP

COVERS: frozenset[Held] = frozenset({"shield", "book", "phone"})
"""What lies before the fingers; all else lies in the fist."""

_UPRIGHT: frozenset[Held] = frozenset({"balloon", "umbrella", "closed umbrella"})
"""What stands plumb however the hand is turned."""

_OTHERS: dict[Held, Callable[[Brush, float, Colour], None]] = {
    "sword": weapons.sword,
    "katana": weapons.katana,
    "great sword": weapons.great_sword,
    "staff": weapons.staff,
    "spear": weapons.spear,
    "scythe": weapons.scythe,
    "gun": weapons.gun,
    "pistol": weapons.pistol,
    "umbrella": belongings.umbrella,
    "closed umbrella": belongings.closed_umbrella,
    "book": belongings.book,
    "open book": belongings.open_book,
    "phone": belongings.phone,
    "broom": belongings.broom,
    "guitar": belongings.guitar,
    "fan": belongings.fan,
    "bouquet": belongings.bouquet,
    "flag": belongings.flag,
    "balloon": belongings.balloon,
}


def hold(brush: Brush, held: Held, up: float, tone: Colour) -> None:
    """Draw what is held in the colour `tone`, where it has none of its own.

    `up` is the sign of y towards the thumb, where a rod sticks out.
    """
    if held == "popsicle":
        _popsicle(brush, up)
    elif held == "sunflower":
        _sunflower(brush, up)
    elif held == "bag":
        _bag(brush)
    elif held == "shield":
        weapons.shield(brush, tone)
    elif held in _UPRIGHT:
        with brush.at(_GRIP, 0, brush.upright) as local, local.at(-_GRIP, 0) as plumb:
            _OTHERS[held](plumb, -1.0, tone)
    elif held != "nothing":
        _OTHERS[held](brush, up, tone)


def _popsicle(brush: Brush, up: float) -> None:
    wood, ice = rgb("#e3b77d"), rgb("#7fd0ee")
    stick = join(
        (_GRIP - 2.4, -up * 15),
        (_GRIP + 2.4, -up * 15),
        (_GRIP + 2.4, up * 26),
        (_GRIP - 2.4, up * 26),
    )
    brush.cel(stick, wood, depth=1.5)
    x, low, high = _GRIP, up * 21, up * 66
    block = curve(
        (x - 11, low), (x + 11, low), (x + 12, up * 30), (x + 12, up * 54), (x + 8, high),
        (x - 1, high), (x - 4, up * 59), (x - 9, up * 60), (x - 12, up * 54), (x - 12, up * 30),
        closed=True, steps=6,
    )  # fmt: skip
    brush.outline([block], colour=line(ice))
    brush.fill(
        block, Ramp((x, low), (x, high), (glow(ice, 0.55), ice, mix(ice, rgb("#3f9fe0"), 0.5)))
    )
    brush.crescent(block, np.asarray(brush.light) * 4.5, shadow(ice, 0.7))
    for dx in (-4.5, 4.0):
        groove = curve((x + dx, up * 28), (x + dx, up * 52))
        brush.ink(groove, 2.2, shadow(ice, 0.6), (0.1, 0.1), 0.8)
    brush.ink(curve((x - 8.5, up * 29), (x - 8.5, up * 48)), 2.0, rgb("#ffffff"), alpha=0.9)


def _sunflower(brush: Brush, up: float) -> None:
    green, gold, seed = rgb("#5b9a4b"), rgb("#ffc93a"), rgb("#7a4a26")
    stem = curve((_GRIP - 3, -up * 62), (_GRIP, -up * 20), (_GRIP, up * 20), (_GRIP + 5, up * 62))
    brush.cel(tube(stem, 2.6), green, depth=1.5)
    for y, out in ((-40.0, -1.0), (34.0, 1.0)):
        base = (_GRIP, up * y)
        leaf = join(
            curve(base, (_GRIP + out * 13, up * (y + 14)), (_GRIP + out * 28, up * (y + 13))),
            curve((_GRIP + out * 28, up * (y + 13)), (_GRIP + out * 16, up * (y + 1)), base),
        )
        brush.cel(leaf, green, depth=3)
        vein = curve(base, (_GRIP + out * 14, up * (y + 8)), (_GRIP + out * 26, up * (y + 12.5)))
        brush.ink(vein, 1.0, shadow(green))
    with brush.at(_GRIP + 6, up * 68) as flower:
        for ring, count, tone in ((29.0, 15, shadow(gold, 0.55)), (26.0, 14, gold)):
            for i in range(count):
                turn = 360 / count * (i + ring * 0.11)
                with flower.at(0, 0, turn) as local:
                    petal = curve(
                        (6, -4),
                        (ring * 0.6, -5.6),
                        (ring, 0),
                        (ring * 0.6, 5.6),
                        (6, 4),
                        closed=True,
                    )
                    local.cel(petal, tone, depth=1.8, edge=0.8)
                    local.ink(curve((10, 0), (ring * 0.8, 0)), 0.8, shadow(gold))
        flower.cel(ellipse(0, 0, 13.5, 13.5), seed, depth=4)
        for i in range(46):
            r, a = 12.2 * (i / 46) ** 0.5, 2.399963 * i
            flower.fill(ellipse(r * np.cos(a), r * np.sin(a), 0.9, 0.9), mix(seed, gold, 0.5))


def _bag(brush: Brush) -> None:
    """A leather school bag that hangs from the fist."""
    leather, metal = rgb("#7b4a35"), rgb("#e2c27a")
    handle = curve((36, -20), (24, -15), (_GRIP, -8), (_GRIP, 8), (24, 15), (36, 20))
    brush.cel(tube(handle, 2.6), leather, depth=1.5)
    body = curve(
        (34, -50), (36, -54), (60, -56), (92, -55), (97, -50), (98, 0), (97, 50), (92, 55),
        (60, 56), (36, 54), (34, 50), (33, 0), closed=True, steps=6,
    )  # fmt: skip
    brush.cel(body, leather, depth=7)
    flap = join(curve((34, -50), (60, -54), (67, -44), (70, 0), (67, 44), (60, 54), (34, 50)))
    with brush.within(body):
        brush.fill(flap, glow(leather, 0.12))
    brush.ink(
        curve((60, -55), (67, -44), (70, 0), (67, 44), (60, 55)), 1.6, line(leather), (0.05, 0.05)
    )
    brush.ink(
        curve((57, -52), (64, -42), (66.5, 0), (64, 42), (57, 52)),
        0.8,
        glow(leather, 0.3),
        (0.05, 0.05),
    )
    for y in (-26, 26):
        strap = join((40, y - 3.5), (78, y - 3.5), (80, y), (78, y + 3.5), (40, y + 3.5))
        brush.cel(strap, shadow(leather, 0.4), depth=1.5, edge=0.7)
        brush.cel(
            join((66, y - 4.5), (72, y - 4.5), (72, y + 4.5), (66, y + 4.5)),
            metal,
            depth=1.5,
            edge=0.7,
        )
