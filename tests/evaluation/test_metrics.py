"""Average precision, matching and matting error, against reference implementations."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from kirinuki.formats.labelled import LabelledInstance, LabelledPicture, LabelledSet
from kirinuki.formats.picture_ref import FileRef
from kirinuki.geometry import mask_to_rle
from kirinuki.instances import Instances

pytest.importorskip("faster_coco_eval")
COCO = pytest.importorskip("pycocotools.coco").COCO
COCOeval = pytest.importorskip("pycocotools.cocoeval").COCOeval
coco_mask = pytest.importorskip("pycocotools.mask")

from dataclasses import astuple, replace  # noqa: E402

from kirinuki.evaluation.classes import match_classes  # noqa: E402
from kirinuki.evaluation.matching import (  # noqa: E402
    IGNORED,
    UNMATCHED,
    best_f1_score,
    match_by_score,
    match_picture,
    score_point,
)
from kirinuki.evaluation.matting_error import (  # noqa: E402
    gradient_magnitude,
    matting_error,
    unknown_band,
)
from kirinuki.evaluation.metrics import (  # noqa: E402
    average_precision,
    coco_results,
    coco_truth,
    mask_ap,
)
from kirinuki.evaluation.predictions import (  # noqa: E402
    Prediction,
    instances_of,
    predictions_of,
)

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
"""Of numpy about pycocotools."""

# ---------------------------------------------------------------- made-up data sets


def ellipse(size: tuple[int, int], centre: tuple[float, float], axes: tuple[float, float]) -> Any:
    y, x = np.mgrid[: size[0], : size[1]]
    return ((x - centre[0]) / axes[0]) ** 2 + ((y - centre[1]) / axes[1]) ** 2 <= 1


def polygons_of(mask: np.ndarray) -> list[list[float]]:
    """The mask as several polygons, as a hand-labelled character would have."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return [c.reshape(-1).astype(float).tolist() for c in contours if len(c) >= 3]


CLASSES = ("waifu", "husbando", "mascot")
Predictions = list[list[Prediction]]


def picture_of(size: tuple[int, int], *instances: LabelledInstance) -> LabelledPicture:
    return LabelledPicture(FileRef(Path("a.png")), size, instances, "a.png")


def random_case(seed: int) -> tuple[LabelledSet, Predictions]:
    """Pictures of several sizes with 0 to 6 characters of 3 classes; predictions that are near,
    far, doubled, of the wrong class, or of nothing at all."""
    rng = np.random.default_rng(seed)
    pictures: list[LabelledPicture] = []
    predictions: Predictions = []
    for number in range(14):
        size = int(rng.integers(90, 300)), int(rng.integers(90, 300))
        characters: list[LabelledInstance] = []
        found: list[Prediction] = []
        for _ in range(int(rng.integers(0, 7)) if number % 4 else 0):
            centre = rng.uniform(0, size[1]), rng.uniform(0, size[0])
            axes = rng.uniform(5, 90), rng.uniform(5, 90)
            mask = ellipse(size, centre, axes)
            if mask.sum() < 20:
                continue
            name = str(rng.choice(CLASSES[:2]))  # no character of the third class
            drawn = polygons_of(mask) if rng.random() < 0.5 else None
            characters.append(LabelledInstance.from_mask(mask, name, drawn))
            for _ in range(int(rng.integers(0, 3))):
                moved = ellipse(
                    size,
                    (centre[0] + rng.normal(0, 5), centre[1] + rng.normal(0, 5)),
                    (axes[0] * rng.uniform(0.8, 1.2), axes[1] * rng.uniform(0.8, 1.2)),
                )
                wrong = rng.random() < 0.15
                found.append(prediction(moved, "mascot" if wrong else name, rng))
        if rng.random() < 0.5:
            noise = ellipse(size, (size[1] / 2, size[0] / 2), (9, 14))
            found.append(prediction(noise, str(rng.choice(CLASSES)), rng))
        rng.shuffle(found)  # type: ignore[arg-type]
        pictures.append(picture_of(size, *characters))
        predictions.append(found)
    return LabelledSet(CLASSES, tuple(pictures)), predictions


def prediction(mask: np.ndarray, name: str, rng: np.random.Generator) -> Prediction:
    rows, columns = np.nonzero(mask)
    if len(rows):
        low, high = (columns.min(), rows.min()), (columns.max() + 1, rows.max() + 1)
        x1, y1, x2, y2 = (float(v) for v in (*low, *high))
    else:
        x1 = y1 = 1.0
        x2 = y2 = 2.0
    jitter = rng.uniform(0, 2)
    # Scores in steps, so that many are equal.
    score = round(float(rng.uniform(0.05, 1)), 1)
    return Prediction(name, score, (x1, y1, x2 + jitter, y2), mask_to_rle(mask))


