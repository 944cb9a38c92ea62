"""COCO instance files: read, check, write. `CocoDataset` is what every other room works on.

Written files: ids as given, one record a line, deterministic bytes, accepted by pycocotools.
Beyond COCO there are two optional keys of an annotation: ``score`` (as in COCO's result files) and
``alpha_file``, the path, relative to the COCO file, of a full-size 8-bit grey PNG with soft alpha.

Not covered: keypoints, captions, panoptic files; result lists without ``images`` (load those with
pycocotools); judging the labels (`data.check`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import DatasetError, KirinukiError
from kirinuki.geometry import (
    Rle,
    decode_counts,
    encode_counts,
    mask_to_box,
    mask_to_rle,
    polygons_to_mask,
    rle_to_mask,
)
from kirinuki.images import write_atomically
from kirinuki.instances import Instances

Segmentation: TypeAlias = "list[list[float]] | Rle"
"""Polygons, flat ``[x1, y1, x2, y2, ...]`` each, or a compressed RLE."""

_FAR = 1e6
"""Coordinates beyond this are damage, and would take gigabytes to rasterise."""


@dataclass(frozen=True)
class Category:
    """A class of characters. Ids of files that kirinuki writes run from 1."""

    id: int
    name: str


@dataclass(frozen=True)
class CocoImage:
    """A picture: its size is that of the EXIF-upright picture, in pixels."""

    id: int
    file_name: str
    height: int
    width: int


@dataclass(frozen=True)
class Annotation:
    """One character in one picture.

    Attributes:
        segmentation: polygons or a compressed RLE.
        bbox: x, y, width, height in pixels, half-open, around the true mask.
        area: pixels of the true mask.
        iscrowd: 1 only in foreign files: a region of many, not to be trained on.
        score: of a prediction, in [0, 1]; None for labels.
        alpha_file: full-size grey PNG of the soft alpha, relative to the COCO file; None without.
    """

    id: int
    image_id: int
    category_id: int
    segmentation: Segmentation
    bbox: tuple[float, float, float, float]
    area: float
    iscrowd: int = 0
    score: float | None = None
    alpha_file: str | None = None

    def mask(self, size_hw: tuple[int, int]) -> NDArray[np.bool_]:
        """Hard mask (H, W) bool at the size of the picture, equal to pycocotools' ``annToMask``.

        Raises:
            DatasetError: the RLE has another size, or its runs do not add up.
        """
        if not isinstance(self.segmentation, dict):
            return polygons_to_mask(self.segmentation, size_hw)
        size = (int(self.segmentation["size"][0]), int(self.segmentation["size"][1]))
        if size != tuple(size_hw):
            raise DatasetError(
                f"annotation {self.id}: its RLE is {size[1]}×{size[0]}, "
                f"the picture {size_hw[1]}×{size_hw[0]}; label it again"
            )
        try:
            return rle_to_mask(size, self.segmentation["counts"])
        except ValueError as error:
            raise DatasetError(f"annotation {self.id}: {error}") from None


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
    images = [_parse(_image, raw, f"{path}, images[{i}]") for i, raw in enumerate(raw_images or ())]
    categories = [
        _parse(_category, raw, f"{path}, categories[{i}]")
        for i, raw in enumerate(raw_categories or ())
    ]
    _refuse_repeats(path, "images", [image.id for image in images])
    _refuse_repeats(path, "categories", [category.id for category in categories])
    known = _Known({image.id: image for image in images}, {c.id for c in categories})
    annotations = []
    for i, raw in enumerate(raw_annotations or ()):
        try:
            annotations.append(_parse(known.annotation, raw, f"{path}, annotations[{i}]"))
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


def _parse(parser: Callable[[dict[str, Any]], Any], raw: object, where: str) -> Any:
    """Run one record's parser; whatever is wrong becomes one line that names the record."""
    if not isinstance(raw, dict):
        raise DatasetError(f"{where}: expected an object, got {type(raw).__name__}")
    named = f"{where} (id {raw['id']})" if "id" in raw else where
    try:
        return parser(raw)
    except KeyError as error:
        raise DatasetError(f"{named}: has no {error.args[0]!r}") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise DatasetError(f"{named}: {error}") from None


def _image(raw: dict[str, Any]) -> CocoImage:
    height, width = _whole(raw, "height"), _whole(raw, "width")
    if height < 1 or width < 1:
        raise ValueError(f"is {width}×{height} pixels; expected at least 1×1")
    if not isinstance(raw["file_name"], str) or not raw["file_name"]:
        raise ValueError(f"file_name is {raw['file_name']!r}; expected a text")
    return CocoImage(_whole(raw, "id"), raw["file_name"], height, width)


