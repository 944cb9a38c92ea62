"""Records of a CocoVID file: raw JSON to `ClipRecord`, `FrameRecord` and `TrackedAnnotation`.

Strict, as `coco_parse`. Not covered: the file as a whole (`coco_video`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kirinuki.formats.annotations import Annotation, CocoImage
from kirinuki.formats.coco_parse import AnnotationParser, finite, parse_image, whole


@dataclass(frozen=True)
class ClipRecord:
    """A video: its file name, the size of its upright frames, and frames a second if constant.

    Attributes:
        on: of a composed clip, for how many frames a drawing is held; 0 where that is mixed.
    """

    id: int
    name: str
    height: int
    width: int
    fps: float | None = None
    on: int | None = None


@dataclass(frozen=True, kw_only=True)
class FrameRecord(CocoImage):
    """A frame: which of which video, counted from 0, when in seconds, and in which shot, from 0.

    Attributes:
        repeats: of a composed clip, whether the frame was drawn as the one before.
    """

    video_id: int
    frame_id: int
    time: float | None = None
    shot: int | None = None
    repeats: bool | None = None


@dataclass(frozen=True, kw_only=True)
class TrackedAnnotation(Annotation):
    """One character in one frame; it has the same `track_id` wherever it is the same."""

    video_id: int
    track_id: int


def parse_clip(raw: dict[str, Any]) -> ClipRecord:
    name = raw["name"]
    if not isinstance(name, str) or not name:
        raise ValueError(f"name is {name!r}; expected a text")
    fps, on = raw.get("fps"), raw.get("on")
    return ClipRecord(
        id=whole(raw, "id"),
        name=name,
        height=_at_least(1, raw, "height"),
        width=_at_least(1, raw, "width"),
        fps=None if fps is None else finite(fps, "fps"),
        on=None if on is None else _at_least(0, raw, "on"),
    )


@dataclass(frozen=True)
class FrameParser:
    """Parser of frames that knows which videos there are."""

    video_ids: set[int]

    def __call__(self, raw: dict[str, Any]) -> FrameRecord:
        video_id = whole(raw, "video_id")
        if video_id not in self.video_ids:
            raise ValueError(f"video_id {video_id} is not among the videos")
        time, shot = raw.get("time"), raw.get("shot")
        return FrameRecord(
            **vars(parse_image(raw)),
            video_id=video_id,
            frame_id=_at_least(0, raw, "frame_id"),
            time=None if time is None else finite(time, "time"),
            shot=None if shot is None else _at_least(0, raw, "shot"),
            repeats=None if raw.get("repeats") is None else bool(raw["repeats"]),
        )


class TrackedParser:
    """Parser of annotations that knows what they may refer to."""

    def __init__(self, images: dict[int, FrameRecord], category_ids: set[int]) -> None:
        self._images = images
        self._parse = AnnotationParser(dict(images), category_ids)

    def __call__(self, raw: dict[str, Any]) -> TrackedAnnotation:
        annotation = self._parse(raw)
        video_id = self._images[annotation.image_id].video_id
        if whole(raw, "video_id") != video_id:
            raise ValueError(
                f"video_id is {raw['video_id']}, but image {annotation.image_id} is of {video_id}"
            )
        key = "track_id" if "track_id" in raw else "instance_id"
        return TrackedAnnotation(
            **vars(annotation), video_id=video_id, track_id=_at_least(0, raw, key)
        )


def _at_least(low: int, raw: dict[str, Any], key: str) -> int:
    value = whole(raw, key)
    if value < low:
        raise ValueError(f"{key} is {value}; expected {low} or more")
    return value
