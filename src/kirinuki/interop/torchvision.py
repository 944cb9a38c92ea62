"""The dictionary that torchvision's detection models learn from and give, with NumPy arrays:
``{key: torch.from_numpy(value) for key, value in target.items()}`` is theirs.

Not covered: torch (`training`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.instances import Instances, expect_instances
from kirinuki.interop.masks import instances_of_masks


def to_torchvision(instances: Instances) -> dict[str, NDArray[Any]]:
    """A target for ``torchvision.models.detection.maskrcnn_resnet50_fpn`` and its relatives.

    Masks are hard, names and track ids are lost.

    Returns:
        ``boxes`` (N, 4) float32, xyxy; ``labels`` (N,) int64, from 1, for 0 is the background;
        ``masks`` (N, H, W) uint8, 0 or 1; ``scores`` (N,) float32, which training passes over.
    """
    expect_instances(instances)
    return {
        "boxes": instances.boxes.copy(),
        "labels": instances.labels + 1,
        "masks": instances.masks().astype(np.uint8),
        "scores": instances.scores.copy(),
    }


def from_torchvision(
    target: Mapping[str, Any], *, names: str | Sequence[str] | None = None
) -> Instances:
    """Instances from a target, or from what a model of torchvision's found.

    Args:
        target: ``boxes``, ``labels``, ``masks`` (N, H, W), or (N, 1, H, W) of a model, whose
            values in [0, 1] become the alphas; ``scores`` if there are any. NumPy arrays or
            tensors.
        names: names of the classes, the first that of label 1; None: "class 1", "class 2" …

    Raises:
        ValueError: a key is missing, or an array is not what it should be.
    """
    missing = [key for key in ("boxes", "labels", "masks") if key not in target]
    if missing:
        raise ValueError(f"target has no {' and no '.join(missing)}, only: {', '.join(target)}")
    arrays = {key: _array(target[key]) for key in ("boxes", "labels", "masks")}
    masks, labels = arrays["masks"], arrays["labels"]
    if masks.ndim == 4 and masks.shape[1] == 1:
        masks = masks[:, 0]
    if names is None:
        names = [f"class {number}" for number in range(1, int(labels.max(initial=1)) + 1)]
    return instances_of_masks(
        masks,
        boxes=arrays["boxes"],
        labels=labels - 1,
        names=names,
        scores=None if target.get("scores") is None else _array(target["scores"]),
    )


def _array(given: Any) -> NDArray[Any]:
    """An array as it is, a tensor from wherever it lies and whatever learns from it."""
    return np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
