"""CVAT's own XML ("CVAT for images 1.1"), in and out: one file of many pictures.

Polygons, boxes, ellipses and masks are read, turned ones too; shapes with one label and one
``group_id`` are parts of one character. Points are where COCO has them: (0, 0) is the corner of the
first pixel. How a character presents stands in an attribute ``kind``.

Not covered: tracks of videos (export them as frames), shapes without an area, other attributes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import KirinukiError, LabelError, one_line
from kirinuki.formats.find_picture import PictureFinder
from kirinuki.formats.label_format import Candidate, Feature, Reading, Written, find_files
from kirinuki.formats.labelled import FAR, Fault, LabelledInstance, LabelledPicture, Segmentation
from kirinuki.formats.places import refuse_existing, seen_from, write_text
from kirinuki.formats.trace import segmentation_of
from kirinuki.geometry import mask_to_box, polygons_to_mask
from kirinuki.images.picture import MAX_PIXELS
from kirinuki.outside_text import MAX_DEPTH, read_text

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Cvat:
    """`LabelFormat` of CVAT."""

    name = "cvat"
    title = "CVAT"
    keeps: frozenset[Feature] = frozenset({"kinds"})
    target = ".xml"
    video = False

    def sniff(self, candidate: Candidate) -> Candidate | None:
        if not candidate.is_folder:
            return candidate if _is_cvat(candidate.path) else None
        if candidate.json_files:
            return None
        found = [path for path in find_files(candidate.path, ".xml") if _is_cvat(path)]
        if len(found) > 1:
            raise LabelError(f"{candidate.path}: holds {len(found)} CVAT files; name one of them")
        return Candidate(found[0]) if found else None

    def read(self, candidate: Candidate, pictures: Path | None) -> Reading:
        path = candidate.path
        root = _parsed(path)
        if root.find("track") is not None and root.find("image") is None:
            raise LabelError(f"{path}: holds tracks of a video; export it as CVAT for images")
        names = [one.text or "" for one in root.iterfind("./meta//labels/label/name")]

        def items() -> Iterator[LabelledPicture | Fault]:
            finder = PictureFinder(path.parent, pictures)
            for number, image in enumerate(root.iterfind("image"), 1):
                yield _picture(image, number, path, finder)

        return Reading(self.name, path, items, tuple(dict.fromkeys(filter(None, names))))

    def names_in(self, target: Path) -> tuple[str, ...]:
        return self.read(Candidate(target), None).names if target.is_file() else ()

    def write(
        self,
        pictures: Iterable[LabelledPicture],
        names: Sequence[str],
        target: Path,
        replace: bool,
    ) -> Iterator[Written]:
        refuse_existing([target], replace)
        root = Element("annotations")
        SubElement(root, "version").text = "1.1"
        labels = SubElement(SubElement(SubElement(root, "meta"), "task"), "labels")
        for name in names:
            SubElement(SubElement(labels, "label"), "name").text = _legal(name)
        for picture in pictures:
            try:
                root.append(_image(picture, len(root) - 2, target.parent, replace))
            except KirinukiError as error:
                yield Written(f"{picture.path}: {error}")
            else:
                yield Written()
        if root.find("image") is None:  # a set without a picture is none
            return
        ElementTree.indent(root)
        text = ElementTree.tostring(root, encoding="unicode")
        write_text(target, f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n', replace)


def _is_cvat(path: Path) -> bool:
    """By its first words, for a file may be large; an unreadable one with that suffix is taken for
    one, so that reading it says why."""
    if path.suffix.lower() != ".xml":
        return False
    try:
        if not path.is_file():  # a pipe would be waited for
            return True
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return True
    return b"<annotations" in head.replace(b"\0", b"")


def _parsed(path: Path) -> Element:
    """The root; raises LabelError for what is no XML, nested too deeply, or defines entities, of
    which a few lines can make gigabytes."""
    text = read_text(path)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise LabelError(f"{path}: defines entities, which CVAT does not; export it again")
    events: Any = ElementTree.iterparse(BytesIO(text.encode()), ["start", "end"])
    depth = 0
    try:
        for event, _ in events:
            depth += 1 if event == "start" else -1
            if depth > MAX_DEPTH:
                raise LabelError(f"{path}: is nested too deeply")
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise LabelError(f"{path}: is not valid XML ({error}); export it again") from None
    root: Element = events.root
    return root


def _picture(
    image: Element, number: int, path: Path, finder: PictureFinder
) -> LabelledPicture | Fault:
    name = image.get("name") or ""
    try:
        height, width = (int(_number(image, side, 1)) for side in ("height", "width"))
        if height * width > MAX_PIXELS:
            raise LabelError(f"says {width}×{height} pixels; at most {MAX_PIXELS:,} are read")
        if not name.strip():
            raise LabelError("has no name")
    except LabelError as error:
        return Fault("broken-label", str(path), str(error), one_line(name) or f"image {number}")
    found: dict[object, LabelledInstance] = {}
    refused: list[tuple[str, str]] = []
    for i, shape in enumerate((one for one in image if one.tag != "tag"), 1):
        where = f'{shape.tag} {i} ("{one_line(shape.get("label") or "")}")'
        try:
            one = _instance(shape, (height, width), where)
        except LabelError as error:
            refused.append((where, one_line(str(error))))
            continue
        group = shape.get("group_id") or "0"
        key = i if group == "0" else (one.name, group)
        found[key] = _joined(found[key], one, (height, width)) if key in found else one
    picture = LabelledPicture(
        finder.find(name),
        (height, width),
        tuple(found.values()),
        name.replace("\\", "/"),
        str(path),
    )
    return picture.without(refused)


def _instance(shape: Element, size_hw: tuple[int, int], where: str) -> LabelledInstance:
    label = (shape.get("label") or "").strip()
    if not label:
        raise LabelError("has no label; give it the name of a class")
    kind = next(
        (one.text for one in shape.iterfind("attribute") if one.get("name") == "kind"), None
    )
    segmentation: Segmentation | None = None
    if shape.tag == "mask":
        mask = _mask(shape, size_hw)
    elif shape.tag in ("polygon", "box", "ellipse"):
        points = {"polygon": _points, "box": _box, "ellipse": _ellipse}[shape.tag](shape)
        mask = polygons_to_mask([points], size_hw)
        segmentation = [points.ravel().tolist()]
    else:
        raise LabelError(f"is a {shape.tag}, which has no area; use polygon, box, ellipse or mask")
    if segmentation is None:
        segmentation = segmentation_of(mask)
    return LabelledInstance.from_mask(mask, label, segmentation, where=where, kind=kind)


def _joined(
    first: LabelledInstance, second: LabelledInstance, size_hw: tuple[int, int]
) -> LabelledInstance:
    """Two parts of one character."""
    mask = first.mask(size_hw) | second.mask(size_hw)
    said = segmentation_of(mask)
    if isinstance(first.segmentation, list) and isinstance(second.segmentation, list):
        said = first.segmentation + second.segmentation
    where = f"{first.where} and {second.where}"
    return LabelledInstance.from_mask(mask, first.name, said, where=where, kind=first.kind)


def _number(element: Element, key: str, low: float = -FAR) -> float:
    text = element.get(key)
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not low <= value <= FAR:
        raise LabelError(f"{key} is {text!r}; expected a number of pixels")
    return value


def _points(shape: Element) -> NDArray[np.float64]:
    try:
        pairs = [pair.split(",") for pair in (shape.get("points") or "").split(";")]
        points = np.array([[float(x), float(y)] for x, y in pairs])
    except ValueError:
        raise LabelError("points are no list x,y;x,y;…") from None
    if len(points) < 3:
        raise LabelError(f"polygon has {len(points)} points; expected at least 3")
    if not (np.abs(points) <= FAR).all():
        raise LabelError("has a point out of reach of the picture")
    return points


def _box(shape: Element) -> NDArray[np.float64]:
    x1, y1, x2, y2 = (_number(shape, key) for key in ("xtl", "ytl", "xbr", "ybr"))
    return _turned(np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)]), shape)


def _ellipse(shape: Element) -> NDArray[np.float64]:
    """As many points as keep within a tenth of a pixel of the curve, up to a limit."""
    x, y, a, b = (_number(shape, key) for key in ("cx", "cy", "rx", "ry"))
    angles = np.linspace(0, 2 * np.pi, min(720, 16 + int(7 * math.sqrt(abs(a) + abs(b)))), False)
    return _turned(np.stack([x + a * np.cos(angles), y + b * np.sin(angles)], axis=1), shape)


def _turned(points: NDArray[np.float64], shape: Element) -> NDArray[np.float64]:
    """Points (N, 2) turned about their middle by the shape's rotation, in degrees clockwise."""
    angle = math.radians(_number(shape, "rotation") if shape.get("rotation") else 0.0)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return np.asarray((points - middle) @ turn + middle, np.float64)


