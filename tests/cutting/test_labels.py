"""``--labels``: whatever the format, training reads back who was found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fake_segmenter import FakeSegmenter, draw, files_under
from kirinuki.cutting import cut
from kirinuki.cutting.outputs.labels import ENDINGS
from kirinuki.errors import KirinukiError
from kirinuki.formats import load_set
from kirinuki.images.picture import read_picture
from made_clips import write_clip

FINDER = FakeSegmenter()


@pytest.mark.parametrize("form", ENDINGS)
def test_masks_and_names_come_back(tmp_path: Path, form: str) -> None:
    picture = draw(tmp_path / "images" / "p.png", 2)
    where = tmp_path / ("labels" if form == "yolo" else "out")
    summary = cut([picture], where, {"labels": {"value": form}}, model=FINDER)
    assert summary.done == 1
    assert files_under(where) == [f"p{ENDINGS[form]}"]
    label = where / f"p{ENDINGS[form]}"
    if form == "yolo":  # a line a character: the set around it is the user's
        label = tmp_path / "data.yaml"
        label.write_text(f"names: [{', '.join(FINDER.names)}]\n", encoding="utf-8")
    found = FINDER(read_picture(picture))
    (read,) = load_set(label)
    assert [one.name for one in read.characters] == [one.name for one in found]
    for number, character in enumerate(read.characters):
        assert np.array_equal(character.mask(read.size_hw), found.mask(number))


@pytest.mark.parametrize("form", [form for form in ENDINGS if form != "coco"])
def test_a_video_is_told_to_take_coco(tmp_path: Path, form: str) -> None:
    clip = write_clip(tmp_path / "clip.mkv", [np.zeros((32, 48, 3), np.uint8)] * 2)
    summary = cut([clip], tmp_path / "out", {"labels": {"value": form}}, model=FINDER)
    assert "take `labels` coco for a video" in str(summary.problems[0])


def test_a_choice_that_there_is_not(tmp_path: Path) -> None:
    picture = draw(tmp_path / "p.png")
    with pytest.raises(KirinukiError, match="labels: `value` is 'voc', expected labelme or"):
        cut([picture], tmp_path / "out", {"labels": {"value": "voc"}}, model=FINDER)
