"""Calibrated scores: the fit, the score shown, and the model file that carries both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import made_sets
from fake_models import DETECTOR, save_detector, save_judging_refiner

pytest.importorskip("torch")
pytest.importorskip("faster_coco_eval")

from kirinuki.errors import TrainingError
from kirinuki.evaluation.calibrate import Opinions, calibrate, fit_calibration, pick_score
from kirinuki.evaluation.matching import UNMATCHED, PictureMatch
from kirinuki.formats.registry import load_set
from kirinuki.segmenter.scores import final_scores
from kirinuki.segmenter.segmenter import Segmenter
from kirinuki.training.export.export import write_info


def drawn_opinions(a: float, b: float, c: float, count: int = 20_000) -> Opinions:
    """Finds that are right exactly as often as the calibration says."""
    rng = np.random.default_rng(0)
    scores, qualities = rng.uniform(0.05, 0.95, (2, count))
    chance = final_scores(scores, qualities, (a, b, c))
    return Opinions(scores, qualities, rng.random(count) < chance)


@pytest.mark.parametrize("weights", [(0.5, 1.2, 0.8), (-1.0, 0.4, 2.0)])
def test_the_fit_finds_the_weights_that_made_the_data(
    weights: tuple[float, float, float],
) -> None:
    assert fit_calibration(drawn_opinions(*weights)) == pytest.approx(weights, abs=0.1)


def test_a_refiner_that_is_wrong_has_no_say() -> None:
    said = drawn_opinions(0.5, 1.0, 1.0)
    _, b, c = fit_calibration(replace(said, qualities=1 - said.qualities))
    assert c == 0
    assert b > 0


def test_nothing_to_tell_apart_is_said() -> None:
    said = drawn_opinions(0.0, 1.0, 1.0, 20)
    with pytest.raises(TrainingError, match="20 detections that are all right or all wrong"):
        fit_calibration(replace(said, right=np.ones(20, np.bool_)))
    with pytest.raises(TrainingError, match="more often wrong"):
        fit_calibration(replace(drawn_opinions(0.0, 1.0, 1.0), right=said_wrong()))


def said_wrong() -> np.ndarray:
    """The opposite of what the scores of `drawn_opinions` say."""
    return ~drawn_opinions(0.0, 1.0, 1.0).right


def picture(scores: list[float], found: list[int], characters: int) -> PictureMatch:
    """A picture with these finds; characters not in `found` are missed."""
    return PictureMatch(
        scores=np.array(scores),
        found=np.array(found, np.int64),
        iou=np.zeros((len(scores), characters)),
        crowd=np.zeros(characters, np.bool_),
    )


def test_the_score_keeps_empty_pictures_empty_before_it_finds_more() -> None:
    sure = picture([0.9, 0.6, 0.4], [0, 1, 2], 3)
    quiet = [picture([], [], 0) for _ in range(8)]
    assert pick_score([sure, picture([0.2], [UNMATCHED], 0), *quiet]) <= 0.4
    noisy = [picture([0.5], [UNMATCHED], 0), picture([0.5], [UNMATCHED], 0)]
    assert 0.5 < pick_score([sure, *noisy, *quiet]) <= 0.6


def test_without_empty_pictures_the_best_f1_is_picked() -> None:
    both = picture([0.9, 0.5, 0.3], [0, 1, UNMATCHED], 2)
    assert 0.3 < pick_score([both]) <= 0.5


def green_squares(folder: Path) -> Path:
    """Four pictures of which only the labelled square is green, what the judging refiner takes for
    a character."""
    labels = made_sets.coco(folder, "set.json", {f"{i}.png": i for i in range(4)})
    for i in range(4):
        picture = np.zeros((*made_sets.SIZE, 3), np.uint8)
        picture[10:60, 10:60, 1] = 255
        Image.fromarray(picture).save(folder / f"{i}.png")
    return labels


def two_finds(path: Path) -> Path:
    """A detector that finds the square and, less surely, nothing beside it; boxes in pixels of the
    network's input, half the picture's."""
    return save_detector(path, [[44, 4, 60, 28], [5, 5, 30, 30]], [0.6, 0.7])


def test_a_file_calibrated_with_the_package_s_refiner_leaves_the_wrong_find_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels, found = green_squares(tmp_path), two_finds(tmp_path / "d.onnx")
    refiner = save_judging_refiner(tmp_path / "r.onnx")
    for module in ("kirinuki.evaluation.calibrate", "kirinuki.segmenter.segmenter"):
        monkeypatch.setattr(f"{module}.embedded", lambda kind: refiner)
    fitted = calibrate(found, [load_set(labels)])
    assert fitted.detections == 8
    write_info(replace(DETECTOR, calibration=fitted.calibration, score=fitted.score), found)
    (box,) = Segmenter.load(found)(tmp_path / "0.png").boxes
    assert np.abs(box - (10, 10, 60, 60)).max() < 4


def test_a_refiner_that_is_named_is_the_one_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels, found = load_set(green_squares(tmp_path)), two_finds(tmp_path / "detector.onnx")
    named = save_judging_refiner(tmp_path / "refiner.onnx")
    monkeypatch.setattr(
        "kirinuki.evaluation.calibrate.embedded", lambda kind: tmp_path / "none.onnx"
    )
    nobody = load_set(made_sets.coco(tmp_path / "nobody", "set.json", {"black.png": 0}))
    Image.fromarray(np.zeros((*made_sets.SIZE, 3), np.uint8)).save(tmp_path / "nobody/black.png")
    nobody = replace(nobody, pictures=tuple(replace(picture, instances=()) for picture in nobody))
    fitted = calibrate(found, [labels, nobody], named)
    assert fitted.detections == 10  # of both data sets, one without anybody
    write_info(replace(DETECTOR, calibration=fitted.calibration, score=fitted.score), found)
    (box,) = Segmenter.load(tmp_path)(tmp_path / "0.png").boxes
    assert np.abs(box - (10, 10, 60, 60)).max() < 4
