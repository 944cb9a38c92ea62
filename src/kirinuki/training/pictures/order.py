"""Which labelled picture comes at which number: every turn shows each as often as it is worth.

Not covered: numbers, and what has been shown already (`sampler`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

EMPTY_SHARES = (0.10, 0.15)
"""Pictures without anybody are between these shares of the labelled ones, if there are any."""
SOURCE_SHARE = 0.15
"""No source is more than this share, if there are enough sources for that."""


class WeightedOrder:
    """Numbers 0, 1, 2, … to pictures: in a turn of n numbers picture i comes weightsᵢ · n / Σ
    times, rounded up or down (systematic sampling, Madow 1949), in an order of the turn's own. With
    equal weights each comes once.

    Args:
        weights: (n,) ≥ 0, not all 0.
    """

    def __init__(self, weights: NDArray[np.float64], seed: int) -> None:
        self.weights = weights * (len(weights) / weights.sum())
        self.seed = seed
        self._turn, self._places = -1, np.zeros(0, np.intp)

    def __getitem__(self, number: int) -> int:
        turn, place = divmod(number, len(self.weights))
        if turn != self._turn:
            self._turn, self._places = turn, self._drawn(turn)
        return int(self._places[place])

    def _drawn(self, turn: int) -> NDArray[np.intp]:
        rng = np.random.default_rng((self.seed, 3, turn))
        order = rng.permutation(len(self.weights))
        reached = np.cumsum(self.weights[order])
        marks = rng.random() + np.arange(len(order))
        at = np.searchsorted(reached, marks, side="right").clip(max=len(order) - 1)
        return np.asarray(rng.permutation(order[at]))


def balanced_weights(
    is_empty: NDArray[np.bool_], sources: Sequence[str], settled: float = 0.0
) -> NDArray[np.float64]:
    """Weights (n,) summing to 1 that keep `EMPTY_SHARES` and `SOURCE_SHARE`.

    Args:
        is_empty: (n,) bool, nobody is in the picture.
        sources: of each picture; those of empty pictures are not asked.
        settled: share of the empty pictures that will get figures: so many more are drawn.
    """
    weights = np.full(len(is_empty), 1 / len(is_empty))
    if is_empty.all() or not len(is_empty):
        return weights
    empty = 0.0
    if is_empty.any():
        empty = float(np.clip(is_empty.mean(), *EMPTY_SHARES)) / (1 - settled)
        weights[is_empty] = empty / np.count_nonzero(is_empty)
    _, of_source = np.unique(np.array(sources)[~is_empty], return_inverse=True)
    counts = np.bincount(of_source)
    weights[~is_empty] = (1 - empty) * (_capped(counts / counts.sum()) / counts)[of_source]
    return weights


def _capped(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares (n,) summing to 1 of which none is above `SOURCE_SHARE`; the others keep theirs to one
    another. As they are where there are too few for that."""
    if SOURCE_SHARE * len(shares) < 1:
        return shares
    is_free, fair = np.ones(len(shares), np.bool_), shares
    while (fair > SOURCE_SHARE + 1e-9).any():  # what one gives away may put another above it
        is_free &= fair <= SOURCE_SHARE
        left = 1 - SOURCE_SHARE * np.count_nonzero(~is_free)
        fair = np.where(is_free, shares * (left / shares[is_free].sum()), SOURCE_SHARE)
    return fair
