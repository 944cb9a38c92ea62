"""LabelMe files, versions 3 to 7: read the characters in them, and write predictions as such files.

Shapes with one label and one ``group_id`` are parts of one character. Points are in the upright
picture, as LabelMe shows it. Later shapes do not erase earlier ones.

Not covered: ``flags`` and descriptions, which carry no character; what single shapes draw
(`shapes`); where the picture is (`labelme_picture`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import LabelError
from kirinuki.formats.coco import Annotation, CocoImage, annotation_from_mask
from kirinuki.formats.label_files import json_kind, one_line, read_json
from kirinuki.formats.labelled import LabelledPicture, LabelRules
from kirinuki.formats.labelme_picture import find_picture, is_text, labelled_size
from kirinuki.formats.shapes import draw_shape, mask_shape, polygon_shape
from kirinuki.formats.trace import (
    MIN_IOU,
    MIN_IOU_OF_FINDS,
    drawn_iou,
    mask_to_polygons,
    segmentation_of,
)
from kirinuki.images.picture import write_atomically
from kirinuki.instances import Instances

LABELME_VERSION = "5.5.0"
"""The version that written files name: read by LabelMe 5, 6 and 7."""


def read_labelme(path: Path, rules: LabelRules) -> LabelledPicture:
    """Read one LabelMe file.

    Raises:
        LabelError: one line with the file, and the number (from 1) and label of the shape.
    """
    record = _load(path)
    picture = find_picture(path, record)
    size_hw = labelled_size(path, record, picture)
    shapes = record["shapes"]
    if not isinstance(shapes, list):
        raise LabelError(f'{path}: "shapes" is not a list; not a LabelMe file')
    found: dict[tuple[object, ...], Annotation | NDArray[np.bool_]] = {}
    skipped: list[str] = []
    for number, shape in enumerate(shapes, 1):
        try:
            key, mask = _character_part(shape, number, size_hw, rules)
        except LabelError as error:
            line = f"{path}, {name_of_shape(shape, number)}: {one_line(str(error))}"
            if not rules.skip_bad_shapes:
                raise LabelError(line) from None
            skipped.append(line)
            continue
        found[key] = _joined(found.get(key), mask) if key[1] != "shape" else _annotation(mask)
    characters = tuple(
        (str(key[0]), part if isinstance(part, Annotation) else _annotation(part))
        for key, part in found.items()
    )
    return LabelledPicture(path, picture, *size_hw, characters, tuple(skipped))


def labelme_or_none(path: Path, rules: LabelRules) -> LabelledPicture | None:
    """As `read_labelme`; None for a COCO file, which among LabelMe files is most likely what an
    earlier conversion or split wrote."""
    try:
        return read_labelme(path, rules)
    except LabelError:
        if json_kind(path) == "coco":
            return None
        raise


def _joined(
    parts: Annotation | NDArray[np.bool_] | None, mask: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whole pictures are kept only of characters that may have more parts: a photo with fifty
    characters would fill a gigabyte."""
    return parts | mask if isinstance(parts, np.ndarray) else mask


def _load(path: Path) -> dict[str, Any]:
    record = read_json(path)
    if not isinstance(record, dict) or "shapes" not in record:
        raise LabelError(f'{path}: has no "shapes"; not a LabelMe file')
    return record


def name_of_shape(shape: object, number: int) -> str:
    """Such as ``shape 2 ("hair")``, on one line."""
    label = one_line(str(shape.get("label") or "")) if isinstance(shape, dict) else ""
    return f'shape {number} ("{label}")' if label else f"shape {number}"


def label_and_group(shape: object) -> tuple[str, Any]:
    """The label of a shape, and its group id: a number, a text, or None.

    Raises:
        LabelError: it has no label, or something else for a group.
    """
    if not isinstance(shape, dict):
        raise LabelError(f"is {type(shape).__name__}; expected an object")
    label = shape.get("label")
    if not isinstance(label, str) or not label.strip() or not is_text(label):
        raise LabelError(f"label is {label!r}; give it the name of a class")
    group = shape.get("group_id")
    if isinstance(group, (dict, list)):
        raise LabelError(f"group_id is {group!r}; expected a number")
    return label.strip(), group