# ---------------------------------------------------------------- the reference: pycocotools


class BoundaryCOCOeval(COCOeval):  # type: ignore[misc]
    """pycocotools with the overlap of Cheng et al. 2021, written after their paper and code."""

    def computeIoU(self, image_id: int, category_id: int) -> Any:  # noqa: N802
        ious = super().computeIoU(image_id, category_id)
        if not len(ious):
            return ious
        truth = self._gts[image_id, category_id]
        found = self._dts[image_id, category_id]
        order = np.argsort([-d["score"] for d in found], kind="mergesort")
        found = [found[i] for i in order][: self.params.maxDets[-1]]
        edges = coco_mask.iou(
            [boundary(d["segmentation"]) for d in found],
            [boundary(g["segmentation"]) for g in truth],
            [g["iscrowd"] for g in truth],
        )
        return np.minimum(ious, edges)


def boundary(rle: dict[str, Any]) -> dict[str, Any]:
    mask = coco_mask.decode(rle)
    height, width = mask.shape
    steps = max(1, round(0.02 * float(np.hypot(height, width))))
    padded = np.pad(mask, 1)
    eroded = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=steps)[1:-1, 1:-1]
    return coco_mask.encode(np.asfortranarray(mask - eroded))  # type: ignore[no-any-return]


def reference(dataset: LabelledSet, predictions: Predictions, kind: Any) -> Any:
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = coco_truth(dataset)
        truth.createIndex()
        found = truth.loadRes(coco_results(dataset, predictions, kind))
        evaluator = BoundaryCOCOeval if kind == "boundary" else COCOeval
        coco = evaluator(truth, found, "bbox" if kind == "box" else "segm")
        coco.evaluate()
        coco.accumulate()
        coco.summarize()
    return coco


