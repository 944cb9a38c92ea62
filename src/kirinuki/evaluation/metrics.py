"""Average precision as COCO defines it, for boxes, masks and boundaries, and overlaps of masks.

The work is done by faster-coco-eval (Apache-2.0): COCO's protocol in C++, equal to pycocotools
(held by a test) and with Boundary IoU built in. This is the one file that speaks its language of
ids, boxes by width and height, and crowds.

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
from kirinuki.formats.labelled import LabelledPicture, LabelledSet

Kind = Literal["box", "mask", "boundary"]

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
        per_class: AP (IoU 0.50 to 0.95) and AP at IoU 0.5 by class.
        curves: precision at the recalls 0.00, 0.01, …, 1.00 (101 values, mean over the classes),
            at IoU 0.5 and 0.75.
    """

    numbers: CocoNumbers
    per_class: dict[str, tuple[float | None, float | None]]
    curves: dict[float, tuple[float, ...]]


def average_precision(
    dataset: LabelledSet, predictions: Sequence[Sequence[Prediction]], kind: Kind
) -> AveragePrecision:
    """COCO's average precision of predictions over all pictures of a data set.

    Args:
        dataset: the truth. Every picture counts, also those without predictions.
        predictions: those of each picture of the data set.
        kind: what is compared: boxes, masks, or masks by Boundary IoU.

    Raises:
        MissingExtraError: without faster-coco-eval.
    """
    try:
        from faster_coco_eval import COCO, COCOeval_faster
    except ImportError as error:
        raise MissingExtraError("measuring a model", "eval") from error
    truth = COCO(coco_truth(dataset))
    found = truth.loadRes(coco_results(dataset, predictions, kind))
    iou_type = {"box": "bbox", "mask": "segm", "boundary": "boundary"}[kind]
    coco = COCOeval_faster(truth, found, iou_type, boundary_dilation_ratio=BOUNDARY_RATIO)
    coco.run()
    return _read(coco, dataset.names)


def mask_ap(dataset: LabelledSet, predictions: Sequence[Sequence[Prediction]]) -> CocoNumbers:
    """COCO's twelve numbers for masks; the cheap measurement to run after each epoch."""
    return average_precision(dataset, predictions, "mask").numbers


def mask_overlaps(
    picture: LabelledPicture, predictions: Sequence[Prediction]
) -> NDArray[np.float64]:
    """(D, G) IoU of the masks of predictions with those of a picture's instances; with a crowd, the
    share of the prediction that lies in it."""
    from faster_coco_eval import mask as coco_mask

    truth = []
    for one in picture.instances:
        if isinstance(one.segmentation, dict):
            truth.append(dict(one.segmentation))
        else:
            outlines = coco_mask.frPyObjects(one.segmentation, *picture.size_hw)
            truth.append(coco_mask.merge(outlines))
    found = [dict(p.rle) for p in predictions]
    crowds = [int(one.crowd) for one in picture.instances]
    return np.asarray(coco_mask.iou(found, truth, crowds), np.float64)


def coco_truth(dataset: LabelledSet) -> dict[str, Any]:
    """A data set as the COCO dictionary that the evaluation libraries take.

    All is numbered from 1: an annotation's id of 0 reads as "not matched" in the COCO API.
    """
    category = {name: number for number, name in enumerate(dataset.names, 1)}
    annotations: list[dict[str, Any]] = []
    for number, picture in enumerate(dataset, 1):
        for one in picture.instances:
            x1, y1, x2, y2 = one.box
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": category[one.name],
                    "segmentation": one.segmentation,
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": one.area,
                    "iscrowd": int(one.crowd),
                }
            )
    sizes = [picture.size_hw for picture in dataset]
    return {
        "info": {},
        "images": [{"id": i, "height": h, "width": w} for i, (h, w) in enumerate(sizes, 1)],
        "categories": [{"id": number, "name": name} for name, number in category.items()],
        "annotations": annotations,
    }


def coco_results(
    dataset: LabelledSet, predictions: Sequence[Sequence[Prediction]], kind: Kind
) -> list[dict[str, Any]]:
    """Predictions as COCO's list of results, with ids as in `coco_truth`."""
    # Either the box or the mask: given both, COCO's loader takes the area from the box, and the
    # size classes of mask AP would go by boxes.
    results = []
    for number, found in enumerate(predictions, 1):
        for one in found:
            x1, y1, x2, y2 = one.box
            what = (
                {"bbox": [x1, y1, x2 - x1, y2 - y1]}
                if kind == "box"
                else {"segmentation": dict(one.rle)}
            )
            ids = {"image_id": number, "category_id": dataset.names.index(one.name) + 1}
            results.append({**ids, "score": one.score, **what})
    return results


def _read(coco: Any, names: Sequence[str]) -> AveragePrecision:
    # precision: (10 IoUs, 101 recalls, classes, 4 sizes, 3 limits of predictions a picture)
    precision: NDArray[np.float64] = coco.eval["precision"][..., 0, -1]  # (10, 101, classes)
    at_50, at_75 = (int(np.flatnonzero(np.isclose(coco.params.iouThrs, t))[0]) for t in (0.5, 0.75))
    return AveragePrecision(
        numbers=CocoNumbers(*(None if v < 0 else float(v) for v in coco.stats[:12])),
        per_class={
            names[number - 1]: (_mean(precision[:, :, k]), _mean(precision[at_50, :, k]))
            for k, number in enumerate(coco.params.catIds)
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
