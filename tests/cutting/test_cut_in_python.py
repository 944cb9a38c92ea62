"""`kirinuki.cutting.cut`: the whole job in one call."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import kirinuki.cutting
from blob_segmenter import RED, BlobSegmenter
from fake_segmenter import FakeSegmenter, draw, files_under, find_left_half
from kirinuki.cutting import cut
from kirinuki.cutting.part import Part
from kirinuki.cutting.selection import Selection
from kirinuki.errors import KirinukiError
from kirinuki.instances import Instances
from kirinuki.segmenter.segmenter import Segmenter
from made_clips import write_clip


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
        model=FakeSegmenter(),
        on_item=lambda outcome: seen.append(outcome.files),
    )
    assert (summary.done, summary.counts["characters"]) == (1, 2)
    assert seen == [{"each": ["1_1.png", "1_2.png"], "labels": ["1.json"]}]
    assert files_under(tmp_path / "out") == ["1.json", "1_1.png", "1_2.png"]


@pytest.mark.parametrize("kind", [str, Path])
def test_one_path_is_one_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[str] | type[Path]
) -> None:
    draw(tmp_path / "in" / "1.png")
    draw(tmp_path / "in" / "2.png")
    monkeypatch.chdir(tmp_path / "in")
    summary = cut(kind("1.png"), tmp_path / "out", {"mask": {}}, model=FakeSegmenter())
    assert summary.done == 1
    assert files_under(tmp_path / "out") == ["1_mask.png"]


def test_a_function_cuts_pictures_and_videos_and_goes_on(tmp_path: Path) -> None:
    draw(tmp_path / "1.png")
    write_clip(tmp_path / "2.mkv", [np.full((48, 64, 3), 90, np.uint8)] * 3)
    inputs, out = [tmp_path / "1.png", tmp_path / "2.mkv"], tmp_path / "out"
    summary = cut(inputs, out, {"labels": {"value": "coco"}}, model=find_left_half)
    assert (summary.done, summary.problems) == (2, [])
    assert cut(inputs, out, {"mask": {}}, model=find_left_half, resume=True).done == 2
    with pytest.raises(KirinukiError, match="model"):
        cut(inputs, out, {"mask": {}}, model=FakeSegmenter(), resume=True)


@pytest.mark.parametrize(
    ("gives", "said"),
    [
        (lambda picture: [], "gave list, expected Instances"),
        (lambda picture: Instances.empty((3, 4), ("character",)), r"\(3, 4\), expected \(24, 40\)"),
        (
            lambda picture: Instances.empty((24, 40), ("cat",)),
            "classes cat, expected character",
        ),
    ],
)
def test_what_a_function_gives_is_checked(tmp_path: Path, gives: Any, said: str) -> None:
    draw(tmp_path / "1.png")
    (problem,) = cut([tmp_path / "1.png"], tmp_path / "out", model=gives).problems
    assert re.search(said, problem.reason)


def test_it_ends_when_asked_to(tmp_path: Path) -> None:
    for number in range(5):
        draw(tmp_path / "d" / f"{number}.png")
    seen: list[object] = []
    summary = cut(
        [tmp_path / "d"],
        tmp_path / "out",
        model=FakeSegmenter(),
        on_item=seen.append,
        stop=lambda: len(seen) > 1,
    )
    assert summary.interrupted
    assert summary.done == len(seen) < 5
    assert summary.done + summary.unreached == 5


def test_the_example_of_the_page_runs(
    tmp_path: Path,
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = (repository / "docs" / "cut.md").read_text(encoding="utf-8")
    example = page.split("## In Python")[1].split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Segmenter, "load", lambda model: BlobSegmenter())
    picture = np.full((64, 96, 3), 90, np.uint8)
    picture[20:40, 30:60] = RED
    write_clip(Path("ep01.mkv"), [picture] * 4)
    Path("dataset").mkdir()
    Image.fromarray(picture).save("dataset/1.png")
    caplog.set_level(logging.INFO)
    said: dict[str, Any] = {}
    exec(example, said)
    assert (said["summary"].done, said["summary"].problems) == (2, [])
    assert [line.partition(":")[0] for line in caplog.messages] == [
        "2 inputs",
        "dataset/1.png",
        "ep01.mkv",
    ]
    assert files_under(Path("cut"))[:2] == ["dataset/1_1.png", "dataset/1_coco.json"]


def test_the_model_is_loaded_once_there_is_something_to_cut(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    summary = cut([tmp_path / "empty"], tmp_path / "out", model=lambda: pytest.fail("loaded"))
    assert [problem.reason for problem in summary.problems] == ["no pictures in this folder"]
    draw(tmp_path / "1.png")
    assert cut([tmp_path / "1.png"], tmp_path / "out", model=lambda: FakeSegmenter()).done == 1


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ({"mat": {}}, 'no output "mat", only: cutout, each, overlay'),
        ({"matte": {"cfr": 3}}, "matte: has no option 'cfr', only: crf, codec, value, bits"),
        ({"mask": {"crf": 3}}, "mask: has no option 'crf'; it has none"),
        ({"background": {}}, "background: `value` is missing"),
        ({"labels": "coco"}, "labels: got 'coco', expected its options"),
        ({"overlay": True}, "overlay: got True, expected its options"),
        (["overlay"], r"`outputs`: got \['overlay'\], expected options by output"),
        ({}, "`outputs`: got {}, expected options by output"),
        ({"matte": {"bits": 12}}, "matte: `bits` is 12, expected 8 or 16"),
        ({"cutout": {"padding": -1}}, "cutout: `padding` is -1, expected 0 to 4096"),
        ({"cutout": {"max_side": 0}}, "`max_side` is 0, expected whole numbers from 1 on"),
        ({"each": {"full_frame": "yes"}}, "each: `full_frame` is 'yes', expected bool"),
        ({"overlay": {"crf": True}}, "overlay: `crf` is True, expected 0 to 63"),
        (
            {"labels": {"value": "xml"}},
            "`value` is 'xml', expected labelme or coco or yolo or cvat",
        ),
    ],
)
def test_an_output_that_is_not_there_is_one_line(tmp_path: Path, outputs: Any, said: str) -> None:
    with pytest.raises(KirinukiError, match=said):
        cut([tmp_path / "1.png"], tmp_path, outputs, model=FakeSegmenter())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"writers": 0}, "`writers` is 0, expected a whole number from 1 on"),
        ({"selection": "waifu"}, r"`selection`: got str, expected Selection\(…\)"),
        ({"selection": Selection(only="waifu")}, "`selection`: `only` is 'waifu', expected tuple"),
        ({"selection": Selection(track_ids=(0,))}, r"`track_ids` is \(0,\), expected whole"),
        ({"part": Part(every=0)}, "`part`: `every` is 0, expected whole numbers from 1 on"),
        ({"model": Segmenter}, "the model: got Segmenter, expected a Segmenter, as Segmenter.load"),
        ({"model": "none.onnx"}, "none.onnx: no such model file"),
    ],
)
def test_settings_that_are_none_are_one_line(tmp_path: Path, settings: Any, said: str) -> None:
    draw(tmp_path / "1.png")
    with pytest.raises(KirinukiError, match=said):
        cut(tmp_path / "1.png", tmp_path / "out", **{"model": FakeSegmenter(), **settings})
    assert not (tmp_path / "out").exists()


def test_the_file_of_a_job_may_be_a_str(tmp_path: Path) -> None:
    draw(tmp_path / "1.png")
    file = str(tmp_path / "all.json")
    summary = cut(
        tmp_path / "1.png", tmp_path / "out", {"coco": {"value": file}}, model=FakeSegmenter()
    )
    assert (summary.problems, Path(file).is_file()) == ([], True)


@pytest.mark.parametrize("function", ["on_begin", "on_item", "on_frame", "stop"])
def test_what_a_callers_function_raises_comes_out(tmp_path: Path, function: str) -> None:
    write_clip(tmp_path / "1.mkv", [np.full((48, 64, 3), 90, np.uint8)] * 3)

    def fails(*_: object) -> bool:
        raise ZeroDivisionError("mine")

    arguments: dict[str, Any] = {"model": find_left_half, function: fails}
    with pytest.raises(ZeroDivisionError, match="mine"):
        cut(tmp_path / "1.mkv", tmp_path / "out", {"mask": {}}, **arguments)
    again = cut(
        tmp_path / "1.mkv", tmp_path / "out", {"mask": {}}, model=find_left_half, resume=True
    )
    assert again.problems == []
