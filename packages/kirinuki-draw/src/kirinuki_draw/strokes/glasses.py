"""Spectacles with square rims, dark glasses and goggles. Frame of the head.

Not covered: round spectacles (`extras.glasses`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import glow, mix, rgb
from kirinuki_draw.strokes.curves import curve, ellipse, join, tube
from kirinuki_draw.strokes.face import EYE_LINE, Head


def draw_glasses(brush: Brush, head: Head) -> None:
    """Glasses before the eyes, under the fringe."""
    dark = head.spec.parts.glasses == "sun"
    frame = mix(head.spec.accent, rgb("#2a2030"), 0.75)
    inner = []
    for far in (False, True):
        x, width = head.eye(far)
        rx, ry = 17.5 * width, 11.5
        toward = head.sign if not far else -head.sign
        y = EYE_LINE + 2
        rim = curve(
            (x - rx, y - ry), (x, y - ry - 1), (x + rx, y - ry), (x + rx * 0.95, y + ry * 0.6),
            (x, y + ry), (x - rx * 0.95, y + ry * 0.6), closed=True, steps=8,
        )  # fmt: skip
        if dark:
            brush.fill(rim, rgb("#231c2c"), 0.88)
            glint = join((x - rx * 0.6, y - 8), (x - rx * 0.1, y - 8), (x - rx * 0.6, y + 4))
            brush.fill(glint, glow(frame, 0.7), 0.5)
        brush.ink(np.concatenate([rim, rim[:1]]), 2.4, frame, (0.01, 0.01))
        inner.append((x + toward * rx, y - 4))
        side = (head.x(*((38, 35) if far else (-38, -35))), 5)
        brush.ink(curve((x - toward * rx, y - 5), side), 2.0, frame, (0.02, 0.02))
    (x1, y1), (x2, y2) = inner
    brush.ink(curve((x1, y1), ((x1 + x2) / 2, y1 - 3), (x2, y2)), 2.2, frame, (0.02, 0.02))


def goggles(brush: Brush, head: Head) -> None:
    """Goggles pushed up over the fringe."""
    strap = mix(head.spec.second, rgb("#3a2a20"), 0.6)
    band = curve((-47, -12), (-30, -32), (0, -38), (30, -32), (47, -12))
    brush.cel(tube(band, 4.5), strap, depth=2)
    for x in (head.x(-17, -8), head.x(17, 22)):
        brush.cel(ellipse(x, -36, 15, 13), rgb("#c9a45a"), depth=3)
        brush.cel(ellipse(x, -36, 11, 9.5), mix(head.spec.accent, rgb("#bfe6ff"), 0.5), depth=3)
        brush.ink(curve((x - 6, -38), (x - 1, -42), (x + 4, -42)), 2.0, rgb("#ffffff"))
