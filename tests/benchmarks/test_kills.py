"""The short form of `benchmarks/robustness/kills.py`: a few kills of every kind of job."""

from __future__ import annotations

import os
import sys
from itertools import islice
from pathlib import Path

import pytest

pytest.importorskip("av")

ROBUSTNESS = Path(__file__).parents[2] / "benchmarks" / "robustness"
sys.path.insert(0, str(ROBUSTNESS))

import contents  # noqa: E402
import kills  # noqa: E402
from scenarios import SCENARIOS  # noqa: E402


@pytest.mark.skipif(os.name == "nt", reason="no kill -9")
def test_killed_jobs_end_with_the_same_files(tmp_path: Path) -> None:
    short = [scenario for scenario in SCENARIOS if scenario.name in ("mixed", "compose")]
    done = kills.campaign(short, 2, seed=5, folder=tmp_path, workers=1)
    assert [trial.wrong for trial in done] == [[]] * len(done)
    assert sum(trial.killed for trial in done) >= 2


def test_trials_depend_on_seed_and_number_alone(tmp_path: Path) -> None:
    def moments(seed: int) -> list[list[float]]:
        some = islice(kills.trials(SCENARIOS, seed, tmp_path), 12)
        return [list(trial.moments) for trial in some]

    assert moments(1) == moments(1) != moments(2)
    assert {len(drawn) for drawn in moments(1)} == {1, 2, 3}


def test_half_a_file_and_a_foreign_one_are_told(tmp_path: Path) -> None:
    for name in ("1.png", "a/2.png", ".work/3.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"whole")
    whole = contents.digests(tmp_path)
    (tmp_path / "a/2.png").write_bytes(b"who")
    (tmp_path / ".work/3.png").write_bytes(b"wh")
    (tmp_path / "clip.mkv").write_bytes(b"no video")
    now = contents.digests(tmp_path)
    assert contents.half_written(whole, now) == ["a/2.png", "clip.mkv unreadable"]
    assert contents.differences(whole, now) == [".work/3.png", "a/2.png", "clip.mkv unreadable"]
