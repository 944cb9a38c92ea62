"""Plates over the clothes: shoulders in the frame of the body, gauntlets along a forearm.

Not covered: helmets (`headgear`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import Colour, line, mix, rgb
from kirinuki_draw.strokes.curves import Points, along, capsule, curve, sides
from kirinuki_draw.strokes.parts import ArmourKind
from kirinuki_draw.strokes.spec import CharacterSpec

_STEEL = rgb("#b4bdcc")
_GOLD = rgb("#e9c46a")


def metal_of(spec: CharacterSpec) -> Colour:
    """Steel, tinted with the accent colour, or gold."""
    return (_STEEL, mix(_STEEL, spec.accent, 0.45), mix(_GOLD, _STEEL, 0.3))[spec.seed % 3]


def pauldron(
    brush: Brush, x: float, y: float, side: float, angle: float, kind: ArmourKind, metal: Colour
) -> None:
    """Layered plates over a shoulder at (x, y); `angle` follows the upper arm."""
    size = 1.0 if kind == "light" else 1.5
    with brush.at(x, y, -side * angle * 0.5, size) as local:
        for step in (2, 1, 0):
            y0 = step * 8.0
            wide = 21 - 2.5 * step
            plate = curve(
                (side * -wide, y0 + 6), (side * (-wide + 6), y0 - 12), (side * 3, y0 - 18),
                (side * (wide + 3), y0 - 7), (side * (wide + 7), y0 + 10), (side * 2, y0 + 8),
                closed=True,
            )  # fmt: skip
            local.cel(plate, metal, depth=5, rim=2)
        if kind == "heavy":
            spike = curve((side * 8, -16), (side * 20, -40), (side * 22, -12))
            local.cel(spike, mix(metal, _GOLD, 0.6), depth=3)
        edge = curve((side * -19, 4), (side * 2, 6), (side * 26, 8))
        local.ink(edge, 2.4, _GOLD, (0.05, 0.05))


def gauntlet(brush: Brush, spine: Points, half: Points, kind: ArmourKind, metal: Colour) -> None:
    """Plates around the forearm; `spine` runs from the shoulder to the wrist."""
    keep = along(spine) >= 0.58
    t = np.linspace(0, 1, int(keep.sum()))
    flare = (5.5 if kind == "heavy" else 3.0) * (0.5 + np.abs(1 - 2 * t))
    part, wide = spine[keep], half[keep] + flare
    shape = capsule(part, wide * 0.98)
    brush.cel(shape, metal, depth=4, rim=1.5)
    one, two = sides(part, wide)
    for place in (0.2, 0.5, 0.8):
        i = int(place * (len(part) - 1))
        brush.ink(curve(one[i], part[i] + (part[i] - part[i - 1]), two[i]), 1.3, line(metal))
    brush.ink(np.array([one[0], two[0]]), 2.6, _GOLD, (0.05, 0.05))
