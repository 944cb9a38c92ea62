"""Which groups to hold out so that every class keeps its share: a small seeded search.

A greedy pass in random order, then moves and swaps of groups as long as one of them helps: the
idea of iterative stratification (Sechidis et al. 2011, "On the Stratification of Multi-label
Data"), on groups instead of single pictures.

Not covered: what a group is (`grouping`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

VAL_WITHOUT = 0.1
"""Cost of a class (or of pictures without labels) that validation has none of."""
TRAIN_WITHOUT = 1.0
"""Cost of one that training has none of."""
_SAMPLE = 256
_MAX_ROUNDS = 300


def hold_out(counts: NDArray[np.float64], share: float, seed: int) -> NDArray[np.bool_]:
    """Which groups to hold out, (G,) bool; neither side is empty.

    Args:
        counts: (G, C) what each group holds; column 0 counts pictures, the others classes. Column
            0 weighs as much as all others together.
        share: how much of every column to hold out, 0 < share < 1.
        seed: the same seed and counts give the same answer.

    Raises:
        ValueError: fewer than two groups.
    """
    if len(counts) < 2:
        raise ValueError(f"expected at least 2 groups, but got {len(counts)}")
    rng = np.random.default_rng(seed)
    shares = counts / np.maximum(counts.sum(axis=0), 1)  # (G, C), each column sums to 1 or 0
    weights = (counts.sum(axis=0) > 0).astype(np.float64)  # (C,)
    weights[0] = max(1.0, weights[1:].sum())
    chosen = np.zeros(len(counts), np.bool_)
    held = np.zeros(counts.shape[1])  # (C,) share held out so far
    for g in rng.permutation(len(counts)):
        if _cost(held + shares[g], share, weights) < _cost(held, share, weights):
            chosen[g] = True
            held = held + shares[g]
    _polish(chosen, shares, weights, share, rng)
    if chosen.all() or not chosen.any():
        chosen[:] = False
        chosen[int(np.argmin(counts[:, 0]))] = True
    return chosen


def _cost(
    held: NDArray[np.float64], share: float, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far shares (…, C) are from the goal: squares, plus the price of what a side lacks."""
    gap = (held - share) ** 2
    price = np.full(held.shape[-1], VAL_WITHOUT)
    price[0] = TRAIN_WITHOUT  # no pictures at all is no validation
    gap = gap + price * (held < 1e-9) + TRAIN_WITHOUT * (held > 1 - 1e-9)
    cost: NDArray[np.float64] = gap @ weights
    return cost


def _polish(
    chosen: NDArray[np.bool_],
    shares: NDArray[np.float64],
    weights: NDArray[np.float64],
    share: float,
    rng: np.random.Generator,
) -> None:
    """Move one group to the other side, or swap two, while that lowers the cost. In place."""
    for _ in range(_MAX_ROUNDS):
        held = shares[chosen].sum(axis=0)
        now = float(_cost(held, share, weights))
        sign = np.where(chosen, -1.0, 1.0)[:, None]
        moves = _cost(held + sign * shares, share, weights)  # (G,)
        inside = _some(np.flatnonzero(chosen), rng)
        outside = _some(np.flatnonzero(~chosen), rng)
        swaps = np.array([[np.inf]])
        if len(inside) and len(outside):
            change = shares[outside][None] - shares[inside][:, None]  # (I, O, C)
            swaps = _cost(held + change, share, weights)
        if min(float(moves.min()), float(swaps.min())) >= now - 1e-12:
            return
        if moves.min() <= swaps.min():
            g = int(moves.argmin())
            chosen[g] = not chosen[g]
        else:
            i, j = np.unravel_index(int(swaps.argmin()), swaps.shape)
            chosen[inside[i]] = False
            chosen[outside[j]] = True


def _some(indices: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """At most `_SAMPLE` of them: all swaps of 10,000 groups would be too many."""
    return indices if len(indices) <= _SAMPLE else rng.choice(indices, _SAMPLE, replace=False)
