"""Colour and light of single cutouts while composing: recolouring, relighting, outlines, shadows.

All functions take and return premultiplied (h, w, 4) uint8 RGBA and never change the alpha, so the
mask stays what it was.

Not covered: shape and place (`placement`), the finished picture (`effects`).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Rgba = NDArray[np.uint8]
Rgb = NDArray[np.uint8]


def shift_colours(rgb: Rgb, hue: float, saturation: float, value: float) -> Rgb:
    """Hue turned by `hue` degrees, saturation and brightness multiplied; (h, w, 3) uint8."""
    level = np.arange(256, dtype=np.float32)
    tables = (level + hue / 2) % 180, level * saturation, level * value
    table = np.minimum(np.stack(tables, axis=-1), 255).astype(np.uint8)
    hsv = cv2.LUT(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), table[None])
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def thrice(plane: NDArray[Any]) -> NDArray[Any]:
    """An (h, w) plane as (h, w, 3): numpy multiplies by that several times faster than it
    broadcasts a plane over colours."""
    return np.asarray(cv2.merge([plane, plane, plane]))


def unmultiplied(cutout: Rgba) -> Rgb:
    """Colours (h, w, 3) of a premultiplied cutout; black where nothing is."""
    alpha = np.maximum(cutout[..., 3:], 1).astype(np.float32)
    return np.asarray(np.minimum(cutout[..., :3] * (255 / alpha), 255), np.uint8)


def multiplied(rgb: Rgb, alpha: NDArray[np.uint8]) -> Rgba:
    """The premultiplied cutout of colours (h, w, 3) and an alpha (h, w)."""
    share = alpha.astype(np.float32)[..., None] / 255
    return np.asarray(np.dstack([rgb * share, alpha]), np.uint8)


def _with_colour(cutout: Rgba, rgb: NDArray[np.floating] | Rgb) -> Rgba:
    """The cutout with new colours, kept within its alpha, which premultiplied never exceed."""
    alpha = np.ascontiguousarray(cutout[..., 3])
    within = np.minimum(np.clip(rgb, 0, 255).astype(np.uint8), thrice(alpha))
    return np.asarray(cv2.merge([*cv2.split(within), alpha]), np.uint8)


def recoloured(cutout: Rgba, rng: np.random.Generator) -> Rgba:
    """Another hue (small turns likelier than large), saturation and brightness."""
    hue = float(rng.normal(0, 25) if rng.random() < 0.6 else rng.uniform(-180, 180))
    rgb = np.ascontiguousarray(cutout[..., :3])
    return _with_colour(
        cutout, shift_colours(rgb, hue, float(rng.uniform(0.4, 1.4)), float(rng.uniform(0.6, 1.15)))
    )


def relit(cutout: Rgba, ambient: NDArray[np.float32], rng: np.random.Generator) -> Rgba:
    """Under the light of the scene: tinted towards `ambient` (3,) in [0, 255], or lit from a side.

    A linear ramp across the cutout stands for a lamp or a sunset.
    """
    height, width = cutout.shape[:2]
    rgb = np.ascontiguousarray(cutout[..., :3]).astype(np.float32)
    tint = 1 + rng.uniform(0.1, 0.5) * (ambient / max(float(ambient.mean()), 1.0) - 1)
    rgb *= tint.astype(np.float32)
    if rng.random() < 0.5:
        ramp_x = np.linspace(-1, 1, width)[None, :] * rng.uniform(-1, 1)
        ramp_y = np.linspace(-1, 1, height)[:, None] * rng.uniform(-1, 1)
        rgb *= thrice((1 + 0.35 * (ramp_x + ramp_y)).astype(np.float32))
    return _with_colour(cutout, rgb)


def halo(
    alpha: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A sticker outline or glow around an (H, W) alpha: its colour (3,) and strength (H, W)."""
    reach = max(1, round(min(alpha.shape) * rng.uniform(0.004, 0.02)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    grown = cv2.dilate(alpha, kernel)
    if rng.random() < 0.5:
        grown = cv2.GaussianBlur(grown, (0, 0), reach)
    colour = rng.integers(0, 256, 3) if rng.random() < 0.5 else np.full(3, rng.choice([0, 255]))
    return colour.astype(np.float32), grown.astype(np.float32) / np.float32(255)


def shadow(alpha: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """A soft shadow of an (H, W) alpha: how much darkness falls where, (H, W) in [0, 1]."""
    height, width = alpha.shape
    shift = np.array(
        [[1, 0, rng.uniform(-0.03, 0.03) * width], [0, 1, rng.uniform(0, 0.03) * height]],
        np.float32,
    )
    moved = cv2.warpAffine(alpha, shift, (width, height))
    soft = cv2.GaussianBlur(moved, (0, 0), max(1.0, height * float(rng.uniform(0.003, 0.02))))
    return np.asarray(soft, np.float32) * np.float32(rng.uniform(0.2, 0.6) / 255)
