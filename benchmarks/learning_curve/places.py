"""Where the drawn show plays: a room, a forest, a town by night, the sky; and what stands about.

A place is drawn in pixels of 512 × 288 with room on all sides, so that a camera can move over it.

Not covered: who plays (`cast`, `familiars`), the pictures (`show`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from cast import EDGE, LINE, WHITE
from numpy.typing import ArrayLike

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import Colour, mix, rgb
from kirinuki_draw.strokes.curves import Points, curve, ellipse, flow, join, tube

Rng = np.random.Generator
LEFT, RIGHT, TOP, BOTTOM = -200.0, 712.0, -150.0, 440.0
GROUND = 225.0


@dataclass(frozen=True)
class Place:
    """A backdrop, and what of it stands before the characters; both draw the same each time."""

    behind: Callable[[Brush], None]
    before: Callable[[Brush], None]
    light: float
    """What colours are multiplied with: 1 by day."""


def place(kind: str, seed: int) -> Place:
    """The place of this kind and seed: "room", "forest", "town" or "sky"."""
    back, front = _KINDS[kind]
    light = {"town": 0.72, "forest": 0.9}.get(kind, 1.0)
    return Place(
        lambda brush: back(brush, np.random.default_rng((seed, 1))),
        lambda brush: front(brush, np.random.default_rng((seed, 2))),
        light,
    )


def box(x: float, y: float, width: float, height: float) -> Points:
    """A rectangle from its upper left corner."""
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], float)


def _thing(brush: Brush, outline: ArrayLike, colour: Colour) -> None:
    points = np.asarray(outline, np.float64)
    brush.outline([points], EDGE * 0.9, LINE)
    brush.fill(points, colour)


def _any(rng: Rng, codes: str) -> Colour:
    return rgb(str(rng.choice(codes.split())))


def _flat(brush: Brush, top: Colour, bottom: Colour, until: float = BOTTOM) -> None:
    ramp = Ramp((0, 0), (0, until), (top, bottom))
    brush.fill(box(LEFT, TOP, RIGHT - LEFT, until - TOP), ramp)


def _room(brush: Brush, rng: Rng) -> None:
    wall = _any(rng, "#c9a27a #8fa7a0 #b58a9a #a9a3c4 #d8c79a")
    _flat(brush, wall, mix(wall, LINE, 0.2), GROUND - 35)
    brush.fill(box(LEFT, GROUND - 35, RIGHT - LEFT, 300), mix(rgb("#7a5236"), wall, 0.25))
    for x in np.arange(LEFT, RIGHT, 46):
        brush.ink(curve((x, GROUND - 35), (x * 1.4 - 100, BOTTOM)), 1.5, LINE, alpha=0.4)
    for x in np.arange(-150, 680, 150) + rng.uniform(-25, 25, 6):
        kind = rng.integers(4)
        if kind == 0:
            _thing(brush, box(x, 30, 74, 84), rgb("#6b4a34"))
            brush.fill(box(x + 6, 36, 62, 72), _any(rng, "#9fd0ea #f0b47a #2f3f6f"))
            brush.fill(box(x + 35, 36, 4, 72), rgb("#6b4a34"))
        elif kind == 1:
            _shelf(brush, rng, x)
        elif kind == 2:
            _thing(brush, box(x, 40, 52, 62), rgb("#d8b45a"))
            brush.fill(box(x + 5, 45, 42, 52), _any(rng, "#5a7f9a #9a5a6f #6f8f5a"))
        else:
            _hat_stand(brush, rng, x + 30)
    for x in rng.uniform(-100, 620, 3):
        thing = (_pot, _pumpkin)[int(rng.integers(2))]
        thing(brush, rng, x, GROUND - 10, rng.uniform(0.7, 1.3))


def _shelf(brush: Brush, rng: Rng, x: float) -> None:
    _thing(brush, box(x, 20, 86, 172), rgb("#6f4c35"))
    for y in (28, 82, 136):
        brush.fill(box(x + 6, y, 74, 46), rgb("#3f2a22"))
        at = x + 8.0
        while at < x + 66:
            width, height = rng.uniform(6, 12), rng.uniform(24, 42)
            colour = _any(rng, "#9a3f3f #3f6f9a #d0a040 #5a8f5a #7a5a9a #e0d8c0")
            brush.fill(box(at, y + 46 - height, width, height), colour)
            at += width + rng.choice([1, 1, 9])


def _hat_stand(brush: Brush, rng: Rng, x: float) -> None:
    """A hat and a cloak without anybody in them."""
    _thing(brush, box(x - 2, 60, 4, 150), rgb("#5a3a28"))
    colour = _any(rng, "#5b3f8c #2f5d8a #a8324a")
    _thing(brush, [(x - 20, 66), (x - 2, 10), (x + 20, 66)], colour)
    _thing(brush, ellipse(x, 66, 32, 6), mix(colour, LINE, 0.2))
    hanging = curve((x + 4, 82), (x + 26, 100), (x + 22, 170), (x + 6, 166), closed=True)
    _thing(brush, hanging, mix(colour, WHITE, 0.2))


def _pot(brush: Brush, rng: Rng, x: float, y: float, k: float) -> None:
    """A cauldron, or a pot with a plant in it."""
    if rng.random() < 0.5:
        for angle in rng.uniform(-150, -30, 6):
            leaf = flow((x, y - 30 * k), angle, 44 * k, bend=rng.uniform(-40, 40))
            _thing(
                brush, tube(leaf, 5 * k * np.sin(np.linspace(0.1, 3, len(leaf)))), rgb("#4f8a4a")
            )
    _thing(brush, ellipse(x, y - 18 * k, 26 * k, 20 * k), _any(rng, "#3a3a48 #a85a3c"))
    _thing(brush, ellipse(x, y - 35 * k, 22 * k, 5 * k), _any(rng, "#6fd08a #5a4038"))


def _pumpkin(brush: Brush, rng: Rng, x: float, y: float, k: float) -> None:
    """With a face as often as not: nobody's familiar."""
    for side in (-1, 1, 0):
        _thing(brush, ellipse(x + side * 13 * k, y - 18 * k, 15 * k, 19 * k), rgb("#e08a34"))
    _thing(brush, box(x - 3 * k, y - 44 * k, 6 * k, 9 * k), rgb("#5a7a3a"))
    if rng.random() < 0.5:
        for side in (-1, 1):
            eye = [(side * 10, -20), (side * 4, -20), (side * 7, -28)]
            brush.fill(np.array(eye, float) * k + (x, y), LINE)


