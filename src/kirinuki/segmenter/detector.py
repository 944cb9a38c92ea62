"""Finding the characters: picture → boxes, scores, labels and coarse masks, on ONNX Runtime.

Mask R-CNN (He et al. 2017) as a graph that holds its own normalisation, padding and NMS; here the
picture is resized for it, its boxes are scaled back, and two detections of one character become
one.

Not covered: soft edges (`refiner`), both together (`segmenter`), opening files (`model_file`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import ModelError
from kirinuki.geometry import box_areas, clip_boxes
from kirinuki.segmenter.model_file import ModelInfo, run

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Level = TypeVar("Level", np.float32, np.uint8)

INSIDE = 0.5
"""Probability from which a cell of a coarse mask counts as character."""

SAME_SHARE = 0.8
"""Two detections are of one character when this share of the smaller mask lies inside the
larger."""

SWALLOW_SCORE = 0.7
"""Of two detections of one character the larger wins if it scores at least this share of the
smaller: a whole figure is worth more than its bust, unless the detector hardly believes in it."""

MOST = 500
"""Finds of one picture that are looked into; ours returns 50 at most."""


@dataclass(frozen=True, eq=False)
class Detections:
    """What the detector found, best score first.

    Attributes:
        boxes: (N, 4) float32, xyxy in pixels of the picture, inside it, never empty.
        scores: (N,) float32 in [0, 1].
        labels: (N,) int64, 0-based.
        masks: (N, m, m) float32, probability of the predicted class inside each box; m is 28.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    labels: NDArray[np.int64]
    masks: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, keep: NDArray[np.generic] | slice) -> Detections:
        """Some of them, in the order asked for."""
        return Detections(self.boxes[keep], self.scores[keep], self.labels[keep], self.masks[keep])

    @classmethod
    def of_all(cls, parts: Sequence[Detections]) -> Detections:
        """Several, at least one, in the order given."""
        return cls(
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.labels for part in parts]),
            np.concatenate([part.masks for part in parts]),
        )


class Detector:
    """A detector model, ready to run; safe to share among threads."""

    def __init__(self, session: InferenceSession, info: ModelInfo) -> None:
        self.info = info
        self._session = session
        optional = {tensor.name for tensor in session.get_overridable_initializers()}
        self._takes_min_score = "min_score" in optional

    def __call__(self, rgb: NDArray[np.uint8], min_score: float) -> Detections:
        """Everyone in a picture (H, W, 3) uint8 RGB who scores at least `min_score`.

        Raises:
            ModelError: the model fails, or contradicts what its file says.
        """
        image = resize_to(rgb, self.info.input_size)
        feed: dict[str, NDArray[np.generic]] = {
            "image": np.ascontiguousarray(image.transpose(2, 0, 1))  # (3, h, w)
        }
        if self._takes_min_score:  # the graph then spares itself the masks of weak detections
            feed["min_score"] = np.array(min_score, np.float32)
        boxes, scores, labels, masks = run(self._session, feed, "detector")
        count = len(scores)
        shapes = (boxes.shape, scores.shape, labels.shape, masks.shape)
        if shapes != ((count, 4), (count,), (count,), (count, *masks.shape[1:2] * 2)):
            raise ModelError(
                f"the detector returns boxes, scores, labels and masks of shapes {shapes}, "
                "expected (n, 4), (n,), (n,) and (n, m, m); export the model file anew"
            )
        if len(labels) and not 0 <= labels.min() <= labels.max() < len(self.info.names):
            raise ModelError(
                f"the detector returns label {labels.max()}, but its file names only "
                f"{len(self.info.names)} classes; export the model file anew"
            )
        boxes = _scale_boxes(boxes, image.shape, rgb.shape)
        good = (scores >= min_score) & (box_areas(boxes) > 0) & (masks >= INSIDE).any(axis=(1, 2))
        order = np.argsort(-scores, kind="stable")
        order = order[good[order]][:MOST]
        masks = np.clip(np.nan_to_num(masks[order]), 0, 1)
        return Detections(boxes[order], np.clip(scores[order], 0, 1), labels[order], masks)


def resize_to(rgb: NDArray[np.uint8], long_side: int) -> NDArray[np.uint8]:
    """The picture (H, W, 3) with its long side at `long_side` pixels, the other at least 1."""
    height, width = rgb.shape[:2]
    scale = long_side / max(height, width)
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    return resize(rgb, size_wh)


