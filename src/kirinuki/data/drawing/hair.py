"""Hair in locks: tapered clumps, each shaded and inked by itself, that together make a mass.

`back_hair` lies behind the body, `front_hair` over the face. The frame is that of the head.

Not covered: hats and ribbons (`clothes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kirinuki.data.drawing.brush import Brush, Ramp
from kirinuki.data.drawing.colour import Colour, line, mix, shadow, sheen
from kirinuki.data.drawing.curves import (
    Points,
    along,
    curve,
    flow,
    join,
    profile,
    sides,
    tube,
)
from kirinuki.data.drawing.face import Head
from kirinuki.data.drawing.spec import CharacterSpec


@dataclass(frozen=True)
class Lock:
    """A clump of hair: a spine and its half width along it."""

    spine: Points
    half: Points
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
        drift = rng.uniform(-16, 16) * t**1.6 + rng.uniform(-3, 3)
        grow = 1 + rng.uniform(0.0, 0.22)
        stroke = rest[0] + (rest - rest[0]) * grow + drift * np.array([[0.6, 0.8]])
        brush.ink(stroke, rng.uniform(1.6, 2.6), tint.base, (0.2, 0.8))
        brush.ink(stroke + 0.5, 0.7, tint.ink, (0.3, 0.8))


def back_hair(brush: Brush, head: Head) -> None:
    """Everything that hangs behind the neck and shoulders."""
    spec = head.spec
    tint = Tint.of(spec.hair)
    rng = np.random.default_rng((spec.seed, 1))
    build = {"long": _long, "bob": _bob, "ponytail": _ponytail, "twintails": _twintails}
    if spec.hair_style == "short":
        _nape(brush, spec, tint, rng)
        return
    build[spec.hair_style](brush, spec, tint, rng)


def _long(brush: Brush, spec: CharacterSpec, tint: Tint, rng: np.random.Generator) -> None:
    length, wind = spec.hair_length, spec.wind
    ramp = Ramp((0, -30), (0, length), (tint.dark, tint.base, mix(tint.base, tint.light, 0.35)))
    locks = []
    count = 13
    for i in range(count):
        u = 2 * i / (count - 1) - 1
        spine = flow(
            (u * 34, -14 + 10 * u * u),
            90 - 10 * u,
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
    outline_locks(brush, locks, tint)
    strands(brush, locks, tint, rng, 9)
    paint_locks(brush, [locks[i] for i in order[: count // 2]], tint, ramp)
    brush.fill(cap.outline, inner)
    paint_locks(brush, [locks[i] for i in order[count // 2 :]], tint, ramp)
    _sheen(brush, [locks[i] for i in order[count // 3 :]], tint, rng)
    strands(brush, locks, tint, rng, 7)


def _sheen(
    brush: Brush, locks: Sequence[Lock], tint: Tint, rng: np.random.Generator
) -> None:
    for part in locks:
        a, b = sorted(rng.uniform(0.3, 0.85, 2))
        n = len(part.spine)
        piece = slice(int(a * n), max(int(b * n), int(a * n) + 4))
        near = part.spine - (_far_side(part, brush.light) - part.spine) * 0.55
        brush.ink(near[piece], 2.6, tint.light, (0.5, 0.5), alpha=0.6)


def _bob(brush: Brush, spec: CharacterSpec, tint: Tint, rng: np.random.Generator) -> None:
    wind = spec.wind
    locks = []
    for i in range(11):
        u = 2 * i / 10 - 1
        spine = flow(
            (u * 38, -18 + 8 * u * u),
            90 - 14 * u,
            74 + rng.uniform(-6, 6),
            bend=34 * u - wind * 26,
            wave=7,
            phase=rng.uniform(0, 0.2),
            lift=1.6,
        )
        locks.append(lock(spine, rng.uniform(22, 28), 0.8, 0.5))
    order = sorted(range(11), key=lambda i: -abs(i - 5))
    ramp = Ramp((0, -30), (0, 60), (tint.dark, mix(tint.base, tint.dark, 0.4)))
    strands(brush, locks, tint, rng, 5)
    paint_locks(brush, [locks[i] for i in order], tint, ramp)


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
            bend=90 - heading + 30 * u - spec.wind * 52,
            wave=15,
            turns=1.1,
            phase=0.05 * u + rng.uniform(-0.04, 0.04),
            lift=0.75,
        )
        locks.append(lock(spine, rng.uniform(17, 24), 0.35, 0.4))
    ramp = Ramp(
        root, (root[0], root[1] + spec.hair_length), (tint.base, tint.base, mix(tint.base, tint.light, 0.4))
    )
    strands(brush, locks, tint, rng, 6)
    order = [0, 6, 1, 5, 2, 4, 3]
    paint_locks(brush, [locks[i] for i in order], tint, ramp)
    _sheen(brush, [locks[i] for i in order[3:]], tint, rng)
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


# Tips of the fringe of a head that looks straight at us, in the order of painting: x, y, width.
_GIRL_FRINGE = (
    (-40.0, 22.0, 16.0), (40.0, 20.0, 15.0), (-33.0, 10.0, 18.0), (33.0, 12.0, 18.0),
    (25.0, 3.0, 17.0), (-24.0, 3.0, 20.0), (-9.0, 1.0, 20.0), (14.0, -2.0, 17.0),
    (3.0, 7.0, 13.0), (-17.0, 9.0, 7.0), (21.0, 8.0, 7.0),
)  # fmt: skip
_BOY_FRINGE = (
    (-42.0, 16.0, 17.0), (42.0, 12.0, 16.0), (34.0, 6.0, 19.0), (-34.0, 6.0, 19.0),
    (24.0, -1.0, 20.0), (-21.0, 10.0, 22.0), (10.0, 3.0, 20.0), (-6.0, 13.0, 17.0),
    (29.0, 9.0, 8.0), (-27.0, 13.0, 8.0),
)  # fmt: skip


def fringe(head: Head) -> list[Lock]:
    """The locks over the forehead, in the order in which they are painted."""
    spec = head.spec
    rng = np.random.default_rng((spec.seed, 2))
    part = np.array([head.x(2, 12) if spec.girl else head.x(-8, 2), -55.0])
    tips = _GIRL_FRINGE if spec.girl else _BOY_FRINGE
    locks = []
    for x, y, width in tips:
        tip = np.array([head.x(x, x * 0.92 + 6.0), y + rng.uniform(-4, 4)])
        side = tip[0] - part[0]
        root = part + np.array([side * 0.12, 0.06 * abs(x)])
        mid = part + np.array([side * 0.86, 20 + 0.10 * abs(side)])
        low = np.array([part[0] + side * 1.07, (mid[1] + tip[1]) / 2 + 4])
        tip[0] += spec.wind * rng.uniform(3, 8) - 0.10 * side
        spine = curve(root, mid, low, tip)
        locks.append(replace(lock(spine, width + rng.uniform(-1, 2), 0.35, 0.62), ink_from=0.5))
    return locks


def cap(head: Head) -> Points:
    """The hair on top of the skull, down to where the fringe begins."""
    grow = 1.0 if head.spec.girl else 1.02
    shape = [
        (-43.5, 6.0), (-46.5, -14.0), (-42.0, -36.0), (-27.0, -53.0), (-3.0, -60.5),
        (22.0, -56.0), (39.0, -40.0), (45.5, -16.0), (43.0, 4.0),
    ]  # fmt: skip
    top = [(head.x(x * grow, x * grow), y * grow) for x, y in shape]
    low = [(head.x(36, 36), -8.0), (head.x(20, 20), -26.0), (0.0, -30.0), (head.x(-20, -20), -26.0), (head.x(-36, -36), -8.0)]
    return join(curve(*top, steps=10), curve(*low, steps=6))


def side_locks(head: Head) -> list[Lock]:
    """Locks in front of the ears that frame the face."""
    spec = head.spec
    rng = np.random.default_rng((spec.seed, 3))
    reach = {"long": 88.0, "twintails": 60.0, "ponytail": 62.0, "bob": 46.0, "short": 34.0}
    locks = []
    for x, extra in ((-40.0, 4.0), (39.0, 0.0), (-36.5, -14.0), (36.5, -16.0)):
        length = reach[spec.hair_style] + extra
        outward = float(np.sign(head.x(x, x)))
        # hair that the wind blows into the face would hide it
        blown = spec.wind * (1.0 if spec.wind * outward > 0 else 0.15)
        spine = flow(
            (head.x(x, x * 0.97), -20),
            90 + outward * 3,
            length + rng.uniform(-4, 4),
            bend=outward * 16 - blown * (34 if spec.girl else 10),
            wave=8,
            phase=rng.uniform(0.0, 0.2),
            lift=1.8,
        )
        locks.append(lock(spine, 15 if extra >= 0 else 9, 0.7, 0.3))
    return locks


def front_hair(brush: Brush, head: Head) -> None:
    """Cap, fringe and side locks, the shine on them and the stray hair on top."""
    spec = head.spec
    tint = Tint.of(spec.hair)
    rng = np.random.default_rng((spec.seed, 4))
    ramp = Ramp((0, -58), (0, 60), (tint.base, tint.base, mix(tint.base, tint.dark, 0.25)))
    top, bangs, framing = cap(head), fringe(head), side_locks(head)
    brush.outline([top], 1.2, tint.ink)
    tufts = _spikes(head, rng)
    if tufts:
        paint_locks(brush, tufts, tint, ramp)
    paint_locks(brush, framing, tint, ramp)
    _ahoge(brush, head, tint)
    outline_locks(brush, bangs, tint)
    brush.fill(top, ramp)
    if not tufts:
        lx, ly = brush.light
        brush.crescent(top, (lx * 9, ly * 9), tint.dark)
    fill_locks(brush, bangs, tint, ramp, shade=0.36)
    _crown(brush, head, tint, rng)
    _shine(brush, head, bangs, tint, rng)


def _spikes(head: Head, rng: np.random.Generator) -> list[Lock]:
    """Tufts that break the outline of short hair."""
    if head.spec.hair_style != "short":
        return []
    tufts = []
    for angle in (-168, -148, -126, -104, -80, -56, -34, -14):
        a = np.deg2rad(angle + rng.uniform(-6, 6))
        root = (36 * np.cos(a), -14 + 38 * np.sin(a))
        heading = angle + (28 if np.cos(a) > 0 else -28) + head.spec.wind * 14
        spine = flow(root, heading, rng.uniform(22, 30), bend=30 * np.sign(np.cos(a)))
        tufts.append(lock(spine, rng.uniform(20, 26), 1.0, 0.1, keen=1.25))
    return tufts


def _crown(brush: Brush, head: Head, tint: Tint, rng: np.random.Generator) -> None:
    """Fine lines that follow the skull from the whorl."""
    x = head.x(2, 12)
    for side in (-34, -22, -11, 10, 21, 33):
        end = x + side * rng.uniform(0.95, 1.1)
        stroke = curve((x + side * 0.16, -57 + abs(side) * 0.05), (x + side * 0.66, -48), (end, -30 + abs(side) * 0.3))
        brush.ink(stroke, 1.0, tint.dark, (0.4, 0.6), alpha=0.9)


def _shine(
    brush: Brush, head: Head, bangs: Sequence[Lock], tint: Tint, rng: np.random.Generator
) -> None:
    """The band of light around the head, broken where locks part."""
    n = 45
    x = head.x(0, 5)
    angles = np.deg2rad(np.linspace(204, 336, n))
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    middle = np.array([x, -3.0]) + ring * np.array([37.0, 35.0])
    taper = np.sin(np.linspace(0, np.pi, n)) ** 0.7
    swell = 0.62 + 0.38 * np.sin(np.linspace(0, 7 * np.pi, n) + head.spec.seed)
    teeth = np.where(np.arange(n) % 2 == 0, 0.35, 1.0) * rng.uniform(0.8, 1.1, n)
    upper = middle + ring * (2.4 * taper * swell)[:, None]
    lower = middle - ring * (7.5 * taper * swell * teeth)[:, None]
    with brush.within(cap(head)):
        brush.fill(join(upper, lower[::-1]), tint.light, 0.9)
        for part in bangs:  # the band breaks where locks part
            for edge in sides(part.spine, part.half * 0.9):
                brush.ink(edge[: int(0.55 * len(edge))], 1.3, tint.base, (0.2, 0.2))


def _ahoge(brush: Brush, head: Head, tint: Tint) -> None:
    """The one hair that stands up."""
    if head.spec.hair_style == "short" or head.spec.hat:
        return
    x = head.x(2, 10)
    w = head.spec.wind if head.spec.wind else 0.3
    spine = curve((x, -56), (x + 4 * w, -70), (x + 16 * w, -77), (x + 28 * w, -70))
    part = lock(spine, 4.6, 1.0, 0.2)
    outline_locks(brush, [part], tint)
    brush.fill(part.outline, tint.base)
