"""Composed clips and their truth: ``clip_….mp4`` beside one CocoVID ``annotations.json``.

A character counts as another one after a cut, as ids are to be: its id here tells shots apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mask_quality import Region
from numpy.typing import NDArray

from kirinuki.errors import DatasetError
from kirinuki.formats.coco_video import CocoVideo, TrackedAnnotation, read_coco_video

MIXED = 0
"""Cadence of a clip whose characters are drawn at different ones."""


@dataclass(frozen=True)
class Truth:
    """Who is in a frame, and where."""

    size_hw: tuple[int, int]
    shot: int
    repeats: bool | None
    """Whether the frame shows the same as the one before; None where nobody says."""
    ids: tuple[int, ...]
    annotations: tuple[TrackedAnnotation, ...]

    def regions(self) -> list[Region]:
        """The mask of each character. Large: made anew at each call, never kept."""
        return [Region(annotation.mask(self.size_hw)) for annotation in self.annotations]


def who_is_where(truth: Truth, regions: Sequence[Region]) -> NDArray[np.int32]:
    """(H, W), id of the character at every pixel, 0 is nobody."""
    who = np.zeros(truth.size_hw, np.int32)
    for i, region in zip(truth.ids, regions, strict=True):
        who[region.mask] = i
    return who


@dataclass(frozen=True)
class Clip:
    """A composed clip.

    Attributes:
        on: frames that show the same drawing: 1, 2 or 3; `MIXED` is several of them.
    """

    name: str
    path: Path
    on: int
    frames: tuple[Truth, ...]

    @property
    def shots(self) -> list[int]:
        """The shot of each frame."""
        return [frame.shot for frame in self.frames]


def read_clips(folder: Path, limit: int | None = None) -> list[Clip]:
    """The clips of a folder, in order of their names.

    Raises:
        DatasetError: the truth cannot be read, or a clip is missing.
    """
    truth = read_coco_video(folder / "annotations.json")
    raw = json.loads((folder / "annotations.json").read_text(encoding="utf-8-sig"))
    cadence = {video["id"]: int(video.get("on", MIXED)) for video in raw["videos"]}
    repeats = {image["id"]: image.get("repeats") for image in raw["images"]}
    clips = []
    for video in sorted(truth.videos, key=lambda video: video.name)[:limit]:
        path = folder / video.name
        path = path if path.suffix else path.with_suffix(".mp4")
        if not path.is_file():
            raise DatasetError(f"{path}: there is truth of this clip but no such file")
        clips.append(Clip(path.stem, path, cadence[video.id], _frames(truth, video.id, repeats)))
    return clips


def _frames(
    truth: CocoVideo, video_id: int, repeats: Mapping[int, bool | None]
) -> tuple[Truth, ...]:
    ids: dict[tuple[int, int], int] = {}
    frames = []
    for image in truth.frames_of(video_id):
        shown = truth.annotations_of(image.id)
        shot = image.shot or 0
        names = tuple(ids.setdefault((shot, a.track_id), len(ids) + 1) for a in shown)
        size_hw = image.height, image.width
        frames.append(Truth(size_hw, shot, repeats[image.id], names, shown))
    return tuple(frames)
