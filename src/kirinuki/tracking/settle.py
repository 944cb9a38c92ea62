"""`Settler`: edges that do not boil, and nobody gone for a frame.

Frames go in as they were found and come out settled, a few later. A frame that repeats another one
gets its result.

Not covered: cuts. The caller flushes before one, and what comes after knows nothing of what came
before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.instances import Instances
from kirinuki.segmenter.placed import Placed, tight
from kirinuki.segmenter.sharing import share_out
from kirinuki.tracking import fill
from kirinuki.tracking.flow import Motion
from kirinuki.tracking.smooth import share_kept, smoothed
from kirinuki.video.frames import Frame

LOOKAHEAD = 3
"""Frames, repeats not counted, that a frame waits for; so long a gap can be filled."""
MOST_HELD = 10
"""Frames, repeats counted, that are held back at most: bounds the memory when nothing moves."""
LONGEST_GAP = 0.25
"""Seconds that a character may be missing to be filled in."""
MOST_CREDIT = 8
"""Looks for which somebody who is not found any more stays where the picture has not changed; one
for each look in which they were found."""


@dataclass(eq=False)
class _Look:
    """A frame, those that repeat it, and who is in it.

    Attributes:
        frames: the frame and its repeats, until they are given back.
        found: who was found.
        changed: blocks that differ from the frame before; None: unknown.
        settled: who is in it after all.
        credit: for how many looks more each track may go unfound.
    """

    frames: list[Frame]
    found: Instances
    changed: NDArray[np.bool_] | None
    settled: Instances = field(init=False)
    credit: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settled = self.found
        self.first = self.frames[0]
        self.small = self.first.small

    @cached_property
    def unchanged(self) -> NDArray[np.float32]:
        """As `Frame.small` in size, in [0, 1]: 1 where the picture is that of the frame before."""
        height, width = self.small.shape[:2]
        if self.changed is None:
            return np.zeros((height, width), np.float32)
        same = np.float32(1) - self.changed
        return np.asarray(cv2.resize(same, (width, height)), np.float32)

    def motion_to(self, other: _Look, changed: NDArray[np.bool_] | None) -> Motion:
        return Motion.between(self.small, other.small, self.found.size_hw, changed)


class Settler:
    """Settles the characters of a video frame by frame; deterministic."""

    def __init__(self) -> None:
        self._held: deque[_Look] = deque()
        self._before: _Look | None = None
        """The last look that was settled."""

    def push(
        self, frame: Frame, instances: Instances, changed: NDArray[np.bool_] | None
    ) -> list[tuple[Frame, Instances]]:
        """Take the next frame; returns the frames that are settled now, in order.

        Args:
            frame: the next frame.
            instances: its characters with `track_ids`; the very object of the frame before where
                this frame repeats that one.
            changed: (⌈H/16⌉, ⌈W/16⌉) bool, blocks that differ from the frame before; None: unknown.
        """
        last = self._held[-1] if self._held else self._before
        is_repeat = changed is not None and not changed.any()
        if last is not None and is_repeat and instances is last.found:
            if not self._held:
                return [(frame, last.settled)]
            last.frames.append(frame)
        else:
            self._held.append(_Look([frame], instances, changed))
        done = []
        while len(self._held) > LOOKAHEAD or sum(len(h.frames) for h in self._held) > MOST_HELD:
            done += self._settle_first()
        return done

    def flush(self) -> list[tuple[Frame, Instances]]:
        """The frames still held back. What comes next stands for itself."""
        done = []
        while self._held:
            done += self._settle_first()
        self._before = None
        return done

    def _settle_first(self) -> list[tuple[Frame, Instances]]:
        """The first of those held, which has all of the others to look ahead at."""
        look = self._held.popleft()
        if self._before is not None:
            look.settled = _settled(look, self._before, self._held)
        _count(look, self._before)
        self._before = look
        frames, look.frames = look.frames, []
        return [(frame, look.settled) for frame in frames]


def _settled(look: _Look, before: _Look, later: Sequence[_Look]) -> Instances:
    """Everybody smoothed, who is missing filled in, and the pixels shared out."""
    past, found = _by_track(before.settled), _by_track(look.found)
    if not past:
        return look.found
    to_before = look.motion_to(before, look.changed)
    next_looks = _next_looks(look, later) if past.keys() & found.keys() else []
    kept = share_kept(to_before, look.unchanged)
    people = []
    for track, (person, placed) in found.items():
        if track in past:
            after = [(there[track], to) for there, to in next_looks if track in there]
            earlier = past[track][1], to_before
            people.append((person, smoothed(placed, earlier, after, kept)))
        else:
            people.append((person, placed))
    missing = [track for track in past if track not in found]
    for track in missing:
        filled = _filled(track, past[track], to_before, look, before, later)
        if filled is not None:
            people.append(filled)
    if missing:
        people.sort(key=lambda one: -float(one[0].scores[0]))  # stable
    return _together(people, look.found)


def _filled(
    track: int,
    past: tuple[Instances, Placed],
    to_before: Motion,
    look: _Look,
    before: _Look,
    later: Sequence[_Look],
) -> tuple[Instances, Placed] | None:
    """Somebody of the look before who was not found in this one; None where they are gone."""
    person, placed = past
    again = _seen_again(track, look, later)
    if again is not None:
        other, there = _by_track(again.found)[track]
        between = fill.between((placed, to_before), (there, look.motion_to(again, None)))
        if between is not None:
            return replace(person, scores=np.minimum(person.scores, other.scores)), between
    if before.credit.get(track, 0) < 1:
        return None
    others = [(look.found.window(i), look.found.alphas[i]) for i in range(len(look.found))]
    stayed = fill.stayed((placed, to_before), others)
    return None if stayed is None else (person, stayed)


def _count(look: _Look, before: _Look | None) -> None:
    """What a look adds to and takes from everybody's credit."""
    earlier = {} if before is None else before.credit
    found = _by_track(look.found)
    for track in _by_track(look.settled):
        change = 1 if track in found else -1
        look.credit[track] = min(earlier.get(track, 0) + change, MOST_CREDIT)


