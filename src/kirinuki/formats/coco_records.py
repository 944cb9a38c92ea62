"""COCO's records, raw JSON to `LabelledPicture` and back. What COCO and CocoVID share.

A record that is wrong is a fault with one line that names it, and costs no other. Boxes and areas
that are missing follow from the mask; lists of run lengths become compressed text.

Not covered: the files as a whole (`coco`, `coco_video`).
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import LabelError, one_line
from kirinuki.files import write_atomically
from kirinuki.formats.labelled import (
    FAR,
    Fault,
    LabelledInstance,
    LabelledPicture,
    Segmentation,
    mask_of,
)
from kirinuki.geometry import Rle, decode_counts, encode_counts
from kirinuki.images.picture import MAX_PIXELS
from kirinuki.outside_text import is_text
from kirinuki.work.source import relative_to_folder

Record = dict[str, Any]
T = TypeVar("T")

_ONE_PIECE = 0.98
"""Share of a mask from which its largest connected piece is all of it, slivers aside."""

CROWDS_TAKEN = (
    "{} masks marked iscrowd are one connected piece each, and read as one character each, as CVAT "
    "writes them"
)
SLIVERS_DROPPED = "{} pieces of fewer than 3 points left out of outlines that have others"


@dataclass(frozen=True)
class ImageRecord:
    """An entry of ``images``."""

    id: int
    file_name: str
    size_hw: tuple[int, int]
    raw: Record


@dataclass
class CocoContent:
    """The sections of a file, checked as far as they refer to each other.

    Attributes:
        names: class by category id.
        images: the good ones.
        faults: what was wrong besides annotations of good images.
        notes: counts of what was decided, by sentence.
    """

    path: Path
    names: dict[int, str]
    images: list[ImageRecord] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    _raw: dict[int, list[tuple[str, Record]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, path: Path, content: Record) -> CocoContent:
        """Raises LabelError where a section is no list, or a class cannot be known."""
        sections = [content.get(key) for key in ("images", "annotations", "categories")]
        if not all(isinstance(section, list) for section in sections):
            raise LabelError(
                f'{path}: not a COCO file: expected the lists "images", "annotations" and '
                '"categories"'
            )
        images, annotations, categories = sections
        names: dict[int, str] = {}
        for i, raw in enumerate(categories or ()):
            number, name = parsed(_category, raw, f"{path}, categories[{i}]")
            if number in names:
                raise LabelError(f"{path}, categories[{i}]: id {number} is used twice")
            names[number] = name
        read = cls(path, names)
        read._add_images(images or ())
        read._add_annotations(annotations or ())
        return read

    def _add_images(self, raw_images: Sequence[Any]) -> None:
        known: set[int] = set()
        for i, raw in enumerate(raw_images):
            try:
                image = parsed(_image, raw, f"images[{i}]")
                if image.id in known:
                    raise LabelError(f"images[{i}]: id {image.id} is used twice")
            except LabelError as error:
                self._refuse(error)
                continue
            known.add(image.id)
            self.images.append(image)

    def _add_annotations(self, raw_annotations: Sequence[Any]) -> None:
        known = {image.id for image in self.images}
        ids: set[int] = set()
        for i, raw in enumerate(raw_annotations):
            where = f"annotations[{i}]"
            try:
                number, image_id = parsed(_ids, raw, where)
                if number in ids:
                    raise LabelError(f"{where}: id {number} is used twice")
                if image_id not in known:
                    raise LabelError(
                        f"{_named(raw, where)}: image_id {image_id} is not among the images"
                    )
            except LabelError as error:
                self._refuse(error)
                continue
            ids.add(number)
            self._raw[image_id].append((where, raw))

    def _refuse(self, error: LabelError) -> None:
        where, _, message = str(error).partition(": ")
        self.faults.append(Fault("broken-label", str(self.path), message, None, where))

    def instances(self, image: ImageRecord) -> tuple[list[LabelledInstance], list[tuple[str, str]]]:
        """The characters of an image, and where and why for each that cannot be used."""
        found, refused = [], []
        for where, raw in self._raw[image.id]:
            try:
                found.append(parsed(lambda one: self._instance(one, image), raw, where))
            except LabelError as error:
                place, _, message = str(error).partition(": ")
                refused.append((place, message))
        return found, refused

    def _instance(self, raw: Record, image: ImageRecord) -> LabelledInstance:
        category = whole(raw, "category_id")
        if category not in self.names:
            raise ValueError(f"category_id {category} is not among the categories")
        segmentation = self._segmentation(raw["segmentation"], image)
        name, where = self.names[category], f"annotation {whole(raw, 'id')}"
        mask: NDArray[np.bool_] | None = None
        crowd = bool(raw.get("iscrowd")) and bool(whole(raw, "iscrowd"))
        if crowd and isinstance(segmentation, dict):
            mask = mask_of(segmentation, image.size_hw, where)
            crowd = not is_one_piece(mask)
            self.notes[CROWDS_TAKEN] += not crowd
        score, alpha, kind = raw.get("score"), raw.get("alpha_file"), raw.get("kind")
        if raw.get("bbox") is None or raw.get("area") is None:
            if mask is None:
                mask = mask_of(segmentation, image.size_hw, where)
            found = LabelledInstance.from_mask(mask, name, segmentation)
            box, area = found.box, found.area
        if raw.get("bbox") is not None:
            box = _box(raw["bbox"])
        if raw.get("area") is not None:
            area = finite(raw["area"], "area")
        return LabelledInstance(
            name=name,
            segmentation=segmentation,
            box=box,
            area=area,
            where=f'{where} ("{one_line(name)}")',
            crowd=crowd,
            score=None if score is None else finite(score, "score"),
            kind=None if kind is None else str(kind),
            alpha=None if alpha is None else self.path.parent / _text(alpha, "alpha_file"),
            track_id=_track(raw),
        )

    def _segmentation(self, raw: object, image: ImageRecord) -> Segmentation:
        if isinstance(raw, dict):
            return _rle(raw, image)
        if not isinstance(raw, list) or not raw:
            raise ValueError(f"segmentation is {_short_text(raw)}; expected polygons or an RLE")
        for i, polygon in enumerate(raw):
            if not isinstance(polygon, list) or len(polygon) % 2:
                raise ValueError(
                    f"polygon {i} is not a flat list [x1, y1, x2, y2, ...] of at least 3 points"
                )
            if not all(type(v) in (int, float) and -FAR <= v <= FAR for v in polygon):
                raise ValueError(f"polygon {i} holds something else than coordinates in pixels")
        good = [polygon for polygon in raw if len(polygon) >= 6]
        if not good:
            raise ValueError(
                "polygon 0 is not a flat list [x1, y1, x2, y2, ...] of at least 3 points"
            )
        self.notes[SLIVERS_DROPPED] += len(raw) - len(good)
        return good

    def say(self, notes: list[str]) -> None:
        """Add the sentences on what was decided."""
        notes += [sentence.format(count) for sentence, count in self.notes.items() if count]


def is_one_piece(mask: NDArray[np.bool_]) -> bool:
    """Whether a mask (H, W) bool is one connected piece, slivers and holes aside."""
    import cv2  # here, because the help of every command that knows labels would load it

    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return bool(len(areas)) and bool(areas.max() >= _ONE_PIECE * areas.sum())


def parsed(parser: Callable[[Record], T], raw: object, where: str) -> T:
    """Run one record's parser; whatever is wrong becomes one line that begins with the record."""
    if not isinstance(raw, dict):
        raise LabelError(f"{where}: expected an object, got {type(raw).__name__}")
    try:
        return parser(raw)
    except LabelError as error:
        raise LabelError(f"{_named(raw, where)}: {error}") from None
    except KeyError as error:
        raise LabelError(f"{_named(raw, where)}: has no {error.args[0]!r}") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise LabelError(f"{_named(raw, where)}: {one_line(str(error))}") from None


