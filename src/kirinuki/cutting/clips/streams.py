"""The streams of one segment: each takes frames and leaves files.

Not covered: threads and the journal (`segments`), putting the files together (`finish`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

import numpy as np
from numpy.typing import NDArray

from kirinuki.cutting.clips.outputs import Paint, one
from kirinuki.formats.coco_video import annotations_of
from kirinuki.images.picture import save_png
from kirinuki.instances import Instances
from kirinuki.video import Frame
from kirinuki.video.encoder import Encoder

MakeEncoder = Callable[[Path], Encoder]
"""An encoder for a new segment file."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A frame of the results.

    Attributes:
        number: its place in the results, from 0.
        frame: as it was read.
        instances: the characters that are asked for, with ids.
    """

    number: int
    frame: Frame
    instances: Instances


class Stream(Protocol):
    """What becomes of the frames of one segment."""

    def add(self, shown: Shown) -> None: ...

    def close(self) -> list[str]:
        """Finish; names of the files in the segments' folder."""
        ...

    def abort(self) -> None:
        """Leave no half-written file behind."""
        ...


class VideoStream:
    """One video file, of painted frames."""

    def __init__(self, path: Path, make: MakeEncoder, paint: Paint) -> None:
        self._path = path
        self._paint = paint
        self._encoder = make(path)

    def add(self, shown: Shown) -> None:
        frame = shown.frame
        picture = self._paint(frame, shown.instances)
        self._encoder.write(picture, frame.pts, frame.duration)

    def close(self) -> list[str]:
        self._encoder.close()
        return [self._path.name]

    def abort(self) -> None:
        self._encoder.abort()
        self._path.unlink(missing_ok=True)


class PngStream:
    """A folder of pictures, numbered through all segments, written where they will stay."""

    def __init__(self, folder: Path, paint: Paint) -> None:
        self._folder = folder
        self._paint = paint

    def add(self, shown: Shown) -> None:
        picture = self._paint(shown.frame, shown.instances)
        save_png(picture, png_path(self._folder, shown.number), overwrite=True)

    def close(self) -> list[str]:
        return []

    def abort(self) -> None:
        """Each picture is whole; the next run writes it anew."""


class EachStream:
    """A file for each character and stretch of frames in which it is there.

    When a character leaves, one empty frame follows, which a player shows until it comes back: the
    clip costs nothing while nobody is in it.

    Args:
        present: ids that were there in the last frame of the segment before.
    """

    def __init__(self, folder: Path, prefix: str, make: MakeEncoder, present: set[int]) -> None:
        self._folder = folder
        self._prefix = prefix
        self._make = make
        self._open: dict[int, Encoder] = {}
        self._left = set(present)
        self._paths: list[Path] = []

    def add(self, shown: Shown) -> None:
        assert shown.instances.track_ids is not None
        ids = shown.instances.track_ids.tolist()
        for i in [*self._open, *self._left]:
            if i not in ids:
                empty = np.zeros((*shown.instances.size_hw, 4), np.uint8)
                self._write(i, shown.frame, empty)
                self._open.pop(i).close()
        self._left.clear()
        for index, i in enumerate(ids):
            self._write(i, shown.frame, one(shown.frame, shown.instances, index))

    def _write(self, i: int, frame: Frame, picture: NDArray[np.uint8]) -> None:
        if i not in self._open:
            path = self._folder / self._prefix.format(id=i, part=len(self._paths))
            self._open[i] = self._make(path)
            self._paths.append(path)
        self._open[i].write(picture, frame.pts, frame.duration)

    def close(self) -> list[str]:
        for encoder in self._open.values():
            encoder.close()
        return [path.name for path in self._paths]

    def abort(self) -> None:
        for encoder in self._open.values():
            encoder.abort()
        for path in self._paths:
            path.unlink(missing_ok=True)


class EachPngStream:
    """A folder of pictures for each character, numbered like the frames of the video."""

    def __init__(self, folder_of: Callable[[int], Path]) -> None:
        self._folder_of = folder_of

    def add(self, shown: Shown) -> None:
        assert shown.instances.track_ids is not None
        for index, i in enumerate(shown.instances.track_ids.tolist()):
            path = png_path(self._folder_of(i), shown.number)
            save_png(one(shown.frame, shown.instances, index), path, overwrite=True)

    def close(self) -> list[str]:
        return []

    def abort(self) -> None:
        """Each picture is whole; the next run writes it anew."""


class TracksStream:
    """A line of JSON for each frame: its time and its annotations, without ids of their own yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO = path.open("w", encoding="utf-8")
        self._last: tuple[Instances, list[dict[str, Any]]] | None = None

    def add(self, shown: Shown) -> None:
        if self._last is None or self._last[0] is not shown.instances:
            self._last = shown.instances, annotations_of(shown.instances, 0, 1, 0)
        frame = shown.frame
        line = {
            "number": shown.number,
            "time": float(frame.time),
            "size": list(shown.instances.size_hw),
            "annotations": self._last[1],
        }
        self._file.write(json.dumps(line, separators=(",", ":")) + "\n")

    def close(self) -> list[str]:
        self._file.close()
        return [self._path.name]

    def abort(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


def png_path(folder: Path, number: int) -> Path:
    """Where the picture of a frame lies; `number` counts from 0, the names from 1."""
    return folder / f"{number + 1:06d}.png"
