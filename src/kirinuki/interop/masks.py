"""From masks at the size of the picture, as most libraries have them, to `Instances`.

Not covered: how each library names them (`supervision`, `coco`, `torchvision`, `label_map`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kirinuki.geometry import clip_boxes, mask_to_box, window_of
from kirinuki.instances import Instances, names_in

CHARACTER = ("character",)
"""The name of everyone, where nothing says names."""


def instances_of_masks(
    masks: ArrayLike,
    *,
    boxes: ArrayLike,
    labels: ArrayLike,
    names: str | Sequence[str],
    scores: ArrayLike | None = None,
    track_ids: ArrayLike | None = None,
) -> Instances:
    """Instances from whole masks, in the same order.

    Args:
        masks: (N, H, W), bool, or integers where 0 is outside, or floats: alpha in [0, 1].
        boxes: (N, 4) xyxy: the place of those whose mask has no pixel; all others get the box
            around their mask.
        labels: (N,) 0-based.
        scores: (N,) in [0, 1]; None: 1.

    Raises:
        ValueError: as `Instances`.
    """
    whole = np.asarray(masks)
    if whole.ndim != 3:
        raise ValueError(f"masks must be (N, H, W), but got {whole.shape}")
    count, height, width = whole.shape
    placed = clip_boxes(np.asarray(boxes, np.float32).reshape(-1, 4).copy(), (height, width))
    alphas = []
    for i in range(count):
        alpha = _alpha(whole[i])
        box = mask_to_box(alpha > 0)
        if box is not None:
            placed[i] = box
        x1, y1, x2, y2 = window_of(placed[i])
        alphas.append(alpha[y1:y2, x1:x2].copy())
    return Instances(
        size_hw=(height, width),
        boxes=placed,
        alphas=tuple(alphas),
        scores=np.ones(count, np.float32) if scores is None else np.asarray(scores, np.float32),
        labels=np.asarray(labels, np.int64),
        names=names_in(names),
        track_ids=None if track_ids is None else np.asarray(track_ids, np.int64),
    )


def _alpha(mask: NDArray[np.generic]) -> NDArray[np.uint8]:
    """(H, W) uint8, 255 = inside."""
    if mask.dtype.kind == "f":
        return np.rint(np.clip(mask.astype(np.float32), 0, 1) * 255).astype(np.uint8)
    return np.where(mask != 0, 255, 0).astype(np.uint8)
