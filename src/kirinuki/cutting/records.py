"""What a long job keeps of each picture, so that its COCO file is complete after any stop.

A record is plain JSON: it travels through the journal and comes back after a kill.

Not covered: the COCO format itself (`formats.coco`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from kirinuki.formats.coco import (
    Annotation,
    Category,
    CocoDataset,
    CocoImage,
    dataset_from_instances,
)
from kirinuki.instances import Instances

Record = dict[str, Any]


def record_of(instances: Instances) -> Record:
    """The characters of one picture: its size, and annotations with exact masks as RLE."""
    dataset = dataset_from_instances([("", instances)])
    height, width = instances.size_hw
    annotations = [asdict(annotation) for annotation in dataset.annotations]
    return {"height": height, "width": width, "annotations": annotations}


def dataset_of(
    records: Iterable[tuple[str, Record]], names: tuple[str, ...], pictures: Path
) -> CocoDataset:
    """One data set of all the records.

    Args:
        records: (file name, record) of each picture; the order does not matter.
        names: names of the model's classes; categories follow them, from 1.
        pictures: folder that the file names are relative to.
    """
    images: list[CocoImage] = []
    annotations: list[Annotation] = []
    for file_name, record in sorted(records, key=lambda item: item[0]):
        image = CocoImage(len(images) + 1, file_name, record["height"], record["width"])
        images.append(image)
        for raw in record["annotations"]:
            annotation = Annotation(**{**raw, "bbox": tuple(raw["bbox"])})
            annotations.append(replace(annotation, id=len(annotations) + 1, image_id=image.id))
    categories = (Category(number, name) for number, name in enumerate(names, 1))
    return CocoDataset(tuple(images), tuple(annotations), tuple(categories), pictures=pictures)