def _mask(shape: Element, size_hw: tuple[int, int]) -> NDArray[np.bool_]:
    """Runs by rows within the mask's own box, beginning with pixels that are not set."""
    left, top, width, height = (int(_number(shape, k)) for k in ("left", "top", "width", "height"))
    try:
        runs = np.array([int(run) for run in (shape.get("rle") or "").split(",")], np.int64)
    except (ValueError, OverflowError):
        raise LabelError("rle is no list of numbers") from None
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        raise LabelError(f"its mask is {width}×{height} pixels")
    if (runs < 0).any() or (runs > MAX_PIXELS).any() or int(runs.sum()) != width * height:
        raise LabelError(f"rle does not add up to its {width}×{height} pixels")
    patch = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(height, width)
    mask = np.zeros(size_hw, np.bool_)
    x1, y1 = max(left, 0), max(top, 0)
    x2, y2 = min(left + width, size_hw[1]), min(top + height, size_hw[0])
    if x1 < x2 and y1 < y2:
        mask[y1:y2, x1:x2] = patch[y1 - top : y2 - top, x1 - left : x2 - left]
    return mask


def _legal(text: str) -> str:
    if _NO_XML.search(text):
        raise LabelError(f"{one_line(text)!r}: holds a character that XML cannot say; rename it")
    return text


