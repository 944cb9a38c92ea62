"""``--dry-run``: what would be made, and how long it would take."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from fake_segmenter import FakeSegmenter, draw
from kirinuki.cli import cli
from kirinuki.segmenter.segmenter import Segmenter
from made_clips import write_clip


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Segmenter, "load", lambda *_, **__: FakeSegmenter())
    draw(Path("d/1.png"), 1)
    draw(Path("d/2.png"), 1)


def cut(*words: str) -> Result:
    return CliRunner().invoke(cli, ["cut", "d", *words])


def test_nothing_is_written_and_each_input_has_its_line() -> None:
    Path("d/broken.mp4").write_bytes(b"no video")
    write_clip(Path("d/clip.mp4"), [np.full((64, 96, 3), 90, np.uint8)] * 6)
    before = sorted(Path().rglob("*"))
    result = cut("--dry-run", "--matte", "--videos", "--every", "2")
    assert result.exit_code == 0, result.stderr + str(result.exception)
    assert sorted(Path().rglob("*")) == before
    assert "characters" not in result.stderr  # nobody was looked for
    *lines, estimate = result.stdout.splitlines()
    assert lines[:2] == ["d/1.png: matte", "d/2.png: matte"]
    assert lines[2].startswith("d/broken.mp4: would fail: ")
    assert lines[3:] == ["d/clip.mp4: matte of about 3 frames"]
    assert re.fullmatch(r"2 pictures and 3 frames: at most about \d+ s on this computer", estimate)


def test_with_resume_it_is_what_is_left() -> None:
    assert cut("--matte").exit_code == 0
    draw(Path("d/3.png"), 1)
    result = cut("--matte", "--mask", "--resume", "--dry-run")
    assert result.stdout.splitlines()[:3] == [
        "d/1.png: mask",
        "d/2.png: mask",
        "d/3.png: mask, matte",
    ]
    assert cut("--matte", "--dry-run").exit_code == 1  # what a job would refuse, it refuses


def test_of_one_file_there_is_nothing_to_rehearse() -> None:
    result = CliRunner().invoke(cli, ["cut", "d/1.png", "-o", "out.png", "--dry-run"])
    assert result.exit_code == 2
