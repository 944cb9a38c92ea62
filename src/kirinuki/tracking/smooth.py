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
from kirinuki.segmenter.placed import Placed, around, in_window
from kirinuki.tracking.flow import Motion

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

Alpha = NDArray[np.uint8]


def smoothed(
    here: Placed,
    before: tuple[Placed, Motion],
    after: Sequence[tuple[Placed, Motion]],
    kept: NDArray[np.float32],
) -> Placed:
    """The alpha of one character in a frame.

    Args:
        here: as it was found in this frame.
        before: as it was settled in the frame before, and the motion from here to there.
        after: as it was found in the next frames, and the motion from here to there.
        kept: (H, W) float32 in [0, 1], share of the earlier alpha to be kept, of `share_kept`.
    """
    placed, motion = before
    window = around([here[0], placed[0], *(there[0] for there, _ in after)])
    found, past = in_window(here, window), motion.bring(placed, window)
    now = _instead(found, _nearest(past, found, after, window), motion, window)
    side = 2 * max(5, round(AROUND / 2 * max(now.shape))) + 1
    apart = cv2.blur(cv2.absdiff(now, past), (side, side))
    share = kept[_in(window)] * cv2.LUT(apart, _BELIEVED)
    share *= cv2.LUT(((now < NOTHING) & (past < HAZE)).view(np.uint8), _STAYING)
    change = cv2.multiply(share, cv2.subtract(past, now, dtype=cv2.CV_32F))
    settled = cv2.add(now, change, dtype=cv2.CV_8U)
    return window, np.asarray(settled, np.uint8)


_BELIEVED = np.clip((MISTAKE - np.arange(256, dtype=np.float32)) / (MISTAKE - NOISE), 0, 1)
"""What the earlier alpha counts for, by how far it is apart from the present one."""
_STAYING = np.array([1, FADING] + [0] * 254, np.float32)
"""What becomes of the earlier alpha that is not haze, and that is."""


def share_kept(motion: Motion, unchanged: NDArray[np.float32]) -> NDArray[np.float32]:
    """Share of the earlier alpha that is kept as far as the picture goes, (H, W) float32.

    Args:
        motion: from this frame to the one before.
        unchanged: (h, w) float32 in [0, 1], of the size of the motion's fields: 1 where the picture
            is that of the frame before.
    """
    kept = (MOVING + (STILL - MOVING) * motion.still) * motion.trust
    return motion.enlarged(np.maximum(kept, UNCHANGED * unchanged))


def _nearest(
    past: Alpha, now: Alpha, after: Sequence[tuple[Placed, Motion]], window: Window
) -> Alpha:
    """What comes nearest to the past of all that lies between what this and the next frames say:
    with one of those, the median of the three."""
    low, high = now, now
    for placed, motion in after:
        future = _instead(now, motion.bring(placed, window), motion, window)
        low, high = np.minimum(low, future), np.maximum(high, future)
    return np.minimum(np.maximum(past, low), high)  # a tenth of the time of `clip`


def _instead(now: Alpha, other: Alpha, motion: Motion, window: Window) -> Alpha:
    """The other alpha where the motion is to be trusted, else the present one."""
    trusted = np.ascontiguousarray(motion.trusted[_in(window)]).view(np.uint8)
    return np.asarray(cv2.copyTo(other, trusted, now.copy()), np.uint8)


def _in(window: Window) -> tuple[slice, slice]:
    x1, y1, x2, y2 = window
    return np.s_[y1:y2, x1:x2]
