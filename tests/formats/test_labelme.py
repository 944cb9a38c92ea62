"""LabelMe files of versions 3 to 7, against what LabelMe itself draws, and the way back."""

from __future__ import annotations

import base64
import json
import math
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from pycocotools import mask as coco_mask

from kirinuki.errors import LabelError, OutputError
from kirinuki.formats.labelled import Fault, LabelledInstance, LabelledPicture, size_fault
from kirinuki.formats.labelme_record import instances_to_labelme, labelme_record, write_labelme
from kirinuki.formats.picture_ref import FileRef
from kirinuki.formats.registry import load_set, open_labels
from kirinuki.formats.rules import LabelRules
from kirinuki.formats.shapes import draw_shape, mask_shape
from kirinuki.formats.trace import mask_to_polygons
from kirinuki.geometry import mask_iou, polygons_to_mask
from kirinuki.instances import Instances

SIZE = (60, 80)


def polygon(label: str, *points: tuple[float, float], **more: Any) -> dict[str, Any]:
    return {"label": label, "points": [list(p) for p in points], "shape_type": "polygon", **more}


def box(label: str, x1: float, y1: float, x2: float, y2: float, **more: Any) -> dict[str, Any]:
    points = [[x1, y1], [x2, y2]]
    return {"label": label, "points": points, "shape_type": "rectangle", **more}


def save(folder: Path, name: str, shapes: object = (), **more: Any) -> Path:
    """A label file beside a picture of the right size, unless `more` says otherwise."""
    record = {
        "version": "5.5.0",
        "flags": {},
        "shapes": shapes,
        "imagePath": f"{name}.png",
        "imageData": None,
        "imageHeight": SIZE[0],
        "imageWidth": SIZE[1],
    }
    record.update(more)
    path = folder / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({k: v for k, v in record.items() if v is not ...}), "utf-8")
    return path


def picture(path: Path, size_hw: tuple[int, int] = SIZE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size_hw[::-1]).save(path)
    return path


def read_labelme(
    path: Path, rules: LabelRules | None = None, *, skip: bool = False
) -> LabelledPicture:
    """The picture of a file; its first fault is raised, unless bad shapes are to be skipped."""
    (item,) = open_labels(path)
    if isinstance(item, Fault):
        raise LabelError(str(item))
    picture = (rules or LabelRules()).applied(item)
    if picture.faults and not skip:
        raise LabelError(str(picture.faults[0]))
    return picture


def masks_of(path: Path, rules: LabelRules | None = None) -> list[tuple[str, np.ndarray]]:
    read = read_labelme(path, rules)
    return [(one.name, one.mask(read.size_hw)) for one in read.instances]


def picture_of(mask: np.ndarray, *instances: LabelledInstance) -> LabelledPicture:
    height, width = mask.shape
    return LabelledPicture(FileRef(Path("a.png")), (height, width), instances, "a.png")


def drawn(kind: str, points: list[tuple[float, float]]) -> np.ndarray:
    """The published behaviour of LabelMe's shape_to_mask, for the types with an area."""
    canvas = Image.new("1", SIZE[::-1])
    draw = ImageDraw.Draw(canvas)
    if kind == "circle":
        (cx, cy), (px, py) = points
        r = math.hypot(cx - px, cy - py)
        draw.ellipse([cx - r, cy - r, cx + r, cy + r], outline=1, fill=1)
    elif kind == "rectangle":
        (x1, y1), (x2, y2) = points
        draw.rectangle([min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)], outline=1, fill=1)
    else:
        draw.polygon(points, outline=1, fill=1)
    return np.array(canvas, np.bool_)


POINT = st.tuples(st.floats(-10, 90, width=32), st.floats(-10, 70, width=32))
SHAPES = st.one_of(
    st.tuples(st.just("polygon"), st.lists(POINT, min_size=3, max_size=15)),
    st.tuples(st.just("oriented_rectangle"), st.lists(POINT, min_size=4, max_size=4)),
    st.tuples(st.just("rectangle"), st.lists(POINT, min_size=2, max_size=2)),
    st.tuples(st.just("circle"), st.lists(POINT, min_size=2, max_size=2)),
)


