"""RGB to luma and chroma of full range: libswscale cuts these chroma values off where it should
round them, which turns every colour by half a level.

Not covered: limited range, in which libswscale is right, and faster.
"""

from __future__ import annotations

import av
import cv2
import numpy as np
from numpy.typing import NDArray

_RED_BLUE = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
    10: (0.2627, 0.0593),
}
"""Matrix (ITU-T H.273, table 4) → shares of red and blue in luma."""


def full_range(rgb: NDArray[np.uint8], matrix: int) -> av.VideoFrame:
    """A frame of pixel format yuv420p.

    Args:
        rgb: (H, W, 3) uint8 RGB.
        matrix: of `colour.matrix_of`.
    """
    red, blue = _RED_BLUE[matrix]
    luma = np.array([red, 1 - red - blue, blue])
    of_blue = (np.array([0, 0, 1]) - luma) / (2 * (1 - blue))
    of_red = (np.array([1, 0, 0]) - luma) / (2 * (1 - red))
    offsets = np.array([[0], [128], [128]])
    yuv = cv2.transform(rgb, np.hstack([np.stack([luma, of_blue, of_red]), offsets]))
    height, width = rgb.shape[:2]
    even = np.pad(yuv, ((0, height % 2), (0, width % 2), (0, 0)), "edge")
    chroma = cv2.resize(even[..., 1:], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, values in zip(frame.planes, (yuv[..., 0], *np.moveaxis(chroma, 2, 0)), strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        rows[: values.shape[0], : values.shape[1]] = values
    return frame
