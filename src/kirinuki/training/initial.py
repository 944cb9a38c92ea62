"""Weights to start from: a checkpoint, a model file, or the model inside the package.

A model file can be trained further because the exporter keeps every tensor under its name; what it
rounded to half precision starts rounded.

Classes may differ from the source's: a class of the same name starts from its own weights, any
other from the mean of all classes there, so that a new "waifu" starts as a known "character".

Not covered: going on with a stopped run (`fit`), ImageNet and COCO weights (`model`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from kirinuki.errors import ModelError, TrainingError
from kirinuki.models import ModelInfo, embedded
from kirinuki.training.checkpoint import read_checkpoint
from kirinuki.training.config import DETECTORS, FINE_TUNING_RATE
from kirinuki.training.export import DetectorGraph
from kirinuki.training.model import build_detector

CLASS_LAYERS = (
    "roi_heads.box_predictor.cls_score",
    "roi_heads.box_predictor.bbox_pred",
    "roi_heads.mask_predictor.mask_fcn_logits",
)
"""Layers whose rows belong to classes, the background first; several rows a class for boxes."""
NOT_IN_MODEL_FILES = "num_batches_tracked"


@dataclass(frozen=True)
class InitialWeights:
    """Weights of a detector.

    Attributes:
        where: the file, for messages.
        arch: architecture.
        names: class names, without the background.
        input_size: long side of the pictures it was trained on.
        state: tensors by their names in `build_detector`'s network.
    """

    where: str
    arch: str
    names: tuple[str, ...]
    input_size: int
    state: dict[str, Tensor]

    def settings(self) -> dict[str, object]:
        """What a configuration takes from them where the user says nothing."""
        return {
            "arch": self.arch,
            "input_size": self.input_size,
            "learning_rate": FINE_TUNING_RATE,
        }

    def fill(self, network: nn.Module, names: tuple[str, ...]) -> None:
        """Load the weights into a network for the classes `names`, in place.

        Raises:
            TrainingError: the network is of another architecture.
        """
        wanted = network.state_dict()
        state = {name: self._for_classes(name, names) for name in self.state if name in wanted}
        for name, tensor in wanted.items():
            if name.endswith(NOT_IN_MODEL_FILES) and name not in state:
                state[name] = tensor
            elif name not in state or state[name].shape != tensor.shape:
                raise TrainingError(
                    f'{self.where}: its weights do not fit this network (tensor "{name}"); '
                    "was it made by another version?"
                )
        network.load_state_dict(state)

    def _for_classes(self, name: str, names: tuple[str, ...]) -> Tensor:
        tensor = self.state[name]
        if name.rpartition(".")[0] not in CLASS_LAYERS or names == self.names:
            return tensor
        by_class = tensor.reshape(1 + len(self.names), -1, *tensor.shape[1:])  # (1 + C, rows, …)
        known = {known: by_class[i + 1] for i, known in enumerate(self.names)}
        mean = by_class[1:].mean(dim=0)
        rows = [by_class[0], *(known.get(new, mean) for new in names)]
        return torch.stack(rows).flatten(0, 1)


def read_initial(source: str) -> InitialWeights:
    """Weights of a checkpoint (.ckpt), a model file (.onnx), or "default".

    Raises:
        ModelError: there is none, or it is not a detector of ours.
    """
    path = embedded("detector") if source == "default" else Path(source)
    if source == "default" and not path.is_file():
        raise ModelError("this install has no default model; give --init a checkpoint")
    if path.suffix.lower() == ".onnx":
        return _from_model_file(path)
    checkpoint = read_checkpoint(path)
    _refuse_others(path, checkpoint.arch)
    return InitialWeights(
        where=str(path),
        arch=checkpoint.arch,
        names=checkpoint.names,
        input_size=checkpoint.input_size,
        state=checkpoint.state,
    )


def _from_model_file(path: Path) -> InitialWeights:
    try:
        proto = onnx.load(str(path))
        info = ModelInfo.from_metadata({prop.key: prop.value for prop in proto.metadata_props})
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    except Exception as error:  # whatever a missing or damaged file makes onnx raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"{path}: cannot be read as a model file ({reason})") from error
    _refuse_others(path, info.arch)
    stored = {
        tensor.name.removesuffix(".half"): torch.from_numpy(
            numpy_helper.to_array(tensor).copy()
        ).float()
        for tensor in proto.graph.initializer
    }
    network = build_detector(info.arch, len(info.names), pretrained=False)
    # The graph renames what it rewrites for speed, but keeps the order of the tensors.
    in_graph = DetectorGraph(network).model.state_dict()
    state = {}
    for name, there in zip(network.state_dict(), in_graph, strict=True):
        if name.endswith(NOT_IN_MODEL_FILES):
            continue
        if f"model.{there}" not in stored:
            raise ModelError(
                f'{path}: cannot be trained further, tensor "{there}" is not in it under its '
                "name; start from the checkpoint that it was exported from"
            )
        state[name] = stored[f"model.{there}"]
    return InitialWeights(str(path), info.arch, info.names, info.input_size, state)


def _refuse_others(path: Path, arch: str) -> None:
    if arch not in DETECTORS:
        raise ModelError(f'{path}: holds "{arch}"; --init takes a detector')
