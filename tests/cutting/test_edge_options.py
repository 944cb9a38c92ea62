"""Edges in pixels: grown, shrunk, softened, hard, for all outputs alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blob_segmenter import RED, BlobSegmenter
from fake_segmenter import FakeSegmenter, draw
from kirinuki.cutting import cut
from kirinuki.cutting.edges import Edges
from kirinuki.errors import KirinukiError, OutputError
from kirinuki.instances import Instances
from made_clips import write_clip


def people(*boxes: tuple[int, int, int, int], alpha: int = 255) -> Instances:
    """Full rectangles in a picture of 60 x 40."""
    return Instances(
        size_hw=(40, 60),
        boxes=np.array(boxes, np.float32),
        alphas=tuple(np.full((y2 - y1, x2 - x1), alpha, np.uint8) for x1, y1, x2, y2 in boxes),
        scores=np.linspace(0.9, 0.8, len(boxes)).astype(np.float32),
        labels=np.zeros(len(boxes), np.int64),
        names=("character",),
    )


def test_without_a_wish_nothing_is_touched() -> None:
    found = people((10, 10, 20, 20))
    assert Edges()(found) is found


@pytest.mark.parametrize(("edges", "box"), [
    (Edges(grow=3), (17, 12, 33, 28)),
    (Edges(grow=12), (8, 3, 42, 37)),
    (Edges(shrink=3), (23, 18, 27, 22)),
])  # fmt: skip
def test_edges_move_by_so_many_pixels(edges: Edges, box: tuple[int, ...]) -> None:
    assert edges(people((20, 15, 30, 25))).boxes.tolist() == [list(map(float, box))]


def test_who_is_shrunk_to_nothing_is_left_out_and_the_others_stay() -> None:
    found = Edges(shrink=4)(people((2, 2, 8, 8), (20, 10, 40, 30)))
    assert found.boxes.tolist() == [[24, 14, 36, 26]]
    assert found.scores.tolist() == pytest.approx([0.8])


def test_where_the_picture_ends_a_character_goes_on() -> None:
    found = Edges(shrink=5)(people((0, 0, 30, 40)))
    assert found.boxes.tolist() == [[0, 0, 25, 40]]
    soft = Edges(feather=6)(people((0, 0, 30, 40)))
    assert (soft.full_alpha(0)[:, 0] == 255).all()


def test_nobody_grows_into_somebody_else() -> None:
    found = Edges(grow=6)(people((10, 10, 20, 30), (24, 10, 34, 30)))
    total = sum(found.full_alpha(i).astype(int) for i in (0, 1))
    assert total.max() == 255
    assert (found.full_alpha(0)[10:30, 24:34] == 0).all()
    assert (found.full_alpha(1)[10:30, 10:20] == 0).all()
    assert (total[12:28, 20:24] == 255).all()  # the gap between is taken


def test_feather_is_a_slope_whose_middle_is_the_edge() -> None:
    row = Edges(feather=4)(people((20, 0, 60, 40))).full_alpha(0)[20].astype(int)
    assert (np.diff(row) >= 0).all()
    assert abs(row[19] + row[20] - 255) <= 2
    assert (row[:13] == 0).all()
    assert (row[27:] == 255).all()
    assert 20 < row[17] < 80


def test_hard_edges_are_all_or_nothing() -> None:
    found = Edges(hard=True)(people((10, 10, 20, 20), alpha=128))
    assert set(np.unique(found.full_alpha(0))) == {0, 255}
    assert not len(Edges(hard=True)(people((10, 10, 20, 20), alpha=127)))


@pytest.mark.parametrize("words", [{"grow": 1, "shrink": 1}, {"hard": True, "feather": 2}])
def test_what_contradicts_itself_is_refused(words: dict[str, int]) -> None:
    with pytest.raises(KirinukiError, match="contradict each other"):
        Edges(**words)  # type: ignore[arg-type]


def test_every_output_has_them_and_the_journal_knows(tmp_path: Path) -> None:
    draw(tmp_path / "1.png", 1)
    outputs = {"each": {}, "matte": {}, "mask": {}}
    out = tmp_path / "out"
    cut([tmp_path / "1.png"], out, outputs, edges=Edges(shrink=3), model=FakeSegmenter())
    matte = np.asarray(Image.open(out / "1_matte.png"))
    ys, xs = np.nonzero(matte)
    assert (xs.min(), ys.min(), xs.max(), ys.max()) == (0, 5, 35, 18)  # the picture ends at 0
    assert np.array_equal(np.asarray(Image.open(out / "1_mask.png")) > 0, matte > 127)
    assert Image.open(out / "1_1.png").size == (36, 14)
    with pytest.raises(OutputError, match="`shrink` was 3, now it is the default"):
        cut([tmp_path / "1.png"], out, outputs, model=FakeSegmenter(), resume=True)


def test_a_video_has_those_of_a_picture(tmp_path: Path) -> None:
    picture = np.full((64, 96, 3), 90, np.uint8)
    picture[20:40, 30:60] = RED
    write_clip(tmp_path / "1.mkv", [picture] * 3, "ffv1", "bgr0")
    Image.fromarray(picture).save(tmp_path / "2.png")
    inputs, wish = [tmp_path / "1.mkv", tmp_path / "2.png"], {"mask": {}}
    summary = cut(inputs, tmp_path / "out", wish, edges=Edges(grow=4), model=BlobSegmenter())
    assert not summary.problems
    still = np.asarray(Image.open(tmp_path / "out" / "2_mask.png"))
    moving = np.asarray(Image.open(tmp_path / "out" / "1_mask" / "000002.png"))
    assert np.array_equal(moving > 0, still > 0)
    assert still[18, 45] == 1
