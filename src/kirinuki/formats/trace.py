"""Masks back to polygons, for COCO (exact) and for LabelMe (few points, editable by hand).

COCO and LabelMe rasterise differently. A COCO outline runs along the edges of pixels, so
`trace_mask` follows these edges and the polygons give the mask back bit for bit. LabelMe draws the
outline itself, so `mask_to_polygons` runs through the outermost pixels.

A hole is said by a bridge: a line of no width to it and back, that the even-odd rule does not see.

Not covered: holes in COCO polygons, which cannot say them: `trace_mask` returns None.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kirinuki.formats.shapes import draw_polygon
from kirinuki.geometry import Rle, mask_iou, mask_to_box, mask_to_rle

MIN_IOU = 0.99
"""How well polygons for LabelMe have to draw the mask they stand for."""
MIN_IOU_OF_FINDS = 0.97
"""The same for what a model found, which somebody goes over by hand: half as many points in small
pictures (27 in place of 61 in the median, 512×288), a quarter less in large ones."""
_TOLERANCES = (2.0, 1.5, 1.0, 0.7, 0.5, 0.0)
"""Pixels by which a simplified outline may pass by the true one, coarsest first."""
_SMALLEST_HOLE = 0.001
"""Holes below this share of the mask are not worth points that somebody has to edit around."""
_BRIDGE_POINTS = 1000
"""Points of an outline that are tried as the end of a bridge; bounds the memory."""


def segmentation_of(mask: NDArray[np.bool_]) -> list[list[float]] | Rle:
    """COCO segmentation of a mask (H, W) bool, exact: polygons, or RLE where there are holes."""
    polygons = trace_mask(mask)
    if polygons is None:
        return mask_to_rle(mask)
    return [polygon.ravel().astype(np.float64).tolist() for polygon in polygons]


def trace_mask(mask: NDArray[np.bool_]) -> list[NDArray[np.int64]] | None:
    """Outlines (N, 2) of a mask (H, W) bool along the edges of its pixels; None with holes.

    Rasterised as in COCO, the outlines are the mask. Pixels that touch at a corner are one part,
    unless that would close a ring around pixels outside. The stairs stay: smoothing them as far as
    COCO rasterises both alike was tried, and saved only a quarter of the points.
    """
    box = mask_to_box(mask)
    if box is None:
        return []
    x1, y1, x2, y2 = box
    crop = mask[y1:y2, x1:x2]
    outlines = _outlines(crop, corners_join=True) or _outlines(crop, corners_join=False)
    return outlines and [outline + np.array([x1, y1]) for outline in outlines]


def trace_bridged(mask: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """One outline (N, 2) of a mask (H, W) bool along the edges of its pixels, parts and holes tied
    together by bridges; None for an empty mask. Rasterised as in COCO, it is the mask."""
    box = mask_to_box(mask)
    if box is None:
        return None
    x1, y1, x2, y2 = box
    loops = _outlines(mask[y1:y2, x1:x2], corners_join=True, holes=True)
    assert loops
    corner = np.array([x1, y1], np.float64)
    return join_parts([loop + corner for loop in loops])


def _outlines(
    crop: NDArray[np.bool_], corners_join: bool, holes: bool = False
) -> list[NDArray[np.int64]] | None:
    """Outlines (N, 2), each beginning along a row; None when one of them is that of a hole and
    `holes` is False."""
    x, y, partner = _corners(crop, corners_join)
    outlines = []
    for start in range(len(partner)):
        if partner[start] < 0:
            continue
        if (
            not holes and not crop[y[start], x[start]]
        ):  # the pixel inside the first corner is not set: a hole
            return None
        loop = _follow(partner, start)
        outlines.append(np.stack([x[loop], y[loop]], axis=1))
    return outlines


def _corners(
    crop: NDArray[np.bool_], corners_join: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[int]]:
    """Corners x, y of all outlines, by rows, so that 2k and 2k + 1 are the ends of an edge along a
    row; and for each corner the one at the other end of its edge along the column."""
    padded = np.pad(crop, 1)
    a, b, c, d = padded[:-1, :-1], padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    across = (a == d) & (b == c) & (a != b)  # two set pixels touch: two corners in one place
    y, x = np.nonzero((a ^ b ^ c ^ d) | across)
    double = across[y, x]
    falling = a[y, x]  # the set pixels are at the upper left and the lower right
    times = 1 + double
    y, x = np.repeat(y, times), np.repeat(x, times)
    second = np.zeros(len(x), np.bool_)
    second[1:] = (x[1:] == x[:-1]) & (y[1:] == y[:-1])
    # Along a column, corners pair up too. Which of two in one place comes first decides which edges
    # are joined: those of one pixel, or those of both.
    swapped = np.repeat(double & (falling == corners_join), times)
    by_column = np.lexsort((second ^ swapped, y, x))
    partner = np.empty(len(x), np.int64)
    partner[by_column] = by_column.reshape(-1, 2)[:, ::-1].ravel()
    return x, y, partner.tolist()


def _follow(partner: list[int], start: int) -> list[int]:
    """One closed outline: along the row to the neighbour, then along the column, until back.
    Corners that were visited get the partner -1."""
    loop = []
    at = start
    while partner[at] >= 0:
        neighbour = at ^ 1
        loop += [at, neighbour]
        following = partner[neighbour]
        partner[at] = partner[neighbour] = -1
        at = following
    return loop


def mask_to_polygons(
    mask: NDArray[np.bool_], least_iou: float = MIN_IOU
) -> list[NDArray[np.float64]] | None:
    """Outlines (N, 2) that LabelMe draws as this mask (H, W) bool with an IoU of `least_iou` or
    more, with as few points as that and a tolerance of 2 pixels allow; None where polygons cannot
    say it (parts of one or two pixels, or many small holes, that matter).

    Holes that matter are tied to their outline by a bridge of no width, of which LabelMe draws a
    line. Three in ten of our training cutouts have such holes, between hair, arms and body, and
    LabelMe can edit polygons but not masks.
    """
    box = mask_to_box(mask)
    if box is None:
        return []
    import cv2  # here, because the help of every command that knows labels would load it

    x1, y1, x2, y2 = box
    crop = np.ascontiguousarray(mask[y1:y2, x1:x2])
    contours, tree = cv2.findContours(crop.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    least = _SMALLEST_HOLE * np.count_nonzero(mask)
    holes = [i for i, c in enumerate(contours) if tree[0][i][3] >= 0 and cv2.contourArea(c) > least]
    for tolerance in _TOLERANCES:
        lines = [cv2.approxPolyDP(c, tolerance, True)[:, 0].astype(np.float64) for c in contours]
        outer = {i: c for i, c in enumerate(lines) if tree[0][i][3] < 0 and len(c) >= 3}
        bridged = dict(outer)
        for i in holes:
            outside = int(tree[0][i][3])
            if outside in bridged and len(lines[i]) >= 3:
                bridged[outside] = join_parts([bridged[outside], lines[i]])
        for parts in (list(outer.values()), list(bridged.values())):
            if drawn_iou(parts, crop) >= least_iou:
                return [part + np.array([x1, y1]) for part in reversed(parts)]
    return None


def join_parts(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """One outline (N, 2) of several, each tied to those before, at a close pair of points, by a
    bridge of no width, there and back."""
    joined: NDArray[np.float64] = parts[0]
    for part in parts[1:]:
        steps = 1 + len(joined) // _BRIDGE_POINTS, 1 + len(part) // _BRIDGE_POINTS
        ends = joined[:: steps[0], None] - part[None, :: steps[1]]  # (N, M, 2)
        closest = np.unravel_index(int((ends**2).sum(axis=2).argmin()), ends.shape[:2])
        i, j = int(closest[0]) * steps[0], int(closest[1]) * steps[1]
        joined = np.concatenate([joined[: i + 1], part[j:], part[: j + 1], joined[i:]])
    return joined


def drawn_iou(polygons: list[NDArray[np.float64]], mask: NDArray[np.bool_]) -> float:
    """IoU of what LabelMe draws for polygons, each (N, 2), with a mask (H, W) bool."""
    drawn = np.zeros_like(mask)
    for polygon in polygons:
        drawn |= draw_polygon([(float(x), float(y)) for x, y in polygon], mask.shape)
    return mask_iou(drawn, mask)