@settings(max_examples=300, deadline=None)
@given(SHAPES)
def test_coco_mask_is_the_one_labelme_draws(
    tmp_path_factory: pytest.TempPathFactory, shape: tuple[str, list[tuple[float, float]]]
) -> None:
    kind, points = shape
    expected = drawn(kind, points)
    folder = tmp_path_factory.getbasetemp()
    record = {"label": "waifu", "points": [list(p) for p in points], "shape_type": kind}
    path = save(folder, "drawn", [record])
    if not expected.any():
        with pytest.raises(LabelError, match="draws nothing inside the picture"):
            read_labelme(path)
        return
    (one,) = read_labelme(path).instances
    rles = one.segmentation  # a compressed RLE is pycocotools' own form
    if isinstance(rles, list):
        rles = coco_mask.merge(coco_mask.frPyObjects(rles, *SIZE))
    theirs = coco_mask.decode(rles).astype(np.bool_)
    np.testing.assert_array_equal(theirs, expected)
    np.testing.assert_array_equal(one.mask(SIZE), expected)
    assert one.area == expected.sum()
    x1, y1, x2, y2 = one.box
    assert [x1, y1, x2 - x1, y2 - y1] == coco_mask.toBbox(rles).tolist()


def test_rectangles_of_two_and_of_four_points(tmp_path: Path) -> None:
    four = {
        "label": "b",
        "shape_type": "rectangle",
        "points": [[10, 10], [20, 10], [20, 15], [10, 15]],
    }
    path = save(tmp_path, "r", [box("a", 20, 15, 10, 10), four])
    (_, first), (_, second) = masks_of(path)
    np.testing.assert_array_equal(first, second)
    assert first.sum() == 11 * 6  # both ends are inside


def test_mask_shape_stands_at_its_box_both_ends_inside(tmp_path: Path) -> None:
    patch = np.random.default_rng(0).random((7, 9)) < 0.5
    patch[0, 0] = patch[-1, -1] = True
    full = np.zeros(SIZE, np.bool_)
    full[20:27, 30:39] = patch
    shape = {"label": "waifu", **mask_shape(full)}
    assert shape["points"] == [[30, 20], [38, 26]]
    ((_, mask),) = masks_of(save(tmp_path, "m", [shape]))
    np.testing.assert_array_equal(mask, full)
    moved = {**shape, "points": [[-3, -2], [5, 4]]}  # LabelMe cuts it off at the edge
    expected = np.zeros(SIZE, np.bool_)
    expected[:5, :6] = patch[2:, 3:]
    np.testing.assert_array_equal(draw_shape(moved, SIZE), expected)
    fractional = {**shape, "points": [[29.6, 20.4], [38.2, 25.9]]}
    np.testing.assert_array_equal(draw_shape(fractional, SIZE), full)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mask": None}, "holds no mask"),
        ({"mask": "AAAA"}, "its mask is not a base64 PNG"),
        ({"mask": "ü"}, "its mask is not a base64 PNG"),
        ({"points": [[30, 20], [39, 26]]}, "its mask is 9×7 pixels, its box 10×7"),
        ({"points": [[30, 20]]}, "mask has 1 points; expected 2"),
        ({"points": [[100, 100], [108, 106]]}, "draws nothing inside the picture"),
    ],
)
def test_broken_mask_shapes(change: dict[str, Any], message: str) -> None:
    full = np.zeros(SIZE, np.bool_)
    full[20:27, 30:39] = True
    with pytest.raises(LabelError, match=message):
        draw_shape({**mask_shape(full), **change}, SIZE)


def test_group_joins_parts_and_only_of_one_label(tmp_path: Path) -> None:
    shapes = [
        box("waifu", 1, 1, 5, 5, group_id=0),
        box("waifu", 40, 40, 50, 50),
        box("waifu", 10, 1, 15, 5, group_id=0),
        box("cat", 20, 1, 25, 5, group_id=0),
        box("waifu", 40, 40, 50, 50),
    ]
    found = masks_of(save(tmp_path, "g", shapes))
    assert [name for name, _ in found] == ["waifu", "waifu", "cat", "waifu"]
    assert found[0][1].sum() == 25 + 30
    np.testing.assert_array_equal(found[1][1], found[3][1])  # later shapes erase nothing


def test_numbered_labels_on_request(tmp_path: Path) -> None:
    shapes = [
        box("girl_1", 1, 1, 5, 5),
        box("girl_2", 10, 1, 15, 5),
        box("girl_1", 20, 1, 25, 5),
        box("girl", 30, 1, 35, 5),
        box("girl_3", 40, 1, 45, 5, group_id=9),
        box("girl_3", 50, 1, 55, 5, group_id=10),
    ]
    path = save(tmp_path, "n", shapes)
    assert len(masks_of(path)) == 6
    rules = LabelRules(rename={"girl": "waifu"}, numbered_labels=True)
    found = masks_of(path, rules)
    assert [name for name, _ in found] == ["waifu"] * 4
    assert [int(mask.sum()) for _, mask in found] == [25 + 30, 30, 30, 60]


