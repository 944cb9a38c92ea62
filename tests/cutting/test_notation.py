"""How points and times are written."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kirinuki.cutting.notation import numbers_of, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("83.5", Fraction(167, 2)), ("1:23.5", Fraction(167, 2)), ("0:01:00", 60), (".5", 0.5)],
)
def test_a_time_is_seconds_or_has_colons(text: str, seconds: Fraction) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "-1", "1:2:3:4", "nan", "١", "9" * 17, "9" * 5000])
def test_what_is_no_time_or_later_than_any_film_is_none(text: str) -> None:
    assert seconds_of(text) is None


def test_a_point_is_two_whole_numbers_in_ascii() -> None:
    assert numbers_of("120, 40", "X,Y") == (120, 40)
    for text in ("120", "1,2,3", "1.5,2", "-1,2", "١,٢", "9" * 5000 + ",1"):
        assert numbers_of(text, "X,Y") is None
