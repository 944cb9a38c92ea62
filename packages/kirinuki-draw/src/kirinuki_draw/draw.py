"""Draw anime characters by code: examples with exact soft masks, and any number of others.

`draw_character` gives one cutout, `draw_scene` a picture with several of them over a painted
background and the visible soft alpha of each. The same seed gives the same pixels with the same
version of Skia.

Not covered: the strokes themselves (`kirinuki_draw.strokes`) and label files (`kirinuki.formats`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki_draw.strokes import character, scene
from kirinuki_draw.strokes.brush import Brush, paint_layer
from kirinuki_draw.strokes.hours import AFTERNOON, SUNSET, Hour
from kirinuki_draw.strokes.spec import CharacterSpec
from kirinuki_draw.strokes.variety import random_spec

__all__ = [
    "AFTERNOON",
    "SUNSET",
    "CharacterSpec",
    "Figure",
    "Hour",
    "Scene",
    "draw_alphas",
    "draw_background",
    "draw_character",
    "draw_over",
    "draw_scene",
    "head_for",
    "random_spec",
    "visible",
]

SUPERSAMPLING = 3
"""Layers are painted this many times larger and averaged down: finer than Skia's own coverage."""

_LIGHT = (-0.64, -0.77)
_MARGIN = 0.3
"""Room left around a measured character, in heads."""


@dataclass(frozen=True)
class Figure:
    """A character at a place in a picture: `x`, `y` of the pit of its neck and the height of its
    head without hair, in pixels."""

    spec: CharacterSpec
    x: float
    y: float
    head: float


@dataclass(frozen=True, eq=False)
class Scene:
    """A drawn picture and its truth.

    Attributes:
        picture: (H, W, 3) uint8, RGB.
        alphas: one (H, W) uint8 per figure, its visible soft alpha, in the order of the figures;
            their sum is at most 255 everywhere.
    """

    picture: NDArray[np.uint8]
    alphas: tuple[NDArray[np.uint8], ...]


