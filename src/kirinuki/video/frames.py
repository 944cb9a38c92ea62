"""`Frame`: one decoded frame of a video."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from os import PathLike

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import KirinukiError
from kirinuki.images.picture import Picture

SMALL_SIDE = 480
"""Longer side of `Frame.small`, in pixels."""


@dataclass(frozen=True, eq=False, repr=False)
class Frame:
    """One decoded frame, upright.

    Attributes:
        rgb: (H, W, 3) uint8, RGB; on white where the video is transparent.
        pts: presentation time in units of `time_base`; strictly increasing in a video.
        duration: in units of `time_base`, at least 1.
        time_base: seconds of one unit.
        alpha: (H, W) uint8, 255 = opaque; None for a video without transparency.
    """

    rgb: NDArray[np.uint8]
    pts: int
    duration: int
    time_base: Fraction
    alpha: NDArray[np.uint8] | None = None

    def __repr__(self) -> str:
        height, width = self.rgb.shape[:2]
        return f"Frame({width}×{height} at {float(self.time):.3f} s)"

    @property
    def picture(self) -> Picture:
        """The frame as models and outputs see it."""
        return Picture(self.rgb, self.alpha)

    @property
    def time(self) -> Fraction:
        """When it is shown, in seconds of the video's own clock."""
        return self.pts * self.time_base

    @cached_property
    def half(self) -> NDArray[np.uint8]:
        """(ceil(H/2), ceil(W/2), 3) uint8 RGB, as large as the chroma of most videos."""
        height, width = self.rgb.shape[:2]
        size_wh = -(-width // 2), -(-height // 2)
        return np.asarray(cv2.resize(self.rgb, size_wh, interpolation=cv2.INTER_AREA), np.uint8)

    @cached_property
    def small(self) -> NDArray[np.uint8]:
        """(h, w, 3) uint8 RGB, the longer side at most `SMALL_SIDE` pixels, for whoever needs no
        detail."""
        height, width = self.rgb.shape[:2]
        share = SMALL_SIDE / max(height, width)
        if share >= 1:
            return self.rgb
        size_wh = max(round(width * share), 1), max(round(height * share), 1)
        nearest = self.half if share <= 1 / 2 else self.rgb  # a quarter of the time
        return np.asarray(cv2.resize(nearest, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def frames_in(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The frames, one by one.

    Raises:
        KirinukiError: it holds something else, as the path of a video and a list of arrays do.
    """
    if isinstance(frames, str | PathLike) or not isinstance(frames, Iterable):
        raise _no_frames(frames)
    for frame in frames:
        if not isinstance(frame, Frame):
            raise _no_frames(frame)
        yield frame


def _no_frames(given: object) -> KirinukiError:
    return KirinukiError(
        f"`frames`: got {type(given).__name__}, expected frames as read_video gives them"
    )
