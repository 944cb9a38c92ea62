"""What a job over a video did."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class ClipSummary:
    """What a run did.

    Attributes:
        done_before: the results were all there.
        frames: frames done in all runs.
        total: about how many there will be; None when nobody knows.
        resumed: frames that former runs had done.
        reuse: frames by `TrackedFrame.reuse`.
        speed_up: time that looking at every frame would have taken, by the time it took; None when
            nothing was looked at in this run.
        shots: how many shots there are.
        people: id → frames in which it is shown.
        results: files and folders written.
        notes: what the user should know.
        problems: what was wrong with the video.
    """

    done_before: bool = False
    frames: int = 0
    total: int | None = None
    resumed: int = 0
    reuse: dict[str, int] = field(default_factory=lambda: {"fresh": 0, "partial": 0, "repeat": 0})
    speed_up: float | None = None
    shots: int = 0
    people: dict[int, int] = field(default_factory=dict)
    results: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    interrupted: bool = False
