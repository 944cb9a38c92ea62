"""Scarves, long ribbons and large bows that fly out. Frame of the body; bows anywhere.

Not covered: the small bow with its tails (`clothes.bow`).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import Colour, line, mix, shadow
from kirinuki_draw.strokes.curves import Points, along, curve, flow, join, sides, tube


def streamer(
    brush: Brush,
    root: tuple[float, float],
    length: float,
    width: float,
    colour: Colour,
    *,
    wind: float,
    updraft: float,
    rng: np.random.Generator,
) -> None:
    """A long ribbon that twists: its back is darker than its front."""
    side = 1.0 if wind >= 0 else -1.0
    spine = flow(
        root,
        90 + brush.fall - side * rng.uniform(5, 50),
        length,
        bend=-side * (abs(wind) * 40 + updraft * 60) + rng.uniform(-25, 25),
        wave=rng.uniform(20, 50),
        turns=rng.uniform(1.1, 2.2),
        phase=rng.uniform(0, 1),
        lift=0.7,
        steps=64,
    )
    t = along(spine)
    twist = np.cos(2 * np.pi * (rng.uniform(0.5, 1.6) * t + rng.uniform(0, 0.2)))
    half = width / 2 * np.where(np.abs(twist) < 0.28, 0.28 * np.sign(twist + 1e-9), twist)
    half = half * np.minimum(1, 0.5 + 2 * t)
    _paint(brush, spine, half, colour)


def _paint(brush: Brush, spine: Points, half: Points, colour: Colour) -> None:
    whole = tube(spine, half)
    brush.outline([whole], colour=line(colour))
    cuts = [0, *(np.flatnonzero(np.diff(np.sign(half))) + 1).tolist(), len(spine)]
    for a, b in pairwise(cuts):
        piece = slice(max(a - 1, 0), b)
        if b - piece.start < 2:
            continue
        tone = colour if half[(a + b) // 2] > 0 else mix(shadow(colour), line(colour), 0.15)
        shape = tube(spine[piece], half[piece])
        brush.fill(shape, tone)
        brush.crescent(shape, np.asarray(brush.light) * 2.5, shadow(tone))


def scarf_ends(
    brush: Brush, length: float, colour: Colour, *, wind: float, updraft: float, seed: int
) -> None:
    """The two ends of a scarf that fly from the nape; behind the body."""
    rng = np.random.default_rng((seed, 24))
    for part in (1.0, 0.75):
        streamer(
            brush,
            (12.0 * (1 if wind >= 0 else -1), -4.0),
            length * part,
            rng.uniform(26, 38),
            mix(colour, shadow(colour), 0.5 if part < 1 else 0.0),
            wind=wind or 0.3,
            updraft=updraft,
            rng=rng,
        )


def scarf_wrap(brush: Brush, colour: Colour) -> None:
    """The rolls of a scarf around the neck; over clothes, under the chin."""
    for y, wide, deep in ((4.0, 37.0, 13.0), (-9.0, 32.0, 12.0)):
        roll = curve(
            (-wide, y - 7), (-wide * 0.5, y + deep * 0.55), (0, y + deep),
            (wide * 0.5, y + deep * 0.6), (wide, y - 7), (wide * 0.92, y - 16), (0, y - 7),
            (-wide * 0.92, y - 16), closed=True,
        )  # fmt: skip
        brush.cel(roll, colour, depth=5)
        for x in (-18, -2, 15):
            fold = curve((x - 9, y + 1), (x, y + deep - 8), (x + 9, y + deep - 7))
            brush.ink(fold, 1.3, line(colour), (0.2, 0.8))


def big_bow(
    brush: Brush, x: float, y: float, size: float, colour: Colour, *, wind: float, seed: int
) -> None:
    """A bow as large as a head at `size` 1: two stiff loops and two broad tails."""
    bow_tails(brush, x, y, size, colour, wind=wind, seed=seed)
    bow_loops(brush, x, y, size, colour, seed=seed)


def bow_tails(
    brush: Brush, x: float, y: float, size: float, colour: Colour, *, wind: float, seed: int
) -> None:
    """The two tails of a large bow; what they would hide comes after them."""
    rng = np.random.default_rng((seed, 25))
    with brush.at(x, y, 0, size) as local:
        for side in (-1.0, 1.0):
            tail = flow(
                (side * 6, 4), 90 - side * 34, rng.uniform(75, 170), bend=side * 22 - wind * 40,
                wave=14, turns=1.0, phase=rng.uniform(0, 1),
            )  # fmt: skip
            one, two = sides(tail, 7 + 15 * along(tail))
            band = join(one, tail[-6], two[::-1])
            local.cel(band, colour, depth=5)
            local.ink(tail[3:26], 1.6, shadow(colour), (0.2, 0.8))


def bow_loops(brush: Brush, x: float, y: float, size: float, colour: Colour, *, seed: int) -> None:
    """The loops and the knot of a large bow."""
    rng = np.random.default_rng((seed, 27))
    droop = rng.uniform(-10, 14)
    with brush.at(x, y, rng.uniform(-10, 10), size) as local:
        for side in (-1.0, 1.0):
            outer = curve(
                (side * 3, -6), (side * 30, -40 + droop * 0.3), (side * 66, -46 + droop),
                (side * 78, -8 + droop), (side * 64, 30 + droop), (side * 28, 20), (side * 3, 8),
            )  # fmt: skip
            local.cel(outer, colour, depth=8)
            inner = curve(
                (side * 66, -46 + droop), (side * 78, -8 + droop), (side * 64, 30 + droop),
                (side * 58, -6 + droop), closed=True,
            )  # fmt: skip
            with local.within(outer):
                local.fill(inner, mix(shadow(colour), line(colour), 0.3))
            for dy in (-12, 2, 13):
                end = (side * 42, dy + droop / 2)
                fold = curve((side * 6, dy * 0.3), (side * 24, dy * 0.8), end)
                local.ink(fold, 1.7, line(colour), (0.1, 0.9))
        knot = curve((-11, -13), (11, -13), (13, 0), (11, 14), (-11, 14), (-13, 0), closed=True)
        local.cel(knot, colour, depth=4)