def _character_part(
    shape: Any, number: int, size_hw: tuple[int, int], rules: LabelRules
) -> tuple[tuple[object, ...], NDArray[np.bool_]]:
    """Which character a shape belongs to, as a key that starts with its class, and its mask."""
    label, group = label_and_group(shape)
    name, suffix = rules.class_of(label)
    mask = draw_shape(shape, size_hw)
    if suffix is not None:
        return (name, "number", int(suffix)), mask
    if group is not None:
        return (name, "group", group), mask
    return (name, "shape", number), mask


def _annotation(mask: NDArray[np.bool_]) -> Annotation:
    return annotation_from_mask(
        mask, id=0, image_id=0, category_id=0, segmentation=segmentation_of(mask)
    )


def instances_to_labelme(
    instances: Instances, image_path: str, *, as_masks: bool = False
) -> dict[str, Any]:
    """Predictions as a LabelMe file: polygons to edit by hand, parts of one character grouped.

    A mask that polygons cannot say (`trace.mask_to_polygons`) becomes a ``mask`` shape. Characters
    whose hard mask is empty are left out. The score stands in the description, and the kind where
    the model says one.

    Args:
        image_path: the picture as seen from the folder of the JSON file, with forward slashes.
        as_masks: shapes of the type ``mask`` instead, exact but not to be edited in LabelMe.
    """
    groups = []
    for i in range(len(instances)):
        mask = instances.mask(i)
        if mask.any():
            said = None if instances.kind_scores is None else instances.kinds[i]
            about = _about(float(instances.scores[i]), said)
            shapes = [mask_shape(mask)] if as_masks else _editable_shapes(mask, MIN_IOU_OF_FINDS)
            groups.append((instances[i].name, about, shapes))
    return _record(groups, image_path, instances.size_hw)


def masks_to_labelme(
    characters: Iterable[tuple[str, NDArray[np.bool_]]], image_path: str, size_hw: tuple[int, int]
) -> dict[str, Any]:
    """Classes and masks (H, W) bool as the LabelMe file that somebody would draw; see
    `instances_to_labelme`."""
    groups = [(name, "", _editable_shapes(mask, MIN_IOU)) for name, mask in characters]
    return _record(groups, image_path, size_hw)


def annotations_to_labelme(
    image: CocoImage, characters: Iterable[tuple[str, Annotation]], image_path: str
) -> dict[str, Any]:
    """COCO annotations of one picture as a LabelMe file; see `instances_to_labelme`.

    A label (no score) that is an RLE becomes a ``mask`` shape, which keeps it exactly.
    """
    size_hw = (image.height, image.width)
    groups = []
    for name, annotation in characters:
        mask = annotation.mask(size_hw)
        if not mask.any():
            continue
        if not isinstance(annotation.segmentation, dict):
            shapes = _polygon_shapes(annotation.segmentation, mask)
        elif annotation.score is None:
            shapes = [mask_shape(mask)]
        else:
            shapes = _editable_shapes(mask, MIN_IOU_OF_FINDS)
        groups.append((name, _about(annotation.score, annotation.kind), shapes))
    return _record(groups, image_path, size_hw)


def _about(score: float | None, kind: str | None) -> str:
    """Description of a character: "score 0.931, female", or what of it is known."""
    return ", ".join(filter(None, ("" if score is None else f"score {score:.3f}", kind)))


def _editable_shapes(mask: NDArray[np.bool_], least_iou: float) -> list[dict[str, Any]]:
    polygons = mask_to_polygons(mask, least_iou)
    if polygons is None:
        return [mask_shape(mask)]
    return [polygon_shape(polygon) for polygon in polygons]


def _polygon_shapes(
    polygons: Sequence[Sequence[float]], mask: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    """The polygons as somebody drew them, if they are few and LabelMe draws the mask from them;
    else traced anew."""
    # COCO counts from the corner of the first pixel, LabelMe from its middle.
    drawn = [np.asarray(polygon, np.float64).reshape(-1, 2) - 0.5 for polygon in polygons]
    traced = mask_to_polygons(mask)
    sane = traced is None or sum(map(len, drawn)) <= 2 * sum(map(len, traced))
    if sane and drawn_iou(drawn, mask) >= MIN_IOU:
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
    with write_atomically(path, overwrite) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")
