"""The short form of `benchmarks/robustness/labels.py`: a few broken label files of every format."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROBUSTNESS = Path(__file__).parents[2] / "benchmarks" / "robustness"
sys.path.insert(0, str(ROBUSTNESS))

import labels  # noqa: E402
from label_mutations import JUNK  # noqa: E402

from kirinuki.dataset.check import check_dataset  # noqa: E402
from kirinuki.formats.registry import FORMATS, load_set  # noqa: E402

SHORT = 40
"""Seeds; the campaign has 5,000."""


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_nothing_is_wrong_with_the_good_sets(tmp_path: Path, name: str) -> None:
    labels.good_set(name, tmp_path / "set")
    assert len(load_set(tmp_path / "set")) == 3
    assert not [one for one in check_dataset(tmp_path / "set") if one.level == "error"]


@pytest.mark.skipif(os.name == "nt", reason="no pipes among files")
@pytest.mark.parametrize("seed", range(SHORT))
def test_a_broken_label_file_ends_in_a_line(tmp_path: Path, seed: int) -> None:
    name, outcome, _ = labels.try_seed(seed, tmp_path).split(": ")
    assert name in FORMATS
    assert outcome in ("refused", "faults", "read")


def test_what_is_not_a_line_is_noticed() -> None:
    def broken() -> None:
        raise KeyError("a")

    with pytest.raises(labels.WrongError, match="KeyError"):
        labels.expect_line(broken)
    with pytest.raises(labels.WrongError, match="several lines"):
        labels.expect_one_line("a\nb")
    assert len({repr(one) for one in JUNK}) == len(JUNK)
