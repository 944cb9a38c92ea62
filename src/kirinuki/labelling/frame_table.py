"""`FrameRow`: what is remembered of a picked frame, for ``frames.csv`` and for later runs.

Not covered: picking (`frames`).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.files import write_atomically
from kirinuki.labelling.frame_choice import Candidate

TABLE = "frames.csv"
COLUMNS = ("file", "source", "seconds", "shot", "sharpness", "held")


@dataclass(frozen=True)
class FrameRow:
    """A picture that was taken from a video.

    Attributes:
        file: its path as seen from the folder of all, with forward slashes.
        source: name of the video.
        seconds: time in the video.
        shot: number of the shot, from 0.
        sharpness: of its edges, in squared levels: compares frames of one shot.
        held: whether the drawing stands for several frames.
        hash: the perceptual hash, 64 hexadecimal digits.
    """

    file: str
    source: str
    seconds: str
    shot: int
    sharpness: int
    held: bool
    hash: str

    @classmethod
    def of(cls, stem: str, source: Path, frame: Candidate) -> FrameRow:
        """The row of a frame; `stem` is the folder of its video, seen from the folder of all, which
        also begins the picture's name."""
        assert frame.look.bits is not None  # blank ones are no candidates
        return cls(
            file=f"{stem}/{PurePosixPath(stem).name}_{clock(frame.time)}.png",
            source=source.name,
            seconds=f"{float(frame.time):.3f}",
            shot=frame.shot,
            sharpness=round(frame.look.sharpness),
            held=frame.held,
            hash=np.packbits(frame.look.bits).tobytes().hex(),
        )

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> FrameRow:
        """What `as_json` gave."""
        return cls(**values)

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return asdict(self)

    @property
    def bits(self) -> NDArray[np.bool_]:
        """(256,) bool perceptual hash."""
        return np.unpackbits(np.frombuffer(bytes.fromhex(self.hash), np.uint8)).astype(np.bool_)


def clock(time: Fraction) -> str:
    """A time in seconds as it stands in a file's name: ``00h12m34s567``."""
    minutes, milliseconds = divmod(int(time * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}h{minutes:02d}m{milliseconds // 1000:02d}s{milliseconds % 1000:03d}"


def write_table(folder: Path, rows: Sequence[FrameRow]) -> Path:
    """Write `TABLE` of all frames in a folder, anew if there is one."""
    path = folder / TABLE
    with (
        write_atomically(path, overwrite=True) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for row in sorted(rows, key=lambda row: row.file):
            writer.writerow({**row.as_json(), "held": "yes" if row.held else "no"})
    return path