def _category(raw: dict[str, Any]) -> Category:
    if not isinstance(raw["name"], str) or not raw["name"].strip():
        raise ValueError(f"name is {raw['name']!r}; expected a text")
    return Category(_whole(raw, "id"), raw["name"])


def _whole(raw: dict[str, Any], key: str) -> int:
    value = raw[key]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise ValueError(f"{key} is {value!r}; expected a whole number")
    return int(value)


@dataclass(frozen=True)
class _Known:
    """What an annotation may refer to."""

    images: dict[int, CocoImage]
    category_ids: set[int]

    def annotation(self, raw: dict[str, Any]) -> Annotation:
        image_id, category_id = _whole(raw, "image_id"), _whole(raw, "category_id")
        if image_id not in self.images:
            raise ValueError(f"image_id {image_id} is not among the images")
        if category_id not in self.category_ids:
            raise ValueError(f"category_id {category_id} is not among the categories")
        score = raw.get("score")
        alpha_file = raw.get("alpha_file")
        return Annotation(
            id=_whole(raw, "id"),
            image_id=image_id,
            category_id=category_id,
            segmentation=_segmentation(raw["segmentation"], self.images[image_id]),
            bbox=_bbox(raw["bbox"]),
            area=_finite(raw["area"], "area"),
            iscrowd=_whole(raw, "iscrowd") if "iscrowd" in raw else 0,
            score=None if score is None else _finite(score, "score"),
            alpha_file=None if alpha_file is None else str(alpha_file),
        )


def _bbox(raw: object) -> tuple[float, float, float, float]:
    if not isinstance(raw, list) or len(raw) != 4:
        raise ValueError(f"bbox is {raw!r}; expected [x, y, width, height]")
    x, y, width, height = (_finite(value, "bbox") for value in raw)
    return x, y, width, height


def _finite(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{key} holds {value!r}; expected a finite number")
    return value


def _segmentation(raw: object, image: CocoImage) -> Segmentation:
    if isinstance(raw, dict):
        return _rle(raw, image)
    if not isinstance(raw, list) or not raw:
        raise ValueError(f"segmentation is {raw!r}; expected polygons or an RLE")
    for i, polygon in enumerate(raw):
        if not isinstance(polygon, list) or len(polygon) < 6 or len(polygon) % 2:
            raise ValueError(
                f"polygon {i} is not a flat list [x1, y1, x2, y2, ...] of at least 3 points"
            )
        if not all(type(v) in (int, float) and -_FAR <= v <= _FAR for v in polygon):
            raise ValueError(f"polygon {i} holds something else than coordinates in pixels")
    return raw


def _rle(raw: dict[str, Any], image: CocoImage) -> Rle:
    if raw["size"] != [image.height, image.width]:
        raise ValueError(
            f"RLE size is {raw['size']}, the picture's height and width are "
            f"[{image.height}, {image.width}]"
        )
    counts = raw["counts"]
    text = counts if isinstance(counts, str) else encode_counts([int(n) for n in counts])
    runs = decode_counts(text)
    if min(runs, default=0) < 0 or sum(runs) != image.height * image.width:
        raise ValueError(
            f"RLE runs add up to {sum(runs)}, the picture has {image.height * image.width} pixels"
        )
    return {"size": [image.height, image.width], "counts": text}


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


def annotation_from_mask(
    mask: NDArray[np.bool_],
    *,
    id: int,
    image_id: int,
    category_id: int,
    score: float | None = None,
    segmentation: Segmentation | None = None,
) -> Annotation:
    """Annotation of a hard mask (H, W) bool: exact, as RLE, unless another segmentation is given.

    Raises:
        KirinukiError: the mask is empty.
    """
    box = mask_to_box(mask)
    if box is None:
        raise KirinukiError(f"annotation {id}: the mask is empty; leave the character out")
    x1, y1, x2, y2 = box
    return Annotation(
        id=id,
        image_id=image_id,
        category_id=category_id,
        segmentation=mask_to_rle(mask) if segmentation is None else segmentation,
        bbox=(x1, y1, x2 - x1, y2 - y1),
        area=int(np.count_nonzero(mask)),
        score=score,
    )


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
            annotations.append(
                annotation_from_mask(
                    mask,
                    id=len(annotations) + 1,
                    image_id=image.id,
                    category_id=categories[instances.name(i)],
                    score=round(float(instances.scores[i]), 6),
                )
            )
    return CocoDataset(
        images=tuple(images),
        annotations=tuple(annotations),
        categories=tuple(Category(number, name) for name, number in categories.items()),
        pictures=Path(pictures),
    )