def resize(array: NDArray[np.uint8], size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """An array (H, W) or (H, W, 3) at another size: averaged over areas where it shrinks, so that
    nothing aliases, else bilinear."""
    if (array.shape[1], array.shape[0]) == size_wh:
        return array
    shrinks = size_wh[0] * size_wh[1] < array.shape[0] * array.shape[1]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(array, size_wh, interpolation=interpolation).astype(np.uint8, copy=False)


def _scale_boxes(
    boxes: NDArray[np.float32], input_shape: tuple[int, ...], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """Boxes in pixels of the network's input → pixels of the picture; non-finite ones → empty."""
    factors = np.array([shape[1] / input_shape[1], shape[0] / input_shape[0]] * 2, np.float32)
    height, width = shape[:2]
    return clip_boxes(np.nan_to_num(boxes * factors, posinf=0, neginf=0), (height, width))


def drop_duplicates(found: Detections, settle: bool = True) -> Detections:
    """One detection a character: NMS compares boxes, so the bust of a figure that was found as a
    whole passes it; masks tell. `settle` as in `pick_distinct`."""
    areas = box_areas(found.boxes) * (found.masks >= INSIDE).mean(axis=(1, 2))

    def share_inside(i: int, k: int) -> float:
        return _share_inside(found, areas, i, k)

    return found[pick_distinct(found.scores, areas, share_inside, settle)]


def pick_distinct(
    scores: NDArray[np.float32],
    areas: NDArray[np.generic],
    share_inside: Callable[[int, int], float],
    settle: bool = True,
) -> NDArray[np.int64]:
    """Indices, rising, of detections that are each another character.

    Of two detections of one character the better score stays, or the larger one if it scores nearly
    as well. A detection that covers several better ones is a group, and goes.

    Args:
        scores: (N,) falling.
        areas: (N,) areas of the masks.
        share_inside: of two detections, the share of the smaller mask that lies inside the larger.
        settle: choose between a better and a larger detection of one character; False keeps both,
            where somebody who looks closer scores them anew.
    """
    kept: list[int] = []
    for i in range(len(scores)):
        twins = [k for k in kept if share_inside(i, k) >= SAME_SHARE]
        if not twins:
            kept.append(i)
        elif len(twins) == 1:
            k = twins[0]
            if areas[i] <= areas[k]:
                continue
            if not settle:
                kept.append(i)
            elif scores[i] >= SWALLOW_SCORE * scores[k]:
                kept[kept.index(k)] = i
    return np.array(sorted(kept), np.int64)


def _share_inside(found: Detections, areas: NDArray[np.float32], i: int, k: int) -> float:
    """Share of the smaller of two masks that lies inside the larger, in [0, 1]."""
    small, large = (i, k) if areas[i] <= areas[k] else (k, i)
    a, b = found.boxes[small], found.boxes[large]
    if (np.minimum(a[2:], b[2:]) <= np.maximum(a[:2], b[:2])).any():
        return 0.0
    large_there = mask_in(a, found.masks[large], b)
    inside = found.masks[small] >= INSIDE
    return float(np.count_nonzero(inside & (large_there >= INSIDE)) / np.count_nonzero(inside))


def mask_in(
    part: NDArray[np.float32], mask: NDArray[np.float32], box: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The coarse mask (m, m) of a box (4,) as another box sees it, (m, m); 0 outside its own."""
    cells = mask.shape[0]
    step = (part[2:] - part[:2]) / (box[2:] - box[:2])  # cells of the mask a cell of the part
    start = (part[:2] - box[:2]) / (box[2:] - box[:2]) * cells + 0.5 * step - 0.5
    return sample(mask, step, start, (cells, cells), cv2.BORDER_CONSTANT)


def sample(
    mask: NDArray[Level],
    step: NDArray[np.floating],
    start: NDArray[np.floating],
    size_wh: tuple[int, int],
    border: int,
) -> NDArray[Level]:
    """A mask, float32 or uint8, read bilinearly at points ``start + step · (u, v)`` (x first),
    (h, w)."""
    matrix = np.array([[step[0], 0, start[0]], [0, step[1], start[1]]], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    sampled = cv2.warpAffine(mask, matrix, size_wh, flags=flags, borderMode=border)
    return sampled.astype(mask.dtype, copy=False)
