from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("torchvision")
pytest.importorskip("onnx")
pytest.importorskip("timm")

import onnx
import torch
from click.testing import CliRunner
from onnx import TensorProto, numpy_helper
from timm.layers.conv2d_same import Conv2dSame
from torch import nn
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import TwoMLPHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.ops import MultiScaleRoIAlign

from kirinuki.errors import KirinukiError, ModelError, OutputError
from kirinuki.geometry import box_iou
from kirinuki.segmenter.detector import Detector
from kirinuki.segmenter.model_file import ModelInfo, open_session, sha256_of
from kirinuki.training.export import export
from kirinuki.training.export.export import (
    DetectorGraph,
    export_checkpoint,
    export_detector,
    export_refiner,
)
from kirinuki.training.export.graph import HALF_FROM
from kirinuki.training.export.parity import synthetic_picture
from kirinuki.training.networks.checkpoint import read_checkpoint

INFO = ModelInfo("detector", ("a", "b"), 128, arch="tiny", licence="MIT", score=0.4)
REFINER = ModelInfo("refiner", (), 64, arch="tiny", margin=0.1)


class TinyBackbone(nn.Module):
    """Two levels, strides 8 and 16, with TensorFlow's padding and BatchNorm as in the real one."""

    out_channels = 16

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            Conv2dSame(3, 16, 5, stride=4), Conv2dSame(16, 16, 3, stride=2), nn.BatchNorm2d(16)
        )
        self.down = nn.Sequential(nn.ReLU(), Conv2dSame(16, 16, 5, stride=2))

    def forward(self, pictures):
        fine = self.stem(pictures)
        return {"0": fine, "1": self.down(fine)}


@pytest.fixture(scope="module")
def model() -> MaskRCNN:
    torch.manual_seed(0)
    detector = MaskRCNN(
        TinyBackbone(),
        num_classes=None,
        rpn_anchor_generator=AnchorGenerator(((16, 24), (48, 72)), ((0.5, 1.0, 2.0),) * 2),
        rpn_pre_nms_top_n_test=100,
        rpn_post_nms_top_n_test=30,
        box_roi_pool=MultiScaleRoIAlign(["0", "1"], 7, 2, canonical_scale=48),
        box_head=TwoMLPHead(16 * 49, 32),
        box_predictor=_Predictor(),
        box_detections_per_img=100,
        mask_roi_pool=MultiScaleRoIAlign(["0", "1"], 14, 2, canonical_scale=48),
        mask_head=MaskRCNNHeads(16, (16,), 1),
        mask_predictor=MaskRCNNPredictor(16, 16, 3),
    ).eval()
    # torchvision's `_skip_resize` holds in training only; pictures are to stay as they are.
    detector.transform.resize = lambda image, target: (image, target)
    with torch.no_grad():  # scores far apart, as after training
        for parameter in detector.roi_heads.box_predictor.parameters():
            parameter.mul_(6)
        for tensor in detector.state_dict().values():  # as the file holds them
            if tensor.is_floating_point():
                tensor.copy_(tensor.half())
    return detector


