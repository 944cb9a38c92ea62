"""Characters through a video: looks at a frame only where it changed, names everyone by an id that
lasts, and settles the edges.

Animation is drawn on twos and threes: most frames repeat the one before. Such a frame costs a
comparison. A frame in which nothing but the characters changed costs the refiner alone, as long as
their last masks lead it to them. Everything else is looked at afresh.

Not covered: decoding and encoding (`video`), what is a repeat (`repeats`), a cut (`shots`), the
same character (`tracker`), a still edge (`settle`).
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kirinuki.instances import Instances
from kirinuki.segmenter.segments import Described, Segments
from kirinuki.tracking.refresh import (
    REACH,
    anyone_meets,
    has_drifted,
    is_explained,
    pixels_to_redo,
    sizes,
    who_changed,
)
from kirinuki.tracking.repeats import Repeats
from kirinuki.tracking.settle import Settler
from kirinuki.tracking.shift import Shifts
from kirinuki.tracking.shots import Shots
from kirinuki.tracking.tracker import Tracker
from kirinuki.video.frames import Frame, frames_in

Reuse = Literal["fresh", "partial", "repeat"]
"""How the result of a frame came about: a new look, the refiner alone, or the last result."""

MOST_REFRESHES = 12
"""After so many frames without a new look one follows: small errors must not add up, and somebody
may have come in unnoticed."""
DOUBT = 6
"""So many frames in a row are looked at after somebody came or went: that may be a mistake, which
should not be built upon."""


@dataclass(frozen=True, eq=False)
class TrackedFrame:
    """A frame and who is in it.

    Attributes:
        frame: the frame as it was read.
        instances: its characters, with `track_ids`; those that `track` gives refer to their frame
            (`Instances.picture`), those of a `Follower` to none.
        reuse: how the result came about.
        shot: number of the shot, from 0.
    """

    frame: Frame
    instances: Instances
    reuse: Reuse
    shot: int


class Follower:
    """Takes frames one by one and gives them back with characters, in order, a few frames later.

    Before each `push` comes one `is_cut`, and `end_shot` where it says so; `track` does all that.

    Args:
        segmenter: a `Segmenter`, or whatever else is `Segments`.
        reuse: take over the results of frames that repeat; False looks at every frame.
        smooth: settle the edges and fill gaps; False gives each frame as it was found.
    """

    def __init__(self, segmenter: Segments, *, reuse: bool = True, smooth: bool = True) -> None:
        self._segmenter = segmenter if isinstance(segmenter, Described) else Described(segmenter)
        self._reuse = reuse
        self._settler = Settler() if smooth else None
        self._shots = Shots()
        self._repeats = Repeats()
        self._shifts = Shifts()
        self._tracker = Tracker()
        self._shot = 0
        self._last: Instances | None = None
        self._since_look = 0
        self._sizes = np.zeros(0, np.int64)  # at the last new look
        self._doubt = 0
        self._pending: deque[Reuse] = deque()
        self._frames: Counter[Reuse] = Counter()
        self._seconds: dict[Reuse, float] = {"fresh": 0.0, "partial": 0.0, "repeat": 0.0}

    def is_cut(self, frame: Frame) -> bool:
        """Whether this frame starts another shot than the frame asked about before."""
        return self._shots.is_cut(frame.half)

    def push(self, frame: Frame) -> list[TrackedFrame]:
        """Take the next frame; returns those that are settled now, in order.

        Raises:
            ModelError: the model fails.
        """
        begun = time.perf_counter()
        changed = self._repeats.changed(frame) if self._reuse else None
        reuse = self._look(frame, changed)
        self._frames[reuse] += 1
        self._seconds[reuse] += time.perf_counter() - begun
        assert self._last is not None
        self._pending.append(reuse)
        if self._settler is None:
            return self._out([(frame, self._last)])
        return self._out(self._settler.push(frame, self._last, changed))

    def flush(self) -> list[TrackedFrame]:
        """The frames still held back. The next frame will be looked at afresh, ids go on."""
        done = self._out([] if self._settler is None else self._settler.flush())
        self._repeats.reset()
        self._last = None
        return done

    def end_shot(self) -> list[TrackedFrame]:
        """`flush`, and forget everyone: the next frame is another shot, with new ids."""
        done = self.flush()
        self._tracker.cut()
        self._shot += 1
        return done

    def state(self) -> dict[str, Any]:
        """After a `flush`, all that must be known to go on elsewhere, as JSON."""
        return {"shot": self._shot, "tracker": self._tracker.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a `state`: what follows is the same as if nothing had come between."""
        self._shot = state["shot"]
        self._tracker = Tracker.from_state(state["tracker"])
        self._shots.reset()

    @property
    def speed_up(self) -> float | None:
        """Time that a new look at each frame would have taken, by the time the frames took so far;
        None before the first frame."""
        if not self._frames["fresh"]:
            return None
        each = self._seconds["fresh"] / self._frames["fresh"]
        return each * self._frames.total() / sum(self._seconds.values())

    def _look(self, frame: Frame, changed: NDArray[np.bool_] | None) -> Reuse:
        """Bring `_last` up to this frame, with as little work as will do."""
        if changed is not None and self._last is not None:
            if not changed.any():
                return "repeat"
            if self._refresh(frame, self._last, changed):
                return "partial"
        found = _alone(self._segmenter(frame.picture))
        last, self._last = self._last, self._tracker.update(frame.rgb, found)
        self._since_look, self._sizes = 0, sizes(self._last)
        self._doubt = max(self._doubt - 1, 0)
        if last is not None and not _same(last, self._last):
            self._doubt = DOUBT
        if self._reuse:
            self._repeats.look()
            self._shifts.look(frame.small)
        return "fresh"

    def _refresh(self, frame: Frame, last: Instances, changed: NDArray[np.bool_]) -> bool:
        """Try the refiner alone; whether that was enough."""
        too_often = self._since_look >= MOST_REFRESHES or self._doubt
        if too_often or not self._segmenter.refreshes:
            return False
        who = who_changed(last, changed)
        if who is None:
            return False
        which, around = who
        if anyone_meets(last, which):
            return False
        moved = self._shifts.moved(frame.small, last, which, REACH)
        if moved is None or not is_explained(last, moved, changed):
            return False
        redo = pixels_to_redo(last, moved, changed)
        fresh = self._segmenter.refresh(frame.picture, moved, which, redo)
        if fresh is None or has_drifted(self._sizes, fresh):
            return False
        self._last = self._tracker.update(frame.rgb, _alone(fresh))
        self._since_look += 1
        self._repeats.look(around)
        self._shifts.look(frame.small)
        return True

    def _out(self, settled: list[tuple[Frame, Instances]]) -> list[TrackedFrame]:
        return [
            TrackedFrame(frame, instances, self._pending.popleft(), self._shot)
            for frame, instances in settled
        ]


