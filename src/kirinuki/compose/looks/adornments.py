"""What flows from a figure or is held by it, drawn onto a cutout as a part of the character: locks,
ribbons, capes, skirts, staffs, wings.

Cutouts of sprites stand with their arms down; on whole illustrations hair blows, cloth spreads and
weapons are raised, and a model that never saw that leaves it out.

Not covered: how a strip is drawn (`strokes`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.compose.looks.part_colours import SOLID
from kirinuki.compose.looks.strokes import (
    STEPS,
    Layer,
    Points,
    curve,
    fill,
    line,
    over,
    strip,
)
from kirinuki.compose.paint import Rgba, unmultiplied
from kirinuki.compose.warp import Flush
from kirinuki.geometry import Window
from kirinuki.segmenter.placed import around

ROOM = 0.75
"""Free space around the figure, as a share of its longer side: nothing reaches farther, or it would
end in a straight cut."""
BELOW = 0.5
"""The same below its feet, as a share of its height."""
KINDS_AT_ONCE = (1, 2)
"""Kinds of adornments on one figure, from … to."""
OWN_COLOURS = 0.75
"""Chance that cloth and hair have a colour of the figure near where they begin."""
BEHIND = 0.75
"""Chance that a lock or a ribbon falls behind the figure."""
VISIBLE = 8
"""Alpha below which nobody sees anything."""


@dataclass(frozen=True)
class Figure:
    """A cutout with room about it, measured, and the layers behind and before it.

    Attributes:
        colours: (h, w, 3) uint8, not premultiplied.
        solid: (n, 2) x and y of its solid pixels.
        outline: (n, 2) points of its longest contour.
        low, high: (2,) x and y of its solid pixels, from … to.
        centre: (2,) mean of its solid pixels.
        behind, front: what is drawn there, see `strokes`.
    """

    colours: NDArray[np.uint8]
    solid: NDArray[np.intp]
    outline: Points
    low: Points
    high: Points
    centre: Points
    behind: Layer
    front: Layer

    @property
    def tall(self) -> float:
        """Height in pixels."""
        return float(self.high[1] - self.low[1] + 1)

    def at_height(self, share: float) -> float:
        """y at this share of the figure's height, from the top."""
        return float(self.low[1]) + share * self.tall

    def colour_at(self, place: Points, rng: np.random.Generator) -> Points:
        """The figure's colour a little inwards of a place (2,), or any colour, (3,)."""
        if rng.random() >= OWN_COLOURS:
            return rng.uniform(20, 240, 3)
        height, width = self.colours.shape[:2]
        inwards = np.round(place + (self.centre - place) * 0.04)
        x, y = np.clip(inwards, 0, (width - 1, height - 1)).astype(int)
        colour: Points = np.clip(self.colours[y, x] + rng.normal(0, 10, 3), 5, 250)
        return colour


def adorned(cutout: Rgba, flush: Flush, rng: np.random.Generator) -> tuple[Rgba, Window]:
    """The premultiplied cutout, larger by what one or two kinds of adornments reach beyond it; and
    where in that the cutout is that came in.

    Args:
        flush: straight cut sides; nothing is drawn beyond them, so that they stay what they are.
    """
    left, top, right, bottom = _room(cutout, flush)
    roomy = np.pad(cutout, ((top, bottom), (left, right), (0, 0)))
    figure = _measured(roomy)
    height, width = cutout.shape[:2]
    if figure is None:
        return cutout, (0, 0, width, height)
    count = int(rng.integers(KINDS_AT_ONCE[0], KINDS_AT_ONCE[1] + 1))
    chances = [chance for _, chance in KINDS]
    for index in rng.choice(len(KINDS), size=count, replace=False, p=chances):
        draw, _ = KINDS[int(index)]
        draw(figure, rng)
    joined = over(figure.front, over(roomy.astype(np.float32), figure.behind))
    result = np.rint(np.clip(joined, 0, 255)).astype(np.uint8)
    result[..., :3] = np.minimum(result[..., :3], result[..., 3:])
    x1, y1, x2, y2 = around([_seen(result), (left, top, left + width, top + height)])
    return np.ascontiguousarray(result[y1:y2, x1:x2]), (
        left - x1,
        top - y1,
        left - x1 + width,
        top - y1 + height,
    )


