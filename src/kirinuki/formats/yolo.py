"""YOLO segmentation data sets: ``images/``, ``labels/*.txt`` and ``data.yaml``, in and out.

One line is one character: ``class x1 y1 x2 y2 ...``, divided by the picture's width and height.
The parts of a character are joined into one outline by bridges of no width, there and back, as
Ultralytics' own converter does; rasterised, a bridge leaves no trace, and reading takes the parts
apart again. A line cannot say a hole: holes are filled, and counted.

Not covered: detection files (boxes), oriented boxes, key points; ``data.yaml`` lists of pictures.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml  # type: ignore[import-untyped]
from numpy.typing import NDArray

from kirinuki.errors import DatasetError, LabelError, PictureError
from kirinuki.formats.coco import Annotation, annotation_from_mask
from kirinuki.formats.labelled import LabelledPicture, LabelRules, picture_size
from kirinuki.formats.trace import join_parts, segmentation_of, trace_mask
from kirinuki.geometry import polygons_to_mask
from kirinuki.images.picture import PICTURE_SUFFIXES, write_atomically

YAML_NAMES = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
_DIGITS = 9
"""Decimals of a coordinate: a hundred-thousandth of a pixel in a picture of 10,000."""


def find_yaml(source: Path) -> Path | None:
    """The ``data.yaml`` of a YOLO data set: the file itself, or the one in the folder."""
    if source.is_file():
        return source if source.suffix.lower() in (".yaml", ".yml") else None
    return next((source / name for name in YAML_NAMES if (source / name).is_file()), None)


def read_names(path: Path) -> tuple[str, ...]:
    """Class names of a ``data.yaml``, in the order of their numbers.

    Raises:
        DatasetError: it cannot be read, or its names are not a list or 0, 1, 2, ...
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: is not valid YAML: {' '.join(str(error).split())}") from None
    names = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, dict) and sorted(names, key=str) == sorted(range(len(names)), key=str):
        names = [names[number] for number in range(len(names))]
    if not isinstance(names, list) or not names:
        raise DatasetError(f"{path}: names is {names!r}; expected a list, or 0: ..., 1: ...")
    return tuple(str(name) for name in names)


def find_pairs(folder: Path) -> list[tuple[Path, Path | None]]:
    """(label file, picture) of a YOLO data set, sorted; the picture is None where it is missing.

    A picture without a label file is one without characters, as YOLO has it.
    """
    pictures: dict[Path, Path] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if path.suffix.lower() in PICTURE_SUFFIXES and "images" in inside[:-1] and path.is_file():
            pictures.setdefault(_label_path(path, folder), path)
    labels = {
        path
        for path in folder.rglob("*.txt")
        if "labels" in path.relative_to(folder).parts and path.name != "classes.txt"  # LabelImg's
    }
    return [(label, pictures.get(label)) for label in sorted(labels | set(pictures))]


def _label_path(picture: Path, folder: Path) -> Path:
    """Ultralytics' rule: the last folder called images becomes labels."""
    parts = list(picture.relative_to(folder).with_suffix(".txt").parts)
    last = len(parts) - 1 - parts[::-1].index("images")
    return folder.joinpath(*parts[:last], "labels", *parts[last + 1 :])


def read_yolo(
    label: Path, picture: Path | None, names: Sequence[str], rules: LabelRules
) -> LabelledPicture:
    """Read one label file; one that does not exist holds no characters.

    Raises:
        LabelError: one line with the file and the number of the line.
    """
    if picture is None:
        raise LabelError(f"{label}: its picture is not in images/; put it there")
    try:
        size_hw = picture_size(picture)
        lines = label.read_text(encoding="utf-8-sig").splitlines() if label.exists() else []
    except PictureError as error:
        raise LabelError(f"{label}: its picture {error}") from None
    except (OSError, UnicodeDecodeError):
        raise LabelError(f"{label}: cannot be read as text") from None
    characters: list[tuple[str, Annotation]] = []
    skipped: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            index, polygon = _parse_line(line, names)
            name, _ = rules.class_of(names[index])
            characters.append((name, _annotation(polygon, size_hw)))
        except LabelError as error:
            text = f"{label}, line {number}: {error}"
            if not rules.skip_bad_shapes:
                raise LabelError(text) from None
            skipped.append(text)
    return LabelledPicture(label, picture, *size_hw, tuple(characters), tuple(skipped))


