"""Spiky hair as young heroes wear it: large pointed tufts all around the head. Frame of the head.

Not covered: the small tufts of ordinary short hair (`fringe`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import mix
from kirinuki_draw.strokes.curves import curve
from kirinuki_draw.strokes.locks import Lock, Tint, lock, paint_locks, strands
from kirinuki_draw.strokes.spec import CharacterSpec


def spikes(brush: Brush, spec: CharacterSpec, tint: Tint, rng: np.random.Generator) -> None:
    """Two rings of spikes behind the head, longest on top and away from the wind."""
    count = int(rng.integers(8, 13))
    reach = float(np.clip(spec.hair_length, 60, 200)) * 0.4
    leans = -90 + spec.wind * 35
    locks: list[Lock] = []
    for ring, inner in ((1.0, 0.0), (0.72, 0.5)):
        for i in range(count):
            angle = -90 + (2 * (i + inner) / (count - 1) - 1) * 128 + rng.uniform(-7, 7)
            a = np.deg2rad(angle)
            out = np.array([np.cos(a), np.sin(a)])
            root = np.array([0.0, -14.0]) + out * np.array([26.0, 28.0])
            high = 0.62 + 0.5 * max(0.0, float(np.cos(a - np.deg2rad(leans))))
            length = (20 + reach * ring * high) * rng.uniform(0.7, 1.15)
            blown = np.array([spec.wind * 14, -3 - 12 * spec.parts.updraft])
            tip = root + out * length + blown + [0, 9 * abs(out[0])]
            bend = (root + tip) / 2 + np.array([-out[1], out[0]]) * rng.uniform(-7, 7)
            locks.append(lock(curve(root, bend, tip), rng.uniform(32, 48), 1.0, 0.1, keen=0.9))
    ramp = Ramp((0, -90), (0, 40), (mix(tint.base, tint.light, 0.3), tint.base, tint.dark))
    paint_locks(brush, locks, tint, ramp)
    strands(brush, locks, tint, rng, 4)
