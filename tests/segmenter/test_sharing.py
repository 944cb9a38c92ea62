"""Who owns which pixel, on arrays small enough to work out by hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kirinuki.segmenter.placed import Placed
from kirinuki.segmenter.sharing import share_out, share_without_leftovers


def row(*values: int) -> Placed:
    """One line of alpha in the picture's corner."""
    return (0, 0, len(values), 1), np.array([values], np.uint8)


def by_alpha(*placed: Placed) -> list[list[list[int]]]:
    return [a.tolist() for _, a in share_out(placed, lambda i: placed[i][1])]


def test_share_out_by_hand() -> None:
    first, second = row(200, 200, 60, 60), row(100, 55, 220, 60)
    assert by_alpha(first, second) == [[[200, 200, 35, 60]], [[55, 55, 220, 60]]]
    third = row(0, 0, 50, 255)
    assert by_alpha(first, second, third)[2] == [[0, 0, 0, 255]]
    apart: Placed = ((5, 0, 6, 1), np.array([[255]], np.uint8))
    assert by_alpha(row(255, 255), apart) == [[[255, 255]], [[255]]]


def test_equal_claims_go_to_the_earlier() -> None:
    assert by_alpha(row(255), row(255)) == [[[255]], [[0]]]


def test_share_out_of_many_is_bounded() -> None:
    rng = np.random.default_rng(1)
    placed = [((0, 0, 40, 30), rng.integers(0, 256, (30, 40), dtype=np.uint8)) for _ in range(6)]
    shared = share_out(placed, lambda i: placed[i][1])
    assert sum(alpha.astype(int) for _, alpha in shared).max() <= 255
    for (_, before), (_, after) in zip(placed, shared, strict=True):
        assert (after <= before).all()


def full(number: int) -> NDArray[np.uint8]:
    return np.full((1, 4), 255, np.uint8)


def test_a_faint_find_on_a_sure_one_goes() -> None:
    sure, faint = row(200, 200, 200, 200), row(255, 255, 255, 255)
    scores = np.array([0.9, 0.1], np.float32)
    kept, shared = share_without_leftovers([sure, faint], scores, full)
    assert (kept.tolist(), [a.tolist() for _, a in shared]) == ([0], [[[200] * 4]])


def test_the_coarse_mask_tells_who_stands_in_front() -> None:
    # Both alphas claim the two pixels in the middle, the surer find a little more.
    first, second = row(255, 255, 255, 0), row(0, 250, 250, 250)
    masks = row(255, 250, 100, 0)[1], row(0, 100, 250, 255)[1]
    scores = np.array([0.9, 0.8], np.float32)
    kept, shared = share_without_leftovers([first, second], scores, lambda i: masks[i])
    assert kept.tolist() == [0, 1]
    assert [a.tolist() for _, a in shared] == [[[255, 255, 5, 0]], [[0, 0, 250, 250]]]


def test_the_outline_of_a_pair_is_no_character() -> None:
    left: Placed = ((0, 0, 20, 20), np.full((20, 20), 250, np.uint8))
    right: Placed = ((24, 0, 44, 20), np.full((20, 20), 250, np.uint8))
    pair: Placed = ((0, 0, 44, 20), np.full((20, 44), 250, np.uint8))
    scores = np.array([0.95, 0.9, 0.6], np.float32)

    def coarse(number: int) -> NDArray[np.uint8]:
        return (left, right, pair)[number][1]

    assert share_without_leftovers([left, right, pair], scores, coarse)[0].tolist() == [0, 1]
    assert share_without_leftovers([left, right], scores[:2], coarse)[0].tolist() == [0, 1]
    assert share_without_leftovers([], scores[:0], coarse)[0].tolist() == []
