"""Tiny model files with known outputs, built without torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper

from kirinuki.segmenter.model_file import ModelInfo

DETECTOR = ModelInfo("detector", ("waifu", "husbando"), 64, arch="fake", licence="MIT", score=0.5)
REFINER = ModelInfo("refiner", (), 64, arch="fake", margin=0.25)


def save(path: Path, nodes, inputs, outputs, constants, metadata: dict[str, str]) -> Path:
    graph = helper.make_graph(
        nodes,
        "fake",
        [helper.make_tensor_value_info(*i) for i in inputs],
        [helper.make_tensor_value_info(*o) for o in outputs],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def save_detector(
    path: Path,
    boxes: ArrayLike = (),
    scores: ArrayLike = (),
    labels: ArrayLike | None = None,
    masks: ArrayLike | None = None,
    info: ModelInfo = DETECTOR,
    metadata: dict[str, str] | None = None,
) -> Path:
    """A detector that finds the same in every picture; boxes in pixels of its input."""
    scores = np.asarray(scores, np.float32)
    n = len(scores)
    outputs = {
        "boxes": np.asarray(boxes, np.float32).reshape(n, 4),
        "scores": scores,
        "labels": np.zeros(n, np.int64) if labels is None else np.asarray(labels, np.int64),
        "masks": np.ones((n, 28, 28), np.float32) if masks is None else np.asarray(masks),
    }
    types = {"labels": TensorProto.INT64}
    shapes = {"boxes": ["n", 4], "masks": ["n", "m", "m"]}
    return save(
        path,
        [helper.make_node("Identity", [f"{name}_"], [name]) for name in outputs],
        [("image", TensorProto.UINT8, [3, "h", "w"])],
        [(name, types.get(name, TensorProto.FLOAT), shapes.get(name, ["n"])) for name in outputs],
        {f"{name}_": value for name, value in outputs.items()},
        info.to_metadata() if metadata is None else metadata,
    )


def save_refiner(path: Path, channel: int, info: ModelInfo = REFINER) -> Path:
    """A refiner that returns one channel of its crops: 0 to 2 colours, 3 the coarse mask."""
    return save(
        path,
        [helper.make_node("Slice", ["crops", "start", "end", "axis"], ["alpha"])],
        [("crops", TensorProto.FLOAT, ["b", 4, info.input_size, info.input_size])],
        [("alpha", TensorProto.FLOAT, ["b", 1, info.input_size, info.input_size])],
        {"start": np.array([channel]), "end": np.array([channel + 1]), "axis": np.array([1])},
        info.to_metadata(),
    )


def save_judging_refiner(path: Path, info: ModelInfo = REFINER) -> Path:
    """A refiner whose alpha is the coarse mask, and which reads quality and female off the picture:
    the largest green and the largest blue of the crop."""
    size = info.input_size
    nodes, constants = [], {"axis": np.array([1])}
    for channel, name in ((1, "quality"), (2, "female"), (3, "alpha")):
        constants |= {f"{name}_0": np.array([channel]), f"{name}_1": np.array([channel + 1])}
        cut = [helper.make_node("Slice", ["crops", f"{name}_0", f"{name}_1", "axis"], [name])]
        if name != "alpha":
            cut[0].output[0] = f"{name}_map"
            most = helper.make_node(
                "ReduceMax", [f"{name}_map"], [name], axes=[1, 2, 3], keepdims=0
            )
            cut.append(most)
        nodes += cut
    return save(
        path,
        nodes,
        [("crops", TensorProto.FLOAT, ["b", 4, size, size])],
        [
            ("alpha", TensorProto.FLOAT, ["b", 1, size, size]),
            ("quality", TensorProto.FLOAT, ["b"]),
            ("female", TensorProto.FLOAT, ["b"]),
        ],
        constants,
        info.to_metadata(),
    )
