"""Boxes, masks, RLE and polygons, against pycocotools and tiny literal arrays."""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from kirinuki import geometry

MASKS = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12))
COORDINATES = st.one_of(
    st.floats(-20, 60, allow_nan=False, width=32),
    st.integers(-20, 60).map(float),
    st.integers(-40, 120).map(lambda n: n / 2),  # where COCO's rounding decides
)
POLYGONS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=12)
BOXES = st.lists(st.tuples(*[st.integers(0, 30)] * 4), min_size=1, max_size=5).map(
    lambda rows: np.array([(x, y, x + w, y + h) for x, y, w, h in rows], np.float32)
)


@pytest.mark.parametrize(
    ("box", "window"),
    [
        ((0, 0, 1, 1), (0, 0, 1, 1)),
        ((0.2, 0.9, 1.1, 2.0), (0, 0, 2, 2)),
        ((3.0, 4.0, 3.5, 4.5), (3, 4, 4, 5)),
    ],
)
def test_window_of(box: tuple[float, ...], window: tuple[int, ...]) -> None:
    assert geometry.window_of(box) == window


def test_clip_boxes_moves_boxes_inside() -> None:
    boxes = np.array([[-3, 1, 5, 9], [20, 20, 30, 30], [1, 1, 2, 2]], np.float32)
    clipped = geometry.clip_boxes(boxes, (8, 4))
    assert clipped.tolist() == [[0, 1, 4, 8], [4, 8, 4, 8], [1, 1, 2, 2]]
    assert clipped.dtype == np.float32


@settings(deadline=None)
@given(BOXES, BOXES)
def test_box_iou_equals_pycocotools(first: np.ndarray, second: np.ndarray) -> None:
    def xywh(boxes: np.ndarray) -> np.ndarray:
        return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1).astype(np.float64)

    reference = coco_mask.iou(xywh(first), xywh(second), [0] * len(second))
    some = (geometry.box_areas(first)[:, None] + geometry.box_areas(second)[None]) > 0
    np.testing.assert_allclose(
        geometry.box_iou(first, second)[some], np.asarray(reference)[some], atol=1e-6
    )


def test_mask_iou() -> None:
    first = np.array([[1, 1, 0]], np.bool_)
    second = np.array([[0, 1, 1]], np.bool_)
    assert geometry.mask_iou(first, second) == pytest.approx(1 / 3)
    assert geometry.mask_iou(first & second, first & ~first) == 0.0
    assert geometry.mask_iou(first & ~first, first & ~first) == 1.0


@settings(deadline=None)
@given(MASKS)
def test_mask_to_box_is_tight(mask: np.ndarray) -> None:
    box = geometry.mask_to_box(mask)
    if box is None:
        assert not mask.any()
        return
    x1, y1, x2, y2 = box
    inside = mask[y1:y2, x1:x2]
    assert inside.sum() == mask.sum()
    assert inside[0].any()
    assert inside[-1].any()
    assert inside[:, 0].any()
    assert inside[:, -1].any()
    reference = coco_mask.toBbox(coco_mask.encode(np.asfortranarray(mask, np.uint8)))
    assert [x1, y1, x2 - x1, y2 - y1] == reference.tolist()


@settings(deadline=None)
@given(MASKS)
def test_rle_equals_pycocotools(mask: np.ndarray) -> None:
    rle = geometry.mask_to_rle(mask)
    reference = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    assert rle["counts"] == reference["counts"].decode()
    assert rle["size"] == reference["size"]
    np.testing.assert_array_equal(geometry.rle_to_mask(rle["size"], rle["counts"]), mask)
    runs = geometry.decode_counts(rle["counts"])
    np.testing.assert_array_equal(geometry.rle_to_mask(mask.shape, runs), mask)


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**31 - 1), max_size=30))
def test_counts_survive_their_text(counts: list[int]) -> None:
    assert geometry.decode_counts(geometry.encode_counts(counts)) == counts


@pytest.mark.parametrize("counts", [[5], [1, 2, 4], [-1, 7], "11"])
def test_rle_of_another_size_is_refused(counts: object) -> None:
    with pytest.raises(ValueError, match=r"expected 6 \(2×3\)"):
        geometry.rle_to_mask((2, 3), counts)  # type: ignore[arg-type]


def reference_mask(polygons: list[np.ndarray], height: int, width: int) -> np.ndarray:
    parts = coco_mask.frPyObjects([p.ravel().tolist() for p in polygons], height, width)
    return coco_mask.decode(coco_mask.merge(parts)).astype(np.bool_)


@settings(max_examples=500, deadline=None)
@given(st.lists(POLYGONS, min_size=1, max_size=3), st.integers(1, 40), st.integers(1, 40))
def test_polygons_equal_pycocotools_bit_for_bit(
    polygons: list[list[tuple[float, float]]], height: int, width: int
) -> None:
    arrays = [np.array(polygon) for polygon in polygons]
    expected = reference_mask(arrays, height, width)
    np.testing.assert_array_equal(geometry.polygons_to_mask(arrays, (height, width)), expected)
    flat = [array.ravel().tolist() for array in arrays]
    np.testing.assert_array_equal(geometry.polygons_to_mask(flat, (height, width)), expected)
    rle = geometry.polygons_to_rle(arrays, (height, width))
    np.testing.assert_array_equal(geometry.rle_to_mask(rle["size"], rle["counts"]), expected)


def test_polygon_on_pixel_edges_is_these_pixels() -> None:
    mask = geometry.polygons_to_mask([[1, 1, 3, 1, 3, 2, 1, 2]], (3, 4))
    assert mask.astype(int).tolist() == [[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]]


def test_no_polygons_are_an_empty_mask() -> None:
    assert not geometry.polygons_to_mask([], (3, 4)).any()
