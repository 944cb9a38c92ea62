"""Placing and reshaping: straight cuts end outside the frame, shapes neither fold nor tear."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kirinuki.compose.placement import Affine, Spot, flush_sides, place, warp
from kirinuki.compose.warp import Reshaping, reshaped
from made_library import figure, half_figure

BOTTOM = (False, False, False, True)
"""Cut flush at the lower side."""


def test_flush_sides_are_found() -> None:
    assert flush_sides(half_figure()) == (False, False, False, True)
    assert flush_sides(half_figure()[:, ::-1][:, :30]) == (False, False, True, True)
    assert flush_sides(figure((1, 2, 3))) == (False,) * 4


@pytest.mark.parametrize("seed", range(20))
def test_flush_sides_end_outside_the_frame(seed: int) -> None:
    rng = np.random.default_rng(seed)
    angle, shear = rng.normal(0, 4), rng.normal(0, 0.05)
    scale = rng.uniform(0.4, 2)
    affine = Affine(scale, scale, float(angle), float(shear), bool(rng.random() < 0.5))
    height, width = 60, 60
    matrix = place((height, width), affine, BOTTOM, (96, 128), Spot(cut=(1, 0.5)), rng)
    cut = matrix @ np.array([[0, width], [height, height], [1, 1]])  # ends of the flush side
    assert (cut[1] >= 96 - 1e-6).all()


def test_a_flush_left_side_stays_outside_also_mirrored() -> None:
    cutout = np.ascontiguousarray(half_figure().transpose(1, 0, 2)[:, ::-1])  # cut at the left
    flush = flush_sides(cutout)
    assert flush[0]
    for mirrored in (False, True):
        affine = Affine(1, 1, 3.0, 0.02, mirrored)
        rng = np.random.default_rng(1)
        matrix = place(cutout.shape[:2], affine, flush, (96, 128), Spot(), rng)
        height = cutout.shape[0]
        x = (matrix @ np.array([[0, 0], [0, height], [1, 1]]))[0]
        assert (x >= 128).all() if mirrored else (x <= 0).all()


@pytest.mark.parametrize("side", range(4))
def test_the_frame_cuts_off_on_any_side(side: int) -> None:
    affine, rng = Affine(1, 1, 0.0, 0.0, False), np.random.default_rng(side)
    matrix = place((40, 30), affine, (False,) * 4, (96, 128), Spot(cut=(side, 0.5)), rng)
    left, top = matrix[:, 2]
    place_of_side = {0: left + 15, 1: top + 20, 2: 128 - left - 15, 3: 96 - top - 20}
    assert place_of_side[side] == pytest.approx(0)


# --- shapes --------------------------------------------------------------------------------------

EVERYTHING = Reshaping(limbs=True, perspective=True, bend=True)


@pytest.mark.parametrize("seed", range(10))
def test_reshaping_keeps_flush_sides(seed: int) -> None:
    cutout = half_figure()
    changed = reshaped(cutout, EVERYTHING, BOTTOM, np.random.default_rng(seed))
    assert changed.shape != cutout.shape or not np.array_equal(changed, cutout)
    assert flush_sides(changed)[3]


@pytest.mark.parametrize("seed", range(10))
def test_reshaping_neither_folds_nor_tears(seed: int) -> None:
    """A figure stays in one piece without holes, and about as large; colours stay premultiplied."""
    cutout = figure((200, 120, 40), (160, 80), soft=True)
    cutout[..., :3] = cutout[..., :3] * (cutout[..., 3:] / 255)
    changed = reshaped(cutout, EVERYTHING, (False,) * 4, np.random.default_rng(seed))
    solid = (changed[..., 3] >= 128).astype(np.uint8)
    assert cv2.connectedComponents(solid)[0] == 2
    assert cv2.connectedComponents(1 - np.pad(solid, 1))[0] == 2
    area = np.count_nonzero(cutout[..., 3] >= 128)
    assert 0.5 * area < solid.sum() < 2 * area
    assert (changed[..., :3] <= changed[..., 3:]).all()


def test_without_changes_the_shape_stays() -> None:
    cutout = figure((200, 120, 40))
    unchanged = reshaped(cutout, Reshaping(), (False,) * 4, np.random.default_rng(0))
    rows, columns = np.nonzero(cutout[..., 3])
    trimmed = cutout[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert np.array_equal(unchanged[..., 3], trimmed[..., 3])


def test_warping_far_down_keeps_the_area() -> None:
    cutout = figure((255, 255, 255), (200, 200))
    layer = warp(cutout, np.array([[0.1, 0, 5], [0, 0.1, 5]]), (40, 40))
    area = cutout[..., 3].sum() / 100
    assert abs(layer[..., 3].sum() - area) < 0.06 * area
