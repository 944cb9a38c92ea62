"""`Encoder`: pictures in, one video file out; the same pictures always give the same packets.

Not covered: sound, and joining files (`assemble`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from kirinuki.errors import OutputError
from kirinuki.video.bleed import bleed
from kirinuki.video.colour import UNSPECIFIED, matrix_of, swscale_matrix
from kirinuki.video.info import VideoInfo
from kirinuki.video.planes import full_range
from kirinuki.video.priority import ordinary_priority
from kirinuki.video.styles import Style

_LIMITED, _FULL = 1, 2
"""FFmpeg's numbers of the ranges."""

_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP
"""Without these flags libswscale takes every other pixel's chroma, and rounds downwards."""

_THREADS = 2
"""A fixed number: what libx264 writes depends on it, and a job may go on on another machine."""

_BLOCKS = 8
"""x264's macroblock tree takes so many blocks of a row at a time, and where a row ends before, what
lies behind it: memory that nobody has written, other at each run."""

os.environ.setdefault("SVT_LOG", "1")  # the AV1 encoder writes its settings to the terminal


class Encoder:
    """Writes one file.

    Args:
        path: the file; its suffix names the container.
        info: of the source: its time base, colour tags and pixel shape are kept.
        size_hw: height and width of the pictures.
        crf: quality, lower is better; None is the style's own.

    Raises:
        OutputError: the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        style: Style,
        info: VideoInfo,
        size_hw: tuple[int, int],
        *,
        crf: int | None = None,
    ) -> None:
        self._path = path
        self._style = style
        self._info = info
        self._size_hw = size_hw
        self._colour = info.colour.of_frames
        self._matrix = matrix_of(self._colour, info.size_hw)
        full = self._colour.range == _FULL and not style.alpha
        self._range = _FULL if full else _LIMITED
        if min(size_hw) < style.smallest:
            raise OutputError(
                f"{path}: {size_hw[1]} x {size_hw[0]} pixels are too small for {style.encoder}, "
                f"which needs {style.smallest}; use h264"
            )
        height, width = self._stored = self._stored_size()
        self._pad = (height % 2, width % 2) if style.even else (0, 0)
        with self._one_line():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._container = av.open(str(path), "w", options=self._container_options())
            self._stream: Any = self._container.add_stream(
                style.encoder, rate=info.frame_rate or 24, options=self._options(crf)
            )
            self._set_up(width + self._pad[1], height + self._pad[0])
            with ordinary_priority():
                self._stream.codec_context.open()

    def _stored_size(self) -> tuple[int, int]:
        height, width = self._size_hw
        if self._style.square_pixels:
            width = max(1, round(width * self._info.sample_aspect_ratio))
        return height, width

    def _container_options(self) -> dict[str, str]:
        options = {"avoid_negative_ts": "disabled", "fflags": "+bitexact"}
        if self._path.suffix in (".mov", ".mp4"):
            # The unit in which it says where the first frame stands.
            options["movie_timescale"] = str(self._info.time_base.denominator)
        return options

    def _tag(self) -> int:
        """The matrix to tag. A video without a tag stays so, and looks in every player as its
        source does, unless players would guess another matrix from its new height."""
        untold = self._colour.matrix == UNSPECIFIED and self._size_hw == self._info.size_hw
        return UNSPECIFIED if untold else self._matrix

    def _options(self, crf: int | None) -> dict[str, str]:
        options = dict(self._style.options)
        if self._style.crf is not None:
            options["crf"] = str(self._style.crf if crf is None else crf)
        if self._style.encoder == "libx264" and -(-self._size_hw[1] // 16) % _BLOCKS:
            options["mbtree"] = "0"
        return options

    def _set_up(self, width: int, height: int) -> None:
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, self._style.pix_fmt
        context.time_base = self._stream.time_base = self._info.time_base
        square = self._style.square_pixels
        context.sample_aspect_ratio = 1 if square else self._info.sample_aspect_ratio
        context.thread_count = _THREADS
        context.colorspace = self._tag()
        context.color_range = self._range
        context.color_primaries = self._colour.primaries
        context.color_trc = self._colour.transfer
        context.flags |= av.codec.context.Flags.global_header
        if self._style.encoder == "libvpx-vp9" and self._style.alpha:
            self._stream.metadata["alpha_mode"] = "1"

    def write(self, picture: NDArray[np.uint8], pts: int, duration: int) -> None:
        """Encode a picture (H, W, 3) RGB or, in a style with alpha, (H, W, 4) RGBA uint8, straight
        alpha, shown from `pts` for `duration`, in the source's time base.

        Raises:
            OutputError: the file cannot be written.
        """
        picture = self._checked(picture)
        if self._stored != self._size_hw:
            scaled = cv2.resize(picture, self._stored[::-1], interpolation=cv2.INTER_AREA)
            picture = scaled.astype(np.uint8, copy=False)
        if any(self._pad):
            picture = np.pad(picture, ((0, self._pad[0]), (0, self._pad[1]), (0, 0)), "edge")
        frame = self._converted(np.ascontiguousarray(picture))
        frame.colorspace = self._tag()
        frame.pts, frame.time_base = pts, self._info.time_base
        frame.duration = duration
        with self._one_line():
            self._container.mux(self._stream.encode(frame))

    def _converted(self, picture: NDArray[np.uint8]) -> av.VideoFrame:
        if self._range == _FULL:
            frame = full_range(picture, self._matrix)
            frame.color_range = _FULL
            return frame
        frame = av.VideoFrame.from_ndarray(picture, "rgba" if self._style.alpha else "rgb24")
        return frame.reformat(
            format=self._style.pix_fmt,
            dst_colorspace=swscale_matrix(self._matrix),
            src_color_range=_FULL,
            dst_color_range=_LIMITED,
            dst_color_primaries=self._colour.primaries,
            dst_color_trc=self._colour.transfer,
            interpolation=_EXACT,
            threads=1,
        )

    def _checked(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        channels = 4 if self._style.alpha else 3
        expected = (*self._size_hw, channels)
        if picture.shape != expected or picture.dtype != np.uint8:
            raise ValueError(
                f"picture must be {expected} uint8, but got {picture.shape} {picture.dtype}"
            )
        return bleed(picture) if self._style.alpha else picture

    def close(self) -> None:
        """Finish the file.

        Raises:
            OutputError: it cannot be written; then there is no file.
        """
        try:
            with self._one_line():
                self._container.mux(self._stream.encode(None))
                self._container.close()
        except OutputError:
            self.abort()
            raise

    def abort(self) -> None:
        """Leave no file behind."""
        with suppress(av.FFmpegError, OSError, ValueError):
            self._container.close()
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> Encoder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abort()

    @contextmanager
    def _one_line(self) -> Iterator[None]:
        try:
            yield
        except (av.FFmpegError, OSError) as error:
            why = error.strerror or error
            raise OutputError(f"{self._path}: cannot be written: {why}") from error