def test_old_project_bug_every_class_was_1(tmp_path: Path) -> None:
    """The project before this one wrote category 1 for whatever the label was."""
    save(tmp_path, "1", [box("b", 1, 1, 5, 5), box("a", 1, 1, 5, 5)])
    save(tmp_path, "2", [box("c", 1, 1, 5, 5)])
    labels = load_set(tmp_path)
    assert labels.names == ("a", "b", "c")
    assert [one.name for picture in labels for one in picture.instances] == ["b", "a", "c"]


@pytest.mark.parametrize("kind", ["line", "linestrip", "point", "points", "brush"])
def test_shapes_without_area_name_file_shape_and_label(tmp_path: Path, kind: str) -> None:
    shape = {"label": "hair", "points": [[1, 2], [3, 4]], "shape_type": kind}
    path = save(tmp_path, "girl_03", [box("waifu", 1, 1, 9, 9), shape])
    with pytest.raises(LabelError) as caught:
        read_labelme(path)
    assert str(caught.value).endswith(
        f'girl_03.json, shape 2 ("hair"): type is "{kind}"; '
        "use polygon, rectangle, circle or mask, or leave it out: kirinuki data convert "
        "--skip-bad-shapes"
    )
    read = read_labelme(path, skip=True)
    assert [one.name for one in read.instances] == ["waifu"]
    assert len(read.faults) == 1


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (polygon("a", (1, 1), (2, 2)), r'shape 1 \("a"\): polygon has 2 points; expected at least'),
        (polygon("", (1, 1), (9, 1), (9, 9)), "shape 1: label is ''; give it the name of a class"),
        (polygon("a", (1, 1), (9, 1), (9, math.nan)), "point 3 is .*; expected"),
        (polygon("a", (1, 1), (9, 1), (9, 1e12)), "point 3 is"),
        ({"label": "a", "points": None}, "points is NoneType"),
        ({"label": "a", "points": [[1], [2, 3], [4, 5]]}, "point 1 is"),
        (box("a", 1, 1, 2, 2) | {"points": [[1, 1]]}, "rectangle has 1 points; expected 2 or 4"),
        (box("a", 1, 1, 2, 2) | {"shape_type": "circle", "points": [[1, 1]]}, "circle has 1"),
        (box("a", 100, 100, 120, 120), r"draws nothing inside the picture \(80×60\)"),
        (box("a", 1, 1, 2, 2, group_id=[1]), r"group_id is \[1\]"),
        (box("a\nb", 1, 1, 2, 2) | {"shape_type": "x\ny"}, r'shape 1 \("a b"\): type is "x y"'),
        ("oops", "shape 1: is str; expected an object"),
    ],
)
def test_broken_shapes_are_named(tmp_path: Path, shape: object, message: str) -> None:
    with pytest.raises(LabelError, match=message):
        read_labelme(save(tmp_path, "x", [shape]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", r"x\.json: is not valid JSON"),
        (b"\xff\xfe\x00", r"x\.json: is not UTF-8"),
        (b"[1]", "holds no labels that are known"),
        (b'{"images": []}', "not a COCO file"),
        (b'{"shapes": 3, "imagePath": "a.png", "imageHeight": 2, "imageWidth": 2}', "not a list"),
        (b'{"shapes": []}', 'has no "imagePath"'),
        (b'{"shapes": [], "imagePath": "a.png"}', "has no imageWidth and imageHeight"),
        (
            b'{"shapes": [], "imagePath": "a.png", "imageHeight": -2, "imageWidth": "3"}',
            "imageWidth and imageHeight are '3' and -2",
        ),
        (
            b'{"shapes": [], "imagePath": "a.png", "imageHeight": 90000, "imageWidth": 90000}',
            "says 90000×90000 pixels; at most 144,000,000 pixels",
        ),
    ],
)
def test_broken_files_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(LabelError, match=message):
        read_labelme(path)


