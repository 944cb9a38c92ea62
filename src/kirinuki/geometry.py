"""Boxes, masks, RLE and polygons: conversions between the ways to say where something is.

Boxes are xyxy, half-open, in pixels. Masks are (H, W) bool. Polygons are (N, 2) float64 arrays of
x, y points, closed implicitly; pixel (0, 0) covers the square from (0, 0) to (1, 1), as in COCO.
RLE is COCO's: run lengths over the mask in column-major order, starting with zeros (COCO API,
``maskApi.c``, Lin et al. 2014). Rasterising and RLE agree with pycocotools bit for bit.

Not covered: the way back from a mask to polygons (`formats.trace`), drawing anything for people to
look at (`render`), reading label files (`data`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

Window = tuple[int, int, int, int]
"""Whole-pixel rectangle x1, y1, x2, y2, half-open."""


class Rle(TypedDict):
    """COCO run-length encoding of a mask."""

    size: list[int]
    """Height and width of the mask."""
    counts: str
    """Run lengths in COCO's compressed text form."""


def window_of(box: ArrayLike) -> Window:
    """Smallest whole-pixel rectangle that covers an xyxy box."""
    x1, y1, x2, y2 = (float(v) for v in np.asarray(box))
    return math.floor(x1), math.floor(y1), math.ceil(x2), math.ceil(y2)


def clip_boxes(boxes: NDArray[np.float32], size_hw: tuple[int, int]) -> NDArray[np.float32]:
    """Boxes (N, 4) moved inside a picture of this size; one wholly outside becomes empty."""
    height, width = size_hw
    limits = np.array([width, height, width, height], np.float32)
    return np.clip(boxes, 0, limits).astype(np.float32)


