"""Characters as a LabelMe file: polygons to edit by hand where they can say the mask.

Not covered: reading such files (`labelme`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.formats.labelled import LabelledInstance, LabelledPicture, labelled
from kirinuki.formats.picture_ref import EmbeddedRef, FileRef
from kirinuki.formats.places import write_text
from kirinuki.formats.shapes import mask_shape, polygon_shape
from kirinuki.formats.trace import MIN_IOU, MIN_IOU_OF_FINDS, drawn_iou, mask_to_polygons
from kirinuki.instances import Instances

LABELME_VERSION = "5.5.0"
"""The version that written files name: read by LabelMe 5, 6 and 7."""


def instances_to_labelme(
    instances: Instances, image_path: str, *, as_masks: bool = False
) -> dict[str, Any]:
    """Predictions as a LabelMe file; see `labelme_record`."""
    found = labelled(instances, FileRef(Path(image_path)), image_path)
    return labelme_record(found, image_path, as_masks=as_masks)


def masks_to_labelme(
    characters: Iterable[tuple[str, NDArray[np.bool_]]], image_path: str, size_hw: tuple[int, int]
) -> dict[str, Any]:
    """Classes and masks (H, W) bool as the LabelMe file that somebody would draw; see
    `labelme_record`."""
    groups = [(name, "", _editable_shapes(mask, MIN_IOU)) for name, mask in characters]
    return _record(groups, image_path, size_hw)


def labelme_record(
    picture: LabelledPicture, image_path: str, *, as_masks: bool = False
) -> dict[str, Any]:
    """A labelled picture as a LabelMe file, parts of one character grouped.

    Predictions (with a score) become polygons with few points to edit by hand, or, where polygons
    cannot say a mask (`trace.mask_to_polygons`), a ``mask`` shape; score and kind stand in the
    description. Polygons that somebody drew stay as they are; a label that is an RLE becomes a
    ``mask`` shape, which keeps it exactly. Crowds are left out.

    Args:
        image_path: the picture as seen from the folder of the JSON file, with forward slashes.
        as_masks: shapes of the type ``mask`` alone, exact but not to be edited in LabelMe.
    """
    groups = []
    for instance in picture.characters:
        mask = instance.mask(picture.size_hw)
        if mask.any():
            shapes = [mask_shape(mask)] if as_masks else _shapes(instance, mask)
            groups.append((instance.name, _about(instance.score, instance.kind), shapes))
    record = _record(groups, image_path, picture.size_hw)
    if isinstance(picture.picture, EmbeddedRef):
        record["imageData"] = base64.b64encode(picture.picture.content()).decode("ascii")
    return record


def _about(score: float | None, kind: str | None) -> str:
    """Description of a character: "score 0.931, female", or what of it is known."""
    return ", ".join(filter(None, ("" if score is None else f"score {score:.3f}", kind)))


def _shapes(instance: LabelledInstance, mask: NDArray[np.bool_]) -> list[dict[str, Any]]:
    if instance.drawn:
        return _drawn_shapes(instance.drawn, mask)
    if instance.outlines:  # COCO counts from the corner of the first pixel, LabelMe from its middle
        return _drawn_shapes([outline - 0.5 for outline in instance.outlines], mask)
    if instance.score is None:
        return [mask_shape(mask)]
    return _editable_shapes(mask, MIN_IOU_OF_FINDS)


def _editable_shapes(mask: NDArray[np.bool_], least_iou: float) -> list[dict[str, Any]]:
    polygons = mask_to_polygons(mask, least_iou)
    if polygons is None:
        return [mask_shape(mask)]
    return [polygon_shape(polygon) for polygon in polygons]


def _drawn_shapes(
    drawn: Sequence[NDArray[np.float64]], mask: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    """The polygons as somebody drew them, if they are few and LabelMe draws the mask from them;
    else traced anew."""
    traced = mask_to_polygons(mask)
    sane = traced is None or sum(map(len, drawn)) <= 2 * sum(map(len, traced))
    if sane and drawn_iou(list(drawn), mask) >= MIN_IOU:
        return [polygon_shape(polygon) for polygon in drawn]
    if traced is None:
        return [mask_shape(mask)]
    return [polygon_shape(polygon) for polygon in traced]


def _record(
    groups: Iterable[tuple[str, str, list[dict[str, Any]]]],
    image_path: str,
    size_hw: tuple[int, int],
) -> dict[str, Any]:
    shapes = []
    for number, (name, about, parts) in enumerate(groups, 1):
        for part in parts:
            shape = {
                "label": name,
                "points": part["points"],
                "group_id": number if len(parts) > 1 else None,
                "description": about,
                "shape_type": part["shape_type"],
                "flags": {},
                "mask": part["mask"],
            }
            shapes.append(shape)
    return {
        "version": LABELME_VERSION,
        "flags": {},
        "shapes": shapes,
        "imagePath": image_path,
        "imageData": None,
        "imageHeight": size_hw[0],
        "imageWidth": size_hw[1],
    }


def write_labelme(record: Mapping[str, Any], path: str | Path, overwrite: bool = False) -> None:
    """Write a LabelMe file, whole or not at all.

    Raises:
        OutputError: the file exists and `overwrite` is False, or it cannot be written.
    """
    text = json.dumps(record, ensure_ascii=False, indent=2)
    write_text(Path(path), text + "\n", overwrite)
