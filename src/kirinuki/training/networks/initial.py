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
from kirinuki.segmenter.model_file import ModelInfo, embedded
from kirinuki.training.config import FINE_TUNING_RATE
from kirinuki.training.export.export import DetectorGraph, RefinerGraph
from kirinuki.training.networks.checkpoint import read_checkpoint
from kirinuki.training.networks.model import build_detector
from kirinuki.training.networks.refiner import RefinerNetwork

CLASS_LAYERS = (
    "roi_heads.box_predictor.cls_score",
    "roi_heads.box_predictor.bbox_pred",
    "roi_heads.mask_predictor.mask_fcn_logits",
)
"""Layers whose rows belong to classes, the background first; several rows a class for boxes."""
NOT_IN_MODEL_FILES = "num_batches_tracked"
NEW_IN_REFINERS = "judge."
"""The head that refiners before version 0.2 lack; started from one of them, it starts as made."""


@dataclass(frozen=True)
class InitialWeights:
    """Weights of a detector or a refiner.

    Attributes:
        where: the file, for messages.
        arch: architecture.
        names: class names, without the background; none for a refiner.
        input_size: long side of the pictures, or side of the crops, it was trained on.
        state: tensors by their names in the network that is trained.
        seed: of the run that made them; -1 where that is not known.
        next_picture: number of the first picture that this run has not shown.
    """

    where: str
    arch: str
    names: tuple[str, ...]
    input_size: int
    state: dict[str, Tensor]
    seed: int = -1
    next_picture: int = 0

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
            new = name.endswith(NOT_IN_MODEL_FILES) or name.startswith(NEW_IN_REFINERS)
            if new and name not in state:
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


def read_initial(source: str, arch: str = "") -> InitialWeights:
    """Weights of a checkpoint (.ckpt), a model file (.onnx), or "default".

    Args:
        arch: architecture that is to be trained; "refiner" makes "default" the package's refiner.

    Raises:
        ModelError: there is none, or it is not ours.
    """
    default = embedded("refiner" if arch == "refiner" else "detector")
    path = default if source == "default" else Path(source)
    if source == "default" and not path.is_file():
        raise ModelError("this install has no default model; give `init` a checkpoint")
    if path.suffix.lower() == ".onnx":
        return _from_model_file(path)
    checkpoint = read_checkpoint(path)
    return InitialWeights(
        where=str(path),
        arch=checkpoint.arch,
        names=checkpoint.names,
        input_size=checkpoint.input_size,
        state=checkpoint.state,
        seed=int(checkpoint.config.get("seed", -1)),
        next_picture=checkpoint.next_picture,
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
    stored = {
        tensor.name.removesuffix(".half"): torch.from_numpy(
            numpy_helper.to_array(tensor).copy()
        ).float()
        for tensor in proto.graph.initializer
    }
    network, in_graph = _network_and_graph(info)
    # The graph renames what it rewrites for speed, but keeps the order of the tensors.
    state = {}
    for name, there in zip(network.state_dict(), in_graph.state_dict(), strict=True):
        if name.endswith(NOT_IN_MODEL_FILES):
            continue
        if name.startswith(NEW_IN_REFINERS) and f"model.{there}" not in stored:
            continue
        if f"model.{there}" not in stored:
            raise ModelError(
                f'{path}: cannot be trained further, tensor "{there}" is not in it under its '
                "name; start from the checkpoint that it was exported from"
            )
        state[name] = stored[f"model.{there}"]
    return InitialWeights(str(path), info.arch, info.names, info.input_size, state)


def _network_and_graph(info: ModelInfo) -> tuple[nn.Module, nn.Module]:
    """The network that a model file was made of, and that network as the graph holds it."""
    if info.kind == "refiner":
        refiner = RefinerNetwork(pretrained=False)
        return refiner, RefinerGraph(refiner).model
    detector = build_detector(info.arch, len(info.names), pretrained=False)
    return detector, DetectorGraph(detector).model
