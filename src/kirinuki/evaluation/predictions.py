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
        name: the class, as the data set calls it.
        score: confidence in [0, 1].
        box: x1, y1, x2, y2 in pixels, around the hard mask, as those of labels are around theirs:
            the soft fringe that `Instances.boxes` also covers would count as a fault.
        rle: hard mask (alpha ≥ 128) at the size of the picture.
    """

    name: str
    score: float
    box: tuple[float, float, float, float]
    rle: Rle


def measurable(instances: Instances, names: Sequence[str | None]) -> Instances:
    """The instances that are measured: score ≥ 0.05, a class that the data set has, best score
    first, at most `MAX_PREDICTIONS`.

    Args:
        instances: what the model found.
        names: for each of the model's labels the data set's name of the class, or None for a class
            that it does not have.
    """
    order = np.argsort(-instances.scores, kind="stable")
    kept = [
        i
        for i in order.tolist()
        if instances.scores[i] >= SCORE_FLOOR and names[int(instances.labels[i])] is not None
    ]
    return instances[kept[:MAX_PREDICTIONS]]


def predictions_of(instances: Instances, names: Sequence[str | None]) -> tuple[Prediction, ...]:
    """Predictions of one picture from what a model found: one for each `measurable` instance."""
    kept = measurable(instances, names)
    found: list[Prediction] = []
    for i in range(len(kept)):
        name = names[int(kept.labels[i])]
        assert name is not None  # held by `measurable`
        mask = kept.mask(i)
        x1, y1, x2, y2 = mask_to_box(mask) or kept.boxes[i].tolist()
        box = float(x1), float(y1), float(x2), float(y2)
        found.append(Prediction(name, float(kept.scores[i]), box, mask_to_rle(mask)))
    return tuple(found)


def instances_of(
    predictions: Sequence[Prediction], size_hw: tuple[int, int], names: Sequence[str]
) -> Instances:
    """Hard-masked `Instances` of one picture again, to draw them; `names` are all classes.

    Predictions whose box became empty are left out: there is nothing to draw.
    """
    boxes = np.array([p.box for p in predictions], np.float32).reshape(-1, 4)
    clipped = clip_boxes(boxes, size_hw)
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
        labels=np.array([names.index(predictions[i].name) for i in keep.tolist()], np.int64),
        names=tuple(names),
    )
