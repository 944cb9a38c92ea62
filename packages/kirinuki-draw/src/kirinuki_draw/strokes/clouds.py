"""Clouds of a painted background, made with numpy. Pixels of the picture.

Not covered: the sky behind them (`sky`).
"""

from __future__ import annotations

import cv2
import numpy as np

from kirinuki_draw.strokes.fields import Layer, grid, noise, over, ramp, smooth
from kirinuki_draw.strokes.hours import Hour


def wisps(picture: Layer, rng: np.random.Generator, hour: Hour) -> Layer:
    """Thin high clouds, stretched along the wind."""
    height, width = picture.shape[:2]
    field = noise(rng, (height, width), 3, 5)
    fine = noise(rng, (height * 2, width // 4), 10, 4)
    wide = cv2.resize(fine, (width, height), interpolation=cv2.INTER_CUBIC)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 9, 1.25)
    slant: Layer = np.asarray(
        cv2.warpAffine(wide, turn, (width, height), borderMode=cv2.BORDER_REFLECT), np.float64
    )
    y, _ = grid((height, width))
    alpha = smooth(0.12, 0.75, field * 0.7 + slant * 0.6) * smooth(0.62, 0.2, y) * 0.75
    return over(picture, hour.wisps, alpha)


def cumulus(
    size_hw: tuple[int, int],
    rng: np.random.Generator,
    hour: Hour,
    at: tuple[float, float, float, float],
) -> tuple[Layer, Layer]:
    """One heap of cloud: balls piled up, lit from the left, torn at their edges by noise.

    `at`: x of its middle, y of its foot, half its width and its height. Gives colours (H, W, 3)
    and opacity (H, W).
    """
    _, base, _, h = at
    height, width = size_hw
    y, x = np.mgrid[:height, :width].astype(np.float64)
    rough = noise(rng, size_hw, 22, 5)
    x = x + 9 * noise(rng, size_hw, 14, 4)
    y = y + 9 * noise(rng, size_hw, 14, 4)
    relief, cover = _heap(x, y, rng, at)
    relief = cv2.GaussianBlur(relief, (0, 0), 1.0) + 2.2 * rough
    dy, dx = np.gradient(cv2.GaussianBlur(relief, (0, 0), 1.2))
    lit = (0.74 * dx + 0.50 * dy + 0.52) / np.sqrt(dx**2 + dy**2 + 1)
    lit = 0.55 * smooth(0.18, 0.62, lit) + 0.45 * smooth(-0.5, 0.95, lit)
    rise = np.clip((base - y) / h, 0, 1)
    lit = np.clip(lit * (0.55 + 0.6 * rise) + 0.12 * rise, 0, 1)
    alpha = smooth(0.0, 0.22, cover + 0.16 * rough) * smooth(-0.02, 0.30, rise + 0.05 * rough)
    return ramp(lit, hour.cloud), alpha


def _heap(
    x: Layer, y: Layer, rng: np.random.Generator, at: tuple[float, float, float, float]
) -> tuple[Layer, Layer]:
    """Height of the cloud towards us, and its outline: positive inside."""
    cx, base, w, h = at
    relief, cover = np.zeros(x.shape), np.full(x.shape, -1.0)
    for _ in range(150):
        u = rng.uniform(-1, 1)
        top = (1 - abs(u) ** 1.5) * (0.55 + 0.45 * np.cos(5.2 * u + cx))
        v = rng.uniform(0, 1) ** 0.8 * max(top, 0.06)
        r = h * (0.23 - 0.13 * v) * rng.uniform(0.6, 1.25)
        place = (cx + u * w * (1 - 0.3 * v), base - v * h)
        _puff(cover, relief, x, y, place, r, 0.35 * v * h)
    body = cover > 0
    for _ in range(200):  # small puffs sit on the outline of the big ones
        column = int(np.clip(cx + rng.uniform(-1, 1) * w, 0, x.shape[1] - 1))
        filled = np.flatnonzero(body[:, column])
        if not len(filled):
            continue
        row = filled[0] + rng.exponential(0.10) * h
        r = h * rng.uniform(0.025, 0.08)
        place = (column + rng.uniform(-6, 6), row)
        _puff(cover, relief, x, y, place, r, 0.62 * r + 0.3 * (base - row))
    return relief, cover


def _puff(
    cover: Layer, relief: Layer, x: Layer, y: Layer, at: tuple[float, float], r: float, lift: float
) -> None:
    """Add a ball of radius `r` to a cloud, in place; only the pixels near it are touched."""
    reach = r + 24
    rows = slice(max(0, int(at[1] - reach)), max(0, int(at[1] + reach)))
    columns = slice(max(0, int(at[0] - reach)), max(0, int(at[0] + reach)))
    part = (rows, columns)
    ball = 1 - ((x[part] - at[0]) ** 2 + (y[part] - at[1]) ** 2) / r**2
    cover[part] = np.maximum(cover[part], np.maximum(ball, -1))
    raised = np.where(ball > 0, np.sqrt(np.maximum(ball, 0)) * r + lift, 0)
    relief[part] = np.maximum(relief[part], raised)
