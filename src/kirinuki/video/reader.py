"""`read`: the frames of a video one by one, upright, in right colours, with their times.

>>> with read("clip.mkv") as video:
...     for frame in video:
...         print(float(frame.time), frame.rgb.shape)

Never more than the frames that a decoder holds are in memory. A damaged frame is given as the
decoder mended it, or left out; a file that was cut off ends where it was.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from kirinuki.arguments import MOST_SECONDS, check_whole
from kirinuki.errors import KirinukiError, PictureError, VideoError
from kirinuki.images.hdr import tone_mapped
from kirinuki.video.animation import ANIMATIONS, Animation
from kirinuki.video.colour import FULL, matrix_of, range_of, swscale_matrix
from kirinuki.video.decoding import decoded
from kirinuki.video.frames import Frame
from kirinuki.video.info import VideoInfo, end_of, opened, probe, video_stream

_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
_KINDS = {
    (False, False): "rgb24",
    (False, True): "rgba",
    (True, False): "rgb48le",
    (True, True): "rgba64le",
}
"""Whether a video is HDR, whether it has alpha → FFmpeg's name of what its frames become."""
_EARLIER = Fraction(1)
"""Seconds by which a seek aims too early: an index may point at the next key frame."""
MOST_SIDE = 16_384
"""Pixels of a side to which frames are scaled."""
_MISSING, _MISSING_SHARE = Fraction(1), Fraction(1, 4)
"""Seconds missing at the end from which a file counts as cut off, and of a short one the share."""


