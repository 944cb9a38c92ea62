"""What loses most: the same pictures with one part of the work done perfectly.

- *everything from score 0.05*: the threshold would hide nobody.
- *perfect choice*: of all that the detector finds, refined one by one, the truth picks one find for
  each character. What is lost is what it does not find at all, and edges; not duplicates, scores,
  the threshold, or sharing out.
- *truth boxes*: the detector is perfect, as far as 28×28 cells go. What is lost is the refiner's.

Not covered: how what is shown fits (`fit`).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from fit import Find, Fit, fit_of, hardened, iou_of, overlaps
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from kirinuki.geometry import mask_to_box
from kirinuki.segmenter.detector import Detections, Detector
from kirinuki.segmenter.placed import Placed
from kirinuki.segmenter.refiner import Refiner, coarse_in, enlarge
from kirinuki.segmenter.scores import WEAKEST
from kirinuki.segmenter.segmenter import COARSE_SIDE
from kirinuki.segmenter.sharing import share_out

MERGES_FROM = 0.5
"""A find that covers this share of two characters or more has merged them."""
SPLIT_FROM, INSIDE = 0.1, 0.5
"""A character is split where two finds or more each cover the first share of it and lie inside it
by more than the second: one that mostly shows a neighbour is no part of it."""


@dataclass(frozen=True)
class Oracles:
    """One picture's finds if … , beside the truth."""

    everything: Fit
    perfect_choice: Fit
    truth_boxes: Fit


def oracles_of(
    detector: Detector,
    refiner: Refiner | None,
    rgb: NDArray[np.uint8],
    truths: NDArray[np.bool_],
    everything: Fit,
) -> Oracles:
    """The oracles of a picture (H, W, 3) with characters (G, H, W).

    Raises:
        ModelError: the model fails.
    """
    alone = hardened(_refined(refiner, rgb, detector(rgb, WEAKEST)))
    coarse = coarse_truth(truths)
    boxed = _shared(_refined(refiner, rgb, coarse), coarse)
    return Oracles(
        everything=everything,
        perfect_choice=fit_of(perfect_choice(alone, truths), truths),
        truth_boxes=fit_of(hardened(boxed), truths),
    )


def perfect_choice(finds: list[Find], truths: NDArray[np.bool_]) -> list[Find]:
    """At most one find for each character, so that the sum of their IoUs is greatest."""
    found_areas = np.array([np.count_nonzero(mask) for _, mask in finds], np.int64)
    true_areas = np.count_nonzero(truths, axis=(1, 2)).astype(np.int64)
    iou = iou_of(overlaps(finds, truths), found_areas, true_areas)
    pairs = zip(*linear_sum_assignment(iou, maximize=True), strict=True)
    return [finds[d] for d, g in pairs if iou[d, g] > 0]


def coarse_truth(truths: NDArray[np.bool_]) -> Detections:
    """The characters (G, H, W) as a perfect detector would return them."""
    boxes = [mask_to_box(truth) or (0, 0, 1, 1) for truth in truths]
    masks = [
        cv2.resize(
            truth[y1:y2, x1:x2].astype(np.float32),
            (COARSE_SIDE, COARSE_SIDE),
            interpolation=cv2.INTER_AREA,
        )
        for truth, (x1, y1, x2, y2) in zip(truths, boxes, strict=True)
    ]
    return Detections(
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        scores=np.ones(len(truths), np.float32),
        labels=np.zeros(len(truths), np.int64),
        masks=np.array(masks, np.float32).reshape(-1, COARSE_SIDE, COARSE_SIDE),
    )


def merged(shown: Fit) -> int:
    """Finds that show two characters or more as one."""
    covers = shown.overlap >= MERGES_FROM * shown.true_areas
    return int(np.count_nonzero(covers.sum(axis=1) >= 2))


def split(shown: Fit) -> int:
    """Characters that are shown in two parts or more."""
    part = (shown.overlap >= SPLIT_FROM * shown.true_areas) & (
        shown.overlap > INSIDE * shown.found_areas[:, None]
    )
    return int(np.count_nonzero(part.sum(axis=0) >= 2))


def _refined(refiner: Refiner | None, rgb: NDArray[np.uint8], found: Detections) -> list[Placed]:
    size_hw = rgb.shape[0], rgb.shape[1]
    refined = enlarge(size_hw, found) if refiner is None else refiner(rgb, found)
    return [(one.window, one.alpha) for one in refined]


def _shared(placed: list[Placed], found: Detections) -> list[Placed]:
    """Pixels shared out among characters that are all there, as `Segmenter` does it."""

    def claim(i: int) -> NDArray[np.float32]:
        window, alpha = placed[i]
        coarse = coarse_in(window, found.masks[i], found.boxes[i])
        return cv2.add(alpha, coarse, dtype=cv2.CV_32F).astype(np.float32, copy=False)

    return share_out(placed, claim)