def draw_character(who: CharacterSpec | int, head: float = 160.0) -> NDArray[np.uint8]:
    """One character, cut out and tightly cropped.

    Args:
        who: what to draw, or a seed for `random_spec`.
        head: height of the head in pixels; a whole figure is about seven times as high.

    Returns:
        (H, W, 4) uint8, RGB and straight alpha; colours under alpha 0 are 0.
    """
    spec = random_spec(who) if isinstance(who, int) else who
    left, up, right, down = _reach(spec)
    size_hw = (math.ceil((up + down) * head), math.ceil((left + right) * head))
    layer = _layer(Figure(spec, left * head, up * head, head), size_hw)
    rows, columns = (np.flatnonzero(layer[..., 3].any(axis=axis)) for axis in (1, 0))
    tight = layer[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _lit(tight, head, AFTERNOON)


def head_for(spec: CharacterSpec, side: float) -> float:
    """The height of the head in pixels at which the longer side of the cutout is about `side`."""
    left, up, right, down = _reach(spec)
    return side / max(left + right - 2 * _MARGIN, up + down - 2 * _MARGIN)


def _reach(spec: CharacterSpec) -> tuple[float, float, float, float]:
    """How far a character reaches to the left, up, right and down from the pit of its neck, in
    heads; measured on a small drawing, because wings and blown hair go anywhere."""
    head, room = 10.0, 15
    size = round(2 * room * head)
    alpha = _layer(Figure(spec, room * head, room * head, head), (size, size))[..., 3]
    rows, columns = (np.flatnonzero(alpha.any(axis=axis)) for axis in (1, 0))
    margin = _MARGIN
    return (
        room - columns[0] / head + margin,
        room - rows[0] / head + margin,
        (columns[-1] + 1) / head - room + margin,
        (rows[-1] + 1) / head - room + margin,
    )


def draw_scene(
    figures: Sequence[Figure], size_hw: tuple[int, int], seed: int = 0, hour: Hour = AFTERNOON
) -> Scene:
    """Several characters, the one furthest back first, over a painted background.

    Each lies on a layer of its own, so its soft alpha is known exactly: visible alpha = alpha ×
    (1 − alpha of all in front of it).
    """
    return draw_over(scene.paint(size_hw, seed, hour), figures, hour)


def draw_background(
    size_hw: tuple[int, int], seed: int = 0, hour: Hour = AFTERNOON
) -> NDArray[np.uint8]:
    """The painted background of `draw_scene`, (H, W, 3) uint8 RGB."""
    return scene.paint(size_hw, seed, hour)


def draw_over(
    background: NDArray[np.uint8], figures: Sequence[Figure], hour: Hour = AFTERNOON
) -> Scene:
    """As `draw_scene`, over a background (H, W, 3) uint8 that is there already."""
    size_hw = (background.shape[0], background.shape[1])
    picture = background.astype(np.float64)
    layers = [_lit(_layer(figure, size_hw), figure.head, hour) for figure in figures]
    for i, layer in enumerate(layers):
        alpha = layer[..., 3:].astype(np.float64) / 255
        colour = layer[..., :3].astype(np.float64)
        for other in layers[i + 1 :]:
            colour *= 1 - 0.30 * _cast(other[..., 3], figures[i].head)[..., None]
        picture += (colour - picture) * alpha
    return Scene(_bloom(picture), visible([part[..., 3] for part in layers]))


def draw_alphas(
    figures: Sequence[Figure], size_hw: tuple[int, int]
) -> tuple[NDArray[np.uint8], ...]:
    """The truth of `draw_scene` alone, `Scene.alphas`: no background, so it is quick."""
    return visible([_layer(figure, size_hw)[..., 3] for figure in figures])


def _bloom(picture: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Let bright areas glow a little, as on film: (H, W, 3) in 0..255 to uint8."""
    light = np.clip(picture / 255 - 0.62, 0, 1) / 0.38
    glow = cv2.GaussianBlur(light, (0, 0), picture.shape[0] / 45) * np.array([0.20, 0.17, 0.12])
    screened = 1 - (1 - np.clip(picture / 255, 0, 1)) * (1 - glow)
    return np.asarray(np.round(np.clip(screened, 0, 1) * 255), np.uint8)


def visible(alphas: Sequence[NDArray[np.uint8]]) -> tuple[NDArray[np.uint8], ...]:
    """Visible part of stacked soft alphas (H, W) uint8, the one furthest back first.

    Rounded so that the parts never add up to more than 255.
    """
    shown: list[NDArray[np.uint8]] = []
    left: NDArray[np.uint32] | None = None
    for alpha in reversed(alphas):
        left = np.full(alpha.shape, 255, np.uint32) if left is None else left
        part = (alpha.astype(np.uint32) * left + 127) // 255
        left = left - part
        shown.append(part.astype(np.uint8))
    return tuple(reversed(shown))


def _layer(figure: Figure, size_hw: tuple[int, int]) -> NDArray[np.uint8]:
    """One character on a transparent layer, (H, W, 4) uint8, straight alpha."""
    height, width = size_hw
    k = SUPERSAMPLING

    def draw(brush: Brush) -> None:
        spec = figure.spec
        scale = figure.head / 100 * k
        with brush.at(figure.x * k, figure.y * k, spec.pose.lean, scale) as local:
            character.draw(local, spec)

    large = paint_layer((height * k, width * k), _LIGHT, draw)
    layer = np.zeros((height, width, 4), np.uint8)
    rows, columns = (np.flatnonzero(large[..., 3].any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return layer
    y1, y2, x1, x2 = rows[0] // k, rows[-1] // k + 1, columns[0] // k, columns[-1] // k + 1
    used = large[y1 * k : y2 * k, x1 * k : x2 * k].astype(np.float32)
    small = cv2.resize(used, (int(x2 - x1), int(y2 - y1)), interpolation=cv2.INTER_AREA)
    alpha = np.round(small[..., 3:])
    colour = small[..., :3] * 255 / np.maximum(small[..., 3:], 1e-6)
    both = np.concatenate([np.where(alpha > 0, np.clip(colour, 0, 255), 0), alpha], axis=-1)
    layer[y1:y2, x1:x2] = np.round(both)
    return layer


def _lit(layer: NDArray[np.uint8], head: float, hour: Hour) -> NDArray[np.uint8]:
    """Give a layer the light of the hour: a warm rim towards the sun, cooler feet."""
    alpha: NDArray[np.floating] = layer[..., 3].astype(np.float64) / 255
    height, width = alpha.shape
    reach = 0.0175 * head
    move = np.array([[1.0, 0, -_LIGHT[0] * reach], [0, 1.0, -_LIGHT[1] * reach]])
    inside = cv2.warpAffine(cv2.GaussianBlur(alpha, (0, 0), reach * 0.5), move, (width, height))
    rim = np.clip(1.15 - 1.6 * np.asarray(inside, np.float64), 0, 1)[..., None] * 0.62
    colour = layer[..., :3].astype(np.float64) / 255
    colour = colour * np.array(hour.tint)
    colour = 1 - (1 - colour) * (1 - rim * np.array(hour.rim) * (0.35 + 0.65 * colour))
    fall = np.linspace(0, 1, height)[:, None, None] ** 1.5
    colour = colour * (1 - fall * np.array([0.09, 0.09, 0.02]))
    lit = layer.copy()
    lit[..., :3] = np.where(layer[..., 3:] > 0, np.round(np.clip(colour, 0, 1) * 255), 0)
    return lit


def _cast(alpha: NDArray[np.uint8], head: float) -> NDArray[np.float64]:
    """The soft shadow that a figure throws on those behind it, (H, W) in [0, 1]."""
    move = np.array([[1.0, 0, 0.06 * head], [0, 1.0, 0.08 * head]])
    size = (alpha.shape[1], alpha.shape[0])
    moved = cv2.warpAffine(alpha.astype(np.float64) / 255, move, size)
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), 0.05 * head), np.float64)
