"""Two opinions, one score: by hand, and that the gate neither costs nor wastes anybody."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kirinuki.segmenter.scores import BEST_QUALITY, WEAKEST, final_scores, gate


def final(score: float, quality: float, calibration: tuple[float, float, float]) -> float:
    one = np.array([score], np.float32), np.array([quality], np.float32)
    return float(final_scores(*one, calibration)[0])


def test_by_hand() -> None:
    assert final(0.7, 0.1, (0.0, 1.0, 0.0)) == pytest.approx(0.7)
    assert final(0.1, 0.7, (0.0, 1e-9, 1.0)) == pytest.approx(0.7)
    # Odds 4 and 4, and odds of e: their product is the odds of the final score.
    odds = 16 * np.e
    assert final(0.8, 0.8, (1.0, 1.0, 1.0)) == pytest.approx(odds / (1 + odds))


def test_extremes_are_finite() -> None:
    for score in (0.0, 1.0):
        for quality in (0.0, 1.0):
            assert 0 <= final(score, quality, (-3.0, 2.0, 2.0)) <= 1
    assert gate(0.0, (0.0, 1.0, 1.0)) == WEAKEST
    assert gate(1.0, (0.0, 1.0, 1.0)) == 1
    assert gate(0.5, (-1000.0, 1.0, 0.0)) == pytest.approx(1, abs=1e-5)
    assert final_scores(np.zeros(0, np.float32), np.zeros(0, np.float32), (0, 1, 1)).shape == (0,)


@given(
    st.floats(0.02, 0.98),
    st.tuples(st.floats(-4, 4), st.floats(0.2, 3), st.floats(0, 3)),
    st.floats(0.05, 0.999),
    st.floats(0, 1),
)
def test_the_gate_is_where_the_best_quality_just_suffices(
    wanted: float, calibration: tuple[float, float, float], score: float, quality: float
) -> None:
    lowest = gate(wanted, calibration)
    if score < lowest:
        assert final(score, quality, calibration) < wanted
    if WEAKEST < lowest < 0.999:
        assert final(lowest + 1e-5, BEST_QUALITY, calibration) >= wanted - 1e-4
