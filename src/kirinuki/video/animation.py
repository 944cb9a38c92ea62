"""Animated WebP and AVIF pictures, which Pillow reads, and FFmpeg not, or without their alpha.

Times come from the file's own chunks and boxes, so that nothing is decoded to know them. A frame of
WebP that says zero lasts as long as browsers show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import ImageSequence

from kirinuki.errors import PictureError, VideoError
from kirinuki.images.hdr import HLG, PQ, Hdr
from kirinuki.images.picture import opened

ANIMATIONS = ("webp", "avif")
"""What `Animation.kind` may be."""
_ZERO = 100
"""Milliseconds for which browsers show a frame that says zero."""


class Animation:
    """An animated WebP or AVIF picture.

    Attributes:
        kind: one of `ANIMATIONS`.
        size_hw: height and width in pixels.
        lasts: how long each frame is shown, in units of `time_base`.
        time_base: seconds of one unit of its frames' times.
        hdr: how HDR numbers mean light; None for others.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.hdr: Hdr | None = None
        try:
            self.time_base, self.lasts = Fraction(1, 1000), _webp_durations(path)
            self.kind = "webp" if self.lasts else "avif"
            if self.kind == "avif":
                self._read_avif()
            with opened(path) as image:
                self.size_hw = (image.height, image.width)
        except (av.FFmpegError, OSError) as error:
            raise VideoError(f"{path}: cannot be read: {error.strerror or error}") from None
        except PictureError as error:
            raise VideoError(str(error)) from None

    @property
    def duration(self) -> Fraction:
        """Seconds."""
        return sum(self.lasts) * self.time_base

    @classmethod
    def of(cls, path: Path) -> Animation | None:
        """The picture that a file is; None for anything else, and an AVIF that cannot be read.

        Raises:
            VideoError: it is a WebP that cannot be read.
        """
        try:
            if not path.is_file():
                return None
            if len(_webp_durations(path)) > 1:
                return cls(path)
            if not _says_avif_sequence(path):
                return None
        except OSError:
            return None
        with suppress(VideoError):
            found = cls(path)
            return found if len(found.lasts) > 1 else None
        return None

    def shown_for(self, time: Fraction) -> Fraction | None:
        """Seconds for which the frame of a time is shown; None where there is none."""
        begins = Fraction(0)
        for lasts in self.lasts:
            if begins <= time < begins + lasts * self.time_base:
                return lasts * self.time_base
            begins += lasts * self.time_base
        return None

    def frames(self) -> Iterator[av.VideoFrame]:
        """All frames with their times, RGBA.

        Raises:
            PictureError: one cannot be decoded.
        """
        time = 0
        with opened(self._path) as image:
            shown = ImageSequence.Iterator(image)
            for lasts, picture in zip(self.lasts, shown, strict=False):
                frame = av.VideoFrame.from_ndarray(np.array(picture.convert("RGBA")), "rgba")
                frame.pts, frame.time_base, frame.duration = time, self.time_base, lasts
                time += lasts
                yield frame

    def _read_avif(self) -> None:
        """Times of the track of pictures: there may be one of alpha, and a still."""
        with av.open(f"file:{self._path}", "r", metadata_errors="replace") as container:
            tracks = [stream for stream in container.streams.video if stream.duration]
            if not tracks:
                raise VideoError(f"{self._path}: is damaged or cut off: it has no frames")
            track: Any = tracks[0]
            self.time_base = Fraction(track.time_base)
            packets = [p for p in container.demux(track) if p.pts is not None]
            self.lasts = [max(1, int(p.duration)) for p in sorted(packets, key=lambda p: p.pts)]
            context = track.codec_context
            if int(context.color_trc) in (PQ, HLG):
                self.hdr = Hdr(int(context.color_trc), int(context.color_primaries))


def _says_avif_sequence(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12)[4:] == b"ftypavis"


def _webp_durations(path: Path) -> list[int]:
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
