"""`Instances`: what it accepts, what it refuses and how, and its views."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kirinuki.errors import PictureError
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances

NAMES = ("waifu", "husbando")


def two() -> Instances:
    """Two characters in a picture 4 high and 5 wide; the first box is not on whole pixels."""
    return Instances(
        size_hw=(4, 5),
        boxes=np.array([[0.5, 0, 2, 2], [3, 1, 5, 4]], np.float32),
        alphas=(np.array([[0, 127], [128, 255]], np.uint8), np.full((3, 2), 200, np.uint8)),
        scores=np.array([0.9, 0.5], np.float32),
        labels=np.array([1, 0], np.int64),
        names=NAMES,
    )


def test_masks_stand_at_their_windows() -> None:
    instances = two()
    assert instances.window(0) == (0, 0, 2, 2)
    assert (
        instances.full_alpha(0).tolist() == [[0, 127, 0, 0, 0], [128, 255, 0, 0, 0]] + [[0] * 5] * 2
    )
    assert instances.mask(0).sum() == 2  # alpha 128 is inside, 127 is not
    assert instances.mask(1)[1:, 3:].all()
    assert instances.masks().shape == (2, 4, 5)


def test_empty() -> None:
    empty = Instances.empty((7, 9), ["waifu"])
    assert len(empty) == 0
    assert empty.masks().shape == (0, 7, 9)
    assert list(empty) == []
    assert len(empty[np.zeros(0, np.bool_)]) == 0


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        (slice(None, None, -1), [1, 0]),
        ([1, 0, 1], [1, 0, 1]),
        ([], []),
        (np.array([False, True]), [1]),
    ],
)
def test_indexing(keep: object, expected: list[int]) -> None:
    instances = replace(two(), track_ids=np.array([10, 11], np.int64))
    picked = instances[keep]  # type: ignore[index]
    assert len(picked) == len(expected)
    for new, old in enumerate(expected):
        np.testing.assert_array_equal(picked.full_alpha(new), instances.full_alpha(old))
        assert picked.scores[new] == instances.scores[old]
        assert picked[new].name == instances[old].name
        assert picked.track_ids is not None
        assert picked.track_ids[new] == 10 + old


def test_a_single_one_says_what_it_is_in_plain_values() -> None:
    found = replace(
        two(),
        track_ids=np.array([10, 11], np.int64),
        kind_scores=np.array([[0.1, 0.9], [0.6, 0.4]], np.float32),
    )
    one = found[0]
    assert (one.name, one.kind, one.track_id) == ("husbando", "male", 10)
    assert (type(one.score), one.score) == (float, pytest.approx(0.9))
    assert one.box.tolist() == [0.5, 0, 2, 2]
    assert one.window == (0, 0, 2, 2)
    assert one.alpha is found.alphas[0]
    assert two()[0].track_id is None


@pytest.mark.parametrize("last", [1, -1, np.int64(1)])
def test_an_index_gives_one(last: int) -> None:
    assert two()[last].name == "waifu"


@pytest.mark.parametrize("index", [2, -3])
def test_there_is_none_beyond_the_last(index: int) -> None:
    with pytest.raises(IndexError):
        two()[index]


def test_iteration_gives_one_after_another() -> None:
    assert [one.score for one in two()] == pytest.approx([0.9, 0.5])


def test_repr_is_one_line_however_many_there_are() -> None:
    found = replace(two(), kind_scores=np.array([[0.1, 0.9], [0.6, 0.4]], np.float32))
    assert repr(found) == "Instances(2 in 5×4: husbando 0.90 male, waifu 0.50)"
    assert repr(found[0]) == "Instance(husbando 0.90 male at (0, 0, 2, 2))"
    assert repr(found[:0]) == "Instances(0 in 5×4)"
    tracked = replace(two(), track_ids=np.array([3, 4], np.int64))
    assert repr(tracked[[0] * 9]) == "Instances(9 in 5×4: " + "husbando #3 0.90, " * 6 + "…)"


def test_they_refer_to_a_picture_of_their_size() -> None:
    picture = Picture(np.zeros((4, 5, 3), np.uint8))
    found = replace(two(), picture=picture)
    assert found[1:].picture is picture
    with pytest.raises(ValueError, match=r"picture must be of \(4, 5\) .* but got \(5, 4\)"):
        replace(two(), picture=Picture(np.zeros((5, 4, 3), np.uint8)))


def test_without_a_picture_there_is_no_image() -> None:
    with pytest.raises(PictureError, match="refer to no picture; pass it along") as said:
        _ = two()[0].image
    assert "\n" not in str(said.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"boxes": np.zeros((2, 4))}, r"boxes must be \(2, 4\) float32, but got \(2, 4\) float64"),
        ({"scores": np.zeros(3, np.float32)}, r"scores must be \(2,\)"),
        ({"labels": np.zeros(2, np.int32)}, "labels must be .* int64, but got .* int32"),
        ({"labels": np.array([0, 2])}, "labels must index the 2 names"),
        ({"labels": np.array([0, -1])}, "labels must index"),
        ({"scores": np.array([0.5, 1.5], np.float32)}, r"scores must lie in \[0, 1\]"),
        ({"scores": np.array([0.5, np.nan], np.float32)}, r"scores must lie in \[0, 1\]"),
        ({"track_ids": np.zeros(1, np.int64)}, r"track_ids must be \(2,\)"),
        ({"size_hw": (3, 5)}, r"boxes\[1\] must be a non-empty xyxy box inside 5×3"),
        ({"boxes": np.array([[0, 0, 2, 2], [3, 1, 3, 4]], np.float32)}, r"boxes\[1\]"),
        ({"boxes": np.array([[0, 0, 2, np.inf], [3, 1, 5, 4]], np.float32)}, "finite"),
        ({"boxes": np.array([[0, 0, 3, 2], [3, 1, 5, 4]], np.float32)}, r"alphas\[0\] must be"),
        ({"alphas": (np.zeros((2, 2), np.uint8),)}, r"boxes must be \(1, 4\)"),
        (
            {"alphas": (np.zeros((2, 2), np.float32), np.zeros((3, 2), np.uint8))},
            r"alphas\[0\] must be \(2, 2\) uint8, but got \(2, 2\) float32",
        ),
    ],
)
def test_broken_contract_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(two(), **change)  # type: ignore[arg-type]


def test_frozen() -> None:
    with pytest.raises(AttributeError):
        two().names = ("other",)  # type: ignore[misc]


@settings(deadline=None)
@given(hnp.arrays(np.uint8, (6, 8)), st.data())
def test_an_alpha_crop_comes_back(alpha: np.ndarray, data: st.DataObject) -> None:
    x1, y1 = data.draw(st.integers(0, 7)), data.draw(st.integers(0, 5))
    x2, y2 = data.draw(st.integers(x1 + 1, 8)), data.draw(st.integers(y1 + 1, 6))
    instances = Instances(
        size_hw=(6, 8),
        boxes=np.array([[x1, y1, x2, y2]], np.float32),
        alphas=(alpha[y1:y2, x1:x2],),
        scores=np.ones(1, np.float32),
        labels=np.zeros(1, np.int64),
        names=NAMES,
    )
    expected = np.zeros_like(alpha)
    expected[y1:y2, x1:x2] = alpha[y1:y2, x1:x2]
    np.testing.assert_array_equal(instances.full_alpha(0), expected)


def test_kinds() -> None:
    assert two().kinds == ("unknown", "unknown")
    said = replace(two(), kind_scores=np.array([[0.1, 0.9], [0.79, 0.21]], np.float32))
    assert said.kinds == ("male", "unknown")
    assert replace(said, kind_threshold=0.7).kinds == ("male", "female")
    assert said[[1, 0]].kinds == ("unknown", "male")
    with pytest.raises(ValueError, match=r"kind_scores must lie in \[0, 1\]"):
        replace(two(), kind_scores=np.array([[0.1, 0.9], [1.5, 0]], np.float32))
    with pytest.raises(ValueError, match=r"kind_scores must be \(2, 2\)"):
        replace(two(), kind_scores=np.array([0.1, 0.9], np.float32))


def test_an_instance_is_itself_and_no_other() -> None:
    found, other = two(), two()
    assert found[0] == found[0]
    assert found[1] in found
    assert len({found[0], found[0], found[1]}) == 2
    assert found[0] != found[1]
    assert found[0] != other[0]
    assert found[0] != "character"


@pytest.mark.parametrize("index", [True, np.True_, 2, -3])
def test_an_index_that_there_is_not_is_said(index: Any) -> None:
    with pytest.raises(IndexError, match=f"index is {index}, (but there are 2 instances|expected)"):
        two()[index]
