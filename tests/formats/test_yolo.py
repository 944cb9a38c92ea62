"""YOLO segmentation files: reading, bridges between parts, holes, and the way there and back."""

from __future__ import annotations

from pathlib import Path

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kirinuki.errors import DatasetError, LabelError
from kirinuki.formats.coco import Annotation, annotation_from_mask
from kirinuki.formats.labelled import LabelledPicture, LabelRules
from kirinuki.formats.trace import join_parts, segmentation_of, trace_mask
from kirinuki.formats.yolo import (
    find_pairs,
    find_yaml,
    read_names,
    read_yolo,
    write_yaml,
    yolo_line,
)
from kirinuki.geometry import mask_iou, polygons_to_mask

NAMES = ("waifu", "cat")
MASKS = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14))


def labelled(mask: np.ndarray) -> Annotation:
    return annotation_from_mask(
        mask, id=1, image_id=1, category_id=1, segmentation=segmentation_of(mask)
    )


def read_line(folder: Path, line: str, size_hw: tuple[int, int]) -> LabelledPicture:
    picture = folder / "a.png"
    Image.new("L", size_hw[::-1]).save(picture)
    label = folder / "a.txt"
    label.write_text(line + "\n")
    return read_yolo(label, picture, NAMES, LabelRules())


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
    line = yolo_line(labelled(mask), 1, size_hw)
    assert line is not None
    assert line[0].startswith("1 ")
    assert line[1] == 0
    ((name, again),) = read_line(tmp_path, line[0], size_hw).characters
    assert name == "cat"
    assert isinstance(again.segmentation, list)
    assert len(again.segmentation) == 4
    np.testing.assert_array_equal(again.mask(size_hw), mask)
    assert again.area == mask.sum()


def test_holes_are_filled_and_counted() -> None:
    mask = np.zeros((20, 20), np.bool_)
    mask[2:18, 2:18] = True
    filled = mask.copy()
    mask[4:6, 4:6] = mask[10:12, 10:12] = False
    written = yolo_line(labelled(mask), 0, (20, 20))
    assert written is not None
    line, holes = written
    assert holes == 2
    points = np.array(line.split()[1:], float).reshape(-1, 2) * 20
    np.testing.assert_array_equal(polygons_to_mask([points], (20, 20)), filled)


def test_drawn_polygons_keep_their_points(tmp_path: Path) -> None:
    points = [1.5, 2.25, 30, 4, 18, 19.75]
    annotation = Annotation(1, 1, 1, [points], (0, 0, 1, 1), 1)
    line = yolo_line(annotation, 0, (20, 40))
    assert line is not None
    assert line[0] == "0 0.0375 0.1125 0.75 0.2 0.45 0.9875"
    ((_, again),) = read_line(tmp_path, line[0], (20, 40)).characters
    assert again.segmentation == [points]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12000), st.integers(0, 9000)), min_size=3, max_size=9),
    st.sampled_from([1, 2, 5, 10, 100]),
)
def test_points_come_back_to_the_digit(points: list[tuple[int, int]], parts: int) -> None:
    flat = [float(value) / parts for point in points for value in point]
    size_hw = (9000 // parts, 12000 // parts)
    line = yolo_line(Annotation(1, 1, 1, [flat], (0, 0, 1, 1), 1), 0, size_hw)
    assert line is not None
    again = np.array(line[0].split()[1:], float).reshape(-1, 2) * size_hw[::-1]
    assert again.round(4).ravel().tolist() == flat


def test_polygons_are_cut_off_at_the_edge() -> None:
    annotation = Annotation(1, 1, 1, [[-10.0, 5, 10, -10, 30, 5, 10, 30]], (0, 0, 1, 1), 1)
    line = yolo_line(annotation, 0, (20, 20))
    assert line is not None
    points = np.array(line[0].split()[1:], float).reshape(-1, 2) * 20
    assert points.min() >= 0
    assert points.max() <= 20
    again = polygons_to_mask([points], (20, 20))
    assert mask_iou(again, annotation.mask((20, 20))) == 1.0


def test_a_closing_point_is_no_bridge(tmp_path: Path) -> None:
    ((_, again),) = read_line(tmp_path, "0 0.1 0.1 0.9 0.1 0.5 0.8 0.1 0.1", (50, 50)).characters
    assert again.segmentation == [[5.0, 5.0, 45.0, 5.0, 25.0, 40.0]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0 0.5 0.5 0.2 0.2", r"a\.txt, line 1: is a box \(5 numbers\)"),
        ("0 0.5 0.5 0.2", "has 4 numbers; expected the class and at least 3 points"),
        ("0 0 0 1 0 1 1 0.5", "has 8 numbers"),
        ("2 0 0 1 0 1 1", "class 2 is not among the 2 names"),
        ("0.5 0 0 1 0 1 1", "class 0.5 is not among"),
        ("0 0 0 100 0 100 100", "has a point outside 0…1"),
        ("0 0 0 nan 0 1 1", "has a point outside 0…1"),
        ("waifu 0 0 1 0 1 1", "something else than numbers"),
        ("0 0 0 0 0 0 0", "covers no pixel"),
    ],
)
def test_bad_lines_are_named_or_skipped(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(LabelError, match=message):
        read_line(tmp_path, line, (20, 20))
    good = f"{line}\n\n1 0 0 1 0 1 1"
    (tmp_path / "a.txt").write_text(good)
    rules = LabelRules(skip_bad_shapes=True)
    read = read_yolo(tmp_path / "a.txt", tmp_path / "a.png", NAMES, rules)
    assert [name for name, _ in read.characters] == ["cat"]
    assert len(read.skipped) == 1


def test_pictures_and_labels_are_paired(tmp_path: Path) -> None:
    for name in ("images/train/a.b.png", "images/train/none.JPG", "labels/train/a.b.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "labels/train/lost.txt").touch()
    (tmp_path / "labels/classes.txt").touch()
    pairs = [(label.name, picture and picture.name) for label, picture in find_pairs(tmp_path)]
    assert pairs == [("a.b.txt", "a.b.png"), ("lost.txt", None), ("none.txt", "none.JPG")]
    with pytest.raises(LabelError, match=r"lost\.txt: its picture is not in images/"):
        read_yolo(tmp_path / "labels/train/lost.txt", None, NAMES, LabelRules())


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
    ],
)
def test_bad_names(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "data.yaml"
    path.write_text(text)
    with pytest.raises(DatasetError, match=message):
        read_names(path)


def test_written_yaml_is_read_again(tmp_path: Path) -> None:
    names = ("waifu", "夏: #1", 'a "b"', "yes", "1")
    write_yaml(tmp_path / "data.yaml", names)
    assert read_names(tmp_path / "data.yaml") == names


@settings(max_examples=200, deadline=None)
@given(MASKS)
def test_only_holes_are_lost(mask: np.ndarray) -> None:
    if not mask.any():
        return
    written = yolo_line(labelled(mask), 0, mask.shape)
    assert written is not None
    line, holes = written
    points = np.array(line.split()[1:], float).reshape(-1, 2) * mask.shape[::-1]
    again = polygons_to_mask([points], mask.shape)
    assert (again & mask == mask).all()
    assert (holes == 0) == np.array_equal(again, mask)
