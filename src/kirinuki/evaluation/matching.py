"""Which prediction found which character, and what follows at one display threshold.

Average precision sums over all thresholds; people see a picture at one. From a one-to-one match of
predictions and annotated characters come precision, recall, F1 and false detections over the score,
the best match of each character, and a single number by which pictures can be ranked.

The match is COCO's: predictions in order of score take the free character of their class that they
overlap most, if the mask IoU reaches the threshold; what lands on a crowd region does not count.
Because better scores choose first, the match above a score does not depend on what lies below it.

Not covered: average precision (`metrics`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kirinuki.evaluation.metrics import mask_overlaps
from kirinuki.evaluation.predictions import Prediction
from kirinuki.formats.labelled import LabelledPicture

UNMATCHED = -1
IGNORED = -2
"""Marks of predictions that found nobody, or a crowd region."""

MATCH_IOU = 0.5
"""Mask IoU from which a prediction counts as having found a character."""


@dataclass(frozen=True)
class PictureMatch:
    """The predictions of one picture beside its annotated characters.

    Attributes:
        scores: (D,) float64, best first.
        found: (D,) int64, index of the character that a prediction found at IoU ≥ 0.5, or
            `UNMATCHED`, or `IGNORED`.
        iou: (D, G) float64 mask IoU of predictions and characters; 0 across classes.
        crowd: (G,) bool, characters that are crowd regions.
    """

    scores: NDArray[np.float64]
    found: NDArray[np.int64]
    iou: NDArray[np.float64]
    crowd: NDArray[np.bool_]

    @property
    def characters(self) -> int:
        """Number of annotated characters, crowd regions left out."""
        return int(np.count_nonzero(~self.crowd))

    def best_iou(self) -> NDArray[np.float64]:
        """Best mask IoU (characters,) of each character with any prediction."""
        best: NDArray[np.float64] = self.iou[:, ~self.crowd].max(axis=0, initial=0.0)
        return best

    def is_found(self) -> NDArray[np.bool_]:
        """Which characters (characters,) were found at IoU ≥ 0.5, crowd regions left out."""
        indices = np.flatnonzero(~self.crowd)
        return np.isin(indices, self.found[self.found >= 0])

    def quality(self) -> float:
        """How good the picture is, in [0, 1]; 1 is perfect.

        The IoUs of the one-to-one pairs (any overlap), summed, over the number of pairs, missed
        characters and invented characters together. An empty picture left empty is 1.
        """
        pairs = match_by_score(self.iou, self.crowd, threshold=1e-6)
        matched = np.flatnonzero(pairs >= 0)
        total = self.characters + int(np.count_nonzero(pairs == UNMATCHED))
        return float(self.iou[matched, pairs[matched]].sum()) / total if total else 1.0


def match_picture(picture: LabelledPicture, predictions: Sequence[Prediction]) -> PictureMatch:
    """Match the predictions of one picture, best score first, to its labels."""
    instances = picture.instances
    crowd = np.array([one.crowd for one in instances], np.bool_)
    iou = np.zeros((len(predictions), len(instances)))
    if iou.size:
        iou = mask_overlaps(picture, predictions)
        same = np.array([[p.name == one.name for one in instances] for p in predictions])
        iou[~same] = 0
    return PictureMatch(
        scores=np.array([p.score for p in predictions], np.float64),
        found=match_by_score(iou, crowd, MATCH_IOU),
        iou=iou,
        crowd=crowd,
    )


def match_by_score(
    iou: NDArray[np.float64], crowd: NDArray[np.bool_], threshold: float
) -> NDArray[np.int64]:
    """COCO's greedy match of predictions in order of score, (D,) int64.

    Args:
        iou: (D, G) overlap of predictions, best score first, and characters.
        crowd: (G,) bool, crowd regions, which any number of predictions may land on.
        threshold: smallest IoU that counts.
    """
    found = np.full(len(iou), UNMATCHED, np.int64)
    free = ~crowd
    for d, row in enumerate(iou):
        candidates = np.flatnonzero(free & (row >= threshold))
        if len(candidates):
            # The last of equals, as in COCO's evaluateImg.
            best = candidates[len(candidates) - 1 - int(np.argmax(row[candidates][::-1]))]
            found[d] = best
            free[best] = False
        elif (crowd & (row >= threshold)).any():
            found[d] = IGNORED
    return found


@dataclass(frozen=True)
class ScorePoint:
    """What a display score shows, over the whole data set, at mask IoU 0.5.

    `precision` is None where nothing is shown; `false_per_empty_picture` is the mean number of
    detections on pictures without characters, None where the data set has no such picture.
    """

    score: float
    precision: float | None
    recall: float
    f1: float
    false_per_empty_picture: float | None


def score_point(matches: Sequence[PictureMatch], score: float) -> ScorePoint:
    """Precision, recall, F1 and false detections when predictions from `score` on are shown."""
    shown = [m.found[m.scores >= score] for m in matches]
    true = sum(int(np.count_nonzero(f >= 0)) for f in shown)
    false = sum(int(np.count_nonzero(f == UNMATCHED)) for f in shown)
    characters = sum(m.characters for m in matches)
    empty = [len(f) for f, m in zip(shown, matches, strict=True) if not len(m.crowd)]
    return ScorePoint(
        score=score,
        precision=true / (true + false) if true + false else None,
        recall=true / characters if characters else 0.0,
        f1=2 * true / (true + false + characters) if characters else 0.0,
        false_per_empty_picture=sum(empty) / len(empty) if empty else None,
    )


def best_f1_score(matches: Sequence[PictureMatch]) -> float:
    """The display score with the best F1; of equals the highest. 1.0 where nothing is found."""
    if not any(len(m.scores) for m in matches):
        return 1.0
    scores = np.concatenate([m.scores for m in matches])
    found = np.concatenate([m.found for m in matches])
    order = np.argsort(-scores, kind="stable")
    true = np.cumsum(found[order] >= 0)
    false = np.cumsum(found[order] == UNMATCHED)
    characters = sum(m.characters for m in matches)
    f1 = 2 * true / np.maximum(true + false + characters, 1)
    # Equal scores are shown together: only the last of them is a threshold.
    last = np.append(np.diff(scores[order]) != 0, True)
    return float(scores[order][last][np.argmax(f1[last])])
