"""A painted background: a bay with clouds, a town, a railing and cherry petals.

Not covered: the characters (`character`).
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki_draw.strokes import clouds, shore, sky
from kirinuki_draw.strokes.brush import Brush, paint_layer
from kirinuki_draw.strokes.fields import Layer, over
from kirinuki_draw.strokes.hours import Hour

_HEAPS = ((0.86, 0.50, 0.34, 0.42), (0.12, 0.55, 0.30, 0.26), (0.52, 0.56, 0.40, 0.13))
"""Heaps of cloud: middle, foot, half width and height, as shares of the picture."""


def paint(size_hw: tuple[int, int], seed: int, hour: Hour) -> NDArray[np.uint8]:
    """The whole background, (H, W, 3) uint8 RGB, without characters."""
    rng = np.random.default_rng((seed, 11))
    height, width = size_hw
    picture = clouds.wisps(sky.sky(size_hw, hour), rng, hour)
    for x, foot, half, tall in _HEAPS:
        at = (x * width, foot * height, half * width, tall * height)
        picture = over(picture, *clouds.cumulus(size_hw, rng, hour, at))
    picture = sky.sea(picture, rng, hour)
    picture = _drawn(picture, lambda brush: shore.coast(brush, size_hw, rng), blur=1.1)
    picture = sky.sunlight(picture, hour)
    picture = _drawn(picture, lambda brush: shore.railing(brush, size_hw), blur=0.7)
    picture = _drawn(picture, lambda brush: shore.branch(brush, size_hw, rng), blur=0.9)
    picture = _drawn(picture, lambda brush: shore.petals(brush, size_hw, rng), blur=0.6)
    grain = rng.normal(0, 0.006, size_hw)[..., None]
    return np.round(np.clip(picture + grain, 0, 1) * 255).astype(np.uint8)


def _drawn(picture: Layer, draw: Callable[[Brush], None], blur: float) -> Layer:
    """Lay what `draw` does with a brush over the picture, a little out of focus."""
    layer = paint_layer((picture.shape[0], picture.shape[1]), (-0.8, -0.6), draw)
    soft = cv2.GaussianBlur(layer.astype(np.float64) / 255, (0, 0), blur)
    result: Layer = picture * (1 - soft[..., 3:]) + soft[..., :3]
    return result
