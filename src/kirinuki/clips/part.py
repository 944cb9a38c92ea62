"""Which part of a video a job reads, and at what size."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kirinuki.video import VideoInfo


@dataclass(frozen=True)
class Part:
    """Which frames of the video are read, and at what size.

    Attributes:
        start: seconds of the source from which on; None is its beginning.
        end: seconds of the source before which; None is its end.
        every: only every so many frames, from the first.
        height: height of the results in pixels, the width follows; None is the source's.
    """

    start: Fraction | None = None
    end: Fraction | None = None
    every: int = 1
    height: int | None = None

    def size_of(self, info: VideoInfo) -> tuple[int, int]:
        """Height and width of the results, even where they are not the source's own."""
        height, width = info.size_hw
        if self.height is None or self.height == height:
            return height, width
        return 2 * round(self.height / 2), max(2, 2 * round(width * self.height / height / 2))

    def frames_of(self, info: VideoInfo) -> int | None:
        """About how many frames that is."""
        if info.frame_rate is None or info.duration is None:
            return info.frames
        first = max(self.start or info.start, info.start)
        last = info.start + info.duration
        last = last if self.end is None else min(self.end, last)
        return max(1, round((last - first) * info.frame_rate / self.every))
