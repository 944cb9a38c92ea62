"""Average precision as COCO defines it, for boxes, masks and boundaries.

The work is done by faster-coco-eval (Apache-2.0): COCO's protocol in C++, equal to pycocotools
(held by a test) and with Boundary IoU built in.

- Box and mask AP: Lin et al. 2014, "Microsoft COCO: Common Objects in Context", and the COCO API.
- Boundary AP: Cheng et al. 2021, "Boundary IoU: Improving Object-Centric Image Segmentation
  Evaluation": the overlap of a pair is min(mask IoU, boundary IoU), where a boundary is the part
  of a mask within 2 % of the picture's diagonal of its contour.

All values lie in [0, 1]; None stands where the data set has nothing to measure (COCO prints −1).

Not covered: what happens at one display threshold (`matching`), soft edges (`matting_error`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import MissingExtraError
from kirinuki.evaluation.predictions import Prediction
from kirinuki.formats.coco import CocoDataset

Kind = Literal["bbox", "segm", "boundary"]

BOUNDARY_RATIO = 0.02
"""Width of a boundary as a share of the picture's diagonal (Cheng et al. 2021, section 5)."""


@dataclass(frozen=True)
class CocoNumbers:
    """COCO's twelve numbers, in COCO's order.

    Sizes are of the annotated area in pixels: small < 32², medium < 96², large the rest. `ar_1`,
    `ar_10`, `ar_100`: average recall when at most 1, 10, 100 predictions a picture count.
    """

    ap: float | None
    ap_50: float | None
    ap_75: float | None
    ap_small: float | None
    ap_medium: float | None
    ap_large: float | None
    ar_1: float | None
    ar_10: float | None
    ar_100: float | None
    ar_small: float | None
    ar_medium: float | None
    ar_large: float | None


@dataclass(frozen=True)
class AveragePrecision:
    """Average precision of one kind over a data set.

    Attributes:
        numbers: the twelve numbers, averaged over the classes.
        per_class: AP (IoU 0.50 to 0.95) and AP at IoU 0.5 by category id.
        curves: precision at the recalls 0.00, 0.01, …, 1.00 (101 values, mean over the classes),
            at IoU 0.5 and 0.75.
    """

    numbers: CocoNumbers
    per_class: dict[int, tuple[float | None, float | None]]
    curves: dict[float, tuple[float, ...]]


def average_precision(
    dataset: CocoDataset, predictions: Sequence[Prediction], kind: Kind
) -> AveragePrecision:
    """COCO's average precision of predictions over all pictures of a data set.

    Args:
        dataset: the truth. Every picture counts, also those without predictions.
        predictions: of all pictures together, in any order.
        kind: "bbox" compares boxes, "segm" masks, "boundary" masks by Boundary IoU.

    Raises:
        MissingExtraError: without faster-coco-eval.
    """
    try:
        from faster_coco_eval import COCO, COCOeval_faster
    except ImportError as error:
        raise MissingExtraError("measuring a model", "eval") from error
    truth = COCO(coco_truth(dataset))
    found = truth.loadRes([_result(p, kind) for p in predictions])
    coco = COCOeval_faster(truth, found, kind, boundary_dilation_ratio=BOUNDARY_RATIO)
    coco.run()
    return _read(coco)


def mask_ap(dataset: CocoDataset, predictions: Sequence[Prediction]) -> CocoNumbers:
    """COCO's twelve numbers for masks; the cheap measurement to run after each epoch."""
    return average_precision(dataset, predictions, "segm").numbers


def coco_truth(dataset: CocoDataset) -> dict[str, Any]:
    """A data set as the COCO dictionary that the evaluation libraries take.

    Annotations are numbered from 1 again: an id of 0 reads as "not matched" in the COCO API.
    """
    return {
        "info": {},
        "images": [{"id": i.id, "height": i.height, "width": i.width} for i in dataset.images],
        "categories": [{"id": c.id, "name": c.name} for c in dataset.categories],
        "annotations": [
            {
                "id": number,
                "image_id": a.image_id,
                "category_id": a.category_id,
                "segmentation": a.segmentation,
                "bbox": list(a.bbox),
                "area": a.area,
                "iscrowd": a.iscrowd,
            }
            for number, a in enumerate(dataset.annotations, start=1)
        ],
    }


def _result(prediction: Prediction, kind: Kind) -> dict[str, Any]:
    # Either the box or the mask: given both, COCO's loader takes the area from the box, and the
    # size classes of mask AP would go by boxes.
    result: dict[str, Any] = {
        "image_id": prediction.image_id,
        "category_id": prediction.category_id,
        "score": prediction.score,
    }
    if kind == "bbox":
        return result | {"bbox": list(prediction.box)}
    return result | {"segmentation": dict(prediction.rle)}


def _read(coco: Any) -> AveragePrecision:
    # precision: (10 IoUs, 101 recalls, classes, 4 sizes, 3 limits of predictions a picture)
    precision: NDArray[np.float64] = coco.eval["precision"][..., 0, -1]  # (10, 101, classes)
    at_50, at_75 = (int(np.flatnonzero(np.isclose(coco.params.iouThrs, t))[0]) for t in (0.5, 0.75))
    return AveragePrecision(
        numbers=CocoNumbers(*(None if v < 0 else float(v) for v in coco.stats[:12])),
        per_class={
            int(category_id): (_mean(precision[:, :, k]), _mean(precision[at_50, :, k]))
            for k, category_id in enumerate(coco.params.catIds)
        },
        curves={0.5: _curve(precision[at_50]), 0.75: _curve(precision[at_75])},
    )


def _mean(precision: NDArray[np.float64]) -> float | None:
    """Mean of the measured values; the COCO API marks what was not measured with −1."""
    measured = precision[precision > -1]
    return float(measured.mean()) if measured.size else None


def _curve(precision: NDArray[np.float64]) -> tuple[float, ...]:
    """Mean over the measured classes of precision (101, classes)."""
    measured = precision[:, (precision > -1).all(axis=0)]
    if not measured.shape[1]:
        return ()
    return tuple(float(v) for v in measured.mean(axis=1))
