"""Pick the frames of videos that are worth a label, and write them.

Each video is read twice: reduced, to judge every frame, shot by shot; then at full size, only
where a frame was chosen. So memory does not grow with the length.

Not covered: what a frame is worth (`frame_look`), choosing within a shot (`frame_choice`).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from kirinuki.data.frame_choice import Bits, Candidate, ShotChoice
from kirinuki.data.frame_look import LONG_SIDE
from kirinuki.errors import VideoError
from kirinuki.files import write_atomically
from kirinuki.images import save_png
from kirinuki.tracking.shots import Shots
from kirinuki.video import probe, read

TABLE = "frames.csv"
COLUMNS = ("file", "source", "seconds", "shot", "sharpness", "held")

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
    """What became of one video.

    Attributes:
        frames: file and candidate of each frame that was chosen, in order of time.
        written: files that are new.
        skipped: drawings that were left out, by reason.
        problems: what was wrong with the video, a line each.
    """

    frames: list[tuple[Path, Candidate]] = field(default_factory=list)
    written: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


class Picker:
    """Picks frames of one video after the other; those of later ones are unlike those of earlier
    ones, so that an opening is labelled once."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._chosen: list[Bits] = []

    def pick(
        self, video: Path, folder: Path, overwrite: bool = False, progress: Progress | None = None
    ) -> Picked:
        """Choose frames of a video and write them into a folder, as ``NAME_00h12m34s567.png``, by
        the folder's name and the frame's time. A file that is there already is left as it is,
        unless `overwrite`.

        Raises:
            VideoError: the video cannot be read.
            OutputError: a file cannot be written.
        """
        done = Picked()
        chosen = self._choose(video, done, progress or (lambda _: None))
        most = self._wanted.most
        if most is not None and len(chosen) > most:
            evenly = np.unique(np.linspace(0, len(chosen) - 1, most).round().astype(int))
            done.skipped["more than asked for"] += len(chosen) - len(evenly)
            chosen = [chosen[i] for i in evenly]
        for candidate in chosen:
            assert candidate.look.bits is not None
            self._chosen.append(candidate.look.bits)
            file = folder / f"{folder.name}_{clock(candidate.time)}.png"
            if overwrite or not file.exists():
                _write(video, candidate.time, file, overwrite)
                done.written += 1
            done.frames.append((file, candidate))
        return done

    def _choose(self, video: Path, done: Picked, progress: Progress) -> list[Candidate]:
        kept: list[Candidate] = []
        shots, choice = Shots(), ShotChoice(0)

        def end_shot() -> None:
            before = [*self._chosen, *(k.look.bits for k in kept if k.look.bits is not None)]
            kept.extend(choice.choose(self._wanted.per_shot, before))
            done.skipped.update(choice.skipped)

        number = 0
        with read(
            video,
            start=self._wanted.start,
            end=self._wanted.end,
            size_hw=_reduced(probe(video).size_hw),
        ) as frames:
            for frame in frames:
                if shots.is_cut(frame.rgb):
                    end_shot()
                    number += 1
                    choice = ShotChoice(number)
                choice.add(frame.time, frame.rgb)
                progress(frame.time)
            end_shot()
            done.problems += frames.problems
        return kept


def clock(time: Fraction) -> str:
    """A time in seconds as it stands in a file's name: ``00h12m34s567``."""
    milliseconds = int(time * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}h{minutes:02d}m{rest // 1000:02d}s{rest % 1000:03d}"


def write_table(folder: Path, rows: Sequence[dict[str, str]]) -> Path:
    """Write `TABLE`; rows of earlier runs stay as long as their files do."""
    path = folder / TABLE
    new = {row["file"]: row for row in rows}
    old = {row["file"]: row for row in _rows(path) if (folder / row["file"]).is_file()}
    merged = {**old, **new}
    with (
        write_atomically(path, overwrite=True) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(merged[name] for name in sorted(merged))
    return path


def row_of(folder: Path, file: Path, source: Path, candidate: Candidate) -> dict[str, str]:
    """A frame's row of the table."""
    return {
        "file": file.relative_to(folder).as_posix(),
        "source": source.name,
        "seconds": f"{float(candidate.time):.3f}",
        "shot": str(candidate.shot),
        "sharpness": f"{candidate.look.sharpness:.0f}",
        "held": "yes" if candidate.held else "no",
    }


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of an earlier table; none where it is not one."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    for row in csv.DictReader(text.splitlines()):
        if row.get("file"):
            yield {column: row.get(column) or "" for column in COLUMNS}


def _write(video: Path, time: Fraction, file: Path, overwrite: bool) -> None:
    """The frame at this time, at full size."""
    with read(video, start=time) as frames:
        frame = next(iter(frames), None)
    if frame is None or frame.time != time:
        raise VideoError(f"{video}: the frame at {float(time):.3f} s is gone on a second reading")
    file.parent.mkdir(parents=True, exist_ok=True)
    save_png(frame.rgb, file, overwrite)


def _reduced(size_hw: tuple[int, int]) -> tuple[int, int]:
    """The size at which frames are judged."""
    share = min(1.0, LONG_SIDE / max(size_hw))
    return max(round(size_hw[0] * share), 16), max(round(size_hw[1] * share), 16)
