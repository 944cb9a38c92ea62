"""How sure a difference of two models is: a paired bootstrap over whole pictures.

Pictures are drawn with replacement, the same ones for both models, and the difference is computed
anew (Efron & Tibshirani 1993, "An Introduction to the Bootstrap", percentile interval). Characters
of one picture go together, for they are easy or hard together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 10_000
LEVEL = 0.95
FEWEST = 5
"""Pictures below which there is no interval: it would only look narrow."""


@dataclass(frozen=True)
class Difference:
    """Second minus first, and the ends of its interval; None with fewer than `FEWEST` pictures."""

    value: float
    low: float | None
    high: float | None


def times_drawn(pictures: int, draws: int = DRAWS, seed: int = 0) -> NDArray[np.int64]:
    """How often each picture is drawn, (draws, pictures); rows add up to `pictures`."""
    chances = np.full(pictures, 1 / pictures)
    return np.random.default_rng(seed).multinomial(pictures, chances, size=draws)


def paired_difference(
    first: NDArray[np.float64], second: NDArray[np.float64], drawn: NDArray[np.int64]
) -> Difference | None:
    """Difference of two ratios of sums over the same pictures; None where nothing counts.

    Args:
        first, second: (P, 2), what each picture adds to the sum and to the count.
        drawn: (draws, P), see `times_drawn`.
    """
    if not first[:, 1].any() or not second[:, 1].any():
        return None
    (a, n), (b, m) = first.sum(axis=0), second.sum(axis=0)
    value = float(b / m - a / n)
    if np.count_nonzero(first[:, 1] + second[:, 1]) < FEWEST:
        return Difference(value, None, None)
    one, other = drawn @ first, drawn @ second  # (draws, 2)
    counted = (one[:, 1] > 0) & (other[:, 1] > 0)
    one, other = one[counted], other[counted]
    differences = other[:, 0] / other[:, 1] - one[:, 0] / one[:, 1]
    low, high = np.quantile(differences, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return Difference(value, low, high)
