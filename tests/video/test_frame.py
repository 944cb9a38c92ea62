"""`Frame`: its reduced copies."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from kirinuki.video import Frame


def frame(height: int, width: int) -> Frame:
    rng = np.random.default_rng(0)
    return Frame(rng.integers(0, 256, (height, width, 3), np.uint8), 5, 1, Fraction(1, 24))


@pytest.mark.parametrize(
    ("size_hw", "half_hw", "small_hw"),
    [
        ((720, 1280), (360, 640), (270, 480)),
        ((1081, 1919), (541, 960), (270, 480)),
        ((600, 500), (300, 250), (480, 400)),
        ((270, 480), (135, 240), (270, 480)),
        ((10, 2000), (5, 1000), (2, 480)),
    ],
)
def test_reduced_copies_hold_the_same_picture(size_hw, half_hw, small_hw):
    one = frame(*size_hw)
    assert one.half.shape == (*half_hw, 3)
    assert one.small.shape == (*small_hw, 3)
    for reduced in (one.half, one.small):
        assert abs(float(reduced.mean()) - float(one.rgb.mean())) < 1
    assert one.half is one.half


def test_half_is_the_mean_of_four():
    one = frame(8, 12)
    mean = one.rgb.reshape(4, 2, 6, 2, 3).mean(axis=(1, 3))
    assert np.abs(one.half - mean).max() <= 0.5


def test_small_frames_are_not_reduced():
    one = frame(90, 160)
    assert one.small is one.rgb


def test_time():
    assert frame(8, 8).time == Fraction(5, 24)