def _image(picture: LabelledPicture, number: int, folder: Path, overwrite: bool) -> Element:
    name = _legal(seen_from(picture, folder, overwrite))
    height, width = picture.size_hw
    size = {"width": str(width), "height": str(height)}
    image = Element("image", {"id": str(number), "name": name, **size})
    for group, one in enumerate(picture.characters, 1):
        parts = _shapes(one, picture.size_hw)
        for tag, said in parts:
            about = {"label": one.name, "source": "manual", "occluded": "0", "z_order": "0"}
            joined = {"group_id": str(group)} if len(parts) > 1 else {}
            shape = SubElement(image, tag, {**about, **said, **joined})
            if one.kind is not None:
                SubElement(shape, "attribute", {"name": "kind"}).text = _legal(one.kind)
    return image


def _shapes(one: LabelledInstance, size_hw: tuple[int, int]) -> list[tuple[str, dict[str, str]]]:
    """Tag and attributes: polygons as they are, or a mask by the runs in its box."""
    if not isinstance(one.segmentation, dict):
        outlines = (outline.round(4).tolist() for outline in map(_pairs, one.segmentation))
        return [("polygon", {"points": ";".join(f"{x},{y}" for x, y in o)}) for o in outlines]
    mask = one.mask(size_hw)
    box = mask_to_box(mask)
    if box is None:
        return []
    x1, y1, x2, y2 = box
    flat = mask[y1:y2, x1:x2].ravel().tolist()
    runs = [(bit, len(list(run))) for bit, run in groupby(flat)]
    lengths = [0] * (runs[0][0]) + [length for _, length in runs]
    place = {"left": x1, "top": y1, "width": x2 - x1, "height": y2 - y1}
    rle = ", ".join(map(str, lengths))
    return [("mask", {"rle": rle, **{key: str(value) for key, value in place.items()}})]


def _pairs(flat: list[float]) -> NDArray[np.float64]:
    return np.array(flat, np.float64).reshape(-1, 2)
