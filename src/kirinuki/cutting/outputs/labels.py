"""``--labels``: a label file of each input, to correct by hand or to train on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from kirinuki.cutting.outputs import frame_labels
from kirinuki.cutting.outputs.options import own_value
from kirinuki.cutting.outputs.output import Output, Piece, Place, Writer
from kirinuki.formats.labelled import labelled
from kirinuki.formats.labelme_record import instances_to_labelme, write_labelme
from kirinuki.formats.picture_ref import FileRef
from kirinuki.formats.places import write_text
from kirinuki.formats.registry import FORMATS
from kirinuki.formats.yolo import yolo_lines
from kirinuki.outside_text import as_text
from kirinuki.work.source import relative_to_folder

if TYPE_CHECKING:
    from kirinuki.cutting.results import Sink


ENDINGS = {"labelme": ".json", "coco": "_coco.json", "yolo": ".txt", "cvat": ".xml"}
"""How the file of an input ends, by format."""


@dataclass(frozen=True)
class LabelsOptions:
    """In which format."""

    value: Literal["labelme", "coco", "yolo", "cvat"] = own_value(choices=tuple(ENDINGS))


class Labels(Output):
    """NAME.json for LabelMe, NAME_coco.json for COCO, NAME.txt for YOLO, NAME.xml for CVAT; of a
    video CocoVID, with ids and times."""

    name = "labels"
    help = (
        "Write a label file of each input: coco, of a video with the ids of all frames (CocoVID); "
        "of pictures alone labelme, yolo (a line a character, without the set around it) or cvat."
    )
    options = LabelsOptions

    def refuse(self, options: LabelsOptions, moves: bool) -> str | None:
        if moves and options.value != "coco":
            title = FORMATS[options.value].title
            return f"a {title} file labels one picture; take `labels` coco for a video"
        return None

    def expected(self, options: LabelsOptions, place: Place) -> list[str]:
        return [place.stem + ENDINGS[options.value]]

    def open(
        self, options: LabelsOptions, place: Place, number: int, before: Sequence[Piece]
    ) -> Writer:
        return frame_labels.writer(self.name, place, number)

    def join(
        self, options: LabelsOptions, place: Place, pieces: Sequence[Piece], sink: Sink
    ) -> list[str]:
        """By path: the writers of `formats` are atomic by themselves. What a YOLO set has around
        its label files (`data.yaml`, pictures) is for `data prelabel -o` and `data convert`."""
        path, replace = sink.target(self.expected(options, place)[0])
        if place.moves:
            kept = partial(frame_labels.kept, place, pieces)
            frame_labels.Dataset([(as_text(place.source.name), kept)]).write(
                path, place.names, replace
            )
            return []
        instances = pieces[0]["shown"].instances
        picture = as_text(relative_to_folder(place.source, path.parent))
        if options.value == "labelme":
            write_labelme(instances_to_labelme(instances, picture), path, replace)
            return []
        found = labelled(instances, FileRef(place.source), picture)
        if options.value == "yolo":
            numbers = {name: number for number, name in enumerate(instances.names)}
            write_text(path, yolo_lines(found, numbers), replace)
        else:
            list(FORMATS[options.value].write([found], instances.names, path, replace))
        return []
