"""Pick the frames of a video that are worth a label, and write them.

A video is read twice: reduced, to judge every frame, shot by shot; then at full size, only where
a frame was chosen. So memory does not grow with the length.

Not covered: what a frame is worth (`frame_look`), choosing within a shot (`frame_choice`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from kirinuki.errors import VideoError
from kirinuki.images.picture import save_png
from kirinuki.labelling.frame_choice import Bits, Candidate, ShotChoice
from kirinuki.labelling.frame_look import LONG_SIDE
from kirinuki.tracking.shots import Shots
from kirinuki.video import probe, read

Progress = Callable[[Fraction], None]
"""Told the time in the video that was reached, in seconds."""


@dataclass(frozen=True)
class Wanted:
    """Which frames.

    Attributes:
        per_shot: frames of one shot at most.
        most: frames of one video at most, spread evenly over it; None: all.
        start: seconds; earlier frames are left out.
        end: seconds; this frame and later ones are left out.
    """

    per_shot: int = 2
    most: int | None = None
    start: Fraction | None = None
    end: Fraction | None = None


@dataclass
class Picked:
    """What was found in a video.

    Attributes:
        frames: those that are chosen, in order of time.
        skipped: drawings that were left out, by reason.
        problems: what was wrong with the video, a line each.
        notes: what the user should know of it, such as that it was tone-mapped.
    """

    frames: list[Candidate] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def pick(
    video: Path, wanted: Wanted, taken: Sequence[Bits] = (), progress: Progress | None = None
) -> Picked:
    """Choose frames of a video.

    Args:
        taken: (256,) bool hashes of frames of other videos; none like them is chosen, so that an
            opening is labelled once.

    Raises:
        VideoError: the video cannot be read.
    """
    info = probe(video)
    picked = Picked(notes=info.notes)
    shots, choice = Shots(), ShotChoice(0)

    def end_shot() -> None:
        here = [one.look.bits for one in picked.frames if one.look.bits is not None]
        picked.frames.extend(choice.choose(wanted.per_shot, [*taken, *here]))
        picked.skipped.update(choice.skipped)

    size_hw, number = _reduced(info.size_hw), 0
    with read(video, start=wanted.start, end=wanted.end, size_hw=size_hw) as frames:
        for frame in frames:
            if shots.is_cut(frame.rgb):
                end_shot()
                number += 1
                choice = ShotChoice(number)
            choice.add(frame.time, frame.rgb)
            if progress is not None:
                progress(frame.time)
        end_shot()
        picked.problems += frames.problems
    if wanted.most is not None:
        _thin_out(picked, wanted.most)
    return picked


def write(video: Path, time: Fraction, file: Path, overwrite: bool = False) -> bool:
    """Write the frame at a time that `pick` gave, at full size; whether it is new: a file that is
    there is left as it is, unless `overwrite`.

    Raises:
        VideoError: the video is not what it was.
        OutputError: the file cannot be written.
    """
    if file.exists() and not overwrite:
        return False
    with read(video, start=time) as frames:
        frame = next(iter(frames), None)
    if frame is None or frame.time != time:
        raise VideoError(f"{video}: the frame at {float(time):.3f} s is gone on a second reading")
    file.parent.mkdir(parents=True, exist_ok=True)
    save_png(frame.rgb, file, overwrite)
    return True


def _thin_out(picked: Picked, most: int) -> None:
    """Leave at most so many frames, spread evenly."""
    count = len(picked.frames)
    if count > most:
        # The middles of `most` equal parts: neither the very first nor the last frame.
        places = ((np.arange(most) + 0.5) * count / most).astype(int)
        picked.frames = [picked.frames[i] for i in places]
        picked.skipped["more than asked for"] += count - most


def _reduced(size_hw: tuple[int, int]) -> tuple[int, int]:
    """The size at which frames are judged."""
    share = min(1.0, LONG_SIDE / max(size_hw))
    return max(round(size_hw[0] * share), 16), max(round(size_hw[1] * share), 16)
