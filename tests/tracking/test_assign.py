from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from kirinuki.tracking.assign import match


def _best(gain: np.ndarray) -> float:
    """The largest sum by trying everything; a row may stay alone, at no gain."""
    rows, columns = gain.shape
    padded = np.hstack([np.maximum(gain, 0), np.zeros((rows, rows))])
    ways = permutations(range(columns + rows), rows)
    return max(sum(padded[r, c] for r, c in enumerate(way)) for way in ways)


@pytest.mark.parametrize(
    ("gain", "pairs"),
    [
        (np.zeros((0, 3)), []),
        (np.zeros((3, 0)), []),
        ([[0.0]], []),
        ([[-1.0]], []),
        ([[0.1]], [(0, 0)]),
        ([[3.0, 2.0], [2.0, 0.5]], [(0, 1), (1, 0)]),  # not the best pair first
        ([[3.0, 2.0], [2.0, -5.0]], [(0, 1), (1, 0)]),
        ([[3.0, -1.0], [1.0, -1.0]], [(0, 0)]),  # nobody is better than a loss
        ([[1.0], [3.0], [2.0]], [(1, 0)]),
        ([[1.0, 1.0], [1.0, 1.0]], [(0, 0), (1, 1)]),
    ],
)
def test_small(gain, pairs):
    assert sorted(match(np.array(gain, float))) == pairs


def test_is_the_best_of_all_ways():
    rng = np.random.default_rng(0)
    for _ in range(150):
        shape = rng.integers(1, 5, 2)
        gain = rng.normal(size=shape).round(int(rng.integers(0, 3)))  # rounded: many ties
        pairs = match(gain)
        assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)
        assert all(gain[pair] > 0 for pair in pairs)
        assert sum(gain[pair] for pair in pairs) == pytest.approx(_best(gain))


@pytest.mark.parametrize("size", [(50, 50), (50, 7), (7, 50)])
def test_many_as_scipy(size):
    optimize = pytest.importorskip("scipy.optimize")
    rng = np.random.default_rng(1)
    for _ in range(20):
        gain = rng.normal(size=size)
        best = np.maximum(gain, 0)
        rows, columns = optimize.linear_sum_assignment(best, maximize=True)
        assert sum(gain[pair] for pair in match(gain)) == pytest.approx(best[rows, columns].sum())
