"""YOLO segmentation files: reading, bridges between parts, holes, and the way there and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kirinuki.errors import LabelError
from kirinuki.formats.labelled import Fault, LabelledInstance, LabelledPicture
from kirinuki.formats.picture_ref import FileRef
from kirinuki.formats.registry import open_labels
from kirinuki.formats.trace import join_parts, segmentation_of, trace_mask
from kirinuki.formats.yolo import Yolo, find_pairs, find_yaml, read_names, write_yaml, yolo_lines
from kirinuki.geometry import mask_iou, polygons_to_mask

NAMES = ("waifu", "cat")
MASKS = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14))


def line_of(instance: LabelledInstance, size_hw: tuple[int, ...], name: str = "waifu") -> str:
    height, width = size_hw
    named = replace(instance, name=name)
    picture = LabelledPicture(FileRef(Path("a.png")), (height, width), (named,), "a.png")
    return yolo_lines(picture, {name: i for i, name in enumerate(NAMES)}).rstrip("\n")


def labelled(mask: np.ndarray) -> LabelledInstance:
    return LabelledInstance.from_mask(mask, "waifu", segmentation_of(mask))


def polygon(points: list[float]) -> LabelledInstance:
    return LabelledInstance("waifu", [points], (0, 0, 1, 1), 1)


def read_lines(folder: Path, lines: str, size_hw: tuple[int, ...]) -> LabelledPicture:
    for name in ("images", "labels"):
        (folder / name).mkdir(exist_ok=True)
    Image.new("L", size_hw[::-1]).save(folder / "images/a.png")
    (folder / "labels/a.txt").write_text(lines + "\n")
    write_yaml(folder / "data.yaml", NAMES, replace=True)
    (picture,) = open_labels(folder)
    assert isinstance(picture, LabelledPicture)
    return picture


@settings(max_examples=200, deadline=None)
@given(MASKS)
def test_a_bridge_leaves_no_trace(mask: np.ndarray) -> None:
    parts = trace_mask(mask)
    if parts:
        joined = join_parts([part.astype(np.float64) for part in parts])
        np.testing.assert_array_equal(polygons_to_mask([joined], mask.shape), mask)


@pytest.mark.parametrize("size_hw", [(37, 53), (720, 1280), (1999, 3001)])
def test_parts_come_back_exactly(tmp_path: Path, size_hw: tuple[int, int]) -> None:
    mask = np.zeros(size_hw, np.bool_)
    mask[3:20, 5:9] = mask[25:33, 5:30] = mask[10:20, 30:47] = True
    mask[-1, -1] = True
    line = line_of(labelled(mask), size_hw, "cat")
    assert line.startswith("1 ")
    (again,) = read_lines(tmp_path, line, size_hw).instances
    assert again.name == "cat"
    assert isinstance(again.segmentation, list)
    assert len(again.segmentation) == 4
    np.testing.assert_array_equal(again.mask(size_hw), mask)
    assert again.area == mask.sum()


def test_holes_are_bridged_and_come_back(tmp_path: Path) -> None:
    mask = np.zeros((20, 20), np.bool_)
    mask[2:18, 2:18] = True
    mask[4:6, 4:6] = mask[10:12, 10:12] = False
    line = line_of(labelled(mask), (20, 20))
    (again,) = read_lines(tmp_path, line, (20, 20)).instances
    np.testing.assert_array_equal(again.mask((20, 20)), mask)


def test_whoever_fills_outlines_with_opencv_sees_the_holes_too() -> None:
    """As Ultralytics does: OpenCV draws the outline and the seam, a pixel wide."""
    y, x = np.mgrid[:600, :800]
    radius = np.hypot(x - 400, y - 300)
    mask = (radius < 250) & (radius > 120)
    line = line_of(labelled(mask), mask.shape)
    points = np.array(line.split()[1:], float).reshape(-1, 2) * mask.shape[::-1]
    canvas = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(canvas, [points.astype(np.int32)], 1)
    assert abs(int(canvas.sum()) - int(mask.sum())) < 0.02 * mask.sum()


def test_the_confidence_of_predictions_is_their_score(tmp_path: Path) -> None:
    (one,) = read_lines(tmp_path, "0 0.1 0.1 0.9 0.1 0.5 0.8 0.75", (50, 50)).instances
    assert one.score == 0.75
    assert one.segmentation == [[5.0, 5.0, 45.0, 5.0, 25.0, 40.0]]
    assert len(line_of(one, (50, 50)).split()) == 7  # training takes no confidence


def test_a_set_without_pictures_is_not_written(tmp_path: Path) -> None:
    gone = FileRef(tmp_path / "a.png", "is not there")
    picture = LabelledPicture(gone, (20, 20), (polygon([1, 1, 9, 1, 9, 9]),), "a.png")
    (written,) = Yolo().write([picture], NAMES, tmp_path / "out", False)
    assert written.failure == f"{tmp_path / 'a.png'}: is not there"
    assert not (tmp_path / "out").exists()


def test_drawn_polygons_keep_their_points(tmp_path: Path) -> None:
    points = [1.5, 2.25, 30, 4, 18, 19.75]
    line = line_of(polygon(points), (20, 40))
    assert line == "0 0.0375 0.1125 0.75 0.2 0.45 0.9875"
    (again,) = read_lines(tmp_path, line, (20, 40)).instances
    assert again.segmentation == [points]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12000), st.integers(0, 9000)), min_size=3, max_size=9),
    st.sampled_from([1, 2, 5, 10, 100]),
)
def test_points_come_back_to_the_digit(points: list[tuple[int, int]], parts: int) -> None:
    flat = [float(value) / parts for point in points for value in point]
    size_hw = (9000 // parts, 12000 // parts)
    line = line_of(polygon(flat), size_hw)
    again = np.array(line.split()[1:], float).reshape(-1, 2) * size_hw[::-1]
    assert again.round(4).ravel().tolist() == flat


def test_polygons_are_cut_off_at_the_edge() -> None:
    drawn = polygon([-10.0, 5, 10, -10, 30, 5, 10, 30])
    points = np.array(line_of(drawn, (20, 20)).split()[1:], float).reshape(-1, 2) * 20
    assert points.min() >= 0
    assert points.max() <= 20
    again = polygons_to_mask([points], (20, 20))
    assert mask_iou(again, drawn.mask((20, 20))) == 1.0


def test_a_closing_point_is_no_bridge(tmp_path: Path) -> None:
    (again,) = read_lines(tmp_path, "0 0.1 0.1 0.9 0.1 0.5 0.8 0.1 0.1", (50, 50)).instances
    assert again.segmentation == [[5.0, 5.0, 45.0, 5.0, 25.0, 40.0]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0 0.5 0.5 0.2 0.2", "is a box"),
        ("0 0.5 0.5 0.2", "has 4 numbers; expected the class and at least 3 points"),
        ("0 0 0 1 0 1 1 2.5", "has a number too many, or a confidence of 2.5"),
        ("2 0 0 1 0 1 1", "class 2 is not among the 2 names"),
        ("0.5 0 0 1 0 1 1", "class 0.5 is not among"),
        ("0 0 0 100 0 100 100", "has a point outside 0…1"),
        ("0 0 0 nan 0 1 1", "has a point outside 0…1"),
        ("waifu 0 0 1 0 1 1", "something else than numbers"),
        ("0 0 0 0 0 0 0", "covers no pixel"),
    ],
)
def test_bad_lines_are_named_and_cost_no_other(tmp_path: Path, line: str, message: str) -> None:
    read = read_lines(tmp_path, f"{line}\n\n1 0 0 1 0 1 1", (20, 20))
    assert [one.name for one in read.instances] == ["cat"]
    (fault,) = read.faults
    assert str(fault).startswith(f"{tmp_path / 'labels/a.txt'}, line 1: ")
    assert message in str(fault)


def test_pictures_and_labels_are_paired(tmp_path: Path) -> None:
    for name in ("images/train/a.b.png", "images/train/none.JPG", "labels/train/a.b.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "labels/train/lost.txt").touch()
    (tmp_path / "labels/classes.txt").touch()
    pairs = [(label.name, picture and picture.name) for label, picture in find_pairs(tmp_path)]
    assert pairs == [("a.b.txt", "a.b.png"), ("lost.txt", None), ("none.txt", "none.JPG")]
    write_yaml(tmp_path / "data.yaml", NAMES)
    said = [str(item) for item in open_labels(tmp_path) if isinstance(item, Fault)]
    assert any("lost.txt: its picture is not in images/" in line for line in said)


@pytest.mark.parametrize(
    "text",
    [
        "names: [waifu, 'cat: big']",
        "path: .\ntrain: images\nnames:\n  0: waifu\n  1: 'cat: big'\n",
        "names:\n- waifu\n- 'cat: big'\nnc: 2\n",
    ],
)
def test_names_in_every_spelling(tmp_path: Path, text: str) -> None:
    path = tmp_path / "data.yaml"
    path.write_text(text)
    assert find_yaml(tmp_path) == find_yaml(path) == path
    assert read_names(path) == ("waifu", "cat: big")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("names: {1: a, 2: b}", "expected a list"),
        ("train: images", "names is None"),
        ("names: [", "is not valid YAML"),
        ("- 1", "names is None"),
        ("names: [[a]]", "expected a list"),
        ("a: &a [x]\nnames: *a", "line 2: has an alias"),
        ("names: " + "[" * 200, "nested too deeply"),
    ],
)
def test_bad_names(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "data.yaml"
    path.write_text(text)
    with pytest.raises(LabelError, match=message):
        read_names(path)


def test_written_yaml_is_read_again(tmp_path: Path) -> None:
    names = ("waifu", "夏: #1", 'a "b"', "yes", "1")
    write_yaml(tmp_path / "data.yaml", names)
    assert read_names(tmp_path / "data.yaml") == names


@settings(max_examples=200, deadline=None)
@given(MASKS)
def test_nothing_is_lost(mask: np.ndarray) -> None:
    if not mask.any():
        return
    line = line_of(labelled(mask), mask.shape)
    points = np.array(line.split()[1:], float).reshape(-1, 2) * mask.shape[::-1]
    np.testing.assert_array_equal(polygons_to_mask([points.round(4)], mask.shape), mask)
