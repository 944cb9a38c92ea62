"""LabelMe files, versions 3 to 7, in and out: one JSON file a picture.

Shapes with one label and one ``group_id`` are parts of one character. Points are in the upright
picture, as LabelMe shows it. Later shapes do not erase earlier ones.

Not covered: ``flags`` and descriptions, which carry no character; what single shapes draw
(`shapes`); how masks become shapes (`labelme_record`).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import KirinukiError, LabelError, PictureError, one_line
from kirinuki.formats.find_picture import PictureFinder, is_file_name
from kirinuki.formats.label_format import Candidate, Feature, Reading, Written
from kirinuki.formats.labelled import (
    Fault,
    LabelledInstance,
    LabelledPicture,
    picture_size,
    upright_size,
)
from kirinuki.formats.labelme_record import labelme_record, write_labelme
from kirinuki.formats.picture_ref import EmbeddedRef, FileRef, PictureRef
from kirinuki.formats.places import refuse_existing, unique_places
from kirinuki.formats.shapes import draw_shape, shape_outline
from kirinuki.formats.trace import segmentation_of
from kirinuki.images.picture import MAX_PIXELS, PICTURE_SUFFIXES, opened
from kirinuki.outside_text import is_text
from kirinuki.work.source import relative_to_folder


class LabelMe:
    """`LabelFormat` of LabelMe."""

    name = "labelme"
    title = "LabelMe"
    keeps: frozenset[Feature] = frozenset({"embedded pictures"})
    target = ""
    video = False

    def sniff(self, candidate: Candidate) -> Candidate | None:
        return candidate if candidate.json_files or candidate.has("shapes") else None

    def read(self, candidate: Candidate, pictures: Path | None) -> Reading:
        folder = candidate.path if candidate.is_folder else candidate.path.parent
        files = [Candidate(path) for path in candidate.json_files] or [candidate]

        def items() -> Iterator[LabelledPicture | Fault]:
            finders: dict[Path, PictureFinder] = {}
            for file in files:
                if file.path.parent not in finders:
                    finders[file.path.parent] = PictureFinder(file.path.parent, pictures)
                # What lies beside LabelMe files is most likely what a conversion or split wrote.
                if not (candidate.is_folder and file.coco is not None):
                    yield _picture(file, folder, finders[file.path.parent])
                vars(file).pop("content", None)  # embedded pictures of a folder fill the memory

        return Reading(self.name, candidate.path, items)

    def names_in(self, target: Path) -> tuple[str, ...]:
        return ()

    def write(
        self,
        pictures: Iterable[LabelledPicture],
        names: Sequence[str],
        target: Path,
        replace: bool,
    ) -> Iterator[Written]:
        pictures = list(pictures)
        places = unique_places([picture.path for picture in pictures])
        targets = [target / place.with_suffix(".json") for place in places]
        refuse_existing(targets, replace)
        for picture, path in zip(pictures, targets, strict=True):
            try:
                image_path = relative_to_folder(picture.path, path.parent)
                write_labelme(labelme_record(picture, image_path), path, replace)
            except KirinukiError as error:
                yield Written(f"{picture.path}: {error}")
            else:
                yield Written()


def _picture(file: Candidate, folder: Path, finder: PictureFinder) -> LabelledPicture | Fault:
    path, record = file.path, file.content

    def fault(message: str, kind: str = "unreadable-labels") -> Fault:
        return Fault(kind, str(path), message)

    if isinstance(record, LabelError):
        return fault(str(record).removeprefix(f"{path}: "))
    if not isinstance(record, dict) or "shapes" not in record:
        return fault('has no "shapes"; not a LabelMe file')
    if not isinstance(record["shapes"], list):
        return fault('"shapes" is not a list; not a LabelMe file')
    try:
        picture = _find(path, record, finder)
    except LabelError as error:
        return fault(str(error), "missing-picture")
    try:
        size_hw = _size(record, picture)
    except LabelError as error:
        return fault(str(error))
    shapes = _Shapes(size_hw)
    for number, shape in enumerate(record["shapes"], 1):
        shapes.add(shape, number)
    labelled = LabelledPicture(
        picture,
        size_hw,
        shapes.instances(),
        relative_to_folder(picture.path, folder),
        str(path),
        True,
    )
    return labelled.without(shapes.refused)


def _find(path: Path, record: Mapping[str, Any], finder: PictureFinder) -> PictureRef:
    """Where the picture of a LabelMe file is."""
    named = record.get("imagePath")
    if not isinstance(named, str) or not named.strip():
        siblings = (path.with_suffix(suffix) for suffix in sorted(PICTURE_SUFFIXES))
        found = next((sibling for sibling in siblings if sibling.is_file()), None)
        if found is None:
            raise LabelError('has no "imagePath"; name the picture in it')
        return FileRef(found)
    if not is_file_name(named):
        raise LabelError(f"imagePath {named!r} is not a file name")
    ref = finder.find(named)
    if ref.missing and isinstance(record.get("imageData"), str) and record["imageData"]:
        return EmbeddedRef(ref.path, path)
    return ref


def _size(record: Mapping[str, Any], picture: PictureRef) -> tuple[int, int]:
    """Height and width: the file's own, or else the picture's."""
    height, width = record.get("imageHeight"), record.get("imageWidth")
    if height is None or width is None:
        return _actual_size(record, picture)
    for value in (height, width):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 <= value < 1e6:
            raise LabelError(f"imageWidth and imageHeight are {width!r} and {height!r}")
    if int(height) * int(width) > MAX_PIXELS:
        raise LabelError(f"says {width}×{height} pixels; at most {MAX_PIXELS:,} pixels are read")
    return int(height), int(width)


def _actual_size(record: Mapping[str, Any], picture: PictureRef) -> tuple[int, int]:
    """Size of the picture beside the file, else of the embedded one."""
    try:
        if not isinstance(picture, EmbeddedRef):
            return picture_size(picture.path)
        with opened(BytesIO(base64.b64decode(record["imageData"]))) as image:
            return upright_size(image)
    except (TypeError, ValueError):
        raise LabelError("its embedded picture is damaged; label the picture again") from None
    except PictureError as error:
        raise LabelError(
            f"has no imageWidth and imageHeight, and its picture {one_line(str(error))}"
        ) from None


def name_of_shape(shape: object, number: int) -> str:
    """Such as ``shape 2 ("hair")``, on one line."""
    label = one_line(str(shape.get("label") or "")) if isinstance(shape, dict) else ""
    return f'shape {number} ("{label}")' if label else f"shape {number}"


@dataclass
class _Parts:
    """The shapes of one character: numbers, mask, and outlines as drawn."""

    numbers: list[int]
    mask: NDArray[np.bool_] | LabelledInstance
    drawn: list[NDArray[np.float64]]


@dataclass
class _Shapes:
    """The shapes of one file, by character."""

    size_hw: tuple[int, int]
    refused: list[tuple[str, str]] = field(default_factory=list)
    found: dict[tuple[object, ...], _Parts] = field(default_factory=dict)

    def add(self, shape: Any, number: int) -> None:
        try:
            name, group = _label_and_group(shape)
            mask = draw_shape(shape, self.size_hw)
        except LabelError as error:
            self.refused.append((name_of_shape(shape, number), one_line(str(error))))
            return
        outline = shape_outline(shape)
        drawn = [] if outline is None else [outline]
        if group is None:
            # Traced at once: a photo with fifty characters would fill a gigabyte with masks.
            self.found[name, None, number] = _Parts(
                [number], self._instance(name, [number], mask, drawn), []
            )
        elif (name, group) not in self.found:
            self.found[name, group] = _Parts([number], mask, drawn)
        else:
            parts = self.found[name, group]
            assert isinstance(parts.mask, np.ndarray)
            parts.numbers.append(number)
            parts.mask |= mask
            parts.drawn += drawn

    def _instance(
        self,
        name: str,
        numbers: Sequence[int],
        mask: NDArray[np.bool_],
        drawn: Sequence[NDArray[np.float64]],
    ) -> LabelledInstance:
        shapes = "shape" if len(numbers) == 1 else "shapes"
        where = f'{shapes} {", ".join(map(str, numbers))} ("{one_line(name)}")'
        return LabelledInstance.from_mask(
            mask, name, segmentation_of(mask), where=where, drawn=tuple(drawn)
        )

    def instances(self) -> tuple[LabelledInstance, ...]:
        return tuple(
            parts.mask
            if isinstance(parts.mask, LabelledInstance)
            else self._instance(str(key[0]), parts.numbers, parts.mask, parts.drawn)
            for key, parts in self.found.items()
        )


def _label_and_group(shape: object) -> tuple[str, Any]:
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
