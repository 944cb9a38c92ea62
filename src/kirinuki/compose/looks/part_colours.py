"""Hair, skin and clothes of a cutout change colour apart.

Parts are clusters of colours (k-means in CIELAB; MacQueen 1967), which is what they are in cel
shading. The alpha stays what it was.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.compose.paint import Rgba, multiplied, unmultiplied

SOLID = 200
"""Alpha from which a pixel's colour is the character's own."""
FEWEST_PIXELS = 400
"""With fewer solid pixels there are no parts to be told apart."""
SAMPLED = 600
"""Pixels that the clusters are found from."""
PARTS = (3, 6)
"""How many parts, from … to."""
KEPT = 0.3
"""Share of the parts that keep their colour."""
BETWEEN = 12.0
"""How far, in scaled CIELAB, a colour between two parts takes something of both: without it their
common edge would get a rim of a third colour."""
AXES = np.array([0.5, 1.4, 1.4], np.float32)
"""Lightness tells parts apart less than hue does: shade is not another part."""


def recoloured_parts(cutout: Rgba, rng: np.random.Generator) -> Rgba:
    """A premultiplied (h, w, 4) cutout with each part turned in hue, and made paler or stronger,
    darker or lighter, by itself; as it is if it is tiny."""
    alpha = cutout[..., 3]
    solid = alpha > SOLID
    if cv2.countNonZero(solid.astype(np.uint8)) < FEWEST_PIXELS:
        return cutout
    lab = cv2.cvtColor(unmultiplied(cutout), cv2.COLOR_RGB2LAB).astype(np.float32)
    shares = _shares(lab, lab[solid], rng)
    count = int(shares.shape[-1])
    turn, chroma = rng.uniform(-math.pi, math.pi, count), rng.uniform(0.4, 1.6, count)
    lightness = rng.normal(0, 18, count)
    kept = rng.random(count) < KEPT
    turn[kept], chroma[kept], lightness[kept] = 0, 1, 0
    cos, sin = shares @ (np.cos(turn) * chroma), shares @ (np.sin(turn) * chroma)
    a, b = lab[..., 1] - 128, lab[..., 2] - 128
    turned = np.dstack([lab[..., 0] + shares @ lightness, a * cos - b * sin, a * sin + b * cos])
    turned[..., 1:] += 128
    rgb = cv2.cvtColor(np.clip(turned, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)
    return multiplied(np.asarray(rgb, np.uint8), alpha)


def _shares(
    lab: NDArray[np.float32], solid: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """How far each pixel of (h, w, 3) belongs to each part, (h, w, parts) that add up to 1; parts
    are clusters of some solid pixels."""
    sample = solid[rng.integers(len(solid), size=SAMPLED)] * AXES
    count = int(rng.integers(PARTS[0], PARTS[1] + 1))
    cv2.setRNGSeed(int(rng.integers(1 << 30)))  # k-means++ draws from OpenCV's generator
    stop = cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 6, 1.0
    start = np.zeros((len(sample), 1), np.int32)
    _, _, centres = cv2.kmeans(sample, count, start, stop, 1, cv2.KMEANS_PP_CENTERS)
    scaled = lab * AXES
    distances = np.dstack([np.square(scaled - centre).sum(axis=-1) for centre in centres])
    near = np.exp((distances.min(axis=-1, keepdims=True) - distances) / (2 * BETWEEN**2))
    return np.asarray(near / near.sum(axis=-1, keepdims=True), np.float32)
