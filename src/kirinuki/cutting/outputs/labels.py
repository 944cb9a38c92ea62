"""``--labels``: a label file of each input, to correct by hand or to train on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from kirinuki.cutting.outputs import frame_labels
from kirinuki.cutting.outputs.options import own_value
from kirinuki.cutting.outputs.output import Output, Piece, Place, Writer
from kirinuki.formats.coco import Coco
from kirinuki.formats.labelled import labelled
from kirinuki.formats.labelme_record import instances_to_labelme, write_labelme
from kirinuki.formats.picture_ref import FileRef
from kirinuki.work.source import relative_to_folder

if TYPE_CHECKING:
    from kirinuki.cutting.results import Sink


@dataclass(frozen=True)
class LabelsOptions:
    """In which format."""

    value: Literal["labelme", "coco"] = own_value(choices=("labelme", "coco"))


class Labels(Output):
    """NAME.json for LabelMe, NAME_coco.json for COCO; of a video CocoVID, with ids and times."""

    name = "labels"
    help = (
        "Write a label file of each input: labelme (pictures alone), or coco, of a video with the "
        "ids of all frames (CocoVID)."
    )
    options = LabelsOptions

    def refuse(self, options: LabelsOptions, moves: bool) -> str | None:
        if moves and options.value == "labelme":
            return "a LabelMe file labels one picture; take --labels coco for a video"
        return None

    def expected(self, options: LabelsOptions, place: Place) -> list[str]:
        end = ".json" if options.value == "labelme" else "_coco.json"
        return [place.stem + end]

    def open(
        self, options: LabelsOptions, place: Place, number: int, before: Sequence[Piece]
    ) -> Writer:
        return frame_labels.writer(self.name, place, number)

    def join(
        self, options: LabelsOptions, place: Place, pieces: Sequence[Piece], sink: Sink
    ) -> list[str]:
        """By path: the writers of `formats` are atomic by themselves."""
        path, replace = sink.target(self.expected(options, place)[0])
        if place.moves:
            kept = partial(frame_labels.kept, place, pieces)
            frame_labels.Dataset([(place.source.name, kept)]).write(path, place.names, replace)
            return []
        instances = pieces[0]["shown"].instances
        picture = relative_to_folder(place.source, path.parent)
        if options.value == "labelme":
            write_labelme(instances_to_labelme(instances, picture), path, replace)
        else:
            found = labelled(instances, FileRef(place.source), picture)
            list(Coco().write([found], instances.names, path, replace))
        return []
