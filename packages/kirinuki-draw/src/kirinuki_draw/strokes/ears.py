"""Ears of animals and elves, horns, a halo. Frame of the head.

Not covered: the cat ears of `extras`.
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import glow, line, mix, rgb, shadow, skin_line, skin_shadow
from kirinuki_draw.strokes.curves import curve, flow, join, profile, sides, tube
from kirinuki_draw.strokes.face import Head

_PINK = rgb("#f2b8b8")


def _x(head: Head, side: float, straight: float, turned: float) -> float:
    """x of something on the viewer's left (-1) or right (1) of a head."""
    near = side * head.sign
    return head.x(near * straight, near * turned)


def halo_back(brush: Brush, head: Head) -> None:
    """A ring of light over the head; its far half first."""
    _ring(brush, head, far=True)


def halo_front(brush: Brush, head: Head) -> None:
    _ring(brush, head, far=False)


def _ring(brush: Brush, head: Head, *, far: bool) -> None:
    tone = rgb("#ffe68a")
    with brush.at(0, -84, 6.0 * head.sign) as local:
        t = np.linspace(np.pi, 2 * np.pi, 40) + (0 if far else np.pi)
        arc = np.stack([40 * np.cos(t), 10 * np.sin(t)], axis=1)
        local.cel(tube(arc, 3.4), tone, depth=1.5)
        local.ink(arc + np.array([0, -1.0]), 1.6, rgb("#fffdf0"), (0.1, 0.1))


def draw_ears(brush: Brush, head: Head) -> None:
    """Ears in front of the cap, behind the fringe."""
    kind = head.spec.parts.ears
    for side in (-1.0, 1.0):
        if kind in ("cat", "fox"):
            _pointed(brush, head, side, 1.0 if kind == "cat" else 1.35)
        elif kind == "rabbit":
            _rabbit(brush, head, side)
        elif kind == "elf":
            _elf(brush, head, side)


def _pointed(brush: Brush, head: Head, side: float, tall: float) -> None:
    hair = head.spec.hair
    x = _x(head, side, 27, 25)
    top = -44 - 44 * tall
    ear = join(
        curve((x - side * 17, -48), (x - side * 6, -60 * tall), (x + side * 11, top)),
        curve((x + side * 11, top), (x + side * 19, -58), (x + side * 16, -32)),
    )
    brush.cel(ear, hair, depth=4)
    core = np.array([x + side * 3, -54])
    inner = core + (ear - core) * 0.6
    brush.fill(inner, _PINK if tall < 1.2 else glow(hair, 0.7))
    brush.crescent(inner, np.asarray(brush.light) * 4, mix(_PINK, shadow(_PINK), 0.8))
    for i in range(4):
        tuft = curve((x - side * (9 - i * 6), -42), (x - side * (3 - i * 5), -62 - i * 3))
        brush.ink(tuft, 3.6, glow(hair, 0.35), (0.02, 0.98))


def _rabbit(brush: Brush, head: Head, side: float) -> None:
    rng = np.random.default_rng((head.spec.seed, 32, int(side) + 1))
    white = mix(head.spec.hair, rgb("#fbf6f2"), 0.75)
    bend = side * float(rng.choice([12.0, 30.0, 120.0]))
    spine = flow((_x(head, side, 20, 19), -46), -90 + side * 8, 118, bend=bend, lift=2.2)
    brush.cel(tube(spine, profile(spine, (0, 9), (0.5, 14), (0.85, 10), (1, 1))), white, depth=4)
    inner = tube(spine[4:-4], profile(spine[4:-4], (0, 3), (0.5, 7.5), (1, 1)))
    brush.fill(inner, _PINK)


def _elf(brush: Brush, head: Head, side: float) -> None:
    skin = head.spec.skin
    x = _x(head, side, 37, 36)
    ear = join(
        curve((x - side * 2, 2), (x + side * 26, -10), (x + side * 50, -18)),
        curve((x + side * 50, -18), (x + side * 26, 12), (x - side * 2, 24)),
    )
    brush.outline([ear], colour=skin_line(skin))
    brush.fill(ear, skin)
    brush.crescent(ear, np.asarray(brush.light) * 4, skin_shadow(skin))
    fold = curve((x + side * 2, 8), (x + side * 18, 0), (x + side * 36, -9))
    brush.ink(fold, 1.5, skin_line(skin, 0.6), (0.1, 0.8))


def draw_horns(brush: Brush, head: Head) -> None:
    """Horns that grow out of the cap."""
    kind = head.spec.parts.horns
    if kind == "none":
        return
    rng = np.random.default_rng((head.spec.seed, 33))
    bone = mix(rgb("#efe0c0"), head.spec.second, float(rng.choice([0.0, 0.3, 0.8])))
    for side in (-1.0, 1.0):
        x = _x(head, side, 25, 24)
        if kind == "ram":
            spine = flow((x + side * 8, -40), -90 + side * 50, 165, bend=side * 330, lift=0.9)
            wide = 15.0
        elif kind == "oni":
            spine = flow((_x(head, side, 15, 14), -46), -90 + side * 8, 40, bend=side * 6)
            wide = 8.0
        else:
            turn = -side * rng.uniform(20, 70)
            spine = flow((x, -46), -90 + side * 48, rng.uniform(55, 95), bend=turn, lift=1.0)
            wide = 10.0
        half = profile(spine, (0, wide), (0.5, wide * 0.72), (1, 0.6))
        brush.cel(tube(spine, half), bone, depth=4)
        for i in range(4, len(spine) - 4, 5):
            one, two = sides(spine, half)
            rib = curve(one[i], (one[i] + two[i]) / 2 + (spine[i + 1] - spine[i]) * 1.2, two[i])
            brush.ink(rib, 1.1, line(bone, 0.6), (0.05, 0.05))
