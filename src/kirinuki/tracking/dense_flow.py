"""Dense optical flow between two pictures of any size, from 1×1: OpenCV's dense inverse search
(Kroeger et al. 2016), and the one place that calls it.

`cv2.DISOpticalFlow` has a smallest size that it does not check. It halves the pictures as often as
their width alone allows, and where one side is below `SMALLEST` it then reads beside its memory:
96×31 pixels end the process, 7×7 raise (seen with OpenCV 5.0.0, and areas of 31 and 7 rows with
4.9.0). From `SMALLEST` on, both of its ways to choose how often lead to levels of 8 pixels, its
patches, or more.

Smaller pictures are padded on all sides with their border's pixels. Measured on moved strips of a
drawing, in reduced pixels off the truth at 5, 12, 21 and 28 rows: 1.3, 0.6, 0.3 and 0.2; padded
below and to the right alone 6.8, 0.9, 0.4 and 0.2; without any flow 2.4. Real pixels in place of
the padding: 0.2 at all of them, so whoever cuts an area out of a picture leaves it `SMALLEST`.

Not covered: how far the flow can be trusted (`flow`).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SMALLEST = 32
"""Pixels a side from which OpenCV's dense inverse search keeps to its memory: its finest level has
a quarter of them, and its patches are 8 wide."""


def dense_flow(here: NDArray[np.uint8], there: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How far what is here has moved there.

    Args:
        here, there: (h, w, 3) uint8 RGB, of one size.

    Returns:
        (2, h, w) float32, x and y in pixels; the same for any number of threads.
    """
    (above, below), (left, right) = (_padding(side) for side in here.shape[:2])
    grey = (
        cv2.copyMakeBorder(
            cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY),
            *(above, below, left, right),
            cv2.BORDER_REPLICATE,
        )
        for picture in (here, there)
    )
    estimator = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow = estimator.calc(*grey, None)  # type: ignore[call-overload]
    height, width = here.shape[:2]
    inside = flow[above : above + height, left : left + width]
    return np.array(cv2.split(inside), np.float32)


def _padding(side: int) -> tuple[int, int]:
    """Pixels to add before and behind."""
    missing = max(SMALLEST - side, 0)
    return missing // 2, missing - missing // 2
