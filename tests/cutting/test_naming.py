"""``--name``: what cutouts are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_segmenter import FakeSegmenter, draw, files_under
from kirinuki.cutting import cut
from kirinuki.errors import KirinukiError, OutputError


def test_a_template_names_the_cutouts_of_all_pictures(tmp_path: Path) -> None:
    draw(tmp_path / "d" / "a" / "1.png", 2)
    draw(tmp_path / "d" / "b.png", 1)
    segmenter = FakeSegmenter(tells_kinds=True, names=("girl/x", "boy"))
    wish = {"cutout": {"name": "{stem}_{class}-{n}_{kind}"}, "overlay": {}}
    for _ in range(2):  # the second time over its own results
        cut([tmp_path / "d"], tmp_path / "out", wish, model=segmenter, overwrite=True)
    assert files_under(tmp_path / "out") == [
        "a/1_boy-2_male.png",
        "a/1_girl_x-1_female.png",
        "a/1_overlay.png",
        "b_girl_x-1_female.png",
        "b_overlay.png",
    ]


def test_another_name_is_another_setting(tmp_path: Path) -> None:
    draw(tmp_path / "1.png", 1)
    out = tmp_path / "out"
    cut([tmp_path / "1.png"], out, {"each": {}}, model=FakeSegmenter())
    wish = {"each": {"name": "{stem}-{n}"}}
    with pytest.raises(OutputError, match="`name` was the default, now it is"):
        cut([tmp_path / "1.png"], out, wish, model=FakeSegmenter(), resume=True)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{n}_{stem}", r"begins with \{stem\}"),
        ("{stem}", r"needs \{n\}"),
        ("{stem}_{n}_{x}", "knows {stem} {n} {kind} {class} alone"),
        ("{stem}_{n:03}", "alone, as they stand there"),
        ("{stem}_{n", "expected '}'"),
        ("{stem}/../{n}", "cannot be in the name of a file"),
    ],
)
def test_what_cannot_be_a_name_is_one_line(template: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(KirinukiError, match=reason):
        cut([draw(tmp_path / "1.png")], tmp_path, {"each": {"name": template}})
