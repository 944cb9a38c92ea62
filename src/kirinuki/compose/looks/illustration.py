"""The light and the brush of a finished illustration, over a whole composed picture.

Effects of light take and return (H, W, 3) float32 RGB in [0, 1]. Nothing moves an outline, so masks
stay true.

Not covered: grading, blur, grain and compression (`compose.effects`).
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.compose.paint import Rgb

Light = NDArray[np.float32]


def illustrated(picture: Rgb, rng: np.random.Generator) -> Rgb:
    """The (H, W, 3) uint8 picture with some of the effects below, each by its own chance."""
    if rng.random() < 0.3:  # a brush
        picture = np.asarray(cv2.medianBlur(picture, 3 if rng.random() < 0.7 else 5), np.uint8)
    light = np.asarray(picture / 255, np.float32)
    if rng.random() < 0.4:
        light = _bloom(light, rng)
    if rng.random() < 0.5:
        light = _coloured_light(light, rng)
    if rng.random() < 0.25:
        light = _particles(light, rng)
    return np.asarray(np.clip(light * 255, 0, 255), np.uint8)


def _bloom(light: Light, rng: np.random.Generator) -> Light:
    """What is bright glows; blurred at a quarter of the size, for it is smooth."""
    height, width = light.shape[:2]
    spread = max(height, width) * float(rng.uniform(0.01, 0.05)) / 4
    quarter = max(8, width // 4), max(8, height // 4)
    small = cv2.resize(light, quarter, interpolation=cv2.INTER_AREA)
    bright = np.clip(small - rng.uniform(0.3, 0.7), 0, 1) * rng.uniform(0.5, 1.6)
    glow = cv2.resize(cv2.GaussianBlur(bright, (0, 0), spread), (width, height))
    return _screened(light, np.clip(glow, 0, 1))


def _coloured_light(light: Light, rng: np.random.Generator) -> Light:
    """A lamp, a sunset, a haze: a colour that is strongest somewhere."""
    colour = rng.uniform(0, 1, 3).astype(np.float32)
    where = _spot(light.shape, rng) if rng.random() < 0.5 else _ramp(light.shape, rng)
    strength = (where * rng.uniform(0.15, 0.6)).astype(np.float32)[..., None]
    how = rng.random()
    if how < 0.4:
        lit = _screened(light, colour)
    elif how < 0.7:
        lit = light * colour * 1.3
    else:
        lit = (1 - 2 * colour) * light**2 + 2 * colour * light  # soft light
    return np.asarray(light + (np.clip(lit, 0, 1) - light) * strength, np.float32)


def _screened(light: Light, other: NDArray[np.floating]) -> Light:
    """Two lights together: each lights what the other leaves dark."""
    return np.asarray(1 - (1 - light) * (1 - other), np.float32)


def _spot(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    height, width = shape[:2]
    x, y = rng.uniform(-0.2, 1.2, 2) * (width, height)
    radius = rng.uniform(0.3, 1.2) * max(height, width)
    across, down = np.arange(width) - x, np.arange(height)[:, None] - y
    return np.asarray(np.exp(-2 * (across**2 + down**2) / radius**2))


def _ramp(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    height, width = shape[:2]
    angle, steepness = rng.uniform(0, 2 * math.pi), rng.uniform(0.6, 1.6)
    across = (np.arange(width) / width - 0.5) * math.cos(angle)
    down = (np.arange(height)[:, None] / height - 0.5) * math.sin(angle)
    return np.clip(0.5 + (across + down) * steepness, 0, 1)


def _particles(light: Light, rng: np.random.Generator) -> Light:
    """Petals, sparks, snow or, fewer and larger, discs of light out of focus."""
    height, width = light.shape[:2]
    layer = np.zeros((height, width), np.uint8)
    are_large = bool(rng.random() < 0.3)
    count = int(rng.integers(10, 120))
    for _ in range(count // 6 + 1 if are_large else count):
        x, y = (int(v) for v in rng.uniform(0, 1, 2) * (width, height))
        radius = rng.uniform(0.002, 0.012) * max(height, width) * (5 if are_large else 1)
        flat = 1.0 if rng.random() < 0.5 else 2.0
        axes = max(1, int(radius * math.sqrt(flat))), max(1, int(radius / math.sqrt(flat)))
        turn = float(rng.uniform(0, 180))
        shade = int(rng.uniform(80, 255))
        cv2.ellipse(layer, (x, y), axes, turn, 0, 360, shade, -1, cv2.LINE_AA)
    if rng.random() < 0.5:
        layer = np.asarray(cv2.GaussianBlur(layer, (0, 0), float(rng.uniform(0.6, 3))), np.uint8)
    most = rng.uniform(0.3, 0.9) * (0.5 if are_large else 1)
    strength = (layer / 255 * most).astype(np.float32)[..., None]
    colour = np.ones(3) if rng.random() < 0.5 else rng.uniform(0.3, 1, 3)
    return np.asarray(light + (colour.astype(np.float32) - light) * strength, np.float32)
