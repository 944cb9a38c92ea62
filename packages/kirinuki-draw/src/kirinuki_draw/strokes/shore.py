"""Land of a painted background: hills, a town, a shrine gate, a railing, a cherry branch.

Pixels of the picture, not head units.

Not covered: sky and sea (`sky`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import Colour, mix, rgb, shadow
from kirinuki_draw.strokes.curves import Points, curve, ellipse, join, tube
from kirinuki_draw.strokes.sky import HORIZON


def _ridge(rng: np.random.Generator, points: Points, rough: float) -> Points:
    """A skyline with small bumps: trees on a hill."""
    bumps = np.cumsum(rng.normal(0, rough, len(points)))
    bumps -= np.linspace(bumps[0], bumps[-1], len(points))
    return points + np.stack(
        [np.zeros(len(points)), bumps - np.abs(rng.normal(0, rough, len(points)))], 1
    )


def coast(brush: Brush, size_hw: tuple[int, int], rng: np.random.Generator) -> None:
    """Islands far off, and a wooded cape on the right with a town at its foot and a torii."""
    height, width = size_hw
    k, level = height / 720, HORIZON * height
    far = _ridge(
        rng,
        curve(
            (0.30 * width, level),
            (0.38 * width, level - 20 * k),
            (0.45 * width, level - 9 * k),
            (0.53 * width, level - 26 * k),
            (0.66 * width, level),
            steps=24,
        ),
        0.5 * k,
    )
    brush.fill(join(far, (0.66 * width, level + 2)), rgb("#b3bcd6"))
    ridges = (
        (((0.55, 0), (0.66, -26), (0.78, -62), (0.88, -104), (1.02, -128)), "#8ea9c4", 0.9),
        (((0.66, 2), (0.76, -16), (0.85, -50), (0.93, -84), (1.02, -92)), "#6d93a4", 1.3),
    )
    for anchors, code, rough in ridges:
        top = curve(*[(x * width, level + y * k) for x, y in anchors], steps=40)
        top = _ridge(rng, top, rough * k)
        shape = join(top, (1.02 * width, level + 40 * k), (anchors[0][0] * width, level + 4))
        brush.fill(
            shape,
            Ramp(
                (0, level - 110 * k),
                (0, level + 20 * k),
                (rgb(code), mix(rgb(code), rgb("#ffe0c0"), 0.45)),
            ),
        )
    _town(brush, size_hw, rng)
    foot = float(np.interp(0.915 * width, top[:, 0], top[:, 1])) + 5 * k
    _torii(brush, 0.915 * width, foot, 19 * k)
    for dx, size in ((-26, 9), (-17, 6), (19, 8), (30, 10), (42, 7)):
        tree = ellipse(0.915 * width + dx * k, foot - 3 * k, size * k, size * 0.85 * k)
        brush.fill(
            tree, Ramp((0, foot - 14 * k), (0, foot + 6 * k), (rgb("#6f9a96"), rgb("#86a79c")))
        )


def _town(brush: Brush, size_hw: tuple[int, int], rng: np.random.Generator) -> None:
    """A beach, and the houses of a small town that come nearer to the right."""
    height, width = size_hw
    k, level = height / 720, HORIZON * height
    edge = ((0.62, 3), (0.8, 9), (1.02, 26), (1.02, 60))
    shore = curve(*[(x * width, level + y * k) for x, y in edge])
    beach = join(shore, (0.9 * width, level + 22 * k), (0.62 * width, level + 5 * k))
    brush.fill(beach, rgb("#c9b9a4"))
    spots = sorted((rng.uniform(-0.9, 1.0), rng.uniform(0.645, 1.0)) for _ in range(95))
    for v, u in spots:
        near = max(0.0, (u - 0.66) / 0.34)
        y = level + (8 * near + 14 * near * v * (1 if v > 0 else 2.6)) * k
        size = (3.2 + 6.5 * near * (1.1 + 0.35 * v)) * k
        _house(brush, u * width, y, size, 0.42 * (1 - 0.6 * near), rng)


_ROOFS = ("#c8735c", "#7c8fb0", "#a8655c", "#6f86a0", "#d09a6a", "#8aa0a8")


def _house(
    brush: Brush, x: float, y: float, size: float, haze: float, rng: np.random.Generator
) -> None:
    """One house, perhaps with a tree; `haze` is how much of its colour the air takes."""
    air = rgb("#e6d6d2")
    wall = mix(mix(rgb("#fff1de"), rgb("#cdd3e0"), rng.uniform(0, 0.8)), air, haze)
    roof = mix(rgb(_ROOFS[int(rng.integers(len(_ROOFS)))]), air, haze)
    w, h = size * rng.uniform(0.9, 1.7), size * rng.uniform(0.8, 1.5)
    brush.fill(_box(x, y, w, h), wall)
    brush.fill(_box(x + w * 0.6, y, w * 0.4, h), shadow(wall, 0.6))
    ridge = y - h - size * 0.6
    eaves = ((x - w * 0.12, y - h), (x + w * 1.12, y - h))
    brush.fill(join(eaves[0], (x + w * 0.2, ridge), (x + w * 0.85, ridge), eaves[1]), roof)
    if size > 6:
        brush.fill(_box(x + w * 0.15, y - h * 0.35, w * 0.23, h * 0.37), rgb("#7f92b4"))
    if rng.uniform() < 0.5:
        green = mix(rgb("#5f8f78"), rgb("#a9b89a"), rng.uniform(0, 0.7))
        tree = ellipse(x - w * 0.3, y - size * 0.4, size * 0.6, size * 0.55)
        brush.fill(tree, mix(green, air, haze))


def _box(x: float, y: float, w: float, h: float) -> Points:
    """A rectangle that stands on `y`."""
    return join((x, y), (x + w, y), (x + w, y - h), (x, y - h))


def _torii(brush: Brush, x: float, y: float, size: float) -> None:
    red = rgb("#d8553f")
    for side in (-1, 1):
        brush.fill(
            join(
                (x + side * size * 0.62, y),
                (x + side * size * 0.52, y - size * 1.4),
                (x + side * size * 0.40, y - size * 1.4),
                (x + side * size * 0.48, y),
            ),
            red,
        )
    brush.fill(
        join(
            (x - size * 0.75, y - size),
            (x + size * 0.75, y - size),
            (x + size * 0.75, y - size * 0.88),
            (x - size * 0.75, y - size * 0.88),
        ),
        red,
    )
    top = curve(
        (x - size * 1.05, y - size * 1.52), (x, y - size * 1.40), (x + size * 1.05, y - size * 1.52)
    )
    brush.fill(join(top, top[::-1] + np.array([0, size * 0.20])), red)


def railing(brush: Brush, size_hw: tuple[int, int]) -> None:
    """The railing of a promenade: posts and three bars, lit from the left."""
    height, width = size_hw
    k = height / 720
    light, dark = rgb("#f4f1ee"), rgb("#8f9cc0")
    for y, thick in ((0.735, 13.0), (0.83, 7.0), (0.915, 7.0)):
        top = y * height
        bar = join((-5, top), (width + 5, top), (width + 5, top + thick * k), (-5, top + thick * k))
        brush.fill(
            bar,
            Ramp(
                (0, top),
                (0, top + thick * k),
                (light, mix(light, dark, 0.3), dark),
                (0.0, 0.45, 1.0),
            ),
        )
    for i in range(6):
        x = (0.06 + 0.205 * i) * width
        w = 15 * k
        post = join(
            (x, 0.72 * height), (x + w, 0.72 * height), (x + w, height + 5), (x, height + 5)
        )
        brush.fill(
            post, Ramp((x, 0), (x + w, 0), (light, mix(light, dark, 0.35), dark), (0.0, 0.5, 1.0))
        )
        knob = curve(
            (x - 3 * k, 0.723 * height),
            (x + w / 2, 0.706 * height),
            (x + w + 3 * k, 0.723 * height),
            (x + w / 2, 0.73 * height),
            closed=True,
        )
        brush.fill(knob, Ramp((x, 0), (x + w, 0), (light, dark)))


def branch(brush: Brush, size_hw: tuple[int, int], rng: np.random.Generator) -> None:
    """A cherry branch in flower that reaches in from the upper left."""
    k = size_hw[0] / 720
    bark = rgb("#6b4450")
    twigs = (
        ((-10, 18), (70, 30), (150, 62), (238, 70), (300, 96)),
        ((60, 28), (110, 12), (180, 10), (228, -6)),
        ((120, 50), (150, 92), (168, 140)),
        ((20, 20), (34, 66), (30, 118)),
        ((205, 68), (238, 46), (282, 40)),
    )
    spots = []
    for i, twig in enumerate(twigs):
        spine = curve(*[(x * k, y * k) for x, y in twig], steps=14)
        half = np.linspace(5.5 if i == 0 else 2.6, 0.9, len(spine)) * k
        brush.cel(tube(spine, half), bark, depth=2 * k, edge=0)
        for _ in range(52 if i == 0 else 24):
            base = spine[int(rng.uniform(0.05, 1) * (len(spine) - 1))]
            spots.append(base + rng.normal(0, 13 * k, 2))
    for x, y in spots:
        tone = mix(rgb("#ffd3de"), rgb("#fff6f5"), rng.uniform(0, 1))
        brush.fill(ellipse(x + 3 * k, y + 4 * k, 9 * k, 8 * k), rgb("#d98fb0"), 0.45)
        _blossom(brush, x, y, rng.uniform(5.5, 12) * k, rng.uniform(0, 72), tone)


def _blossom(brush: Brush, x: float, y: float, size: float, turn: float, tone: Colour) -> None:
    """A cherry flower of five notched petals."""
    petal = curve(
        (0, 0),
        (-0.5, -0.45),
        (-0.34, -0.98),
        (0, -0.84),
        (0.34, -0.98),
        (0.5, -0.45),
        closed=True,
        steps=5,
    )
    for i in range(5):
        with brush.at(x, y, turn + 72 * i, size) as local:
            local.fill(petal, Ramp((0, 0), (0, -1), (rgb("#f7a8c0"), tone, tone), (0.0, 0.35, 1.0)))
    brush.fill(ellipse(x, y, size * 0.16, size * 0.16), rgb("#d8668a"), 0.8)


def petals(brush: Brush, size_hw: tuple[int, int], rng: np.random.Generator) -> None:
    """Cherry petals on the wind."""
    height, width = size_hw
    k = height / 720
    pink: Colour = rgb("#ffc4d2")
    for _ in range(70):
        x, y = rng.uniform(0, width), rng.uniform(0, height * 0.95)
        size = rng.uniform(3, 8.5) * k
        with brush.at(x, y, rng.uniform(0, 360), size) as local:
            squeeze = rng.uniform(0.35, 1.0)
            petal = curve(
                (0, 0.9),
                (-0.6, 0.2),
                (-0.45, -0.7),
                (0, -0.5),
                (0.45, -0.7),
                (0.6, 0.2),
                closed=True,
            )
            petal = petal * np.array([squeeze, 1.0])
            tone = mix(pink, rgb("#fff3f2"), rng.uniform(0, 0.8))
            local.fill(petal, Ramp((0, -1), (0, 1), (tone, mix(tone, rgb("#f28fb0"), 0.5))), 0.92)
