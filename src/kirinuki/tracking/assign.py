"""The best one-to-one matching of rows and columns (the assignment problem), exactly.

It is the transport of one unit from each row to each column, and OpenCV solves transport
(`cv2.EMD`, the simplex method of Rubner, Tomasi & Guibas, "The earth mover's distance", IJCV
2000): with whole units its solutions are whole. The tests compare it with every other way and with
SciPy's Hungarian method. Gains are compared in single precision.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def match(gain: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs (row, column), rows ascending, whose summed gain is the largest possible.

    Args:
        gain: (N, M), finite. A pair with a gain of zero or less is never made.
    """
    if not (gain > 0).any():
        return []
    wanted = np.maximum(gain, 0).astype(np.float32)
    rows, columns = (np.ones((side, 1), np.float32) for side in wanted.shape)
    cost = wanted.max() - wanted
    _, _, flow = cv2.EMD(rows, columns, cv2.DIST_USER, cost=cost)
    return [(r, c) for r, c in np.argwhere(np.asarray(flow) > 0.5).tolist() if gain[r, c] > 0]
