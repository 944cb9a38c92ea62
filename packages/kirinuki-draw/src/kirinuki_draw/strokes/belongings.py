"""Peaceful things in a hand: umbrella, book, phone, broom, guitar, fan, bouquet, flag, balloon.

Frame of the hand, see `weapons`. Not covered: popsicle, sunflower and school bag (`held`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import Colour, glow, line, mix, rgb, shadow
from kirinuki_draw.strokes.curves import along, curve, ellipse, flow, join, profile, tube
from kirinuki_draw.strokes.weapons import GRIP, rod

_WOOD, _METAL, _PAPER = rgb("#a9744a"), rgb("#8d93a3"), rgb("#fbf6ea")


def umbrella(brush: Brush, up: float, tone: Colour) -> None:
    """An open umbrella, held up."""
    brush.cel(rod(GRIP, -34, 150, 2.0, up), _METAL, depth=1)
    hook = curve((GRIP, -up * 28), (GRIP, -up * 44), (GRIP + 8, -up * 50), (GRIP + 14, -up * 42))
    brush.cel(tube(hook, 3.2), _WOOD, depth=1)
    ribs = np.linspace(-128, 128, 7)
    under = [(GRIP + x, up * (92 + 8 * (i % 2))) for i, x in enumerate(ribs)]
    dome = curve((GRIP - 128, up * 92), (GRIP - 102, up * 138), (GRIP, up * 172),
                 (GRIP + 102, up * 138), (GRIP + 128, up * 92))  # fmt: skip
    scallops = []
    for one, two in zip(under[::-1], under[-2::-1], strict=False):
        mid = ((one[0] + two[0]) / 2, up * 103)
        scallops.append(curve(one, mid, two)[1:])
    shape = join(dome, *scallops)
    brush.cel(shape, tone, depth=10)
    with brush.within(shape):
        for i, x in enumerate(ribs[1:-1]):
            seam = curve((GRIP, up * 172), (GRIP + x * 0.75, up * 146), (GRIP + x, up * 92))
            brush.ink(seam, 1.4, line(tone), (0.02, 0.02))
            if i % 2:
                far = (GRIP + ribs[i + 2], up * 92.0)
                brush.fill(join(seam, far, (GRIP, up * 172)), glow(tone, 0.4), 0.5)
    brush.cel(rod(GRIP, 170, 184, 1.8, up), _METAL, depth=1)


def closed_umbrella(brush: Brush, up: float, tone: Colour) -> None:
    """A rolled umbrella or parasol that points to the ground."""
    brush.cel(rod(GRIP, -150, 24, 2.0, up), _METAL, depth=1)
    roll = curve((GRIP - 3, -up * 138), (GRIP - 13, -up * 52), (GRIP - 5, -up * 26),
                 (GRIP + 5, -up * 26), (GRIP + 13, -up * 52), (GRIP + 3, -up * 138),
                 closed=True)  # fmt: skip
    brush.cel(roll, tone, depth=4)
    brush.ink(curve((GRIP + 6, -up * 36), (GRIP - 2, -up * 80), (GRIP, -up * 132)), 1.4, line(tone))
    hook = curve((GRIP, up * 20), (GRIP, up * 34), (GRIP + 9, up * 40), (GRIP + 15, up * 32))
    brush.cel(tube(hook, 3.4), _WOOD, depth=1)


def book(brush: Brush, up: float, tone: Colour) -> None:
    """A closed book under the fingers."""
    cover = join((2, -up * 26), (56, -up * 22), (56, up * 46), (2, up * 42))
    pages = cover + np.array([4.0, up * 4.0])
    brush.cel(pages, _PAPER, depth=3)
    brush.cel(cover, tone, depth=5)
    core = cover.mean(axis=0)
    frame = core + (cover - core) * 0.78
    brush.ink(np.concatenate([frame, frame[:1]]), 1.4, rgb("#f0d28a"), (0.01, 0.01))


def open_book(brush: Brush, up: float, tone: Colour) -> None:
    """A book that lies open on the hand."""
    for side in (-1.0, 1.0):
        page = curve((30, 0), (24, side * 26), (34, side * 58))
        top = curve((84, side * 58), (74, side * 26), (80, 0))
        sheet = join(page, top)
        brush.cel(sheet + np.array([-4.0, side * 3]), tone, depth=3)
        brush.cel(sheet, _PAPER, depth=5)
        for k in range(4):
            x = 40 + 9 * k
            brush.ink(curve((x, side * 12), (x + 2, side * 46)), 1.1, rgb("#9a93a8"), (0.02, 0.3))


def phone(brush: Brush, up: float, tone: Colour) -> None:
    """A smartphone."""
    case = curve((8, -up * 8), (42, -up * 8), (44, -up * 4), (44, up * 46), (42, up * 50),
                 (8, up * 50), (6, up * 46), (6, -up * 4), closed=True, steps=3)  # fmt: skip
    brush.cel(case, mix(tone, rgb("#1f1c28"), 0.5), depth=3)
    brush.fill(ellipse(36, up * 42, 4, 4), rgb("#14121a"))
    brush.fill(ellipse(26, up * 42, 4, 4), rgb("#14121a"))


def broom(brush: Brush, up: float, tone: Colour) -> None:
    """A besom, bristles away from the thumb."""
    straw = rgb("#d9b065")
    brush.cel(rod(GRIP, -130, 165, 3.6, up), _WOOD, depth=1.5)
    for i in range(9):
        u = i / 4 - 1
        blade = flow((GRIP + 5 * u, -up * 122), -up * (90 + 14 * u), 84 - 10 * abs(u),
                     bend=8 * u)  # fmt: skip
        brush.cel(tube(blade, profile(blade, (0, 5), (0.6, 9), (1, 0.6))), straw, depth=3, edge=0.8)
    brush.cel(rod(GRIP, -138, -120, 11, up), tone, depth=2)


def guitar(brush: Brush, up: float, tone: Colour) -> None:
    """An electric guitar, held by its neck."""
    dark = rgb("#4a3024")
    brush.cel(rod(GRIP, -96, 70, 4.2, up), dark, depth=1.5)
    for y in range(-80, 66, 14):
        brush.ink(np.array([[GRIP - 4, up * y], [GRIP + 4, up * y]]), 1.0, _METAL, (0.01, 0.01))
    head = join(
        (GRIP - 5, up * 68), (GRIP - 9, up * 100), (GRIP + 4, up * 106), (GRIP + 8, up * 70)
    )
    brush.cel(head, tone, depth=2)
    body = curve(
        (-14, -70), (-36, -92), (-24, -124), (-46, -160), (-6, -192), (40, -168), (26, -126),
        (34, -84), (14, -76), (0, -92), closed=True,
    ) * [1, up] + [GRIP, 0]  # fmt: skip
    brush.cel(body, tone, depth=7)
    core = body.mean(axis=0)
    brush.fill(core + (body - core) * [0.5, 0.8] + [6, 0], glow(tone, 0.85))
    brush.cel(rod(GRIP, -150, -88, 4.2, up), dark, depth=1)
    for y in (-128, -152):
        brush.cel(rod(GRIP, y - 4, y + 4, 12, up), rgb("#26222e"), depth=1)


def fan(brush: Brush, up: float, tone: Colour) -> None:
    """A folding fan, open."""
    n = 11
    turns = np.deg2rad(np.linspace(-68, 68, n))
    outer = np.stack([GRIP + 86 * np.sin(turns), up * 86 * np.cos(turns)], axis=1)
    inner = np.stack([GRIP + 34 * np.sin(turns), up * 34 * np.cos(turns)], axis=1)
    for i in range(n):
        stick = np.array([[GRIP, -up * 6], inner[i]])
        brush.cel(tube(stick, 1.8), _WOOD, depth=0, edge=0.6)
    leaf = join(outer, inner[::-1])
    brush.cel(leaf, tone, depth=6)
    for i in range(0, n - 1, 2):
        brush.fill(join(outer[i : i + 2], inner[i : i + 2][::-1]), glow(tone, 0.45), 0.7)
    rim = np.stack([GRIP + 78 * np.sin(turns), up * 78 * np.cos(turns)], axis=1)
    brush.ink(rim, 2.0, rgb("#f0d28a"), (0.02, 0.02))


def bouquet(brush: Brush, up: float, tone: Colour) -> None:
    """A dozen flowers in paper."""
    wrap = join((GRIP - 6, -up * 34), (GRIP - 46, up * 40), (GRIP, up * 62), (GRIP + 46, up * 40),
                (GRIP + 6, -up * 34))  # fmt: skip
    places = [(0, 82), (-24, 78), (24, 78), (-40, 60), (40, 60), (-12, 64), (14, 66), (0, 48),
              (-28, 50), (28, 48)]  # fmt: skip
    for k in range(9):
        angle = up * (30 + 15 * k)
        leaf = flow((GRIP, up * 40), angle, 58)
        brush.cel(tube(leaf, profile(leaf, (0, 3), (0.6, 7), (1, 0.3))), rgb("#5b9a4b"), depth=2)
    for i, (x, y) in enumerate(places):
        petal = (tone, glow(tone, 0.5), rgb("#fff6f0"))[i % 3]
        for ring in (15.0, 9.0):
            angles = np.linspace(0, 2 * np.pi, 41)[:-1]
            r = ring * (1 + 0.16 * np.cos(5 * angles + i))
            bloom = np.stack([GRIP + x + r * np.cos(angles), up * y + r * np.sin(angles)], axis=1)
            brush.cel(bloom, petal if ring > 10 else shadow(petal, 0.5), depth=3, edge=0.8)
    brush.cel(wrap, _PAPER, depth=7)
    brush.ink(curve((GRIP, -up * 20), (GRIP - 8, up * 20), (GRIP, up * 60)), 1.4, line(_PAPER, 0.5))


def flag(brush: Brush, up: float, tone: Colour) -> None:
    """A pole with a cloth that waves."""
    brush.cel(rod(GRIP, -130, 215, 3.2, up), _WOOD, depth=1.5)
    top = flow((GRIP, up * 208), 0, 165, wave=26, turns=1.3, phase=0.15, lift=1.0)
    low = top + np.array([0.0, -up * 96])
    low[:, 1] += 10 * np.sin(6 * along(top))
    cloth = join(top, low[::-1])
    brush.cel(cloth, tone, depth=6)
    with brush.within(cloth):
        inward = np.array([0.0, up * 33])
        brush.fill(join(top - inward, (low + inward)[::-1]), glow(tone, 0.75))
        for i in (9, 18, 27):
            brush.ink(curve(top[i], (top[i] + low[i]) / 2 + [5, 0], low[i]), 3.0, shadow(tone))


def balloon(brush: Brush, up: float, tone: Colour) -> None:
    """Three balloons on strings."""
    for x, y, colour in (
        (-36, 176, glow(tone, 0.5)),
        (34, 186, shadow(tone, 0.4)),
        (-2, 222, tone),
    ):
        string = curve((GRIP, -up * 12), (GRIP + x * 0.3, up * 80), (GRIP + x, up * (y - 38)))
        brush.ink(string, 1.3, rgb("#6a6272"), (0.01, 0.01))
        ball = ellipse(GRIP + x, up * y, 33, 40)
        brush.cel(ball, colour, depth=8)
        brush.fill(ellipse(GRIP + x - 12, up * y - 16, 6, 9, 20), rgb("#ffffff"), 0.8)
