"""Which blocks of a frame really differ from the frame that was looked at last.

Animation holds a drawing for two or three frames, but a codec gives each of them other pixels: a
key frame is quantised afresh, a first rough coding is refined in the next frames, grain is new
every time. A difference counts where it is larger than what this pair of frames itself shows to be
noise. That noise is measured in six groups of blocks with a noise of their own: drawn anew a moment
ago, so still being refined, or not; and among them those that are flat, shaded or have lines. The
estimate comes from upper quantiles of the differences in the group, and is held under a ceiling:
where nearly everything moves there is no noise to see, and motion must not pass for it.

FFmpeg's `mpdecimate` votes by blocks, too, with fixed thresholds: these are either blind to a small
mouth or take every key frame for new. No library that could be a dependency does more.

Not covered: what to do with a changed block (`follow`), cuts (`shots`).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.video.frames import Frame

BLOCK = 16
"""Side of a block in pixels; the last row and column may be narrower."""
SHADED, LINES = 12, 60
"""Levels between the darkest and the brightest pixel within two pixels of any in a block: from
there on it counts as shaded, and as having lines."""
SETTLING = 4
"""Frames for which a codec refines what was drawn anew."""
FLOOR = np.array([[5.0, 8.0, 12.0], [7.0, 11.0, 16.0]])
"""Levels of difference that are no change even where a pair shows no noise: flat, shaded, lines;
first where all is settled, then where something was drawn anew."""
COLOUR_FLOOR = np.array([[4.0, 5.0, 7.0], [7.0, 10.0, 16.0]])
"""The same for colour, of which codecs keep less and which they therefore disturb less."""
CEILING = np.array([[10.0, 16.0, 22.0], [14.0, 28.0, 46.0]])
"""Levels of difference that are a change whatever the noise."""
NOISE, TAIL = 0.75, 0.97
"""Quantiles of the differences in a group: its noise, and how far single blocks go beyond."""
FEW = 4
"""Blocks that never count for these: a mouth alone must not pass for noise."""
PER_NOISE = np.array([2.0, 1.0])
PER_TAIL = np.array([0.5, 4.5])
"""Levels of difference that are no change for each level of noise, and of tail beyond it: where
something was drawn anew, some lines are refined much and most blocks not at all."""
DRIFT = np.array([[2.5, 3.0, 4.0], [3.0, 4.0, 6.0]])
"""Levels by which the mean of a block may differ: noise has no mean, fades do."""


@dataclass(frozen=True, eq=False)
class _Planes:
    """A frame, softened so that single pixels do not matter.

    Attributes:
        luma: (H, W) uint8.
        chroma: (ceil(H/2), ceil(W/2), 2) uint8.
        mean: (ceil(H/16), ceil(W/16)) float32, mean luma of the blocks.
    """

    luma: NDArray[np.uint8]
    chroma: NDArray[np.uint8]
    mean: NDArray[np.float32]

    def part(self, rows: slice, columns: slice) -> _Planes:
        """These rows and columns of blocks."""
        whole, half = (
            (
                slice(rows.start * side, rows.stop * side),
                slice(columns.start * side, columns.stop * side),
            )
            for side in (BLOCK, BLOCK // 2)
        )
        return _Planes(self.luma[whole], self.chroma[half], self.mean[rows, columns])

    def copy(self) -> _Planes:
        return _Planes(self.luma.copy(), self.chroma.copy(), self.mean.copy())

    def take(self, new: _Planes, blocks: NDArray[np.bool_]) -> None:
        """Become `new` in these blocks."""
        if not blocks.any():
            return
        area = _bounds(blocks)
        there, mine, theirs = blocks[area], self.part(*area), new.part(*area)
        _overlay(mine.luma, theirs.luma, there, BLOCK)
        _overlay(mine.chroma, theirs.chroma, there, BLOCK // 2)
        mine.mean[there] = theirs.mean[there]


class Repeats:
    """Compares frames with a reference that only `look` moves, so slow changes add up.

    Blocks that were drawn anew are an exception: for the next `SETTLING` frames without a change
    the reference takes over what the codec makes of them.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the reference."""
        self._reference: _Planes | None = None
        self._settled: _Planes | None = None
        self._now: tuple[_Planes, NDArray[np.bool_] | None] | None = None
        self._kinds = np.zeros((0, 0), np.intp)
        self._held = np.zeros((0, 0), np.intp)  # frames since a block was drawn anew

    def changed(self, frame: Frame) -> NDArray[np.bool_] | None:
        """Blocks that really differ from the reference. To be asked once for every frame in turn.

        Returns:
            (ceil(H/16), ceil(W/16)) bool; None where there is no reference of this size.
        """
        now = _planes(frame)
        differs = self._differs(now)
        self._now = now, differs
        if differs is not None and self._settled is not None:
            fresh = self._held < SETTLING
            self._settled.take(now, fresh & ~differs)
            self._held += 1
        return differs

    def look(self, blocks: NDArray[np.bool_] | None = None) -> None:
        """Make the frame that was asked about last the reference.

        Args:
            blocks: only these, (ceil(H/16), ceil(W/16)) bool; None: all.
        """
        assert self._now is not None, "changed() comes first"
        now, anew = self._now
        if anew is None or self._reference is None or self._settled is None:
            anew, blocks = np.ones(now.mean.shape, np.bool_), None
            self._held = np.zeros(anew.shape, np.intp)
        if blocks is None or self._reference is None or self._settled is None:
            self._reference, self._settled = now, now.copy()
        else:
            anew = anew & blocks
            for planes in (self._reference, self._settled):
                planes.take(now, blocks)
        near = cv2.dilate(anew.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        self._held[near] = 0
        self._kinds = _kinds(self._reference.luma)

    def _differs(self, now: _Planes) -> NDArray[np.bool_] | None:
        before, settled = self._reference, self._settled
        if before is None or settled is None or before.luma.shape != now.luma.shape:
            return None
        fresh = self._held < SETTLING
        differs = _differ(now, settled, self._kinds)
        if fresh.any():
            area = _bounds(fresh)
            groups = (self._kinds + 3 * fresh)[area]
            rough = _differ(now.part(*area), before.part(*area), groups)
            differs[area] = np.where(fresh[area], rough, differs[area])
        return differs


def _planes(frame: Frame) -> _Planes:
    soft = cv2.GaussianBlur(cv2.cvtColor(frame.half, cv2.COLOR_RGB2YCrCb), (3, 3), 0)
    luma = cv2.GaussianBlur(cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY), (3, 3), 0)
    half_luma, *chroma = cv2.split(soft)
    down, right = (-side % (BLOCK // 2) for side in half_luma.shape)
    whole = cv2.copyMakeBorder(half_luma, 0, down, 0, right, cv2.BORDER_REPLICATE)
    size_wh = whole.shape[1] // (BLOCK // 2), whole.shape[0] // (BLOCK // 2)
    mean = cv2.resize(whole.astype(np.float32), size_wh, interpolation=cv2.INTER_AREA)
    return _Planes(
        np.asarray(luma, np.uint8),
        np.asarray(cv2.merge(chroma), np.uint8),
        np.asarray(mean, np.float32),
    )


def _bounds(blocks: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The rows and columns in which there are any of these blocks."""
    rows, columns = (np.flatnonzero(blocks.any(axis=axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _overlay(
    old: NDArray[np.uint8], new: NDArray[np.uint8], blocks: NDArray[np.bool_], side: int
) -> None:
    """Put these blocks, of this side, of the new plane into the old one."""
    size_wh = blocks.shape[1] * side, blocks.shape[0] * side
    mask = cv2.resize(blocks.view(np.uint8), size_wh, interpolation=cv2.INTER_NEAREST)
    height, width = old.shape[:2]
    cv2.copyTo(new, np.ascontiguousarray(mask[:height, :width]), old)


def _differ(now: _Planes, before: _Planes, group: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Blocks that differ by more than the noise of their group."""
    luma = block_max(np.asarray(cv2.absdiff(now.luma, before.luma), np.uint8), BLOCK)
    apart = cv2.absdiff(now.chroma, before.chroma)
    chroma = block_max(np.maximum(apart[..., 0], apart[..., 1]), BLOCK // 2)
    drift = np.abs(now.mean - before.mean)
    differs = (luma > _limit(luma, group, FLOOR)) | (chroma > _limit(chroma, group, COLOUR_FLOOR))
    return np.asarray(differs | (drift > DRIFT.ravel()[group]), np.bool_)


def block_max(plane: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Largest value in each block of (H, W); blocks over the border are padded with 0."""
    height, width = plane.shape
    padded = np.pad(plane, ((0, -height % side), (0, -width % side)))
    rows = padded.reshape(-1, side, padded.shape[1]).max(axis=1)
    largest: NDArray[np.uint8] = rows.reshape(len(rows), -1, side).max(axis=2)
    return largest


def _kinds(luma: NDArray[np.uint8]) -> NDArray[np.intp]:
    """0 for flat blocks, 1 for shaded ones, 2 for those with lines."""
    around = np.ones((5, 5), np.uint8)
    contrast = block_max(np.asarray(cv2.morphologyEx(luma, cv2.MORPH_GRADIENT, around)), BLOCK)
    return np.digitize(contrast, [SHADED, LINES])


def _limit(
    differences: NDArray[np.uint8], group: NDArray[np.intp], floor: NDArray[np.float64]
) -> NDArray[np.float64]:
    """For each block, what is no more than the noise of its group in this pair of frames."""
    counts = np.bincount((group * 256 + differences).ravel(), minlength=6 * 256).reshape(6, 256)
    below = counts.cumsum(axis=1)
    noise, tail = (
        (below < np.minimum(share * below[:, -1:], below[:, -1:] - FEW)).sum(axis=1)
        for share in (NOISE, TAIL)
    )  # (6,) levels
    limits = floor.ravel() + np.repeat(PER_NOISE, 3) * noise
    limits += np.repeat(PER_TAIL, 3) * (tail - noise)
    limit: NDArray[np.float64] = np.minimum(limits, CEILING.ravel())[group]
    return limit
