"""Label files by a model: what is written, what is never replaced, and what is listed first."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from fake_segmenter import FakeSegmenter, draw
from kirinuki.cli.data.prelabel import command
from kirinuki.errors import DatasetError, LabelError, OutputError
from kirinuki.formats.labelled import LabelledInstance
from kirinuki.formats.labelme_record import instances_to_labelme
from kirinuki.formats.registry import load_set
from kirinuki.geometry import mask_iou
from kirinuki.images.picture import read_picture
from kirinuki.instances import Instances
from kirinuki.labelling.prelabel import label_path, prelabel, survey
from kirinuki.labelling.prelabel_mark import MARK, marked, read_mark
from kirinuki.labelling.prelabel_review import COLUMNS, write_review
from kirinuki.labelling.uncertainty import Doubt, doubt_absence, doubt_of, in_mirror_image

Run = Callable[..., Result]

SIZE_HW = (40, 60)
DOUBT = Doubt(0.25, 1, 0.5, ("blurred outline: 1",))


def rectangles(*boxes: tuple[int, int, int, int], score: float = 0.9) -> Instances:
    """One character a box (x1, y1, x2, y2), solid."""
    return Instances(
        size_hw=SIZE_HW,
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        alphas=tuple(np.full((y2 - y1, x2 - x1), 255, np.uint8) for x1, y1, x2, y2 in boxes),
        scores=np.full(len(boxes), score, np.float32),
        labels=np.zeros(len(boxes), np.int64),
        names=("girl",),
    )


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the verb with a segmenter that needs no model."""
    monkeypatch.setattr(
        "kirinuki.segmenter.segmenter.Segmenter.load", lambda *a, **k: FakeSegmenter()
    )
    return lambda *words: CliRunner().invoke(command, [str(word) for word in words])


