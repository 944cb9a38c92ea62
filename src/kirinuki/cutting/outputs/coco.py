"""``--coco FILE``: one COCO file of the whole job, pictures and videos alike.

What is kept of an input is a line of facts about it and one for each frame. The file is written
line by line from there: an input at a time is read, none is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from kirinuki.cutting.outputs import frame_labels
from kirinuki.cutting.outputs.options import own_value
from kirinuki.cutting.outputs.output import Kept, Piece, Place, Writer
from kirinuki.cutting.outputs.sink import Sink
from kirinuki.formats.coco_video import write_coco_video


@dataclass(frozen=True)
class CocoOptions:
    """Where to."""

    value: Path = own_value(metavar="FILE")


class Coco:
    """The file; image names are as seen from it."""

    name = "coco"
    help = "Write one COCO file of all inputs; frames of videos have ids of characters (CocoVID)."
    scope: ClassVar[Literal["item", "job"]] = "job"
    options = CocoOptions

    def refuse(self, options: CocoOptions, moves: bool) -> str | None:
        return None

    def expected(self, options: CocoOptions, place: Place) -> list[str]:
        return []

    def open(
        self, options: CocoOptions, place: Place, number: int, before: Sequence[Piece]
    ) -> Writer:
        return frame_labels.writer(self.name, place, number)

    def names(self, options: CocoOptions, place: Place, pieces: Sequence[Piece]) -> list[str]:
        return []

    def join(
        self, options: CocoOptions, place: Place, pieces: Sequence[Piece], sink: Sink
    ) -> list[str]:
        return []

    def kept(self, options: CocoOptions, place: Place, pieces: Sequence[Piece]) -> Iterator[Any]:
        height, width = place.size_hw
        rate = None if place.info is None else place.info.frame_rate
        fps = None if rate is None else float(rate)
        yield {"moves": place.moves, "height": height, "width": width, "fps": fps}
        yield from frame_labels.lines_of_pieces(place, pieces)

    def finish(
        self,
        options: CocoOptions,
        kept: Sequence[tuple[str, Kept]],
        names: Sequence[str],
        overwrite: bool,
    ) -> None:
        dataset = _Dataset(kept)
        write_coco_video(
            options.value,
            dataset.videos() or None,
            dataset.images(),
            dataset.annotations(),
            names,
            overwrite=overwrite,
        )


class _Dataset:
    """The sections of the file; each is read anew, as ids count through all inputs."""

    def __init__(self, kept: Sequence[tuple[str, Kept]]) -> None:
        self._kept = sorted(kept, key=lambda one: one[0])

    def _inputs(self) -> Iterator[tuple[str, int, dict[str, Any], Iterable[Any]]]:
        """Name, number of the video or 0, facts and lines of each input."""
        video = 0
        for name, lines in self._kept:
            rest = iter(lines())
            facts = next(rest)
            video += facts["moves"]
            yield name, video if facts["moves"] else 0, facts, rest

    def videos(self) -> list[dict[str, Any]]:
        found = []
        for name, video, facts, _ in self._inputs():
            if video:
                size = {key: facts[key] for key in ("width", "height", "fps")}
                found.append({"id": video, "name": name, **size})
        return found

    def images(self) -> Iterator[dict[str, Any]]:
        first = 1
        for name, video, facts, lines in self._inputs():
            if video:
                folder = Path(name).with_suffix("").as_posix()
                for image in frame_labels.images(lines, first, video, folder):
                    yield image
                first = image["id"] + 1
            else:
                size = {key: facts[key] for key in ("height", "width")}
                yield {"id": first, "file_name": name, **size}
                first += 1

    def annotations(self) -> Iterator[dict[str, Any]]:
        first_id, first_image = 1, 1
        for _, video, _, lines in self._inputs():
            frames = 0
            more = {"video_id": video} if video else {}
            for line in lines:
                frames += 1
                numbered = frame_labels.numbered([line], first_id, first_image, **more)
                for annotation in numbered:
                    yield annotation
                    first_id += 1
            first_image += frames
