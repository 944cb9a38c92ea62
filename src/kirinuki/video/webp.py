"""Animated WebP pictures, which FFmpeg does not read and Pillow does.

Times come from the file's own chunks, so that nothing is decoded to know them. A frame lasts its
milliseconds, and one of zero as long as browsers show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import ImageSequence

from kirinuki.errors import PictureError, VideoError
from kirinuki.images.picture import opened

_ZERO = 100
"""Milliseconds for which browsers show a frame that says zero."""


class WebP:
    """An animated WebP picture.

    Attributes:
        size_hw: height and width in pixels.
        count: frames.
        duration: seconds.
        time_base: seconds of one unit of its frames' times.
    """

    time_base = Fraction(1, 1000)

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._lasts = _durations(path)
            with opened(path) as image:
                self.size_hw = (image.height, image.width)
        except OSError as error:
            raise VideoError(f"{path}: cannot be read: {error.strerror or error}") from None
        except PictureError as error:
            raise VideoError(str(error)) from None
        self.count = len(self._lasts)
        self.duration = sum(self._lasts) * self.time_base

    @staticmethod
    def moves(path: Path) -> bool:
        """Whether a file is an animated WebP picture."""
        try:
            if not path.is_file():
                return False
            return len(_durations(path)) > 1
        except OSError:
            return False

    def frames(self) -> Iterator[av.VideoFrame]:
        """All frames with their times, RGBA.

        Raises:
            PictureError: one cannot be decoded.
        """
        time = 0
        with opened(self._path) as image:
            shown = ImageSequence.Iterator(image)
            for lasts, picture in zip(self._lasts, shown, strict=False):
                frame = av.VideoFrame.from_ndarray(np.array(picture.convert("RGBA")), "rgba")
                frame.pts, frame.time_base, frame.duration = time, self.time_base, lasts
                time += lasts
                yield frame


def _durations(path: Path) -> list[int]:
    """Milliseconds of every frame; empty for anything but an animated WebP picture."""
    durations = []
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WEBP":
            return []
        while len(chunk := file.read(8)) == 8:
            size = int.from_bytes(chunk[4:], "little")
            if chunk[:4] == b"ANMF":
                # place and size of the part that is drawn, 3 bytes each, then its duration
                durations.append(int.from_bytes(file.read(16)[12:15], "little") or _ZERO)
                size -= 16
            file.seek(size + size % 2, 1)
    return durations
