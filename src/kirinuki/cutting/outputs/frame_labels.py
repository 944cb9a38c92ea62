"""What is said of the characters of every frame, one line of JSON each, and COCO files of them.

Not covered: of which inputs there is a file, and what it is called (`labels`, `coco`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from kirinuki.cutting.outputs.output import Kept, Piece, Place, Shown, StillWriter, Writer
from kirinuki.formats.coco_video import annotations_of, write_coco_video
from kirinuki.instances import Instances

Line = dict[str, Any]
"""Of a frame: number, time in seconds, size (height, width), annotations without own ids."""


def writer(name: str, place: Place, number: int) -> Writer:
    """Of the lines of a segment: those of a video go into a file of their own."""
    return _File(place, f"{number:05d}.{name}.jsonl") if place.moves else StillWriter()


def kept(place: Place, pieces: Sequence[Piece]) -> Iterator[Line]:
    """Facts about an input, and the lines of all its segments, in order."""
    height, width = place.size_hw
    rate = None if place.info is None else place.info.frame_rate
    fps = None if rate is None else float(rate)
    yield {"moves": place.moves, "height": height, "width": width, "fps": fps}
    for piece in pieces:
        if "shown" in piece:
            yield _line(piece["shown"], found_in(piece["shown"].instances))
        else:
            with (place.work / piece["file"]).open(encoding="utf-8") as file:
                yield from map(json.loads, file)


def found_in(instances: Instances) -> list[Line]:
    """The characters of a frame or picture with exact masks as RLE."""
    return annotations_of(instances, 0, None if instances.track_ids is None else 1, 0)


def _line(shown: Shown, about: Sequence[Line]) -> Line:
    return {
        "number": shown.number,
        "time": float(shown.pts * shown.time_base),
        "size": list(shown.instances.size_hw),
        "annotations": about,
    }


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


class Dataset:
    """The sections of a COCO file of some inputs. Each is read anew, line by line, as ids count
    through all inputs: an input at a time is read, none is held.

    Args:
        kept: name of each input, and its `facts` and lines.
    """

    def __init__(self, kept: Sequence[tuple[str, Kept]]) -> None:
        self._kept = kept

    def write(self, path: Path, names: Sequence[str], overwrite: bool) -> None:
        """Write the file; pictures alone make plain COCO."""
        write_coco_video(
            path,
            self._videos() or None,
            self._images(),
            self._annotations(),
            names,
            overwrite=overwrite,
        )

    def _inputs(self) -> Iterator[tuple[str, int, Line, Iterable[Line]]]:
        """Name, number of the video or 0, facts and lines of each input."""
        video = 0
        for name, lines in self._kept:
            rest = iter(lines())
            facts = next(rest)
            video += facts["moves"]
            yield name, video if facts["moves"] else 0, facts, rest

    def _videos(self) -> list[Line]:
        return [
            {"id": video, "name": name, **{key: facts[key] for key in ("width", "height", "fps")}}
            for name, video, facts, _ in self._inputs()
            if video
        ]

    def _images(self) -> Iterator[Line]:
        first = 1
        for name, video, facts, lines in self._inputs():
            if not video:
                yield {
                    "id": first,
                    "file_name": name,
                    "height": facts["height"],
                    "width": facts["width"],
                }
                first += 1
                continue
            folder = Path(name).with_suffix("").as_posix()
            image: Line = {"id": first - 1}
            for line in lines:
                image = _image(line, first, video, folder)
                yield image
            first = image["id"] + 1

    def _annotations(self) -> Iterator[Line]:
        next_id, first_image = 1, 1
        for _, video, _, lines in self._inputs():
            frames = 0
            more = {"video_id": video} if video else {}
            for line in lines:
                frames += 1
                for annotation in line["annotations"]:
                    of = {"id": next_id, "image_id": first_image + line["number"]}
                    yield {**annotation, **of, **more}
                    next_id += 1
            first_image += frames


def _image(line: Line, first_id: int, video_id: int, folder: str) -> Line:
    """A frame; `folder` is where its video's frames would lie as pictures."""
    height, width = line["size"]
    return {
        "id": first_id + line["number"],
        "video_id": video_id,
        "frame_id": line["number"],
        "file_name": f"{folder}/{line['number'] + 1:06d}.png",
        "height": height,
        "width": width,
        "time": line["time"],
    }
