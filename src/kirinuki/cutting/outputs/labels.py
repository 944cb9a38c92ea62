"""``--labels``: a label file of each input, to correct by hand or to train on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from kirinuki.cutting.outputs import frame_labels
from kirinuki.cutting.outputs.options import own_value
from kirinuki.cutting.outputs.output import Piece, Place, Writer
from kirinuki.cutting.outputs.rendering import StillWriter
from kirinuki.cutting.outputs.sink import Sink
from kirinuki.formats.coco import dataset_from_instances, write_coco
from kirinuki.formats.coco_video import write_coco_video
from kirinuki.formats.labelme import instances_to_labelme, write_labelme
from kirinuki.work.source import relative_to_folder


@dataclass(frozen=True)
class LabelsOptions:
    """In which format."""

    value: Literal["labelme", "coco"] = own_value(choices=("labelme", "coco"))


class Labels:
    """NAME.json for LabelMe, NAME_coco.json for COCO; of a video CocoVID, with ids and times."""

    name = "labels"
    help = (
        "Write a label file of each input: labelme (pictures alone), or coco, of a video with the "
        "ids of all frames (CocoVID)."
    )
    scope: ClassVar[Literal["item", "job"]] = "item"
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
        return frame_labels.writer(self.name, place, number) if place.moves else StillWriter()

    def names(self, options: LabelsOptions, place: Place, pieces: Sequence[Piece]) -> list[str]:
        return self.expected(options, place)

    def join(
        self, options: LabelsOptions, place: Place, pieces: Sequence[Piece], sink: Sink
    ) -> list[str]:
        path, replace = sink.target(self.names(options, place, pieces)[0])
        if place.moves:
            _write_video(place, pieces, path, replace)
            return []
        instances = pieces[0]["shown"].instances
        picture = relative_to_folder(place.source, path.parent)
        if options.value == "labelme":
            write_labelme(instances_to_labelme(instances, picture), path, replace)
        else:
            dataset = dataset_from_instances([(picture, instances)], path.parent)
            write_coco(dataset, path, overwrite=replace)
        return []


def _write_video(place: Place, pieces: Sequence[Piece], path: Any, replace: bool) -> None:
    assert place.info is not None
    height, width = place.size_hw
    rate = place.info.frame_rate
    video = {
        "id": 1,
        "name": place.source.name,
        "width": width,
        "height": height,
        "fps": None if rate is None else float(rate),
    }
    write_coco_video(
        path,
        [video],
        frame_labels.images(frame_labels.lines_of_pieces(place, pieces), 1, 1, place.source.stem),
        frame_labels.numbered(frame_labels.lines_of_pieces(place, pieces), 1, 1),
        place.names,
        overwrite=replace,
    )
