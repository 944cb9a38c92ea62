"""One array of whole numbers that says whose each pixel is, as scikit-image and SciPy have it.

Not covered: a picture file of it with colours (`render.cutout.mask_image`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kirinuki.instances import HARD_MASK_ALPHA, Instances, expect_instances
from kirinuki.interop.masks import CHARACTER, instances_of_masks


def to_label_map(instances: Instances) -> NDArray[np.int32]:
    """Whose each pixel is, the same numbers as in the command's ``--mask``.

    Where hard masks overlap, a pixel is whose alpha is highest there. Alphas, classes and scores
    are lost, and so is who has no pixel left.

    Returns:
        (H, W) int32: 0 nobody, i + 1 the instance i; where there are track ids, these.
    """
    expect_instances(instances)
    ids = instances.track_ids
    numbers = np.zeros(instances.size_hw, np.int32)
    highest = np.full(instances.size_hw, HARD_MASK_ALPHA - 1, np.uint8)
    for i, alpha in enumerate(instances.alphas):
        x1, y1, x2, y2 = instances.window(i)
        window = np.s_[y1:y2, x1:x2]
        wins = alpha > highest[window]
        numbers[window][wins] = i + 1 if ids is None else ids[i]
        highest[window][wins] = alpha[wins]
    return numbers


def from_label_map(
    label_map: ArrayLike, *, names: str | Sequence[str] = CHARACTER, tracked: bool = False
) -> Instances:
    """An instance for each number but 0, in their order, all of the first class.

    Args:
        label_map: (H, W) whole numbers from 0.
        names: names of the classes.
        tracked: whether the numbers are track ids.

    Raises:
        ValueError: it is no such array.
    """
    numbers = np.asarray(label_map)
    if numbers.ndim != 2 or numbers.dtype.kind not in "iu" or (numbers < 0).any():
        raise ValueError(
            "label map must be (H, W) whole numbers, 0 for nobody, "
            f"but got {numbers.shape} {numbers.dtype}"
        )
    found = np.unique(numbers[numbers > 0])
    return instances_of_masks(
        numbers[None] == found[:, None, None],
        boxes=np.zeros((len(found), 4)),
        labels=np.zeros(len(found), np.int64),
        names=names,
        track_ids=found if tracked else None,
    )
