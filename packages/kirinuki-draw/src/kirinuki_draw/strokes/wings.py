"""Wings: feathered, of a bat, of a butterfly or a fairy. Frame of the body.

Each is drawn for the viewer's right and mirrored. Not covered: where the body is (`character`).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import Colour, glow, line, mix, shadow
from kirinuki_draw.strokes.curves import Points, along, curve, ellipse, join, profile, sides, tube
from kirinuki_draw.strokes.parts import WingKind


def draw_wing(
    brush: Brush, kind: WingKind, side: float, size: float, colour: Colour, seed: int
) -> None:
    """One wing on `side` (-1 the viewer's left, 1 the right), its root behind the shoulder."""
    rng = np.random.default_rng((seed, 21))
    place = np.array([side, 1.0]) * size
    root = np.array([side * 10.0, 38.0])
    if kind == "feather":
        _feathered(brush, place, root, colour, rng)
    elif kind == "bat":
        _bat(brush, place, root, colour, rng)
    elif kind in ("butterfly", "fairy"):
        _insect(brush, place, root, colour, rng, thin=kind == "fairy")


def _feather(base: Points, heading: float, length: float, width: float) -> Points:
    """Outline of one feather in the frame of a right wing, with a round tip."""
    angle = np.deg2rad(heading + np.linspace(0, 14, 14))
    step = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (length / 13)
    spine = base + np.cumsum(step, axis=0) - step[0]
    half = width / 2 * np.minimum(0.55 + 2 * along(spine), 1) * (1 - along(spine) ** 5) ** 0.6
    return tube(spine, half)


def _feathered(
    brush: Brush, place: Points, root: Points, colour: Colour, rng: np.random.Generator
) -> None:
    lift = rng.uniform(-30, 35)
    reach = rng.uniform(0.85, 1.15)
    arm = curve(
        (0, 0), (30, -34 - 0.4 * lift), (66 * reach, -72 - lift), (116 * reach, -96 - lift),
        (150 * reach, -84 - lift),
    )  # fmt: skip
    t = along(arm)
    open_to = rng.uniform(-32, 8)
    rows = (
        (13, 0.30, (168.0, 84.0), 25.0, colour),
        (12, 0.12, (104.0, 62.0), 23.0, glow(colour, 0.35)),
        (11, 0.05, (52.0, 34.0), 20.0, glow(colour, 0.6)),
    )
    for count, start, (far, near), width, tone in rows:
        feathers = []
        for i in range(count):
            u = i / (count - 1)  # 0 at the tip
            where = 1 - u * (1 - start * 0.4)
            base = np.array([np.interp(where, t, arm[:, k]) for k in (0, 1)])
            heading = open_to + (100 - open_to) * u**0.8
            length = (far + (near - far) * u) * rng.uniform(0.93, 1.05)
            feathers.append(_feather(base, heading, length, width) * place + root)
        brush.outline(feathers, colour=line(colour))
        for shape in feathers:
            brush.fill(shape, tone)
            brush.crescent(shape, np.asarray(brush.light) * 5, shadow(tone, 0.9))
            brush.ink(shape[1:-1], 1.1, line(tone, 0.6), (0.1, 0.1))
    bone = tube(arm * place + root, profile(arm, (0, 9.0), (0.5, 8.0), (1, 3.0)))
    brush.cel(bone, glow(colour, 0.6), depth=3)


def _bat(
    brush: Brush, place: Points, root: Points, colour: Colour, rng: np.random.Generator
) -> None:
    lift, reach = rng.uniform(-20, 45), rng.uniform(0.85, 1.2)
    wrist = np.array([72 * reach, -88 - lift])
    tips = [
        np.array([x * reach, y - lift * k])
        for x, y, k in ((205, -84, 1.3), (196, 6, 0.9), (150, 78, 0.4), (92, 112, 0.1))
    ]
    edge: list[Points] = []
    last = tips[0]
    for tip in (*tips[1:], np.array([8.0, 66.0])):
        middle = (last + tip) / 2
        edge.append(curve(last, middle + 0.22 * (wrist - middle), tip)[1:])
        last = tip
    arm = curve((0, 0), (26, -40 - lift * 0.4), wrist)
    lead = curve(wrist, (wrist + tips[0]) / 2 + [6, -16], tips[0])
    skin = join(arm, lead[1:], *edge) * place + root
    dark = shadow(colour)
    brush.outline([skin], colour=line(colour))
    brush.fill(skin, colour)
    with brush.within(skin):
        for one, two in pairwise(tips):
            fold = curve(wrist, (wrist + one) / 2 + [0, 12], one)
            brush.fill(join(fold, (0.35 * one + 0.65 * two), wrist) * place + root, dark, 0.75)
    bones = [curve(wrist, (wrist + tip) / 2 + [5, -9], tip) for tip in tips]
    for bone in (*bones, arm):
        wide = profile(bone, (0, 4.6), (1, 1.0)) if bone is not arm else 5.2
        brush.cel(tube(bone * place + root, wide), glow(colour, 0.16), depth=2, edge=0.8)
    claw = curve((-4, 0), (0, -20), (9, -24), (5, -2)) + wrist
    brush.cel(claw * place + root, glow(colour, 0.6), depth=2)


def _insect(
    brush: Brush,
    place: Points,
    root: Points,
    colour: Colour,
    rng: np.random.Generator,
    *,
    thin: bool,
) -> None:
    """Two lobes; a butterfly's have a dark rim and spots, a fairy's let the picture through."""
    lobes = []
    for heading, length, wide in ((-38.0, 178.0, 0.62), (34.0, 128.0, 0.60)):
        angle, size = heading + rng.uniform(-10, 10), length * rng.uniform(0.9, 1.1)
        broad = wide * (0.42 if thin else 1.0) * size / 2
        lobe = curve(
            (0, 0), (0.35 * size, -0.75 * broad), (0.8 * size, -broad), (size, -0.25 * broad),
            (0.86 * size, 0.5 * broad), (0.45 * size, 0.62 * broad), closed=True,
        )  # fmt: skip
        c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
        lobes.append(lobe @ np.array([[c, s], [-s, c]]))
    with brush.layer(0.55 if thin else 1.0):
        for lobe in reversed(lobes):
            shape = lobe * place + root
            brush.cel(shape, glow(colour, 0.5) if thin else colour, depth=6)
            inner = lobe[:-1].mean(axis=0) + (lobe - lobe[:-1].mean(axis=0)) * 0.72
            if not thin:
                brush.fill(shape, mix(shadow(colour), (0.08, 0.05, 0.12), 0.7))
                brush.fill(inner * place + root, colour)
            far = lobe[np.argsort(np.linalg.norm(lobe, axis=1))[-40::9]]
            for tip in far:
                vein = curve((0, 0), tip * 0.5 + [4, -4], tip * 0.9) * place + root
                brush.ink(vein, 1.6, line(colour, 0.5), (0.1, 0.6))
                if not thin:
                    x, y = tip * 0.91 * place + root
                    brush.fill(ellipse(float(x), float(y), 4, 4), glow(colour, 0.8))
            if thin:
                one, two = sides(inner * place + root, 1.0)
                brush.fill(join(one, two[::-1]), glow(colour, 0.9), 0.7)
