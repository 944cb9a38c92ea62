"""The familiars of the drawn show: owls, cats, slimes and paper lanterns, each in two colours.

Drawn as `cast` draws witches, a little more than half as high.

Not covered: places and pictures (`show`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from cast import LINE, WHITE, Action, cel

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import Colour, mix, rgb
from kirinuki_draw.strokes.curves import capsule, curve, ellipse, flow


def owl(brush: Brush, colour: Colour, action: Action) -> None:
    """A round owl, 54 high, flapping as its arms say."""
    for side, angle in zip((-1, 1), action.arms, strict=True):
        with brush.at(side * 15, -34, -side * angle) as wing:
            cel(wing, ellipse(side * 5, 13, 8, 18), mix(colour, LINE, 0.25), 2)
    cel(brush, ellipse(0, -27, 20, 27), colour, 4)
    for side in (-1, 1):
        cel(brush, [(side * 6, -49), (side * 19, -62), (side * 17, -42)], colour, 0)
        cel(brush, ellipse(side * 8 + 2 * action.facing, -38, 7.5, 7.5), WHITE, 0)
        _eye(brush, side * 8 + 4 * action.facing, -38, 3.2, action.blink)
        cel(brush, ellipse(side * 7, -1, 5, 2.4), rgb("#e0a03c"), 0)
    brush.fill(ellipse(0, -18, 12, 14), mix(colour, WHITE, 0.5))
    brush.fill(np.array([(-3, -33), (3, -33), (0, -27)], float), rgb("#e0a03c"))


def cat(brush: Brush, colour: Colour, action: Action) -> None:
    """A sitting cat, 56 high, with a long tail."""
    tail = flow((14, -6), -20 - 4 * action.swing, 52, bend=-110, wave=20)
    cel(brush, capsule(tail, 4.0), colour, 1.5)
    cel(brush, curve((-15, 0), (-13, -22), (0, -34), (13, -22), (15, 0), closed=True), colour, 3)
    x = 6 * action.facing
    for side in (-1, 1):
        ear = [(x + side * 4, -50), (x + side * 16, -66), (x + side * 17, -42)]
        cel(brush, ear, mix(colour, LINE, 0.15), 0)
    cel(brush, ellipse(x, -42, 18, 14), colour, 3)
    for side in (-1, 1):
        if not action.back:
            _eye(brush, x + side * 7 + 2 * action.facing, -43, 3.0, action.blink)
        cel(brush, ellipse(side * 6, -2, 4.5, 3.5), mix(colour, WHITE, 0.4), 0)


def slime(brush: Brush, colour: Colour, action: Action) -> None:
    """A drop of slime, 36 high or as its swing squeezes it."""
    w, h, s = 26 - action.swing, 36 + 1.5 * action.swing, action.swing
    anchors = [(-w - 4, 0), (-w, -h * 0.5), (-6 + s, -h), (8 + s, -h * 0.96), (w, -h * 0.45)]
    cel(brush, curve(*anchors, (w + 5, 0), (w / 2, 2), (-w / 2, 2), closed=True), colour, 5)
    brush.fill(ellipse(-w * 0.35, -h * 0.72, 5, 3, -30), WHITE, 0.8)
    for side in (-1, 1):
        _eye(brush, 5 * action.facing + side * 7, -h * 0.42, 2.8, action.blink)


def lantern(brush: Brush, colour: Colour, action: Action) -> None:
    """A paper lantern that came alive, floating, 60 high, with thin arms and a flame."""
    flame = curve((-6, -58), (-4 + action.swing / 3, -72), (5, -66), (6, -58), closed=True)
    cel(brush, flame, rgb("#ffcf5a"), 0)
    for side, angle in zip((-1, 1), action.arms, strict=True):
        a = np.deg2rad(angle)
        end = (side * (17 + 16 * np.sin(a)), -36 + 16 * np.cos(a))
        cel(brush, capsule(curve((side * 15, -36), end), 2.2), mix(colour, LINE, 0.4), 0)
    body = curve((-10, -12), (-19, -35), (-10, -57), (10, -57), (19, -35), (10, -12), closed=True)
    cel(brush, body, colour, 4)
    with brush.within(body):
        for y in (-24, -47):
            brush.ink(curve((-20, y), (0, y + 3), (20, y)), 1.4, mix(colour, LINE, 0.5))
    cel(brush, [(-4, -12), (4, -12), (5, 2), (-5, 2)], rgb("#c0392f"), 0)
    for side in (-1, 1):
        _eye(brush, 5 * action.facing + side * 6, -38, 2.8, action.blink)


def _eye(brush: Brush, x: float, y: float, size: float, blink: bool) -> None:
    if blink:
        brush.ink(curve((x - size, y), (x, y + 1.5), (x + size, y)), 1.6, LINE)
    else:
        brush.fill(ellipse(x, y, size, size * 1.25), LINE)
        brush.fill(ellipse(x + size * 0.3, y - size * 0.4, size * 0.35, size * 0.35), WHITE)


Creature = Callable[[Brush, Colour, Action], None]
FAMILIARS: tuple[tuple[Creature, Colour], ...] = (
    (owl, rgb("#8a6a52")),
    (owl, rgb("#cfd6e6")),
    (cat, rgb("#37324a")),
    (cat, rgb("#d9843c")),
    (slime, rgb("#5fbf8f")),
    (slime, rgb("#7f8fe0")),
    (lantern, rgb("#f0e2c0")),
    (lantern, rgb("#e88a6a")),
)
