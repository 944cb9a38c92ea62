"""YOLO segmentation data sets: ``images/``, ``labels/*.txt`` and ``data.yaml``, in and out.

One line is one character: ``class x1 y1 x2 y2 ...``, divided by the picture's width and height, in
predictions with the confidence at its end. Parts and holes of a character are joined into one
outline by bridges of no width, there and back, as Ultralytics' own converter joins parts;
rasterised, a bridge leaves no trace, and reading takes parts and holes apart again.

Not covered: detection files (boxes), oriented boxes, key points; ``data.yaml`` lists of pictures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import KirinukiError, LabelError, PictureError, one_line
from kirinuki.formats.label_format import Candidate, Feature, Reading, Written
from kirinuki.formats.labelled import Fault, LabelledInstance, LabelledPicture, picture_size
from kirinuki.formats.picture_ref import FileRef
from kirinuki.formats.places import refuse_existing, unique_places, write_text
from kirinuki.formats.trace import segmentation_of, trace_bridged
from kirinuki.geometry import polygons_to_mask
from kirinuki.images.picture import PICTURE_SUFFIXES
from kirinuki.outside_text import read_text, read_yaml
from kirinuki.work.source import relative_to_folder

YAML_NAMES = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
_DIGITS = 9
"""Decimals of a coordinate: a hundred-thousandth of a pixel in a picture of 10,000."""


class Yolo:
    """`LabelFormat` of YOLO segmentation."""

    name = "yolo"
    title = "YOLO"
    keeps: frozenset[Feature] = frozenset()
    target = ""
    video = False

    def sniff(self, candidate: Candidate) -> Candidate | None:
        found = find_yaml(candidate.path)
        return None if found is None else Candidate(found)

    def read(self, candidate: Candidate, pictures: Path | None) -> Reading:
        path = candidate.path
        names = read_names(path)
        pairs = find_pairs(path.parent, pictures)
        if not pairs:
            raise LabelError(f"{path.parent}: has neither labels/ nor images/ beside {path.name}")

        def items() -> Iterator[LabelledPicture | Fault]:
            for label, picture in pairs:
                yield _read_pair(label, picture, names, path.parent)

        return Reading(self.name, path, items, names)

    def names_in(self, target: Path) -> tuple[str, ...]:
        found = find_yaml(target)
        return () if found is None else read_names(found)

    def write(
        self,
        pictures: Iterable[LabelledPicture],
        names: Sequence[str],
        target: Path,
        replace: bool,
    ) -> Iterator[Written]:
        folder = target.parent if target.suffix.lower() in (".yaml", ".yml") else target
        refuse_existing([folder / "data.yaml"], replace)  # before a model looks at the pictures
        pictures = list(pictures)
        places = unique_places([picture.path for picture in pictures])
        labels = [folder / "labels" / place.with_suffix(".txt") for place in places]
        copies = [folder / "images" / place for place in places]
        refuse_existing([folder / "data.yaml", *labels, *copies], replace)
        indices = {name: index for index, name in enumerate(names)}
        good = 0
        for picture, label, copy in zip(pictures, labels, copies, strict=True):
            try:
                picture.picture.copy_to(copy, replace)
                write_text(label, yolo_lines(picture, indices), replace)
            except KirinukiError as error:
                yield Written(f"{picture.path}: {str(error).removeprefix(f'{picture.path}: ')}")
            else:
                good += 1
                yield Written()
        if good:  # last: a set without a picture is none
            write_yaml(folder / "data.yaml", names, replace)


def find_yaml(source: Path) -> Path | None:
    """The ``data.yaml`` of a YOLO data set: the file itself, or the one in the folder."""
    if source.suffix.lower() in (".yaml", ".yml") and not source.is_dir():
        return source if source.exists() else None
    return next((source / name for name in YAML_NAMES if (source / name).is_file()), None)


def read_names(path: Path) -> tuple[str, ...]:
    """Class names of a ``data.yaml``, in the order of their numbers.

    Raises:
        LabelError: it cannot be read, or its names are not a list or 0, 1, 2, ...
    """
    content = read_yaml(path)
    names = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, dict) and sorted(names, key=str) == sorted(range(len(names)), key=str):
        names = [names[number] for number in range(len(names))]
    simple = isinstance(names, list) and all(isinstance(n, (str, int, float)) for n in names)
    if not isinstance(names, list) or not simple:
        shown = one_line(repr(names))[:80]
        raise LabelError(f"{path}: names is {shown}; expected a list, or 0: ..., 1: ...")
    return tuple(str(name) for name in names)


def find_pairs(folder: Path, pictures: Path | None = None) -> list[tuple[Path, Path | None]]:
    """(label file, picture) of a YOLO data set, sorted; the picture is None where it is missing.

    A picture without a label file is one without characters, as YOLO has it.

    Args:
        pictures: the folder that stands for ``images/``, where that is another.
    """
    found: dict[Path, Path] = {}
    for path in sorted((pictures or folder).rglob("*")):
        if path.suffix.lower() not in PICTURE_SUFFIXES or not path.is_file():
            continue
        if pictures is not None:
            inside = path.relative_to(pictures).with_suffix(".txt")
            found.setdefault(folder / "labels" / inside, path)
        elif "images" in path.relative_to(folder).parts[:-1]:
            found.setdefault(_label_path(path, folder), path)
    labels = {
        path
        for path in folder.rglob("*.txt")
        if "labels" in path.relative_to(folder).parts and path.name != "classes.txt"  # LabelImg's
    }
    return [(label, found.get(label)) for label in sorted(labels | set(found))]


def _label_path(picture: Path, folder: Path) -> Path:
    """Ultralytics' rule: the last folder called images becomes labels."""
    parts = list(picture.relative_to(folder).with_suffix(".txt").parts)
    last = len(parts) - 1 - parts[::-1].index("images")
    return folder.joinpath(*parts[:last], "labels", *parts[last + 1 :])


