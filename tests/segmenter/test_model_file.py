from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

pytest.importorskip("onnx")
from fake_models import DETECTOR, REFINER, save_detector, save_judging_refiner, save_refiner
from kirinuki.errors import ModelError
from kirinuki.segmenter import model_file as models
from kirinuki.segmenter.model_file import ModelInfo, embedded, open_session, sha256_of


@pytest.mark.parametrize(
    "info",
    [
        DETECTOR,
        REFINER,
        ModelInfo("detector", ('切り抜き "quoted"', "b"), 640, "a", "2", "MIT", "data", "ff", 0.35),
        replace(DETECTOR, calibration=(-1.5, 1.0, 0.25)),
        replace(REFINER, kind_confidence=0.9),
    ],
)
def test_metadata_round_trip(info):
    metadata = info.to_metadata()
    assert all(isinstance(v, str) for v in metadata.values())
    assert ModelInfo.from_metadata({**metadata, "other": "program"}) == info


def test_files_from_before_a_key_was_added():
    metadata = DETECTOR.to_metadata()
    del metadata["kirinuki.calibration"], metadata["kirinuki.kind_confidence"]
    assert ModelInfo.from_metadata(metadata) == DETECTOR


def test_outputs_beside_the_required_ones(tmp_path):
    session, info = open_session(save_judging_refiner(tmp_path / "r.onnx"), kind="refiner")
    assert info == REFINER
    assert models.output_names(session) == ("alpha", "quality", "female")


def test_opens_and_describes_itself(tmp_path):
    session, info = open_session(save_detector(tmp_path / "キリ 1.onnx"), threads=1)
    assert info == DETECTOR
    assert session.get_providers() == ["CPUExecutionProvider"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kirinuki.format": "2"}, "pip install --upgrade"),
        ({"kirinuki.format": "x"}, "kirinuki.format is 'x'"),
        ({"kirinuki.names": "[]"}, "at least one class"),
        ({"kirinuki.names": '"waifu"'}, "kirinuki.names"),
        ({"kirinuki.kind": '"upscaler"'}, 'kind is "upscaler"'),
        ({"kirinuki.input_size": "0"}, "input_size is 0"),
        ({"kirinuki.input_size": "true"}, "kirinuki.input_size is 'true'"),
        ({"kirinuki.score": "1.5"}, "score is 1.5"),
        ({"kirinuki.score": "NaN"}, "kirinuki.score is 'NaN'"),
        ({"kirinuki.calibration": "[1, 2]"}, "calibration is"),
        ({"kirinuki.calibration": "[0, -1, 1]"}, "calibration is"),
        ({"kirinuki.calibration": '[0, "1", 1]'}, "calibration is"),
        ({"kirinuki.calibration": "[NaN, 1, 1]"}, "calibration is"),
        ({"kirinuki.kind_confidence": "0.4"}, "kind_confidence is 0.4"),
    ],
)
def test_wrong_metadata_is_named(tmp_path, change, message):
    path = save_detector(tmp_path / "m.onnx", metadata={**DETECTOR.to_metadata(), **change})
    with pytest.raises(ModelError, match=message) as caught:
        open_session(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(ModelError, match="no such model file"):
        open_session(tmp_path / "none.onnx")


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x07" * 400])
def test_not_onnx(tmp_path, content):
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"m\.onnx: ") as caught:
        open_session(path)
    assert "\n" not in str(caught.value)


def test_cut_off_file(tmp_path):
    path = save_detector(tmp_path / "m.onnx")
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(ModelError):
        open_session(path)


def test_onnx_but_not_ours(tmp_path):
    path = save_detector(tmp_path / "m.onnx", metadata={"author": "someone"})
    with pytest.raises(ModelError, match=r"not a kirinuki model.*kirinuki export"):
        open_session(path)


def test_checkpoint_points_to_export(tmp_path):
    path = tmp_path / "last.ckpt"
    path.touch()
    with pytest.raises(ModelError, match="kirinuki export"):
        open_session(path)


def test_wrong_kind(tmp_path):
    path = save_refiner(tmp_path / "r.onnx", 3)
    with pytest.raises(ModelError, match="is a refiner, expected a detector"):
        open_session(path, kind="detector")


def test_kind_that_the_graph_belies(tmp_path):
    path = save_detector(tmp_path / "m.onnx", info=replace(REFINER))
    with pytest.raises(ModelError, match="is called a refiner"):
        open_session(path)


def test_sha256(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"kirinuki" * 300_000)
    assert sha256_of(path) == hashlib.sha256(b"kirinuki" * 300_000).hexdigest()


@pytest.mark.parametrize("kind", ["detector", "refiner"])
def test_embedded_model_opens(kind):
    _, info = open_session(embedded(kind), kind=kind)
    assert info.licence
    assert info.training_data
    assert len(info.source_sha256) == 64
    assert json.loads(info.to_metadata()["kirinuki.format"]) == models.FORMAT
