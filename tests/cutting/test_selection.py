"""Who counts: by place, size and word, and in which order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from blob_segmenter import RED, BlobSegmenter
from fake_segmenter import FakeSegmenter, draw, files_under
from kirinuki.cli import cli
from kirinuki.cutting import cut
from kirinuki.cutting.selection import Selection
from kirinuki.errors import KirinukiError
from kirinuki.instances import Instances
from kirinuki.segmenter.segmenter import Segmenter
from made_clips import write_clip


def people(names: tuple[str, ...] = ("girl", "boy")) -> Instances:
    """A small one to the right, a tall one to the left, a wide one above, in this order; the tall
    one's lower half is not there."""
    boxes = [(80, 50, 90, 60), (10, 20, 20, 60), (20, 0, 70, 10)]
    alphas = [np.full((y2 - y1, x2 - x1), 255, np.uint8) for x1, y1, x2, y2 in boxes]
    alphas[1][20:] = 0
    return Instances(
        size_hw=(64, 96),
        boxes=np.array(boxes, np.float32),
        alphas=tuple(alphas),
        scores=np.array([0.9, 0.8, 0.7], np.float32),
        labels=np.array([0, 1, 0], np.int64),
        names=names,
    )


def chosen(selection: Selection) -> list[int]:
    """Indices of who is kept, in order."""
    scores = [0.9, 0.8, 0.7]
    return [int(np.abs(np.subtract(scores, one.score)).argmin()) for one in selection(people())]


@pytest.mark.parametrize(
    ("selection", "kept"),
    [
        (Selection(at=((85, 55),)), [0]),
        (Selection(at=((15, 55),)), [1]),  # inside the box alone
        (Selection(at=((85, 55), (30, 5))), [0, 2]),
        (Selection(at=((50, 40),)), []),
        (Selection(box=((75, 45, 96, 64),)), [0]),
        (Selection(box=((10, 20, 20, 41),)), [1]),  # all that there is of it
        (Selection(box=((10, 20, 20, 29),)), []),
        (Selection(at=((85, 55),), box=((0, 0, 80, 12),)), [0, 2]),
        (Selection(at=((85, 55), (30, 5)), only=("GIRL",), limit=1), [0]),
        (Selection(min_size=11), [1, 2]),
        (Selection(sort="left"), [1, 2, 0]),
        (Selection(sort="right"), [0, 2, 1]),
        (Selection(sort="top"), [2, 1, 0]),
        (Selection(sort="size"), [2, 1, 0]),
        (Selection(sort="left", limit=2), [1, 0]),  # the best two, from the left
    ],
)
def test_place_size_and_order(selection: Selection, kept: list[int]) -> None:
    assert chosen(selection) == kept


def test_words_in_any_case_and_the_exact_class_before_another() -> None:
    Selection(only=("Waifu", "BOY")).check(("girl", "boy"), tells_kinds=True)
    with pytest.raises(KirinukiError, match='no "Elf", only: girl'):
        Selection(only=("Elf",)).check(("girl",), tells_kinds=True)
    twins = people(("girl", "Girl"))
    assert [one.name for one in Selection(only=("Girl",))(twins)] == ["Girl"]
    assert [one.name for one in Selection(only=("GIRL",))(twins)] == ["girl", "girl"]


def test_a_place_in_a_video_is_one_line_and_costs_that_input_alone(tmp_path: Path) -> None:
    picture = np.full((64, 96, 3), 90, np.uint8)
    picture[20:40, 30:60] = RED
    write_clip(tmp_path / "1.mkv", [picture] * 2)
    Image.fromarray(picture).save(tmp_path / "2.png")
    summary = cut(
        [tmp_path / "1.mkv", tmp_path / "2.png"],
        tmp_path / "out",
        {"each": {}},
        selection=Selection(at=((40, 30),)),
        model=BlobSegmenter(),
    )
    assert [str(one.reason) for one in summary.problems] == [
        "`at` is for pictures; of a video take `track_ids`"
    ]
    assert files_under(tmp_path / "out") == ["2_1.png"]


def command(*words: str) -> Result:
    return CliRunner().invoke(cli, ["cut", *words])


def test_the_command_picks_and_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Segmenter, "load", lambda *_, **__: FakeSegmenter(tells_kinds=True))
    draw(Path("in.png"), 2)
    result = command("in.png", "--at", "30,10", "--only", "Husbando", "--padding", "3", "--square")
    assert result.exit_code == 0, result.stderr
    out = Path("kirinuki-out")
    assert files_under(out) == ["in_1.png", "in_overlay.png"]
    assert Image.open(out / "in_1.png").size == (26, 26)
    result = command(
        *("in.png", "--at", "30,10", "--only", "Husbando", "--square"),
        *("--padding", "4", "--resume"),
    )
    assert "--padding was 3, now it is 4" in str(result.exception) + result.stderr
    result = command("in.png", "-o", "all.webp", "--square", "--max-side", "20", "--outline", "2")
    assert result.exit_code == 0, result.stderr
    assert Image.open("all.webp").size == (20, 20)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--at", "3"], "give whole numbers from 0, X,Y"),
        (["--at", "９,9"], "give whole numbers from 0, X,Y"),
        (["--at", "9" * 5000 + ",9"], "give whole numbers from 0, X,Y"),
        (["--box", "1,2,3"], "give whole numbers from 0, X1,Y1,X2,Y2"),
        (["--full-frame", "--square"], "contradict each other"),
        (["--outline-colour", "nope"], "is no colour"),
        (["--grow", "1", "--shrink", "1"], "contradict each other"),
    ],
)
def test_wrong_usage_is_status_2(words: list[str], reason: str, tmp_path: Path) -> None:
    result = command(str(draw(tmp_path / "in.png")), *words)
    assert (result.exit_code, reason in result.stderr) == (2, True)
