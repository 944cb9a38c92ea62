"""Hair in front of the head: cap, fringe, side locks, shine. Frame of the head.

Not covered: what hangs behind (`hair`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import mix
from kirinuki_draw.strokes.curves import Points, curve, flow, join, sides
from kirinuki_draw.strokes.face import Head
from kirinuki_draw.strokes.locks import Lock, Tint, fill_locks, lock, outline_locks, paint_locks
from kirinuki_draw.strokes.parts import FringeKind

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


_Tips = tuple[tuple[float, float, float], ...]
_OTHER_FRINGES: dict[FringeKind, _Tips] = {
    "hime": (
        (-40.0, 24.0, 16.0), (40.0, 24.0, 16.0), (-33.0, 9.0, 17.0), (33.0, 9.0, 17.0),
        (-24.0, 9.0, 16.0), (24.0, 9.0, 16.0), (-15.0, 9.0, 16.0), (15.0, 9.0, 16.0),
        (-5.0, 9.0, 16.0), (6.0, 9.0, 16.0),
    ),
    "parted": (
        (-41.0, 22.0, 17.0), (41.0, 20.0, 16.0), (-36.0, 10.0, 19.0), (36.0, 10.0, 19.0),
        (-30.0, -2.0, 18.0), (30.0, -2.0, 18.0), (-22.0, -12.0, 13.0), (23.0, -12.0, 13.0),
    ),
    "swept": (
        (-41.0, 16.0, 17.0), (-34.0, 0.0, 16.0), (41.0, 22.0, 16.0), (37.0, 14.0, 20.0),
        (30.0, 8.0, 20.0), (20.0, 4.0, 20.0), (8.0, 1.0, 19.0), (-4.0, -2.0, 17.0),
        (-15.0, -6.0, 14.0),
    ),
    "one eye": (
        (-40.0, 18.0, 16.0), (-33.0, 6.0, 18.0), (-20.0, 2.0, 18.0), (-6.0, 2.0, 18.0),
        (40.0, 26.0, 16.0), (8.0, 22.0, 18.0), (31.0, 44.0, 20.0), (19.0, 40.0, 20.0),
        (26.0, 34.0, 14.0),
    ),
    "back": ((-41.0, 12.0, 15.0), (41.0, 12.0, 15.0), (-38.0, -6.0, 15.0), (38.0, -6.0, 15.0)),
}  # fmt: skip


def fringe(head: Head) -> list[Lock]:
    """The locks over the forehead, in the order in which they are painted."""
    spec = head.spec
    rng = np.random.default_rng((spec.seed, 2))
    part = np.array([head.x(2, 12) if spec.girl else head.x(-8, 2), -55.0])
    tips: _Tips = _GIRL_FRINGE if spec.girl else _BOY_FRINGE
    if spec.parts.fringe != "usual":
        tips = _OTHER_FRINGES[spec.parts.fringe]
    if spec.parts.fringe in ("swept", "one eye"):
        part[0] = head.x(-20, -10)
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


_CAP_POINTS = 81
"""Points of `cap` along the top of the skull; the rest runs along the hairline."""


def cap(head: Head) -> Points:
    """The hair on top of the skull, down to where the fringe begins."""
    grow = 1.0 if head.spec.girl else 1.02
    shape = [
        (-43.5, 6.0), (-46.5, -14.0), (-42.0, -36.0), (-27.0, -53.0), (-3.0, -60.5),
        (22.0, -56.0), (39.0, -40.0), (45.5, -16.0), (43.0, 4.0),
    ]  # fmt: skip
    top = [(head.x(x * grow, x * grow), y * grow) for x, y in shape]
    low = [
        (head.x(36, 36), -8.0),
        (head.x(20, 20), -26.0),
        (0.0, -30.0),
        (head.x(-20, -20), -26.0),
        (head.x(-36, -36), -8.0),
    ]
    return join(curve(*top, steps=10), curve(*low, steps=6))


def side_locks(head: Head) -> list[Lock]:
    """Locks in front of the ears that frame the face."""
    spec = head.spec
    rng = np.random.default_rng((spec.seed, 3))
    reach = {
        "long": 88.0, "blown": 84.0, "ponytail": 62.0, "bob": 46.0, "short": 34.0, "spiky": 34.0,
    }  # fmt: skip
    locks = []
    for x, extra in ((-40.0, 4.0), (39.0, 0.0), (-36.5, -14.0), (36.5, -16.0)):
        length = reach.get(spec.hair_style, 60.0) + extra
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
    with brush.within(top[:_CAP_POINTS]):  # light falls on the crown, and fades above the eyes
        lx, ly = brush.light
        brush.spot(34 * lx, 50 * ly, 38, tint.light, 0.36)
    _shine(brush, head, bangs, tint, rng)
    _crown(brush, head, tint, rng)


def _spikes(head: Head, rng: np.random.Generator) -> list[Lock]:
    """Tufts that break the outline of short hair."""
    if head.spec.hair_style not in ("short", "spiky"):
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
        stroke = curve(
            (x + side * 0.16, -57 + abs(side) * 0.05),
            (x + side * 0.66, -48),
            (end, -30 + abs(side) * 0.3),
        )
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
    spec = head.spec
    hatted = "straw hat" in spec.extras or spec.parts.hat != "none"
    if spec.hair_style in ("short", "spiky") or hatted:
        return
    x = head.x(2, 10)
    w = head.spec.wind if head.spec.wind else 0.3
    spine = curve((x, -56), (x + 4 * w, -70), (x + 16 * w, -77), (x + 28 * w, -70))
    part = lock(spine, 4.6, 1.0, 0.2)
    outline_locks(brush, [part], tint)
    brush.fill(part.outline, tint.base)
