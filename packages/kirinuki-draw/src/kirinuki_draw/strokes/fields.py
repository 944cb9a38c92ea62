"""Fields of numbers over a picture: noise, ramps of colour, laying one over another.

Not covered: what they show (`sky`, `clouds`).
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki_draw.strokes.colour import rgb

Layer: TypeAlias = "NDArray[np.floating]"
"""(H, W) or (H, W, 3), values in [0, 1]."""


Stops: TypeAlias = "tuple[tuple[float, str], ...]"
"""Places in [0, 1] and the colour codes there."""


def noise(rng: np.random.Generator, size_hw: tuple[int, int], cells: int, octaves: int) -> Layer:
    """Fractal value noise in [-1, 1], (H, W), with `cells` across the longer side at first."""
    height, width = size_hw
    total, weight = np.zeros(size_hw), 1.0
    for octave in range(octaves):
        n = cells * 2**octave
        grid = rng.uniform(-1, 1, (max(2, n * height // max(size_hw)) + 2, n + 2))
        total += weight * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        weight *= 0.5
    result: Layer = total / (2 - 2 * weight)
    return result


def smooth(low: float, high: float, value: Layer) -> Layer:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    result: Layer = t * t * (3 - 2 * t)
    return result


def ramp(value: Layer, stops: Stops) -> Layer:
    """Colours (H, W, 3) for values, by linear interpolation between the stops."""
    places = [place for place, _ in stops]
    colours = np.array([rgb(code) for _, code in stops])
    return np.stack([np.interp(value, places, colours[:, c]) for c in range(3)], axis=-1)


def over(below: Layer, colour: Layer | str, alpha: Layer) -> Layer:
    """`colour`, (H, W, 3) or a code, over `below` with opacity `alpha` (H, W)."""
    above = np.array(rgb(colour)) if isinstance(colour, str) else colour
    result: Layer = below + (above - below) * alpha[..., None]
    return result


def grid(size_hw: tuple[int, int]) -> tuple[Layer, Layer]:
    """y and x of every pixel, both in heights of the picture."""
    y, x = np.mgrid[: size_hw[0], : size_hw[1]].astype(np.float64)
    return y / size_hw[0], x / size_hw[0]
