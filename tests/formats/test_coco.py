"""COCO files: written deterministically, read strictly, and equal to pycocotools."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO

from kirinuki.errors import KirinukiError, LabelError, OutputError
from kirinuki.formats.coco import Coco
from kirinuki.formats.coco_records import is_one_piece
from kirinuki.formats.labelled import (
    Fault,
    LabelledInstance,
    LabelledPicture,
    LabelledSet,
    labelled,
)
from kirinuki.formats.picture_ref import FileRef
from kirinuki.formats.registry import load_set, open_labels
from kirinuki.formats.trace import MIN_IOU, drawn_iou, mask_to_polygons, segmentation_of, trace_mask
from kirinuki.geometry import decode_counts, mask_iou, polygons_to_mask
from kirinuki.instances import Instances

MASKS = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14))


def blob(height: int = 20, width: int = 30) -> np.ndarray:
    mask = np.zeros((height, width), np.bool_)
    mask[3:12, 4:9] = True
    mask[10:15, 7:20] = True
    return mask


def small_set(folder: Path) -> LabelledSet:
    ring = blob()
    ring[5:7, 5:7] = False
    first = (
        LabelledInstance.from_mask(ring, "夏", score=0.75),
        LabelledInstance.from_mask(blob(), "waifu", segmentation_of(blob())),
    )
    second = (LabelledInstance.from_mask(blob(), "waifu", alpha=folder / "a/夏.png"),)
    pictures = (
        LabelledPicture(FileRef(folder / "a/一.png"), (20, 30), first, "a/一.png"),
        LabelledPicture(FileRef(folder / "b/2.png"), (20, 30), second, "b/2.png"),
        LabelledPicture(FileRef(folder / "none.png"), (5, 6), (), "none.png"),
    )
    return LabelledSet(("waifu", "夏"), pictures)


def write(labels: LabelledSet, path: Path, replace: bool = False) -> None:
    assert not [
        one.failure for one in Coco().write(labels, labels.names, path, replace) if one.failure
    ]


def test_written_and_read_again(tmp_path: Path) -> None:
    made = small_set(tmp_path)
    path = tmp_path / "labels.json"
    write(made, path)
    again = load_set(path)
    assert again.names == made.names
    assert [picture.path for picture in again] == [picture.path for picture in made]
    for ours, theirs in zip(made, again, strict=True):
        assert ours.size_hw == theirs.size_hw
        assert [replace(one, where="") for one in theirs.instances] == list(ours.instances)
    assert again.pictures[0].instances[0].where == 'annotation 1 ("夏")'


def test_bytes_are_deterministic_and_nothing_is_overwritten(tmp_path: Path) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    write(small_set(tmp_path), first)
    write(small_set(tmp_path), second)
    assert first.read_bytes() == second.read_bytes()
    with pytest.raises(OutputError, match="`overwrite`"):
        write(small_set(tmp_path), first)
    write(small_set(tmp_path), first, replace=True)


def test_pycocotools_reads_the_same_masks(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    write(small_set(tmp_path), path)
    reference = COCO(str(path))
    instances = [one for picture in load_set(path) for one in picture.instances]
    for number, one in enumerate(instances, 1):
        record = reference.anns[number]
        expected = reference.annToMask(record).astype(np.bool_)
        np.testing.assert_array_equal(one.mask((20, 30)), expected)
        assert record["area"] == expected.sum() == one.area
        x, y, w, h = record["bbox"]
        assert expected[y : y + h, x : x + w].sum() == expected.sum()
        assert record["iscrowd"] == 0
    assert [c["id"] for c in reference.loadCats(reference.getCatIds())] == [1, 2]


def test_holes_make_an_rle_and_the_rest_polygons() -> None:
    ring = blob()
    ring[5, 5] = False
    assert isinstance(segmentation_of(ring), dict)
    assert segmentation_of(blob()[:8]) == [[4, 3, 9, 3, 9, 8, 4, 8]]


def test_a_ring_closed_only_at_a_corner_is_no_hole() -> None:
    mask = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 0]], np.bool_)
    assert isinstance(segmentation_of(mask), list)
    mask[2, 2] = True
    assert isinstance(segmentation_of(mask), dict)


@settings(max_examples=300, deadline=None)
@given(MASKS)
def test_traced_outlines_are_the_mask(mask: np.ndarray) -> None:
    polygons = trace_mask(mask)
    segmentation = segmentation_of(mask)
    if polygons is None:
        assert isinstance(segmentation, dict)
    else:
        np.testing.assert_array_equal(polygons_to_mask(polygons, mask.shape), mask)
    if mask.any():
        instance = LabelledInstance.from_mask(mask, "a", segmentation)
        np.testing.assert_array_equal(instance.mask(mask.shape), mask)


def test_polygons_for_labelme_have_few_points() -> None:
    y, x = np.mgrid[:400, :500]
    mask = (x - 250) ** 2 / 200**2 + (y - 200) ** 2 / 150**2 < 1
    polygons = mask_to_polygons(mask)
    assert polygons is not None
    assert len(polygons) == 1
    assert len(polygons[0]) < 60
    assert mask_to_polygons(np.zeros((3, 3), np.bool_)) == []
    mask[150:250, 200:300] = False
    mask[100:102, 200:202] = False
    ring = mask_to_polygons(mask)
    assert ring is not None
    assert len(ring) == 1  # the large hole is tied to the outline, the small one left out
    assert len(ring[0]) < 70
    assert MIN_IOU <= drawn_iou(ring, mask) < 1
    assert mask_to_polygons(np.eye(8, dtype=np.bool_)[::2].repeat(2, axis=0)) is None


def raw(**changes: Any) -> dict[str, Any]:
    annotation = {
        "id": 7,
        "image_id": 1,
        "category_id": 1,
        "segmentation": [[0, 0, 4, 0, 4, 4]],
        "bbox": [0, 0, 4, 4],
        "area": 8,
        "iscrowd": 0,
    }
    annotation.update(changes)
    return {
        "images": [{"id": 1, "file_name": "a.png", "height": 4, "width": 5}],
        "annotations": [{k: v for k, v in annotation.items() if v is not ...}],
        "categories": [{"id": 1, "name": "waifu", "supercategory": "x"}],
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_id": 2}, r"annotations\[0\] \(id 7\): image_id 2 is not among the images"),
        ({"category_id": 2}, "category_id 2 is not among the categories"),
        ({"image_id": "1"}, "image_id is '1'; expected a whole number"),
        ({"bbox": [1, 2, 3]}, r"bbox is \[1, 2, 3\]; expected \[x, y, width, height\]"),
        ({"area": float("nan")}, "area holds nan"),
        ({"segmentation": []}, r"segmentation is \[\]; expected polygons or an RLE"),
        ({"segmentation": [[0, 0, 4, 0]]}, "polygon 0 is not a flat list"),
        ({"segmentation": [[0, 0, 4, 0, 4, 4, 1]]}, "polygon 0 is not a flat list"),
        ({"segmentation": [[0, 0, 4, 0, 4, None]]}, "polygon 0 holds something else"),
        ({"segmentation": [[0, 0, 4, 0, 4, 1e30]]}, "polygon 0 holds something else"),
        ({"segmentation": {"size": [5, 4], "counts": [20]}}, r"RLE size is \[5, 4\]"),
        ({"segmentation": {"size": [4, 5], "counts": [19]}}, "add up to 19, the picture has 20"),
        ({"segmentation": {"size": [4, 5]}}, "has no 'counts'"),
    ],
)
def test_a_bad_annotation_is_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(raw(**changes)))
    with pytest.raises(LabelError, match=message):
        load_set(path)
    assert len(faults_of(path)) == 1


def faults_of(path: Path) -> list[str]:
    """All that cannot be used in a file; what can is drawn."""
    found = []
    for item in open_labels(path):
        if isinstance(item, Fault):
            found.append(str(item))
        else:
            found += map(str, item.faults)
            for one in item.instances:
                assert one.mask(item.size_hw).shape == item.size_hw
    return found


def instance_of(path: Path) -> LabelledInstance:
    ((one,),) = (picture.instances for picture in load_set(path))
    return one


def saved(path: Path, **changes: Any) -> Path:
    path.write_text(json.dumps(raw(**changes)))
    return path


def test_boxes_and_areas_that_are_missing_follow_from_the_mask(tmp_path: Path) -> None:
    square = [[1, 1, 4, 1, 4, 3, 1, 3]]
    path = saved(tmp_path / "a.json", segmentation=square, bbox=..., area=..., iscrowd=...)
    one = instance_of(path)
    assert (one.box, one.area, one.crowd) == ((1, 1, 4, 3), 6, False)
    assert instance_of(saved(path, segmentation=square, bbox=None)).box == (1, 1, 4, 3)


def test_a_sliver_costs_no_character(tmp_path: Path) -> None:
    square = [1, 1, 4, 1, 4, 3, 1, 3]
    labels = load_set(saved(tmp_path / "a.json", segmentation=[square, [2, 2, 2, 3], []]))
    assert labels.pictures[0].instances[0].segmentation == [square]
    assert labels.notes == (
        "2 pieces of fewer than 3 points left out of outlines that have others",
    )


CROWDS = [
    ([3, 5, 12], False),  # one run of pixels: one piece
    ([1, 2, 2, 2, 13], False),  # two columns beside each other
    ([0, 2, 16, 2], True),  # two ends of the picture
]


@pytest.mark.parametrize(("runs", "crowd"), CROWDS)
def test_a_crowd_of_one_piece_is_a_character_and_said_so(
    tmp_path: Path, runs: list[int], crowd: bool
) -> None:
    rle = {"size": [4, 5], "counts": runs}
    labels = load_set(saved(tmp_path / "a.json", segmentation=rle, iscrowd=1))
    assert labels.pictures[0].instances[0].crowd == crowd
    assert len(labels.pictures[0].characters) == (not crowd)
    said = "1 masks marked iscrowd are one connected piece each, and read as one character each"
    assert [note.startswith(said) for note in labels.notes] == [True] * (not crowd)
    polygons = load_set(saved(tmp_path / "a.json", segmentation=[[0, 0, 4, 0, 4, 4]], iscrowd=1))
    assert polygons.pictures[0].instances[0].crowd  # not what CVAT writes


def test_slivers_and_holes_make_no_second_piece() -> None:
    mask = np.zeros((100, 100), np.bool_)
    mask[10:60, 10:60] = True
    mask[20:30, 20:30] = False
    mask[80, 80:90] = True
    assert is_one_piece(mask)
    mask[80:90, 80:90] = True
    assert not is_one_piece(mask)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not valid JSON"),
        ("[]", "holds no labels that are known"),
        ('{"images": []}', 'expected the lists "images"'),
        (json.dumps(raw() | {"images": [{"id": 1}]}), r"images\[0\] \(id 1\): has no 'height'"),
        (
            json.dumps(raw() | {"images": raw()["images"] * 2}),
            r"images\[1\]: id 1 is used twice",
        ),
        (json.dumps(raw() | {"annotations": raw()["annotations"] * 2}), "id 7 is used twice"),
        (
            json.dumps(raw() | {"images": [raw()["images"][0] | {"height": 10**8}]}),
            r"images\[0\] \(id 1\): is 5×100000000 pixels; at most 144,000,000",
        ),
        (json.dumps(raw() | {"categories": [{"id": 1, "name": ""}]}), "name is ''"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content)
    with pytest.raises(LabelError, match=message):
        load_set(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KirinukiError, match=r"no\.json: no such file or folder"):
        load_set(tmp_path / "no.json")


def test_uncompressed_rle_is_understood(tmp_path: Path) -> None:
    one = instance_of(
        saved(tmp_path / "a.json", segmentation={"size": [4, 5], "counts": [3, 5, 12]})
    )
    assert isinstance(one.segmentation, dict)
    assert decode_counts(one.segmentation["counts"]) == [3, 5, 12]
    assert one.mask((4, 5)).sum() == 5


def test_mask_of_another_size_is_refused() -> None:
    with pytest.raises(LabelError, match="blob: its RLE is 30×20, the picture 9×9"):
        LabelledInstance.from_mask(blob(), "waifu", where="blob").mask((9, 9))


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(LabelError, match="covers no pixel"):
        LabelledInstance.from_mask(np.zeros((3, 3), np.bool_), "waifu")


def test_what_a_model_found_becomes_labels() -> None:
    instances = Instances(
        size_hw=(20, 30),
        boxes=np.array([[4, 3, 20, 15], [0, 0, 2, 2]], np.float32),
        alphas=(blob()[3:15, 4:20].astype(np.uint8) * 255, np.full((2, 2), 10, np.uint8)),
        scores=np.array([0.9, 0.3], np.float32),
        labels=np.array([1, 0], np.int64),
        names=("waifu", "husbando"),
    )
    picture = labelled(instances, FileRef(Path("a.png")), "a.png")
    (one,) = picture.instances  # the faint one has no hard mask
    assert (one.name, one.score, one.kind) == ("husbando", 0.9, None)
    np.testing.assert_array_equal(one.mask((20, 30)), blob())
    assert mask_iou(one.mask((20, 30)), instances.mask(0)) == 1.0


def test_polygons_outside_the_picture_are_kept() -> None:
    one = LabelledInstance("a", [[-5.0, -5, 3, -5, 3, 3, -5, 3]], (0, 0, 3, 3), 9)
    assert one.mask((6, 6)).sum() == 9


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
KEYS = ["id", "image_id", "category_id", "segmentation", "bbox", "area", "iscrowd", "score"]


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JUNK))
def test_junk_is_a_fault_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "junk.json"
    path.write_text(json.dumps(raw(**changes)))
    for message in faults_of(path):
        assert message.startswith(str(path))
        assert "\n" not in message


def test_an_id_with_a_line_break_stays_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    image = {"id": "\n", "file_name": "a\nb.png", "width": 4, "height": 4}
    path.write_text(json.dumps({"images": [image], "annotations": [], "categories": []}))
    (message,) = faults_of(path)
    assert "\n" not in message
