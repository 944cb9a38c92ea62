"""Pictures to look at: the frames with the worst masks and those that flicker most, as sheets, and
how every clip goes over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from clip_truth import Clip
from mask_quality import Region
from measure import Course, starts
from numpy.typing import NDArray

from kirinuki.images.picture import save_png
from kirinuki.instances import Instances
from kirinuki.render.overlay import overlay

if TYPE_CHECKING:
    from matplotlib.axes import Axes

APART = 12
"""Frames between two of one clip on the sheet of the worst."""
A_CLIP = 2
"""So many frames of one clip on the sheet."""
SIDE = 640
"""Width of one picture on the sheet."""
TRUTH = (255, 255, 255)
SHOWN_TIMES = 4
"""A change of alpha is drawn so many times as strong."""
CAPTION = 26


@dataclass(frozen=True)
class BadFrame:
    """A frame with what each variant made of it; low quality is bad."""

    clip: str
    frame: int
    quality: float
    picture: NDArray[np.uint8]


class Worst:
    """The worst frames of all clips, a few of each."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.frames: list[BadFrame] = []

    def wants(self, clip: str, frame: int, quality: float) -> bool:
        """Whether a frame belongs to the worst so far: its picture need only be drawn then."""
        if math.isnan(quality):
            return False
        beside = [b for b in self.frames if b.clip == clip and abs(b.frame - frame) < APART]
        if any(b.quality <= quality for b in beside):
            return False
        same = [b for b in self.frames if b.clip == clip and b not in beside]
        if len(same) >= A_CLIP:
            return quality < max(b.quality for b in same)
        return len(self.frames) < self._count or quality < self.frames[-1].quality

    def add(self, bad: BadFrame) -> None:
        """Take a frame that is wanted, in the place of a better one."""
        kept = [b for b in self.frames if b.clip != bad.clip or abs(b.frame - bad.frame) >= APART]
        same = sorted((b for b in kept if b.clip == bad.clip), key=lambda b: b.quality)
        kept = [b for b in kept if b.clip != bad.clip] + same[: A_CLIP - 1]
        self.frames = sorted([*kept, bad], key=lambda b: b.quality)[: self._count]

    def save(self, path: Path) -> None:
        """One below the other, the worst first."""
        if self.frames:
            width = max(b.picture.shape[1] for b in self.frames)
            rows = [_wide(b.picture, width) for b in self.frames]
            save_png(np.vstack(rows), path, overwrite=True)


def draw_bad_frame(
    rgb: NDArray[np.uint8], truth: Sequence[Region], found: Mapping[str, Instances], title: str
) -> NDArray[np.uint8]:
    """What each variant found, coloured with its id, and the truth as a white outline: side by
    side, with a caption, (h, w, 3) uint8 RGB."""
    shown = {}
    for name, instances in found.items():
        drawn = overlay(rgb, instances)
        for region in truth:
            outlines, _ = cv2.findContours(
                region.mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
            )
            cv2.drawContours(drawn, outlines, -1, (0, 0, 0), 3)
            cv2.drawContours(drawn, outlines, -1, TRUTH, 1)
        shown[name] = drawn
    return _beside(shown, title)


def draw_flicker(
    rgb: NDArray[np.uint8],
    changes: Mapping[str, NDArray[np.int16]],
    static: NDArray[np.bool_],
    title: str,
) -> NDArray[np.uint8]:
    """How alpha changed since the frame before where nothing else did, red on the grey picture;
    what is not static is blue. Side by side, with a caption, (h, w, 3) uint8 RGB."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None] // 2
    shown = {}
    for name, change in changes.items():
        share = np.where(static, np.minimum(np.abs(change) * SHOWN_TIMES, 255), 0)[..., None] / 255
        drawn = np.where(static[..., None], grey, grey // 2 + np.uint8([0, 0, 50]))
        shown[name] = (drawn + (np.array([255, 60, 40]) - drawn) * share).astype(np.uint8)
    return _beside(shown, title)


def _beside(shown: Mapping[str, NDArray[np.uint8]], title: str) -> NDArray[np.uint8]:
    columns = []
    for name, drawn in shown.items():
        height = round(drawn.shape[0] * SIDE / drawn.shape[1])
        small = cv2.resize(drawn, (SIDE, height), interpolation=cv2.INTER_AREA)
        columns.append(np.vstack([_caption(f"{title}, {name}"), small]))
    return np.hstack(columns)


def _caption(text: str) -> NDArray[np.uint8]:
    strip = np.zeros((CAPTION, SIDE, 3), np.uint8)
    cv2.putText(strip, text, (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, TRUTH, 1, cv2.LINE_AA)
    return strip


def _wide(picture: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    return np.pad(picture, ((0, 4), (0, width - picture.shape[1]), (0, 0)))


def save_courses(
    clips: Sequence[Clip], courses: Mapping[str, Mapping[str, Course]], path: Path
) -> None:
    """Mean J of every frame, ids aside, of each clip and variant; cuts and id switches marked.

    Args:
        courses: clip → variant → its course.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 1.6 * len(clips) + 0.6), layout="constrained")
    for clip, axes in zip(clips, figure.subplots(len(clips), squeeze=False)[:, 0], strict=True):
        _draw_course(axes, clip, courses[clip.name])
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper right", ncols=len(names), frameon=False)
    FigureCanvasAgg(figure)
    figure.savefig(path, dpi=80)


def _draw_course(axes: Axes, clip: Clip, courses: Mapping[str, Course]) -> None:
    for number, (name, course) in enumerate(courses.items()):
        axes.plot(course.j, label=name, linewidth=1, color=f"C{number}")
        frames = [switch.frame for switch in course.switches]
        axes.plot(frames, [course.j[i] for i in frames], "x", color=f"C{number}")
    for frame in starts(clip.shots):
        axes.axvline(frame - 0.5, color="grey", linestyle=":")
    axes.set_ylim(0, 1.02)
    axes.set_xlim(0, len(clip.frames))
    axes.set_ylabel("J")
    axes.set_title(clip.name, loc="left", fontsize=9)
