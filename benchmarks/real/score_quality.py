"""What a score is worth: whether it says how likely a find is right, and tells right from wrong.

- Log-loss: the mean of −log of the probability that the score gave to what turned out true. 0 is
  perfect; always saying the share that is right is the mark to beat.
- AUROC: the probability that a right find has a better score than a wrong one, ties half.
- Slope and intercept of the calibration: ``P(right) = sigmoid(intercept + slope · logit(score))``
  (Cox 1958, "Two further applications of a model for binary regression"), by maximum likelihood.
  Slope 1 and intercept 0: the score is the probability. A slope below 1: too sure of itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from kirinuki.segmenter.scores import CERTAIN, logit


@dataclass(frozen=True)
class ScoreQuality:
    """The numbers of N finds; None where they cannot be told, such as where all are right."""

    finds: int
    right: int
    log_loss: float | None
    auroc: float | None
    slope: float | None
    intercept: float | None


def score_quality(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> ScoreQuality:
    """Scores (N,) in [0, 1] beside whether each find is right (N,)."""
    slope, intercept = calibration_line(scores, right) or (None, None)
    return ScoreQuality(
        finds=len(scores),
        right=int(np.count_nonzero(right)),
        log_loss=log_loss(scores, right) if len(scores) else None,
        auroc=auroc(scores, right),
        slope=slope,
        intercept=intercept,
    )


def log_loss(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean −log probability, natural; scores are kept `CERTAIN` away from 0 and 1."""
    kept = np.clip(scores, CERTAIN, 1 - CERTAIN)
    return float(-np.log(np.where(right, kept, 1 - kept)).mean())


def auroc(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float | None:
    """Area under the ROC curve, by counting for each right find the wrong ones below it."""
    good, bad = scores[right], np.sort(scores[~right])
    if not len(good) or not len(bad):
        return None
    below = np.searchsorted(bad, good, "left")
    up_to = np.searchsorted(bad, good, "right")
    return float((below + up_to).sum() / 2 / (len(good) * len(bad)))


def calibration_line(
    scores: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[float, float] | None:
    """Slope and intercept; None where a threshold parts right and wrong, for then the likelihood
    has no maximum."""
    good, bad = scores[right], scores[~right]
    if not len(good) or not len(bad) or good.min() >= bad.max() or bad.min() >= good.max():
        return None
    inputs = np.stack([logit(scores), np.ones(len(scores))], axis=1)  # (N, 2)
    sign = np.where(right, -1.0, 1.0)

    def loss(line: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        wrong_by = sign * (inputs @ line)
        pull = sign * 0.5 * (1 + np.tanh(wrong_by / 2))
        return float(np.logaddexp(0, wrong_by).sum()), inputs.T @ pull

    slope, intercept = minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS").x.tolist()
    return slope, intercept