class Video:
    """The frames of one video; iterate once, or again from the beginning. Leaving its `with` block
    closes the file, as does dropping the iterator.

    Attributes:
        info: what is known of it.
        problems: what was wrong with it, filled in while it is read.
    """

    def __init__(
        self,
        info: VideoInfo,
        start: Fraction | None,
        end: Fraction | None,
        every: int,
        size_hw: tuple[int, int] | None,
    ) -> None:
        self.info = info
        self.problems: list[str] = []
        self._start = start
        self._end = end
        self._every = every
        self._size_hw = size_hw or info.size_hw
        self._running: Generator[Frame] | None = None

    def __enter__(self) -> Video:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._running is not None:
            self._running.close()

    def __iter__(self) -> Iterator[Frame]:
        self.problems.clear()
        self._running = self._frames()
        return self._running

    def _frames(self) -> Generator[Frame]:
        for number, (frame, pts) in enumerate(self._wanted()):
            if number % self._every == 0:
                yield self._frame(frame, pts)

    def _wanted(self) -> Iterator[tuple[Any, int]]:
        """Decoded frames and their times, from `start` to before `end`."""
        found = _Decoding(self.info, self.problems)
        start, end = self._start, self._end
        frames = None
        if start is not None and start > self.info.start:
            frames = self._sought(found, start)
        if frames is None:
            self.problems.clear()
            frames = found.frames(None)
        for frame, pts in frames:
            time = pts * self.info.time_base
            if end is not None and time >= end:
                return
            if start is None or time >= start:
                yield frame, pts
        if end is None:
            found.say_if_cut_off()

    def _sought(self, found: _Decoding, start: Fraction) -> Iterator[tuple[Any, int]] | None:
        """Frames from a key frame at or before `start`: those shown after it need none before it.
        None where the seek landed too late for that."""
        frames = found.frames(start - _EARLIER)
        for frame, pts in frames:
            if pts * self.info.time_base > start:
                return None
            if frame.key_frame:
                return chain([(frame, pts)], frames)
        return None

    def _frame(self, frame: Any, pts: int) -> Frame:
        height, width = self._size_hw
        if self.info.rotation % 180:
            height, width = width, height
        kind = _KINDS[self.info.hdr is not None, self.info.has_alpha]
        matrix = matrix_of(self.info.colour, self.info.size_hw)
        shown = frame.reformat(
            width,
            height,
            kind,
            src_colorspace=swscale_matrix(matrix),
            src_color_range=range_of(self.info.colour, self.info.pix_fmt),
            dst_color_range=FULL,
            interpolation=_EXACT,
            threads=1,
        )
        pixels = np.rot90(self._sdr(shown.to_ndarray()), self.info.rotation // 90)
        alpha = None
        if self.info.has_alpha:
            pixels, alpha = _on_white(pixels)
        rgb = np.ascontiguousarray(pixels)
        return Frame(rgb, pts, self._duration(frame), self.info.time_base, alpha)

    def _sdr(self, pixels: NDArray[Any]) -> NDArray[np.uint8]:
        """RGB or RGBA of 8 bits; HDR is tone-mapped."""
        if self.info.hdr is None:
            return pixels
        rgb = tone_mapped(pixels[..., :3], self.info.hdr)
        if not self.info.has_alpha:
            return rgb
        return np.dstack([rgb, (pixels[..., 3] >> 8).astype(np.uint8)])

    def _duration(self, frame: Any) -> int:
        if frame.duration and frame.duration > 0:
            return int(frame.duration)
        rate = self.info.frame_rate
        return 1 if rate is None else max(1, round(1 / rate / self.info.time_base))


class _Decoding:
    """Decodes a video, as often as asked, and notes what is broken."""

    def __init__(self, info: VideoInfo, problems: list[str]) -> None:
        self._info = info
        self._problems = problems
        self._broken = 0
        self._last: Fraction | None = None
        self._expected: Fraction | None = None

    def frames(self, near: Fraction | None) -> Iterator[tuple[Any, int]]:
        """Frames and their times, strictly increasing, from a key frame before `near` seconds."""
        self._broken, last = 0, None
        try:
            for frame in self._decoded(near):
                pts = (
                    frame.pts
                    if frame.pts is not None
                    else (last or 0) + max(1, frame.duration or 1)
                )
                if last is not None and pts <= last:
                    pts = last + 1
                last = pts
                # Before the time asked for, frames may lack those that they refer to.
                time = pts * self._info.time_base
                if frame.is_corrupt and (near is None or time > near + _EARLIER):
                    self._broken += 1
                self._last = time + max(1, frame.duration or 1) * self._info.time_base
                yield frame, pts
        finally:
            self._say_broken()
        if last is None and near is None:
            raise VideoError(f"{self._info.path}: no frame of it can be decoded")

    def say_if_cut_off(self) -> None:
        """Note where a file ends before its time."""
        if self._expected is None or self._last is None:
            return
        if self._expected - self._last > min(_MISSING, _MISSING_SHARE * self._expected):
            self._problems.append(
                f"cut off: ends at {float(self._last):.1f} of {float(self._expected):.1f} seconds"
            )

    def _decoded(self, near: Fraction | None) -> Iterator[Any]:
        if self._info.container in ANIMATIONS:
            yield from self._of_animation()
            return
        with opened(self._info.path) as container:
            stream = video_stream(container, self._info.path)
            self._expected = end_of(stream)
            if near is not None:
                self._seek(container, stream, near)
            yield from decoded(container, stream, self._count_broken)

    def _of_animation(self) -> Iterator[Any]:
        try:
            yield from Animation(self._info.path).frames()
        except PictureError:
            self._count_broken()

    def _count_broken(self) -> None:
        self._broken += 1

    def _say_broken(self) -> None:
        if self._broken:
            what = "1 frame is" if self._broken == 1 else f"{self._broken:,} frames are"
            self._problems.append(f"{what} damaged")

    @staticmethod
    def _seek(container: Any, stream: Any, near: Fraction) -> None:
        for time in (max(0, round(near / stream.time_base)), 0):
            with suppress(av.FFmpegError):
                container.seek(time, stream=stream, backward=True)
                return
        # It cannot seek: it stands at its beginning.


def _on_white(rgba: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """RGB on white, and alpha; None where nothing is transparent."""
    alpha = np.ascontiguousarray(rgba[..., 3])
    if alpha.min() == 255:
        return rgba[..., :3], None
    share = alpha[..., None].astype(np.float32) / 255
    rgb = 255 + (rgba[..., :3].astype(np.float32) - 255) * share
    return np.rint(rgb).astype(np.uint8), alpha


def read(
    path: str | Path,
    *,
    start: Fraction | float | None = None,
    end: Fraction | float | None = None,
    every: int = 1,
    size_hw: tuple[int, int] | None = None,
) -> Video:
    """Read a video.

    Args:
        start: seconds of the video's own clock from which on; None is its beginning. The frames
            are the same as without it.
        end: seconds of the video's own clock before which; None is its end.
        every: only each so many-th frame, counted from the first.
        size_hw: height and width to scale to; None is the video's own.

    Raises:
        VideoError: it cannot be read.
        KirinukiError: there is no such time, step or size.
    """
    check_whole("every", every, 1)
    if size_hw is not None:
        if not isinstance(size_hw, tuple | list) or len(size_hw) != 2:
            raise KirinukiError(f"`size_hw` is {size_hw!r}, expected (height, width)")
        for side in size_hw:
            check_whole("size_hw", side, 1, MOST_SIDE)
    times = _time("start", start), _time("end", end)
    return Video(probe(path), *times, every, size_hw)


def _time(argument: str, seconds: Fraction | float | None) -> Fraction | None:
    try:
        time = None if seconds is None else Fraction(seconds)
    except (TypeError, ValueError, OverflowError):  # text, not a number, infinity
        raise KirinukiError(f"`{argument}` is {seconds!r}, expected a number of seconds") from None
    if time is not None and abs(time) > MOST_SECONDS:
        raise KirinukiError(
            f"`{argument}` is {float(time):g}, expected at most {MOST_SECONDS:,} seconds"
        )
    return time
