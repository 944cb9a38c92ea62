"""How well masks fit: region J and contour F of one pair, and J&F of a clip's tracks.

J is the IoU; F the F-measure of the contours' pixels that have one of the other's within 0.8 % of
the picture's diagonal (Perazzi et al., CVPR 2016; Martin et al., PAMI 2004), as DAVIS 2017 does it.

The tracks of a clip are matched as in unsupervised DAVIS (Caelles et al. 2019): one find at most
for each character, so that the sum of J&F is greatest; a missed one counts 0. Other than there,
frames with neither the character nor its find do not count: between cuts a character is absent most
of the time, and would score 1 for that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from kirinuki.geometry import Window, mask_to_box

Mask = NDArray[np.bool_]
CONTOUR_REACH = 0.008
"""How far two contours may lie apart and still agree, as a share of the picture's diagonal."""


@dataclass(frozen=True)
class Fit:
    """J and F of two masks, each in [0, 1]."""

    j: float
    f: float

    @property
    def mean(self) -> float:
        return (self.j + self.f) / 2


@dataclass(frozen=True)
class TrackFit:
    """A character of the truth, the find that follows it best, if any, and how well."""

    character: int
    found: int | None
    fit: Fit
    frames: int
    """Frames in which the character is."""


class Region:
    """A mask (H, W) bool with what comparing it needs."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask
        self.box = mask_to_box(mask)
        self.area = int(np.count_nonzero(mask))


def iou(first: Region, second: Region) -> float:
    """Intersection over union; two empty masks agree fully."""
    common = 0
    if first.box and second.box:
        x1, y1, x2, y2 = _common(first.box, second.box)
        if x1 < x2 and y1 < y2:
            inside = np.s_[y1:y2, x1:x2]
            common = int(np.count_nonzero(first.mask[inside] & second.mask[inside]))
    union = first.area + second.area - common
    return common / union if union else 1.0


def contour_f(first: Region, second: Region) -> float:
    """F-measure of two contours; two empty masks agree fully."""
    if first.box is None or second.box is None:
        return float(first.box is second.box)
    height, width = first.mask.shape
    reach = math.ceil(CONTOUR_REACH * math.hypot(height, width))
    x1, y1, x2, y2 = _around(first.box, second.box, reach + 2)
    window = np.s_[max(y1, 0) : y2, max(x1, 0) : x2]
    one, other = _contour(first.mask[window]), _contour(second.mask[window])
    precision, recall = _near(one, other, reach), _near(other, one, reach)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _common(first: Window, second: Window) -> Window:
    low, high = zip(first[:2], second[:2], strict=True), zip(first[2:], second[2:], strict=True)
    (x1, y1), (x2, y2) = map(max, low), map(min, high)
    return x1, y1, x2, y2


def _around(first: Window, second: Window, margin: int) -> Window:
    low, high = zip(first[:2], second[:2], strict=True), zip(first[2:], second[2:], strict=True)
    (x1, y1), (x2, y2) = map(min, low), map(max, high)
    return x1 - margin, y1 - margin, x2 + margin, y2 + margin


def _contour(mask: Mask) -> Mask:
    """Contour one pixel wide, half a pixel up and left of the edge (``seg2bmap`` of DAVIS)."""
    contour = np.zeros_like(mask)
    contour[:-1, :-1] = (
        (mask[:-1, :-1] ^ mask[:-1, 1:])
        | (mask[:-1, :-1] ^ mask[1:, :-1])
        | (mask[:-1, :-1] ^ mask[1:, 1:])
    )
    contour[-1, :-1] = mask[-1, :-1] ^ mask[-1, 1:]
    contour[:-1, -1] = mask[:-1, -1] ^ mask[1:, -1]
    return contour


def _near(contour: Mask, other: Mask, reach: int) -> float:
    """Share of a contour's pixels with one of the other's within `reach` pixels."""
    count = int(np.count_nonzero(contour))
    if not count or not other.any():
        # A mask that fills the picture has no contour.
        return float(not count and not other.any())
    distance = cv2.distanceTransform((~other).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return int(np.count_nonzero(distance[contour] < reach + 0.01)) / count


def track_fits(
    fits: Sequence[Mapping[tuple[int, int], Fit]],
    truth: Sequence[Sequence[int]],
    found: Sequence[Sequence[int]],
) -> list[TrackFit]:
    """J&F of every character of one clip, with the find that suits all of them best.

    Args:
        fits: for each frame the pairs (character, find) that touch; all others fit with 0.
        truth: ids of the characters of each frame.
        found: ids of the finds of each frame.
    """
    characters, finds = sorted({i for ids in truth for i in ids}), sorted(set().union(*found))
    row, column = ({i: k for k, i in enumerate(ids)} for ids in (characters, finds))
    sums = np.zeros((2, len(characters), len(finds)))
    for frame in fits:
        for (i, k), fit in frame.items():
            sums[:, row[i], column[k]] += fit.j, fit.f
    there = _presence(truth, row), _presence(found, column)
    together = there[0].T.astype(np.int64) @ there[1]
    counted = there[0].sum(0)[:, None] + there[1].sum(0)[None, :] - together
    means = sums / np.maximum(counted, 1)
    frames = there[0].sum(axis=0).tolist()
    pairs = zip(*linear_sum_assignment(means.mean(axis=0), maximize=True), strict=True)
    matched = {int(r): int(c) for r, c in pairs if means[:, r, c].any()}
    return [
        TrackFit(
            i,
            finds[matched[r]] if r in matched else None,
            Fit(*means[:, r, matched[r]].tolist()) if r in matched else Fit(0.0, 0.0),
            frames[r],
        )
        for i, r in row.items()
    ]


def _presence(ids: Sequence[Sequence[int]], index: Mapping[int, int]) -> NDArray[np.bool_]:
    there = np.zeros((len(ids), len(index)), np.bool_)
    for frame, present in enumerate(ids):
        there[frame, [index[i] for i in present]] = True
    return there
