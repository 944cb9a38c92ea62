"""Records of a COCO file: raw JSON to `Category`, `CocoImage` and `Annotation`, strictly.

A record that is wrong raises DatasetError with one line that names it. Lists of run lengths become
compressed text.

Not covered: the file as a whole (`coco`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from kirinuki.errors import DatasetError
from kirinuki.formats.annotations import Annotation, Category, CocoImage, Segmentation
from kirinuki.geometry import Rle, decode_counts, encode_counts
from kirinuki.images.picture import MAX_PIXELS

Record = TypeVar("Record")

_FAR = 1e6
"""Coordinates beyond this are damage, and would take gigabytes to rasterise."""


def parse(parser: Callable[[dict[str, Any]], Record], raw: object, where: str) -> Record:
    """Run one record's parser; whatever is wrong becomes one line that names the record."""
    if not isinstance(raw, dict):
        raise DatasetError(f"{where}: expected an object, got {type(raw).__name__}")
    named = f"{where} (id {raw['id']!r})" if "id" in raw else where
    try:
        return parser(raw)
    except KeyError as error:
        raise DatasetError(f"{named}: has no {error.args[0]!r}") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise DatasetError(f"{named}: {error}") from None


def parse_image(raw: dict[str, Any]) -> CocoImage:
    height, width = whole(raw, "height"), whole(raw, "width")
    if height < 1 or width < 1:
        raise ValueError(f"is {width}×{height} pixels; expected at least 1×1")
    if height * width > MAX_PIXELS:
        raise ValueError(f"is {width}×{height} pixels; at most {MAX_PIXELS:,} pixels are read")
    if not isinstance(raw["file_name"], str) or not raw["file_name"]:
        raise ValueError(f"file_name is {raw['file_name']!r}; expected a text")
    return CocoImage(whole(raw, "id"), raw["file_name"], height, width)


def parse_category(raw: dict[str, Any]) -> Category:
    if not isinstance(raw["name"], str) or not raw["name"].strip():
        raise ValueError(f"name is {raw['name']!r}; expected a text")
    return Category(whole(raw, "id"), raw["name"])


def whole(raw: dict[str, Any], key: str) -> int:
    value = raw[key]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise ValueError(f"{key} is {value!r}; expected a whole number")
    return int(value)


@dataclass(frozen=True)
class AnnotationParser:
    """Parser of annotations that knows what they may refer to."""

    images: dict[int, CocoImage]
    category_ids: set[int]

    def __call__(self, raw: dict[str, Any]) -> Annotation:
        image_id, category_id = whole(raw, "image_id"), whole(raw, "category_id")
        if image_id not in self.images:
            raise ValueError(f"image_id {image_id} is not among the images")
        if category_id not in self.category_ids:
            raise ValueError(f"category_id {category_id} is not among the categories")
        score = raw.get("score")
        alpha_file, kind = raw.get("alpha_file"), raw.get("kind")
        return Annotation(
            id=whole(raw, "id"),
            image_id=image_id,
            category_id=category_id,
            segmentation=_segmentation(raw["segmentation"], self.images[image_id]),
            bbox=_bbox(raw["bbox"]),
            area=finite(raw["area"], "area"),
            iscrowd=whole(raw, "iscrowd") if "iscrowd" in raw else 0,
            score=None if score is None else finite(score, "score"),
            alpha_file=None if alpha_file is None else str(alpha_file),
            kind=None if kind is None else str(kind),
        )


def _bbox(raw: object) -> tuple[float, float, float, float]:
    if not isinstance(raw, list) or len(raw) != 4:
        raise ValueError(f"bbox is {raw!r}; expected [x, y, width, height]")
    x, y, width, height = (finite(value, "bbox") for value in raw)
    return x, y, width, height


def finite(value: object, key: str) -> float:
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
