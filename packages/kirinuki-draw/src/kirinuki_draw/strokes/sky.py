"""Sky and sea of a painted background, made with numpy. Pixels, values in [0, 1].

Not covered: clouds (`clouds`), land and what stands on it (`shore`).
"""

from __future__ import annotations

import cv2
import numpy as np

from kirinuki_draw.strokes.colour import rgb
from kirinuki_draw.strokes.fields import Layer, grid, noise, over, ramp, smooth
from kirinuki_draw.strokes.hours import Hour

HORIZON = 0.575
"""Height of the horizon as a share of the picture."""


def sky(size_hw: tuple[int, int], hour: Hour) -> Layer:
    """Bare sky with the glow of the low sun, (H, W, 3)."""
    y, x = grid(size_hw)
    air = ramp(y, hour.sky)
    glow = np.exp(-(((x - 0.42) / 0.62) ** 2) - ((y - 0.53) / 0.30) ** 2)
    return over(air, hour.glow, 0.75 * glow)


def sea(picture: Layer, rng: np.random.Generator, hour: Hour) -> Layer:
    """Water in perspective: ripples are long and thin far off, and the sun glitters on them."""
    height, width = picture.shape[:2]
    y, x = grid((height, width))
    depth = np.clip((y - HORIZON) / (1 - HORIZON), 0, 1)
    water = ramp(depth, hour.water)
    near = 1 / (depth + 0.3)
    tile = noise(rng, (1024, 1024), 32, 3)
    u, v = (x - 0.9) * near * 15 * 32, near * 46 * 32
    ripples = cv2.remap(
        tile, (u % 1023).astype(np.float32), (v % 1023).astype(np.float32), cv2.INTER_LINEAR
    )
    soft: Layer = np.asarray(cv2.GaussianBlur(ripples, (0, 0), 0.6), np.float64)
    glitter = np.exp(-(((x - 0.42) / (0.12 + 0.34 * depth)) ** 2))
    dark = smooth(0.02, 0.35, -soft) * 0.6 * smooth(0.0, 0.2, depth)
    water = over(water, hour.water[-1][1], dark)
    pale = smooth(0.10, 0.40, soft) * 0.30
    water = over(water, hour.ripple, pale)
    shine = smooth(0.22, 0.34, soft + 0.42 * glitter - 0.18) * glitter
    water = over(water, hour.glitter, np.clip(shine, 0, 1) * 0.95)
    return over(picture, water, smooth(HORIZON - 0.001, HORIZON + 0.002, y))


def sunlight(picture: Layer, hour: Hour) -> Layer:
    """Warm haze around the low sun at the left, screened over what lies far away."""
    y, x = grid(picture.shape[:2])
    haze = 0.42 * np.exp(-(((x - 0.42) / 0.55) ** 2) - ((y - 0.54) / 0.24) ** 2)
    light = np.array(rgb(hour.haze)) * haze[..., None]
    result: Layer = 1 - (1 - np.clip(picture, 0, 1)) * (1 - light)
    return result
