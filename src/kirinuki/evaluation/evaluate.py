"""Measure a model on a labelled data set: `evaluate(segment, dataset)` → `Report`.

`segment` is anything that takes a `Picture` and returns `Instances` (`Segments`); it must let
through everything from score 0.05 on (`Segmenter.load(score=…)`), because average precision looks
at all scores. What people would see is measured at a display score besides.

Not covered: running the model (`collect`), average precision itself (`metrics`), drawing and
saving (`report`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from kirinuki.evaluation.collect import Collected, PictureResult, collect
from kirinuki.evaluation.kinds import KindNumbers, kind_numbers
from kirinuki.evaluation.matching import PictureMatch, ScorePoint, best_f1_score, score_point
from kirinuki.evaluation.metrics import AveragePrecision, CocoNumbers, average_precision
from kirinuki.formats.labelled import LabelledSet
from kirinuki.segmenter.segments import Segments

CURVE_SCORES = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""Display scores of the score curve: 0.05, 0.10, …, 0.95."""


@dataclass(frozen=True)
class ClassNumbers:
    """One class: characters annotated, AP (IoU 0.50 to 0.95) and AP at IoU 0.5, as in COCO."""

    name: str
    characters: int
    box_ap: float | None
    box_ap_50: float | None
    mask_ap: float | None
    mask_ap_50: float | None
    boundary_ap: float | None


@dataclass(frozen=True)
class SoftEdges:
    """Soft-edge error over the shown characters with a soft truth, found at mask IoU 0.5.

    `mae` is the mean of |α − α*| in the band around the edge, alpha in [0, 1]; `gradient` the
    mean over characters of the gradient error in thousands (Rhemann et al. 2009). None where no
    character was found. `truths` counts the characters with a soft truth, found or not.
    """

    truths: int
    found: int
    mae: float | None
    gradient: float | None


@dataclass(frozen=True)
class BestMatch:
    """Over all characters the best mask IoU with any detection, a missed character counting 0.

    Not one-to-one: a detection that covers two characters is the best match of both.
    """

    mean: float
    median: float


@dataclass(frozen=True)
class HardRecall:
    """Recall at the display score, mask IoU 0.5, of one sort of characters that are hard to find.

    `sort` is "small" or "overlapping" (`hard_cases`); `recall` is None where there are none.
    """

    sort: str
    characters: int
    found: int
    recall: float | None


@dataclass(frozen=True)
class PictureQuality:
    """How good one picture is as shown, in [0, 1] (`PictureMatch.quality`). `number` counts the
    measured pictures from 0."""

    number: int
    file_name: str
    quality: float


@dataclass(frozen=True)
class Report:
    """Everything measured. docs/measure.md says in plain words what each number means.

    AP values are in [0, 1], None where the data set has nothing to measure. `at_display`,
    `best_match`, `hard_recall`, `soft_edges`, `kinds` and `pictures` (worst first) are of what is
    shown at the display score; `best_match_from_floor` is of everything from score 0.05 on; `best`
    is the display score with the best F1. `precision_at_iou` holds precision at 101 recalls.
    `ms_per_picture` is the median time of the model for one picture, decoding left out.
    """

    pictures_measured: int
    pictures_without_characters: int
    characters: int
    class_agnostic: bool
    notes: tuple[str, ...]
    failed: tuple[str, ...]
    box: CocoNumbers
    mask: CocoNumbers
    boundary: CocoNumbers
    classes: tuple[ClassNumbers, ...]
    at_display: ScorePoint
    best: ScorePoint
    score_curve: tuple[ScorePoint, ...]
    best_match: BestMatch
    best_match_from_floor: BestMatch
    hard_recall: tuple[HardRecall, ...]
    soft_edges: SoftEdges | None
    kinds: KindNumbers | None
    ms_per_picture: float
    precision_at_iou: dict[float, tuple[float, ...]]
    pictures: tuple[PictureQuality, ...]

    def to_json(self) -> dict[str, Any]:
        """The report as plain dicts, lists, numbers and strings."""
        return asdict(self)


