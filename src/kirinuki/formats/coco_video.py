"""CocoVID files: who is where in the frames of videos, and who is the same from frame to frame.

COCO with a list of ``videos``, as mmtracking reads it: an image is a frame and has ``video_id`` and
``frame_id`` (from 0), an annotation has ``video_id`` and ``instance_id``. Beyond that an image has
its ``time`` in seconds and may have its ``shot``, the number of the stretch between two cuts; an
annotation has ``track_id`` too, under which other tools look for the same number, and ``score`` and
``kind`` as in `coco`. Of composed clips ``on`` and ``repeats`` say how they are animated. Only
frames with somebody in them have annotations, so the file of an episode grows with its characters
alone. pycocotools accepts the files.

Written record by record: a long video is never held. Not covered: single pictures (`coco`),
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

from kirinuki.errors import DatasetError
from kirinuki.files import write_atomically
from kirinuki.formats.annotations import Category, annotation_from_mask
from kirinuki.formats.coco_parse import parse, parse_category
from kirinuki.formats.coco_video_parse import (
    ClipRecord,
    FrameParser,
    FrameRecord,
    TrackedAnnotation,
    TrackedParser,
    parse_clip,
)
from kirinuki.instances import Instances

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
        mask = instances.mask(i)
        if not mask.any():
            continue
        score = round(float(instances.scores[i]), 6)
        kind = None if instances.kind_scores is None else instances.kinds[i]
        records.append(
            {
                "id": first_id + len(records),
                "image_id": image_id,
                "video_id": video_id,
                "category_id": int(instances.labels[i]) + 1,
                **tracked_mask(mask, track_id),
                "score": score,
                **({} if kind is None else {"kind": kind}),
            }
        )
    return records


def tracked_mask(mask: NDArray[np.bool_], track_id: int) -> dict[str, Any]:
    """What an annotation says of a hard mask (H, W) bool that is not empty, and whose it is."""
    found = annotation_from_mask(mask, id=0, image_id=0, category_id=0)
    return {
        "bbox": list(found.bbox),
        "area": found.area,
        "segmentation": found.segmentation,
        "iscrowd": 0,
        "track_id": track_id,
        "instance_id": track_id,
    }


def write_coco_video(
    path: str | Path,
    videos: Iterable[Mapping[str, Any]] | None,
    images: Iterable[Mapping[str, Any]],
    annotations: Iterable[Mapping[str, Any]],
    names: Sequence[str],
    overwrite: bool = False,
) -> None:
    """Write a CocoVID file, whole or not at all; the same records give the same bytes.

    Args:
        videos: records with id, name, width and height; None makes a file of pictures alone.
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
        "videos": videos or (),
        "images": images,
        "annotations": annotations,
    }
    if videos is None:
        del sections["videos"]
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