def listed(folder: Path) -> list[dict[str, str]]:
    with (folder / "review.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def edit(path: Path) -> str:
    """Save a label file as LabelMe does, with one shape less; what it holds then."""
    record = json.loads(path.read_text())
    record["shapes"].pop()
    path.write_text(json.dumps(record, ensure_ascii=False, indent=2))
    return path.read_text()


def instances_in(path: Path) -> tuple[LabelledInstance, ...]:
    (picture,) = load_set(path)
    return picture.instances


def test_a_picture_gets_a_label_file_that_labelme_reads(tmp_path: Path) -> None:
    picture = draw(tmp_path / "ep01" / "a b.png", characters=2)
    doubt = prelabel(picture, FakeSegmenter())
    assert doubt.characters == 2
    (found,) = load_set(tmp_path / "ep01" / "a b.json")
    assert [one.name for one in found.instances] == ["girl", "boy"]
    assert found.path == picture
    record = json.loads(label_path(picture).read_text())
    assert [shape["description"] for shape in record["shapes"]] == ["score 0.900", "score 0.600"]
    truth = FakeSegmenter()(read_picture(picture))
    for i, one in enumerate(found.instances):
        assert mask_iou(one.mask(truth.size_hw), truth.mask(i)) >= 0.97


def test_masks_on_request_are_exact(tmp_path: Path) -> None:
    picture = draw(tmp_path / "a.png", characters=2)
    prelabel(picture, FakeSegmenter(), "mask")
    record = json.loads(label_path(picture).read_text())
    assert {shape["shape_type"] for shape in record["shapes"]} == {"mask"}
    truth = FakeSegmenter()(read_picture(picture))
    for i, one in enumerate(instances_in(label_path(picture))):
        np.testing.assert_array_equal(one.mask(truth.size_hw), truth.mask(i))


def test_a_ring_keeps_its_hole(tmp_path: Path) -> None:
    alpha = np.full((30, 30), 255, np.uint8)
    alpha[10:20, 10:20] = 0
    ring = Instances(
        SIZE_HW, np.float32([[5, 5, 35, 35]]), (alpha,), np.float32([0.9]), np.int64([0]), ("girl",)
    )
    Image.new("RGB", SIZE_HW[::-1]).save(tmp_path / "ring.png")
    path = tmp_path / "ring.json"
    path.write_text(json.dumps(instances_to_labelme(ring, "ring.png")))
    (one,) = instances_in(path)
    assert mask_iou(one.mask(SIZE_HW), ring.mask(0)) >= 0.97


def test_the_mark_knows_every_change(tmp_path: Path) -> None:
    record = instances_to_labelme(rectangles((5, 5, 20, 30)), "日本 a.png")
    path = tmp_path / "a.json"
    content = marked(record, DOUBT, "lite 1")
    path.write_bytes(content)
    assert read_mark(path) == DOUBT
    assert json.loads(content)["shapes"] == record["shapes"]
    changes = {
        "a point moved": content.replace(b"5.0", b"6.0", 1),
        "saved by LabelMe, nothing changed": content.rstrip(b"\n"),
        "line ends of Windows": content.replace(b"\n", b"\r\n"),
        "the mark changed": content.replace(b"0.25", b"0.35"),
        "another digest": content.replace(b'"sha256": "', b'"sha256": "0'),
        "no mark": json.dumps(record).encode(),
        "empty": b"",
        "no object": b"[1]",
        "the mark is no object": json.dumps({**record, MARK: 1}).encode(),
        "not UTF-8": b"\xff" + content,
        "deep": b"[" * 100_000,
    }
    for name, changed in changes.items():
        path.write_bytes(changed)
        assert read_mark(path) is None, name
    assert read_mark(tmp_path / "missing.json") is None


def test_what_a_human_saved_is_never_replaced(tmp_path: Path, run: Run) -> None:
    for name in "abc":
        draw(tmp_path / f"{name}.png", characters=2)
    assert run(tmp_path).exit_code == 0
    edited = edit(tmp_path / "a.json")
    (tmp_path / "b.json").write_text("my notes")
    result = run(tmp_path, "--overwrite", "--shapes", "mask")
    assert result.exit_code == 0, result.output
    assert "1 picture labelled" in result.stderr
    assert "2 labelled by hand, left as they are" in result.stderr
    assert (tmp_path / "a.json").read_text() == edited
    assert (tmp_path / "b.json").read_text() == "my notes"
    assert '"mask"' in (tmp_path / "c.json").read_text()
    assert [row["file"] for row in listed(tmp_path)] == ["c.png"]
    with pytest.raises(OutputError, match="stays as it is"):
        prelabel(tmp_path / "a.png", FakeSegmenter(), overwrite=True)


def test_a_second_run_goes_on_and_lists_all(tmp_path: Path, run: Run) -> None:
    draw(tmp_path / "ep01" / "b.png", characters=2)
    assert run(tmp_path).exit_code == 0
    before = (tmp_path / "ep01" / "b.json").read_bytes()
    draw(tmp_path / "ep02" / "a.png", characters=0)
    result = run(tmp_path)
    assert "1 picture labelled, 0 characters, 1 without, 1 labelled by a model before" in (
        result.stderr
    )
    assert (tmp_path / "ep01" / "b.json").read_bytes() == before
    assert sorted(row["file"] for row in listed(tmp_path)) == ["ep01/b.png", "ep02/a.png"]
    assert json.loads((tmp_path / "ep02" / "a.json").read_text())["shapes"] == []
    assert result.stderr.splitlines()[-1] == f"next: kirinuki data review {tmp_path}"
    assert not list(tmp_path.rglob(".kirinuki-*"))


def test_bad_pictures_cost_only_themselves(tmp_path: Path, run: Run) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    draw(tmp_path / "two.png")
    draw(tmp_path / "two.jpg")
    draw(tmp_path / "good.png")
    result = run(tmp_path)
    assert result.exit_code == 1
    failed = [line for line in result.stderr.splitlines() if line.startswith("failed: ")]
    assert len(failed) == 3
    assert any("broken.png" in line for line in failed)
    assert sum("shares its label file two.json" in line for line in failed) == 2
    assert [row["file"] for row in listed(tmp_path)] == ["good.png"]
    assert not (tmp_path / "two.json").exists()


def test_no_list_is_written_over_another_file(tmp_path: Path, run: Run) -> None:
    draw(tmp_path / "a.png")
    (tmp_path / "review.csv").write_text("my film reviews\n")
    result = run(tmp_path)
    assert isinstance(result.exception, OutputError)
    assert not (tmp_path / "a.json").exists()
    assert (tmp_path / "review.csv").read_text() == "my film reviews\n"


def test_folders_without_pictures_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no pictures"):
        survey(tmp_path)
    with pytest.raises(DatasetError, match="is not a folder"):
        survey(tmp_path / "missing")


def test_a_link_to_labels_elsewhere_counts_as_labels(tmp_path: Path) -> None:
    picture = draw(tmp_path / "a.png")
    (tmp_path / "a.json").symlink_to(tmp_path / "nowhere.json")
    assert survey(tmp_path).by_hand == [picture]


def test_the_list_is_ordered_and_quoted(tmp_path: Path) -> None:
    doubts = {
        "b.png": Doubt(0.1, 2, 0.9, ()),
        'ep01/"a", 日本.png': DOUBT,
        "a.png": Doubt(0.1, 0, None, ("x", "y")),
    }
    write_review(doubts, tmp_path / "review.csv")
    rows = listed(tmp_path)
    assert tuple(rows[0]) == COLUMNS
    assert [row["file"] for row in rows] == ['ep01/"a", 日本.png', "a.png", "b.png"]
    assert rows[1] == {
        "file": "a.png",
        "uncertainty": "0.111",
        "characters": "0",
        "lowest_score": "",
        "reasons": "x; y; nobody found, as in 1 of 3 pictures",
    }


def test_agreement_with_the_mirror_image_is_no_doubt() -> None:
    found = rectangles((5, 5, 20, 30), (30, 5, 50, 30))
    doubt = doubt_of(found, in_mirror_image(found), 0.5)
    assert doubt == Doubt(0.0, 2, 0.9, ())
    nobody = Instances.empty(SIZE_HW, ("girl",))
    assert doubt_of(nobody, nobody, 0.5) == Doubt(0.0, 0, None, ())


def test_disagreement_is_doubt_and_says_why() -> None:
    found = rectangles((5, 5, 20, 30), (30, 5, 50, 30), score=0.4)
    one_less = doubt_of(found, in_mirror_image(found[:1]), 0.5)
    assert one_less.uncertainty == pytest.approx(1 - 2 / 3, abs=1e-4)
    assert one_less.reasons == (
        "1 instead of 2 found in its mirror image",
        "score below 0.5: 1, 2",
    )
    half = rectangles((5, 5, 20, 30), (30, 5, 40, 30))
    other_outline = doubt_of(found, in_mirror_image(half), 0.3)
    assert other_outline.uncertainty == pytest.approx(1 - 1.5 / 2)
    assert other_outline.reasons == ("another outline in its mirror image: 2",)
    elsewhere = doubt_of(found[:1], in_mirror_image(found[1:]), 0.3)
    assert elsewhere.uncertainty == 1
    assert elsewhere.reasons == ("somebody else, or another class, in its mirror image",)
    other_class = replace(found[:1], labels=np.int64([1]), names=("girl", "cat"))
    assert doubt_of(found[:1], in_mirror_image(other_class), 0.3).uncertainty == 1


def test_nobody_found_everywhere_is_doubt() -> None:
    nobody, somebody = Doubt(0.0, 0, None, ()), Doubt(0.02, 1, 0.9, ())
    few = doubt_absence({"0": nobody, **{str(i): somebody for i in range(1, 10)}})
    assert few["0"].uncertainty == pytest.approx(0.01)
    assert few["1"] == somebody
    many = doubt_absence({"0": somebody, **{str(i): nobody for i in range(1, 10)}})
    assert many["1"] == Doubt(0.81, 0, None, ("nobody found, as in 9 of 10 pictures",))
    assert doubt_absence({}) == {}


def test_a_blurred_outline_is_doubt() -> None:
    sharp = rectangles((5, 5, 20, 30))
    blurred = Instances(
        SIZE_HW,
        sharp.boxes,
        (np.full((25, 15), 225, np.uint8),),
        sharp.scores,
        sharp.labels,
        sharp.names,
    )
    doubt = doubt_of(blurred, in_mirror_image(blurred), 0.5)
    assert doubt.uncertainty == pytest.approx(3 * 30 / 225)
    assert doubt.reasons == ("blurred outline: 1",)


@pytest.mark.parametrize("target", ["set.json", "set.xml", "my_yolo"])
def test_a_set_of_any_format_takes_the_place_of_files_beside(
    run: Run, tmp_path: Path, target: str
) -> None:
    shots = tmp_path / "shots"
    draw(shots / "a.png", characters=2)
    draw(shots / "b.png", characters=1)
    (shots / "broken.png").write_bytes(b"no picture")
    label_path(draw(shots / "mine.png", characters=1)).write_text("{}")
    result = run(shots, "-o", tmp_path / target)
    assert result.exit_code == 1
    assert "broken.png" in result.stderr
    assert "2 pictures labelled, 1 had labels by hand" in result.stderr
    labels = load_set(tmp_path / target)
    assert labels.names == ("girl", "boy")
    assert [len(picture.instances) for picture in labels] == [2, 1]
    assert not any(picture.picture.missing for picture in labels)
    assert not (shots / "a.json").exists()
    assert run(shots, "-o", tmp_path / target).exit_code == 1  # exists already


@pytest.mark.skipif(os.name == "nt", reason="cannot have such files")
def test_a_name_that_is_not_utf_8_gets_a_line_and_no_label(tmp_path: Path) -> None:
    picture = tmp_path / os.fsdecode(b"caf\xe9.png")
    draw(picture)
    with pytest.raises(LabelError, match="a label file cannot say this file name; rename it"):
        prelabel(picture, FakeSegmenter())
    assert not list(tmp_path.glob("*.json"))


def test_a_target_that_says_no_format_is_refused_before_the_model_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(tmp_path / "1.png")
    monkeypatch.setattr("kirinuki.cli.data.prelabel._load", lambda *_: pytest.fail("loaded"))
    result = CliRunner().invoke(command, [str(tmp_path), "-o", "pl"])
    assert result.exit_code == 2
    assert "Error: pl: does not say what to write; pass --to" in result.stderr