def _room(cutout: Rgba, flush: Flush) -> tuple[int, int, int, int]:
    """Pixels of free space left, above, right and below; none beyond a cut side."""
    height, width = cutout.shape[:2]
    room = int(ROOM * max(height, width))
    left, top, right, bottom = (0 if is_cut else room for is_cut in flush)
    return left, top, right, min(bottom, int(BELOW * height))


def _measured(cutout: Rgba) -> Figure | None:
    """None where nothing is solid."""
    solid = cutout[..., 3] > SOLID
    contours, _ = cv2.findContours(solid.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    places = np.argwhere(solid)[:, ::-1]
    return Figure(
        colours=unmultiplied(cutout),
        solid=places,
        outline=max(contours, key=len)[:, 0].astype(np.float64),
        low=places.min(axis=0).astype(np.float64),
        high=places.max(axis=0).astype(np.float64),
        centre=places.mean(axis=0),
        behind=np.zeros(cutout.shape, np.float32),
        front=np.zeros(cutout.shape, np.float32),
    )


def _seen(cutout: Rgba) -> Window:
    """The window of what can be seen of it."""
    x, y, w, h = cv2.boundingRect((cutout[..., 3] >= VISIBLE).astype(np.uint8))
    return x, y, x + w, y + h


def _locks(figure: Figure, rng: np.random.Generator) -> None:
    """Strands of hair from the upper third, pointed."""
    half_width = rng.uniform(0.006, 0.03) * figure.tall
    tip = rng.uniform(1, 3)
    profile = 1 - np.linspace(0, 1, STEPS) ** tip
    _flowing(figure, 0.35, int(rng.integers(2, 9)), half_width * profile, rng)


def _ribbons(figure: Figure, rng: np.random.Generator) -> None:
    """Bands from anywhere above the knees, turning in the wind."""
    half_width = rng.uniform(0.008, 0.035) * figure.tall
    t = np.linspace(0, 1, STEPS)
    turning = 0.6 + 0.4 * np.abs(np.cos(t * rng.uniform(2, 8)))
    profile = np.clip(1.2 - 0.4 * t, 0, 1) * turning
    _flowing(figure, 0.75, int(rng.integers(1, 4)), half_width * profile, rng)


def _flowing(
    figure: Figure,
    above: float,
    count: int,
    half_widths: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Strips from one place of the outline in the upper share `above` of the figure: outwards, or
    hanging down and out."""
    upper = figure.outline[figure.outline[:, 1] < figure.at_height(above)]
    if not len(upper):
        return
    start = upper[rng.integers(len(upper))]
    colour = figure.colour_at(start, rng)
    out = start - figure.centre
    direction = math.atan2(out[1], out[0]) + rng.normal(0, 0.6)
    if rng.random() < 0.5:
        direction = math.pi / 2 - math.copysign(rng.uniform(0.2, 1.4), out[0])
    for _ in range(count):
        length, wave = rng.uniform(0.3, 0.7) * figure.tall, rng.uniform(0.2, 1.3)
        path = curve(start, direction + rng.normal(0, 0.25), length, wave, rng)
        layer = figure.behind if rng.random() < BEHIND else figure.front
        fill(layer, strip(path, half_widths + 0.3), colour * rng.uniform(0.8, 1.15), rng)


def _cape(figure: Figure, rng: np.random.Generator) -> None:
    top, length = rng.uniform(0.12, 0.3), rng.uniform(0.35, 0.85)
    _cloth(figure, figure.behind, top, length, rng.uniform(0.2, 0.8), rng)


def _skirt(figure: Figure, rng: np.random.Generator) -> None:
    layer = figure.behind if rng.random() < 0.6 else figure.front
    top, length = rng.uniform(0.4, 0.6), rng.uniform(0.15, 0.35)
    _cloth(figure, layer, top, length, rng.uniform(0.12, 0.66), rng)


def _cloth(
    figure: Figure, layer: Layer, top: float, length: float, spread: float, rng: np.random.Generator
) -> None:
    """A cloth as wide as the figure at `top`, wider by `spread` at its hem `length` below, with
    folds; all as shares of the figure's height."""
    y, drop, wider = figure.at_height(top), length * figure.tall, spread * figure.tall
    row = figure.solid[np.abs(figure.solid[:, 1] - y) < 2, 0]
    if len(row) < 2:
        return
    inset = 0.1 * float(row.max() - row.min())
    left, right = np.array([row.min() + inset, y]), np.array([row.max() - inset, y])
    points = int(rng.integers(6, 14))
    u = np.linspace(0, 1, points)
    sway = float(np.clip(rng.normal(0, 0.5) * drop, -0.3 * figure.tall, 0.3 * figure.tall))
    x = left[0] - wider / 2 + u * (right[0] - left[0] + wider) + sway
    waves = 0.12 * np.sin(u * rng.uniform(8, 25) + rng.uniform(0, 6))
    lifted = 0.35 * (2 * u - 1) ** 2 * rng.uniform(0, 1)  # towards both sides
    hem = np.stack([x, y + drop * (1 + waves - lifted)], axis=1)
    colour = figure.colour_at(left, rng)
    fill(layer, np.concatenate([left[None], hem, right[None]]), colour, rng)
    for i in range(1, points - 1):
        if rng.random() < 0.7:
            fold = line(left + (right - left) * u[i], hem[i])
            widths = np.linspace(0.3, rng.uniform(0.5, 0.02 * figure.tall + 0.6), STEPS)
            fill(layer, strip(fold, widths), colour * rng.uniform(0.6, 1.2), rng, outlined=False)


def _staff(figure: Figure, rng: np.random.Generator) -> None:
    """A stick or a blade through the figure's middle."""
    x, y = figure.solid[rng.integers(len(figure.solid))]
    hand = np.array([x, np.clip(y, figure.at_height(0.25), figure.at_height(0.75))])
    angle, length = rng.uniform(-math.pi, 0), rng.uniform(0.4, 0.7) * figure.tall
    along = np.array([math.cos(angle), math.sin(angle)]) * length
    path = line(hand - along * rng.uniform(0.1, 0.6), hand + along)
    t = np.linspace(0, 1, STEPS)
    is_blade = rng.random() < 0.5
    profile = np.where(t > 0.35, 2.4 * (1.05 - t), 0.8) if is_blade else np.ones(STEPS)
    half_width = rng.uniform(0.004, 0.018) * figure.tall
    layer = figure.front if rng.random() < 0.6 else figure.behind
    fill(layer, strip(path, half_width * profile + 0.5), rng.uniform(20, 240, 3), rng)


def _wings(figure: Figure, rng: np.random.Generator) -> None:
    """Feathers to both sides of the shoulders, half of them whitish."""
    is_coloured = rng.random() < 0.5
    colour = rng.uniform(20, 250, 3) if is_coloured else np.full(3, rng.uniform(200, 250))
    root = np.array([figure.centre[0], figure.at_height(rng.uniform(0.2, 0.35))])
    size, lift = rng.uniform(0.3, 0.7) * figure.tall, rng.uniform(-1.2, 0.4)
    bulge = np.sin(np.clip(np.linspace(0, 1, STEPS) * 1.05, 0, 1) * math.pi) ** 0.6
    for side in (-1, 1):
        for feather in range(int(rng.integers(4, 9))):
            angle = lift + feather * rng.uniform(0.12, 0.22)
            along = np.array([side * math.cos(angle), math.sin(angle)])
            path = line(root, root + along * size * (1 - 0.07 * feather))
            shape = strip(path, 0.07 * size * bulge + 0.3)
            fill(figure.behind, shape, colour * rng.uniform(0.85, 1.1), rng)


KINDS: tuple[tuple[Callable[[Figure, np.random.Generator], None], float], ...] = (
    (_locks, 0.25),
    (_ribbons, 0.25),
    (_cape, 0.17),
    (_skirt, 0.13),
    (_staff, 0.12),
    (_wings, 0.08),
)
"""What may be drawn, and how likely each is."""
