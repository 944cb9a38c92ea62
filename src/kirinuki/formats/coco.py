"""COCO instance files: read, check, write. `CocoDataset` is what every other room works on.

Written files: ids as given, one record a line, deterministic bytes, accepted by pycocotools.
Beyond COCO there are three optional keys of an annotation: ``score`` (as in COCO's result files),
``alpha_file``, the path, relative to the COCO file, of a full-size 8-bit grey PNG with soft alpha,
and ``kind``, how the character presents: "female", "male" or "unknown".

Not covered: keypoints, captions, panoptic files; result lists without ``images`` (load those with
pycocotools); judging the labels (`dataset.check`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from kirinuki.errors import DatasetError
from kirinuki.formats.annotations import (
    Annotation,
    Category,
    CocoImage,
    Segmentation,
    annotation_from_mask,
)
from kirinuki.formats.coco_parse import AnnotationParser, parse, parse_category, parse_image
from kirinuki.images.picture import write_atomically
from kirinuki.instances import Instances

__all__ = [
    "Annotation",
    "Category",
    "CocoDataset",
    "CocoImage",
    "Segmentation",
    "annotation_from_mask",
    "dataset_from_instances",
    "read_coco",
    "write_coco",
]


@dataclass(frozen=True)
class CocoDataset:
    """A labelled set of pictures.

    Attributes:
        path: the COCO file it came from; None when made in memory.
        pictures: folder that the file names are relative to.
    """

    images: tuple[CocoImage, ...]
    annotations: tuple[Annotation, ...]
    categories: tuple[Category, ...]
    path: Path | None = None
    pictures: Path = Path()

    @cached_property
    def _by_image(self) -> dict[int, tuple[Annotation, ...]]:
        groups: dict[int, list[Annotation]] = {}
        for annotation in self.annotations:
            groups.setdefault(annotation.image_id, []).append(annotation)
        return {image_id: tuple(group) for image_id, group in groups.items()}

    def picture_path(self, image: CocoImage) -> Path:
        """Where the picture should lie. Windows separators in the file name are understood."""
        return self.pictures / image.file_name.replace("\\", "/")

    def annotations_of(self, image_id: int) -> tuple[Annotation, ...]:
        """Annotations of one picture, in file order; empty for a picture without characters."""
        return self._by_image.get(image_id, ())


def read_coco(
    path: str | Path,
    pictures: str | Path | None = None,
    *,
    on_bad: Callable[[str], None] | None = None,
) -> CocoDataset:
    """Read a COCO instance file.

    Args:
        pictures: folder of the pictures; the folder of the file by default.
        on_bad: called with the error line of each bad annotation, which is then left out; without
            it the first bad annotation is an error.

    Raises:
        DatasetError: names the file and the item that is wrong.
    """
    path = Path(path)
    content = _load_json(path)
    sections = [content.get(key) for key in ("images", "annotations", "categories")]
    if not all(isinstance(section, list) for section in sections):
        raise DatasetError(
            f'{path}: not a COCO file: expected the lists "images", "annotations" and "categories"'
        )
    raw_images, raw_annotations, raw_categories = sections
    images = [
        parse(parse_image, raw, f"{path}, images[{i}]") for i, raw in enumerate(raw_images or ())
    ]
    categories = [
        parse(parse_category, raw, f"{path}, categories[{i}]")
        for i, raw in enumerate(raw_categories or ())
    ]
    _refuse_repeats(path, "images", [image.id for image in images])
    _refuse_repeats(path, "categories", [category.id for category in categories])
    parse_annotation = AnnotationParser(
        {image.id: image for image in images}, {c.id for c in categories}
    )
    annotations = []
    for i, raw in enumerate(raw_annotations or ()):
        try:
            annotations.append(parse(parse_annotation, raw, f"{path}, annotations[{i}]"))
        except DatasetError as error:
            if on_bad is None:
                raise
            on_bad(str(error))
    _refuse_repeats(path, "annotations", [annotation.id for annotation in annotations])
    return CocoDataset(
        images=tuple(images),
        annotations=tuple(annotations),
        categories=tuple(categories),
        path=path,
        pictures=path.parent if pictures is None else Path(pictures),
    )


def _load_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path}: is not valid JSON: {error}") from None
    if not isinstance(content, dict):
        raise DatasetError(f"{path}: not a COCO file: expected an object, got a list or a value")
    return content


def _refuse_repeats(path: Path, section: str, ids: Sequence[int]) -> None:
    seen: set[int] = set()
    for i, number in enumerate(ids):
        if number in seen:
            raise DatasetError(f"{path}, {section}[{i}]: id {number} is used twice")
        seen.add(number)


def write_coco(dataset: CocoDataset, path: str | Path, overwrite: bool = False) -> None:
    """Write a COCO file, whole or not at all; the same data set gives the same bytes.

    File names are written as they are: `pictures` is not stored in the file.

    Raises:
        OutputError: the file exists and `overwrite` is False, or it cannot be written.
    """
    sections = {
        "images": [_record(image) for image in dataset.images],
        "annotations": [_record(annotation) for annotation in dataset.annotations],
        "categories": [_record(category) for category in dataset.categories],
    }
    # ASCII, because pycocotools opens the file in the system's encoding, on Windows not UTF-8.
    parts = ['"info": {"description": "written by kirinuki"}', '"licenses": []']
    for name, records in sections.items():
        lines = ",\n".join(json.dumps(record, separators=(",", ":")) for record in records)
        parts.append(f'"{name}": [\n{lines}\n]' if records else f'"{name}": []')
    with write_atomically(path, overwrite) as temporary:
        temporary.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="ascii", newline="\n")


def _record(item: CocoImage | Annotation | Category) -> dict[str, Any]:
    record = {key: value for key, value in vars(item).items() if value is not None}
    if isinstance(item, Annotation):
        record["bbox"] = [_short(value) for value in item.bbox]
        record["area"] = _short(item.area)
        if not isinstance(item.segmentation, dict):
            record["segmentation"] = [[_short(v) for v in polygon] for polygon in item.segmentation]
    return record


def _short(value: float) -> float:
    """12.0 as 12: half the bytes of a polygon that follows pixels."""
    return int(value) if value == int(value) else float(value)


def dataset_from_instances(
    results: Iterable[tuple[str, Instances]], pictures: str | Path = "."
) -> CocoDataset:
    """Predictions as a data set: (file name, characters) of each picture, with their scores.

    Categories are the names of the model, in its order, from 1. Characters whose hard mask is empty
    are left out.
    """
    images: list[CocoImage] = []
    annotations: list[Annotation] = []
    categories: dict[str, int] = {}
    for file_name, instances in results:
        image = CocoImage(len(images) + 1, file_name, *instances.size_hw)
        images.append(image)
        for name in instances.names:
            categories.setdefault(name, len(categories) + 1)
        for i in range(len(instances)):
            mask = instances.mask(i)
            if not mask.any():
                continue
            annotation = annotation_from_mask(
                mask,
                id=len(annotations) + 1,
                image_id=image.id,
                category_id=categories[instances[i].name],
                score=round(float(instances.scores[i]), 6),
            )
            kind = None if instances.kind_scores is None else instances.kinds[i]
            annotations.append(replace(annotation, kind=kind))
    return CocoDataset(
        images=tuple(images),
        annotations=tuple(annotations),
        categories=tuple(Category(number, name) for name, number in categories.items()),
        pictures=Path(pictures),
    )
