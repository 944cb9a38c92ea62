"""Where one shot ends and the next begins, frame by frame, without looking ahead.

Encoders ask whether a frame is cheaper to predict from the one before than to code by itself
(x264's scene cut decision); so does this. A small copy of the frame is put together from patches
of the one before, each moved as fits best, which follows cameras and people. What does not fit is
compared with how much the picture varies at all: dark and pale shots count like bright ones. A cut
is what stands out against the frames before, as in PySceneDetect's adaptive detector, but with the
past alone.

A flash is no cut. Frames that show nothing (white, black) are passed over: what comes after them is
compared with what was before. Nor is what shows the same shapes in another light (lightning,
inverse colours). A fade through black into another shot is told once at most, when that appears; a
dissolve is not told, nor is a shot of less than `RECENT` frames that resembles the last.

PySceneDetect is well kept, but needs opencv-python, which overwrites opencv-python-headless. It
takes flashes for cuts and misses some between line drawings; `benchmarks/video/shots.py` compares.

Not covered: what a cut ends (`follow`).
"""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

Small = NDArray[np.int16]
"""(HEIGHT, WIDTH, 3), luma and chroma of a frame in levels of 255."""

WIDTH, HEIGHT = 64, 36
"""Size of the small copy, in cells."""
PATCH = 6
"""Side of a patch in cells; those that do not fill one at the right are left out."""
REACH_X, REACH_Y = 6, 4
"""Cells that a patch may have moved in one frame."""
MEMORY = 6
"""Frames of the shot that are kept: a flash may last as long."""
MISFIT = 0.42
"""What does not fit, as a share of the picture's spread, from which a frame may be another shot."""
RECENT = 4
"""Frames whose misfit tells how much to expect."""
SUDDEN = 1.5
"""By how many times the misfit must exceed the largest of those frames."""
YOUNG = 1.0
"""Misfit from which a frame may be another shot when the last cut is no more than `RECENT` frames
back: nothing is known of what to expect yet."""
PLAIN = 1.2
"""Standard deviation of luma in levels below which a frame shows nothing."""
NOISE = 3.0
"""Levels of spread that are added to the picture's, so that noise is no content."""
SAME_SHAPES = 0.7
"""Correlation, positive or negative, from which two frames show the same in another light."""


class Shots:
    """Says of each frame whether it starts a new shot."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what came before: the next frame is no cut."""
        self._last: deque[Small] = deque(maxlen=MEMORY)
        self._misfits: deque[float] = deque(maxlen=RECENT)
        self._is_young = False

    def is_cut(self, rgb: NDArray[np.uint8]) -> bool:
        """Whether this frame starts another shot than the frames before.

        Args:
            rgb: (H, W, 3) uint8 RGB, of any size.
        """
        small = cv2.resize(rgb, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        now = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb), np.int16)
        if float(now[..., 0].std()) < PLAIN:
            return False
        found = bool(self._last) and self._differs(now)
        self._last.append(now)
        return found

    def _differs(self, now: Small) -> bool:
        """Whether a frame is another shot; keeps what is to be known of it but the frame itself."""
        least = max(MISFIT, SUDDEN * max(self._misfits, default=0.0))
        if self._is_young and len(self._misfits) < RECENT:
            least = max(least, YOUNG)
        apart = misfit(now, self._last[-1])
        if apart < least or any(
            alike(now, before) > SAME_SHAPES or misfit(now, before) < MISFIT
            for before in self._last
        ):
            self._misfits.append(apart)
            return False
        self.reset()
        self._is_young = True
        return True


def misfit(now: Small, before: Small) -> float:
    """How much of a frame cannot be put together from patches of another: 0 for nothing, about 1
    for all; exact from `MISFIT` up, at least as much below."""
    spread = np.abs(now - now.mean(axis=(0, 1))).sum(axis=2).mean() + NOISE
    unmoved = float(np.abs(now - before).sum(axis=2).mean() / spread)
    if unmoved < MISFIT:
        return unmoved
    padded = np.pad(before, ((REACH_Y, REACH_Y), (REACH_X, REACH_X), (0, 0)), mode="edge")
    columns = WIDTH // PATCH * PATCH
    best = np.full((HEIGHT // PATCH, WIDTH // PATCH), np.inf)
    for y in range(2 * REACH_Y + 1):
        for x in range(2 * REACH_X + 1):
            there = padded[y : y + HEIGHT, x : x + columns]
            apart = np.abs(now[:, :columns] - there).sum(axis=2)
            patches = apart.reshape(HEIGHT // PATCH, PATCH, -1, PATCH).sum(axis=(1, 3))
            best = np.minimum(best, patches)
    return float(best.mean() / PATCH**2 / spread)


def alike(now: Small, before: Small) -> float:
    """Correlation of the luma of two frames, without its sign: 1 where one is the other in more or
    less light, or inverted."""
    return abs(float(np.corrcoef(now[..., 0].ravel(), before[..., 0].ravel())[0, 1]))
