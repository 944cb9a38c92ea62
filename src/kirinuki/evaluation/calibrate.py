"""Scores that mean something: how detector and refiner together predict that a detection is right.

The detector's score and the refiner's quality are two opinions about one detection. A logistic
regression on a labelled data set (Platt 1999, "Probabilistic Outputs for Support Vector Machines",
with two inputs) turns them into the probability that the detection reaches mask IoU 0.5 with a
character that no better detection has. The score to show from is then read off the same data set.

Three numbers are fitted to hundreds of detections, so that calibrating on the data set that is
measured on flatters the measurement by little; keep another one all the same where there is enough.

Not covered: the score itself (`kirinuki.segmenter.scores`), writing the file (`export`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import ModelError, TrainingError
from kirinuki.evaluation.matching import MATCH_IOU, PictureMatch, match_by_score, score_point
from kirinuki.evaluation.predictions import SCORE_FLOOR
from kirinuki.formats.labelled import LabelledPicture, LabelledSet
from kirinuki.geometry import mask_iou
from kirinuki.instances import HARD_MASK_ALPHA
from kirinuki.segmenter.detector import Detections, Detector, drop_duplicates
from kirinuki.segmenter.model_file import Calibration, embedded, open_session
from kirinuki.segmenter.refiner import Refined, Refiner
from kirinuki.segmenter.scores import BEST_QUALITY, WEAKEST, logit
from kirinuki.segmenter.segmenter import Segmenter
from kirinuki.work.progress import Progress, no_progress

MAX_FALSE_PER_EMPTY = 0.1
"""Detections shown per picture without characters that we put up with."""
RIDGE = 1e-2
"""Pull of the weights towards 0, so that detections that are easy to tell apart give finite
ones."""
STEPS = 50
"""Newton steps of the regression, far more than three weights need."""


@dataclass(frozen=True)
class Opinions:
    """What was said about N detections, and what is true.

    Attributes:
        scores: (N,) the detector's, in [0, 1].
        qualities: (N,) the refiner's, in [0, 1].
        right: (N,) bool, whether the detection shows a character.
    """

    scores: NDArray[np.float64]
    qualities: NDArray[np.float64]
    right: NDArray[np.bool_]


@dataclass(frozen=True)
class Calibrated:
    """What was fitted, and to how many detections; `score` is the one to show from, in [0, 1]."""

    calibration: Calibration
    score: float
    detections: int


def calibrate(
    path: str | Path,
    datasets: Sequence[LabelledSet],
    refiner: str | Path | None = None,
    track: Progress = no_progress,
) -> Calibrated:
    """Fit a detector's file and a refiner's to labelled pictures.

    Args:
        refiner: the file that the detector will be used with: another one has other opinions, and
            the fit is right for nobody. None: the package's.

    Raises:
        ModelError: a file is damaged, or there is no refiner that judges detections.
        TrainingError: the data sets tell nothing (see `fit_calibration`).
        DatasetError, PictureError: one cannot be used.
    """
    session, info = open_session(path, kind="detector")
    refiner_path = embedded("refiner") if refiner is None else Path(refiner)
    judge = Refiner(*open_session(refiner_path, kind="refiner"))
    if not judge.judges:
        raise ModelError(f"{refiner_path}: does not say how sure it is of a detection")
    opinions = joined(
        [opinions_on(Detector(session, info), judge, dataset, track) for dataset in datasets]
    )
    calibration = fit_calibration(opinions)
    detector = Detector(session, replace(info, calibration=calibration))
    # Read off whole results, for detections that share pixels change each other.
    segmenter = Segmenter(detector, judge, score=SCORE_FLOOR)
    matches = [
        match_on(segmenter, picture)
        for dataset in datasets
        for picture in track(dataset, "picking the score", len(dataset))
    ]
    return Calibrated(calibration, pick_score(matches), len(opinions.right))


def match_on(segmenter: Segmenter, picture: LabelledPicture) -> PictureMatch:
    """What the segmenter finds on one labelled picture, matched with who is there.

    Raises:
        PictureError: the picture cannot be read.
    """
    found, truths = segmenter(picture.read().rgb), _truths(picture)
    iou = np.array([[mask_iou(ours, truth) for truth in truths] for ours in found.masks()])
    iou = iou.reshape(len(found), len(truths))
    nobody = np.zeros(len(truths), np.bool_)
    return PictureMatch(
        found.scores.astype(np.float64), match_by_score(iou, nobody, MATCH_IOU), iou, nobody
    )


def _truths(picture: LabelledPicture) -> list[NDArray[np.bool_]]:
    """Masks (H, W) of the labelled characters; crowds are left out."""
    return [one.mask(picture.size_hw) for one in picture.characters]


def joined(parts: Sequence[Opinions]) -> Opinions:
    """The opinions on several data sets as one."""
    return Opinions(
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.qualities for part in parts]),
        np.concatenate([part.right for part in parts]),
    )


def opinions_on(
    detector: Detector, refiner: Refiner, dataset: LabelledSet, track: Progress = no_progress
) -> Opinions:
    """Everything that both models find on labelled pictures, and whether it is right.

    Raises:
        PictureError: a picture cannot be read.
    """
    scores, qualities, right = [], [], []
    for picture in track(dataset, "calibrating", len(dataset)):
        rgb, truths = picture.read().rgb, _truths(picture)
        found = drop_duplicates(detector(rgb, WEAKEST), settle=False)
        refined = refiner(rgb, found)
        scores += found.scores.tolist()
        qualities += [r.quality for r in refined]
        right += _right(found, refined, truths)
    return Opinions(np.array(scores), np.array(qualities, np.float64), np.array(right, np.bool_))


def _right(
    found: Detections, refined: list[Refined], truths: list[NDArray[np.bool_]]
) -> list[bool]:
    """Whether each detection is the best of those that show one character: the one with the higher
    product of both opinions comes first."""
    order = sorted(
        range(len(found)), key=lambda i: -float(found.scores[i]) * float(refined[i].quality or 0)
    )
    iou = np.array([[_iou(refined[i], truth) for truth in truths] for i in order])
    matched = match_by_score(
        iou.reshape(len(order), len(truths)), np.zeros(len(truths), np.bool_), MATCH_IOU
    )
    return [bool(matched[order.index(i)] >= 0) for i in range(len(found))]


def _iou(refined: Refined, truth: NDArray[np.bool_]) -> float:
    """IoU of a hard mask in its window and one (H, W)."""
    x1, y1, x2, y2 = refined.window
    ours = refined.alpha >= HARD_MASK_ALPHA
    overlap = int(np.count_nonzero(ours & truth[y1:y2, x1:x2]))
    union = int(np.count_nonzero(ours)) + int(np.count_nonzero(truth)) - overlap
    return overlap / union if union else 0.0


def fit_calibration(opinions: Opinions) -> Calibration:
    """Logistic regression by Newton's method, with a slight pull towards weights of 0.

    Raises:
        TrainingError: nothing can be told apart, or the detector's score says nothing.
    """
    if opinions.right.all() or not opinions.right.any():
        raise TrainingError(
            f"cannot calibrate on {len(opinions.right)} detections that are all right or all "
            "wrong; take a data set with more pictures, some of them without characters"
        )
    quality = logit(np.minimum(opinions.qualities, BEST_QUALITY))
    inputs = np.stack([np.ones_like(quality), logit(opinions.scores), quality], axis=1)
    a, b, c = _regression(inputs, opinions.right)
    if c < 0:  # a refiner that does not know these classes has no say
        (a, b), c = _regression(inputs[:, :2], opinions.right), 0.0
    if b <= 0:
        raise TrainingError(
            "cannot calibrate: on this data set better scores of the detector are more often wrong"
        )
    return float(a), float(b), float(c)


def _regression(inputs: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights (K,) of inputs (N, K), of which the first is the constant."""
    weights = np.zeros(inputs.shape[1])
    pull = np.eye(len(weights)) * RIDGE
    pull[0, 0] = 1e-9  # not of the constant
    for _ in range(STEPS):
        guess = 0.5 * (1 + np.tanh(inputs @ weights / 2))
        gradient = inputs.T @ (guess - right) + pull @ weights
        curvature = (inputs * (guess * (1 - guess))[:, None]).T @ inputs + pull
        weights -= np.linalg.solve(curvature, gradient)
    return weights


def pick_score(matches: Sequence[PictureMatch]) -> float:
    """The score to show from: the best F1 of those with at most `MAX_FALSE_PER_EMPTY` false
    detections per picture without characters (where there are such pictures), in steps of 0.01."""
    points = [score_point(matches, step / 100) for step in range(5, 100)]
    quiet = [p for p in points if (p.false_per_empty_picture or 0) <= MAX_FALSE_PER_EMPTY]
    return max(quiet or points[-1:], key=lambda point: point.f1).score