def evaluate(
    segment: Segments,
    dataset: LabelledSet,
    *,
    names: str | Sequence[str],
    display_score: float,
    shown: Segments | None = None,
    on_picture: Callable[[], None] = lambda: None,
) -> Report:
    """Run a model over a data set and measure it; arguments and errors are `collect`'s."""
    return measure(
        collect(
            segment,
            dataset,
            names=names,
            display_score=display_score,
            shown=shown,
            on_picture=on_picture,
        )
    )


def measure(collected: Collected) -> Report:
    """Every number from what a model found."""
    dataset, results = collected.classes.dataset, collected.results
    predictions = [result.predictions for result in results]
    box = average_precision(dataset, predictions, "box")
    mask = average_precision(dataset, predictions, "mask")
    boundary = average_precision(dataset, predictions, "boundary")
    matches = [result.match for result in results]
    shown = [result.shown_match for result in results]
    quality = [
        PictureQuality(i, r.picture.name, r.shown_match.quality()) for i, r in enumerate(results)
    ]
    return Report(
        pictures_measured=len(dataset),
        pictures_without_characters=sum(not len(m.crowd) for m in matches),
        characters=sum(match.characters for match in matches),
        class_agnostic=collected.classes.agnostic,
        notes=collected.classes.notes,
        failed=collected.failed,
        box=box.numbers,
        mask=mask.numbers,
        boundary=boundary.numbers,
        classes=_by_class(dataset, box, mask, boundary),
        at_display=score_point(shown, collected.display_score),
        best=score_point(matches, best_f1_score(matches)),
        score_curve=tuple(score_point(matches, score) for score in CURVE_SCORES),
        best_match=_best_match(shown),
        best_match_from_floor=_best_match(matches),
        hard_recall=(_hard_recall(results, "small"), _hard_recall(results, "overlapping")),
        soft_edges=_soft_edges(collected),
        kinds=kind_numbers([pair for result in results for pair in result.kinds]),
        ms_per_picture=1000 * float(np.median([result.seconds for result in results])),
        precision_at_iou=mask.curves,
        pictures=tuple(sorted(quality, key=lambda q: (q.quality, q.number))),
    )


def _best_match(matches: Sequence[PictureMatch]) -> BestMatch:
    iou = np.concatenate([match.best_iou() for match in matches])
    if not len(iou):
        return BestMatch(0.0, 0.0)
    return BestMatch(float(iou.mean()), float(np.median(iou)))


def _hard_recall(
    results: Sequence[PictureResult], sort: Literal["small", "overlapping"]
) -> HardRecall:
    hard = np.concatenate([getattr(result.hard, sort) for result in results])
    found = np.concatenate([result.shown_match.is_found() for result in results])
    characters, hits = int(np.count_nonzero(hard)), int(np.count_nonzero(hard & found))
    return HardRecall(sort, characters, hits, hits / characters if characters else None)


def _soft_edges(collected: Collected) -> SoftEdges | None:
    pictures = collected.classes.dataset
    truths = sum(one.alpha is not None for picture in pictures for one in picture.instances)
    if not truths:
        return None
    errors = [error for result in collected.results for error in result.soft_errors]
    return SoftEdges(
        truths=truths,
        found=len(errors),
        mae=float(np.mean([e.mae for e in errors])) if errors else None,
        gradient=float(np.mean([e.gradient for e in errors])) if errors else None,
    )


def _by_class(
    dataset: LabelledSet, box: AveragePrecision, mask: AveragePrecision, boundary: AveragePrecision
) -> tuple[ClassNumbers, ...]:
    nothing = (None, None)
    rows = []
    counts = Counter(one.name for picture in dataset for one in picture.characters)
    for name in dataset.names:
        box_ap, box_ap_50 = box.per_class.get(name, nothing)
        mask_ap, mask_ap_50 = mask.per_class.get(name, nothing)
        boundary_ap, _ = boundary.per_class.get(name, nothing)
        rows.append(
            ClassNumbers(name, counts[name], box_ap, box_ap_50, mask_ap, mask_ap_50, boundary_ap)
        )
    return tuple(rows)
