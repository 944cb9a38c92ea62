"""Mattes of everyone and of each, of 8 and 16 bits, of pictures and videos."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from blob_segmenter import RED, BlobSegmenter
from fake_segmenter import FakeSegmenter, draw, files_under
from kirinuki.cli import cli
from kirinuki.cutting import cut
from kirinuki.segmenter.segmenter import Segmenter
from made_clips import write_clip


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Segmenter, "load", lambda *_, **__: FakeSegmenter())


def test_mattes_of_each_add_up_to_that_of_everyone() -> None:
    draw(Path("1.png"), 2)
    outputs = [{"matte": {}}, {"matte": {"value": "each"}}]
    for number, wish in enumerate(outputs):
        cut(["1.png"], f"out{number}", wish, model=FakeSegmenter())
    assert files_under(Path("out1")) == ["1_1_matte.png", "1_2_matte.png"]
    each = [np.asarray(Image.open(f"out1/1_{i}_matte.png")) for i in (1, 2)]
    assert np.array_equal(each[0] + each[1], np.asarray(Image.open("out0/1_matte.png")))
    assert each[0].max() == each[1].max() == 255


def test_sixteen_bits_hold_the_values_of_eight() -> None:
    draw(Path("1.png"), 1)
    for bits in (8, 16):
        cut(["1.png"], f"out{bits}", {"matte": {"bits": bits}}, model=FakeSegmenter())
    wide = np.asarray(Image.open("out16/1_matte.png"))
    assert (wide.dtype, int(wide.max())) == (np.uint16, 65535)
    assert np.array_equal(wide, np.asarray(Image.open("out8/1_matte.png")).astype(int) * 257)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--matte", "1.png"], ["1_matte.png"]),
        (["1.png", "--matte"], ["1_matte.png"]),
        (["--matte", "each", "1.png"], ["1_1_matte.png"]),
        (["--matte=everyone", "1.png"], ["1_matte.png"]),
    ],
)
def test_the_flag_may_stand_alone_before_an_input(words: list[str], names: list[str]) -> None:
    draw(Path("1.png"), 1)
    result = CliRunner().invoke(cli, ["cut", "-o", "out", *words])
    assert result.exit_code == 0, result.stderr
    assert files_under(Path("out")) == names


def test_of_a_video_each_has_a_matte_as_long_as_it_is_there() -> None:
    pictures = np.full((6, 64, 96, 3), 90, np.uint8)
    pictures[:, 10:30, 10:40] = RED
    pictures[:3, 40:60, 50:90] = RED  # somebody who leaves
    write_clip(Path("clip.mkv"), list(pictures), "ffv1", "bgr0", tones=1)
    summary = cut(["clip.mkv"], "out", {"matte": {"value": "each"}}, model=BlobSegmenter())
    assert not summary.problems
    assert files_under(Path("out")) == ["clip_1_matte.mkv", "clip_2_matte.mkv"]
    with av.open("out/clip_1_matte.mkv") as container:
        assert not container.streams.audio
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    inside = [int(frame[50, 70]) > 200 for frame in frames]
    others = [int(frame[20, 20]) < 50 for frame in frames]
    assert (inside[0], inside[-1], all(others)) == (True, False, True)


def test_of_a_video_sixteen_bits_are_a_folder() -> None:
    picture = np.full((64, 96, 3), 90, np.uint8)
    picture[10:30, 10:40] = RED
    write_clip(Path("clip.mkv"), [picture] * 2, "ffv1", "bgr0")
    wish = {"matte": {"value": "each", "bits": 16}}
    assert not cut(["clip.mkv"], "out", wish, model=BlobSegmenter()).problems
    assert files_under(Path("out")) == ["clip_1_matte/000001.png", "clip_1_matte/000002.png"]
    assert np.asarray(Image.open("out/clip_1_matte/000002.png")).max() == 65535
