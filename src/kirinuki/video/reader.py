"""`read`: the frames of a video one by one, upright, in right colours, with their times.

>>> with read("clip.mkv") as video:
...     for frame in video:
...         print(float(frame.time), frame.rgb.shape)

Never more than the frames that a decoder holds are in memory. A damaged frame is given as the
decoder mended it, or left out; a file that was cut off ends where it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from kirinuki.errors import VideoError
from kirinuki.video.colour import matrix_of, swscale_matrix
from kirinuki.video.frames import Frame
from kirinuki.video.info import VideoInfo, decoder_of, opened, probe, video_stream

_LIMITED, _FULL = 1, 2
_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
_EARLIER = Fraction(1)
"""Seconds by which a seek aims too early: an index may point at the next key frame."""
_MISSING = Fraction(1)
"""Seconds missing at the end from which a file counts as cut off."""


class Video:
    """The frames of one video; iterate once, or again from the beginning.

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

    def __enter__(self) -> Video:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to do: an iteration closes its file when it ends or is dropped."""

    def __iter__(self) -> Iterator[Frame]:
        self.problems.clear()
        for number, (decoded, pts) in enumerate(self._from_start()):
            if number % self._every == 0:
                yield self._frame(decoded, pts)

    def _from_start(self) -> Iterator[tuple[Any, int]]:
        """Decoded frames and their times, from `start` to before `end`."""
        found = _Decoding(self.info, self.problems)
        start, end = self._start, self._end
        if start is not None and start > self.info.start:
            frames = found.frames(start - _EARLIER)
            first = next(frames, None)
            if first is None or first[1] * self.info.time_base > start:
                frames = found.frames(None)  # the seek landed too late: decode from the beginning
            elif first[1] * self.info.time_base == start:
                yield first
        else:
            frames = found.frames(None)
        for decoded, pts in frames:
            time = pts * self.info.time_base
            if end is not None and time >= end:
                return
            if start is None or time >= start:
                yield decoded, pts
        if end is None:
            found.say_if_cut_off()

    def _frame(self, decoded: Any, pts: int) -> Frame:
        height, width = self._size_hw
        if self.info.rotation % 180:
            height, width = width, height
        kind = "rgba" if self.info.has_alpha else "rgb24"
        matrix = matrix_of(self.info.colour, self.info.size_hw[0])
        shown = decoded.reformat(
            width,
            height,
            kind,
            src_colorspace=swscale_matrix(matrix),
            src_color_range=self.info.colour.range or _LIMITED,
            dst_color_range=_FULL,
            interpolation=_EXACT,
            threads=1,
        )
        pixels = np.rot90(shown.to_ndarray(), self.info.rotation // 90)
        alpha = None
        if self.info.has_alpha:
            pixels, alpha = _on_white(pixels)
        rgb = np.ascontiguousarray(pixels)
        return Frame(rgb, pts, self._duration(decoded), self.info.time_base, alpha)

    def _duration(self, decoded: Any) -> int:
        if decoded.duration and decoded.duration > 0:
            return int(decoded.duration)
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
        info = self._info
        self._broken, last = 0, None
        with opened(info.path) as container:
            stream = video_stream(container, info.path)
            self._expected = _expected_end(stream, info)
            if near is not None:
                self._seek(container, stream, near)
            for decoded in self._decoded(container, stream):
                pts = decoded.pts if decoded.pts is not None else (last or 0) + 1
                if last is not None and pts <= last:
                    pts = last + 1
                last = pts
                # Before the time asked for, frames may lack those that they refer to.
                if decoded.is_corrupt and (near is None or pts * info.time_base > near + _EARLIER):
                    self._broken += 1
                self._last = (pts + max(1, decoded.duration or 1)) * info.time_base
                yield decoded, pts
        if last is None and near is None:
            raise VideoError(f"{info.path}: no frame of it can be decoded")
        if self._broken:
            what = "1 frame is" if self._broken == 1 else f"{self._broken:,} frames are"
            self._problems.append(f"{what} damaged")

    def say_if_cut_off(self) -> None:
        """Note where a file ends before its time."""
        if self._expected is None or self._last is None:
            return
        if self._expected - self._last > _MISSING:
            self._problems.append(
                f"cut off: ends at {float(self._last):.1f} of {float(self._expected):.1f} seconds"
            )

    def _seek(self, container: Any, stream: Any, near: Fraction) -> None:
        try:
            container.seek(max(0, round(near / stream.time_base)), stream=stream, backward=True)
        except av.FFmpegError:
            container.seek(0, stream=stream, backward=True)

    def _decoded(self, container: Any, stream: Any) -> Iterator[Any]:
        decoder = decoder_of(stream)
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                self._broken += 1
                return
            if packet is None:
                return
            try:
                decoded = decoder.decode(packet if packet.size else None)
            except av.FFmpegError:
                self._broken += 1
                continue
            yield from decoded


def _expected_end(stream: Any, info: VideoInfo) -> Fraction | None:
    """When the last frame of the video should end; None where the file does not say. What it says
    of the whole file may concern its sound."""
    if stream.duration:
        return Fraction((stream.start_time or 0) + stream.duration) * info.time_base
    text = next((v for k, v in stream.metadata.items() if k.upper() == "DURATION"), None)
    if text is None:
        return None
    try:
        hours, minutes, seconds = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)
    except ValueError:
        return None


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
    """
    return Video(
        probe(path),
        None if start is None else Fraction(start),
        None if end is None else Fraction(end),
        every,
        size_hw,
    )
