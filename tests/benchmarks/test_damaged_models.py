"""The short form of `benchmarks/robustness/models.py`: each way to damage a model file once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnx")

ROBUSTNESS = Path(__file__).parents[2] / "benchmarks" / "robustness"
sys.path.insert(0, str(ROBUSTNESS))

import model_damage  # noqa: E402
import models  # noqa: E402

WAYS = len(model_damage.BYTES) + len(model_damage.GRAPHS)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no ceiling of memory")
def test_damaged_models_are_refused_in_one_line_or_work(tmp_path: Path) -> None:
    done = models.campaign(5, range(WAYS), tmp_path)
    assert [one for one in done if one.ended == "WRONG"] == []
    assert [one.number for one in done] == list(range(WAYS))
    assert sum(one.ended == "refused" for one in done) >= WAYS // 2


def test_files_depend_on_seed_and_number_alone(tmp_path: Path) -> None:
    cut_off = [
        model_damage.damaged(seed, 0, tmp_path / str(place)) for place, seed in enumerate((1, 1, 2))
    ]
    assert {model_damage.damage_of(number) for number in (0, WAYS)} == {"cut off"}
    files = [path if path.is_file() else path / "refiner.onnx" for path in cut_off]
    first, again, other = (file.read_bytes() for file in files)
    assert first == again != other


@pytest.mark.skipif(os.name == "nt", reason="no ceiling of memory")
def test_a_worker_that_dies_costs_one_file(tmp_path: Path, monkeypatch) -> None:
    dying = tmp_path / "dying.py"
    dying.write_text(
        "import json, os, sys\n"
        "first, last = map(int, sys.argv[2:4])\n"
        "for number in range(first, last):\n"
        "    said = dict(number=number, damage='x', ended='begun')\n"
        "    print(json.dumps(said), flush=True)\n"
        "    if number == 3:\n"
        "        os.abort()\n"
        "    print(json.dumps({**said, 'ended': 'refused'}), flush=True)\n"
    )
    monkeypatch.setattr(models, "__file__", str(dying))
    done = models.campaign(0, range(6), tmp_path)
    assert [one.ended for one in done] == ["refused"] * 3 + ["WRONG"] + ["refused"] * 2
    assert "status -6" in done[3].words
