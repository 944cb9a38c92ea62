"""Lines of JSON on stdout: one an input, in order, and nothing else there."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from blob_segmenter import RED, BlobSegmenter
from fake_segmenter import FakeSegmenter, draw
from kirinuki.cli import cli
from made_clips import write_clip


def lines(
    monkeypatch: pytest.MonkeyPatch, segmenter: object, *words: str, status: int = 0
) -> list[dict]:
    monkeypatch.setattr("kirinuki.cli.cut.load_segmenter", lambda given: segmenter)
    result = CliRunner().invoke(cli, ["cut", *words, "--jsonl"])
    assert result.exit_code == status, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_line_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(6):
        draw(Path(f"d/{number}.png"), number % 3)
    said = lines(monkeypatch, FakeSegmenter(tells_kinds=True), "d", "--each", "-o", "out")
    assert [line["path"] for line in said] == [f"d/{number}.png" for number in range(6)]
    assert said[0] == {"path": "d/0.png", "size": [24, 40], "instances": [], "files": []}
    assert said[2]["files"] == ["out/2_1.png", "out/2_2.png"]
    first = {"id": 1, "name": "girl", "kind": "female", "score": 0.9, "box": [0, 2, 19, 22]}
    assert said[2]["instances"][0] == {**first, "surest": 0, "first": 0, "frames": 1}


def test_a_line_a_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    nobody = np.full((64, 96, 3), 90, np.uint8)
    somebody = nobody.copy()
    somebody[20:40, 30:60] = RED
    write_clip(Path("clip.mp4"), [somebody] * 6)
    (line,) = lines(monkeypatch, BlobSegmenter(), "clip.mp4", "--matte", "-o", "out")
    assert line["files"] == ["out/clip_matte.mp4"]
    (seen,) = line["instances"]
    assert (seen["id"], seen["first"], seen["frames"], seen["kind"]) == (1, 0, 6, "unknown")
    assert np.abs(np.array(seen["box"]) - (30, 20, 60, 40)).max() <= 2
    assert seen["surest"] in range(6)


def test_a_line_an_input_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    draw(Path("1.png"))
    Path("2.png").write_bytes(b"no picture")
    said = lines(monkeypatch, FakeSegmenter(), "1.png", "2.png", "gone.png", status=1)
    assert [line["path"] for line in said] == ["1.png", "2.png", "gone.png"]
    assert ["error" in line for line in said] == [False, True, True]
    assert said[2] == {"path": "gone.png", "error": "gone.png: no such file or folder"}
    (alone,) = lines(monkeypatch, FakeSegmenter(), "gone.png", status=1)
    assert alone == said[2]
