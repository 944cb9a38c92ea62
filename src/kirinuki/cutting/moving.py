"""A video: read, followed, handed to the outputs in segments, and on after a stop. The writer of
each output works in a thread of its own.

Segments end at cuts, or after `MOST_FRAMES`; after each the journal knows all that is needed to go
on, so a killed job loses seconds, and what it ends with is the same.

Not covered: joining the segments (`results`), finding and following (`tracking`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from kirinuki.cutting.found import Found
from kirinuki.cutting.outputs.output import Piece, Pieces, Place, Shown, Writer
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.part import Part
from kirinuki.cutting.results import make_ready, naming, result_of
from kirinuki.errors import VideoError
from kirinuki.instances import Instances
from kirinuki.segmenter.segments import Described
from kirinuki.tracking.follow import Follower, TrackedFrame
from kirinuki.video import Frame, Video, VideoInfo, read
from kirinuki.video.prefetch import prefetch
from kirinuki.work.journal import Facts

FEWEST_FRAMES = 120
"""A segment does not end at a cut before: every segment costs a key frame."""
MOST_FRAMES = 480
"""A segment ends here, cut or not: so much work at most is lost in a kill."""
DEPTH = 3
"""Frames that may wait for a writer."""


@dataclass
class Moving:
    """Looks at one video.

    Args:
        chosen: options by output.
        shown: whom the outputs are given of everyone in a frame.
        parts: what the journal knows of a job that was stopped.
        keep: notes a finished segment in the journal.
        stopping: asked before each frame.
        on_frame: called after each frame of the results.
    """

    place: Place
    chosen: Mapping[str, Any]
    segmenter: Described
    shown: Callable[[Instances], Instances]
    part: Part
    parts: Sequence[Facts]
    keep: Callable[[Facts], None]
    stopping: Callable[[], bool]
    on_frame: Callable[[Found], None]
    _last: tuple[Instances, Instances] | None = None
    _segment: Segment | None = None
    _end: Fraction | None = None
    _kept_end: Fraction | None = None

    def __post_init__(self) -> None:
        self._number = len(self.parts)
        self.found = Found(self.place, total=self.part.frames_of(self._info))
        for part in self.parts:
            self.found.add(part["pieces"])
        self._before = self.parts[-1]["pieces"] if self.parts else {}
        if self.parts:
            state = self.parts[-1]["state"]
            self.found.restore(state)
            self._end = self._kept_end = Fraction(*state["end"]) if state["end"] else None

    @property
    def _info(self) -> VideoInfo:
        assert self.place.info is not None
        return self.place.info

    @property
    def _frames(self) -> int:
        return self.found.counts["frames"]

    def run(self) -> Found:
        """All frames that are not done yet.

        Raises:
            OutputError: a result cannot be written.
            VideoError: the video cannot be read.
            ModelError: the model fails.
        """
        make_ready(self.place, self.found.pieces)
        self.found.notes += self._info.notes
        if not self.parts or self.parts[-1]["state"]["next_pts"] is not None:
            self._follow()
        return self._ended()

    def abort(self) -> Found | None:
        """After an error: what the finished segments hold; None where there is nothing."""
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.abort()
        if not self._number:
            return None
        self._end = self._kept_end
        return self._ended(stopped=True)

    def _ended(self, stopped: bool = False) -> Found:
        if stopped or self.found.interrupted:
            self.found.place = replace(self.place, span=(self.place.span[0], self._end))
        self.found.count_video()
        return self.found

    def _follow(self) -> None:
        follower = Follower(self.segmenter)
        start, end = self.place.span
        if self.parts:
            state = self.parts[-1]["state"]
            follower.restore(state["follower"])
            start = state["next_pts"] * self._info.time_base
        with read(
            self._info.path,
            start=start,
            end=end,
            every=self.part.every,
            size_hw=self.place.size_hw,
        ) as video:
            self._take(video, follower)
            self.found.problems += video.problems
        if not (self._frames or self.found.interrupted):
            raise VideoError(f"{self._info.path}: no frame in the part that is asked for")
        self.found.speed_up = follower.speed_up

    def _take(self, video: Video, follower: Follower) -> None:
        pushed = 0
        for frame in prefetch(video):
            if self.stopping():
                self.found.interrupted = True
                break
            cut = follower.is_cut(frame)
            full = pushed >= MOST_FRAMES
            if cut:
                self._show(follower.end_shot())
            elif full:
                self._show(follower.flush())
            if full or (cut and pushed >= FEWEST_FRAMES):
                self._close(follower, frame)
                pushed = 0
            self._show(follower.push(frame))
            pushed += 1
        self._show(follower.flush())
        if self._segment is None:
            return
        if self.found.interrupted:  # to be shown; the next run makes this segment anew
            self.found.add(self._segment.close())
            self._segment = None
        else:
            self._close(follower, None)

    def _close(self, follower: Follower, following: Frame | None) -> None:
        """End the segment before the frame `following`; None is the end of the video."""
        assert self._segment is not None
        pieces = self._segment.close()
        self._segment = None
        state = {
            **self.found.state(),
            "next_pts": None if following is None else following.pts,
            "end": [self._end.numerator, self._end.denominator] if self._end else None,
            "follower": follower.state(),
        }
        self.keep({"pieces": pieces, "state": state})
        self.found.add(pieces)
        self._before, self._kept_end = pieces, self._end
        self._number += 1
        # As a job does that goes on here after a kill: the same results.
        follower.restore(state["follower"])
        if following is not None:
            follower.is_cut(following)

    def _show(self, tracked: Iterable[TrackedFrame]) -> None:
        """Hand frames to the outputs."""
        for one in tracked:
            if self._segment is None:
                self._segment = Segment(self.place, self.chosen, self._number, self._before)
            frame, instances = one.frame, self._selected(one.instances)
            shown = Shown(
                self._frames,
                frame.picture,
                instances,
                frame.pts,
                frame.duration,
                frame.time_base,
            )
            self._segment.add(shown)
            self._end = (frame.pts + frame.duration) * frame.time_base
            self.found.count(one, instances)
            self.on_frame(self.found)

    def _selected(self, everyone: Instances) -> Instances:
        """Those asked for. Frames that repeat get the same object again."""
        if self._last is None or self._last[0] is not everyone:
            self._last = everyone, self.shown(everyone)
        return self._last[1]


class Lane:
    """A writer in a thread of its own, which does what it is given in order. An error comes up at a
    later `put`, or at `finish`; a disk's error names the `result`, not a piece of it.
    """

    def __init__(self, name: str, writer: Writer, result: Path) -> None:
        self.writer = writer
        self._result = result
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: deque[Future[None]] = deque()

    def put(self, shown: Shown) -> None:
        """Hand over a frame; waits while `DEPTH` of them are not done."""
        while len(self._waiting) >= DEPTH:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(self._add, shown))

    def _add(self, shown: Shown) -> None:
        with naming(self._result):
            self.writer.add(shown)

    def finish(self) -> None:
        """Wait for all of it."""
        try:
            while self._waiting:
                self._waiting.popleft().result()
        finally:
            self.stop()

    def close(self) -> list[Piece]:
        """What there is."""
        with naming(self._result):
            return self.writer.close()

    def stop(self) -> None:
        """Drop what has not begun, wait for what has."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._waiting.clear()


