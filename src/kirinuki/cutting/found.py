"""`Found`: what came of looking at one input, before its results are written; `Outcome`: what
became of it in the end.

Not covered: looking (`cutter`, `moving`), writing (`results`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from kirinuki.cutting.outputs.output import Pieces, Place
from kirinuki.instances import Instances
from kirinuki.tracking.follow import TrackedFrame
from kirinuki.work.journal import Facts
from kirinuki.work.planned import Planned, Problem


@dataclass
class Found:
    """What came of one input.

    Attributes:
        place: where its results go.
        pieces: what its outputs are joined from.
        counts: pictures, videos, frames, shots, characters …
        notes: what the user should know.
        problems: what was wrong with it, though it was not lost.
        reuse: frames of a video by `TrackedFrame.reuse`.
        people: frames of a video in which each character is, by id.
        speed_up: see `Follower.speed_up`.
        resumed: frames that former runs had done.
        total: about how many frames there will be; None when nobody knows.
        interrupted: it was asked to stop before the end.
    """

    place: Place
    pieces: Pieces = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    reuse: dict[str, int] = field(default_factory=lambda: {"fresh": 0, "partial": 0, "repeat": 0})
    people: dict[int, int] = field(default_factory=dict)
    speed_up: float | None = None
    resumed: int = 0
    total: int | None = None
    interrupted: bool = False

    def add(self, pieces: Pieces) -> None:
        """Take what a segment left."""
        for name, more in pieces.items():
            self.pieces.setdefault(name, []).extend(more)

    def count(self, tracked: TrackedFrame, instances: Instances) -> None:
        """Count a frame of a video, and who is in it."""
        assert instances.track_ids is not None
        self.counts["frames"] += 1
        self.counts["shots"] = tracked.shot + 1
        self.reuse[tracked.reuse] += 1
        for i in sorted(instances.track_ids.tolist()):
            self.people[i] = self.people.get(i, 0) + 1

    def count_picture(self, instances: Instances, unknown: int) -> None:
        """Count a picture, who is in it, and how many are left out as their kind is unknown."""
        count = len(instances)
        self.counts.update(pictures=1, characters=count, without=int(not count), unknown=unknown)

    def count_video(self) -> None:
        """Count a video, all of whose frames are counted."""
        count = len(self.people)
        self.counts.update(videos=1, characters=count, without=int(not count))

    def state(self) -> Facts:
        """What is counted of a video so far, for its journal."""
        people = {str(i): count for i, count in self.people.items()}
        counts = {what: self.counts[what] for what in ("frames", "shots")}
        return {**counts, "reuse": dict(self.reuse), "people": people}

    def restore(self, state: Facts) -> None:
        """Count on from a `state`."""
        self.counts.update(frames=state["frames"], shots=state["shots"])
        self.reuse = dict(state["reuse"])
        self.people = {int(i): count for i, count in state["people"].items()}
        self.resumed = self.counts["frames"]


@dataclass
class Outcome:
    """What became of one input.

    Attributes:
        found: what there was; None where it failed.
        files: names written, by output, relative to the results' folder.
        lines: what outputs say on stdout.
        problem: why it failed.
    """

    planned: Planned
    found: Found | None = None
    files: dict[str, list[str]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    problem: Problem | None = None