def test_a_labelme_3_file_without_types_flags_and_size(tmp_path: Path) -> None:
    picture(tmp_path / "old.png")
    shape = {"label": "waifu", "line_color": None, "fill_color": None}
    shape["points"] = [[10, 10], [30, 10], [30, 30]]  # type: ignore[assignment]
    path = tmp_path / "old.json"
    path.write_text(
        json.dumps({"shapes": [shape], "lineColor": [0, 255, 0, 128], "imagePath": "old.png"})
    )
    ((name, mask),) = masks_of(path)
    assert name == "waifu"
    np.testing.assert_array_equal(mask, drawn("polygon", [(10, 10), (30, 10), (30, 30)]))


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = save(tmp_path, "bom", [box("a", 1, 1, 5, 5)])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(masks_of(path)) == 1


@pytest.mark.parametrize(
    ("image_path", "place"),
    [
        ("..\\images\\a b.png", "images/a b.png"),
        ("../images/夏.png", "images/夏.png"),
        ("C:\\Users\\me\\x.png", "labels/x.png"),
        ("/home/somebody/x.png", "labels/x.png"),
        ("sub\\x.png", "labels/x.png"),
        ("か\u3099.png", "labels/\u304c.png"),  # macOS stores the decomposed form
        ("", "labels/file.jpg"),
    ],
)
def test_pictures_are_found(tmp_path: Path, image_path: str, place: str) -> None:
    wanted = picture(tmp_path / place)
    path = save(tmp_path / "labels", "file", [], imagePath=image_path)
    assert read_labelme(path).path.resolve() == wanted


def test_a_missing_picture_is_no_fault_when_the_size_is_known(tmp_path: Path) -> None:
    read = read_labelme(save(tmp_path, "x", [], imagePath="..\\p\\x.png"))
    assert read.size_hw == SIZE
    assert read.path == tmp_path / "../p/x.png"
    assert read.picture.missing


def test_embedded_picture_gives_the_size(tmp_path: Path) -> None:
    stream = BytesIO()
    Image.new("RGB", (33, 22)).save(stream, "PNG")
    data = base64.b64encode(stream.getvalue()).decode()
    path = save(tmp_path, "x", [], imageData=data, imageHeight=..., imageWidth=None)
    read = read_labelme(path)
    assert read.size_hw == (22, 33)
    assert read.read().rgb.shape == (22, 33, 3)


def test_exif_rotated_picture_is_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 80)).save(tmp_path / "x.jpg", exif=exif)  # shown 80 wide, 60 high
    path = save(tmp_path, "x", [box("a", 70, 1, 75, 5)], imagePath="x.jpg")
    ((_, mask),) = masks_of(path)
    assert mask.shape == SIZE
    assert mask[3, 72]


def test_another_size_than_the_pictures_names_both(tmp_path: Path) -> None:
    picture(tmp_path / "x.png", (50, 40))
    fault = size_fault(read_labelme(save(tmp_path, "x", [])))
    assert "x.json: says 80×60 pixels, but x.png is 40×50" in str(fault)


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"not a picture")
    fault = str(size_fault(read_labelme(save(tmp_path, "x", []))))
    assert "x.json: its picture " in fault
    assert "x.png: is not a picture" in fault


def test_classes_are_the_only_ones_allowed(tmp_path: Path) -> None:
    path = save(tmp_path, "x", [box("girl", 1, 1, 5, 5), box("car", 1, 1, 5, 5)])
    rules = LabelRules(rename={"girl": "waifu"}, classes=("waifu", "cat"))
    with pytest.raises(LabelError, match=r'shape 2 \("car"\): "car" is not among `classes`'):
        read_labelme(path, rules)


# The way back -------------------------------------------------------------------------------------


def blobs(seed: int, size_hw: tuple[int, int] = (120, 160)) -> np.ndarray:
    """A random figure of overlapping ellipses, often in several parts, sometimes with holes."""
    rng = np.random.default_rng(seed)
    canvas = Image.new("L", size_hw[::-1])
    for _ in range(4):
        x, y, a, b = rng.uniform((20, 20, 8, 8), (140, 100, 30, 30))
        ImageDraw.Draw(canvas).ellipse((x - a, y - b, x + a, y + b), fill=1)
    return np.array(canvas, np.bool_)


def back_again(record: dict[str, Any], folder: Path) -> list[tuple[str, np.ndarray]]:
    path = folder / "back.json"
    write_labelme(record, path, overwrite=True)
    return masks_of(path)


