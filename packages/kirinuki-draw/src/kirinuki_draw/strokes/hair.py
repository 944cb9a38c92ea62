"""Hair behind the head and the body: long, bobbed, tied or short. Frame of the head.

Not covered: fringe and cap (`fringe`), flying (`streaming`), plaited (`tied`) and spiky hair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from kirinuki_draw.strokes import spiky, streaming, tied
from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import mix
from kirinuki_draw.strokes.curves import curve, flow
from kirinuki_draw.strokes.face import Head
from kirinuki_draw.strokes.locks import (
    Lock,
    Tint,
    lock,
    outline_locks,
    paint_locks,
    sheen_on,
    strands,
)
from kirinuki_draw.strokes.spec import CharacterSpec, HairStyle

_Build = Callable[[Brush, CharacterSpec, Tint, np.random.Generator], None]


def back_hair(brush: Brush, head: Head) -> None:
    """Everything that hangs behind the neck and shoulders."""
    spec = head.spec
    tint = Tint.of(spec.hair)
    rng = np.random.default_rng((spec.seed, 1))
    build: dict[HairStyle, _Build] = {
        "long": _long,
        "bob": _bob,
        "ponytail": _ponytail,
        "twintails": _twintails,
        "blown": streaming.blown,
        "drills": tied.drills,
        "buns": tied.buns,
        "braids": tied.braids,
        "side tail": tied.high_tail,
        "high tail": tied.high_tail,
        "spiky": spiky.spikes,
        "short": _nape,
    }
    if spec.hair_style in ("drills", "buns", "braids", "side tail", "high tail"):
        _nape(brush, spec, tint, rng)
    build[spec.hair_style](brush, spec, tint, rng)


def tail_over_nape(brush: Brush, head: Head) -> None:
    """The one tail that hangs before the head of who turns their back to us."""
    spec = head.spec
    tint, rng = Tint.of(spec.hair), np.random.default_rng((spec.seed, 1))
    if spec.hair_style == "ponytail":
        _tail(brush, spec, tint, rng, (0.0, -14.0), 90)
    elif spec.hair_style in ("high tail", "side tail"):
        tied.high_tail(brush, spec, tint, rng)


def _long(brush: Brush, spec: CharacterSpec, tint: Tint, rng: np.random.Generator) -> None:
    length, wind = spec.hair_length, spec.wind
    ramp = Ramp((0, -30), (0, length), (tint.dark, tint.base, mix(tint.base, tint.light, 0.35)))
    locks = []
    count = 13
    for i in range(count):
        u = 2 * i / (count - 1) - 1
        spine = flow(
            (u * 34, -14 + 10 * u * u),
            90 + brush.fall - 10 * u,
            length * (0.86 + 0.14 * np.cos(u * 2.2) + rng.uniform(-0.12, 0.06)),
            bend=-wind * (48 + 16 * u * np.sign(wind)) + rng.uniform(-6, 6),
            wave=20 + rng.uniform(-4, 4),
            turns=1.25,
            phase=0.1 - 0.07 * u + rng.uniform(-0.06, 0.06),
            lift=1.15,
        )
        locks.append(lock(spine, rng.uniform(23, 32), 0.75, 0.3))
    order = sorted(range(count), key=lambda i: -abs(i - (count - 1) / 2 - 0.3))
    cap = lock(curve((0, -40), (0, 0), (wind * 6, 60), (wind * 24, 110)), 82, 0.9, 0.25)
    inner = Ramp((0, -30), (0, 110), (tint.deep, tint.dark))
    _stray(brush, spec, locks, tint)
    outline_locks(brush, locks, tint)
    strands(brush, locks, tint, rng, 9)
    paint_locks(brush, [locks[i] for i in order[: count // 2]], tint, ramp)
    brush.fill(cap.outline, inner)
    paint_locks(brush, [locks[i] for i in order[count // 2 :]], tint, ramp)
    sheen_on(brush, [locks[i] for i in order[count // 3 :]], tint, rng)
    strands(brush, locks, tint, rng, 7)


def _bob(brush: Brush, spec: CharacterSpec, tint: Tint, rng: np.random.Generator) -> None:
    wind = spec.wind
    locks = []
    for i in range(11):
        u = 2 * i / 10 - 1
        spine = flow(
            (u * 38, -18 + 8 * u * u),
            90 + 0.6 * brush.fall - 14 * u,
            74 + rng.uniform(-6, 6),
            bend=34 * u - wind * 26,
            wave=7,
            phase=rng.uniform(0, 0.2),
            lift=1.6,
        )
        locks.append(lock(spine, rng.uniform(22, 28), 0.8, 0.5))
    _stray(brush, spec, locks, tint)
    order = sorted(range(11), key=lambda i: -abs(i - 5))
    ramp = Ramp((0, -30), (0, 60), (tint.dark, mix(tint.base, tint.dark, 0.4)))
    strands(brush, locks, tint, rng, 5)
    paint_locks(brush, [locks[i] for i in order], tint, ramp)


def _stray(brush: Brush, spec: CharacterSpec, locks: list[Lock], tint: Tint) -> None:
    """Strands that have left the mass, as many as the character's `strays` asks for."""
    rng = np.random.default_rng((spec.seed, 9))
    streaming.loose_strands(brush, locks, tint, rng, round(22 * spec.parts.strays))


