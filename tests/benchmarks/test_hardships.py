"""The short form of `benchmarks/robustness/hardships.py`: what needs neither root nor time."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

pytest.importorskip("av")

ROBUSTNESS = Path(__file__).parents[2] / "benchmarks" / "robustness"
sys.path.insert(0, str(ROBUSTNESS))

import hardships  # noqa: E402
from scenarios import SCENARIOS  # noqa: E402


def place(folder: Path, name: str) -> hardships.Place:
    return hardships.prepare(folder, next(one for one in SCENARIOS if one.name == name))


@pytest.mark.skipif(os.name == "nt", reason="files in use cannot go away")
def test_pictures_that_vanish_cost_only_themselves(tmp_path: Path) -> None:
    assert hardships.vanishing(place(tmp_path, "pictures")) == []


@pytest.mark.slow
def test_a_picture_and_a_video_that_grow_are_cut_when_they_are_whole(tmp_path: Path) -> None:
    assert hardships.growing(place(tmp_path, "mixed")) == []


def test_of_two_jobs_in_one_folder_one_does_it_all(tmp_path: Path) -> None:
    assert hardships.two_at_once(place(tmp_path, "pictures")) == []


def test_an_end_says_what_is_wrong_with_it() -> None:
    ended = hardships.Ended(1, ["failed: 1.png: is gone"])
    assert ended.expect(1, "1.png") == []
    assert ended.expect(0, "2.png") == [
        "status 1, not 0: failed: 1.png: is gone",
        "nothing said of '2.png': failed: 1.png: is gone",
    ]
    assert hardships.Ended(1, ["unexpected KeyError"]).expect(1)
