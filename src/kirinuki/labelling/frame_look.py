"""What a frame is worth to somebody who labels: `Look`, the measures of one reduced frame.

Not covered: comparing frames, and choosing among them (`frame_choice`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.images.fingerprint import perceptual_hash

LONG_SIDE = 480
"""Longer side, in pixels, at which frames are judged."""
FLAT_BLOCK = 16
"""Levels between the darkest and the brightest pixel up to which a block of 12 × 12 is flat."""
BLANK = 0.97
"""Share of flat blocks from which a frame shows nothing."""
CREDITS_FLAT = 0.8
"""Share of the blocks beside the text that are flat in credits at least: signs hang in places."""
CREDITS_LINES = 4
"""Lines of text from which they are credits and no sign; one suffices where the rest is `BLANK`."""
LINE_HEIGHT = (0.015, 0.08)
"""Height of a line of text as a share of the picture's height."""
_BLOCK = 12


@dataclass(frozen=True, eq=False)
class Look:
    """Measures of a frame.

    Attributes:
        bits: (256,) bool perceptual hash; None for a flat picture.
        sharpness: variance of the Laplacian where there are edges, in squared levels: compares
            frames of one shot, not of two.
        blank: it shows one colour, or nearly.
        credits: it shows lines of text before something even.
    """

    bits: NDArray[np.bool_] | None
    sharpness: float
    blank: bool
    credits: bool


def look_at(rgb: NDArray[np.uint8]) -> Look:
    """Measure a frame, (H, W, 3) uint8 RGB, `LONG_SIDE` long at most."""
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    bits = perceptual_hash(rgb)
    blank = bits is None or _flat_share(grey) >= BLANK
    return Look(bits, sharpness_of(rgb), blank, not blank and _is_credits(grey))


def _flat_share(grey: NDArray[np.uint8], beside: NDArray[np.bool_] | None = None) -> float:
    """Share of the blocks that are flat, in [0, 1]; of those alone that do not touch `beside`, a
    mask (H, W)."""
    contrast = _by_block(grey).max(axis=(1, 3)).astype(np.int16) - _by_block(grey).min(axis=(1, 3))
    flat = contrast <= FLAT_BLOCK
    if beside is not None:
        flat = flat[~_by_block(beside).any(axis=(1, 3))]
    return float(flat.mean()) if flat.size else 0.0


def _by_block(plane: NDArray[Any]) -> NDArray[Any]:
    """(rows, 12, columns, 12) of a plane (H, W); what does not fill a block is left out."""
    height, width = (side // _BLOCK * _BLOCK for side in plane.shape)
    return plane[:height, :width].reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)


def sharpness_of(rgb: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield
    microscopy") of a frame, (H, W, 3) uint8 RGB, over the tenth of the pixels that have most of
    it: even walls do not count."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    edges = np.abs(cv2.Laplacian(grey, cv2.CV_16S)).ravel()
    count = max(len(edges) // 10, 1)
    strongest = np.partition(edges, len(edges) - count)[-count:].astype(np.float64)
    return float((strongest**2).mean())


def _is_credits(grey: NDArray[np.uint8]) -> bool:
    """Whether there are lines of text, strokes that join into long flat boxes, and little else."""
    height = grey.shape[0]
    strokes = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 60
    reach = max(round(height * 0.04), 3)
    joined = cv2.morphologyEx(
        strokes.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8)
    )
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(joined)
    wide, tall, area = (
        stats[:, column] for column in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA)
    )
    low, high = (share * height for share in LINE_HEIGHT)
    line = (tall >= low) & (tall <= high) & (wide >= 3 * tall) & (area >= 0.5 * wide * tall)
    line[0] = False  # the background
    if not line.any():
        return False
    least = CREDITS_FLAT if np.count_nonzero(line) >= CREDITS_LINES else BLANK
    return _flat_share(grey, line[numbers]) >= least
