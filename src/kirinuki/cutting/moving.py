"""A video: read, followed, handed to the outputs in segments, and on after a stop.

Segments end at cuts, or after `MOST_FRAMES`; after each the journal knows all that is needed to go
on, so a killed job loses seconds, and what it ends with is the same.

Not covered: joining the segments (`cut`), finding and following (`tracking`).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from kirinuki.cutting.found import Found, pieces_of
from kirinuki.cutting.outputs.output import Place, Shown
from kirinuki.cutting.part import Part
from kirinuki.cutting.segment import Segment
from kirinuki.cutting.selection import Selection
from kirinuki.errors import OutputError, VideoError
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.segmenter.segments import Segments
from kirinuki.tracking.follow import Follower, TrackedFrame
from kirinuki.video import Frame, Video, VideoInfo, read
from kirinuki.video.prefetch import prefetch
from kirinuki.work.journal import Facts

FEWEST_FRAMES = 120
"""A segment does not end at a cut before: every segment costs a key frame."""
MOST_FRAMES = 480
"""A segment ends here, cut or not: so much work at most is lost in a kill."""


@dataclass
class Moving:
    """Looks at one video.

    Args:
        chosen: options by output.
        parts: what the journal knows of a job that was stopped.
        keep: notes a finished segment in the journal.
        stopping: asked before each frame.
        on_frame: called after each frame of the results.
    """

    place: Place
    chosen: Mapping[str, Any]
    segmenter: Segments
    selection: Selection
    part: Part
    parts: Sequence[Facts]
    keep: Callable[[Facts], None]
    stopping: Callable[[], bool]
    on_frame: Callable[[Found], None]
    _last: tuple[Instances, Instances] | None = None
    _segment: Segment | None = None
    _people: dict[int, int] = field(default_factory=dict)
    _shots: int = 0
    _end: Fraction | None = None
    _kept_end: Fraction | None = None

    def __post_init__(self) -> None:
        self._number = len(self.parts)
        self.found = Found(self.place, pieces_of(self.parts), total=self.part.frames_of(self._info))
        self._before = self.parts[-1]["pieces"] if self.parts else {}
        if self.parts:
            self._count_again(self.parts[-1]["state"])
        self.found.resumed = self._frames

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
        self._make_ready()
        if self._info.interlaced:
            self.found.notes.append("is interlaced; deinterlace it first for clean edges")
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

    def _make_ready(self) -> None:
        """A folder for the pieces, with those alone that count."""
        try:
            self.place.work.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror
            raise OutputError(f"{self.place.work}: cannot be written: {reason}") from error
        pieces = [piece for those in self.found.pieces.values() for piece in those]
        kept = {piece["file"] for piece in pieces if "file" in piece}
        for path in self.place.work.iterdir():
            if path.name not in kept:
                path.unlink() if path.is_file() else shutil.rmtree(path)

    def _ended(self, stopped: bool = False) -> Found:
        if stopped or self.found.interrupted:
            self.found.place = replace(self.place, span=(self.place.span[0], self._end))
        self.found.counts.update(videos=1, shots=self._shots, characters=len(self._people))
        self.found.counts["without"] += int(not self._people)
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
            "frames": self._frames,
            "next_pts": None if following is None else following.pts,
            "end": [self._end.numerator, self._end.denominator] if self._end else None,
            "follower": follower.state(),
            "reuse": dict(self.found.reuse),
            "shots": self._shots,
            "people": {str(i): count for i, count in self._people.items()},
        }
        self.keep({"pieces": pieces, "state": state})
        self.found.add(pieces)
        self._before, self._kept_end = pieces, self._end
        self._number += 1
        # As a job does that goes on here after a kill: the same results.
        follower.restore(state["follower"])  # type: ignore[arg-type]
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
                Picture(frame.rgb, frame.alpha),
                instances,
                frame.pts,
                frame.duration,
                frame.time_base,
            )
            self._segment.add(shown)
            self._end = (frame.pts + frame.duration) * frame.time_base
            self._count(one, instances)
            self.on_frame(self.found)

    def _selected(self, everyone: Instances) -> Instances:
        """Those asked for. Frames that repeat get the same object again."""
        if self._last is None or self._last[0] is not everyone:
            self._last = everyone, self.selection(everyone)
        return self._last[1]

    def _count(self, tracked: TrackedFrame, instances: Instances) -> None:
        self.found.counts["frames"] += 1
        self.found.reuse[tracked.reuse] += 1
        self._shots = tracked.shot + 1
        assert instances.track_ids is not None
        for i in sorted(instances.track_ids.tolist()):
            self._people[i] = self._people.get(i, 0) + 1

    def _count_again(self, state: Facts) -> None:
        self.found.counts["frames"] = state["frames"]
        self.found.reuse = dict(state["reuse"])
        self._shots = state["shots"]
        self._people = {int(i): count for i, count in state["people"].items()}
        self._end = self._kept_end = Fraction(*state["end"]) if state["end"] else None
