"""How a video's numbers mean colours: matrices as FFmpeg numbers them.

The numbers are those of ITU-T H.273 ("Coding-independent code points"), table 4.
"""

from __future__ import annotations

from dataclasses import dataclass

UNSPECIFIED = 2
BT709, BT470BG, SMPTE170M = 1, 5, 6
HD_HEIGHT = 720
"""Height from which players take a video without a matrix for BT.709, and below for BT.601."""

_SWSCALE = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
"""Matrix → libswscale's number of it (SWS_CS_*)."""


@dataclass(frozen=True)
class Colour:
    """Colour tags, FFmpeg's numbers; unspecified ones stay so.

    Attributes:
        matrix: luma and chroma from RGB.
        range: 1 limited (16 to 235), 2 full, 0 unspecified, which means limited.
        primaries: of the display.
        transfer: the tone curve.
    """

    matrix: int = UNSPECIFIED
    range: int = 0
    primaries: int = UNSPECIFIED
    transfer: int = UNSPECIFIED


def matrix_of(colour: Colour, height: int) -> int:
    """The matrix, guessed as players do where the video does not say."""
    if colour.matrix in _SWSCALE:
        return colour.matrix
    return BT709 if height >= HD_HEIGHT else SMPTE170M


def swscale_matrix(matrix: int) -> int:
    """libswscale's number of a matrix that `matrix_of` gave."""
    return _SWSCALE[matrix]
