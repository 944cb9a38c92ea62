"""Cutouts trimmed, padded, square, smaller, outlined."""

from __future__ import annotations

import numpy as np
import pytest

from kirinuki.render.crop import outlined, padded, shrunk, squared, trimmed


def disc(radius: int = 20, side: int = 100) -> np.ndarray:
    """A green disc with a soft edge in the middle of nothing, (side, side, 4)."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    alpha = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1) * 255
    rgba = np.dstack([np.full((side, side, 3), (20, 200, 60)), alpha]).round().astype(np.uint8)
    rgba[rgba[..., 3] == 0] = 0
    return rgba


def test_trimmed_and_padded() -> None:
    assert trimmed(disc()).shape == (40, 40, 4)
    assert padded(trimmed(disc()), 5).shape == (50, 50, 4)
    nothing = np.zeros((7, 9, 4), np.uint8)
    assert trimmed(nothing) is nothing


@pytest.mark.parametrize("shape", [(10, 31, 4), (31, 10, 4), (8, 8, 4)])
def test_squared_has_it_in_the_middle(shape: tuple[int, int, int]) -> None:
    square = squared(np.full(shape, 255, np.uint8))
    side = max(shape[:2])
    assert square.shape == (side, side, 4)
    ys, xs = np.nonzero(square[..., 3])
    assert abs(ys.min() - (side - 1 - ys.max())) <= 1
    assert abs(xs.min() - (side - 1 - xs.max())) <= 1
    assert square[..., 3].sum() == 255 * shape[0] * shape[1]


def test_smaller_keeps_shape_and_colours_and_nothing_gets_larger() -> None:
    small = shrunk(disc()[20:80], 50)
    assert small.shape == (30, 50, 4)
    soft = (small[..., 3] > 30) & (small[..., 3] < 225)
    assert soft.any()
    assert np.abs(small[soft][:, :3].astype(int) - (20, 200, 60)).max() <= 8  # no black edge
    assert shrunk(disc(), 400).shape == (100, 100, 4)


def test_an_outline_is_as_wide_as_asked_for_and_of_its_colour() -> None:
    drawn = outlined(disc(), 8, (255, 0, 255))
    row = drawn[49]
    assert row[49].tolist() == [20, 200, 60, 255]
    assert row[49 + 25].tolist() == [255, 0, 255, 255]
    assert abs(row[..., 3].astype(int).sum() / 255 - 2 * 28) < 1.5
    assert drawn[49, 49 + 31, 3] == 0


def test_an_outline_of_nobody_is_nothing() -> None:
    assert not outlined(np.zeros((20, 20, 4), np.uint8), 5, (255, 255, 255)).any()