def _next_looks(look: _Look, later: Sequence[_Look]) -> list[tuple[dict[int, Placed], Motion]]:
    """Everybody's alpha in the next looks, and the motion to there: followed to the first one, and
    to the others none, for it would cost too much."""
    motions = [
        Motion.none(look.small, other.small, look.found.size_hw)
        if i
        else look.motion_to(other, other.changed)
        for i, other in enumerate(later)
    ]
    everyone = [
        {track: placed for track, (_, placed) in _by_track(other.found).items()} for other in later
    ]
    return list(zip(everyone, motions, strict=True))


def _seen_again(track: int, look: _Look, later: Sequence[_Look]) -> _Look | None:
    """The first of the later looks that has a track, if it is soon enough."""
    for other in later:
        ids = other.found.track_ids
        if ids is not None and track in ids:
            gap = other.first.time - look.first.time
            return other if gap <= LONGEST_GAP else None
    return None


def _by_track(instances: Instances) -> dict[int, tuple[Instances, Placed]]:
    """Everybody alone, and window and alpha, by the track's id."""
    ids = [] if instances.track_ids is None else instances.track_ids.tolist()
    return {
        track: (instances[[i]], (instances.window(i), instances.alphas[i]))
        for i, track in enumerate(ids)
    }


def _together(people: Sequence[tuple[Instances, Placed]], found: Instances) -> Instances:
    """One result of all, with alphas that add up to 255 at most and boxes that fit them."""

    def claim(i: int) -> NDArray[np.float32]:
        alpha = people[i][1][1]
        side = max(alpha.shape) // 64 * 2 + 3  # pixels, odd
        return np.asarray(cv2.blur(alpha.astype(np.float32), (side, side)), np.float32)

    shared = share_out([placed for _, placed in people], claim)
    kept = [
        (person, tightened)
        for (person, _), placed in zip(people, shared, strict=True)
        if (tightened := tight(placed)) is not None
    ]
    if not kept:
        return replace(found[[]], track_ids=np.zeros(0, np.int64))
    everyone = [person for person, _ in kept]
    said = [person.kind_scores for person in everyone if person.kind_scores is not None]
    return replace(
        found,
        boxes=np.array([window for _, (window, _) in kept], np.float32),
        alphas=tuple(alpha for _, (_, alpha) in kept),
        scores=np.concatenate([person.scores for person in everyone]),
        labels=np.concatenate([person.labels for person in everyone]),
        track_ids=np.concatenate([person.track_ids for person in everyone]),
        kind_scores=np.concatenate(said) if len(said) == len(everyone) else None,
    )
