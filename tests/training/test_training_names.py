"""What `kirinuki.training` calls public is there, and is found without importing it all."""

from __future__ import annotations

import pytest

import kirinuki.training

pytest.importorskip("lightning")


@pytest.mark.parametrize("name", kirinuki.training.__all__)
def test_a_public_name_of_training_is_there(name: str) -> None:
    assert getattr(kirinuki.training, name).__name__ == name


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        _ = kirinuki.training.trian
