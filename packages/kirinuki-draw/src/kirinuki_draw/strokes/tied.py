"""Tied hair: drills, buns, braids, a tail at one side or high up. Frame of the head.

Not covered: ponytail and twin tails of straight hair (`hair`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.clothes import bow
from kirinuki_draw.strokes.colour import line, mix
from kirinuki_draw.strokes.curves import Points, curve, ellipse, flow, profile, sides, tube
from kirinuki_draw.strokes.locks import (
    Tint,
    fill_locks,
    lock,
    outline_locks,
    sheen_on,
    strands,
)
from kirinuki_draw.strokes.spec import CharacterSpec
from kirinuki_draw.strokes.streaming import loose_strands


def drills(brush: Brush, spec: CharacterSpec, tint: Tint, rng: np.random.Generator) -> None:
    """Corkscrew curls at both sides."""
    count = int(rng.integers(1, 3))
    for side in (-1.0, 1.0):
        for i in range(count):
            spine = flow(
                (side * (42 - 8 * i), -22 + 12 * i),
                90 + brush.fall - side * (34 - 22 * i),
                spec.hair_length * rng.uniform(0.7, 0.95),
                bend=side * 30 - spec.wind * 26,
                wave=5,
                lift=0.8,
                steps=60,
            )
            _corkscrew(brush, spine, 27.0 - 5 * i, tint)


def _corkscrew(brush: Brush, spine: Points, wide: float, tint: Tint) -> None:
    half = profile(spine, (0, wide * 0.55), (0.25, wide), (0.6, wide * 0.8), (1, 2.0))
    turns = max(3, round(float(np.linalg.norm(np.diff(spine, axis=0), axis=1).sum()) / 30))
    t = np.linspace(0, 1, len(spine))
    lobes = half * (0.86 + 0.2 * np.abs(np.sin(np.pi * turns * t)))
    shape = tube(spine, lobes)
    brush.outline([shape], colour=tint.ink)
    brush.fill(shape, tint.base)
    brush.crescent(shape, np.asarray(brush.light) * wide * 0.35, tint.dark)
    one, two = sides(spine, lobes)
    with brush.within(shape):
        for k in range(turns):
            a = int(k / turns * (len(spine) - 1))
            b = min(int((k + 0.72) / turns * (len(spine) - 1)) + 1, len(spine) - 1)
            middle = (one[a] + two[b]) / 2 + (spine[b] - spine[a]) * 0.32
            band = curve(one[a], middle, two[b])
            brush.ink(band + np.array([0.0, 2.0]), 4.5, tint.dark, (0.3, 0.1))
            brush.ink(band, 1.7, tint.ink, (0.1, 0.05))
            brush.ink(band[4:16] - (spine[b] - spine[a]) * 0.35, 2.6, tint.light, alpha=0.8)


def buns(brush: Brush, spec: CharacterSpec, tint: Tint, rng: np.random.Generator) -> None:
    """One bun at the back or two on top, perhaps with a strand that escapes."""
    two = bool(rng.uniform() < 0.7)
    places = ((-37.0, -46.0), (37.0, -46.0)) if two else ((rng.uniform(-14, 14), -66.0),)
    radius = rng.uniform(19, 28) if two else rng.uniform(24, 33)
    for x, y in places:
        tail = None
        if two and spec.hair_length > 150:
            tail = flow((x * 1.2, y + 4), 90 + brush.fall - np.sign(x) * 20, spec.hair_length * 0.8,
                        bend=-spec.wind * 40, wave=14)  # fmt: skip
            part = lock(tail, 13, 0.8, 0.4)
            outline_locks(brush, [part], tint)
            brush.fill(part.outline, tint.base)
        ball = ellipse(x, y, radius, radius * 0.92)
        brush.outline([ball], colour=tint.ink)
        brush.fill(ball, tint.base)
        brush.crescent(ball, np.asarray(brush.light) * 7, tint.dark)
        for k in (0.75, 0.45):
            swirl = ellipse(x + 2, y + 1, radius * k, radius * k * 0.9, 200)[4:38]
            brush.ink(swirl, 1.3, tint.ink, (0.3, 0.5))
        brush.ink(ellipse(x, y, radius * 0.68, radius * 0.62, 200)[2:12], 2.8, tint.light)


def braids(brush: Brush, spec: CharacterSpec, tint: Tint, rng: np.random.Generator) -> None:
    """One or two plaits, tied at their ends."""
    chosen = ((-1.0, 1.0), (-1.0,), (1.0,))[int(rng.integers(3))]
    for side in chosen:
        spine = flow(
            (side * 38, 6),
            90 + brush.fall - side * 42,
            spec.hair_length * rng.uniform(0.85, 1.1),
            bend=side * 34 - spec.wind * (30 + 50 * spec.parts.updraft),
            wave=9,
            lift=0.9,
            steps=50,
        )
        _plait(brush, spine, tint, spec)


def _plait(brush: Brush, spine: Points, tint: Tint, spec: CharacterSpec) -> None:
    count = max(5, round(float(np.linalg.norm(np.diff(spine, axis=0), axis=1).sum()) / 15))
    beads = []
    for i in range(count):
        at = i / count
        k = at * (len(spine) - 1) * 0.97
        x, y = spine[int(k)]
        ahead = spine[min(int(k) + 1, len(spine) - 1)] - spine[int(k)]
        angle = float(np.rad2deg(np.arctan2(ahead[1], ahead[0])))
        wide = 16.0 - 6 * at
        flip = 1 if i % 2 else -1
        turned = angle + flip * 38
        c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
        off = flip * wide * 0.42
        beads.append(
            ellipse(float(x) - s * off, float(y) + c * off, wide * 1.02, wide * 0.7, turned)
        )
    end = spine[-1]
    ahead = spine[-1] - spine[-4]
    angle = float(np.rad2deg(np.arctan2(ahead[1], ahead[0])))
    tufts = [lock(flow(end, angle + d, 34), 9, 0.7, 0.4) for d in (-22, 0, 22)]
    outline_locks(brush, tufts, tint)
    brush.outline(beads, colour=tint.ink)
    for bead in beads:
        brush.fill(bead, tint.base)
        brush.crescent(bead, np.asarray(brush.light) * 4, tint.dark)
        brush.ink(bead[2:30], 1.2, tint.ink, (0.2, 0.4))
    for tuft in tufts:
        brush.fill(tuft.outline, tint.base)
    bow(brush, float(end[0]), float(end[1]), 0.4, spec.accent, wind=spec.wind, tails=26)


def high_tail(brush: Brush, spec: CharacterSpec, tint: Tint, rng: np.random.Generator) -> None:
    """One large tail from the top of the head or from one side."""
    side = 1.0 if spec.wind >= 0 else -1.0
    aside = spec.hair_style == "side tail"
    root = (side * 42.0, -40.0) if aside else (side * 14.0, -60.0)
    rise = min(18 + 34 * abs(spec.wind) + 40 * spec.parts.updraft, 120)
    goal = 90 + brush.fall - side * rise
    start = -90 + side * (95 if aside else 60)
    turn = (goal - start + 180) % 360 - 180
    phase, locks = rng.uniform(0, 1), []
    count = int(rng.integers(8, 14))
    for i in range(count):
        u = 2 * i / (count - 1) - 1
        spine = flow(
            (root[0] + 4 * u, root[1] + 2 * u),
            start + 20 * u,
            spec.hair_length * (1 - 0.18 * abs(u)) * rng.uniform(0.85, 1.1),
            bend=turn + 8 * u + rng.uniform(-8, 8),
            wave=rng.uniform(10, 24),
            turns=1.2,
            phase=phase + 0.08 * u,
            lift=0.45,
            steps=44,
        )
        locks.append(lock(spine, rng.uniform(18, 30), 0.4, 0.4, keen=0.7))
    tip = locks[count // 2].spine[-1]
    ramp = Ramp(root, (float(tip[0]), float(tip[1])), (tint.base, tint.base,
                mix(tint.base, tint.light, 0.5)))  # fmt: skip
    loose_strands(brush, locks, tint, rng, 10)
    outline_locks(brush, locks, tint)
    order = np.argsort([-abs(2 * i / (count - 1) - 1) for i in range(count)])
    fill_locks(brush, [locks[i] for i in order], tint, ramp)
    sheen_on(brush, [locks[i] for i in order[count // 2 :]], tint, rng)
    strands(brush, locks, tint, rng, 4)
    tie = ellipse(root[0], root[1], 9, 6, 30 * side)
    brush.cel(tie, spec.accent, depth=2)
    brush.ink(tie[4:20], 1.2, line(spec.accent))
