"""Skirts: pleated, and wide ones in soft folds, that the wind takes along. Frame of the body.

Not covered: what is worn with them (`outfits`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import Colour, line, mix, shadow
from kirinuki_draw.strokes.curves import Points, curve, join
from kirinuki_draw.strokes.figure import Body


def pleated_skirt(brush: Brush, body: Body, top: float, length: float, colour: Colour) -> None:
    """A pleated skirt that the wind takes along."""
    wind, n = body.spec.wind, 11
    u = np.linspace(-1, 1, 2 * n + 1)
    jitter = np.random.default_rng((body.spec.seed, 7)).uniform(-0.03, 0.03, len(u))
    angle = np.sin((u + jitter) * np.pi / 2 * 0.96)
    flare = body.hip + 27
    blow = wind * 17 * (0.5 + 0.5 * u * np.sign(wind or 1))
    top_x = (body.waist + 3) * angle + body.shift(top)
    hem_x = flare * angle + body.shift(top) + blow
    wave = 3.5 * np.sin(3.2 * u * np.pi + 1.0) * abs(wind)
    step = np.where(np.arange(len(u)) % 2 == 0, -2.2, 2.2)
    hem_y = top + length + 7 * np.cos(u * np.pi / 2) + wave + step - 10 * np.maximum(u * wind, 0)

    def edge(i: int) -> Points:
        bulge = 9.0 * angle[i]
        mid = ((top_x[i] * 0.62 + hem_x[i] * 0.38) + bulge, top + length * 0.36)
        return curve((top_x[i], top + 2 * np.cos(u[i] * np.pi / 2)), mid, (hem_x[i], hem_y[i]))

    hem = np.stack([hem_x, hem_y], axis=1)
    shape = join(edge(0), hem[1:-1], edge(2 * n)[::-1])
    brush.outline([shape], colour=line(colour))
    fill = Ramp((0, top), (0, top + length), (mix(colour, shadow(colour), 0.35), colour))
    brush.fill(shape, fill)
    dark = shadow(colour)
    with brush.within(shape):
        for i in range(1, 2 * n, 2):  # the narrow face of a pleat turns away from the light
            face = join(edge(i), edge(i + 1 if brush.light[0] < 0 else i - 1)[::-1])
            brush.fill(face, dark, 0.9)
        right = join(edge(int(1.55 * n)), (300, top + length + 30), (300, top))
        brush.fill(right, dark, 0.55)
        below = join(edge(2 * n)[8:9], edge(n)[10:11] + np.array([0.0, 3.0]), edge(0)[8:9])
        brush.fill(join(edge(0)[:1], edge(2 * n)[:1], below), dark, 0.8)
    for i in range(1, 2 * n):
        start = 3 if i % 2 else 12
        brush.ink(edge(i)[start:], 1.35 if i % 2 else 0.9, line(colour), (0.7, 0.02))


def flared_skirt(brush: Brush, body: Body, top: float, length: float, colour: Colour) -> None:
    """A wide skirt in soft folds, blown to one side."""
    wind, n = body.spec.wind, 15
    u = np.linspace(-1, 1, n)
    spread = np.sin(u * np.pi / 2)
    top_x = (body.waist + 2) * spread + body.shift(top)
    hem_x = (body.hip + 46) * spread + body.shift(top) + wind * (22 + 22 * u * np.sign(wind or 1))
    deep = np.where(np.arange(n) % 2 == 0, -7.0, 5.0)
    hem_y = top + length + 9 * np.cos(u * np.pi / 2) + deep - 26 * np.maximum(u * wind, 0)
    hem = curve(*np.stack([hem_x, hem_y], axis=1), steps=8)

    def edge(i: int) -> Points:
        mid = (top_x[i] * 0.5 + hem_x[i] * 0.5 + 11 * spread[i], top + length * 0.42)
        return curve((top_x[i], top), mid, (hem_x[i], hem_y[i]))

    shape = join(edge(0), hem[1:-1], edge(n - 1)[::-1])
    dark = shadow(colour)
    brush.outline([shape], colour=line(colour))
    brush.fill(shape, Ramp((0, top), (0, top + length), (colour, colour, mix(colour, dark, 0.25))))
    with brush.within(shape):
        for i in range(0, n, 2):
            a, b = edge(i), edge(min(i + 1, n - 1))
            t = np.linspace(0, 1, len(a))[:, None]
            brush.fill(join(a, (a + (b - a) * 0.75 * t)[::-1]), dark, 0.85)
        brush.crescent(shape, np.asarray(brush.light) * np.array([22, 4]), dark, 0.7)
    for i in range(1, n - 1):
        part = edge(i)[10:] if i % 2 else edge(i)[:16]
        brush.ink(part, 1.3, line(colour, 0.55), (0.8, 0.02) if i % 2 else (0.02, 0.9))
