"""Which part of a video a job reads, and at what size."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kirinuki.cutting.outputs.options import option
from kirinuki.errors import VideoError
from kirinuki.video import VideoInfo

LARGEST = 8192
"""Pixels of a side that frames may be scaled to; several frames of a size are in memory at once."""


@dataclass(frozen=True)
class Part:
    """Which frames of the video are read, and at what size."""

    start: Fraction | None = option(
        None, "Begin videos here, such as 1:23.5.", flag="from", metavar="TIME"
    )
    """Seconds after the video's beginning from which on; None is the beginning itself."""
    end: Fraction | None = option(None, "End videos here.", flag="to", metavar="TIME")
    """Seconds after the video's beginning before which; None is its end."""
    every: int = option(1, "Take only every N-th frame of videos.", range=(1, None), metavar="N")
    """Only every so many frames, from the first."""
    height: int | None = option(
        None,
        "Height of a video's results in pixels; the width follows.  [default: the video's own]",
        flag="size",
        range=(16, LARGEST),
        metavar="HEIGHT",
    )
    """Height of the results in pixels, the width follows; None is the source's."""

    def size_of(self, info: VideoInfo) -> tuple[int, int]:
        """Height and width of the results, even where they are not the source's own.

        Raises:
            VideoError: they would be larger than `LARGEST`.
        """
        height, width = info.size_hw
        if self.height is None or self.height == height:
            return height, width
        scaled = 2 * round(self.height / 2), max(2, 2 * round(width * self.height / height / 2))
        if max(scaled) > LARGEST:
            raise VideoError(
                f"{info.path}: would be {scaled[1]:,} × {scaled[0]:,} pixels, expected at most "
                f"{LARGEST:,} a side; take a smaller `height`"
            )
        return scaled

    def frames_of(self, info: VideoInfo) -> int | None:
        """About how many frames that is."""
        if info.frame_rate is None or info.duration is None:
            return info.frames
        last = info.duration if self.end is None else min(self.end, info.duration)
        seconds = last - (self.start or 0)
        return max(1, round(seconds * info.frame_rate / self.every))

    def span_of(self, info: VideoInfo) -> tuple[Fraction | None, Fraction | None]:
        """Start and end on the video's own clock, which need not begin at 0."""
        start = None if self.start is None else info.start + self.start
        return start, None if self.end is None else info.start + self.end
