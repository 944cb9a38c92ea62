"""A folder of all that label files can be: every good shape is exact, every fault is named."""

from __future__ import annotations

import base64
import io
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from kirinuki.cli import cli
from kirinuki.formats.labelled import LabelledSet
from kirinuki.formats.registry import load_set
from made_sets import scene

SIZE = (96, 128)
Mask = NDArray[np.bool_]
Record = dict[str, Any]

TRIANGLE = [[10.5, 8.25], [70.0, 20.0], [30.0, 80.75]]
STAR = [[20, 20], [100, 25], [30, 80], [60, 5], [90, 85]]  # crosses itself
RING = [[5, 5], [90, 5], [90, 90], [5, 90], [5, 5]]  # and, by a line there and back, its hole:
RING += [[30, 30], [30, 60], [60, 60], [60, 30], [30, 30]]
TILTED = [[40, 10], [100, 40], [80, 80], [20, 50]]


def drawn(kind: str | None, points: Any, **more: Any) -> Mask:
    """What LabelMe's own `shape_to_mask` draws, versions 3.16.7, 4.6.0, 5.5.0 and 6.3.1 alike."""
    canvas = Image.new("1", SIZE[::-1])
    draw = ImageDraw.Draw(canvas)
    xy = [tuple(point) for point in points]
    if kind == "mask":
        patch = np.array(Image.open(io.BytesIO(base64.b64decode(more["mask"])))) > 0
        full = np.zeros(SIZE, np.bool_)
        (x1, y1), (x2, y2) = np.asarray(points).astype(int)
        full[y1 : y2 + 1, x1 : x2 + 1] = patch
        return full
    if kind == "circle":
        (cx, cy), (px, py) = xy
        d = math.sqrt((cx - px) ** 2 + (cy - py) ** 2)
        draw.ellipse((cx - d, cy - d, cx + d, cy + d), outline=1, fill=1)
    elif kind == "rectangle" and len(xy) == 2:
        (x1, y1), (x2, y2) = xy
        draw.rectangle((min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)), outline=1, fill=1)
    else:
        draw.polygon(xy, outline=1, fill=1)
    return np.array(canvas)


def stored(patch: Mask, mode: str = "L") -> str:
    stream = io.BytesIO()
    Image.fromarray(patch if mode == "1" else patch.astype(np.uint8)).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def shape(label: Any, points: Any, kind: str | None = "polygon", **more: Any) -> Record:
    """A shape as LabelMe 5.3 and later write it."""
    usual = {"group_id": None, "description": "", "shape_type": kind, "flags": {}, "mask": None}
    return {"label": label, "points": points, **usual, **more}


def old_shape(label: str, points: Any, kind: str | None = None) -> Record:
    """A shape as LabelMe 3 wrote it; before 3.5 without its type."""
    record = {"label": label, "points": points, "line_color": None, "fill_color": [1, 2, 3, 128]}
    return record if kind is None else {**record, "shape_type": kind, "flags": {}}


