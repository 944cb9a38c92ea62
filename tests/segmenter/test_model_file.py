from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

pytest.importorskip("onnx")
import onnx

from fake_models import DETECTOR, REFINER, save_detector, save_judging_refiner, save_refiner
from kirinuki.errors import KirinukiError, ModelError
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
        ({"kirinuki.names": "[" * 100_000 + "]" * 100_000}, "kirinuki.names is"),
        ({"kirinuki.names": '["waifu", 3]'}, "kirinuki.names is"),
        ({"kirinuki.names": "[" + '"a",' * 300_000 + '"b"]'}, "kirinuki.names is"),
        ({"kirinuki.calibration": "[1, 2"}, "kirinuki.calibration is"),
        ({"kirinuki.score": "1" + "0" * 400}, "kirinuki.score is '10"),
    ],
)
def test_wrong_metadata_is_named(tmp_path, change, message):
    path = save_detector(tmp_path / "m.onnx", metadata={**DETECTOR.to_metadata(), **change})
    with pytest.raises(ModelError, match=message) as caught:
        open_session(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_what_onnx_runtime_cannot_say_does_not_reach_stdout(tmp_path, capfd):
    path = save_detector(tmp_path / "m.onnx")
    content = path.read_bytes()
    assert content.count(b"Identity") == 4
    path.write_bytes(content.replace(b"Identity", b"Ident\xff\xfey"))  # named in its error
    with pytest.raises(ModelError, match="cannot open it"):
        open_session(path)
    assert capfd.readouterr().out == ""


def test_metadata_that_is_not_utf8(tmp_path):
    path = save_detector(tmp_path / "m.onnx", info=replace(DETECTOR, arch="QQQQ"))
    path.write_bytes(path.read_bytes().replace(b"QQQQ", b"\xff\xfe\xff\xfe"))
    with pytest.raises(ModelError, match="not UTF-8; export"):
        open_session(path)


def test_a_folder_and_a_file_too_large_for_onnx(tmp_path):
    with pytest.raises(ModelError, match="is a folder, expected an ONNX file"):
        open_session(tmp_path)
    large = tmp_path / "large.onnx"
    with large.open("wb") as file:
        file.truncate(2**31)  # takes no space
    with pytest.raises(ModelError, match=r"has 2\.0 GiB"):
        open_session(large)


@pytest.mark.parametrize("threads", [0, -1, 1_000_000])
def test_threads_that_cannot_be(tmp_path, threads):
    with pytest.raises(KirinukiError, match=f"`threads` is {threads}, expected .* 1 to 1024"):
        open_session(save_detector(tmp_path / "m.onnx"), threads=threads)


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
    with pytest.raises(ModelError, match=r"a damaged one \(\d+ bytes\); copy or export"):
        open_session(path)


def test_onnx_but_not_ours(tmp_path):
    path = save_detector(tmp_path / "m.onnx", metadata={"author": "someone"})
    with pytest.raises(ModelError, match=r"not a kirinuki model.*kirinuki export") as caught:
        open_session(path)
    assert "has image uint8 (3, ?, ?) → boxes float32 (0, 4)" in str(caught.value)
    assert "expected image uint8 (3, h, w) → boxes float32 (n, 4)" in str(caught.value)


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


def test_outputs_of_another_type(tmp_path):
    path = save_detector(tmp_path / "m.onnx")
    model = onnx.load(path)
    model.graph.output[2].type.tensor_type.elem_type = onnx.TensorProto.INT32
    model.graph.initializer[2].data_type = onnx.TensorProto.INT32
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"has .*labels tensor\(int32\).*expected .*labels int64"):
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
