"""Predictions as the evaluator keeps them: one box, one score and one RLE each.

A data set's worth of full-size masks does not fit into memory, so every predicted mask is kept as
COCO RLE from the moment its picture is done.

Not covered: soft alpha, which is measured while its picture is at hand (`evaluate.collect`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kirinuki.geometry import Rle, clip_boxes, mask_to_box, mask_to_rle, rle_to_mask, window_of
from kirinuki.instances import Instances

SCORE_FLOOR = 0.05
"""Predictions below this score are left out of every measurement.

COCO's average precision runs over the whole range of scores, so it needs far more predictions
than the display threshold lets through; below 0.05 they change nothing but the run time.
"""

MAX_PREDICTIONS = 100
"""Predictions of one picture that COCO's evaluation looks at, best scores first."""


@dataclass(frozen=True)
class Prediction:
    """One predicted character.

    Attributes:
        image_id: id of the picture in the data set.
        category_id: id of the class in the data set (not the model's label).
        score: confidence in [0, 1].
        box: x, y, width, height in pixels, around the hard mask, as COCO's boxes are around
            theirs: the soft fringe that `Instances.boxes` also covers would count as a fault.
        rle: hard mask (alpha ≥ 128) at the size of the picture.
    """

    image_id: int
    category_id: int
    score: float
    box: tuple[float, float, float, float]
    rle: Rle


def measurable(instances: Instances, category_ids: Sequence[int | None]) -> Instances:
    """The instances that are measured: score ≥ 0.05, a class that the data set has, best score
    first, at most `MAX_PREDICTIONS`.

    Args:
        instances: what the model found.
        category_ids: for each of the model's labels the category id in the data set, or None for
            a class that the data set does not have.
    """
    order = np.argsort(-instances.scores, kind="stable")
    kept = [
        i
        for i in order.tolist()
        if instances.scores[i] >= SCORE_FLOOR and category_ids[int(instances.labels[i])] is not None
    ]
    return instances[kept[:MAX_PREDICTIONS]]


def predictions_of(
    instances: Instances, image_id: int, category_ids: Sequence[int | None]
) -> tuple[Prediction, ...]:
    """Predictions of one picture from what a model found: one for each `measurable` instance."""
    kept = measurable(instances, category_ids)
    found: list[Prediction] = []
    for i in range(len(kept)):
        category_id = category_ids[int(kept.labels[i])]
        assert category_id is not None  # held by `measurable`
        mask = kept.mask(i)
        x1, y1, x2, y2 = mask_to_box(mask) or kept.boxes[i].tolist()
        found.append(
            Prediction(
                image_id=image_id,
                category_id=category_id,
                score=float(kept.scores[i]),
                box=(float(x1), float(y1), float(x2 - x1), float(y2 - y1)),
                rle=mask_to_rle(mask),
            )
        )
    return tuple(found)


def instances_of(
    predictions: Sequence[Prediction], size_hw: tuple[int, int], names: dict[int, str]
) -> Instances:
    """Hard-masked `Instances` of one picture again, to draw them; `names` is by category id.

    Predictions whose box became empty are left out: there is nothing to draw.
    """
    order = list(names)
    boxes = [(x, y, x + w, y + h) for x, y, w, h in (p.box for p in predictions)]
    clipped = clip_boxes(np.array(boxes, np.float32).reshape(-1, 4), size_hw)
    keep = np.flatnonzero((clipped[:, 2:] > clipped[:, :2]).all(axis=1))
    alphas = []
    for i in keep.tolist():
        x1, y1, x2, y2 = window_of(clipped[i])
        mask = rle_to_mask(predictions[i].rle["size"], predictions[i].rle["counts"])
        alphas.append((mask[y1:y2, x1:x2] * 255).astype(np.uint8))
    return Instances(
        size_hw=size_hw,
        boxes=clipped[keep],
        alphas=tuple(alphas),
        scores=np.array([predictions[i].score for i in keep.tolist()], np.float32),
        labels=np.array([order.index(predictions[i].category_id) for i in keep.tolist()], np.int64),
        names=tuple(names.values()),
    )
