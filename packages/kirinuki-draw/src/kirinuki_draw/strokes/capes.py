"""Capes that hang behind the body or stream out in the wind. Frame of the body.

Not covered: the collar that lies on the shoulders (`extras.cape_collar`).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import Colour, line, mix, rgb, shadow
from kirinuki_draw.strokes.curves import Points, along, curve, flow, join
from kirinuki_draw.strokes.parts import CapeKind


def draw_cape(
    brush: Brush,
    kind: CapeKind,
    shoulder: float,
    colour: Colour,
    *,
    wind: float,
    updraft: float,
    size: float,
    seed: int,
) -> None:
    """A cape from both shoulders; `updraft` (0 to 2) turns its hem into the wind."""
    rng = np.random.default_rng((seed, 23))
    length = (150.0 if kind == "short" else 300.0) * size
    spines = _threads(shoulder, length, wind, updraft, brush.fall, rng)
    hem = _hem(spines, kind == "tattered", rng)
    shape = join(spines[0], hem, spines[-1][::-1])
    lining = mix(shadow(colour), rgb("#2a1830"), 0.35)
    brush.outline([shape], colour=line(colour))
    low = spines[len(spines) // 2][-1]
    brush.fill(
        shape, Ramp((0, 0), (float(low[0]), float(low[1])), (lining, shadow(colour), colour))
    )
    with brush.within(shape):
        for one, two in zip(spines[1::2], spines[2::2], strict=False):
            t = along(one)[:, None]
            brush.fill(join(one, (one + (two - one) * (0.15 + 0.6 * t))[::-1]), lining, 0.85)
            brush.ink(one, 1.5, line(colour), (0.4, 0.02))
        if kind == "cloak":
            for inward in (5.0, 8.0):
                border = hem + (spines[4][-2] - spines[4][-1]) * inward * 0.16
                brush.ink(border, 1.6, mix(colour, rgb("#f0d28a"), 0.75), (0.02, 0.02))


def _threads(
    shoulder: float,
    length: float,
    wind: float,
    updraft: float,
    fall: float,
    rng: np.random.Generator,
) -> list[Points]:
    """Nine lines from the shoulders to the hem, from the viewer's left to the right."""
    side = 1.0 if wind >= 0 else -1.0
    turn = abs(wind) * 26 + updraft * 72
    wave, phase = rng.uniform(8, 26) * (0.4 + updraft), rng.uniform(0, 1)
    spines = []
    for u in np.linspace(-1, 1, 9):
        lead = 1 + 0.12 * u * side  # the windward edge is held back, the other flies ahead
        spines.append(
            flow(
                (u * (shoulder - 2), 4 + 8 * abs(u)),
                90 + fall - u * 17,
                length * (1 - 0.07 * u * u) * rng.uniform(0.96, 1.04),
                bend=-side * turn * lead - u * 10,
                wave=wave,
                turns=1.15,
                phase=phase + 0.16 * u,
                lift=0.75,
                steps=30,
            )
        )
    return spines


def _hem(spines: list[Points], tattered: bool, rng: np.random.Generator) -> Points:
    """The lower edge: waves, or rags with notches."""
    ends = [spine[-1] for spine in spines]
    if not tattered:
        soft = [
            e + (s[-1] - s[-4]) * (0.9 if i % 2 else -0.7)
            for i, (e, s) in enumerate(zip(ends, spines, strict=True))
        ]
        return curve(*soft, steps=8)
    points: list[Points] = []
    for one, two in pairwise(spines):
        points.append(one[-1])
        for k in (0.3, 0.5, 0.8):
            back = int(rng.integers(2, 7)) if k == 0.5 else int(rng.integers(1, 3))
            points.append(one[-back] + (two[-back] - one[-back]) * k)
    return np.array([*points, ends[-1]])
