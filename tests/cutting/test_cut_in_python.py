"""`kirinuki.cutting.cut`: the whole job in one call."""

from __future__ import annotations

from pathlib import Path

import pytest

import kirinuki.cutting
from fake_segmenter import FakeSegmenter, draw, files_under
from kirinuki.cutting import cut
from kirinuki.errors import KirinukiError


def test_public_names() -> None:
    assert kirinuki.cutting.__all__ == ["cut"]


def test_one_call_is_the_whole_job(tmp_path: Path) -> None:
    draw(tmp_path / "1.png", 2)
    seen = []
    outputs = {"each": {"full_frame": True}, "labels": {"value": "labelme"}}
    summary = cut(
        [tmp_path / "1.png"],
        tmp_path / "out",
        outputs,
        segmenter=FakeSegmenter(),
        on_item=lambda outcome: seen.append(outcome.files),
    )
    assert (summary.done, summary.counts["characters"]) == (1, 2)
    assert seen == [{"each": ["1_1.png", "1_2.png"], "labels": ["1.json"]}]
    assert files_under(tmp_path / "out") == ["1.json", "1_1.png", "1_2.png"]


def test_it_ends_when_asked_to(tmp_path: Path) -> None:
    for number in range(5):
        draw(tmp_path / "d" / f"{number}.png")
    seen: list[object] = []
    summary = cut(
        [tmp_path / "d"],
        tmp_path / "out",
        segmenter=FakeSegmenter(),
        on_item=seen.append,
        stop=lambda: len(seen) > 1,
    )
    assert summary.interrupted
    assert summary.done == len(seen) < 5
    assert summary.done + summary.unreached == 5


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ({"mat": {}}, 'no output "mat", only: cutout, each, overlay'),
        ({"matte": {"cfr": 3}}, "output matte: .* 'cfr'"),
        ({"background": {}}, "output background: missing .* 'value'"),
    ],
)
def test_an_output_that_is_not_there_is_one_line(
    tmp_path: Path, outputs: dict[str, dict[str, object]], said: str
) -> None:
    with pytest.raises(KirinukiError, match=said):
        cut([tmp_path / "1.png"], tmp_path, outputs, segmenter=FakeSegmenter())
