"""The short forms of the campaigns, and the engine that runs them."""

from __future__ import annotations

import os
import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("av")
if os.name == "nt":
    pytest.skip("no resource limits", allow_module_level=True)

ROBUSTNESS = Path(__file__).parents[2] / "benchmarks" / "robustness"
sys.path.insert(0, str(ROBUSTNESS))

import campaign  # noqa: E402
from damaged_pictures import PICTURES, good  # noqa: E402
from damaged_videos import VIDEOS  # noqa: E402
from mutations import mutated  # noqa: E402


@pytest.mark.slow
@pytest.mark.parametrize(("which", "count"), [(PICTURES, 400), (VIDEOS, 50)])
def test_nothing_breaks_it(tmp_path: Path, which: campaign.Campaign, count: int) -> None:
    told = campaign.run(which, count, seed=7, folder=tmp_path, workers=1)
    assert told.wrong == []
    assert sum(told.counts.values()) == count


def test_damage_depends_on_its_numbers_alone() -> None:
    goods = [bytes(range(200)) * 3, b"other" * 50]
    some = [mutated(random.Random(f"x {number}"), goods) for number in range(50)]
    assert some == [mutated(random.Random(f"x {number}"), goods) for number in range(50)]
    assert len(set(some)) > 40


def test_what_ends_a_command_is_bisected_to_its_input_and_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def command(
        self: campaign.Runner, inputs: list[Path], out: Path, count: int
    ) -> tuple[int, list[str]]:
        names = [path.stem for path in inputs]
        if "n00005" in names:
            return -11, []
        out.mkdir()
        for name in names:
            (out / f"{name}_1.png").touch()
        return 0, ["9 pictures, 18 characters", "results: out"]

    monkeypatch.setattr(campaign.Runner, "_command", command)
    which = replace(PICTURES, make=lambda draw, stem: good(stem), batch=8)
    for _ in range(2):  # the second time from what is noted
        told = campaign.run(which, 16, seed=0, folder=tmp_path, workers=1)
        assert told.wrong == [(5, "signal 11")]
        assert told.counts == {"cut": 15}
