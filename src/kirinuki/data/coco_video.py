"""CocoVID files: who is where in the frames of videos, and who is the same from frame to frame.

COCO with a list of ``videos``, as mmtracking reads it: an image is a frame and has ``video_id`` and
``frame_id`` (from 0), an annotation has ``video_id`` and ``instance_id``. Beyond that an image has
its ``time`` in seconds and may have its ``shot``, the number of the stretch between two cuts; an
annotation has ``track_id`` too, under which other tools look for the same number, and ``score`` and
``kind`` as in `data.coco`. Only frames with somebody in them have annotations, so the file of an
episode grows with its characters alone. pycocotools accepts the files.

Written record by record: a long video is never held. Not covered: single pictures (`data.coco`),
soft alpha.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from kirinuki.data.annotations import Category
from kirinuki.data.coco_parse import parse, parse_category
from kirinuki.data.coco_video_parse import (
    ClipRecord,
    FrameParser,
    FrameRecord,
    TrackedAnnotation,
    TrackedParser,
    parse_clip,
)
from kirinuki.errors import DatasetError
from kirinuki.files import write_atomically
from kirinuki.geometry import Rle, Window, encode_counts
from kirinuki.instances import HARD_MASK_ALPHA, Instances

Record = TypeVar("Record")


@dataclass(frozen=True)
class CocoVideo:
    """Videos, their frames in order of time, and the characters in them."""

    videos: tuple[ClipRecord, ...]
    images: tuple[FrameRecord, ...]
    annotations: tuple[TrackedAnnotation, ...]
    categories: tuple[Category, ...]

    def frames_of(self, video_id: int) -> tuple[FrameRecord, ...]:
        """The frames of one video, in order."""
        return self._frames.get(video_id, ())

    def annotations_of(self, image_id: int) -> tuple[TrackedAnnotation, ...]:
        """Who is in one frame, in file order; empty where nobody is."""
        return self._annotations.get(image_id, ())

    @cached_property
    def _frames(self) -> dict[int, tuple[FrameRecord, ...]]:
        groups: dict[int, list[FrameRecord]] = {}
        for image in self.images:
            groups.setdefault(image.video_id, []).append(image)
        return {
            number: tuple(sorted(group, key=lambda image: image.frame_id))
            for number, group in groups.items()
        }

    @cached_property
    def _annotations(self) -> dict[int, tuple[TrackedAnnotation, ...]]:
        groups: dict[int, list[TrackedAnnotation]] = {}
        for annotation in self.annotations:
            groups.setdefault(annotation.image_id, []).append(annotation)
        return {number: tuple(group) for number, group in groups.items()}


def annotations_of(
    instances: Instances, image_id: int, video_id: int, first_id: int
) -> list[dict[str, Any]]:
    """The annotations of one frame as JSON can hold them, with exact hard masks as RLE.

    Characters whose hard mask is empty are left out.

    Args:
        instances: with `track_ids`.
        first_id: id of the first annotation; the others follow.

    Raises:
        ValueError: the instances have no track ids.
    """
    if instances.track_ids is None:
        raise ValueError("instances of a video must have track_ids, but got None")
    records: list[dict[str, Any]] = []
    for i, track_id in enumerate(instances.track_ids.tolist()):
        solid = instances.alphas[i] >= HARD_MASK_ALPHA
        if not solid.any():
            continue
        record = {
            "id": first_id + len(records),
            "image_id": image_id,
            "video_id": video_id,
            "category_id": int(instances.labels[i]) + 1,
            **mask_record(solid, instances.window(i), instances.size_hw),
            "iscrowd": 0,
            "score": round(float(instances.scores[i]), 6),
            "track_id": track_id,
            "instance_id": track_id,
        }
        if instances.female is not None:
            record["kind"] = instances.kinds[i]
        records.append(record)
    return records


def mask_record(
    solid: NDArray[np.bool_], window: Window, size_hw: tuple[int, int]
) -> dict[str, Any]:
    """``bbox``, ``area`` and ``segmentation`` of a hard mask that is not empty.

    Args:
        solid: (h, w) bool, the mask inside the window; nothing is outside.
        window: its place in the frame.
        size_hw: height and width of the frame.
    """
    columns = np.flatnonzero(solid.any(axis=0))
    rows = np.flatnonzero(solid.any(axis=1))
    left, top = int(columns[0]), int(rows[0])
    width, height = int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top
    return {
        "bbox": [window[0] + left, window[1] + top, width, height],
        "area": int(np.count_nonzero(solid)),
        "segmentation": _crop_rle(solid, window, size_hw),
    }


def _crop_rle(solid: NDArray[np.bool_], window: Window, size_hw: tuple[int, int]) -> Rle:
    """As `geometry.mask_to_rle` of the whole frame, for the price of the window: a frame of 1080p
    with five characters would take 100 ms."""
    height, width = size_hw
    upright = np.pad(solid.T, ((0, 0), (1, 1)))  # (w, h + 2)
    column, row = np.nonzero(upright[:, 1:] != upright[:, :-1])
    edges = (column + window[0]) * height + row + window[1]  # starts and ends, alternating
    joined = np.flatnonzero(edges[1:-1:2] == edges[2::2]) * 2 + 1  # over the end of a column
    edges = np.delete(edges, np.concatenate([joined, joined + 1]))
    last = height * width
    ends = [last] if not len(edges) or edges[-1] != last else []
    counts = np.diff(np.concatenate([[0], edges, ends]))
    return {"size": [height, width], "counts": encode_counts(counts.astype(np.int64).tolist())}


def write_coco_video(
    path: str | Path,
    videos: Iterable[Mapping[str, Any]],
    images: Iterable[Mapping[str, Any]],
    annotations: Iterable[Mapping[str, Any]],
    names: Sequence[str],
    overwrite: bool = False,
) -> None:
    """Write a CocoVID file, whole or not at all; the same records give the same bytes.

    Args:
        videos: records with id, name, width and height.
        images: records with id, video_id, frame_id, file_name, width and height.
        annotations: records as `annotations_of` makes them. Both may be generators, taken one by
            one, images first.
        names: classes, from category 1.

    Raises:
        OutputError: the file exists and `overwrite` is False, or it cannot be written.
    """
    categories = ({"id": number, "name": name} for number, name in enumerate(names, 1))
    sections: dict[str, Iterable[Mapping[str, Any]]] = {
        "categories": categories,
        "videos": videos,
        "images": images,
        "annotations": annotations,
    }
    # ASCII, because pycocotools opens the file in the system's encoding, on Windows not UTF-8.
    with (
        write_atomically(path, overwrite) as temporary,
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


def read_coco_video(path: str | Path) -> CocoVideo:
    """Read a CocoVID file. ``instance_id`` is understood where ``track_id`` is missing.

    Raises:
        DatasetError: names the file and the record that is wrong.
    """
    path = Path(path)
    content = _load(path)

    def records(section: str, parser: Callable[[dict[str, Any]], Record]) -> list[Record]:
        return [
            parse(parser, raw, f"{path}, {section}[{i}]") for i, raw in enumerate(content[section])
        ]

    videos = records("videos", parse_clip)
    images = records("images", FrameParser({video.id for video in videos}))
    categories = records("categories", parse_category)
    known = {image.id: image for image in images}, {category.id for category in categories}
    annotations = records("annotations", TrackedParser(*known))
    _refuse_repeats(path, "videos", "id", [v.id for v in videos])
    _refuse_repeats(path, "images", "id", [i.id for i in images])
    _refuse_repeats(path, "images", "frame", [(i.video_id, i.frame_id) for i in images])
    _refuse_repeats(path, "categories", "id", [c.id for c in categories])
    _refuse_repeats(path, "annotations", "id", [a.id for a in annotations])
    _refuse_repeats(
        path, "annotations", "image and track", [(a.image_id, a.track_id) for a in annotations]
    )
    return CocoVideo(tuple(videos), tuple(images), tuple(annotations), tuple(categories))


def _load(path: Path) -> dict[str, list[Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path}: is not valid JSON: {error}") from None
    sections = ("videos", "images", "annotations", "categories")
    is_object = isinstance(content, dict)
    if not is_object or not all(isinstance(content.get(key), list) for key in sections):
        raise DatasetError(
            f'{path}: not a CocoVID file: expected the lists "videos", "images", "annotations" '
            'and "categories"'
        )
    return {key: content[key] for key in sections}


def _refuse_repeats(path: Path, section: str, what: str, keys: Sequence[object]) -> None:
    seen: set[object] = set()
    for i, key in enumerate(keys):
        if key in seen:
            raise DatasetError(f"{path}, {section}[{i}]: {what} {key} is used twice")
        seen.add(key)
