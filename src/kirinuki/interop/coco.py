"""The characters of one picture as a COCO dictionary: ``images``, ``categories``, ``annotations``.

Not covered: COCO files, and data sets of many pictures (`formats`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import LabelError
from kirinuki.geometry import mask_to_box, mask_to_rle, polygons_to_mask, rle_to_mask
from kirinuki.instances import KINDS, Instances, expect_instances
from kirinuki.interop.masks import instances_of_masks


def to_coco(
    instances: Instances, *, image_id: int = 1, file_name: str | None = None
) -> dict[str, list[dict[str, Any]]]:
    """A dictionary that `json` can write and pycocotools reads. Masks are hard, as RLE.

    Args:
        image_id: id of the picture.
        file_name: its name; None: that of the file in which they were found, if it is known.

    Returns:
        ``images``: one, with id, file_name, width and height. ``categories``: all names, with ids
        from 1. ``annotations``: one a character, with id, image_id, category_id, bbox (x, y, width,
        height, around the hard mask), area, segmentation, iscrowd 0, score; and track_id and kind
        where there are any.
    """
    expect_instances(instances)
    height, width = instances.size_hw
    path = None if instances.picture is None else instances.picture.path
    if file_name is None:
        file_name = "" if path is None else path.name
    return {
        "images": [{"id": image_id, "file_name": file_name, "width": width, "height": height}],
        "categories": [{"id": i, "name": name} for i, name in enumerate(instances.names, 1)],
        "annotations": [
            {"id": i + 1, "image_id": image_id, **_annotation(instances, i)}
            for i in range(len(instances))
        ],
    }


def _annotation(instances: Instances, index: int) -> dict[str, Any]:
    one, mask = instances[index], instances.mask(index)
    x1, y1, x2, y2 = mask_to_box(mask) or one.window
    return {
        "category_id": int(instances.labels[index]) + 1,
        "bbox": [x1, y1, x2 - x1, y2 - y1],
        "area": int(mask.sum()),
        "segmentation": mask_to_rle(mask),
        "iscrowd": 0,
        "score": round(one.score, 6),
        **({} if one.track_id is None else {"track_id": one.track_id}),
        **({} if instances.kind_scores is None else {"kind": one.kind}),
    }


def from_coco(dataset: Mapping[str, Any], *, image_id: int | None = None) -> Instances:
    """The characters of one picture; regions of many (``iscrowd``) are left out.

    Args:
        dataset: as `to_coco` gives, or the content of a COCO file.
        image_id: of which picture; None: of the only one.

    Raises:
        LabelError: there is not one such picture, or an annotation is wrong; names it.
    """
    image = _image(dataset, image_id)
    size_hw = int(image["height"]), int(image["width"])
    categories = sorted(dataset.get("categories", ()), key=lambda category: category["id"])
    label_of = {category["id"]: label for label, category in enumerate(categories)}
    found = [
        (where, one)
        for where, one in enumerate(dataset.get("annotations", ()))
        if one.get("image_id") == image["id"] and not one.get("iscrowd", 0)
    ]
    masks = [_mask(where, one, size_hw) for where, one in found]
    labels = [_label(where, one, label_of) for where, one in found]
    people = [one for _, one in found]
    boxes = np.array([one.get("bbox", (0, 0, 0, 0)) for one in people], np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]  # x, y, width, height → xyxy
    instances = instances_of_masks(
        np.stack(masks) if masks else np.zeros((0, *size_hw), np.bool_),
        boxes=boxes,
        labels=labels,
        names=[str(category["name"]) for category in categories],
        scores=[_score(where, one) for where, one in found],
        track_ids=_track_ids(people),
    )
    return replace(instances, kind_scores=_kind_scores(people))


def _image(dataset: Mapping[str, Any], image_id: int | None) -> Mapping[str, Any]:
    images = dataset.get("images", ())
    wanted = [image for image in images if image_id is None or image["id"] == image_id]
    if len(wanted) == 1:
        image: Mapping[str, Any] = wanted[0]
        return image
    if image_id is None:
        which = "; say which with `image_id`" if images else ""
        raise LabelError(f"images: got {len(images)}, expected 1{which}")
    raise LabelError(f"images: {len(wanted)} have the `image_id` {image_id}, expected 1")


def _label(where: int, annotation: Mapping[str, Any], label_of: Mapping[int, int]) -> int:
    number: Any = annotation.get("category_id")
    if number not in label_of:
        raise LabelError(
            f"annotations[{where}]: category_id is {number}, expected one of "
            f"{', '.join(map(str, label_of))}"
        )
    return label_of[number]


def _score(where: int, annotation: Mapping[str, Any]) -> float:
    score: Any = annotation.get("score", 1)
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise LabelError(f"annotations[{where}]: score is {score!r}, expected 0 to 1")
    return float(score)


def _mask(where: int, annotation: Mapping[str, Any], size_hw: tuple[int, int]) -> NDArray[np.bool_]:
    shape = annotation.get("segmentation")
    try:
        if isinstance(shape, Mapping):
            if tuple(shape["size"]) != size_hw:
                raise ValueError(f"RLE is of {tuple(shape['size'])}, the picture {size_hw}")
            return rle_to_mask(size_hw, shape["counts"])
        if isinstance(shape, list):
            return polygons_to_mask(shape, size_hw)
    except (KeyError, TypeError, ValueError) as error:
        raise LabelError(f"annotations[{where}]: segmentation: {error}") from None
    raise LabelError(f"annotations[{where}]: segmentation: expected polygons or RLE, got {shape!r}")


def _track_ids(people: list[Mapping[str, Any]]) -> list[int] | None:
    ids = [one.get("track_id") for one in people]
    return None if not ids or None in ids else [int(i) for i in ids if i is not None]


def _kind_scores(people: list[Mapping[str, Any]]) -> NDArray[np.float32] | None:
    """1 for the kind that is said, ½ each where none is; None where nobody's is."""
    if not any("kind" in one for one in people):
        return None
    rows = np.full((len(people), len(KINDS)), 0.5, np.float32)
    for row, one in zip(rows, people, strict=True):
        if one.get("kind") in KINDS:
            row[:] = 0
            row[KINDS.index(one["kind"])] = 1
    return rows
