"""Who owns which pixel, on arrays small enough to work out by hand."""

from __future__ import annotations

import numpy as np

from kirinuki.sharing import Placed, share_out, share_without_leftovers

EVEN = np.array([0.9, 0.9], np.float32)


def row(*values: int) -> Placed:
    """One line of alpha in the picture's corner."""
    return (0, 0, len(values), 1), np.array([values], np.uint8)


def test_share_out_by_hand() -> None:
    # Wide enough apart that means do not reach over: each pixel of interest stands in its triple.
    shared = share_out([row(200, 200, 200, 60, 60, 60), row(100, 100, 100, 220, 220, 220)], EVEN)
    assert shared[0][1].tolist() == [[200, 200, 200, 35, 35, 35]]
    assert shared[1][1].tolist() == [[55, 55, 55, 220, 220, 220]]
    apart = [row(255, 255), ((5, 0, 6, 1), np.array([[255]], np.uint8))]
    assert [a.tolist() for _, a in share_out(apart, EVEN)] == [[[255, 255]], [[255]]]


def test_a_faint_find_takes_little_from_a_sure_one() -> None:
    sure, faint = row(200, 200, 200), row(255, 255, 255)
    shared = share_out([sure, faint], np.array([0.9, 0.1], np.float32))
    assert [a.tolist() for _, a in shared] == [[[200, 200, 200]], [[55, 55, 55]]]


def test_share_out_of_many_is_bounded() -> None:
    rng = np.random.default_rng(1)
    placed = [((0, 0, 40, 30), rng.integers(0, 256, (30, 40), dtype=np.uint8)) for _ in range(6)]
    shared = share_out(placed, rng.uniform(0, 1, 6).astype(np.float32))
    assert sum(alpha.astype(int) for _, alpha in shared).max() <= 255
    for (_, before), (_, after) in zip(placed, shared, strict=True):
        assert (after <= before).all()


def test_the_outline_of_a_pair_is_no_character() -> None:
    left: Placed = ((0, 0, 20, 20), np.full((20, 20), 250, np.uint8))
    right: Placed = ((24, 0, 44, 20), np.full((20, 20), 250, np.uint8))
    pair: Placed = ((0, 0, 44, 20), np.full((20, 44), 250, np.uint8))
    scores = np.array([0.95, 0.9, 0.6], np.float32)
    assert share_without_leftovers([left, right, pair], scores)[0].tolist() == [0, 1]
    assert share_without_leftovers([left, right], scores[:2])[0].tolist() == [0, 1]
    assert share_without_leftovers([], scores[:0])[0].tolist() == []
