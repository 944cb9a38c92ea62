"""What is said of the characters of every frame, one line of JSON each, for the COCO outputs.

Not covered: the files made of the lines (`labels`, `coco`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, TextIO

from kirinuki.cutting.outputs.output import Piece, Place, Shown, Writer
from kirinuki.formats.coco import dataset_from_instances
from kirinuki.formats.coco_video import annotations_of
from kirinuki.instances import Instances

Line = dict[str, Any]
"""Of a frame: number, time in seconds, size (height, width), annotations without own ids."""


def writer(name: str, place: Place, number: int) -> Writer:
    """Of the lines of a segment: those of a video go into a file of their own."""
    return _File(place, f"{number:05d}.{name}.jsonl") if place.moves else _Memory()


def lines_of_pieces(place: Place, pieces: Sequence[Piece]) -> Iterator[Line]:
    """The lines of all segments, in order."""
    for piece in pieces:
        if "line" in piece:
            yield piece["line"]
        else:
            with (place.work / piece["file"]).open(encoding="utf-8") as file:
                yield from map(json.loads, file)


def found_in(instances: Instances) -> list[Line]:
    """The characters of a frame or picture with exact masks as RLE."""
    if instances.track_ids is not None:
        return annotations_of(instances, 0, 1, 0)
    found = dataset_from_instances([("", instances)]).annotations
    return [
        {key: value for key, value in asdict(annotation).items() if value is not None}
        for annotation in found
    ]


def _line(shown: Shown, about: Sequence[Line]) -> Line:
    return {
        "number": shown.number,
        "time": float(shown.pts * shown.time_base),
        "size": list(shown.instances.size_hw),
        "annotations": about,
    }


class _Memory:
    """A picture's line."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []

    def add(self, shown: Shown) -> None:
        self._pieces.append({"line": _line(shown, found_in(shown.instances))})

    def close(self) -> list[Piece]:
        return self._pieces

    def abort(self) -> None:
        """Nothing is written yet."""


class _File:
    """The lines of a segment of a video."""

    def __init__(self, place: Place, file: str) -> None:
        self._name = file
        self._path = place.work / file
        self._file: TextIO = self._path.open("w", encoding="utf-8")
        self._last: tuple[Instances, list[Line]] | None = None

    def add(self, shown: Shown) -> None:
        if self._last is None or self._last[0] is not shown.instances:
            self._last = shown.instances, found_in(shown.instances)
        self._file.write(json.dumps(_line(shown, self._last[1]), separators=(",", ":")) + "\n")

    def close(self) -> list[Piece]:
        self._file.close()
        return [{"file": self._name}]

    def abort(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


def images(
    lines: Iterable[Line], first_id: int, video_id: int, folder: str
) -> Iterator[dict[str, Any]]:
    """The ``images`` of a video's lines; `folder` is where its frames would lie as pictures."""
    for line in lines:
        height, width = line["size"]
        yield {
            "id": first_id + line["number"],
            "video_id": video_id,
            "frame_id": line["number"],
            "file_name": f"{folder}/{line['number'] + 1:06d}.png",
            "height": height,
            "width": width,
            "time": line["time"],
        }


def numbered(
    lines: Iterable[Line], first_id: int, first_image: int, **more: Any
) -> Iterator[dict[str, Any]]:
    """The ``annotations`` of lines, with ids from `first_id`."""
    count = 0
    for line in lines:
        for annotation in line["annotations"]:
            of = {"id": first_id + count, "image_id": first_image + line["number"]}
            yield {**annotation, **of, **more}
            count += 1
