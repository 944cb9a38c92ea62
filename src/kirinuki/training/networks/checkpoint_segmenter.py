"""A training checkpoint as a `Segmenter`: measured through torch, without exporting it first.

The network takes the place of the ONNX session, so everything around it (resizing, scaling back,
one detection a character, soft edges with the package's refiner) is what ``kirinuki cut`` does.

Not covered: checkpoints of refiners (export them, and measure the folder of both model files).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from kirinuki.errors import ModelError
from kirinuki.evaluation.predictions import SCORE_FLOOR
from kirinuki.segmenter.detector import Detector
from kirinuki.segmenter.model_file import ModelInfo, embedded, open_session
from kirinuki.segmenter.refiner import Refiner
from kirinuki.segmenter.segmenter import Segmenter
from kirinuki.training.export.export import DetectorGraph
from kirinuki.training.networks.checkpoint import read_checkpoint
from kirinuki.training.networks.model import build_detector
from kirinuki.training.networks.registry import DETECTORS


def load_checkpoint(path: str | Path, score: float | None = None) -> Segmenter:
    """The detector of a checkpoint as a `Segmenter`, with the package's refiner if it has one.

    Args:
        path: a checkpoint of ``kirinuki train``.
        score: score in [0, 1] from which a character counts; None takes `ModelInfo`'s default.

    Raises:
        ModelError: the file is missing, damaged, or not a detector's checkpoint.
    """
    checkpoint = read_checkpoint(path)
    if checkpoint.arch not in DETECTORS:
        raise ModelError(
            f'{path}: is a checkpoint of "{checkpoint.arch}", not of a detector; export it, and '
            "measure the folder that holds detector.onnx and refiner.onnx"
        )
    network = build_detector(checkpoint.arch, len(checkpoint.names), pretrained=False)
    checkpoint.fill(network)
    info = ModelInfo("detector", checkpoint.names, checkpoint.input_size, arch=checkpoint.arch)
    refiner = None
    if embedded("refiner").is_file():
        refiner = Refiner(*open_session(embedded("refiner"), kind="refiner"))
    session: Any = _TorchSession(DetectorGraph(network))
    return Segmenter(Detector(session, info), refiner, provider="torch, cpu", score=score)


class _TorchSession:
    """The part of ONNX Runtime's session that `Detector` uses, computed by torch."""

    def __init__(self, graph: DetectorGraph) -> None:
        self._graph = graph

    def get_overridable_initializers(self) -> list[Any]:
        """None: `Detector` then drops weak detections itself, from 0.05 on."""
        return []

    def run(self, names: list[str], feed: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """boxes, scores, labels, masks of one picture, as the model file returns them."""
        with torch.no_grad():
            outputs = self._graph(torch.from_numpy(feed["image"]), torch.tensor(SCORE_FLOOR))
        return [np.asarray(output) for output in outputs]
