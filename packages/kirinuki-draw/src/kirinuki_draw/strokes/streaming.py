"""Hair that flies: long strands in the wind that part, leave gaps and fade at their tips.

Frame of the head. Not covered: hair that hangs (`hair`) and tied hair (`tied`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import mix
from kirinuki_draw.strokes.curves import along, flow
from kirinuki_draw.strokes.locks import (
    Lock,
    Tint,
    fill_locks,
    lock,
    outline_locks,
    sheen_on,
    strands,
)
from kirinuki_draw.strokes.spec import CharacterSpec


def blown(brush: Brush, spec: CharacterSpec, tint: Tint, rng: np.random.Generator) -> None:
    """A mass of locks that leaves the skull all around and turns into the wind."""
    side = 1.0 if spec.wind >= 0 else -1.0
    rise = min(28 + 34 * abs(spec.wind) + 40 * spec.parts.updraft, 128)
    goal = 90 + brush.fall - side * rise
    spread = rng.uniform(8, 26)
    phase, wave, turns = rng.uniform(0, 1), rng.uniform(14, 34), rng.uniform(0.8, 1.5)
    locks = []
    count = int(rng.integers(15, 22))
    for i in range(count):
        u = 2 * i / (count - 1) - 1
        around = np.deg2rad(goal + 150 * u)
        root = (30 * np.cos(around) * 0.7, -20 + 30 * np.sin(around))
        start = 90 + brush.fall - side * rise * 0.55 + 58 * u + rng.uniform(-6, 6)
        locks.append(
            lock(
                flow(
                    root,
                    start,
                    spec.hair_length * (1.06 - 0.24 * abs(u)) * rng.uniform(0.72, 1.1),
                    bend=goal + spread * u + rng.uniform(-7, 7) - start,
                    wave=wave * rng.uniform(0.8, 1.2),
                    turns=turns,
                    phase=phase + 0.14 * u + rng.uniform(-0.03, 0.03),
                    lift=0.8,
                    steps=44,
                ),
                rng.uniform(20, 36),
                0.8,
                0.4,
                keen=rng.uniform(0.65, 0.95),
            )
        )
    order = np.argsort([-abs(2 * i / (count - 1) - 1) for i in range(count)])
    tip = locks[count // 2].spine[-1]
    far = (float(tip[0]), float(tip[1]))
    ramp = Ramp((0, -20), far, (tint.dark, tint.base, mix(tint.base, tint.light, 0.5)))
    loose_strands(brush, locks, tint, rng, 18)
    outline_locks(brush, locks, tint)
    half = count // 2
    fill_locks(brush, [locks[i] for i in order[:half]], tint, ramp)
    fill_locks(brush, [locks[i] for i in order[half:]], tint, ramp)
    sheen_on(brush, [locks[i] for i in order[half:]], tint, rng)
    strands(brush, locks, tint, rng, 10)


def loose_strands(
    brush: Brush, roots: list[Lock], tint: Tint, rng: np.random.Generator, count: int
) -> None:
    """Thin strands beside the mass that fade out towards their tips: see-through edges."""
    for _ in range(count):
        source = roots[int(rng.integers(len(roots)))].spine
        start = int(rng.uniform(0.2, 0.6) * len(source))
        rest = source[start:]
        t = along(rest)[:, None]
        drift = rng.uniform(-46, 46) * t**1.4
        stroke = rest[0] + (rest - rest[0]) * (1 + rng.uniform(0.1, 0.45)) + drift * [[0.7, 0.8]]
        with brush.fading(stroke[len(stroke) // 2], stroke[-1]):
            width = rng.uniform(1.5, 5.0)
            brush.ink(stroke, width + 1.4, tint.ink, (0.3, 0.75), 0.8)
            brush.ink(stroke, width, tint.base, (0.3, 0.75))