def _forest(brush: Brush, rng: Rng) -> None:
    sky = _any(rng, "#bfe0d0 #f0d8a8 #a8c8d8 #d8b8c8")
    _flat(brush, sky, mix(sky, rgb("#4a7a5a"), 0.5), GROUND)
    for depth in (0.3, 0.55, 0.8):
        colour = mix(sky, rgb("#2f4a3a"), depth)
        for x in rng.uniform(LEFT, RIGHT, 10):
            _tree(brush, rng, x, GROUND - 30 + 40 * depth, 0.7 + depth, colour)
    brush.fill(box(LEFT, GROUND - 12, RIGHT - LEFT, 300), _any(rng, "#6f8f4a #8f7a4a #5a7a5f"))
    for x in rng.uniform(-150, 650, 5):
        size = rng.uniform(0.5, 1.3)
        _thing(brush, ellipse(x, GROUND + 2, 34 * size, 17 * size), _any(rng, "#8a8a90 #4f7a4a"))
    for x in rng.uniform(-100, 620, 2):
        _pumpkin(brush, rng, x, GROUND + 8, rng.uniform(0.5, 1.0))


def _tree(brush: Brush, rng: Rng, x: float, y: float, k: float, colour: Colour) -> None:
    half = 9 * k
    brush.fill(join([(x - half, y + 20)], [(x - half * 0.6, -200), (x + half * 0.6, -200)],
                    [(x + half, y + 20)]), colour)  # fmt: skip
    for angle in rng.choice([-150, -30, -140, -40], 2):
        branch = flow((x, y - rng.uniform(60, 170)), angle, 60 * k, bend=30)
        brush.fill(tube(branch, np.linspace(4 * k, 0.5, len(branch))), colour)


