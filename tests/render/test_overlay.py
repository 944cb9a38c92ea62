"""The overlay and the contact sheet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kirinuki.instances import Instances
from kirinuki.render import overlay as render
from kirinuki.render.fonts import font_of
from kirinuki.render.overlay import colour_of, contact_sheet, overlay


def boxes_of(
    size_hw: tuple[int, int],
    boxes: list[tuple[float, float, float, float]],
    scores: list[float] | None = None,
    name: str = "girl",
    track_ids: list[int] | None = None,
) -> Instances:
    """Instances that fill their boxes."""
    array = np.array(boxes, np.float32).reshape(-1, 4)
    low, high = np.floor(array[:, :2]).astype(int), np.ceil(array[:, 2:]).astype(int)
    sizes = (high - low).tolist()
    return Instances(
        size_hw=size_hw,
        boxes=array,
        alphas=tuple(np.full((h, w), 255, np.uint8) for w, h in sizes),
        scores=np.array(scores or [0.9] * len(boxes), np.float32),
        labels=np.zeros(len(boxes), np.int64),
        names=(name,),
        track_ids=None if track_ids is None else np.array(track_ids, np.int64),
    )


def grey(height: int, width: int) -> NDArray[np.uint8]:
    return np.full((height, width, 3), 128, np.uint8)


def labels_placed(instances: Instances, monkeypatch: pytest.MonkeyPatch) -> list[render.Window]:
    """Where the labels went when the overlay was drawn."""
    placed: list[render.Window] = []
    place = render._place

    def remember(*arguments: object) -> render.Window:
        placed.append(place(*arguments))  # type: ignore[arg-type]
        return placed[-1]

    monkeypatch.setattr(render, "_place", remember)
    overlay(grey(*instances.size_hw), instances)
    return placed


def test_colours_are_distinct_and_far_apart() -> None:
    first = np.array([colour_of(i) for i in range(12)])
    apart = np.linalg.norm(first[:, None] - first[None], axis=2) + 1000 * np.eye(12)
    assert apart.min() > 60
    assert len({colour_of(i) for i in range(36)}) == 36
    assert colour_of(5) == colour_of(41)


def test_overlay_tints_the_character_and_nothing_else() -> None:
    found = boxes_of((400, 400), [(100, 150, 300, 350)], scores=[1.0])
    picture = grey(400, 400)
    drawn = overlay(picture, found)
    assert drawn.shape == (400, 400, 3)
    assert drawn.dtype == np.uint8
    assert (picture == 128).all()  # the input is untouched
    expected = np.rint(128 + render._FILL * (np.array(colour_of(0)) - 128))
    np.testing.assert_array_equal(drawn[250, 200], expected)
    far = np.ones((400, 400), bool)
    far[100:360, 90:310] = False  # the character, its contour and its label
    assert (drawn[far] == 128).all()


def test_the_contour_is_crisp_and_in_the_full_colour() -> None:
    drawn = overlay(grey(720, 1280), boxes_of((720, 1280), [(400, 200, 800, 600)]))
    row = drawn[400].astype(int)
    off = np.abs(row - colour_of(0)).sum(axis=1)
    assert off[398:402].min() <= 10
    inside, outside = row[600], row[10]
    line = np.flatnonzero((row != inside).any(axis=1) & (row != outside).any(axis=1))
    assert len(line[line < 600]) <= 4
    assert len(line[line > 600]) <= 4


def test_no_contour_along_the_border_of_the_picture() -> None:
    drawn = overlay(grey(300, 300), boxes_of((300, 300), [(0, 100, 200, 300)]))
    np.testing.assert_array_equal(drawn[299, 100], drawn[200, 100])
    np.testing.assert_array_equal(drawn[200, 0], drawn[200, 100])


def test_a_soft_mask_is_tinted_softly() -> None:
    found = boxes_of((100, 100), [(0, 0, 100, 100)], scores=[1.0])
    soft = Instances(
        found.size_hw,
        found.boxes,
        (np.full((100, 100), 51, np.uint8),),
        found.scores,
        found.labels,
        found.names,
    )
    drawn = overlay(grey(100, 100), soft)
    expected = np.rint(128 + 0.2 * render._FILL * (np.array(colour_of(0)) - 128))
    np.testing.assert_array_equal(drawn[90, 50], expected)


def test_colours_follow_the_track_and_not_the_index() -> None:
    drawn = overlay(grey(200, 200), boxes_of((200, 200), [(20, 60, 180, 180)], track_ids=[4]))
    expected = np.rint(128 + render._FILL * (np.array(colour_of(4)) - 128))
    np.testing.assert_array_equal(drawn[150, 100], expected)


@pytest.mark.parametrize(
    ("score", "track_ids", "expected"),
    [(0.934, None, "girl 0.93"), (1.0, None, "girl"), (0.5, [7], "girl #7 0.50")],
)
def test_labels_read(score: float, track_ids: list[int] | None, expected: str) -> None:
    found = boxes_of((50, 50), [(5, 5, 20, 20)], [score], track_ids=track_ids)
    assert render._label(found, 0) == expected


def test_labels_stay_inside_and_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    low = random.uniform(0, (1100, 500), (12, 2))
    boxes = np.hstack([low, low + random.uniform(60, 180, (12, 2))]).tolist()
    boxes += [boxes[0]] * 3  # several on the same spot
    placed = labels_placed(boxes_of((720, 1280), boxes), monkeypatch)
    assert len(placed) == 15
    for i, chip in enumerate(placed):
        assert 0 <= chip[0] < chip[2] <= 1280
        assert 0 <= chip[1] < chip[3] <= 720
        assert all(render._overlap(chip, other) == 0 for other in placed[:i])


def test_a_label_goes_over_the_head_where_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    (chip,) = labels_placed(boxes_of((720, 1280), [(500, 200, 700, 700)]), monkeypatch)
    assert chip[3] <= 200
    assert abs((chip[0] + chip[2]) / 2 - 600) <= 1


def test_labels_in_other_scripts_do_not_fail() -> None:
    found = boxes_of((300, 300), [(50, 50, 250, 250)], name="少女 é")
    assert (overlay(grey(300, 300), found) != 128).any()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_pictures_of_any_size_are_drawn(height: int, width: int, data: st.DataObject) -> None:
    boxes = []
    for _ in range(data.draw(st.integers(0, 3))):
        x1, y1 = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
        x2 = data.draw(st.integers(x1 + 1, width))
        boxes.append((x1, y1, x2, data.draw(st.integers(y1 + 1, height))))
    drawn = overlay(grey(height, width), boxes_of((height, width), boxes))
    assert drawn.shape == (height, width, 3)
    if not boxes:
        assert (drawn == 128).all()


def test_instances_of_another_picture_are_refused() -> None:
    with pytest.raises(ValueError, match=r"picture of \(10, 12\).*got one of \(10, 11\)"):
        overlay(grey(10, 11), Instances.empty((10, 12), ("girl",)))


def test_a_contact_sheet_shows_every_picture_whole() -> None:
    colours = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]
    pictures = [(f"picture {i}", np.full((60, 80, 3), c, np.uint8)) for i, c in enumerate(colours)]
    sheet = contact_sheet(pictures, columns=2, cell_wh=(80, 60))
    assert sheet.dtype == np.uint8
    for colour in colours:
        assert (sheet == colour).all(axis=2).sum() == 60 * 80
    red = np.argwhere((sheet == colours[0]).all(axis=2)).mean(axis=0)
    green = np.argwhere((sheet == colours[1]).all(axis=2)).mean(axis=0)
    blue = np.argwhere((sheet == colours[2]).all(axis=2)).mean(axis=0)
    assert red[0] == green[0] < blue[0]  # two in the first row, one below
    assert red[1] == blue[1] < green[1]


def test_a_contact_sheet_takes_grey_rgba_and_any_shape() -> None:
    pictures = [
        ("grey", np.full((30, 40), 9, np.uint8)),
        ("cutout", np.zeros((30, 40, 4), np.uint8)),
        ("dot", np.zeros((1, 1, 3), np.uint8)),
        ("thin", np.zeros((2000, 1, 3), np.uint8)),
        ("一枚目", np.zeros((5, 2000, 3), np.uint8)),
    ]
    sheet = contact_sheet(pictures, columns=9, cell_wh=(100, 80))
    assert sheet.ndim == 3
    board = (sheet == 205).all(axis=2)
    assert board.any()  # the checkerboard behind the cutout


def test_long_titles_lose_their_middle() -> None:
    font = font_of(14)
    shown = render._shortened("episode 01/frame_000123_final.png", font, 140)
    assert font.getlength(shown) <= 140
    head, tail = shown.split("…")
    assert "episode 01/frame_000123_final.png".startswith(head)
    assert "episode 01/frame_000123_final.png".endswith(tail)
    assert render._shortened("a\nb  c", font, 140) == "a b c"


@pytest.mark.parametrize(
    ("count", "columns", "cell_wh"), [(0, 4, (10, 10)), (1, 0, (10, 10)), (1, 1, (0, 10))]
)
def test_an_empty_sheet_is_refused(count: int, columns: int, cell_wh: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="contact sheet needs at least 1"):
        contact_sheet([("x", grey(2, 2))] * count, columns, cell_wh)
