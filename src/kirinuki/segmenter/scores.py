"""One score of two opinions: the detector's score and the refiner's quality of a detection.

Both become the probability that the detection is right by logistic regression on their logits
(Platt 1999, "Probabilistic Outputs for Support Vector Machines", with two inputs):
``sigmoid(a + b · logit(score) + c · logit(quality))``, with (a, b, c) from the detector's file.

Not covered: fitting a, b and c (`evaluation.calibrate`).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kirinuki.segmenter.model_file import Calibration

CERTAIN = 1e-4
"""Scores are kept this far from 0 and 1, where the logit is infinite."""

BEST_QUALITY = 0.99
"""Qualities above count as this. A quality is an expected IoU, which does not come nearer to 1; and
a bound is what lets us tell, before refining, who cannot reach the score shown any more."""

WEAKEST = 0.05
"""Nobody is refined whose detector's score is below: such detections are noise, and no calibration
has seen any."""


def logit(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """log(p / (1 − p)), finite."""
    kept = np.clip(values.astype(np.float64), CERTAIN, 1 - CERTAIN)
    return np.asarray(np.log(kept / (1 - kept)))


def final_scores(
    scores: NDArray[np.float32], qualities: NDArray[np.float32], calibration: Calibration
) -> NDArray[np.float32]:
    """The scores shown (N,) float32 of detections with these detector's scores and qualities
    (N,)."""
    a, b, c = calibration
    return _sigmoid(a + b * logit(scores) + c * logit(np.minimum(qualities, BEST_QUALITY)))


def gate(final: float, calibration: Calibration) -> float:
    """The detector's score below which no detection is worth refining: not even the best quality
    could take it to the score `final` that is shown."""
    if not 0 < final < 1:
        return WEAKEST if final <= 0 else 1.0
    a, b, c = calibration
    wanted = math.log(final / (1 - final)) - a - c * float(logit(np.array(BEST_QUALITY)))
    # Rounding must not cost anybody: a hair's breadth below.
    return max(WEAKEST, float(_sigmoid(np.array(wanted / b))) - 1e-6)


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(0.5 * (1 + np.tanh(values / 2)), np.float32)  # tanh does not overflow
