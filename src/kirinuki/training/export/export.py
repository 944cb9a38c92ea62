"""Checkpoint → model file: ONNX graphs that `Segmenter` runs, as ``docs/model-files.md`` says.

Weights are rounded to half precision and stored so; the graph computes in single precision (ONNX
Runtime widens them once, when it loads the file). Every file is compared with torch before it
appears under its name (`parity`).

torch's older exporter is used on purpose: the newer one (``dynamo=True``) does not take Mask
R-CNN's shapes, which depend on the data.

Not covered: quantisation to integers, exporting anything that `Segmenter` does not run.
"""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.image_list import ImageList

from kirinuki.errors import ModelError
from kirinuki.images.picture import write_atomically
from kirinuki.segmenter.model_file import ModelInfo
from kirinuki.segmenter.model_tensors import SIGNATURES
from kirinuki.training.export.graph import HALF_FROM, state_box_shapes, store_halves
from kirinuki.training.export.parity import check_detector, check_refiner
from kirinuki.training.export.tracing import fix_same_padding, levels_merged_by_one_gather
from kirinuki.training.networks.checkpoint import Checkpoint
from kirinuki.training.networks.limits import MAX_DETECTIONS, MIN_SCORE
from kirinuki.training.networks.model import build_detector

OPSET = 17
FOUND = SIGNATURES["detector"].output_names
REFINER_OUTPUTS = ("alpha", "quality", "female")


class DetectorGraph(nn.Module):
    """A `MaskRCNN` as the model file runs it: no resizing, no pasting of masks.

    ``image`` (3, h, w) uint8 RGB, any size; ``min_score`` () float32 → boxes (N, 4) float32 xyxy in
    pixels of the input, inside it; scores (N,) float32; labels (N,) int64, 0-based; masks
    (N, 28, 28) float32, probability of the predicted class inside each box.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, model: MaskRCNN) -> None:
        super().__init__()
        self.model = copy.deepcopy(model).eval()
        fix_same_padding(self.model)
        heads = self.model.roi_heads
        heads.detections_per_img = min(heads.detections_per_img, MAX_DETECTIONS)
        transform = self.model.transform
        self.multiple = int(transform.size_divisible)
        self.register_buffer("mean", torch.tensor(transform.image_mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(transform.image_std).view(1, 3, 1, 1))

    def forward(self, image: Tensor, min_score: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        pictures = (image[None].float() / 255 - self.mean) / self.std  # (1, 3, h, w)
        height, width = torch._shape_as_tensor(image)[1:].unbind()
        # As in training, padding follows normalisation: it has the mean colour.
        right, bottom = -image.shape[2] % self.multiple, -image.shape[1] % self.multiple
        pictures = nn.functional.pad(pictures, (0, right, 0, bottom))
        features = self.model.backbone(pictures)
        sizes: Any = [(height, width)]  # tensors, so that the traced graph takes any size
        proposals, _ = self.model.rpn(ImageList(pictures, sizes), features)
        self.model.roi_heads.score_thresh = min_score
        (found,), _ = self.model.roi_heads(features, proposals, sizes)
        return found["boxes"], found["scores"], found["labels"] - 1, found["masks"][:, 0]


class RefinerGraph(nn.Module):
    """A refiner as the model file runs it: crops (B, 4, S, S) float32 → alpha (B, 1, S, S), quality
    (B,) and female (B,), all float32 in [0, 1]."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = copy.deepcopy(model).eval()
        fix_same_padding(self.model)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        alpha, quality, female = self.model(crops)
        return alpha.clamp(0, 1), quality, female


def export_checkpoint(
    checkpoint: Checkpoint,
    path: str | Path,
    *,
    score: float = 0.5,
    version: str = "1",
    licence: str = "not stated",
    training_data: str = "not stated",
    overwrite: bool = False,
) -> ModelInfo:
    """Write the model file of a checkpoint, detector or refiner; returns what the file says.

    Args:
        score: default score in [0, 1] from which a detection counts.
        version, licence, training_data: see `ModelInfo`.

    Raises:
        ModelError: the weights do not fit, or the file disagrees with torch.
        OutputError: the file exists already, or cannot be written.
    """
    words = {"version": version, "licence": licence, "training_data": training_data}
    common: dict[str, Any] = {
        **words,
        "arch": checkpoint.arch,
        "input_size": checkpoint.input_size,
        "source_sha256": checkpoint.sha256,
    }
    if checkpoint.arch == "refiner":
        from kirinuki.training.networks.refiner import MARGIN, RefinerNetwork

        refiner = RefinerNetwork(pretrained=False)
        checkpoint.fill(refiner)
        info = ModelInfo(kind="refiner", names=(), margin=MARGIN, **common)
        export_refiner(refiner, info, path, overwrite)
    else:
        detector = build_detector(checkpoint.arch, len(checkpoint.names), pretrained=False)
        checkpoint.fill(detector)
        info = ModelInfo(kind="detector", names=checkpoint.names, score=score, **common)
        export_detector(detector, info, path, overwrite)
    return info