class _Predictor(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cls_score, self.bbox_pred = nn.Linear(32, 3), nn.Linear(32, 12)

    def forward(self, x):
        return self.cls_score(x), self.bbox_pred(x)


@pytest.fixture(scope="module")
def detector_file(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "detector.onnx"
    export_detector(model, INFO, path)
    return path


def test_file_describes_itself(detector_file):
    session, info = open_session(detector_file, kind="detector")
    assert info == INFO
    assert [t.name for t in session.get_overridable_initializers()] == ["min_score"]
    assert session.get_inputs()[0].type == "tensor(uint8)"


@pytest.mark.parametrize("size_hw", [(96, 128), (128, 70), (1, 128), (128, 1), (33, 31)])
def test_file_equals_torchvision(model, detector_file, size_hw):
    """Against torchvision's own forward pass, not our graph: sizes that are no multiple of 32."""
    picture = synthetic_picture(*size_hw, seed=3)
    with torch.no_grad():
        (theirs,) = model([torch.from_numpy(picture).float() / 255])
    session, _ = open_session(detector_file)
    boxes, scores, labels, masks = session.run(None, {"image": picture})
    few = min(len(scores), len(theirs["scores"]), 5)  # ties may swap in the tail
    assert few >= 1
    iou = box_iou(theirs["boxes"][:few].numpy(), boxes)
    best = iou.argmax(axis=1)
    assert iou.max(axis=1).min() > 0.97
    np.testing.assert_allclose(theirs["scores"][:few].numpy(), scores[best], atol=0.01)
    assert (theirs["labels"][:few].numpy() - 1 == labels[best]).all()
    assert masks.shape[1:] == (28, 28)
    assert scores.min() >= 0.05
    assert len(scores) <= 50


def test_min_score_spares_weak_finds(detector_file):
    picture = synthetic_picture(96, 128, 0).transpose(1, 2, 0)
    detector = Detector(*open_session(detector_file))
    every = detector(picture, 0.0)
    half = float(np.median(every.scores))
    some = detector(picture, half)
    assert 0 < len(some) < len(every)
    np.testing.assert_allclose(some.boxes, every.boxes[: len(some)], atol=1e-2)
    assert len(detector(picture, 1.0)) == 0


def test_nobody_several_nobody_one(detector_file):
    session, _ = open_session(detector_file)
    picture = synthetic_picture(96, 128, 0)
    counts = []
    for limit in (1.0, 0.0, 1.0, 0.0, 1.0):
        feed = {"image": picture, "min_score": np.array(limit, np.float32)}
        boxes, scores, labels, masks = session.run(None, feed)
        assert len(boxes) == len(scores) == len(labels) == len(masks)
        counts.append(len(scores))
    assert counts[0] == counts[2] == counts[4] == 0
    assert counts[1] == counts[3] > 1


def test_large_weights_are_stored_in_half_precision(detector_file):
    proto = onnx.load(detector_file)
    large = [t for t in proto.graph.initializer if np.prod(t.dims) >= HALF_FROM]
    assert large
    assert {t.data_type for t in large} <= {TensorProto.FLOAT16, TensorProto.INT64}


def test_boxes_are_said_to_have_four_numbers_where_they_are_suppressed(detector_file):
    """OpenVINO refuses a graph that leaves it open."""
    graphs = [onnx.load(detector_file).graph]
    suppressed = 0
    for graph in graphs:
        graphs += [a.g for node in graph.node for a in node.attribute if a.HasField("g")]
        makers = {name: node for node in graph.node for name in node.output}
        constants = {t.name: numpy_helper.to_array(t).tolist() for t in graph.initializer}
        for node in graph.node:
            if node.op_type == "NonMaxSuppression":
                suppressed += 1
                assert constants[makers[node.input[0]].input[1]] == [1, -1, 4]
    assert suppressed > 1


def test_disagreeing_file_is_not_left_behind(model, tmp_path, monkeypatch):
    write = export._write

    def spoil(proto, info, path):
        for tensor in proto.graph.initializer:
            if tensor.name.endswith("conv5_mask.bias") or "box_head" in tensor.name:
                values = numpy_helper.to_array(tensor) * 0.5 + 0.1
                tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float32), tensor.name))
        write(proto, info, path)

    monkeypatch.setattr(export, "_write", spoil)
    with pytest.raises(ModelError, match="parity check, several"):
        export_detector(model, INFO, tmp_path / "m.onnx")
    assert list(tmp_path.iterdir()) == []


def test_existing_file_is_kept(model, detector_file):
    before = sha256_of(detector_file)
    with pytest.raises(OutputError, match="`overwrite`"):
        export_detector(model, INFO, detector_file)
    assert sha256_of(detector_file) == before


class TinyRefiner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down = Conv2dSame(4, 64, 3, stride=2)
        self.up = nn.Conv2d(64, 1, 3, padding=1)

    def forward(self, crops):
        small = self.up(torch.relu(self.down(crops)))
        alpha = nn.functional.interpolate(small, scale_factor=2, mode="bilinear").sigmoid()
        return alpha, alpha.mean(dim=(1, 2, 3)), alpha.amax(dim=(1, 2, 3))


def test_refiner(tmp_path):
    torch.manual_seed(0)
    refiner = TinyRefiner()
    export_refiner(refiner, REFINER, tmp_path / "r.onnx")
    session, info = open_session(tmp_path / "r.onnx", kind="refiner")
    assert info == REFINER
    crops = np.random.default_rng(0).random((5, 4, 64, 64), np.float32)
    with torch.no_grad():
        expected = refiner(torch.from_numpy(crops))
    for name, theirs in zip(("alpha", "quality", "female"), expected, strict=True):
        (ours,) = session.run([name], {"crops": crops})
        np.testing.assert_allclose(ours, theirs.numpy(), atol=2e-3)


