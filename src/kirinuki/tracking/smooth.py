"""The alpha of a character as a steady hand would have drawn it: looked at together with the frame
before and those after, brought along the motion of the picture.

First alpha leaves what it was no further than this and the next frames make it: what only some of
them say is taken out, as by a median of three. Then it follows what it was before: wholly where the
picture stands still, partly where it moves, not at all where the picture there is another one. The
frame before comes as it was settled, so this is a recursive filter; what it got wrong fades, faster
where an area and not an edge is concerned.

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
from kirinuki.tracking.flow import Motion, in_window

MOVING, STILL, UNCHANGED = 0.5, 0.8, 0.85
"""Share of the earlier alpha that is kept where the picture moves, stands still, and lies in a
block that did not change."""
NOISE, MISTAKE = 60.0, 110.0
"""Mean difference, in levels of 255, up to which alpha is the same but for noise, and from which
the earlier one was a mistake."""
NOTHING, HAZE, FADING = 8.0, 64.0, 0.5
"""Earlier alpha below `HAZE`, where there is `NOTHING` now, is haze of a model that was not sure
for a moment. It keeps this share of what it would: else a cloud that was half believed once stays
for the shot."""
AROUND = 1 / 40
"""Side of the squares over which differences of alpha are averaged, as a share of the character's
longer side: a line along an edge, however long, stays noise."""

Alpha = NDArray[np.float32]


def smoothed(
    here: Placed,
    before: tuple[Placed, Motion],
    after: Sequence[tuple[Placed, Motion]],
    unchanged: NDArray[np.float32],
) -> Placed:
    """The alpha of one character in a frame.

    Args:
        here: as it was found in this frame.
        before: as it was settled in the frame before, and the motion from here to there.
        after: as it was found in the next frames, and the motion from here to there.
        unchanged: (H, W) float32 in [0, 1], 1 where the picture is that of the frame before.
    """
    window = around([placed[0] for placed in (here, before[0], *(p for p, _ in after))])
    now = in_window(here, window)
    past, trust = (
        before[1].bring(before[0], window),
        before[1].sampled(before[1].trust, window),
    )
    still = before[1].sampled(before[1].still, window)
    now += trust * (_nearest(past, now, after, window) - now)
    x1, y1, x2, y2 = window
    kept = MOVING + (STILL - MOVING) * still
    kept = np.maximum(kept * trust, UNCHANGED * unchanged[y1:y2, x1:x2])
    side = 2 * max(5, round(AROUND / 2 * max(now.shape))) + 1
    apart = cv2.blur(np.abs(now - past), (side, side))
    mistaken = np.clip((apart - NOISE) / (MISTAKE - NOISE), 0, 1)
    kept *= 1 - mistaken
    kept[(now < NOTHING) & (past < HAZE)] *= FADING
    now += kept * (past - now)
    return window, np.rint(now).astype(np.uint8)


def _nearest(
    past: Alpha, now: Alpha, after: Sequence[tuple[Placed, Motion]], window: Window
) -> Alpha:
    """What comes nearest to the past of all that lies between what this and the next frames say:
    with one of those, the median of the three."""
    low, high = now, now
    for placed, motion in after:
        trust = motion.sampled(motion.trust, window)
        future = now + trust * (motion.bring(placed, window) - now)
        low, high = np.minimum(low, future), np.maximum(high, future)
    return np.clip(past, low, high)


def around(windows: Sequence[Window]) -> Window:
    """Smallest window that holds all of these."""
    x1, y1, x2, y2 = zip(*windows, strict=True)
    return min(x1), min(y1), max(x2), max(y2)
