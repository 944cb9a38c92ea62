"""The pictures and shapes of a data set as they are written, faults included, for `check`.

The strict readers (`coco.read_coco`, `labelme.read_labelme`) refuse a file at its first fault; here
a fault becomes a `Finding`, and the reading goes on.

Not covered: judging the shapes (`shape_faults`), opening the pictures (`check`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kirinuki.dataset.findings import Finding
from kirinuki.dataset.outlines import Points
from kirinuki.dataset.shape_faults import Shape
from kirinuki.errors import DatasetError, LabelError, PictureError
from kirinuki.formats.coco import Annotation, CocoDataset, CocoImage, read_coco
from kirinuki.formats.label_files import find_label_files, one_line, only_coco, read_json
from kirinuki.formats.labelled import picture_size
from kirinuki.formats.labelme import label_and_group, name_of_shape
from kirinuki.formats.labelme_picture import find_picture, stated_size
from kirinuki.formats.shapes import draw_shape, shape_points
from kirinuki.images.picture import PICTURE_SUFFIXES

Source: TypeAlias = "str | Path | CocoDataset"
"""A COCO file, a folder of LabelMe files, or a data set in memory."""


@dataclass(frozen=True)
class Entry:
    """One picture of a data set.

    Attributes:
        file: the label file, for messages.
        picture: the picture's name inside that file; None where the file has only one.
        path: where the picture should lie.
        size_hw: height and width that the labels state; None where they do not.
        shapes: the shapes that could be understood.
        refused: how many others there were, where the file says whose they are (LabelMe).
    """

    file: str
    picture: str | None
    path: Path
    size_hw: tuple[int, int] | None
    shapes: tuple[Shape, ...]
    refused: int = 0


def read_entries(source: Source, pictures: str | Path | None = None) -> Iterator[Entry | Finding]:
    """Entries of a data set one by one, with a finding for everything that cannot be read."""
    if isinstance(source, CocoDataset):
        yield from _coco_entries(source, str(source.path or "data set"))
    elif Path(source).is_dir():
        yield from _folder_entries(Path(source), pictures)
    else:
        yield from _coco_file(Path(source), pictures)


def _coco_file(path: Path, pictures: str | Path | None) -> Iterator[Entry | Finding]:
    bad: list[str] = []
    try:
        dataset = read_coco(path, pictures, on_bad=bad.append)
    except DatasetError as error:
        message = str(error).removeprefix(f"{path}").lstrip(":, ")
        yield Finding("unreadable-labels", "error", str(path), message)
        return
    for line in bad:
        where, _, message = line.removeprefix(f"{path}, ").partition(": ")
        yield Finding("broken-label", "error", str(path), message, None, where)
    yield from _coco_entries(dataset, str(path))


def _coco_entries(dataset: CocoDataset, file: str) -> Iterator[Entry | Finding]:
    names = {category.id: category.name for category in dataset.categories}
    labels = dataset.path.parent if dataset.path else dataset.pictures
    for image in dataset.images:
        shapes = []
        for annotation in dataset.annotations_of(image.id):
            where = f'annotation {annotation.id} ("{names[annotation.category_id]}")'
            if annotation.iscrowd:
                continue  # a region of many: not trained on, and allowed to overlap
            shapes.append(_coco_shape(annotation, image, names[annotation.category_id], where))
            alpha = annotation.alpha_file
            if alpha is not None and not (labels / alpha).is_file():
                message = f"its alpha file {alpha} is not there; compose or export it again"
                yield Finding("broken-label", "error", file, message, image.file_name, where)
        path = dataset.picture_path(image)
        size_hw = (image.height, image.width)
        yield Entry(file, image.file_name, path, size_hw, tuple(shapes))


def _coco_shape(annotation: Annotation, image: CocoImage, name: str, where: str) -> Shape:
    outlines: tuple[Points, ...] = ()
    if not isinstance(annotation.segmentation, dict):
        outlines = tuple(
            np.asarray(polygon, np.float64).reshape(-1, 2) for polygon in annotation.segmentation
        )
    return Shape(where, name, outlines, partial(annotation.mask, (image.height, image.width)))


def _folder_entries(folder: Path, pictures: str | Path | None) -> Iterator[Entry | Finding]:
    files = find_label_files(folder)
    try:
        coco = only_coco(folder, files)
    except DatasetError as error:
        message = str(error).removeprefix(f"{folder}: ")
        yield Finding("unreadable-labels", "error", str(folder), message)
        return
    if coco is not None:
        yield from _coco_file(coco, pictures)
    else:
        yield from _labelme_entries(folder, files)


def _labelme_entries(folder: Path, files: Sequence[Path]) -> Iterator[Entry | Finding]:
    labelled: set[str] = set()  # real paths; Path.resolve() may fail on a loop of links
    for path in files:
        for item in _labelme_file(path):
            if isinstance(item, Entry):
                labelled.add(os.path.realpath(item.path))
            yield item
    for path in sorted(folder.rglob("*")):
        is_picture = path.suffix.lower() in PICTURE_SUFFIXES and path.is_file()
        if is_picture and os.path.realpath(path) not in labelled:
            message = "has no label file; label it, or leave it out"
            yield Finding("unlabelled-picture", "warning", str(path), message)


def _labelme_file(path: Path) -> Iterator[Entry | Finding]:
    file = str(path)
    try:
        record = read_json(path)
    except LabelError as error:
        message = str(error).removeprefix(f"{path}: ")
        yield Finding("unreadable-labels", "error", file, message)
        return
    if isinstance(record, dict) and "images" in record and "shapes" not in record:
        return  # a COCO file that lies beside the LabelMe files, such as a split's train.json
    if not isinstance(record, dict) or not isinstance(record.get("shapes"), list):
        message = 'has no list "shapes"; not a LabelMe file'
        yield Finding("unreadable-labels", "error", file, message)
        return
    try:
        picture = find_picture(path, record)
    except LabelError as error:
        message = str(error).removeprefix(f"{path}: ")
        yield Finding("missing-picture", "error", file, message)
        return
    try:
        size_hw = stated_size(path, record) or _size_of(picture)
    except LabelError as error:
        message = str(error).removeprefix(f"{path}: ")
        yield Finding("unreadable-labels", "error", file, message)
        return
    shapes: list[Shape] = []
    for number, raw in enumerate(record["shapes"], 1):
        where = name_of_shape(raw, number)
        try:
            shapes.append(_labelme_shape(raw, where, size_hw))
        except LabelError as error:
            yield Finding("broken-label", "error", file, one_line(str(error)), None, where)
    refused = len(record["shapes"]) - len(shapes)
    yield Entry(file, None, picture, size_hw, tuple(shapes), refused)


def _size_of(picture: Path) -> tuple[int, int] | None:
    try:
        return picture_size(picture)
    except PictureError:  # reported where the pictures are opened
        return None


def _labelme_shape(raw: Any, where: str, size_hw: tuple[int, int] | None) -> Shape:
    label, _ = label_and_group(raw)
    if size_hw is None:
        raise LabelError("the size of its picture is unknown; save the file again with LabelMe")
    draw = partial(draw_shape, raw, size_hw)
    outline = _outline(raw)
    if outline is not None:
        return Shape(where, label, (outline,), draw)
    mask: NDArray[np.bool_] = draw()
    return Shape(where, label, (), lambda: mask)


def _outline(raw: Mapping[str, Any]) -> Points | None:
    """The corners of a polygon or rectangle; None for what has none, or a wrong number of them."""
    kind = raw.get("shape_type") or "polygon"
    corners = {"polygon": None, "rectangle": 4, "oriented_rectangle": 4, "rotation": 4}
    if not isinstance(kind, str) or kind not in corners:
        return None
    points = np.array(shape_points(raw), np.float64).reshape(-1, 2)
    if kind == "rectangle" and len(points) == 2:
        (x1, y1), (x2, y2) = points
        return np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)])
    return points if corners[kind] in (None, len(points)) else None
