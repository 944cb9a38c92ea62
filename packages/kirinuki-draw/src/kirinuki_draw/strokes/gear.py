"""What hangs at the hip or on the back: a sheath, a quiver, a backpack. Frame of the body.

Not covered: what a hand holds (`held`).
"""

from __future__ import annotations

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import glow, mix, rgb, shadow
from kirinuki_draw.strokes.curves import curve, ellipse, flow, profile, tube
from kirinuki_draw.strokes.figure import Body

_LEATHER = rgb("#7b4a35")


def draw_gear(brush: Brush, body: Body) -> None:
    """Gear behind the body."""
    draw = {"sheath": _sheath, "quiver": _quiver, "backpack": _backpack}
    if body.spec.parts.gear != "none":
        draw[body.spec.parts.gear](brush, body)


def _sheath(brush: Brush, body: Body) -> None:
    """A sword at the hip, its tip behind."""
    side = -1.0 if body.spec.seed % 2 else 1.0
    x, y = body.shift(body.waist_y) + side * body.waist * 0.6, body.waist_y + 14
    with brush.at(x, y, -side * 58) as local:
        spine = flow((0, -52), 90, 225, bend=side * 12)
        cover = spine[8:]
        local.cel(tube(cover, profile(cover, (0, 5.5), (1, 3.5))), body.spec.second, depth=2)
        local.cel(tube(spine[:8], 4.0), shadow(body.spec.accent), depth=1)
        local.cel(ellipse(0, -6, 11, 3.5), rgb("#e9c46a"), depth=1)


def _quiver(brush: Brush, body: Body) -> None:
    """A quiver with arrows behind one shoulder."""
    side = -1.0 if body.spec.seed % 2 else 1.0
    with brush.at(side * body.shoulder * 0.6, 30, side * 24) as local:
        for i, dx in enumerate((-9, -3, 3, 9)):
            top = -78.0 + 5 * (i % 3)
            local.cel(tube(curve((dx, -20), (dx * 1.3, top)), 1.2), rgb("#d9c08a"), depth=0)
            fletch = curve((dx - 4, top + 16), (dx * 1.3, top - 8), (dx + 5, top + 16), closed=True)
            local.cel(fletch, glow(body.spec.accent, 0.3), depth=1)
        case = curve((-15, -44), (15, -44), (11, 70), (-11, 70), closed=True, steps=4)
        local.cel(case, _LEATHER, depth=5)


def _backpack(brush: Brush, body: Body) -> None:
    """A pack that shows at both sides of the chest."""
    s = body.shoulder
    colour = mix(body.spec.second, _LEATHER, 0.3)
    pack = curve(
        (-s * 0.7, -14), (s * 0.7, -14), (s + 16, 24), (s + 20, 96), (s * 0.7, 128),
        (-s * 0.7, 128), (-s - 20, 96), (-s - 16, 24), closed=True,
    )  # fmt: skip
    brush.cel(pack, colour, depth=9)
    roll = curve(
        (-s - 12, -30), (s + 12, -30), (s + 20, -18), (s + 12, -4), (-s - 12, -4), (-s - 20, -18),
        closed=True,
    )  # fmt: skip
    brush.cel(roll, glow(colour, 0.35), depth=5)
