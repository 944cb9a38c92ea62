"""Composed clips and their truth: ``clip_….mp4`` beside one CocoVID ``annotations.json``.

A character counts as another one after a cut, as ids are to be: its id here tells shots apart.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mask_quality import Region
from numpy.typing import NDArray

from kirinuki.errors import DatasetError
from kirinuki.formats.labelled import LabelledInstance, LabelledPicture
from kirinuki.formats.registry import load_set

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
    annotations: tuple[LabelledInstance, ...]

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
    labels = folder / "annotations.json"
    frames: dict[str, list[LabelledPicture]] = {}
    for picture in load_set(labels):
        if picture.frame is not None:
            frames.setdefault(picture.frame.video.name, []).append(picture)
    videos = json.loads(labels.read_text(encoding="utf-8-sig"))["videos"]
    clips = []
    for video in sorted(videos, key=lambda video: str(video["name"]))[:limit]:
        path = folder / video["name"]
        path = path if path.suffix else path.with_suffix(".mp4")
        if not path.is_file():
            raise DatasetError(f"{path}: there is truth of this clip but no such file")
        shown = _frames(frames.get(Path(video["name"]).name, []))
        clips.append(Clip(path.stem, path, int(video.get("on", MIXED)), shown))
    return clips


def _frames(pictures: Sequence[LabelledPicture]) -> tuple[Truth, ...]:
    ids: dict[tuple[int, int | None], int] = {}
    frames = []
    for picture in pictures:
        assert picture.frame is not None
        shot = picture.frame.shot or 0
        shown = picture.instances
        names = tuple(ids.setdefault((shot, a.track_id), len(ids) + 1) for a in shown)
        frames.append(Truth(picture.size_hw, shot, picture.frame.repeats, names, shown))
    return tuple(frames)
