"""The labelled pictures of `examples/own_show`: as drawn, well labelled, and small."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kirinuki.dataset.check import check_dataset
from kirinuki.formats.registry import load_set
from kirinuki.geometry import mask_iou

EPISODES = ("episode_1", "episode_2", "episode_3", "episode_4")


@pytest.fixture(scope="module")
def show(repository: Path) -> Path:
    return repository / "examples" / "own_show"


@pytest.fixture(scope="module")
def again(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything drawn once more."""
    pytest.importorskip("kirinuki_draw")
    folder = tmp_path_factory.mktemp("again") / "own_show"
    script = repository / "examples" / "make_own_show.py"
    subprocess.run([sys.executable, str(script), "-o", str(folder)], check=True)
    return folder


def test_small_and_whole(show: Path) -> None:
    files = [path for path in show.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3_000_000
    assert Counter(path.parent.name for path in files if path.suffix == ".jpg") == dict.fromkeys(
        EPISODES, 9
    )
    assert all(path.with_suffix(".json").is_file() for path in files if path.suffix == ".jpg")


def test_nothing_is_wrong_with_the_labels(show: Path) -> None:
    dataset = load_set(show)
    assert not [finding for finding in check_dataset(dataset, show) if finding.level == "error"]
    counts = Counter(one.name for one in dataset.instances)
    assert set(counts) == {"witch", "familiar"}
    assert min(counts.values()) >= 20
    empty = [picture for picture in dataset if not picture.instances]
    assert 1 <= len(empty) <= 4, "somewhere nobody is"


def test_every_episode_has_both_classes(show: Path) -> None:
    for episode in EPISODES:
        shapes = [
            shape
            for path in (show / episode).glob("*.json")
            for shape in json.loads(path.read_text(encoding="utf-8"))["shapes"]
        ]
        assert {shape["label"] for shape in shapes} == {"witch", "familiar"}
        assert {shape["shape_type"] for shape in shapes} == {"polygon"}, "editable by hand"
    assert any(shape["group_id"] is not None for shape in shapes), "somebody in several parts"


def test_labels_follow_the_drawing(show: Path, again: Path) -> None:
    one, other = load_set(show), load_set(again)
    assert [picture.name for picture in one] == [picture.name for picture in other]
    for first, second in zip(one.instances, other.instances, strict=True):
        size_hw = one.pictures[0].size_hw
        assert mask_iou(first.mask(size_hw), second.mask(size_hw)) > 0.99


def test_pictures_are_what_the_code_draws(show: Path, again: Path) -> None:
    for path in sorted(show.rglob("*.jpg"))[::9]:
        there = np.asarray(Image.open(path), np.int16)
        here = np.asarray(Image.open(again / path.relative_to(show)), np.int16)
        assert np.abs(there - here).mean() < 0.5, path.name