def _named(raw: Record, where: str) -> str:
    return f"{where} (id {_short_text(raw['id'])})" if "id" in raw else where


def _short_text(value: object) -> str:
    text = repr(value)
    return text if len(text) < 80 else f"{text[:80]}…"


def _ids(raw: Record) -> tuple[int, int]:
    return whole(raw, "id"), whole(raw, "image_id")


def _category(raw: Record) -> tuple[int, str]:
    return whole(raw, "id"), _text(raw["name"], "name")


def _image(raw: Record) -> ImageRecord:
    height, width = whole(raw, "height"), whole(raw, "width")
    if height < 1 or width < 1:
        raise ValueError(f"is {width}×{height} pixels; expected at least 1×1")
    if height * width > MAX_PIXELS:
        raise ValueError(f"is {width}×{height} pixels; at most {MAX_PIXELS:,} pixels are read")
    return ImageRecord(whole(raw, "id"), _text(raw["file_name"], "file_name"), (height, width), raw)


def _text(value: object, key: str) -> str:
    if not isinstance(value, str) or not value.strip() or not is_text(value) or "\0" in value:
        raise ValueError(f"{key} is {_short_text(value)}; expected a text")
    return value


def _track(raw: Record) -> int | None:
    """``instance_id`` is understood where ``track_id`` is missing."""
    key = "track_id" if "track_id" in raw else "instance_id"
    return None if raw.get(key) is None else at_least(0, raw, key)