def track(
    segmenter: Segments, frames: Iterable[Frame], *, reuse: bool = True, smooth: bool = True
) -> Iterator[TrackedFrame]:
    """Follow everyone through a video.

    >>> with kirinuki.read_video("clip.mkv") as video:
    ...     for tracked in kirinuki.track(kirinuki.Segmenter.load(), video):
    ...         print(float(tracked.frame.time), tracked.instances.track_ids)

    Args:
        segmenter: a `Segmenter`, or any function from `Picture` to `Instances`
            (`kirinuki.segmenter.segments.Segments` says what more it may have).
        frames: in order, as `video.read` gives them. At most a few are held.
        reuse: take over the results of frames that repeat; False looks at every frame.
        smooth: settle the edges and fill gaps; False gives each frame as it was found.

    Raises:
        ModelError: the model fails.
        VideoError: the frames cannot be read.
        KirinukiError: `frames` are none.
    """
    follower = Follower(segmenter, reuse=reuse, smooth=smooth)
    for frame in frames_in(frames):
        if follower.is_cut(frame):
            yield from map(_pictured, follower.end_shot())
        yield from map(_pictured, follower.push(frame))
    yield from map(_pictured, follower.flush())


def _alone(instances: Instances) -> Instances:
    """Without their picture: they are kept longer than it, and given again for other frames."""
    return replace(instances, picture=None)


def _pictured(tracked: TrackedFrame) -> TrackedFrame:
    pictured = replace(tracked.instances, picture=tracked.frame.picture)
    return replace(tracked, instances=pictured)


def _same(one: Instances, other: Instances) -> bool:
    """Whether the same characters are in both."""
    assert one.track_ids is not None
    assert other.track_ids is not None
    return set(one.track_ids.tolist()) == set(other.track_ids.tolist())