def _parse_line(line: str, names: Sequence[str]) -> tuple[int, NDArray[np.float64]]:
    """Class number and points (N, 2), divided by the picture's size."""
    try:
        values = [float(word) for word in line.split()]
    except ValueError:
        raise LabelError("holds something else than numbers") from None
    if len(values) == 5:
        raise LabelError("is a box (5 numbers); expected a polygon: class x1 y1 x2 y2 x3 y3 ...")
    if len(values) < 7 or len(values) % 2 == 0:
        raise LabelError(
            f"has {len(values)} numbers; expected the class and at least 3 points: "
            "class x1 y1 x2 y2 x3 y3 ..."
        )
    if values[0] not in range(len(names)):
        raise LabelError(f"class {values[0]:g} is not among the {len(names)} names in data.yaml")
    points = np.array(values[1:]).reshape(-1, 2)
    if not ((points >= -0.01) & (points <= 1.01)).all():
        raise LabelError("has a point outside 0…1; divide by the picture's width and height")
    return int(values[0]), points


def _annotation(points: NDArray[np.float64], size_hw: tuple[int, int]) -> Annotation:
    points = points[(points != np.roll(points, -1, axis=0)).any(axis=1)]  # also a closing point
    polygon = (points * (size_hw[1], size_hw[0])).round(4)
    mask = polygons_to_mask([polygon], size_hw)
    if not mask.any():
        raise LabelError("covers no pixel; delete it or draw it larger")
    bridged = len(np.unique(points, axis=0)) < len(points)
    return annotation_from_mask(
        mask,
        id=0,
        image_id=0,
        category_id=0,
        segmentation=segmentation_of(mask) if bridged else [polygon.ravel().tolist()],
    )


def yolo_line(
    annotation: Annotation, class_index: int, size_hw: tuple[int, int]
) -> tuple[str, int] | None:
    """Line of one character and the number of holes that had to be filled; None if it is empty."""
    height, width = size_hw
    holes = 0
    segmentation = annotation.segmentation
    outline = None
    if not isinstance(segmentation, dict) and len(segmentation) == 1:
        polygon = np.asarray(segmentation[0], np.float64).reshape(-1, 2)
        if ((polygon >= 0) & (polygon <= (width, height))).all():
            outline = polygon
    if outline is None:
        mask = annotation.mask(size_hw)
        parts = trace_mask(mask)
        if parts is None:
            mask, holes = _fill_holes(mask)
            parts = trace_mask(mask)
        if not parts:
            return None
        outline = join_parts([part.astype(np.float64) for part in parts])
    values = (outline / (width, height)).ravel().tolist()
    numbers = (f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".") for value in values)
    return " ".join((str(class_index), *numbers)), holes


def _fill_holes(mask: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], int]:
    """The mask (H, W) without holes, and how many it had."""
    import cv2  # here, because the help of every command that knows labels would load it

    outside = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    count, regions = cv2.connectedComponents(outside, connectivity=8)
    reached = regions == regions[0, 0]
    return ~reached[1:-1, 1:-1], count - 2  # less the set pixels and the outside


def write_yaml(path: Path, names: Sequence[str], overwrite: bool = False) -> None:
    """Write ``data.yaml`` for pictures in ``images/`` beside it."""
    lines = ["# Divide the pictures before training: both lists name all of them.", "train: images"]
    lines += ["val: images", "names:"]
    # A JSON text is a YAML text, whatever the name holds.
    lines += [f"  {i}: {json.dumps(name, ensure_ascii=False)}" for i, name in enumerate(names)]
    write_text(path, "\n".join(lines) + "\n", overwrite)


def write_text(path: Path, text: str, overwrite: bool = False) -> None:
    """Write a text file, whole or not at all."""
    with write_atomically(path, overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
