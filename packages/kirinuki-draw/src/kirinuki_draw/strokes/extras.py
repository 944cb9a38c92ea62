"""What characters wear besides clothes: cat ears, glasses, headphones, a cape.

Ears, glasses and headphones lie in the frame of the head, the cape in that of the body.

Not covered: hats (`hats`), bows (`clothes`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import glow, line, mix, rgb, shadow
from kirinuki_draw.strokes.curves import curve, ellipse, join, tube
from kirinuki_draw.strokes.face import EYE_LINE, Head
from kirinuki_draw.strokes.figure import Body


def cat_ears(brush: Brush, head: Head) -> None:
    """Two furry ears on top of the head, in the colour of the hair."""
    hair = head.spec.hair
    for side in (-1.0, 1.0):
        near = side * head.sign
        x = head.x(near * 27, near * 25)
        ear = join(
            curve((x - side * 16, -48), (x - side * 4, -70), (x + side * 10, -88)),
            curve((x + side * 10, -88), (x + side * 17, -62), (x + side * 15, -34)),
        )
        brush.cel(ear, hair, depth=4)
        inner = np.array([x + side * 3, -55]) + (ear - np.array([x + side * 3, -55])) * 0.62
        brush.fill(inner, rgb("#f2b8b8"))
        brush.crescent(inner, np.asarray(brush.light) * 4, rgb("#d98a92"))
        for i in range(3):
            tuft = curve((x - side * (8 - i * 6), -42), (x - side * (4 - i * 5), -60 - i * 3))
            brush.ink(tuft, 3.4, glow(hair, 0.35), (0.02, 0.98))


def glasses(brush: Brush, head: Head) -> None:
    """Round spectacles with a thin frame and a glint."""
    frame = mix(head.spec.accent, rgb("#2a2030"), 0.6)
    inner = []
    for far in (False, True):
        x, width = head.eye(far)
        rx, ry = 17.0 * width, 14.5
        ring = np.concatenate([ellipse(x, EYE_LINE + 1, rx, ry), [[x + rx, EYE_LINE + 1]]])
        brush.ink(ring, 1.9, frame, (0.01, 0.01))
        glint = join(
            (x - rx * 0.5, EYE_LINE - 9), (x - rx * 0.1, EYE_LINE - 11),
            (x - rx * 0.5, EYE_LINE + 9), (x - rx * 0.75, EYE_LINE + 5),
        )  # fmt: skip
        brush.fill(glint, rgb("#ffffff"), 0.30)
        toward = head.sign if not far else -head.sign
        inner.append((x + toward * rx, EYE_LINE))
        brush.ink(
            curve((x - toward * rx, EYE_LINE - 2), (head.x(*((38, 35) if far else (-38, -35))), 3)),
            1.7,
            frame,
            (0.02, 0.02),
        )
    (x1, y1), (x2, y2) = inner
    brush.ink(curve((x1, y1), ((x1 + x2) / 2, y1 - 3), (x2, y2)), 1.8, frame, (0.02, 0.02))


def headphones(brush: Brush, head: Head) -> None:
    """A band over the hair and a cup over each ear."""
    colour = head.spec.accent
    dark = mix(colour, rgb("#20202c"), 0.75)
    band = curve((-49, 2), (-51, -26), (-34, -56), (0, -68), (34, -56), (51, -26), (49, 2))
    brush.cel(tube(band, 4.2), dark, depth=2)
    brush.ink(band + np.array([-1.0, -1.2]), 1.6, glow(dark, 0.5), (0.2, 0.2))
    for side in (-1.0, 1.0):
        x = side * 47
        brush.cel(ellipse(x - side * 3, 7, 8.5, 17), dark, depth=3)
        brush.cel(ellipse(x + side * 3, 7, 7.5, 15), colour, depth=4)
        brush.ink(ellipse(x + side * 3, 7, 4.5, 10)[:24], 1.2, glow(colour, 0.6))


def cape(brush: Brush, body: Body) -> None:
    """A cape that hangs from the shoulders behind everything and takes the wind."""
    colour, wind, s = body.spec.accent, body.spec.wind, body.shoulder
    n = 9
    u = np.linspace(-1, 1, n)
    low_x = u * (s + 52) + wind * (46 + 30 * u * np.sign(wind or 1))
    low_y = 292 - 30 * np.maximum(u * wind, 0) + np.where(np.arange(n) % 2 == 0, -7.0, 8.0)
    hem = curve(*np.stack([low_x, low_y], axis=1), steps=8)
    left = curve((-s + 6, 8), (-s - 14, 90), (low_x[0], low_y[0]))
    right = curve((s - 6, 8), (s + 14, 90), (low_x[-1], low_y[-1]))
    shape = join(left, hem[1:-1], right[::-1])
    lining = mix(shadow(colour), rgb("#2a1830"), 0.35)
    brush.outline([shape], colour=line(colour))
    brush.fill(shape, Ramp((0, 0), (0, 290), (lining, shadow(colour), colour)))
    with brush.within(shape):
        for i in range(1, n - 1, 2):
            fold = curve((u[i] * s * 0.8, 20), (u[i] * (s + 12), 130), (low_x[i], low_y[i]))
            wide = fold + np.array([16.0, 0]) * np.linspace(0, 1, len(fold))[:, None]
            brush.fill(join(fold, wide[::-1]), lining, 0.8)
            brush.ink(fold, 1.4, line(colour), (0.5, 0.02))


def cape_collar(brush: Brush, body: Body) -> None:
    """The part of a cape that lies on the shoulders, and its clasp."""
    colour, s, m = body.spec.accent, body.shoulder, body.middle(20)
    for side in (-1.0, 1.0):
        flap = join(
            curve((side * 14, -12), (side * 18, 0), (m + side * 4, 22)),
            curve((m + side * 6, 34), (side * s * 0.75, 36), (side * (s + 3), 22)),
            curve((side * (s + 3), 22), (side * (s - 4), 6), (side * 24, -8)),
        )
        brush.cel(flap, colour, depth=6)
    brush.cel(ellipse(m, 25, 6, 6), rgb("#e9c46a"), depth=2)
    brush.fill(ellipse(m, 25, 3, 3), rgb("#4f93d0"))
