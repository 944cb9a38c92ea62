"""`Frame`: one decoded frame of a video."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
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

    @property
    def time(self) -> Fraction:
        """When it is shown, in seconds of the video's own clock."""
        return self.pts * self.time_base