def _town(brush: Brush, rng: Rng) -> None:
    sky = _any(rng, "#232a55 #3a2a58 #1f3a4f")
    _flat(brush, sky, mix(sky, rgb("#c77a8a"), 0.4), GROUND)
    brush.fill(ellipse(rng.uniform(0, 500), rng.uniform(10, 70), 26, 26), rgb("#fdf3c8"))
    for x, y in rng.uniform((LEFT, TOP), (RIGHT, 120), (60, 2)):
        brush.fill(ellipse(x, y, 1.1, 1.1), WHITE, 0.8)
    for x in np.arange(LEFT, RIGHT, 84) + rng.uniform(-10, 10, 11):
        top, width = rng.uniform(60, 140), rng.uniform(64, 92)
        wall = mix(_any(rng, "#6a4a5a #4a5a7a #7a6a5a"), sky, 0.35)
        _thing(brush, box(x, top, width, GROUND - top), wall)
        roof = [(x - 6, top), (x + width / 2, top - rng.uniform(24, 60)), (x + width + 6, top)]
        _thing(brush, roof, mix(wall, LINE, 0.4))
        for wx in np.arange(x + 10, x + width - 18, 24):
            for wy in np.arange(top + 12, GROUND - 34, 34):
                lit = rng.random() < 0.4
                brush.fill(box(wx, wy, 13, 18), rgb("#ffd878") if lit else mix(wall, LINE, 0.5))
    brush.fill(box(LEFT, GROUND - 8, RIGHT - LEFT, 300), mix(rgb("#6a6478"), sky, 0.3))
    for x in rng.uniform(-100, 620, 2):
        _thing(brush, box(x - 2, GROUND - 120, 4, 124), LINE)
        _thing(brush, ellipse(x, GROUND - 126, 9, 11), rgb("#ffe08a"))


def _sky(brush: Brush, rng: Rng) -> None:
    top = _any(rng, "#3f8fd8 #f0a070 #7a5ab0 #6ab8c8")
    _flat(brush, top, mix(top, WHITE, 0.7))
    for _ in range(9):
        _cloud(brush, rng, rng.uniform(LEFT, RIGHT), rng.uniform(-60, 300), rng.uniform(0.6, 1.8))
    for x in rng.uniform(LEFT, RIGHT, 4):
        roof = [(x - 50, 440), (x, rng.uniform(215, 270)), (x + 50, 440)]
        _thing(brush, roof, _any(rng, "#8a4a4a #4a5a8a #5a7a5a"))


def _cloud(brush: Brush, rng: Rng, x: float, y: float, k: float) -> None:
    puffs: Sequence[tuple[float, float]] = [(-26, 0), (-8, -10), (14, -6), (30, 2)]
    for dx, dy in puffs:
        brush.fill(ellipse(x + dx * k, y + dy * k, 20 * k, 14 * k), mix(WHITE, rgb("#a8b8d8"), 0.2))


def _table(brush: Brush, rng: Rng) -> None:
    x, width = rng.uniform(60, 260), rng.uniform(120, 190)
    y = GROUND + rng.uniform(-2, 18)
    _thing(brush, box(x, y, width, 11), rgb("#8a5f3f"))
    for leg in (x + 6, x + width - 16):
        _thing(brush, box(leg, y + 11, 10, 200), rgb("#6f4a30"))
    for at in rng.uniform(x + 12, x + width - 20, 2):
        _thing(brush, box(at, y - 22, 9, 22), _any(rng, "#6fb0a0 #b06f8f #d0b050"))


def _bushes(brush: Brush, rng: Rng) -> None:
    for x in rng.uniform(-60, 570, 3):
        for dx in (-24, 0, 24):
            bush = ellipse(x + dx, GROUND + 62, 26, rng.uniform(30, 48))
            _thing(brush, bush, mix(rgb("#3f6f42"), rgb("#9ab04a"), rng.random() * 0.4))


def _fence(brush: Brush, rng: Rng) -> None:
    start, posts = rng.uniform(-40, 330), int(rng.integers(4, 9))
    for i in range(posts):
        _thing(brush, box(start + 26 * i, GROUND + 8, 8, 90), rgb("#4a4456"))
    _thing(brush, box(start - 6, GROUND + 22, 26 * posts, 7), rgb("#4a4456"))


def _front_cloud(brush: Brush, rng: Rng) -> None:
    _cloud(brush, rng, rng.uniform(40, 470), rng.uniform(200, 270), rng.uniform(1.2, 2.2))


_KINDS: dict[str, tuple[Callable[[Brush, Rng], None], Callable[[Brush, Rng], None]]] = {
    "room": (_room, _table),
    "forest": (_forest, _bushes),
    "town": (_town, _fence),
    "sky": (_sky, _front_cloud),
}
