"""`Instances` and ``supervision.Detections``, for its trackers, zones and annotators.

Not covered: drawing as we do (`render`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import KirinukiError
from kirinuki.geometry import window_of
from kirinuki.instances import KIND_THRESHOLD, Instances, expect_instances
from kirinuki.interop.masks import CHARACTER, instances_of_masks

if TYPE_CHECKING:
    from supervision import Detections


def to_supervision(instances: Instances) -> Detections:
    """The same characters as supervision's; what it does not know, soft edges above all, goes along
    in `data`, and so survives its filters and trackers.

    Returns:
        ``Detections`` with `xyxy`, hard `mask` (N, H, W) bool, `confidence`, `class_id` from 0,
        `tracker_id`; `data`: "class_name", "alpha" (crops, as `Instances.alphas`) and, where the
        model says them, "kind_scores"; `metadata`: "size_hw", "names", "kind_threshold".

    Raises:
        KirinukiError: supervision is not installed.
    """
    expect_instances(instances)
    try:
        from supervision import Detections
    except ImportError:
        raise KirinukiError(
            "to_supervision: supervision is not installed; run: pip install supervision"
        ) from None
    data: dict[str, Any] = {
        "class_name": np.array([one.name for one in instances], np.str_),
        "alpha": list(instances.alphas),
    }
    if instances.kind_scores is not None:
        data["kind_scores"] = instances.kind_scores
    return Detections(
        xyxy=instances.boxes,
        mask=instances.masks(),
        confidence=instances.scores,
        class_id=instances.labels,
        tracker_id=instances.track_ids,
        data=data,
        metadata={
            "size_hw": instances.size_hw,
            "names": instances.names,
            "kind_threshold": instances.kind_threshold,
        },
    )


def from_supervision(
    detections: Detections, *, names: str | Sequence[str] | None = None
) -> Instances:
    """The characters in any ``Detections`` with masks; from `to_supervision`, all that was there.

    Boxes of other origin become those around the masks.

    Args:
        detections: with `mask`, dense or compact.
        names: names of the classes by `class_id`; None: those that the detections carry.

    Raises:
        ValueError: there are no masks.
    """
    data, told = detections.data, detections.metadata
    masks = _masks(detections)
    count = len(masks)
    labels, known = _classes(detections, count)
    ids = detections.tracker_id
    found = instances_of_masks(
        masks,
        boxes=detections.xyxy,
        labels=labels,
        names=known if names is None else names,
        scores=detections.confidence,
        track_ids=ids,
    )
    boxes, alphas = _soft(found, detections)
    said = data.get("kind_scores")
    return Instances(
        size_hw=found.size_hw,
        boxes=boxes,
        alphas=alphas,
        scores=found.scores,
        labels=found.labels,
        names=found.names,
        track_ids=found.track_ids,
        kind_scores=None if said is None else np.asarray(said, np.float32),
        kind_threshold=told.get("kind_threshold", KIND_THRESHOLD),
    )


def _masks(detections: Detections) -> NDArray[np.bool_]:
    if detections.mask is not None:
        return np.asarray(detections.mask, np.bool_)
    size_hw = detections.metadata.get("size_hw")
    if len(detections) or size_hw is None:
        raise ValueError(
            "detections have no masks, only boxes; expected mask (N, H, W) bool, as a model for "
            "instance segmentation gives"
        )
    return np.zeros((0, *size_hw), np.bool_)


def _classes(detections: Detections, count: int) -> tuple[NDArray[np.int64], Sequence[str]]:
    """Labels (N,), and names by label."""
    if detections.class_id is None:
        return np.zeros(count, np.int64), CHARACTER
    labels = detections.class_id.astype(np.int64)
    names = detections.metadata.get("names")
    if names is not None:
        return labels, names
    known = [f"class {number}" for number in range(int(labels.max(initial=0)) + 1)]
    for label, name in zip(labels, detections.data.get("class_name", ()), strict=False):
        known[label] = str(name)
    return labels, known


def _soft(
    found: Instances, detections: Detections
) -> tuple[NDArray[np.float32], tuple[NDArray[np.uint8], ...]]:
    """Boxes and alphas: those that went along, where they still fit the boxes."""
    boxes, alphas = found.boxes.copy(), list(found.alphas)
    for i, alpha in enumerate(detections.data.get("alpha", ())):
        x1, y1, x2, y2 = window_of(detections.xyxy[i])
        if alpha.shape == (y2 - y1, x2 - x1):
            boxes[i], alphas[i] = detections.xyxy[i], alpha
    return boxes, tuple(alphas)
