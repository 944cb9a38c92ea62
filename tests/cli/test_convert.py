"""`kirinuki data convert` from end to end."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageDraw
from pycocotools.coco import COCO

from kirinuki.cli import cli
from kirinuki.errors import KirinukiError, OutputError
from kirinuki.formats.labelled import LabelledInstance
from kirinuki.formats.places import unique_places
from kirinuki.formats.registry import load_set
from kirinuki.geometry import mask_iou

SIZE = (60, 80)


def instances(path: Path) -> list[LabelledInstance]:
    return [one for picture in load_set(path) for one in picture.instances]


def convert(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["data", "convert", *map(str, arguments)])


def label(path: Path, *shapes: tuple[str, str, list[Any]], **more: Any) -> None:
    """A LabelMe file with its picture beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", SIZE[::-1]).save(path.with_suffix(".png"))
    record = {
        "version": "5.5.0",
        "shapes": [{"label": n, "shape_type": t, "points": p} for n, t, p in shapes],
        "imagePath": path.with_suffix(".png").name,
        "imageData": None,
        "imageHeight": SIZE[0],
        "imageWidth": SIZE[1],
    }
    path.write_text(json.dumps(record | more), "utf-8")


TRIANGLE = ("girl", "polygon", [[10.0, 10.0], [60.5, 12.0], [30.0, 50.0]])
DISC = ("cat", "circle", [[30.0, 30.0], [40.0, 38.0]])
EMPTY_COCO = '{"images": [], "annotations": [], "categories": []}'
LINE = ("hair", "line", [[1.0, 1.0], [9.0, 9.0]])


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    folder = tmp_path / "my shots"
    label(folder / "b" / "1.json", DISC, TRIANGLE)
    label(folder / "a" / "1.json", TRIANGLE)
    label(folder / "夏.json")
    return folder


