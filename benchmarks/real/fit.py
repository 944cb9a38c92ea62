"""What was found in one picture beside what is there: overlaps, and the numbers of one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from borrowed import Region, contour_f
from numpy.typing import NDArray

from kirinuki.evaluation.matching import MATCH_IOU, match_by_score
from kirinuki.geometry import Window
from kirinuki.instances import HARD_MASK_ALPHA, Instances
from kirinuki.segmenter.placed import Placed

Mask = NDArray[np.bool_]
Find = tuple[Window, Mask]
"""A hard mask (h, w) and the window of the picture that it fills."""


@dataclass(frozen=True)
class Fit:
    """D finds, best score first, beside the G characters of a picture.

    Attributes:
        overlap: (D, G) int64, pixels that both have.
        found_areas: (D,) int64, pixels of the finds.
        true_areas: (G,) int64, pixels of the characters.
        union: IoU of all finds as one mask and all characters as one; None where nobody is.
        boundary: (G,) F of each character's contour and that of its best find, 0 without one.
    """

    overlap: NDArray[np.int64]
    found_areas: NDArray[np.int64]
    true_areas: NDArray[np.int64]
    union: float | None
    boundary: NDArray[np.float64]

    @property
    def iou(self) -> NDArray[np.float64]:
        """IoU (D, G) of every find with every character."""
        return iou_of(self.overlap, self.found_areas, self.true_areas)

    @property
    def best(self) -> NDArray[np.float64]:
        """Of each character (G,) the best IoU with any find, 0 where it was missed."""
        best: NDArray[np.float64] = self.iou.max(axis=0, initial=0.0)
        return best

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which finds (D,) show a character that no surer one shows, at IoU ≥ 0.5."""
        nobody = np.zeros(len(self.true_areas), np.bool_)
        return np.asarray(match_by_score(self.iou, nobody, MATCH_IOU) >= 0)


def fit_of(finds: Sequence[Find], truths: NDArray[np.bool_]) -> Fit:
    """Finds, best score first, beside the characters' masks (G, H, W)."""
    overlap = overlaps(finds, truths)
    found_areas = np.array([np.count_nonzero(mask) for _, mask in finds], np.int64)
    true_areas = np.count_nonzero(truths, axis=(1, 2)).astype(np.int64)
    iou = iou_of(overlap, found_areas, true_areas)
    boundary = np.zeros(len(truths))
    for g, truth in enumerate(truths):
        if iou[:, g].any():
            best = _whole([finds[int(iou[:, g].argmax())]], truth.shape)
            boundary[g] = contour_f(Region(best), Region(truth))
    union = _union_iou(_whole(finds, truths.shape[1:]), truths) if len(truths) else None
    return Fit(overlap, found_areas, true_areas, union, boundary)


def overlaps(finds: Sequence[Find], truths: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Pixels (D, G) that each find shares with each character (G, H, W)."""
    shared = np.zeros((len(finds), len(truths)), np.int64)
    for d, ((x1, y1, x2, y2), mask) in enumerate(finds):
        shared[d] = np.count_nonzero(truths[:, y1:y2, x1:x2] & mask, axis=(1, 2))
    return shared


def iou_of(
    overlap: NDArray[np.int64], found_areas: NDArray[np.int64], true_areas: NDArray[np.int64]
) -> NDArray[np.float64]:
    """IoU (D, G) from pixels shared (D, G) and areas (D,), (G,)."""
    union = found_areas[:, None] + true_areas[None, :] - overlap
    return np.asarray(overlap / np.maximum(union, 1), np.float64)


def finds_of(instances: Instances) -> list[Find]:
    """The hard masks of a result, in its order."""
    placed = [(instances.window(i), alpha) for i, alpha in enumerate(instances.alphas)]
    return hardened(placed)


def hardened(placed: Sequence[Placed]) -> list[Find]:
    """Soft masks as hard ones."""
    return [(window, alpha >= HARD_MASK_ALPHA) for window, alpha in placed]


def _whole(finds: Sequence[Find], size_hw: tuple[int, ...]) -> Mask:
    """All finds as one mask (H, W) of the picture."""
    whole = np.zeros(size_hw, np.bool_)
    for (x1, y1, x2, y2), mask in finds:
        whole[y1:y2, x1:x2] |= mask
    return whole


def _union_iou(found: Mask, truths: NDArray[np.bool_]) -> float:
    true = truths.any(axis=0)
    return int(np.count_nonzero(found & true)) / max(int(np.count_nonzero(found | true)), 1)
