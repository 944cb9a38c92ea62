"""Rewrites of a traced graph: the same values from a smaller file, and one that more runtimes take.

Not covered: rewrites of the network before it is traced (`tracing`).
"""

from __future__ import annotations

from itertools import count

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper

HALF_FROM = 1024
"""Tensors with fewer elements stay in single precision: halving them saves nothing."""


def store_halves(graph: onnx.GraphProto) -> None:
    """Store in half precision, behind a Cast, every weight that half precision holds exactly."""
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < HALF_FROM:
            continue
        values = numpy_helper.to_array(tensor)
        with np.errstate(over="ignore"):
            half = values.astype(np.float16)
        if not np.array_equal(half.astype(np.float32), values):
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend(casts + nodes)


def state_box_shapes(graph: onnx.GraphProto, numbers: count[int] | None = None) -> None:
    """Say before every NonMaxSuppression, also of the graphs inside, that a box has four numbers.

    The tracer leaves that open, and OpenVINO refuses such a graph; ONNX Runtime's own providers do
    not ask.
    """
    numbers = numbers or count()
    nodes = []
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                state_box_shapes(attribute.g, numbers)
        if node.op_type == "NonMaxSuppression":
            shape, boxes = (f"{part}.{next(numbers)}" for part in ("box_shape", "boxes"))
            graph.initializer.append(numpy_helper.from_array(np.array([1, -1, 4]), shape))
            nodes.append(helper.make_node("Reshape", [node.input[0], shape], [boxes]))
            node.input[0] = boxes
        nodes.append(node)
    nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(nodes)
