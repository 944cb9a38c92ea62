"""Draw anime characters by code: examples with exact soft masks, and any number of others.

`draw_character` gives one cutout, `draw_scene` a picture with several of them over a painted
background and the visible soft alpha of each. The same seed gives the same pixels with the same
version of Skia.

Not covered: the strokes themselves (`kirinuki.data.drawing`) and label files (`coco`).

Raises:
    MissingExtraError: at import, when skia-python is not installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.data.drawing import character, scene
from kirinuki.data.drawing.brush import Brush, skia
from kirinuki.data.drawing.variety import random_spec
from kirinuki.data.drawing.spec import CharacterSpec

__all__ = ["CharacterSpec", "Figure", "Scene", "draw_character", "draw_scene", "random_spec"]

SUPERSAMPLING = 3
"""Layers are painted this many times larger and averaged down: finer than Skia's own coverage."""

_LIGHT = (-0.64, -0.77)
_RIM = np.array([1.0, 0.90, 0.70])


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
    side = int(head * 10)
    layer = _lit(_layer(Figure(spec, side / 2, head * 2.2, head), (side, side)))
    rows, columns = (np.flatnonzero(layer[..., 3].any(axis=axis)) for axis in (1, 0))
    return layer[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def draw_scene(figures: Sequence[Figure], size_hw: tuple[int, int], seed: int = 0) -> Scene:
    """Several characters, the one furthest back first, over a painted background.

    Each lies on a layer of its own, so its soft alpha is known exactly: visible alpha = alpha ×
    (1 − alpha of all in front of it).
    """
    picture = scene.paint(size_hw, seed).astype(np.float64)
    layers = [_lit(_layer(figure, size_hw)) for figure in figures]
    for i, layer in enumerate(layers):
        alpha = layer[..., 3:].astype(np.float64) / 255
        colour = layer[..., :3].astype(np.float64)
        for other in layers[i + 1 :]:
            colour *= 1 - 0.30 * _cast(other[..., 3], figures[i].head)[..., None]
        picture += (colour - picture) * alpha
    return Scene(_bloom(picture), visible([part[..., 3] for part in layers]))


def _bloom(picture: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Let bright areas glow a little, as on film: (H, W, 3) in 0..255 to uint8."""
    light = np.clip(picture / 255 - 0.62, 0, 1) / 0.38
    glow = cv2.GaussianBlur(light, (0, 0), picture.shape[0] / 45) * np.array([0.20, 0.17, 0.12])
    screened = 1 - (1 - np.clip(picture / 255, 0, 1)) * (1 - glow)
    return np.round(np.clip(screened, 0, 1) * 255).astype(np.uint8)


def visible(alphas: Sequence[NDArray[np.uint8]]) -> tuple[NDArray[np.uint8], ...]:
    """Visible part of stacked soft alphas (H, W) uint8, the one furthest back first."""
    shown = []
    left = np.full(alphas[0].shape, 255, np.uint16) if len(alphas) else None
    for alpha in reversed(alphas):
        assert left is not None
        part = (alpha.astype(np.uint32) * left + 127) // 255
        left = left - part.astype(np.uint16)
        shown.append(part.astype(np.uint8))
    return tuple(reversed(shown))


def _layer(figure: Figure, size_hw: tuple[int, int]) -> NDArray[np.uint8]:
    """One character on a transparent layer, (H, W, 4) uint8, straight alpha."""
    height, width = size_hw
    k = SUPERSAMPLING
    surface = skia.Surface(width * k, height * k)
    brush = Brush(surface.getCanvas(), light=_LIGHT)
    with brush.at(figure.x * k, figure.y * k, figure.spec.pose.lean, figure.head / 100 * k) as local:
        character.draw(local, figure.spec)
    info = skia.ImageInfo.Make(
        width * k, height * k, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType
    )
    large = np.zeros((height * k, width * k, 4), np.uint8)
    surface.readPixels(info, large, large.strides[0], 0, 0)
    small = cv2.resize(large.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    alpha = np.round(small[..., 3:])
    colour = small[..., :3] * 255 / np.maximum(small[..., 3:], 1e-6)
    both = np.concatenate([np.where(alpha > 0, np.clip(colour, 0, 255), 0), alpha], axis=-1)
    return np.round(both).astype(np.uint8)


def _lit(layer: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give a layer the light of the evening: a warm rim towards the sun, cooler feet."""
    alpha = layer[..., 3].astype(np.float64) / 255
    height, width = alpha.shape
    reach = max(2.0, min(height, width) / 260)
    move = np.array([[1.0, 0, -_LIGHT[0] * reach], [0, 1.0, -_LIGHT[1] * reach]])
    inside = cv2.warpAffine(cv2.GaussianBlur(alpha, (0, 0), reach * 0.5), move, (width, height))
    rim = np.clip(1.15 - 1.6 * inside, 0, 1)[..., None] * 0.62
    colour = layer[..., :3].astype(np.float64) / 255
    colour = 1 - (1 - colour) * (1 - rim * _RIM * (0.35 + 0.65 * colour))
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
    result: NDArray[np.float64] = cv2.GaussianBlur(moved, (0, 0), 0.05 * head)
    return result