def test_refiner_of_odd_size_is_refused(tmp_path):
    with pytest.raises(ModelError, match="multiple of 32"):
        export_refiner(TinyRefiner(), ModelInfo("refiner", (), 100), tmp_path / "r.onnx")


def save_checkpoint(path, network, **config):
    full = {"arch": "tiny", "names": ("a", "b"), "input_size": 128, **config}
    state = {f"model.{k}": v for k, v in network.state_dict().items()}
    torch.save({"state_dict": state, "hyper_parameters": {"config": full}}, path)
    return path


def test_command(model, tmp_path, monkeypatch):
    from kirinuki.cli.export import command

    monkeypatch.setattr(export, "build_detector", lambda *args, **kwargs: model)
    path = save_checkpoint(tmp_path / "best.ckpt", model)
    options = ["--score", "0.35", "--licence", "CC0", "--training-data", "drawn", str(path)]
    result = CliRunner().invoke(command, options)
    assert result.exit_code == 0, result.output
    assert "agrees with torch" in result.output
    _, info = open_session(tmp_path / "best.onnx")
    assert (info.names, info.score, info.licence) == (("a", "b"), 0.35, "CC0")
    assert info.source_sha256 == sha256_of(path)
    again = CliRunner().invoke(command, options)
    assert isinstance(again.exception, OutputError)


def test_checkpoint_of_another_network(model, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "build_detector", lambda *args, **kwargs: model)
    path = save_checkpoint(tmp_path / "m.ckpt", TinyRefiner())
    with pytest.raises(ModelError, match=r'do not fit architecture "tiny" with 2 classes'):
        export_checkpoint(read_checkpoint(path), tmp_path / "m.onnx")


def test_broken_checkpoints(tmp_path):
    with pytest.raises(ModelError, match="no such checkpoint"):
        read_checkpoint(tmp_path / "none.ckpt")
    broken = tmp_path / "broken.ckpt"
    broken.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(ModelError, match=r"broken\.ckpt: is a damaged checkpoint; copy it again"):
        read_checkpoint(broken)
    broken.write_text('{"images": []}')
    with pytest.raises(ModelError, match=r"broken\.ckpt: is no checkpoint of kirinuki train$"):
        read_checkpoint(broken)
    torch.save({"weights": torch.zeros(1)}, tmp_path / "other.ckpt")
    with pytest.raises(ModelError, match="not a checkpoint of kirinuki train"):
        read_checkpoint(tmp_path / "other.ckpt")
    with pytest.raises(KirinukiError, match="is a model file already"):
        read_checkpoint(save_as(tmp_path / "model.onnx"))


def save_as(path):
    path.touch()
    return path


class Evil:
    def __reduce__(self):
        return print, ("a checkpoint ran code",)


def test_checkpoint_cannot_run_code(tmp_path, capsys):
    torch.save({"state_dict": {}, "hyper_parameters": {"config": Evil()}}, tmp_path / "evil.ckpt")
    with pytest.raises(ModelError, match="is no checkpoint of kirinuki"):
        read_checkpoint(tmp_path / "evil.ckpt")
    assert "ran code" not in capsys.readouterr().out


def test_graph_runs_eagerly_like_the_file(model, detector_file):
    graph = DetectorGraph(model)
    with torch.no_grad():
        boxes, _, _, masks = graph(torch.zeros((3, 40, 50), dtype=torch.uint8), torch.tensor(0.0))
    assert float(boxes[:, 2].max()) <= 50
    assert float(boxes[:, 3].max()) <= 40
    assert masks.shape[1:] == (28, 28)


@pytest.mark.slow
def test_default_architecture(tmp_path):
    model_room = pytest.importorskip("kirinuki.training.networks.model")
    torch.manual_seed(0)
    detector = model_room.build_detector("lite", 1, pretrained=False)
    info = ModelInfo("detector", ("character",), 256, arch="lite")
    export_detector(detector, info, tmp_path / "lite.onnx")
    assert (tmp_path / "lite.onnx").stat().st_size < 20e6
