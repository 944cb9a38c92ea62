"""How a video's numbers mean colours: matrices as FFmpeg numbers them.

The numbers are those of ITU-T H.273 ("Coding-independent code points"), table 4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kirinuki.images.hdr import HLG, PQ

UNSPECIFIED = 2
BT709, BT470BG, SMPTE170M = 1, 5, 6
LIMITED, FULL = 1, 2
HD_LONG, SD_SHORT = 1280, 576
"""A video without a matrix is taken for BT.709 if its long side is at least the one or its short
side more than the other, else for BT.601: so does libplacebo, the renderer of mpv and VLC
(`pl_color_system_guess_ycbcr`), where width and height stand for long and short."""

_SWSCALE = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
"""Matrix → libswscale's number of it (SWS_CS_*)."""


@dataclass(frozen=True)
class Colour:
    """Colour tags, FFmpeg's numbers; unspecified ones stay so.

    Attributes:
        matrix: luma and chroma from RGB.
        range: 1 limited (16 to 235), 2 full, 0 unspecified (`range_of`).
        primaries: of the display.
        transfer: the tone curve.
    """

    matrix: int = UNSPECIFIED
    range: int = 0
    primaries: int = UNSPECIFIED
    transfer: int = UNSPECIFIED

    @property
    def of_frames(self) -> Colour:
        """What frames are when they are read: HDR ones are tone-mapped to BT.709 (`images.hdr`)."""
        if self.transfer not in (PQ, HLG):
            return self
        return replace(self, matrix=BT709, primaries=BT709, transfer=BT709)


def matrix_of(colour: Colour, size_hw: tuple[int, int]) -> int:
    """The matrix, guessed by the size as players do where the video does not say."""
    if colour.matrix in _SWSCALE:
        return colour.matrix
    return BT709 if max(size_hw) >= HD_LONG or min(size_hw) > SD_SHORT else SMPTE170M


def range_of(colour: Colour, pix_fmt: str) -> int:
    """The range: where the video does not say, limited, but full for grey ones as in FFmpeg."""
    return colour.range or (FULL if pix_fmt.startswith("gray") else LIMITED)


def swscale_matrix(matrix: int) -> int:
    """libswscale's number of a matrix that `matrix_of` gave."""
    return _SWSCALE[matrix]