def box_areas(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Areas (N,) of boxes (N, 4) in square pixels."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    areas: NDArray[np.float32] = sides[:, 0] * sides[:, 1]
    return areas


def box_iou(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union (N, M) of every box of `first` with every box of `second`."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])  # (N, M, 2)
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    overlap = np.prod(np.maximum(high - low, 0), axis=2)  # (N, M)
    union = box_areas(first)[:, None] + box_areas(second)[None, :] - overlap
    iou: NDArray[np.float32] = (overlap / np.maximum(union, 1e-9)).astype(np.float32)
    return iou


def mask_iou(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Intersection over union of two masks of one shape; two empty masks agree fully (1.0)."""
    union = int(np.count_nonzero(first | second))
    return int(np.count_nonzero(first & second)) / union if union else 1.0


def mask_to_box(mask: NDArray[np.bool_]) -> Window | None:
    """Tight half-open box around the True pixels, or None where there are none."""
    rows = np.flatnonzero(mask.any(axis=1))
    columns = np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def mask_to_rle(mask: NDArray[np.bool_]) -> Rle:
    """COCO RLE of a mask (H, W) bool."""
    height, width = mask.shape
    flat = np.asarray(mask, np.bool_).ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    edges = np.concatenate(([0], changes, [flat.size]))
    counts = np.diff(edges).tolist()
    if flat.size and flat[0]:
        counts.insert(0, 0)
    return {"size": [height, width], "counts": encode_counts(counts)}


def rle_to_mask(size_hw: Sequence[int], counts: str | Sequence[int]) -> NDArray[np.bool_]:
    """Mask (H, W) bool from a COCO RLE, compressed (str) or not (list of run lengths).

    Raises:
        ValueError: when the runs do not add up to the size.
    """
    height, width = int(size_hw[0]), int(size_hw[1])
    runs = np.asarray(decode_counts(counts) if isinstance(counts, str) else counts, np.int64)
    if (runs < 0).any() or int(runs.sum()) != height * width:
        raise ValueError(
            f"RLE runs add up to {int(runs.sum())}, expected {height * width} ({height}×{width})"
        )
    values = np.arange(len(runs)) % 2 == 1
    return np.repeat(values, runs).reshape((width, height)).T.copy()


def encode_counts(counts: Sequence[int]) -> str:
    """COCO's compressed text of run lengths (``rleToString``): from the third run on, the
    difference to the run two before, in 5-bit groups from low to high, offset by 48."""
    text: list[str] = []
    for i, count in enumerate(counts):
        value = int(count) - (int(counts[i - 2]) if i > 2 else 0)
        more = True
        while more:
            group = value & 0x1F
            value >>= 5
            more = value != (-1 if group & 0x10 else 0)
            text.append(chr((group | 0x20 if more else group) + 48))
    return "".join(text)


def decode_counts(text: str) -> list[int]:
    """Run lengths from COCO's compressed text (``rleFrString``)."""
    groups = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - 48
    last = np.flatnonzero((groups & 0x20) == 0)  # the last group of each number
    if not len(last):
        return []
    first = np.concatenate(([0], last[:-1] + 1))
    length = last - first + 1
    groups = groups[: last[-1] + 1]
    shift = 5 * (np.arange(len(groups)) - np.repeat(first, length))
    counts = np.add.reduceat((groups & 0x1F) << shift, first)
    counts -= np.where(groups[last] & 0x10, np.int64(1) << (5 * length), 0)
    counts[1::2] = np.cumsum(counts[1::2])  # each is the difference to the one two before,
    counts[2::2] = np.cumsum(counts[2::2])  # but for the first three
    decoded: list[int] = counts.tolist()
    return decoded


def polygons_to_mask(polygons: Sequence[ArrayLike], size_hw: tuple[int, int]) -> NDArray[np.bool_]:
    """Union (H, W) bool of polygons, rasterised as COCO does; parts may leave the picture.

    Each polygon is (N, 2) or COCO's flat ``[x1, y1, x2, y2, ...]``; inside is by the even-odd rule.
    """
    height, width = size_hw
    union = np.zeros((width, height), np.bool_)  # transposed: COCO's order is column-major
    for polygon in polygons:
        edges = _crossings(np.asarray(polygon, np.float64).reshape(-1, 2), size_hw)
        for start, end in edges.reshape(-1, 2).tolist():
            union.ravel()[start:end] = True
    return np.ascontiguousarray(union.T)


def polygons_to_rle(polygons: Sequence[ArrayLike], size_hw: tuple[int, int]) -> Rle:
    """COCO RLE of the union of polygons; see `polygons_to_mask`."""
    return mask_to_rle(polygons_to_mask(polygons, size_hw))


def _crossings(polygon: NDArray[np.float64], size_hw: tuple[int, int]) -> NDArray[np.int64]:
    """Starts and ends, alternating and sorted, of the runs that fill one polygon (N, 2), as indices
    into the column-major mask. The method of ``rleFrPoly``: walk the outline on a grid five times
    finer, and note where it crosses the middle of a column of pixels."""
    height, width = size_hw
    u, v = _fine_outline(polygon)
    moved = np.flatnonzero(u[1:] != u[:-1])
    left = np.minimum(u[moved], u[moved + 1])  # finer columns left and right of a crossing
    top = np.minimum(v[moved], v[moved + 1])
    x = (left + 0.5) / _FINER - 0.5
    y = np.ceil(np.clip((top + 0.5) / _FINER - 0.5, 0, height)).astype(np.int64)
    kept = (np.floor(x) == x) & (x >= 0) & (x <= width - 1)
    at, times = np.unique(x[kept].astype(np.int64) * height + y[kept], return_counts=True)
    odd: NDArray[np.int64] = at[times % 2 == 1]
    return odd


def _fine_outline(polygon: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All points u, v of the closed outline on the finer grid, one a step along the longer side."""
    fine = np.trunc(polygon * _FINER + 0.5).astype(np.int64)  # (N, 2)
    start, end = fine, np.roll(fine, -1, axis=0)
    span = np.abs(end - start)
    flat = span[:, 0] >= span[:, 1]  # steps run along x
    lead_start = np.where(flat, start[:, 0], start[:, 1])
    lead_end = np.where(flat, end[:, 0], end[:, 1])
    flip = lead_start > lead_end  # COCO rounds from the low end, whichever way the edge runs
    low = np.where(flip[:, None], end, start)
    high = np.where(flip[:, None], start, end)
    length = span.max(axis=1)
    rise = np.where(flat, (high - low)[:, 1], (high - low)[:, 0])
    slope = rise / np.maximum(length, 1)
    edge = np.repeat(np.arange(len(fine)), length + 1)
    first = np.cumsum(length + 1) - (length + 1)
    step = np.arange(len(edge)) - first[edge]
    step = np.where(flip[edge], length[edge] - step, step)
    lead = np.where(flat, low[:, 0], low[:, 1])[edge] + step
    side = np.where(flat, low[:, 1], low[:, 0])[edge]
    side = np.trunc(side + slope[edge] * step + 0.5).astype(np.int64)
    return np.where(flat[edge], lead, side), np.where(flat[edge], side, lead)


_FINER = 5
"""COCO's upsampling of outlines (``rleFrPoly``)."""
