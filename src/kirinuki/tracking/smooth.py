"""The alpha of a character as a steady hand would have drawn it: looked at together with the frame
before and the frame after, both brought along the motion of the picture.

A median of three takes out what only one frame says. Then alpha follows what it was before: wholly
where the picture stands still, partly where it moves, not at all where the picture there is another
one. The frame before comes as it was settled, so this is a recursive filter; what it got wrong
fades, faster where an area and not an edge is concerned.

Not covered: the motion itself (`flow`), characters missing in a frame (`fill`), who owns a pixel
that two claim (`settle`).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import Window
from kirinuki.sharing import Placed
from kirinuki.tracking.flow import Motion

MOVING, STILL, UNCHANGED = 0.5, 0.8, 0.85
"""Share of the earlier alpha that is kept where the picture moves, stands still, and lies in a
block that did not change."""
NOISE, MISTAKE = 60.0, 110.0
"""Mean difference, in levels of 255, up to which alpha is the same but for noise, and from which
the earlier one was a mistake."""
FORGIVEN = 0.4
"""Share of a mistake that is kept."""
NOTHING, HAZE, FADING = 8.0, 64.0, 0.5
"""Earlier alpha below `HAZE`, where there is `NOTHING` now, is haze of a model that was not sure for
a moment. It keeps this share of what it would: else a cloud that was half believed once stays for
the shot."""
AROUND = 1 / 40
"""Side of the squares over which differences of alpha are averaged, as a share of the character's
longer side: a line along an edge, however long, stays noise."""

Alpha = NDArray[np.float32]


def smoothed(
    here: Placed,
    before: tuple[Placed, Motion],
    after: tuple[Placed, Motion] | None,
    unchanged: NDArray[np.float32],
) -> Placed:
    """The alpha of one character in a frame.

    Args:
        here: as it was found in this frame.
        before: as it was settled in the frame before, and the motion from here to there.
        after: as it was found in the frame after, and the motion from here to there.
        unchanged: (H, W) float32 in [0, 1], 1 where the picture is that of the frame before.
    """
    placed = [here, before[0], *([after[0]] if after else [])]
    window = around([p[0] for p in placed])
    now = _in_window(here, window)
    past, trust = before[1].bring(before[0], window), before[1].sampled(before[1].trust, window)
    still = before[1].sampled(before[1].still, window)
    if after:
        future = after[1].bring(after[0], window)
        sure = np.minimum(trust, after[1].sampled(after[1].trust, window))
        now += sure * (_median(now, past, future) - now)
    x1, y1, x2, y2 = window
    kept = MOVING + (STILL - MOVING) * still
    kept = np.maximum(kept * trust, UNCHANGED * unchanged[y1:y2, x1:x2])
    side = 2 * max(5, round(AROUND / 2 * max(now.shape))) + 1
    apart = cv2.blur(np.abs(now - past), (side, side))
    mistaken = np.clip((apart - NOISE) / (MISTAKE - NOISE), 0, 1)
    kept *= 1 - (1 - FORGIVEN) * mistaken
    kept[(now < NOTHING) & (past < HAZE)] *= FADING
    now += kept * (past - now)
    return window, np.rint(now).astype(np.uint8)


def _median(a: Alpha, b: Alpha, c: Alpha) -> Alpha:
    return np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))


def around(windows: Sequence[Window]) -> Window:
    """Smallest window that holds all of these."""
    x1, y1, x2, y2 = zip(*windows, strict=True)
    return min(x1), min(y1), max(x2), max(y2)


def _in_window(placed: Placed, window: Window) -> Alpha:
    """An alpha as float32 in a window that holds its own."""
    (left, top, right, bottom), alpha = placed
    x1, y1, x2, y2 = window
    full = np.zeros((y2 - y1, x2 - x1), np.float32)
    full[top - y1 : bottom - y1, left - x1 : right - x1] = alpha
    return full
