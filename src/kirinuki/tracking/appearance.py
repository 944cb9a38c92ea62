"""What a character looks like, in a few hundred numbers: the colours of its upper third (hair and
face) and of the rest (clothes), each for itself, so that two in one school uniform differ by
their hair.

Histograms over CIELAB inside the mask, compared by the Bhattacharyya coefficient: Comaniciu,
Ramesh & Meer, "Kernel-based object tracking", PAMI 2003. Lightness in coarse bins and every bin
blurred into its neighbours, so that compression, grain and a little light do not matter.

Not covered: learned descriptors; they need a model, and a shot is short.
"""

from __future__ import annotations

import base64

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import Window
from kirinuki.instances import HARD_MASK_ALPHA

BINS = (6, 12, 12)
"""Of lightness, a and b; those of a and b over the middle half of their range."""
RANGES = (0, 256, 64, 192, 64, 192)
UPPER = 1 / 3
"""Share of the height that counts as hair and face."""
SAMPLES = 64
"""Pixels looked at along each side, at most."""

Look = NDArray[np.float32]
"""(2, 864) float32: the square roots of two histograms that each sum to 1, upper part first."""


def look_of(rgb: NDArray[np.uint8], window: Window, alpha: NDArray[np.uint8]) -> Look:
    """Look of one character.

    Args:
        rgb: the picture (H, W, 3) uint8.
        window: where the character is.
        alpha: its soft mask (h, w) uint8, filling the window.
    """
    x1, y1, x2, y2 = window
    skip = np.s_[:: -(-(y2 - y1) // SAMPLES), :: -(-(x2 - x1) // SAMPLES)]
    pixels = np.ascontiguousarray(rgb[y1:y2, x1:x2][skip])
    lab = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB), np.uint8)
    lab[..., 1:] = np.clip(lab[..., 1:], RANGES[2], RANGES[3] - 1)
    inside = alpha[skip] >= HARD_MASK_ALPHA
    if not inside.any():
        inside[:] = True
    upper = max(1, round(len(lab) * UPPER))
    return np.stack(
        [_histogram(lab[:upper], inside[:upper]), _histogram(lab[upper:], inside[upper:])]
    )


def likeness(look: Look, others: NDArray[np.float32]) -> NDArray[np.float64]:
    """Bhattacharyya coefficients in [0, 1], (N,), of one look with others (N, 2, 864): mean of the
    upper part and the rest, those that nothing is seen of left out."""
    each = np.einsum("pb,npb->np", look, others).astype(np.float64)  # (N, 2)
    seen = (look.any(axis=1) & others.any(axis=2)).astype(np.float64)
    mean: NDArray[np.float64] = (each * seen).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    return mean


def blend(old: Look, new: Look, share: float) -> Look:
    """The look after `new` has been seen, which counts for `share`; part by part."""
    mixed = np.sqrt((1 - share) * old**2 + share * new**2)
    kept: Look = np.where(old.any(1, keepdims=True) & new.any(1, keepdims=True), mixed, old + new)
    return kept.astype(np.float32)


def to_text(look: Look) -> str:
    """Every bit of a look, as ASCII."""
    return base64.b64encode(look.astype("<f4").tobytes()).decode("ascii")


def from_text(text: str) -> Look:
    """The look that `to_text` was given."""
    return np.frombuffer(base64.b64decode(text), "<f4").astype(np.float32).reshape(2, -1)


def _histogram(lab: NDArray[np.uint8], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    if not inside.any():
        return np.zeros(int(np.prod(BINS)), np.float32)
    found = cv2.calcHist([lab], [0, 1, 2], inside.astype(np.uint8), BINS, RANGES)
    counts = np.asarray(found, np.float32)
    for axis in range(3):
        counts = _blur(counts, axis)
    share: NDArray[np.float32] = np.sqrt(counts.ravel() / counts.sum())
    return share


def _blur(counts: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """Half of each bin stays, a quarter goes to each neighbour."""
    moved = np.moveaxis(counts, axis, 0)
    blurred = moved * np.float32(0.5)
    blurred[1:] += moved[:-1] * np.float32(0.25)
    blurred[:-1] += moved[1:] * np.float32(0.25)
    return np.moveaxis(blurred, 0, axis)