def whole(raw: Record, key: str) -> int:
    """A whole number of a record; raises ValueError or KeyError."""
    value = raw[key]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise ValueError(f"{key} is {_short_text(value)}; expected a whole number")
    return int(value)


def at_least(low: int, raw: Record, key: str) -> int:
    """A whole number from `low` on; raises ValueError or KeyError."""
    value = whole(raw, key)
    if not low <= value < 2**63:
        raise ValueError(f"{key} is {_short_text(value)}; expected {low} or more")
    return value


def finite(value: object, key: str) -> float:
    """A finite number; raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{key} holds {_short_text(value)}; expected a finite number")
    return value


def _box(raw: object) -> tuple[float, float, float, float]:
    if not isinstance(raw, list) or len(raw) != 4:
        raise ValueError(f"bbox is {_short_text(raw)}; expected [x, y, width, height]")
    x, y, width, height = (finite(value, "bbox") for value in raw)
    return x, y, x + width, y + height


def _rle(raw: Record, image: ImageRecord) -> Rle:
    height, width = image.size_hw
    if raw["size"] != [height, width]:
        raise ValueError(
            f"RLE size is {_short_text(raw['size'])}, the picture's height and width are "
            f"[{height}, {width}]"
        )
    counts = raw["counts"]
    text = counts if isinstance(counts, str) else encode_counts([int(n) for n in counts])
    runs = decode_counts(text)
    if min(runs, default=0) < 0 or sum(runs) != height * width:
        raise ValueError(f"RLE runs add up to {sum(runs)}, the picture has {height * width} pixels")
    return {"size": [height, width], "counts": text}


def annotation(
    instance: LabelledInstance, number: int, image_id: int, category: int, folder: Path
) -> Record:
    """An instance as an annotation of a file in `folder`. Beyond COCO there are optional keys:
    ``score`` (as in COCO's result files), ``alpha_file``, the path, relative to the file, of a
    full-size 8-bit grey PNG with soft alpha, and ``kind``."""
    x1, y1, x2, y2 = instance.box
    segmentation: Any = instance.segmentation
    if not isinstance(segmentation, dict):
        segmentation = [[_short(v) for v in polygon] for polygon in segmentation]
    record = {
        "id": number,
        "image_id": image_id,
        "category_id": category,
        "segmentation": segmentation,
        "bbox": [_short(v) for v in (x1, y1, round(x2 - x1, 6), round(y2 - y1, 6))],
        "area": _short(instance.area),
        "iscrowd": int(instance.crowd),
    }
    if instance.score is not None:
        record["score"] = instance.score
    if instance.alpha is not None:
        record["alpha_file"] = relative_to_folder(instance.alpha, folder)
    if instance.kind is not None:
        record["kind"] = instance.kind
    if instance.track_id is not None:
        record |= {"track_id": instance.track_id, "instance_id": instance.track_id}
    return record


def _short(value: float) -> float:
    """12.0 as 12: half the bytes of a polygon that follows pixels."""
    return int(value) if value == int(value) else float(value)


def annotations_of_all(
    pictures: Sequence[LabelledPicture], names: Sequence[str], folder: Path
) -> Iterator[Record]:
    """The annotations of pictures whose image ids count from 1."""
    categories = {name: number for number, name in enumerate(names, 1)}
    count = 0
    for image_id, picture in enumerate(pictures, 1):
        for instance in picture.instances:
            count += 1
            yield annotation(instance, count, image_id, categories[instance.name], folder)


def write_sections(
    path: Path, sections: Mapping[str, Iterable[Mapping[str, Any]]], replace: bool
) -> None:
    """Write a COCO file record by record, whole or not at all; the same records give the same
    bytes, which pycocotools accepts.

    Raises:
        OutputError: the file exists and `replace` is False, or it cannot be written.
    """
    # ASCII, because pycocotools opens the file in the system's encoding, on Windows not UTF-8.
    with (
        write_atomically(path, replace) as temporary,
        temporary.open("w", encoding="ascii", newline="\n") as file,
    ):
        file.write('{\n"info": {"description": "written by kirinuki"},\n"licenses": []')
        for name, records in sections.items():
            file.write(f',\n"{name}": [')
            file.writelines(_lines(records))
            file.write("]")
        file.write("\n}\n")


def _lines(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    separator = "\n"
    for record in records:
        yield separator + json.dumps(record, separators=(",", ":"))
        separator = ",\n"
    if separator != "\n":
        yield "\n"


def categories_of(names: Iterable[str]) -> list[Record]:
    """Classes, numbered from 1."""
    return [{"id": number, "name": name} for number, name in enumerate(names, 1)]
