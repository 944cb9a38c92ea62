"""`Instances`: what it accepts, what it refuses and how, and its views."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    assert instances.alpha(0).tolist() == [[0, 127, 0, 0, 0], [128, 255, 0, 0, 0]] + [[0] * 5] * 2
    assert instances.mask(0).sum() == 2  # alpha 128 is inside, 127 is not
    assert instances.mask(1)[1:, 3:].all()
    assert instances.masks().shape == (2, 4, 5)
    assert [instances.name(i) for i in range(2)] == ["husbando", "waifu"]


def test_empty() -> None:
    empty = Instances.empty((7, 9), ["waifu"])
    assert len(empty) == 0
    assert empty.masks().shape == (0, 7, 9)
    assert list(empty) == []
    assert len(empty[np.zeros(0, np.bool_)]) == 0


@pytest.mark.parametrize(
    ("keep", "expected"),
    [
        (0, [0]),
        (-1, [1]),
        (slice(None, None, -1), [1, 0]),
        ([1, 0, 1], [1, 0, 1]),
        ([], []),
        (np.array([False, True]), [1]),
        (np.int64(1), [1]),
    ],
)
def test_indexing(keep: object, expected: list[int]) -> None:
    instances = replace(two(), track_ids=np.array([10, 11], np.int64))
    if isinstance(keep, list) and not keep:
        keep = np.zeros(0, np.int64)
    picked = instances[keep]  # type: ignore[index]
    assert len(picked) == len(expected)
    for new, old in enumerate(expected):
        np.testing.assert_array_equal(picked.alpha(new), instances.alpha(old))
        assert picked.scores[new] == instances.scores[old]
        assert picked.name(new) == instances.name(old)
        assert picked.track_ids is not None
        assert picked.track_ids[new] == 10 + old


def test_iteration_gives_single_instances() -> None:
    assert [float(one.scores[0]) for one in two()] == pytest.approx([0.9, 0.5])


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
    np.testing.assert_array_equal(instances.alpha(0), expected)


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
