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

from kirinuki.errors import DatasetError, KirinukiError, OutputError
from kirinuki.formats.coco import (
    Annotation,
    Category,
    CocoDataset,
    CocoImage,
    annotation_from_mask,
    dataset_from_instances,
    read_coco,
    write_coco,
)
from kirinuki.formats.trace import MIN_IOU, drawn_iou, mask_to_polygons, segmentation_of, trace_mask
from kirinuki.geometry import decode_counts, mask_iou, polygons_to_mask
from kirinuki.instances import Instances

MASKS = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14))


def blob(height: int = 20, width: int = 30) -> np.ndarray:
    mask = np.zeros((height, width), np.bool_)
    mask[3:12, 4:9] = True
    mask[10:15, 7:20] = True
    return mask


def small_dataset() -> CocoDataset:
    ring = blob()
    ring[5:7, 5:7] = False
    annotations = (
        annotation_from_mask(ring, id=1, image_id=1, category_id=2, score=0.75),
        annotation_from_mask(
            blob(), id=2, image_id=1, category_id=1, segmentation=segmentation_of(blob())
        ),
        replace(
            annotation_from_mask(blob(), id=3, image_id=2, category_id=1), alpha_file="a/夏.png"
        ),
    )
    return CocoDataset(
        images=(
            CocoImage(1, "a/一.png", 20, 30),
            CocoImage(2, "b\\2.png", 20, 30),
            CocoImage(3, "none.png", 5, 6),
        ),
        annotations=annotations,
        categories=(Category(1, "waifu"), Category(2, "夏")),
    )


def test_written_and_read_again(tmp_path: Path) -> None:
    dataset = small_dataset()
    path = tmp_path / "labels.json"
    write_coco(dataset, path)
    again = read_coco(path)
    assert again.images == dataset.images
    assert again.annotations == dataset.annotations
    assert again.categories == dataset.categories
    assert again.path == path
    assert again.pictures == tmp_path
    assert again.picture_path(again.images[1]) == tmp_path / "b" / "2.png"
    assert read_coco(path, tmp_path / "x").picture_path(again.images[0]).parts[-3] == "x"
    assert [a.id for a in again.annotations_of(1)] == [1, 2]
    assert again.annotations_of(3) == ()


def test_bytes_are_deterministic_and_nothing_is_overwritten(tmp_path: Path) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    write_coco(small_dataset(), first)
    write_coco(small_dataset(), second)
    assert first.read_bytes() == second.read_bytes()
    with pytest.raises(OutputError, match="--overwrite"):
        write_coco(small_dataset(), first)
    write_coco(small_dataset(), first, overwrite=True)


def test_pycocotools_reads_the_same_masks(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    write_coco(small_dataset(), path)
    reference = COCO(str(path))
    dataset = read_coco(path)
    for annotation in dataset.annotations:
        record = reference.anns[annotation.id]
        expected = reference.annToMask(record).astype(np.bool_)
        np.testing.assert_array_equal(annotation.mask((20, 30)), expected)
        assert record["area"] == expected.sum() == annotation.area
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
        annotation = annotation_from_mask(
            mask, id=1, image_id=1, category_id=1, segmentation=segmentation
        )
        np.testing.assert_array_equal(annotation.mask(mask.shape), mask)


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
        ({"bbox": ...}, "has no 'bbox'"),
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
    with pytest.raises(DatasetError, match=message):
        read_coco(path)
    bad: list[str] = []
    assert read_coco(path, on_bad=bad.append).annotations == ()
    assert len(bad) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not valid JSON"),
        ("[]", "expected an object"),
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
    with pytest.raises(DatasetError, match=message):
        read_coco(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no\.json: cannot be read"):
        read_coco(tmp_path / "no.json")


def test_uncompressed_rle_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "crowd.json"
    path.write_text(json.dumps(raw(segmentation={"size": [4, 5], "counts": [3, 5, 12]})))
    annotation = read_coco(path).annotations[0]
    assert isinstance(annotation.segmentation, dict)
    assert decode_counts(annotation.segmentation["counts"]) == [3, 5, 12]
    assert annotation.mask((4, 5)).sum() == 5


def test_mask_of_another_size_is_refused() -> None:
    annotation = annotation_from_mask(blob(), id=4, image_id=1, category_id=1)
    with pytest.raises(DatasetError, match="annotation 4: its RLE is 30×20, the picture 9×9"):
        annotation.mask((9, 9))


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(KirinukiError, match="annotation 1: the mask is empty"):
        annotation_from_mask(np.zeros((3, 3), np.bool_), id=1, image_id=1, category_id=1)


def test_predictions_become_a_data_set() -> None:
    instances = Instances(
        size_hw=(20, 30),
        boxes=np.array([[4, 3, 20, 15], [0, 0, 2, 2]], np.float32),
        alphas=(blob()[3:15, 4:20].astype(np.uint8) * 255, np.full((2, 2), 10, np.uint8)),
        scores=np.array([0.9, 0.3], np.float32),
        labels=np.array([1, 0], np.int64),
        names=("waifu", "husbando"),
    )
    dataset = dataset_from_instances([("none.png", instances[[]]), ("a.png", instances)])
    assert [image.file_name for image in dataset.images] == ["none.png", "a.png"]
    assert [c.name for c in dataset.categories] == ["waifu", "husbando"]
    (annotation,) = dataset.annotations  # the faint one has no hard mask
    assert (annotation.image_id, annotation.category_id, annotation.score) == (2, 2, 0.9)
    np.testing.assert_array_equal(annotation.mask((20, 30)), blob())
    assert mask_iou(annotation.mask((20, 30)), instances.mask(0)) == 1.0
    assert annotation.kind is None


def test_kind_round_trip(tmp_path: Path) -> None:
    annotation = annotation_from_mask(blob(), id=1, image_id=1, category_id=1)
    images, categories = (CocoImage(1, "a.png", 20, 30),), (Category(1, "waifu"),)
    labels = (replace(annotation, kind="male"), replace(annotation, id=2))
    write_coco(CocoDataset(images, labels, categories), tmp_path / "labels.json")
    assert [a.kind for a in read_coco(tmp_path / "labels.json").annotations] == ["male", None]


def test_annotation_keeps_polygons_outside_the_picture() -> None:
    annotation = Annotation(1, 1, 1, [[-5.0, -5, 3, -5, 3, 3, -5, 3]], (0, 0, 3, 3), 9)
    assert annotation.mask((6, 6)).sum() == 9


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
KEYS = ["id", "image_id", "category_id", "segmentation", "bbox", "area", "iscrowd", "score"]


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JUNK))
def test_junk_is_a_data_set_error_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "junk.json"
    path.write_text(json.dumps(raw(**changes)))
    message = str(path)
    try:
        for annotation in read_coco(path).annotations:
            assert annotation.mask((4, 5)).shape == (4, 5)
    except DatasetError as error:
        message = str(error)
    assert message.startswith(str(path))
    assert "\n" not in message


def test_an_id_with_a_line_break_stays_on_one_line(tmp_path):
    path = tmp_path / "set.json"
    image = {"id": "\n", "file_name": "a.png", "width": 4, "height": 4}
    path.write_text(json.dumps({"images": [image], "annotations": [], "categories": []}))
    with pytest.raises(DatasetError) as caught:
        read_coco(path)
    assert "\n" not in str(caught.value)