class Segment:
    """Takes frames until it is closed.

    Args:
        chosen: options by output.
        before: what the segment before it left.
    """

    def __init__(
        self, place: Place, chosen: Mapping[str, Any], number: int, before: Pieces
    ) -> None:
        self._lanes: dict[str, Lane] = {}
        try:
            for name, options in chosen.items():
                result = result_of(name, options, place)
                with naming(result):
                    writer = OUTPUTS[name].open(options, place, number, before.get(name, ()))
                self._lanes[name] = Lane(name, writer, result)
        except BaseException:
            self.abort()
            raise

    def add(self, shown: Shown) -> None:
        """Hand a frame to all writers.

        Raises:
            OutputError: one of them cannot write.
        """
        for lane in self._lanes.values():
            lane.put(shown)

    def close(self) -> Pieces:
        """Finish, and give what there is.

        Raises:
            OutputError: one of them cannot be written.
        """
        for lane in self._lanes.values():
            lane.finish()
        return {name: lane.close() for name, lane in self._lanes.items()}

    def abort(self) -> None:
        """Stop, and leave no half-written file behind."""
        with ExitStack() as all_of_them:  # also when one fails at it, on a full disk
            for lane in self._lanes.values():
                all_of_them.callback(lane.writer.abort)
                all_of_them.callback(lane.stop)
