"""What comes behind the characters, of pictures and videos."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from blob_segmenter import RED, BlobSegmenter
from fake_segmenter import FakeSegmenter, draw
from kirinuki.cutting import cut
from kirinuki.cutting.outputs.background import BackgroundOptions
from kirinuki.cutting.outputs.options import told
from kirinuki.errors import KirinukiError, PictureError
from kirinuki.render.cutout import Gradient, parse_background
from made_clips import write_clip


def test_two_colours_are_a_gradient_from_top_to_bottom(tmp_path: Path) -> None:
    assert parse_background("white .. #000") == Gradient((255, 255, 255), (0, 0, 0))
    draw(tmp_path / "1.png", 0)
    draw(tmp_path / "2.png", 2)
    wish = {"background": {"value": "white..black"}}
    cut([tmp_path / "2.png"], tmp_path / "out", wish, model=FakeSegmenter())
    column = np.asarray(Image.open(tmp_path / "out" / "2_background.png"))[:, 19]
    assert column[0].tolist() == [255] * 3
    assert column[-1].tolist() == [0] * 3
    assert (np.diff(column[:, 0].astype(int)) < 0).all()


def test_colours_may_be_numbers_and_keep_their_order(tmp_path: Path) -> None:
    draw(tmp_path / "2.png", 2)
    made = []
    for value in ("white..black", ((255,) * 3, (0,) * 3)):
        out = tmp_path / str(len(made))
        cut([tmp_path / "2.png"], out, {"background": {"value": value}}, model=FakeSegmenter())
        made.append((out / "2_background.png").read_bytes())
    assert made[0] == made[1]
    assert told(BackgroundOptions(value=((9, 9, 9), (1, 1, 1))))["value"] == [[9] * 3, [1] * 3]
    with pytest.raises(KirinukiError, match="R, G, B in 0 to 255"):
        cut(
            [tmp_path / "2.png"],
            tmp_path / "none",
            {"background": {"value": ((300, 0, 0),)}},
            model=FakeSegmenter(),
        )


@pytest.mark.parametrize("text", ["white..nocolour", "red..green..blue", ".."])
def test_what_is_no_gradient_is_refused(text: str) -> None:
    with pytest.raises(PictureError, match=r"neither a colour|is a folder"):
        parse_background(text)


def test_on_nothing_is_everyone_in_their_places(tmp_path: Path) -> None:
    picture = np.full((64, 96, 3), 90, np.uint8)
    picture[20:40, 30:60] = RED
    write_clip(tmp_path / "1.mkv", [picture] * 2)
    Image.fromarray(picture).save(tmp_path / "2.png")
    inputs = [tmp_path / "1.mkv", tmp_path / "2.png"]
    wish = {"background": {"value": "transparent"}}
    assert not cut(inputs, tmp_path / "out", wish, model=BlobSegmenter()).problems
    alpha = np.asarray(Image.open(tmp_path / "out" / "2_background.png"))[..., 3]
    assert np.array_equal(alpha > 0, picture[..., 0] > 200)
    with av.open(str(tmp_path / "out" / "1_background.webm")) as container:
        said = {key.lower(): value for key, value in container.streams.video[0].metadata.items()}
        assert said["alpha_mode"] == "1"
