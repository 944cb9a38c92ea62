"""Where one shot ends and the next begins, frame by frame, without looking ahead.

A cut changes the picture everywhere and at once, and more than the frames before it led one to
expect. So the measure is how badly the frame is explained by the frame before: each cell of a
small picture is compared with the best match within reach of a fast pan. What is left is set
against its running level, as in PySceneDetect's adaptive detector, but with the past alone.

A flash is no cut. White, black and plain frames are passed over: what comes after them is compared
with what was before, so a cut behind a flash or a fade to black is reported once, where the new
shot appears. Other frames are also compared with those before the last, in any light.

PySceneDetect is well kept, but needs opencv-python, which overwrites opencv-python-headless, and
its detectors answer two frames late or by pairs alone; `benchmarks/video/shots.py` compares.

Not covered: what a cut ends (`follow`).
"""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 64, 36
"""Size of the small picture, in cells."""
REACH = 3
"""Cells that the view may have moved since the frame before."""
MEMORY = 6
"""Frames that a flash may last."""
UNLIKE = 13.0
"""Levels of unexplained difference from which a frame may be another shot."""
PLAIN = 8.0
"""Standard deviation of luma below which a frame shows nothing: white, black, one colour."""
SAME_SHAPES = 0.8
"""Correlation from which the same is seen in another light."""
SUDDEN = 3.0
"""And by how many times it must exceed its running level."""
KEPT = 0.8
"""Share of the running level that is kept from frame to frame."""


class Shots:
    """Says of each frame whether it starts a new shot."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what came before: the next frame is no cut."""
        self._last: deque[NDArray[np.int16]] = deque(maxlen=MEMORY)
        self._level = 0.0

    def is_cut(self, rgb: NDArray[np.uint8]) -> bool:
        """Whether this frame starts another shot than the frames before.

        Args:
            rgb: (H, W, 3) uint8 RGB, of any size.
        """
        small = cv2.resize(rgb, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        now = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb), np.int16)
        if not self._last:
            self._last.append(now)
            return False
        if float(now[..., 0].std()) < PLAIN:
            return False
        apart = unexplained(now, self._last[-1])
        is_cut = apart >= max(UNLIKE, SUDDEN * self._level) and not self._goes_on(now)
        if is_cut:
            self.reset()
        else:
            self._level = KEPT * self._level + (1 - KEPT) * min(apart, UNLIKE)
        self._last.append(now)
        return is_cut

    def _goes_on(self, now: NDArray[np.int16]) -> bool:
        """Whether a frame shows what one of the last did, perhaps in another light."""
        return any(
            unexplained(now, earlier) < UNLIKE or alike(now, earlier) > SAME_SHAPES
            for earlier in self._last
        )


def alike(now: NDArray[np.int16], before: NDArray[np.int16]) -> float:
    """Correlation of the luma of two frames, in [-1, 1]: it does not mind how bright they are."""
    pair = np.corrcoef(now[..., 0].ravel(), before[..., 0].ravel())
    return float(pair[0, 1])


def unexplained(now: NDArray[np.int16], before: NDArray[np.int16]) -> float:
    """Mean difference per cell, in levels, after the best shift of the whole view.

    Args:
        now: (HEIGHT, WIDTH, 3) int16, luma and chroma.
        before: the same of another frame.
    """
    inner = now[REACH:-REACH, REACH:-REACH]
    height, width = inner.shape[:2]
    return min(
        float(np.abs(inner - before[y : y + height, x : x + width]).mean())
        for y in range(2 * REACH + 1)
        for x in range(2 * REACH + 1)
    )