def export_detector(
    model: MaskRCNN, info: ModelInfo, path: str | Path, overwrite: bool = False
) -> None:
    """Write a detector's model file.

    Raises:
        OutputError: the file exists already, or cannot be written.
        ModelError: the file disagrees with torch; it is not left behind.
    """
    graph = _rounded(DetectorGraph(model))
    image = torch.zeros((3, info.input_size, info.input_size), dtype=torch.uint8)
    axes: dict[str, dict[int, str]] = {"image": {1: "height", 2: "width"}}
    axes |= {name: {0: "found"} for name in FOUND}
    inputs = {"image": image, "min_score": torch.tensor(MIN_SCORE)}
    with write_atomically(path, overwrite) as temporary:
        proto = _trace(graph, inputs, info, axes, temporary)
        # An input that has an initialiser may be left out by the caller.
        default = numpy_helper.from_array(np.array(MIN_SCORE, np.float32), "min_score")
        proto.graph.initializer.append(default)
        state_box_shapes(proto.graph)
        _write(proto, info, temporary)
        check_detector(graph, temporary)


def export_refiner(
    model: nn.Module, info: ModelInfo, path: str | Path, overwrite: bool = False
) -> None:
    """Write a refiner's model file; its crops' side is a multiple of 32. Errors as
    `export_detector`."""
    if info.input_size % 32:
        raise ModelError(f"input_size is {info.input_size}; a refiner's is a multiple of 32")
    graph = _rounded(RefinerGraph(model))
    crops = torch.zeros((2, 4, info.input_size, info.input_size))
    axes = {name: {0: "batch"} for name in ("crops", *REFINER_OUTPUTS)}
    with write_atomically(path, overwrite) as temporary:
        proto = _trace(graph, {"crops": crops}, info, axes, temporary)
        _write(proto, info, temporary)
        check_refiner(graph, temporary)


def write_info(info: ModelInfo, path: str | Path) -> None:
    """Replace what a model file says about itself; its graph stays as it is."""
    proto = onnx.load(str(path))
    with write_atomically(path, overwrite=True) as temporary:
        _write(proto, info, temporary)


def _rounded(graph: nn.Module) -> nn.Module:
    """The graph with its large tensors rounded to half precision, so that the file can hold them
    exactly and the comparison with torch may be strict. Mean rounding error: 2⁻¹² of the value."""
    for tensor in graph.state_dict().values():
        if tensor.dtype == torch.float32 and tensor.numel() >= HALF_FROM:
            half = tensor.half().float()
            if torch.isfinite(half).all():
                tensor.copy_(half)
    return graph


def _trace(
    graph: nn.Module,
    inputs: dict[str, Tensor],
    info: ModelInfo,
    axes: dict[str, dict[int, str]],
    path: Path,
) -> onnx.ModelProto:
    with warnings.catch_warnings(), torch.no_grad(), levels_merged_by_one_gather():
        warnings.simplefilter("ignore")  # of the tracer about torchvision's own code
        torch.onnx.export(
            graph,
            tuple(inputs.values()),
            path,
            dynamo=False,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(REFINER_OUTPUTS if info.kind == "refiner" else FOUND),
            dynamic_axes=axes,
            # Folding BatchNorm now would take the rounded weights apart; ONNX Runtime folds it.
            training=torch.onnx.TrainingMode.PRESERVE,
        )
    return onnx.load(path)


def _write(proto: onnx.ModelProto, info: ModelInfo, path: Path) -> None:
    store_halves(proto.graph)
    helper.set_model_props(proto, info.to_metadata())
    proto.producer_name = "kirinuki"
    onnx.checker.check_model(proto)
    path.write_bytes(proto.SerializeToString())
