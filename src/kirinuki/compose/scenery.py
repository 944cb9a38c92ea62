"""What stands behind the characters of a composed picture: scenes, plain grounds, posters.

Not covered: things among the characters (`compose`), effects over everything (`effects`).
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kirinuki.compose.effects import words
from kirinuki.compose.library import Library, load_background
from kirinuki.compose.paint import Rgb, Rgba, shift_colours
from kirinuki.compose.recipe import Recipe


def draw_background(
    library: Library,
    recipe: Recipe,
    size_hw: tuple[int, int],
    cutouts: list[Rgba],
    rng: np.random.Generator,
) -> Rgb:
    """A background (H, W, 3); of the recipe's `same_hue`, in the colour of one of the cutouts."""
    if rng.random() < recipe.plain_background:
        background = _plain(size_hw, rng)
    else:
        chosen = library.backgrounds[int(rng.integers(len(library.backgrounds)))]
        background = _crop(load_background(chosen.path), size_hw, rng)
    if rng.random() < 0.4:
        change = rng.normal(0, 15), rng.uniform(0.5, 1.3), rng.uniform(0.6, 1.2)
        background = shift_colours(background, *map(float, change))
    if cutouts and rng.random() < recipe.same_hue:
        cutout = cutouts[int(rng.integers(len(cutouts)))]
        solid = cutout[cutout[..., 3] == 255]
        if len(solid):
            hue = solid[int(rng.integers(len(solid))), :3].astype(np.float32)
            share = np.float32(rng.uniform(0.3, 0.9))
            background = _to_uint8(background * (1 - share) + hue * share)
    if rng.random() < recipe.background_blur:
        background = np.asarray(
            cv2.GaussianBlur(background, (0, 0), float(rng.uniform(0.8, 6))), np.uint8
        )
    return background


def _to_uint8(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(values, 0, 255).astype(np.uint8)


def _plain(size_hw: tuple[int, int], rng: np.random.Generator) -> Rgb:
    height, width = size_hw
    first, second = rng.integers(0, 256, (2, 3)).astype(np.float32)
    if rng.random() < 0.35:
        first = second = np.full(3, 255.0, np.float32)
    angle = rng.uniform(0, 2 * math.pi)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    ramp = (x * math.cos(angle) + y * math.sin(angle)) / max(height, width)
    if rng.random() < 0.3:
        ramp = (np.floor(ramp * rng.integers(4, 30)) % 2).astype(np.float32)
    ramp = np.clip(ramp, 0, 1)[..., None]
    return _to_uint8(first * (1 - ramp) + second * ramp)


def _crop(background: Rgb, size_hw: tuple[int, int], rng: np.random.Generator) -> Rgb:
    height, width = size_hw
    h, w = background.shape[:2]
    cover = max(height / h, width / w)
    part = 1 / (cover * rng.uniform(1, 1.8))  # background pixels per picture pixel
    crop_h, crop_w = min(h, round(height * part)), min(w, round(width * part))
    top, left = int(rng.integers(h - crop_h + 1)), int(rng.integers(w - crop_w + 1))
    cropped = background[top : top + crop_h, left : left + crop_w]
    if rng.random() < 0.5:
        cropped = cropped[:, ::-1]
    how = cv2.INTER_AREA if part > 1 else cv2.INTER_LINEAR
    return np.asarray(
        cv2.resize(np.ascontiguousarray(cropped), (width, height), interpolation=how), np.uint8
    )


def poster(side: int, rng: np.random.Generator) -> Rgba:
    """A poster, sign or page of text: opaque (h, w, 4), longer side about `side` pixels."""
    ratio = math.exp(rng.uniform(-0.6, 0.6))
    width, height = (max(16, round(side * min(1, r))) for r in (ratio, 1 / ratio))
    ground, ink, mark = (tuple(int(c) for c in rng.integers(0, 256, 3)) for _ in range(3))
    if rng.random() < 0.5:
        ground, ink = (250, 248, 240), (20, 20, 24)
    image = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(0, 4))):
        left, top = rng.uniform(0, 0.8, 2) * (width, height)
        box = left, top, left + rng.uniform(0.1, 0.5) * width, top + rng.uniform(0.1, 0.4) * height
        (draw.ellipse if rng.random() < 0.5 else draw.rectangle)(box, fill=mark)
    y = 0.03 * height
    while y < 0.95 * height:
        size = max(6.0, height * float(rng.choice([0.04, 0.06, 0.12, 0.25])))
        draw.text((0.05 * width, y), words(rng, 4), fill=ink, font=ImageFont.load_default(size))
        y += size * rng.uniform(1.1, 2)
    draw.rectangle((0, 0, width - 1, height - 1), outline=ink, width=max(1, width // 60))
    return np.dstack([np.asarray(image), np.full((height, width), 255, np.uint8)])
