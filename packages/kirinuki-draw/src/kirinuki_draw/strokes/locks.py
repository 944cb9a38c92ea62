"""Locks: tapered clumps of hair, each shaded and inked by itself, that together make a mass.

Not covered: where they grow (`hair`, `fringe`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import Colour, line, shadow, sheen
from kirinuki_draw.strokes.curves import Points, along, join, profile, sides, tube


@dataclass(frozen=True)
class Lock:
    """A clump of hair: a spine and its half width along it."""

    spine: Points
    half: NDArray[np.float64]
    ink_from: float = 0.3
    """The place along it where its own lines begin; before that it melts into the mass."""

    @property
    def outline(self) -> Points:
        return tube(self.spine, self.half)

    def grown(self, weight: float) -> Points:
        """The outline with a line of this weight around it that sharpens towards the tip."""
        t = along(self.spine)
        return tube(self.spine, self.half + weight * np.clip((1 - t) / 0.25, 0, 1) ** 0.7)


def lock(
    spine: Points, width: float, root: float = 0.5, belly: float = 0.35, keen: float = 0.78
) -> Lock:
    """A clump `width` wide at `belly` of its length, thinner at its root, pointed at its tip.

    `keen`: 1 narrows evenly to the tip, less keeps it full for longer, more makes a needle.
    """
    t = along(spine)
    rise = profile(spine, (0, root), (belly, 1.0), (1, 1.0))
    fall = np.clip((1 - t) / (1 - belly), 0, 1) ** keen
    return Lock(spine, width / 2 * rise * fall)


@dataclass(frozen=True)
class Tint:
    """Colours of a head of hair, and the ramp that all its locks share."""

    base: Colour
    dark: Colour
    deep: Colour
    light: Colour
    ink: Colour

    @classmethod
    def of(cls, colour: Colour) -> Tint:
        return cls(
            base=colour,
            dark=shadow(colour, 1.15),
            deep=shadow(shadow(colour, 1.0), 0.9),
            light=sheen(colour),
            ink=line(shadow(colour), 0.62),
        )


def paint_locks(brush: Brush, locks: Sequence[Lock], tint: Tint, ramp: Ramp) -> None:
    """Locks with their common outline."""
    outline_locks(brush, locks, tint)
    fill_locks(brush, locks, tint, ramp)


def fill_locks(
    brush: Brush, locks: Sequence[Lock], tint: Tint, ramp: Ramp, *, shade: float = 0.45
) -> None:
    """Each lock in turn: fill, the shadow on its far side, its own tapered lines."""
    for part in locks:
        brush.fill(part.outline, ramp)
        side = _far_side(part, brush.light)
        bare = profile(part.spine, (0, 1.0), (0.25, 1.0), (0.6, 1 - 2 * shade), (1, 1 - 2 * shade))
        inner = part.spine + (side - part.spine) * bare[:, None]
        brush.fill(join(inner, side[::-1]), tint.dark)
        start = int(part.ink_from * len(part.spine))
        for edge in sides(part.spine, part.half):
            brush.ink(edge[start:], 1.3, tint.ink, (0.6, 0.35))


def outline_locks(brush: Brush, locks: Sequence[Lock], tint: Tint) -> None:
    """The common outline of locks, to be painted before any of them is filled."""
    shift = np.asarray(brush.light) * (-0.3 * brush.weight)
    for part in locks:
        brush.fill(part.grown(brush.weight) + shift, tint.ink)


def _far_side(part: Lock, light: tuple[float, float]) -> Points:
    one, two = sides(part.spine, part.half)
    toward = np.asarray(light)
    return one if float(((one - two) @ toward).sum()) < 0 else two


def strands(
    brush: Brush, roots: Sequence[Lock], tint: Tint, rng: np.random.Generator, count: int
) -> None:
    """Loose single hairs that leave the mass: what an edge must keep."""
    for _ in range(count):
        source = roots[int(rng.integers(len(roots)))]
        start = int(rng.uniform(0.25, 0.7) * len(source.spine))
        rest = source.spine[start:]
        t = along(rest)[:, None]
        drift = rng.uniform(-34, 34) * t**1.6 + rng.uniform(-3, 3)
        grow = 1 + rng.uniform(0.02, 0.30)
        stroke = rest[0] + (rest - rest[0]) * grow + drift * np.array([[0.6, 0.8]])
        brush.ink(stroke, rng.uniform(1.6, 2.6), tint.base, (0.2, 0.8))
        brush.ink(stroke + 0.5, 0.7, tint.ink, (0.3, 0.8))


def sheen_on(brush: Brush, locks: Sequence[Lock], tint: Tint, rng: np.random.Generator) -> None:
    for part in locks:
        a, b = sorted(rng.uniform(0.3, 0.85, 2))
        n = len(part.spine)
        piece = slice(int(a * n), max(int(b * n), int(a * n) + 4))
        near = part.spine - (_far_side(part, brush.light) - part.spine) * 0.55
        brush.ink(near[piece], 2.6, tint.light, (0.5, 0.5), alpha=0.6)