def assert_equal_to_reference(dataset: LabelledSet, predictions: Predictions) -> None:
    for kind in ("box", "mask", "boundary"):
        ours = average_precision(dataset, predictions, kind)  # type: ignore[arg-type]
        coco = reference(dataset, predictions, kind)
        numbers = [-1.0 if v is None else v for v in astuple(ours.numbers)]
        np.testing.assert_allclose(numbers, coco.stats, atol=1e-6, err_msg=kind)
        for k, name in enumerate(dataset.names):
            precision = coco.eval["precision"][:, :, k, 0, -1]
            for value, table in zip(ours.per_class[name], (precision, precision[0]), strict=True):
                expected = table.mean() if (table > -1).all() else None
                assert value == (None if expected is None else pytest.approx(expected, abs=1e-6))
        for iou, row in ((0.5, 0), (0.75, 5)):
            table = coco.eval["precision"][row, :, :, 0, -1]
            table = table[:, (table > -1).all(axis=0)]
            if table.size:
                np.testing.assert_allclose(ours.curves[iou], table.mean(axis=1), atol=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_all_numbers_are_those_of_pycocotools(seed: int) -> None:
    assert_equal_to_reference(*random_case(seed))


def test_crowd_regions_are_handled_as_in_pycocotools() -> None:
    dataset, predictions = random_case(11)
    pictures = []
    for picture in dataset:
        crowded = tuple(
            replace(one, crowd=True, segmentation=mask_to_rle(one.mask(picture.size_hw)))
            if number % 3 == 0
            else one
            for number, one in enumerate(picture.instances)
        )
        pictures.append(replace(picture, instances=crowded))
    dataset = replace(dataset, pictures=tuple(pictures))
    for kind in ("box", "mask"):
        ours = average_precision(dataset, predictions, kind)  # type: ignore[arg-type]
        numbers = [-1.0 if v is None else v for v in astuple(ours.numbers)]
        np.testing.assert_allclose(
            numbers, reference(dataset, predictions, kind).stats, atol=1e-6, err_msg=kind
        )


def test_no_predictions_at_all_is_zero() -> None:
    dataset, _ = random_case(3)
    numbers = mask_ap(dataset, [[] for _ in dataset])
    assert (numbers.ap, numbers.ap_50, numbers.ar_100) == (0, 0, 0)


def test_perfect_predictions_are_one() -> None:
    dataset, _ = random_case(4)
    perfect = [
        [
            Prediction(one.name, 0.9, one.box, mask_to_rle(one.mask(p.size_hw)))
            for one in p.instances
        ]
        for p in dataset
    ]
    assert mask_ap(dataset, perfect).ap == pytest.approx(1)
    assert average_precision(dataset, perfect, "boundary").numbers.ap == pytest.approx(1)


# ---------------------------------------------------------------- matching


@pytest.mark.parametrize(
    ("iou", "crowd", "expected"),
    [
        ([[0.9, 0.6], [0.8, 0.7]], [0, 0], [0, 1]),  # the second takes what is left
        ([[0.9], [0.95]], [0], [0, UNMATCHED]),  # a better score goes first, not a better overlap
        ([[0.4]], [0], [UNMATCHED]),
        ([[0.5]], [0], [0]),
        ([[0.9], [0.9]], [1], [IGNORED, IGNORED]),
        ([[0.9, 0.6]], [1, 0], [1]),  # a true character before a crowd
        ([[0.7, 0.7]], [0, 0], [1]),  # COCO takes the last of equals
    ],
)
def test_match_by_score(iou: Any, crowd: Any, expected: Any) -> None:
    found = match_by_score(np.array(iou), np.array(crowd, bool), 0.5)
    assert found.tolist() == expected


def square(x: int, y: int, side: int, size: tuple[int, int] = (40, 40)) -> np.ndarray:
    mask = np.zeros(size, bool)
    mask[y : y + side, x : x + side] = True
    return mask


def predict(mask: np.ndarray, score: float, name: str = "a") -> Prediction:
    return Prediction(name, score, (0, 0, 1, 1), mask_to_rle(mask))


def annotate(mask: np.ndarray, name: str = "a") -> LabelledInstance:
    return LabelledInstance.from_mask(mask, name)


def test_scores_are_counted_over_pictures_with_and_without_characters() -> None:
    two = match_picture(
        picture_of((40, 40), annotate(square(0, 0, 10)), annotate(square(20, 20, 10))),
        [predict(square(0, 0, 10), 0.9), predict(square(0, 20, 10), 0.4)],
    )
    empty = match_picture(picture_of((40, 40)), [predict(square(0, 0, 5), 0.6)])
    quiet = match_picture(picture_of((40, 40)), [])
    point = score_point([two, empty, quiet], 0.5)
    assert point.precision == pytest.approx(1 / 2)
    assert point.recall == pytest.approx(1 / 2)
    assert point.f1 == pytest.approx(2 * 1 / (1 + 1 + 2))
    assert point.false_per_empty_picture == pytest.approx(1 / 2)
    assert score_point([two], 0.95).precision is None
    assert score_point([two], 0.5).false_per_empty_picture is None
    # From 0.9 on: one true, none false, one missed. Every lower score only adds false ones.
    assert best_f1_score([two, empty, quiet]) == 0.9
    assert best_f1_score([quiet]) == 1.0


def test_best_f1_shows_equal_scores_together() -> None:
    match = match_picture(
        picture_of((40, 40), annotate(square(0, 0, 10))),
        [predict(square(0, 0, 10), 0.8)] + [predict(square(20, 20, 9), 0.8)] * 3,
    )
    assert best_f1_score([match]) == 0.8
    assert score_point([match], 0.8).f1 == pytest.approx(2 / (1 + 3 + 1))


def test_quality_and_best_match_of_a_picture() -> None:
    match = match_picture(
        picture_of((40, 40), annotate(square(0, 0, 10)), annotate(square(20, 20, 10))),
        [predict(square(0, 0, 10), 0.9), predict(square(0, 30, 5), 0.8)],
    )
    assert match.best_iou().tolist() == [1, 0]
    assert match.quality() == pytest.approx(1 / 3)  # one pair, one missed, one invented
    assert match_picture(picture_of((40, 40)), []).quality() == 1


def test_another_class_is_not_a_match() -> None:
    match = match_picture(
        picture_of((40, 40), annotate(square(0, 0, 10), "a")),
        [predict(square(0, 0, 10), 0.9, name="b")],
    )
    assert match.found.tolist() == [UNMATCHED]
    assert match.best_iou().tolist() == [0]


# ---------------------------------------------------------------- predictions and classes


def test_predictions_keep_score_order_and_leave_out_what_is_not_measured() -> None:
    soft = np.full((7, 6), 200, np.uint8)
    soft[-1] = 100
    boxes = np.array([[0, 0, 4, 4], [2, 2, 8, 8.5], [0, 0, 4, 4], [0, 0, 4, 4]], np.float32)
    instances = Instances(
        size_hw=(10, 10),
        boxes=boxes,
        alphas=(
            np.full((4, 4), 255, np.uint8),
            soft,
            np.full((4, 4), 255, np.uint8),
            np.full((4, 4), 255, np.uint8),
        ),
        scores=np.array([0.5, 0.9, 0.04, 0.7], np.float32),
        labels=np.array([0, 0, 0, 1], np.int64),
        names=("a", "b"),
    )
    found = predictions_of(instances, ("A", None))
    assert [round(p.score, 2) for p in found] == [0.9, 0.5]
    assert found[0].box == (2, 2, 8, 8)  # around the hard mask: its last row is soft
    assert {p.name for p in found} == {"A"}
    again = instances_of(found, (10, 10), ["A"])
    np.testing.assert_array_equal(again.mask(0), instances.mask(1))
    assert again[0].name == "A"


def two_classes() -> LabelledSet:
    picture = picture_of(
        (40, 40), annotate(square(0, 0, 9), "Girl"), annotate(square(9, 9, 9), "boy")
    )
    return LabelledSet(("Girl", "boy"), (picture,))


def test_classes_go_together_by_name() -> None:
    match = match_classes(("boy", "girl", "cat"), two_classes())
    assert match.names == ("boy", "Girl", None)
    assert not match.agnostic
    assert any('"cat"' in note for note in match.notes)
    unknown = match_classes(("girl",), two_classes())
    assert any('does not know: "boy"' in note for note in unknown.notes)


def test_classes_without_a_shared_name_count_as_one() -> None:
    match = match_classes(("character",), two_classes())
    assert match.agnostic
    assert match.names == ("character",)
    assert {one.name for one in match.dataset.instances} == {"character"}
    assert "all classes count as one" in match.notes[0]


# ---------------------------------------------------------------- soft edges


def soft_disc(offset: float = 0, size: tuple[int, int] = (120, 160)) -> np.ndarray:
    y, x = np.mgrid[: size[0], : size[1]]
    distance = 35 - np.hypot(x - 80 - offset, y - 60)
    return (np.clip(distance / 6 + 0.5, 0, 1) * 255).round().astype(np.uint8)


def reference_gradient(alpha: np.ndarray) -> np.ndarray:
    """Gradient magnitude as the matting benchmark's code computes it, loop by loop."""
    sigma, epsilon = 1.4, 1e-2

    def gauss(x: Any) -> Any:
        return np.exp(-(x**2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))

    half = int(np.ceil(sigma * np.sqrt(-2 * np.log(np.sqrt(2 * np.pi) * sigma * epsilon))))
    size = 2 * half + 1
    kernel = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            kernel[i, j] = gauss(i - half) * -(j - half) * gauss(j - half) / sigma**2
    kernel /= np.sqrt((kernel**2).sum())
    return np.hypot(convolve(alpha, kernel), convolve(alpha, kernel.T))


def convolve(alpha: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    half = len(kernel) // 2
    padded = np.pad(alpha, half, mode="edge")
    out = np.zeros(alpha.shape)
    for i in range(len(kernel)):
        for j in range(len(kernel)):
            out += kernel[-1 - i, -1 - j] * padded[i:, j:][: alpha.shape[0], : alpha.shape[1]]
    return out


def test_gradient_is_the_benchmarks() -> None:
    alpha = soft_disc() / 255
    np.testing.assert_allclose(gradient_magnitude(alpha), reference_gradient(alpha), atol=1e-9)


def test_matting_error_equals_the_formula_over_the_whole_picture() -> None:
    true, found = soft_disc(), soft_disc(3)
    band = unknown_band(true)
    error = matting_error(found, true)
    assert error is not None
    assert error.mae == pytest.approx(np.abs(found / 255 - true / 255)[band].mean())
    steps = reference_gradient(found / 255) - reference_gradient(true / 255)
    assert error.gradient == pytest.approx((steps**2)[band].sum() / 1000)


def test_the_band_lies_around_the_edge_and_not_at_the_frame() -> None:
    true = np.zeros((100, 100), np.uint8)
    true[:, :50] = 255
    columns = np.flatnonzero(unknown_band(true).any(axis=0))
    assert columns.tolist() == [49, 50]  # half width: 1 % of 141 px
    assert unknown_band(true).all(axis=0)[49]


def test_matting_error_of_the_truth_is_zero_and_needs_an_edge() -> None:
    true = soft_disc()
    error = matting_error(true, true)
    assert error is not None
    assert (error.mae, error.gradient) == (0, 0)
    assert matting_error(true, np.full_like(true, 255)) is None
    assert matting_error(true, np.zeros_like(true)) is None
    with pytest.raises(ValueError, match="must be"):
        matting_error(true[:5], true)
