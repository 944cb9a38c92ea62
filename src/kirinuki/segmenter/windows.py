"""Where to look in long pictures: panel by panel, and through windows that overlap where none ends.

A detector sees a picture at some 500 pixels of its long side: a page of 800 × 12,000 would be 34
wide there. The gutters of a page, rows of one colour from edge to edge, cut nobody; what lies
between two is seen as if it were alone. Where there are none, whoever fits into the overlap of two
windows is whole in at least one of them.

Not covered: looking, and whom two windows see (`joining`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import Window

LONG = 2.5
"""Long side : short side from which a picture is not seen at once. Of pages of panels a look at
all of it finds 85 % at 1:2.8 and nobody from 1:6 on; even single scenes of 1:2.5 to 1:6 gain. No
screen and no film is longer, but few."""
NARROWEST = 256
"""Pixels that a page counts as wide at least, so that a hair's breadth has no thousand windows."""
LENGTH = 2.0
"""Length of a window, in widths of the page."""
ABREAST = 1.0
"""As `LENGTH`, of pictures that are wide: people stand upright, and more fit side by side."""
AT_ONCE = 1.25
"""Panels of up to so many windows' lengths are seen at once."""
OVERLAP = 0.5
"""Share of a window that the next one sees, too, at least."""
ONE_COLOUR = 16
"""Levels of 255 that a row of a gutter differs by at most: compression leaves some."""
GUTTER = 1 / 100
"""Least length of a gutter, in widths of the page."""
PANEL = 1 / 4
"""Least length of what gutters cut out: lines of text stay with what follows them."""
MARGIN = 1 / 50
"""How much of a gutter is seen beside a panel at most."""
BLOCK = 1024
"""Rows at a time: bounds the memory."""


def windows_of(rgb: NDArray[np.uint8]) -> list[Window]:
    """Windows to look through in turn, of a picture (H, W, 3) uint8: the whole of it, or, if it is
    `LONG`, several, in order along its long side."""
    height, width = rgb.shape[:2]
    whole = (0, 0, width, height)
    if max(height, width) < LONG * min(height, width):
        return [whole]
    lengthwise = rgb if height >= width else rgb.transpose(1, 0, 2)  # (long, short, 3), a view
    side = max(min(height, width), NARROWEST)
    length = round((LENGTH if height >= width else ABREAST) * side)
    spans = [part for panel in _panels(lengthwise, side) for part in _overlapping(panel, length)]
    if height >= width:
        return [(0, start, width, end) for start, end in spans] or [whole]
    return [(start, 0, end, height) for start, end in spans] or [whole]


def _panels(rgb: NDArray[np.uint8], side: int) -> Iterator[tuple[int, int]]:
    """Start and end of everything that gutters part, with some of the gutters around it."""
    length = len(rgb)
    blank = np.concatenate([[True], _one_colour(rgb), [True]])
    starts = np.flatnonzero(blank[:-1] & ~blank[1:])  # first rows of what is drawn
    ends = np.flatnonzero(~blank[:-1] & blank[1:])  # first rows of gutters
    if not len(starts):
        return
    margin = round(MARGIN * side)
    first, before = int(starts[0]), min(int(starts[0]), margin)
    for end, following in zip(ends.tolist(), [*starts[1:].tolist(), None], strict=True):
        if following is None:
            yield first - before, min(length, end + margin)
        elif following - end >= GUTTER * side and end - first >= PANEL * side:
            after = min((following - end) // 2, margin)
            yield first - before, end + after
            first, before = following, after


def _one_colour(rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which rows (H,) of a picture are of one colour."""
    blank = np.empty(len(rgb), np.bool_)
    for top in range(0, len(rgb), BLOCK):
        rows = rgb[top : top + BLOCK]
        blank[top : top + BLOCK] = (np.ptp(rows, axis=1) <= ONE_COLOUR).all(axis=1)
    return blank


def _overlapping(span: tuple[int, int], length: int) -> list[tuple[int, int]]:
    """Spans of one length that cover a longer one, in order; one that is hardly longer is left as
    it is."""
    start, end = span
    if end - start <= AT_ONCE * length:
        return [span]
    count = 1 + int(np.ceil((end - start - length) / (length * (1 - OVERLAP))))
    starts = np.linspace(start, end - length, count).astype(int).tolist()
    return [(at, at + length) for at in starts]