def test_labelme_to_coco(shots: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "labels.json"
    result = convert(shots, "-o", out, "--to", "coco", "--map", "girl=waifu")
    assert result.exit_code == 0, result.output
    assert "3 pictures, 3 characters (1 cat, 2 waifu)" in result.output
    assert f"next: kirinuki data check {out}" in result.stderr
    reference = COCO(str(out))
    assert [i["file_name"] for i in reference.dataset["images"]] == [
        "../my shots/a/1.png",
        "../my shots/b/1.png",
        "../my shots/夏.png",
    ]
    assert [c["name"] for c in reference.dataset["categories"]] == ["cat", "waifu"]
    assert [a["category_id"] for a in reference.dataset["annotations"]] == [2, 1, 2]
    assert all(picture.path.is_file() for picture in load_set(out))
    canvas = Image.new("L", SIZE[::-1])
    points = [tuple(p) for p in TRIANGLE[2]]
    ImageDraw.Draw(canvas).polygon(points, outline=1, fill=1)
    for record in reference.loadAnns([1, 3]):
        assert mask_iou(reference.annToMask(record) > 0, np.array(canvas) > 0) == 1.0


def test_the_same_bytes_again_and_an_earlier_result_is_no_label(shots: Path) -> None:
    out = shots / "all.json"
    assert convert(shots, "-o", out, "--to", "coco").exit_code == 0
    first = out.read_bytes()
    refused = convert(shots, "-o", out, "--to", "coco")
    assert isinstance(refused.exception, OutputError)
    again = convert(shots, "-o", out, "--to", "coco", "--overwrite")
    assert again.exit_code == 0, again.output
    assert out.read_bytes() == first


def test_classes_give_the_order(shots: Path, tmp_path: Path) -> None:
    out = tmp_path / "folder"
    result = convert(shots, "-o", out, "--to", "coco", "--classes", "girl, dog,cat")
    assert result.exit_code == 0
    categories = json.loads((out / "annotations.json").read_text())["categories"]
    assert categories == [{"id": i, "name": n} for i, n in ((1, "girl"), (2, "dog"), (3, "cat"))]


def test_broken_files_are_named_and_the_rest_converts(shots: Path, tmp_path: Path) -> None:
    label(shots / "line.json", TRIANGLE, LINE)
    (shots / "half.json").write_text('{"shapes": [')
    (shots / "._junk.json").write_bytes(b"\0")
    out = tmp_path / "labels.json"
    result = convert(shots, "-o", out, "--to", "coco")
    assert result.exit_code == 1
    assert 'line.json, shape 2 ("hair"): type is "line"; use polygon' in result.output
    assert "half.json: is not valid JSON" in result.output
    assert "failed: 2" in result.output
    assert len(load_set(out)) == 3


def test_bad_shapes_are_skipped_on_request(shots: Path, tmp_path: Path) -> None:
    label(shots / "line.json", TRIANGLE, LINE)
    out = tmp_path / "labels.json"
    result = convert(shots, "-o", out, "--to", "coco", "--skip-bad-shapes")
    assert result.exit_code == 0
    assert "bad shapes skipped: 1" in result.output
    assert "skipped: " in result.output
    assert len(instances(out)) == 4


def test_coco_to_labelme_and_back(shots: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    assert convert(shots, "-o", first, "--to", "coco").exit_code == 0
    assert convert(first, "-o", tmp_path / "lm", "--to", "labelme").exit_code == 0
    written = sorted(
        p.relative_to(tmp_path / "lm").as_posix() for p in tmp_path.rglob("lm/**/*.json")
    )
    assert written == ["a/1.json", "b/1.json", "夏.json"]
    record = json.loads((tmp_path / "lm/b/1.json").read_text("utf-8"))
    assert (tmp_path / "lm/b" / record["imagePath"]).resolve() == shots / "b" / "1.png"
    assert convert(tmp_path / "lm", "-o", second, "--to", "coco").exit_code == 0
    compare(first, second, 0.99)


def test_coco_to_yolo_and_back(shots: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    assert convert(shots, "-o", first, "--to", "coco").exit_code == 0
    result = convert(first, "-o", tmp_path / "yolo", "--to", "yolo")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "yolo/images/b/1.png").read_bytes() == (shots / "b/1.png").read_bytes()
    assert (tmp_path / "yolo/labels/夏.txt").read_text() == ""
    assert convert(tmp_path / "yolo", "-o", second, "--to", "coco").exit_code == 0
    compare(first, second, 1.0)


def compare(first: Path, second: Path, iou: float) -> None:
    before, after = load_set(first), load_set(second)
    assert before.names == after.names
    assert len(before) == len(after)
    for a, b in zip(before, after, strict=True):
        assert [one.name for one in a.instances] == [one.name for one in b.instances]
        for one, other in zip(a.instances, b.instances, strict=True):
            assert mask_iou(one.mask(SIZE), other.mask(SIZE)) >= iou


def test_coco_pictures_elsewhere_and_bad_annotations(shots: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    assert convert(shots, "-o", path, "--to", "coco").exit_code == 0
    content = json.loads(path.read_text())
    for image in content["images"]:
        image["file_name"] = image["file_name"].removeprefix("../my shots/").replace("/", "\\")
        image["file_name"] = image["file_name"].removeprefix("my shots\\")
    content["annotations"][0]["segmentation"] = [[1, 2]]
    path.write_text(json.dumps(content))
    missing = convert(path, "-o", tmp_path / "y.json", "--to", "coco")
    assert missing.exit_code == 1
    assert "annotations[0] (id 1): polygon 0 is not a flat list" in missing.output
    assert "pictures that are not where their label says: 2" in missing.output
    arguments = ("--pictures", shots, "--skip-bad-shapes", "--map", "cat=girl")
    found = convert(path, "-o", tmp_path / "z.json", "--to", "coco", *arguments)
    assert found.exit_code == 0, found.output
    assert "3 pictures, 2 characters (2 girl)" in found.output
    assert "not where" not in found.output
    assert all(picture.path.is_file() for picture in load_set(tmp_path / "z.json"))


def test_numbered_classes_of_a_coco_file(tmp_path: Path) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    shapes = [("girl_1", *DISC[1:]), ("girl_2", *DISC[1:])]
    label(tmp_path / "s" / "1.json", *shapes)
    assert convert(tmp_path / "s", "-o", first, "--to", "coco").exit_code == 0
    assert load_set(first).names == ("girl_1", "girl_2")
    options = ("--numbered-labels", "--map", "girl=waifu")
    assert convert(first, "-o", second, "--to", "coco", *options).exit_code == 0
    assert load_set(second).names == ("waifu",)
    assert [one.name for one in instances(second)] == ["waifu", "waifu"]


def test_crowd_regions_stay_in_coco_only(shots: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    assert convert(shots, "-o", path, "--to", "coco").exit_code == 0
    content = json.loads(path.read_text())
    content["annotations"][0]["iscrowd"] = 1
    path.write_text(json.dumps(content))
    assert convert(path, "-o", tmp_path / "y.json", "--to", "coco").exit_code == 0
    assert [one.crowd for one in instances(tmp_path / "y.json")] == [True, False, False]
    result = convert(path, "-o", tmp_path / "lm", "--to", "labelme")
    assert "2 characters (1 cat, 1 girl)" in result.output
    assert "left out, for LabelMe has no word for them: 1 crowds" in result.output
    assert json.loads((tmp_path / "lm/a/1.json").read_text())["shapes"] == []
    assert convert(path, "-o", tmp_path / "yolo", "--to", "yolo").exit_code == 0
    assert (tmp_path / "yolo/labels/a/1.txt").read_text() == ""


def test_existing_label_files_stop_the_job_before_it_starts(shots: Path, tmp_path: Path) -> None:
    out = tmp_path / "lm"
    (out / "b").mkdir(parents=True)
    (out / "b" / "1.json").write_text("mine")
    result = convert(shots, "-o", out, "--to", "labelme")
    assert isinstance(result.exception, OutputError)
    assert [p.name for p in out.rglob("*.json")] == ["1.json"]
    assert (out / "b" / "1.json").read_text() == "mine"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no labels"),
        ({"a.json": '{"x": 1}'}, "nothing could be converted .1 files failed."),
        (
            dict.fromkeys(
                ("a.json", "b.json"), '{"images": [], "annotations": [], "categories": []}'
            ),
            r"holds 2 COCO files \(a.json, b.json\); name one of them",
        ),
        ({"data.yaml": "names: [a]"}, "has neither labels/ nor images/"),
    ],
)
def test_sources_without_labels(tmp_path: Path, files: dict[str, str], message: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    result = convert(tmp_path, "-o", tmp_path / "o.json", "--to", "coco")
    with pytest.raises(KirinukiError, match=message):
        raise result.exception or AssertionError(result.output)
    assert not (tmp_path / "o.json").exists()


def test_nothing_good_writes_nothing(tmp_path: Path) -> None:
    label(tmp_path / "s" / "1.json", LINE)
    result = convert(tmp_path / "s", "-o", tmp_path / "o.json", "--to", "coco")
    with pytest.raises(KirinukiError, match=r"nothing could be converted \(1 files failed\)"):
        raise result.exception or AssertionError(result.output)


@pytest.mark.parametrize("option", [("--map", "girl"), ("--map", "=a"), ("--classes", "a,a")])
def test_wrong_usage(shots: Path, option: tuple[str, str]) -> None:
    assert convert(shots, "-o", "x.json", "--to", "coco", *option).exit_code == 2


def test_the_name_of_the_target_says_the_format(shots: Path, tmp_path: Path) -> None:
    assert convert(shots, "-o", tmp_path / "labels.json").exit_code == 0
    assert convert(tmp_path / "labels.json", "-o", tmp_path / "my_yolo").exit_code == 0
    assert (tmp_path / "my_yolo/data.yaml").is_file()
    result = convert(shots, "-o", tmp_path / "somewhere")
    assert result.exit_code == 2
    assert "does not say what to write; pass --to" in result.output


def test_classes_keep_their_numbers_when_a_set_is_converted_again(
    shots: Path, tmp_path: Path
) -> None:
    out = tmp_path / "yolo"
    assert convert(shots, "-o", out).exit_code == 0
    assert load_set(out).names == ("cat", "girl")
    label(shots / "c.json", ("boy", *DISC[1:]))  # comes first in the alphabet
    assert convert(shots, "-o", out, "--overwrite").exit_code == 0
    assert load_set(out).names == ("cat", "girl", "boy")


def test_embedded_pictures_are_written_out(tmp_path: Path) -> None:
    embedded = tmp_path / "s" / "1.json"
    label(embedded, DISC)
    content = embedded.with_suffix(".png").read_bytes()
    embedded.with_suffix(".png").unlink()
    label(embedded, DISC, imageData=base64.b64encode(content).decode())
    embedded.with_suffix(".png").unlink()
    for out, place in (("yolo", "yolo/images/1.png"), ("c/a.json", "c/images/1.png")):
        result = convert(tmp_path / "s", "-o", tmp_path / out)
        assert result.exit_code == 0, result.output
        assert "pictures written out of their label files: 1" in result.output
        assert (tmp_path / place).read_bytes() == content
        assert load_set(tmp_path / out).pictures[0].read().rgb.shape == (*SIZE, 3)


def test_a_yolo_set_without_its_pictures_is_an_error(shots: Path, tmp_path: Path) -> None:
    for picture in shots.rglob("*.png"):
        picture.unlink()
    result = convert(shots, "-o", tmp_path / "yolo")
    assert result.exit_code == 1
    assert "none of 3 pictures could be" in str(result.exception)
    assert not (tmp_path / "yolo").exists()


def test_places_never_collide() -> None:
    pictures = [Path(p) for p in ("p/a/1.png", "p/a/1.JPG", "p/b/1.png", "p/a/1.jpg", "p/a/x.png")]
    places = [place.as_posix() for place in unique_places(pictures)]
    assert places == ["a/1.png", "a/1_JPG.JPG", "b/1.png", "a/1_jpg2.jpg", "a/x.png"]
    assert unique_places([]) == []
    assert unique_places([Path("../x/1.png")]) == [Path("1.png")]


def test_reading_labels_loads_no_torch_and_no_pycocotools() -> None:
    code = (
        "import sys, kirinuki.formats.registry, kirinuki.cli.data.convert; "
        "print([m for m in ('torch', 'pycocotools', 'onnxruntime') if m in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "[]"


def test_pictures_make_no_file_of_frames(shots: Path, tmp_path: Path) -> None:
    target = tmp_path / "v.json"
    result = convert(shots, "-o", target, "--to", "coco_video")
    assert str(result.exception) == f"{target}: is not written; none of 3 pictures could be"
    assert result.stdout == ""
    assert result.stderr.count("is no frame of a video") == 3
    assert not target.exists()
