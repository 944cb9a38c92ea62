"""The ways of following that are compared, and the time each takes for a clip.

Only following is timed: waiting for the decoder is taken off. What a whole job takes, decoding and
encoding included, is `jobs`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from clip_truth import Clip

from kirinuki.instances import Instances
from kirinuki.segmenter.segments import Segments
from kirinuki.tracking.follow import Reuse, track
from kirinuki.video import Frame, read


@dataclass(frozen=True)
class Variant:
    """One way of following; see `kirinuki.tracking.track`."""

    name: str
    reuse: bool
    smooth: bool


FRAME_BY_FRAME = Variant("frame by frame", reuse=False, smooth=False)
OURS = Variant("ours", reuse=True, smooth=True)
PARTS = (
    Variant("without smoothing", reuse=True, smooth=False),
    Variant("without reuse", reuse=False, smooth=True),
)


@dataclass(frozen=True)
class Followed:
    """What came out for one clip: the finds and their origin, by frame, and seconds it took."""

    instances: list[Instances]
    reuse: list[Reuse]
    shots: list[int]
    seconds: float


def follow(segmenter: Segments, clip: Clip, variant: Variant) -> Followed:
    """Follow everyone through a clip."""
    followed = Followed([], [], [], 0.0)
    with read(clip.path) as video:
        frames = _Timed(video)
        start = time.perf_counter()
        for one in track(segmenter, frames, reuse=variant.reuse, smooth=variant.smooth):
            # Without the frames: a clip's would fill the memory.
            followed.instances.append(replace(one.instances, picture=None))
            followed.reuse.append(one.reuse)
            followed.shots.append(one.shot)
        seconds = time.perf_counter() - start - frames.seconds
    return Followed(followed.instances, followed.reuse, followed.shots, seconds)


class _Timed:
    """Frames, and the seconds spent waiting for them."""

    def __init__(self, frames: Iterable[Frame]) -> None:
        self._frames = frames
        self.seconds = 0.0

    def __iter__(self) -> Iterator[Frame]:
        frames = iter(self._frames)
        while True:
            start = time.perf_counter()
            frame = next(frames, None)
            self.seconds += time.perf_counter() - start
            if frame is None:
                return
            yield frame
