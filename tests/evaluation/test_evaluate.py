"""Measuring a whole data set: what counts, what is left out, and what the command writes."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("faster_coco_eval")

from kirinuki.cli import main
from kirinuki.errors import DatasetError, KirinukiError, ModelError, ProviderError
from kirinuki.evaluation.collect import collect
from kirinuki.evaluation.evaluate import BestMatch, Report, evaluate, measure
from kirinuki.evaluation.hard_cases import hard_cases
from kirinuki.evaluation.report import REPORT_FILES, worst_sheet
from kirinuki.evaluation.slices import collected_slices
from kirinuki.formats.labelled import LabelledInstance, LabelledPicture, LabelledSet
from kirinuki.formats.picture_ref import FileRef
from kirinuki.formats.registry import FORMATS, load_set
from kirinuki.geometry import mask_to_box
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.training import measured_model

SIZE = (80, 120)
NAMES = ("character",)


def soft_disc(x: float, y: float = 40, radius: float = 15) -> np.ndarray:
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    distance = radius - np.hypot(columns - x, rows - y)
    return (np.clip(distance / 3 + 0.5, 0, 1) * 255).round().astype(np.uint8)


def instances(found: list[tuple[np.ndarray, float]], names: tuple[str, ...] = NAMES) -> Instances:
    if not found:
        return Instances.empty(SIZE, names)
    boxes = [mask_to_box(alpha > 0) for alpha, _ in found]
    crops = [a[b[1] : b[3], b[0] : b[2]] for (a, _), b in zip(found, boxes, strict=True) if b]
    return Instances(
        size_hw=SIZE,
        boxes=np.array(boxes, np.float32),
        alphas=tuple(crops),
        scores=np.array([score for _, score in found], np.float32),
        labels=np.zeros(len(found), np.int64),
        names=names,
    )


class Model:
    """Finds what it was told to find on the picture of each number (its red channel)."""

    provider = "cpu"

    def __init__(
        self,
        finds: dict[int, list[tuple[np.ndarray, float]]],
        score: float = 0.05,
        names: tuple[str, ...] = NAMES,
    ) -> None:
        self.finds = finds
        self.score = score
        self.names = names

    def __call__(self, picture: Picture) -> Instances:
        found = self.finds.get(int(picture.rgb[0, 0, 0]), [])
        return instances([f for f in found if f[1] >= self.score], self.names)


PERFECT: dict[int, list[tuple[np.ndarray, float]]] = {
    1: [(soft_disc(30), 0.9), (soft_disc(90), 0.8)],
    2: [(soft_disc(60), 0.7)],
}
FINDS: dict[int, list[tuple[np.ndarray, float]]] = {
    1: [(soft_disc(30), 0.9)],  # one of two
    2: [(soft_disc(62), 0.8), (soft_disc(10, 10, 6), 0.6)],  # nearly, and one that is not there
    3: [(soft_disc(60), 0.7), (soft_disc(20), 0.2)],  # nobody is there
}


@pytest.fixture
def labelled(tmp_path: Path) -> LabelledSet:
    """Three pictures with two, one and no characters, each with its soft truth; 4 is not there."""
    pictures = []
    for number in (1, 2, 3):
        path = tmp_path / f"p{number}.png"
        Image.new("RGB", SIZE[::-1], (number, 90, 60)).save(path)
        characters = []
        for i, (soft, _) in enumerate(PERFECT.get(number, [])):
            alpha = tmp_path / f"alpha{number}{i}.png"
            Image.fromarray(soft).save(alpha)
            characters.append(LabelledInstance.from_mask(soft >= 128, "character", alpha=alpha))
        pictures.append(LabelledPicture(FileRef(path), SIZE, tuple(characters), path.name))
    list(FORMATS["coco"].write(pictures, NAMES, tmp_path / "labels.json", False))
    return load_set(tmp_path / "labels.json")


def with_instances(labels: LabelledSet, *instances: LabelledInstance) -> LabelledSet:
    """The set with these, in order, in place of as many as each picture has."""
    left = list(instances)
    pictures = tuple(
        replace(p, instances=tuple(left.pop(0) for _ in p.instances if left)) for p in labels
    )
    return replace(labels, pictures=pictures)


def evaluated(dataset: LabelledSet, model: Model, **options: Any) -> Report:
    return evaluate(model, dataset, names=model.names, display_score=0.5, **options)


def test_a_function_can_be_measured(labelled: LabelledSet) -> None:
    def find(picture: Picture) -> Instances:
        return instances(PERFECT.get(int(picture.rgb[0, 0, 0]), []))

    assert evaluate(find, labelled, names=NAMES, display_score=0.5).mask.ap == pytest.approx(1)


@pytest.mark.parametrize(
    ("find", "said"),
    [
        (lambda picture: None, "gave NoneType, expected Instances"),
        (lambda picture: instances([])[0:0].boxes, "gave ndarray, expected Instances"),
        (lambda picture: Instances.empty((40, 60), NAMES), r"of \(40, 60\), expected \(80, 120\)"),
        (
            lambda picture: Instances.empty(SIZE, "cat"),
            "the classes cat, but `names` are character",
        ),
        ("m.onnx", "the model: got str, expected a Segmenter"),
        (Model, "the model: got Model, expected a Segmenter"),
    ],
)
def test_what_a_function_gives_is_checked(labelled: LabelledSet, find: Any, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        evaluate(find, labelled, names=NAMES, display_score=0.5)


def test_a_name_is_one_class_and_a_score_is_in_0_to_1(labelled: LabelledSet) -> None:
    model = Model(PERFECT)
    report = evaluate(model, labelled, names="character", display_score=0.5)
    assert [one.name for one in report.classes] == ["character"]
    with pytest.raises(KirinukiError, match="`display_score` is 5, expected 0 to 1"):
        evaluate(model, labelled, names=NAMES, display_score=5)


def test_perfect_predictions_measure_perfect(labelled: LabelledSet) -> None:
    report = evaluated(labelled, Model(PERFECT))
    for numbers in (report.box, report.mask, report.boundary):
        assert numbers.ap == pytest.approx(1)
    assert report.mask.ap_large is None  # nobody is large
    assert report.mask.ap_small == pytest.approx(1)
    assert report.best_match == report.best_match_from_floor == BestMatch(1, 1)
    assert report.at_display.f1 == 1
    assert report.at_display.false_per_empty_picture == 0
    assert report.soft_edges is not None
    assert (report.soft_edges.found, report.soft_edges.truths) == (3, 3)
    assert (report.soft_edges.mae, report.soft_edges.gradient) == (0, 0)
    assert (report.pictures_measured, report.pictures_without_characters) == (3, 1)
    assert not report.notes


def test_faults_are_counted(labelled: LabelledSet) -> None:
    report = evaluated(labelled, Model(FINDS))
    shown = report.at_display
    assert shown.precision == pytest.approx(2 / 4)
    assert shown.recall == pytest.approx(2 / 3)
    assert shown.false_per_empty_picture == 1
    assert [p.false_per_empty_picture for p in report.score_curve][:4] == [2, 2, 2, 2]
    assert report.best.score == pytest.approx(0.8)
    assert report.best.f1 == pytest.approx(4 / 5)
    near = report.best_match.median
    assert 0.5 < near < 1
    assert report.best_match.mean == pytest.approx((1 + near + 0) / 3)
    assert report.soft_edges is not None
    assert (report.soft_edges.found, report.soft_edges.truths) == (2, 3)
    assert report.soft_edges.mae is not None
    assert report.soft_edges.mae > 0
    assert [p.number for p in report.pictures] == [2, 1, 0]
    assert report.pictures[2].quality == pytest.approx(1 / 2)


def test_average_precision_looks_below_the_display_score(labelled: LabelledSet) -> None:
    faint = {n: [(alpha, 0.06) for alpha, _ in found] for n, found in PERFECT.items()}
    report = evaluated(labelled, Model(faint))
    assert report.mask.ap == pytest.approx(1)
    assert report.at_display.recall == 0
    assert report.at_display.precision is None
    assert report.best.score == pytest.approx(0.06)


def test_what_is_shown_can_come_from_the_model_at_its_display_score(labelled: LabelledSet) -> None:
    report = evaluated(labelled, Model({}), shown=Model(PERFECT, score=0.5))
    assert report.mask.ap == 0
    assert report.at_display.f1 == 1


def test_without_soft_truth_there_is_no_soft_error(labelled: LabelledSet) -> None:
    hard = with_instances(labelled, *(replace(a, alpha=None) for a in labelled.instances))
    assert evaluated(hard, Model(PERFECT)).soft_edges is None


def test_other_class_names_are_measured_as_one_class_and_it_is_said(labelled: LabelledSet) -> None:
    first, *others = (replace(one, name="waifu") for one in labelled.instances)
    dataset = with_instances(labelled, replace(first, name="husbando"), *others)
    dataset = replace(dataset, names=("waifu", "husbando"))
    report = evaluated(dataset, Model(PERFECT))
    assert report.class_agnostic
    assert "count as one" in report.notes[0]
    assert report.mask.ap == pytest.approx(1)
    assert [c.name for c in report.classes] == ["character"]


def test_report_is_json(labelled: LabelledSet) -> None:
    report = evaluated(labelled, Model(FINDS))
    content = json.loads(json.dumps(report.to_json()))
    assert content["mask"]["ap"] == report.mask.ap
    assert len(content["precision_at_iou"]["0.5"]) == 101


def test_pictures_that_cannot_be_measured_are_left_out_and_named(
    labelled: LabelledSet, tmp_path: Path
) -> None:
    (tmp_path / "p1.png").write_bytes(b"not a picture")
    report = evaluated(labelled, Model(PERFECT))
    assert report.pictures_measured == 2
    assert report.characters == 1
    assert report.mask.ap == pytest.approx(1)
    assert len(report.failed) == 1
    assert "p1.png" in report.failed[0]
    Image.new("RGB", (30, 20)).save(tmp_path / "p2.png")
    with pytest.raises(DatasetError, match="none of the labelled pictures can be measured"):
        evaluated(labelled, Model(PERFECT))


def test_a_picture_of_another_size_is_named_with_both_sizes(
    labelled: LabelledSet, tmp_path: Path
) -> None:
    Image.new("RGB", (30, 20)).save(tmp_path / "p2.png")
    (line,) = evaluated(labelled, Model(PERFECT)).failed
    assert "p2.png: the picture is 30×20, but the data set says 120×80" in line


def test_an_empty_data_set_is_refused(labelled: LabelledSet) -> None:
    with pytest.raises(DatasetError, match="holds no pictures"):
        evaluated(replace(labelled, pictures=()), Model(PERFECT))
    with pytest.raises(DatasetError, match="none of its 3 pictures has an annotated character"):
        evaluated(with_instances(labelled), Model(PERFECT))


def test_the_sheet_shows_truth_beside_prediction_of_every_picture(labelled: LabelledSet) -> None:
    collected = collect(Model(FINDS), labelled, names=NAMES, display_score=0.5)
    sheet = worst_sheet(measure(collected).pictures, collected)
    assert sheet.dtype == np.uint8
    assert sheet.shape[2] == 3
    assert sheet.shape[1] > 4 * SIZE[1]  # three pictures are six cells, four in a row


def test_hard_characters_have_a_recall_of_their_own(labelled: LabelledSet) -> None:
    report = evaluated(labelled, Model(FINDS))
    small, overlapping = report.hard_recall
    # Discs of 15 px radius are 7 % of the picture, and stand apart.
    assert (small.sort, small.characters, small.recall) == ("small", 0, None)
    assert (overlapping.sort, overlapping.characters, overlapping.recall) == (
        "overlapping",
        0,
        None,
    )


def square(x: int, y: int, side: int) -> LabelledInstance:
    mask = np.zeros(SIZE, np.bool_)
    mask[y : y + side, x : x + side] = True
    return LabelledInstance.from_mask(mask, "character")


@pytest.mark.parametrize(
    ("annotations", "small", "overlapping"),
    [
        ([square(10, 10, 30)], [False], [False]),
        ([square(10, 10, 13)], [True], [False]),  # 169 of 9600 pixels
        ([square(10, 10, 20), square(30, 10, 20)], [False] * 2, [True] * 2),  # side by side
        ([square(10, 10, 20), square(33, 10, 20)], [False] * 2, [False] * 2),
        # One pixel of a corner is no overlap; nor is a crowd region a character.
        ([square(10, 10, 30), square(40, 40, 30)], [False] * 2, [False] * 2),
        ([square(10, 10, 20), replace(square(30, 10, 20), crowd=True)], [False], [False]),
    ],
)
def test_hard_cases(
    annotations: list[LabelledInstance], small: list[bool], overlapping: list[bool]
) -> None:
    hard = hard_cases(LabelledPicture(FileRef(Path()), SIZE, tuple(annotations), "p1.png"))
    assert hard.small.tolist() == small
    assert hard.overlapping.tolist() == overlapping


def test_kinds_are_right_where_they_are_said(labelled: LabelledSet) -> None:
    assert evaluated(labelled, Model(PERFECT)).kinds is None  # no label names one
    kinds = ("female", "male", None)
    pairs = zip(labelled.instances, kinds, strict=True)
    named = with_instances(labelled, *(replace(one, kind=kind) for one, kind in pairs))
    silent = evaluated(named, Model(PERFECT)).kinds
    assert silent is not None
    assert (silent.characters, silent.answered, silent.accuracy) == (2, 0, None)

    class Sure(Model):
        def __call__(self, rgb: np.ndarray) -> Instances:
            found = super().__call__(rgb)
            return replace(found, kind_scores=np.tile(np.float32([0.9, 0.1]), (len(found), 1)))

    sure = evaluated(named, Sure(PERFECT)).kinds
    assert sure is not None
    assert (sure.share_answered, sure.accuracy) == (1, 0.5)
    assert sure.accuracy_by_kind == {"female": 1, "male": 0}


def test_slices_are_measured_without_running_again(labelled: LabelledSet) -> None:
    folders = {1: "crowd", 2: "crowd", 3: "empty"}
    pictures = tuple(
        replace(picture, name=f"{folders[n]}/{picture.name}")
        for n, picture in enumerate(labelled, 1)
    )
    dataset = replace(labelled, pictures=pictures)
    collected = collect(Model(FINDS), dataset, names=NAMES, display_score=0.5)
    parts = {name: measure(part) for name, part in collected_slices(collected).items()}
    whole = measure(collected)
    assert list(parts) == ["crowd", "empty"]
    assert parts["crowd"].characters == whole.characters == 3
    assert parts["crowd"].best_match == whole.best_match
    assert parts["crowd"].at_display.false_per_empty_picture is None
    assert parts["empty"].at_display.false_per_empty_picture == 1
    assert parts["empty"].mask.ap is None  # there is nothing to find


# ---------------------------------------------------------------- the command


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["kirinuki", "eval", *map(str, arguments)])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        measured_model, "load_measured", lambda _, score, **__: Model(FINDS, score or 0.5)
    )


@pytest.mark.usefixtures("model", "labelled")
def test_command_writes_table_json_and_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    arguments = [tmp_path / "labels.json", "-o", tmp_path / "out", "--json", tmp_path / "n.json"]
    assert run(monkeypatch, "default", *arguments) == 0
    printed = capsys.readouterr()
    assert "3 pictures, 1 of them without characters; 3 characters" in printed.out
    assert "AP, IoU 0.50 to 0.95" in printed.out
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(REPORT_FILES)
    numbers = json.loads((tmp_path / "n.json").read_text())
    assert numbers == json.loads((tmp_path / "out" / "report.json").read_text())
    assert numbers["model"] == "default"
    # The second run would replace the first one's report.
    assert run(monkeypatch, "default", *arguments) == 1
    assert "pass --overwrite" in capsys.readouterr().err
    assert run(monkeypatch, "default", *arguments, "--overwrite") == 0


@pytest.mark.usefixtures("model", "labelled")
def test_command_names_broken_pictures_at_the_end_and_exits_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p2.png").unlink()
    arguments = [tmp_path / "labels.json", "--json", tmp_path / "n.json"]
    assert run(monkeypatch, "default", *arguments) == 1
    printed = capsys.readouterr()
    assert "p2.png" in printed.err
    assert "1 picture left out" in printed.err
    assert json.loads((tmp_path / "n.json").read_text())["pictures_measured"] == 2


@pytest.mark.usefixtures("model")
def test_command_measures_a_folder_of_labelme_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # `kirinuki train --val FOLDER` takes one, and then names this command as the next step.
    Image.new("RGB", SIZE[::-1], (1, 90, 60)).save(tmp_path / "p1.png")
    shape = {"label": "character", "shape_type": "rectangle", "points": [[15, 25], [45, 55]]}
    record = {
        "version": "5.0.0", "flags": {}, "shapes": [shape], "imagePath": "p1.png",
        "imageData": None, "imageHeight": SIZE[0], "imageWidth": SIZE[1],
    }  # fmt: skip
    (tmp_path / "p1.json").write_text(json.dumps(record))
    assert run(monkeypatch, "default", tmp_path, "--threads", 1) == 0
    assert "1 picture, 0 of them without characters; 1 character" in capsys.readouterr().out


def test_a_checkpoint_is_measured_on_the_cpu_only() -> None:
    with pytest.raises(ProviderError, match="export it first"):
        measured_model.load_measured("best.ckpt", None, provider="cuda")


@pytest.mark.usefixtures("labelled")
def test_command_refuses_a_missing_model_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path / "no.onnx", tmp_path / "labels.json") == 1
    assert capsys.readouterr().err.startswith("kirinuki: ")


@pytest.mark.usefixtures("labelled")
def test_command_runs_a_model_file_below_its_display_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnx")
    from fake_models import save_detector

    # The disc of picture 2 at x = 60, y = 40, in pixels of an input of 64 for a long side of 120.
    box = np.array([[45, 25, 75, 55]]) * 64 / 120
    save_detector(tmp_path / "faint.onnx", boxes=box, scores=[0.3])
    target = tmp_path / "n.json"
    arguments = [tmp_path / "faint.onnx", tmp_path / "labels.json", "--json", target]
    assert run(monkeypatch, *arguments) == 0
    assert "all classes count as one" in " ".join(capsys.readouterr().out.split())
    numbers = json.loads(target.read_text())
    assert numbers["box"]["ap_50"] > 0
    assert numbers["at_display"] | {"score": 0.5, "recall": 0.0} == numbers["at_display"]
    assert numbers["best"]["score"] == pytest.approx(0.3)


# ---------------------------------------------------------------- checkpoints, with torch


def test_a_checkpoint_runs_as_a_segmenter(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("torchvision")
    pytest.importorskip("timm")
    from kirinuki.training.networks.checkpoint_segmenter import load_checkpoint
    from kirinuki.training.networks.model import build_detector

    torch.manual_seed(0)
    network = build_detector("lite", 2, pretrained=False)
    config = {"arch": "lite", "names": ("waifu", "husbando"), "input_size": 96}
    content = {
        "state_dict": {f"model.{key}": value for key, value in network.state_dict().items()},
        "hyper_parameters": {"config": config},
    }
    torch.save(content, tmp_path / "last.ckpt")
    segmenter = load_checkpoint(tmp_path / "last.ckpt", score=0.05)
    assert segmenter.names == ("waifu", "husbando")
    assert segmenter.info.input_size == 96
    rng = np.random.default_rng(0)
    found = segmenter(rng.integers(0, 256, (70, 90, 3)).astype(np.uint8))
    assert found.size_hw == (70, 90)
    torch.save({**content, "hyper_parameters": {"config": {**config, "arch": "refiner"}}},
               tmp_path / "refiner.ckpt")  # fmt: skip
    with pytest.raises(ModelError, match="not of a detector"):
        load_checkpoint(tmp_path / "refiner.ckpt")