@pytest.mark.parametrize("seed", range(12))
def test_predictions_survive_labelme(tmp_path: Path, seed: int) -> None:
    mask = blobs(seed)
    instances = Instances(
        size_hw=mask.shape,
        boxes=np.array([[0, 0, 160, 120], [5, 5, 9, 9], [0, 0, 4, 4]], np.float32),
        alphas=(
            mask.astype(np.uint8) * 255,
            np.full((4, 4), 255, np.uint8),
            np.zeros((4, 4), np.uint8),
        ),
        scores=np.array([0.9, 0.8, 0.7], np.float32),
        labels=np.array([0, 1, 0], np.int64),
        names=("waifu", "夏"),
    )
    record = instances_to_labelme(instances, "a.png")
    assert {s["description"] for s in record["shapes"]} == {"score 0.900", "score 0.800"}
    (first, second) = back_again(record, tmp_path)
    assert (first[0], second[0]) == ("waifu", "夏")
    assert mask_iou(first[1], mask) >= 0.97
    exact = mask_to_polygons(mask)
    if exact is not None:  # fewer points to go over than for labels that were drawn
        points = sum(len(s["points"]) for s in record["shapes"] if s["label"] == "waifu")
        assert points < sum(map(len, exact))
    assert second[1].sum() == 16


def test_written_file_has_labelmes_fields(tmp_path: Path) -> None:
    mask = np.zeros((20, 30), np.bool_)
    mask[2:8, 2:8] = mask[12:18, 20:28] = True
    one = LabelledInstance.from_mask(mask, "waifu", score=0.5)
    record = labelme_record(picture_of(mask, one, one), "../a.png")
    assert list(record) == [
        "version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth",
    ]  # fmt: skip
    assert record["imagePath"] == "../a.png"
    assert record["imageData"] is None
    assert list(record["shapes"][0]) == [
        "label", "points", "group_id", "description", "shape_type", "flags", "mask",
    ]  # fmt: skip
    assert [s["group_id"] for s in record["shapes"]] == [1, 1, 2, 2]
    path = tmp_path / "a.json"
    write_labelme(record, path)
    assert json.loads(path.read_text("utf-8")) == record
    with pytest.raises(OutputError):
        write_labelme(record, path)


@pytest.mark.parametrize("seed", range(6))
def test_an_rle_label_comes_back_exactly(tmp_path: Path, seed: int) -> None:
    mask = blobs(seed)
    mask[50:55, 40:120:9] ^= True
    record = labelme_record(picture_of(mask, LabelledInstance.from_mask(mask, "a")), "a.png")
    ((_, again),) = back_again(record, tmp_path)
    np.testing.assert_array_equal(again, mask)


def test_polygons_somebody_drew_stay_as_they_are(tmp_path: Path) -> None:
    points = [20.5, 30.5, 140.5, 20.5, 120.5, 100.5, 70.5, 110.5, 30.5, 90.5]
    mask = polygons_to_mask([points], (120, 160))
    one = LabelledInstance("a", [points], (0, 0, 1, 1), 1)
    record = labelme_record(picture_of(mask, one), "a.png")
    assert [p for pair in record["shapes"][0]["points"] for p in pair] == [v - 0.5 for v in points]
    ((_, again),) = back_again(record, tmp_path)
    assert mask_iou(again, mask) >= 0.99


@pytest.mark.parametrize("seed", range(12))
def test_round_trip_of_polygons(tmp_path: Path, seed: int) -> None:
    mask = blobs(seed)
    shape = {"label": "a", **mask_shape(mask)}
    path = save(tmp_path, "x", [shape], imageHeight=120, imageWidth=160)
    record = labelme_record(read_labelme(path), "a.png")
    ((_, again),) = back_again(record, tmp_path)
    assert mask_iou(again, mask) >= 0.99


# Whatever stands in a file ------------------------------------------------------------------------

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
SHAPE_KEYS = st.sampled_from(["label", "points", "shape_type", "group_id", "mask"])
FILE_KEYS = st.sampled_from(["shapes", "imagePath", "imageData", "imageHeight", "imageWidth"])


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(FILE_KEYS, JUNK), st.dictionaries(SHAPE_KEYS, JUNK), st.booleans())
def test_junk_is_a_label_error_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory,
    file: dict[str, Any],
    shape: dict[str, Any],
    skip: bool,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    shapes = [box("a", 1, 1, 5, 5) | shape, polygon("b", (1, 1), (9, 1), (9, 9)) | shape]
    path = save(folder, "junk", **({"shapes": shapes} | file))
    message = str(path)
    try:
        read_labelme(path, skip=skip)
    except LabelError as error:
        message = str(error)
    assert message.startswith(str(path))
    assert "\n" not in message
