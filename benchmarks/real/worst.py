"""The worst pictures of a model on one sheet: the truth on the left, what is shown on the right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from looking import Model, PictureResult
from numpy.typing import NDArray

from kirinuki.evaluation.matching import MATCH_IOU, PictureMatch, match_by_score
from kirinuki.geometry import mask_to_box
from kirinuki.instances import Instances
from kirinuki.render.overlay import contact_sheet, overlay

WORST = 12
COLUMNS, CELL_WH = 4, (440, 400)


def worst_sheet(model: Model, results: Sequence[PictureResult]) -> NDArray[np.uint8]:
    """The `WORST` pictures of a model, worst first, (H, W, 3) uint8 RGB; they are looked at anew,
    for the masks of a set are not kept.

    Raises:
        PictureError, DatasetError: a file has changed since it was measured.
    """
    cells = []
    for result in sorted(results, key=quality)[:WORST]:
        picture, truths = result.picture.read()
        shown = model.shown(picture)
        labelled = f"{result.picture.name} · labelled: {len(truths)}"
        found = f"found: {len(shown)} · quality {quality(result):.2f}"
        cells.append((labelled, overlay(picture.rgb, as_instances(truths))))
        cells.append((found, overlay(picture.rgb, shown)))
    return contact_sheet(cells, columns=COLUMNS, cell_wh=CELL_WH)


def quality(result: PictureResult) -> float:
    """How good one picture is as shown, in [0, 1] (`PictureMatch.quality`)."""
    iou = result.shown.iou
    nobody = np.zeros(iou.shape[1], np.bool_)
    found = match_by_score(iou, nobody, MATCH_IOU)
    order = -np.arange(len(iou), dtype=np.float64)  # finds are in order of score; that is enough
    return PictureMatch(order, found, iou, nobody).quality()


def as_instances(truths: NDArray[np.bool_]) -> Instances:
    """The characters' masks (G, H, W) to draw them; empty ones are left out."""
    boxes = [mask_to_box(truth) for truth in truths]
    there = [(truth, box) for truth, box in zip(truths, boxes, strict=True) if box]
    alphas = [t[y1:y2, x1:x2].astype(np.uint8) * 255 for t, (x1, y1, x2, y2) in there]
    return Instances(
        size_hw=(truths.shape[1], truths.shape[2]),
        boxes=np.array([box for _, box in there], np.float32).reshape(-1, 4),
        alphas=tuple(alphas),
        scores=np.ones(len(there), np.float32),
        labels=np.zeros(len(there), np.int64),
        names=("character",),
    )