class Folder:
    """Label files with their pictures, and what should become of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.seed = 0
        self.good: dict[str, list[tuple[str, Mask]]] = {}
        """Picture, as the COCO file beside the folder names it: classes and masks."""
        self.faults: dict[str, list[str]] = {}
        """Label file: a part of each line that names it."""

    def picture(self, name: str, size_hw: tuple[int, int] = SIZE, **options: Any) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.seed += 1
        Image.fromarray(scene(self.seed, size_hw)).save(path, **options)

    def write(self, name: str, content: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def label(self, name: str, *shapes: Any, encoding: str = "utf-8", **top: Any) -> None:
        """A file as LabelMe 5.5 writes it, but for `top`; ``...`` leaves a key out."""
        record = {
            "version": "5.5.0", "flags": {}, "shapes": list(shapes),
            "imagePath": Path(name).with_suffix(".png").name, "imageData": None,
            "imageHeight": SIZE[0], "imageWidth": SIZE[1], **top,
        }  # fmt: skip
        kept = {key: value for key, value in record.items() if value is not ...}
        self.write(name, json.dumps(kept, ensure_ascii=False, indent=2).encode(encoding))

    def fine(self, name: str, *shapes: Record, picture: str | None = None, **top: Any) -> None:
        """A file whose shapes are each one character."""
        self.label(name, *shapes, **top)
        shown = picture or str(Path(name).with_suffix(".png"))
        if not (self.root / shown).exists():
            self.picture(shown)
        self.good[f"torture/{shown}"] = [
            (s["label"], drawn(s.get("shape_type"), s["points"], mask=s.get("mask")))
            for s in shapes
        ]

    def faulty(self, name: str, shapes: list[Any], *faults: str, **top: Any) -> None:
        self.label(name, *shapes, **top)
        if not (self.root / name).with_suffix(".png").exists():
            self.picture(str(Path(name).with_suffix(".png")))
        self.faults[name] = list(faults)

    def broken(self, name: str, content: bytes, *faults: str) -> None:
        self.write(name, content)
        self.faults[name] = list(faults)


def versions(folder: Folder) -> None:
    """Files with the keys that each version of LabelMe wrote."""
    colours = {"lineColor": [0, 255, 0, 128], "fillColor": [255, 0, 0, 128]}
    none = dict.fromkeys(("version", "flags", "imageHeight", "imageWidth"), ...)
    folder.fine("v3.0.json", old_shape("girl", TRIANGLE), **colours, **none)
    box, disc = [[80, 70], [12, 9]], [[60.0, 40.0], [60.0, 70.0]]  # a box dragged up and left
    three = [old_shape("girl", box, "rectangle"), old_shape("cat", disc, "circle")]
    folder.fine("v3.16.json", *three, version="3.16.7", **colours)
    four = shape("girl", TRIANGLE)
    del four["description"], four["mask"]
    folder.fine("v4.json", four, version="4.6.0")
    patch = np.random.default_rng(1).random((20, 31)) < 0.7
    mask = shape("girl", [[50.0, 30.0], [80.0, 49.0]], "mask", mask=stored(patch))
    folder.fine("v5.json", mask, shape("cat", STAR), version="5.3.1")
    polygon = shape("cat", TRIANGLE, mask=stored(patch))  # 5.8 kept the mask an AI polygon is of
    folder.fine("v5.8.json", polygon, version="5.8.1")
    tilted = shape("girl", TILTED, "oriented_rectangle")
    one_bit = shape("cat", [[3, 4], [33, 23]], "mask", mask=stored(patch, "1"))
    folder.fine("v6.json", tilted, one_bit, version="6.3.1")
    four_corners = shape("cat", [[10, 10], [60, 10], [60, 40], [10, 40]], "rectangle")
    newer = {"difficult": False, "score": 0.5, "attributes": {}, "kie_linking": []}
    folder.fine("v7.json", tilted | newer, four_corners, version="7.0.0", checked=True)


def shapes_of_all_sorts(folder: Folder) -> None:
    """Groups, holes, edges of the picture, and tiny things."""
    folder.fine("hole.json", shape("girl", RING))
    beyond = [[-40.5, -10], [200, 30], [60, 300]]
    disc = shape("cat", [[100, 80], [120, 80]], "circle")
    folder.fine("beyond.json", shape("girl", beyond), disc)
    dot = shape("cat", [[9, 9], [9, 9]], "rectangle")
    folder.fine("dots.json", shape("girl", [[7, 7]] * 3), dot)
    far = [[64, 48], [64, 400_000]]
    whole = shape("cat", [[-1e6, -1e6], [1e6, 1e6]], "rectangle")
    folder.fine("all.json", shape("girl", far, "circle"), whole)
    folder.fine("nobody.json")
    parts = [
        shape("girl", TRIANGLE, group_id=0),
        shape("girl", [[90, 60], [120, 90]], "rectangle", group_id=0),
        shape("cat", [[100, 10], [110, 10]], "circle", group_id=0),  # another class: another one
        shape("girl", [[90, 5], [120, 30]], "rectangle", group_id=1),
    ]
    folder.fine("groups.json", *parts)
    masks = [mask for _, mask in folder.good["torture/groups.png"]]
    folder.good["torture/groups.png"] = [
        ("girl", masks[0] | masks[1]), ("cat", masks[2]), ("girl", masks[3])
    ]  # fmt: skip
    many = [[64 + 40 * math.cos(t / 999), 48 + 40 * math.sin(t / 999)] for t in range(6277)]
    folder.fine("many-points.json", shape("girl", many))
    folder.fine("wide-hair🎀.json", shape("猫\u3000娘", TRIANGLE), shape("naïve \u202egirl", STAR))


def names_and_places(folder: Folder) -> None:
    """Unicode, backslashes, drives, nested folders, encodings, EXIF, embedded pictures."""
    triangle = shape("girl", TRIANGLE)
    folder.fine("第1話/夏 祭り.json", triangle)
    folder.fine("a/b/c/d/e.JSON", triangle)
    folder.picture("art/b\\s.png" if os.name != "nt" else "art/bs.png")
    folder.fine("labels/back.json", triangle, imagePath="..\\art\\1.png", picture="art/1.png")
    folder.fine("moved.json", triangle, imagePath="C:\\Users\\me\\Pictures\\moved.png")
    folder.fine("か\u3099.json", triangle, imagePath="\u304c.png", picture="か\u3099.png")
    folder.fine("bom.json", triangle, encoding="utf-8-sig")
    folder.fine("utf16.json", triangle, encoding="utf-16")
    folder.fine("size-unknown.json", triangle, imageHeight=None, imageWidth=None)
    stream = io.BytesIO()
    Image.fromarray(scene(900)).save(stream, "JPEG")
    data = base64.b64encode(stream.getvalue()).decode()
    folder.fine("embedded.json", triangle, imageData=data)
    folder.label("only-embedded.json", triangle, imageData=data, imageHeight=..., imageWidth=...)
    folder.good["torture/only-embedded.png"] = [("girl", drawn("polygon", TRIANGLE))]
    big = {"imageData": base64.b64encode(os.urandom(8_000_000)).decode()}
    folder.fine("10-megabytes.json", triangle, **big)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        name = f"exif{orientation}.jpg"
        folder.picture(name, SIZE[::-1] if orientation > 4 else SIZE, exif=exif)
        folder.fine(f"exif{orientation}.json", triangle, imagePath=name, picture=name)
    if hasattr(os, "symlink"):
        (folder.root / "a" / "up").symlink_to(folder.root)
        folder.broken("gone.json", b"", "cannot be read")
        (folder.root / "gone.json").unlink()
        (folder.root / "gone.json").symlink_to("not-there.json")
        (folder.root / "loop.json").symlink_to("loop.json")
        folder.faults["loop.json"] = ["cannot be read"]
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder.root / "pipe.json")
    (folder.root / "folder.json").mkdir()
    folder.write("._bom.json", b"\0\5\x16\7")
    folder.write(".ipynb_checkpoints/v4-checkpoint.json", b"{")


def broken_files(folder: Folder) -> None:
    """Damage to the file as a whole."""
    folder.broken("empty.json", b"", "is empty")
    folder.broken("blank.json", b" \n", "is empty")
    folder.broken("zeros.json", bytes(4096), "is not valid JSON")
    folder.broken("half.json", b'{"version": "5.5.0", "shapes": [{"la', "is not valid JSON")
    japanese = '{"shapes": [], "imagePath": "夏.png"}'.encode("cp932")  # as LabelMe 3 on Windows
    folder.broken("cp932.json", japanese, "is not UTF-8")
    folder.broken("utf16cut.json", '{"a": 1}'.encode("utf-16")[:-1], "is not UTF-8")
    folder.broken("deep.json", b'{"shapes": ' + b"[" * 200_000, "is not valid JSON")
    folder.broken("deep-object.json", b'{"a":' * 50_000, "is not valid JSON")
    digits = b'{"shapes": [], "imageHeight": ' + b"9" * 5000 + b"}"
    folder.broken("digits.json", digits, "is not valid JSON")
    folder.broken("list.json", b"[1, 2]", 'has no "shapes"')
    folder.broken("null.json", b"null", 'has no "shapes"')
    folder.broken("text.json", b'"shapes"', 'has no "shapes"')
    folder.broken("other.json", b'{"settings": {}}', 'has no "shapes"')
    folder.broken("no-picture.json", b'{"shapes": []}', 'has no "imagePath"')
    folder.broken("twice.json", b'{"shapes": [], "shapes": []}', '"shapes" occurs twice')
    wrong = b'{"shapes": {"0": {}}, "imagePath": "v4.png"}'
    folder.broken("object.json", wrong, '"shapes" is not a list')
    triangle = [shape("girl", TRIANGLE)]
    sizes: list[tuple[Record, str]] = [
        ({"imageHeight": 90}, "says 128×90 pixels, but size0.png is 128×96"),
        ({"imageHeight": -96}, "imageWidth and imageHeight are 128 and -96"),
        ({"imageHeight": 10**400}, "imageWidth and imageHeight are 128 and 1000"),
        ({"imageWidth": math.nan}, "imageWidth and imageHeight are nan"),
        ({"imageWidth": "128"}, "imageWidth and imageHeight are '128'"),
        ({"imageHeight": 99_999, "imageWidth": 99_999}, "at most 144,000,000 pixels"),
        ({"imagePath": "a\0.png"}, "is not a file name"),
        ({"imagePath": "x" * 5000}, "is not a file name"),
    ]
    for number, (top, fault) in enumerate(sizes):
        folder.faulty(f"size{number}.json", triangle, fault, **top)
    folder.label("nowhere.json", imagePath="x.png", imageHeight=None)
    folder.faults["nowhere.json"] = ["has no imageWidth and imageHeight"]
    folder.write("damaged.png", b"\x89PNG\r\n\x1a\n and then nothing")
    folder.label("damaged.json", *triangle)
    folder.faults["damaged.json"] = ["damaged.png: is damaged or cut off"]
    folder.faulty("x/second.json", triangle, "about the same picture", imagePath="../v4.png")
    folder.faulty("x/third.json", triangle, "about the same picture", imagePath="../art/../v4.png")
    half = json.dumps({"shapes": [], "imagePath": "\ud83d.png"}).encode()
    folder.broken("half-a-character.json", half, "is not a file name")


def broken_shapes(folder: Folder) -> None:
    """Damage to single shapes; each file holds good ones, too, so that numbers count."""
    good = shape("girl", TRIANGLE)
    without = (
        "; use polygon, rectangle, circle or mask, or leave it out: kirinuki data convert "
        "--skip-bad-shapes"
    )
    kinds = ("line", "linestrip", "point", "points", "ai_polygon", "cuboid", "Polygon")
    folder.faulty(
        "kinds.json",
        [good, *(shape("hair", TRIANGLE, kind) for kind in kinds), shape("cat", TILTED)],
        *(f'shape {n} ("hair"): type is "{kind}"{without}' for n, kind in enumerate(kinds, 2)),
    )
    points: list[tuple[Any, str]] = [
        ([], "polygon has 0 points"),
        (TRIANGLE[:2], "polygon has 2 points"),
        (None, "points is NoneType"),
        ({"x": 1}, "points is dict"),
        ("10,10", "points is str"),
        ([[1, 1], [9, 1], [math.nan, 9]], "point 3 is [nan, 9]"),
        ([[1, 1], [9, 1], [math.inf, 9]], "point 3 is [inf, 9]"),
        ([[1, 1], [9, -math.inf], [9, 9]], "point 2 is [9, -inf]"),
        ([[1e12, 1], [9, 1], [9, 9]], "point 1 is [1000000000000.0, 1]"),
        ([[1, 1], [10**400, 1], [9, 9]], "point 2 is [1000"),
        ([[1, 1, 1], [9, 1, 1], [9, 9, 1]], "point 1 is [1, 1, 1]"),
        ([[1, 1], ["9", "1"], [9, 9]], "point 2 is ['9', '1']"),
        ([[1, 1], [True, 1], [9, 9]], "point 2 is [True, 1]"),
        ([1, 1, 9, 1, 9, 9], "point 1 is 1"),
        ([[1, 1], None, [9, 9]], "point 2 is None"),
        ([[500, 500], [600, 500], [600, 600]], "draws nothing inside the picture (128×96)"),
    ]
    folder.faulty(
        "points.json",
        [good, *(shape("hair", bad) for bad, _ in points)],
        *(f'shape {n} ("hair"): {text}' for n, (_, text) in enumerate(points, 2)),
    )
    patch = stored(np.ones((3, 4), np.bool_))
    colours = io.BytesIO()
    Image.new("RGB", (4, 3)).save(colours, "PNG")
    rgb = base64.b64encode(colours.getvalue()).decode()
    box = [[1, 1], [4, 3]]
    others: list[tuple[Any, str]] = [
        (shape("a", box, "mask"), 'shape 1 ("a"): is of type mask but holds no mask'),
        (shape("a", box, "mask", mask=patch[:40]), "its mask is not a base64 PNG"),
        (shape("a", box, "mask", mask="no ☺"), "its mask is not a base64 PNG"),
        (shape("a", box, "mask", mask=[[0, 1]]), "holds no mask"),
        (shape("a", [[1, 1], [9, 9]], "mask", mask=patch), "its mask is 4×3 pixels, its box 9×9"),
        (shape("a", box, "mask", mask=rgb), "its mask has 3 channels"),
        (shape("a", box[:1], "circle"), "circle has 1 points; expected 2"),
        (shape("a", [[64, 48], [-1e6, 9e5]], "circle"), "circle has a radius of 1,345,"),
        (shape("a", [*box, box[0]], "rectangle"), "rectangle has 3 points; expected 2 or 4"),
        (shape("a", TRIANGLE, "oriented_rectangle"), "oriented_rectangle has 3 points; expected 4"),
        (shape("", TRIANGLE), "shape 11: label is ''"),
        (shape(None, TRIANGLE), "shape 12: label is None"),
        (shape(7, TRIANGLE), 'shape 13 ("7"): label is 7'),
        (shape("a", TRIANGLE, group_id=[1]), "group_id is [1]"),
        (shape("a", TRIANGLE, 5), 'type is "5"'),  # type: ignore[arg-type]
        (None, "shape 16: is NoneType; expected an object"),
        ([TRIANGLE], "shape 17: is list; expected an object"),
        ({}, "shape 18: label is None"),
        (shape("a\x1b[2J\nb", TRIANGLE, "li\nne"), 'shape 19 ("a\\x1b[2J b"): type is "li ne"'),
    ]
    folder.faulty("others.json", [bad for bad, _ in others], *(text for _, text in others))
    half = json.dumps({"shapes": [shape("\ud83d", TRIANGLE)], "imagePath": "halflabel.png",
                       "imageHeight": 96, "imageWidth": 128}).encode()  # fmt: skip
    folder.broken("halflabel.json", half, "label is '\\ud83d'")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    made = Folder(tmp_path_factory.mktemp("work") / "torture")
    versions(made)
    shapes_of_all_sorts(made)
    names_and_places(made)
    broken_files(made)
    broken_shapes(made)
    return made


def run(*words: object) -> Result:
    result = CliRunner().invoke(cli, ["data", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


@pytest.fixture(scope="module")
def converted(folder: Folder) -> tuple[Result, LabelledSet]:
    out = folder.root.parent / "labels.json"
    result = run("convert", folder.root, "-o", out, "--to", "coco")
    return result, load_set(out)


def masks_of(dataset: LabelledSet) -> dict[str, list[tuple[str, Mask]]]:
    return {
        picture.name.replace("images/", "torture/"): [
            (one.name, one.mask(picture.size_hw)) for one in picture.instances
        ]
        for picture in dataset
    }


def assert_same(file: str, found: list[tuple[str, Mask]], wanted: list[tuple[str, Mask]]) -> None:
    assert [name for name, _ in found] == [name for name, _ in wanted], file
    for (_, mask), (_, expected) in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(mask, expected, file)


def test_every_good_shape_is_exact(folder: Folder, converted: tuple[Result, LabelledSet]) -> None:
    found = masks_of(converted[1])
    assert sorted(found) == sorted(folder.good)
    for name, wanted in folder.good.items():
        assert_same(name, found[name], wanted)


def test_every_fault_is_named(folder: Folder, converted: tuple[Result, LabelledSet]) -> None:
    result, _ = converted
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    named: set[str] = set()
    for name, faults in folder.faults.items():
        path = str(folder.root / name)
        ours = [line for line in lines if line.startswith((f"{path}:", f"{path}, "))]
        assert len(ours) == len(faults), (name, ours)
        for line, fault in zip(ours, faults, strict=True):
            assert fault in line
        named.update(ours)
    assert f"failed: {len(folder.faults)}\n" in result.stdout
    rest = [line for line in lines if line not in named]
    assert len(rest) == 1, rest
    assert rest[0].startswith("next: kirinuki data check ")
    assert "pictures written out of their label files: 1" in result.stdout
    assert all(line.isprintable() for line in lines)


def test_good_shapes_of_faulty_files_are_there_on_request(folder: Folder) -> None:
    out = folder.root.parent / "skipped.json"
    result = run("convert", folder.root, "-o", out, "--to", "coco", "--skip-bad-shapes")
    assert result.exit_code == 1  # broken files are still faults
    found = masks_of(load_set(out))
    triangle = drawn("polygon", TRIANGLE)
    tilted = drawn("polygon", TILTED)
    assert_same("kinds", found["torture/kinds.png"], [("girl", triangle), ("cat", tilted)])
    assert_same("points", found["torture/points.png"], [("girl", triangle)])
    for name, wanted in folder.good.items():
        assert_same(name, found[name], wanted)
    for name in ("kinds.json", "points.json", "others.json"):
        for fault in folder.faults[name]:
            assert any(
                line.startswith(f"skipped: {folder.root / name}, ") and fault in line
                for line in result.stderr.splitlines()
            )


def test_check_names_the_same_files(folder: Folder) -> None:
    report = folder.root.parent / "report.json"
    assert run("check", folder.root, "--json", report).exit_code == 1
    findings = json.loads(report.read_text("utf-8"))["findings"]
    named = {f["file"] for f in findings if f["kind"] != "unlabelled-picture"}
    assert {str(folder.root / name) for name in folder.faults} - named == set()
    for name in ("kinds.json", "points.json", "others.json"):
        shapes = [f["shape"] for f in findings if f["file"] == str(folder.root / name)]
        assert len(shapes) == len(set(shapes)) == len(folder.faults[name])


def test_nothing_was_left_half_written(folder: Folder, converted: object) -> None:
    beside = {path.name for path in folder.root.parent.iterdir()} - {"skipped.json", "report.json"}
    assert beside == {"torture", "labels.json", "images"}