def _tail(
    brush: Brush,
    spec: CharacterSpec,
    tint: Tint,
    rng: np.random.Generator,
    root: tuple[float, float],
    heading: float,
) -> None:
    """A bundle of locks from one point: a ponytail or one of two tails."""
    locks = []
    for i in range(7):
        u = 2 * i / 6 - 1
        spine = flow(
            (root[0] + 3 * u, root[1]),
            heading - 34 * u,
            spec.hair_length * (1 - 0.22 * abs(u)) * rng.uniform(0.94, 1.05),
            bend=90 + brush.fall - heading + 30 * u - spec.wind * 52,
            wave=15,
            turns=1.1,
            phase=0.05 * u + rng.uniform(-0.04, 0.04),
            lift=0.75,
        )
        part = lock(spine, rng.uniform(17, 24), 0.35, 0.4)
        locks.append(replace(part, ink_from=0.08))
    _stray(brush, spec, locks, tint)
    ramp = Ramp(
        root,
        (root[0], root[1] + spec.hair_length),
        (tint.base, tint.base, mix(tint.base, tint.light, 0.4)),
    )
    strands(brush, locks, tint, rng, 6)
    order = [0, 6, 1, 5, 2, 4, 3]
    paint_locks(brush, [locks[i] for i in order], tint, ramp)
    sheen_on(brush, [locks[i] for i in order[3:]], tint, rng)
    strands(brush, locks, tint, rng, 3)


def _ponytail(brush: Brush, spec: CharacterSpec, tint: Tint, rng: np.random.Generator) -> None:
    _nape(brush, spec, tint, rng)
    side = -1.0 if spec.yaw >= 0 else 1.0
    _tail(brush, spec, tint, rng, (side * 28, -38), 90 - side * -75)


def _twintails(brush: Brush, spec: CharacterSpec, tint: Tint, rng: np.random.Generator) -> None:
    _nape(brush, spec, tint, rng)
    for side in (-1.0, 1.0):
        _tail(brush, spec, tint, rng, (side * 42, -26), 90 - side * 55)


def _nape(brush: Brush, spec: CharacterSpec, tint: Tint, rng: np.random.Generator) -> None:
    """Short hair behind the ears and down to the collar."""
    locks = []
    for i in range(9):
        u = 2 * i / 8 - 1
        spine = flow(
            (u * 36, -12),
            90 - 16 * u,
            (50 if spec.girl else 46) - 14 * abs(u) + rng.uniform(-4, 4),
            bend=-20 * u - spec.wind * 14,
        )
        locks.append(lock(spine, rng.uniform(16, 22), 0.9, 0.4, keen=1.1))
    paint_locks(brush, locks, tint, Ramp((0, -20), (0, 40), (tint.deep, tint.dark)))
