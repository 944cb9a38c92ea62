"""`Instances` out to other libraries and back: what `to_x` gives, `from_x` takes as it is."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from kirinuki.errors import KirinukiError, LabelError
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.interop import (
    from_coco,
    from_label_map,
    from_supervision,
    from_torchvision,
    to_coco,
    to_label_map,
    to_supervision,
    to_torchvision,
)
from kirinuki.render.cutout import mask_image

NAMES = ("waifu", "husbando")


def two(**changes: Any) -> Instances:
    """Two in a picture 6 high and 8 wide, who share a column; the first has a soft row on top."""
    alphas = (np.full((4, 3), 255, np.uint8), np.full((3, 4), 200, np.uint8))
    alphas[0][0] = 90
    found = Instances(
        size_hw=(6, 8),
        boxes=np.array([[1, 1, 4, 5], [3, 2, 7, 5]], np.float32),
        alphas=alphas,
        scores=np.array([0.9, 0.5], np.float32),
        labels=np.array([1, 0], np.int64),
        names=NAMES,
    )
    return replace(found, **changes)


TOLD = {
    "track_ids": np.array([7, 3], np.int64),
    "kind_scores": np.array([[0.9, 0.1], [0.5, 0.5]], np.float32),
}


def assert_same(found: Instances, expected: Instances, *, soft: bool = False) -> None:
    assert found.size_hw == expected.size_hw
    assert found.names == expected.names
    np.testing.assert_array_equal(found.masks(), expected.masks())
    np.testing.assert_array_equal(found.labels, expected.labels)
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-6)
    if soft:
        np.testing.assert_array_equal(found.boxes, expected.boxes)
        for one, other in zip(found.alphas, expected.alphas, strict=True):
            np.testing.assert_array_equal(one, other)


class TestSupervision:
    def test_there_and_back_loses_nothing(self) -> None:
        sv = pytest.importorskip("supervision")
        found = two(**TOLD, kind_threshold=0.85)
        detections = to_supervision(found)
        assert isinstance(detections, sv.Detections)
        assert detections["class_name"].tolist() == ["husbando", "waifu"]
        back = from_supervision(detections)
        assert_same(back, found, soft=True)
        np.testing.assert_array_equal(back.track_ids, found.track_ids)
        np.testing.assert_array_equal(back.kind_scores, found.kind_scores)
        assert back.kinds == found.kinds == ("female", "unknown")

    def test_soft_edges_survive_its_filters(self) -> None:
        pytest.importorskip("supervision")
        detections = to_supervision(two())
        kept = from_supervision(detections[detections.confidence < 0.6])
        assert_same(kept, two()[1:], soft=True)
        turned = from_supervision(detections[np.array([1, 0])])
        assert_same(turned, two()[[1, 0]], soft=True)

    def test_of_nobody(self) -> None:
        pytest.importorskip("supervision")
        nobody = Instances.empty((6, 8), NAMES)
        assert_same(from_supervision(to_supervision(nobody)), nobody)

    def test_those_of_another_model(self) -> None:
        sv = pytest.importorskip("supervision")
        masks = two().masks()
        boxes = np.array([[0, 0, 8, 6]] * 2, np.float32)  # looser than the masks
        bare = sv.Detections(boxes, masks, class_id=np.array([2, 0]))
        bare.data["class_name"] = np.array(["cat", "girl"])
        found = from_supervision(bare)
        assert found.names == ("girl", "class 1", "cat")
        assert [one.name for one in found] == ["cat", "girl"]
        assert found.boxes.tolist() == [[1, 2, 4, 5], [3, 2, 7, 5]]
        assert found.scores.tolist() == [1, 1]
        compact = sv.Detections(boxes, sv.CompactMask.from_dense(masks, boxes, (6, 8)))
        np.testing.assert_array_equal(from_supervision(compact).masks(), masks)
        assert from_supervision(compact, names=["girl"]).names == ("girl",)

    def test_boxes_alone_are_one_line(self) -> None:
        sv = pytest.importorskip("supervision")
        with pytest.raises(ValueError, match="no masks, only boxes; expected mask"):
            from_supervision(sv.Detections(np.array([[0, 0, 8, 6]], np.float32)))

    def test_without_supervision_it_says_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "supervision", None)
        with pytest.raises(KirinukiError, match="run: pip install supervision"):
            to_supervision(two())


class TestCoco:
    def test_there_and_back_through_json(self) -> None:
        found = two(**TOLD)
        back = from_coco(json.loads(json.dumps(to_coco(found))))
        assert_same(back, found)
        assert back.track_ids is not None
        assert back.track_ids.tolist() == [7, 3]
        assert back.kinds == ("female", "unknown")
        assert from_coco(to_coco(two())).track_ids is None
        assert from_coco(to_coco(two())).kind_scores is None

    def test_pycocotools_sees_the_same(self, tmp_path: Path) -> None:
        coco = pytest.importorskip("pycocotools.coco")
        mask = pytest.importorskip("pycocotools.mask")
        path = tmp_path / "all.json"
        path.write_text(json.dumps(to_coco(two(), image_id=5)), encoding="utf-8")
        theirs = coco.COCO(str(path))
        annotations = theirs.loadAnns(theirs.getAnnIds(imgIds=5))
        for annotation, expected in zip(annotations, two().masks(), strict=True):
            np.testing.assert_array_equal(theirs.annToMask(annotation), expected)
            assert annotation["bbox"] == mask.toBbox(annotation["segmentation"]).tolist()
            assert annotation["area"] == mask.area(annotation["segmentation"])
        assert [c["name"] for c in theirs.loadCats(theirs.getCatIds())] == list(NAMES)

    def test_the_picture_gives_its_name(self) -> None:
        picture = Picture(np.zeros((6, 8, 3), np.uint8), path=Path("pics", "a.png"))
        (image,) = to_coco(two(picture=picture))["images"]
        assert image == {"id": 1, "file_name": "a.png", "width": 8, "height": 6}
        assert to_coco(two(), file_name="b.png")["images"][0]["file_name"] == "b.png"

    def test_nothing_to_choose_from(self) -> None:
        with pytest.raises(LabelError, match=r"images: got 0, expected 1$"):
            from_coco({})

    def test_polygons_and_one_picture_of_many(self) -> None:
        square = {"category_id": 9, "segmentation": [[1, 1, 3, 1, 3, 4, 1, 4]]}
        dataset = {
            "images": [{"id": i, "height": 6, "width": 8} for i in (1, 2)],
            "categories": [{"id": 9, "name": "cat"}, {"id": 4, "name": "girl"}],
            "annotations": [
                {"id": 1, "image_id": 2, **square},
                {"id": 2, "image_id": 1, **square},
                {"id": 3, "image_id": 2, **square, "iscrowd": 1},
            ],
        }
        found = from_coco(dataset, image_id=2)
        assert (found.names, found[0].name, len(found)) == (("girl", "cat"), "cat", 1)
        assert found.boxes.tolist() == [[1, 1, 3, 4]]
        with pytest.raises(
            LabelError, match="images: got 2, expected 1; say which with `image_id`"
        ):
            from_coco(dataset)
        with pytest.raises(LabelError, match="images: 0 have the `image_id` 3"):
            from_coco(dataset, image_id=3)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"category_id": 7}, r"annotations\[1\]: category_id is 7, expected one of 1, 2"),
            ({"segmentation": None}, r"annotations\[1\]: segmentation: expected polygons or RLE"),
            (
                {"segmentation": {"size": [9, 9], "counts": ""}},
                r"annotations\[1\]: segmentation: RLE is of \(9, 9\), the picture \(6, 8\)",
            ),
            (
                {"segmentation": {"size": [6, 8], "counts": "5"}},
                r"annotations\[1\]: segmentation: RLE runs add up to",
            ),
        ],
    )
    def test_a_wrong_annotation_is_named(self, change: dict[str, Any], said: str) -> None:
        dataset = to_coco(two())
        dataset["annotations"][1] |= change
        with pytest.raises(LabelError, match=said):
            from_coco(dataset)


class TestTorchvision:
    def test_there_and_back(self) -> None:
        target = to_torchvision(two())
        assert {key: (value.shape, value.dtype.name) for key, value in target.items()} == {
            "boxes": ((2, 4), "float32"),
            "labels": ((2,), "int64"),
            "masks": ((2, 6, 8), "uint8"),
            "scores": ((2,), "float32"),
        }
        assert target["labels"].tolist() == [2, 1]  # 0 is the background
        assert target["masks"].max() == 1
        assert_same(from_torchvision(target, names=NAMES), two())
        assert from_torchvision(target).names == ("class 1", "class 2")
        nobody = Instances.empty((6, 8), NAMES)
        assert_same(from_torchvision(to_torchvision(nobody), names=NAMES), nobody)

    def test_a_models_soft_masks_become_alphas(self) -> None:
        masks = np.zeros((1, 1, 6, 8), np.float32)
        masks[0, 0, 2:4, 3:6] = 0.5, 0.75, 1.0
        found = from_torchvision(
            {"boxes": [[0, 0, 8, 6]], "labels": [1], "masks": masks, "scores": [0.25]}
        )
        assert found.alphas[0].tolist() == [[128, 191, 255]] * 2
        assert (found[0].window, found[0].score) == ((3, 2, 6, 4), 0.25)

    def test_one_without_a_pixel_keeps_its_place(self) -> None:
        target = {"boxes": [[1, 1, 3, 20]], "labels": [1], "masks": np.zeros((1, 6, 8), np.uint8)}
        found = from_torchvision(target)
        assert found[0].window == (1, 1, 3, 6)
        assert not found.masks().any()

    def test_what_is_missing_is_named(self) -> None:
        with pytest.raises(ValueError, match="target has no masks, only: boxes, labels"):
            from_torchvision({"boxes": [], "labels": []})


class TestLabelMap:
    def test_there_and_back(self) -> None:
        numbers = to_label_map(two())
        assert numbers.dtype == np.int32
        # The shared column is the first one's, whose alpha is higher there; 90 is not inside.
        expected = [[0] * 8, [0] * 8, *[[0, 1, 1, 1, 2, 2, 2, 0]] * 3, [0] * 8]
        assert numbers.tolist() == expected
        back = from_label_map(numbers, names=NAMES)
        assert [one.window for one in back] == [(1, 2, 4, 5), (4, 2, 7, 5)]
        np.testing.assert_array_equal(to_label_map(back), numbers)
        assert len(from_label_map(np.zeros((6, 8), np.uint8))) == 0

    def test_track_ids_are_its_numbers(self) -> None:
        numbers = to_label_map(two(**TOLD))
        assert np.unique(numbers).tolist() == [0, 3, 7]
        back = from_label_map(numbers, tracked=True)
        assert back.track_ids is not None
        assert back.track_ids.tolist() == [3, 7]
        assert from_label_map(numbers).track_ids is None

    def test_the_commands_mask_picture_is_one(self, tmp_path: Path) -> None:
        mask_image(two()).save(tmp_path / "mask.png")
        with Image.open(tmp_path / "mask.png") as image:
            read = np.asarray(image)
        np.testing.assert_array_equal(read, to_label_map(two()))
        assert len(from_label_map(read)) == 2

    @pytest.mark.parametrize(
        "wrong", [np.zeros((2, 2), np.float32), np.zeros((2, 2, 3), int), np.full((2, 2), -1)]
    )
    def test_what_is_none_is_one_line(self, wrong: np.ndarray) -> None:
        with pytest.raises(ValueError, match="label map must be"):
            from_label_map(wrong)


def test_one_name_is_one_class() -> None:
    """A str is not the names of its letters."""
    found = from_label_map(np.ones((4, 4), np.int64), names="girl")
    assert found.names == ("girl",)
    assert found[0].name == "girl"


@pytest.mark.parametrize("to", [to_coco, to_label_map, to_supervision, to_torchvision])
def test_one_instance_is_refused_in_one_line(to: Callable[[Any], object]) -> None:
    found = from_label_map(np.ones((4, 4), np.int64))
    with pytest.raises(KirinukiError, match="`instances`: got Instance, expected Instances"):
        to(found[0])


def test_tensors_that_learn_are_taken() -> None:
    class Tensor:
        def __init__(self, array: NDArray[Any]) -> None:
            self.array = array

        def detach(self) -> Tensor:
            return self

        def cpu(self) -> NDArray[Any]:
            return self.array

    target = to_torchvision(from_label_map(np.ones((4, 4), np.int64)))
    found = from_torchvision({key: Tensor(array) for key, array in target.items()})
    assert found.boxes.tolist() == [[0, 0, 4, 4]]