def _read_pair(
    label: Path, picture: Path | None, names: Sequence[str], folder: Path
) -> LabelledPicture | Fault:
    """One label file; one that does not exist holds no characters."""
    if picture is None:
        return Fault("missing-picture", str(label), "its picture is not in images/; put it there")
    try:
        size_hw = picture_size(picture)
        text = read_text(label) if label.exists() else ""
    except PictureError as error:
        return Fault("unreadable-picture", str(label), f"its picture {error}")
    except LabelError as error:
        return Fault("unreadable-labels", str(label), str(error).removeprefix(f"{label}: "))
    found: list[LabelledInstance] = []
    refused: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                found.append(_read_line(line, number, names, size_hw))
            except LabelError as error:
                refused.append((f"line {number}", str(error)))
    name = relative_to_folder(picture, folder)
    labelled = LabelledPicture(FileRef(picture), size_hw, tuple(found), name, str(label), True)
    return labelled.without(refused)


def _read_line(
    line: str, number: int, names: Sequence[str], size_hw: tuple[int, int]
) -> LabelledInstance:
    try:
        values = [float(word) for word in line.split()]
    except ValueError:
        raise LabelError("holds something else than numbers") from None
    if len(values) in (5, 6):
        raise LabelError("is a box (4 numbers); expected a polygon: class x1 y1 x2 y2 x3 y3 ...")
    if len(values) < 7:
        raise LabelError(
            f"has {len(values)} numbers; expected the class and at least 3 points: "
            "class x1 y1 x2 y2 x3 y3 ..."
        )
    score = values.pop() if len(values) % 2 == 0 else None
    if score is not None and not 0 <= score <= 1:
        raise LabelError(f"has a number too many, or a confidence of {score:g}; expected 0 to 1")
    if values[0] not in range(len(names)):
        raise LabelError(f"class {values[0]:g} is not among the {len(names)} names in data.yaml")
    points = np.array(values[1:]).reshape(-1, 2)
    if not ((points >= -0.01) & (points <= 1.01)).all():
        raise LabelError("has a point outside 0…1; divide by the picture's width and height")
    name = names[int(values[0])]
    return _instance(points, size_hw, name, f'line {number} ("{one_line(name)}")', score)


def _instance(
    points: NDArray[np.float64],
    size_hw: tuple[int, int],
    name: str,
    where: str,
    score: float | None,
) -> LabelledInstance:
    points = points[(points != np.roll(points, -1, axis=0)).any(axis=1)]  # also a closing point
    polygon = (points * (size_hw[1], size_hw[0])).round(4)
    mask = polygons_to_mask([polygon], size_hw)
    bridged = len(np.unique(points, axis=0)) < len(points)
    segmentation = segmentation_of(mask) if bridged else [polygon.ravel().tolist()]
    return LabelledInstance.from_mask(mask, name, segmentation, where=where, score=score)


def yolo_lines(picture: LabelledPicture, indices: dict[str, int]) -> str:
    """A label file: a line for each character that has a pixel. Without confidences, for training
    refuses them."""
    lines = []
    for instance in picture.characters:
        outline = _outline(instance, picture.size_hw)
        if outline is not None:
            values = (outline / picture.size_hw[::-1]).ravel().tolist()
            numbers = (f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".") for value in values)
            lines.append(" ".join((str(indices[instance.name]), *numbers)) + "\n")
    return "".join(lines)


def _outline(instance: LabelledInstance, size_hw: tuple[int, int]) -> NDArray[np.float64] | None:
    """The polygon (N, 2) as it is, where it is one and inside the picture, or else traced."""
    if not isinstance(instance.segmentation, dict) and len(instance.segmentation) == 1:
        polygon = np.asarray(instance.segmentation[0], np.float64).reshape(-1, 2)
        if ((polygon >= 0) & (polygon <= size_hw[::-1])).all():
            return polygon
    return trace_bridged(instance.mask(size_hw))


def write_yaml(path: Path, names: Sequence[str], replace: bool = False) -> None:
    """Write ``data.yaml`` for pictures in ``images/`` beside it."""
    lines = ["# Divide the pictures before training: both lists name all of them.", "train: images"]
    lines += ["val: images", "names:" if names else "names: []"]
    # A JSON text is a YAML text, whatever the name holds.
    lines += [f"  {i}: {json.dumps(name, ensure_ascii=False)}" for i, name in enumerate(names)]
    write_text(path, "\n".join(lines) + "\n", replace)
