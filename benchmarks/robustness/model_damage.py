"""Ways to damage a model file, each drawn from a seed and a number.

Half of them know nothing of ONNX and change bytes; half change the graph, the weights or the
metadata, so that the file still opens as ONNX.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from numpy.random import Generator
from onnx import numpy_helper

from kirinuki.segmenter.model_file import embedded

Bytes = Callable[[bytes, Generator], bytes]
Graph = Callable[[onnx.ModelProto, Generator], None]

TEXTS = (
    "",
    "null",
    "{}",
    "[" * 100_000 + "]" * 100_000,
    "1" + "0" * 400,
    "-1",
    "1e999",
    "NaN",
    '"\\ud800"',
    '["a", 1, null]',
    "[1, 2, 3, 4]",
    '"' + "長" * 200_000 + '"',
    '"\\u001b[31mred\\n"',
)
"""Values of metadata that are not as they should be."""


def damage_of(number: int) -> str:
    """What is done to file `number`: all ways in turn."""
    names = [*BYTES, *GRAPHS]
    return names[number % len(names)]


def damaged(seed: int, number: int, folder: Path) -> Path:
    """Write damaged file `number`: what to open, a detector's file or a model's folder. Only the
    last one stays in the folder."""
    rng = np.random.default_rng((seed, number))
    refiner = bool(rng.integers(2))
    name = damage_of(number)
    whole = embedded("refiner" if refiner else "detector").read_bytes()
    place = folder / "model"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    if refiner:
        shutil.copyfile(embedded("detector"), place / "detector.onnx")
    target = place / ("refiner.onnx" if refiner else "detector.onnx")
    if name in BYTES:
        target.write_bytes(BYTES[name](whole, rng))
    else:
        model = onnx.load_from_string(whole)
        GRAPHS[name](model, rng)
        target.write_bytes(model.SerializeToString())
    return place if refiner else target


def _cut(whole: bytes, rng: Generator) -> bytes:
    return whole[: int(rng.integers(len(whole)))]


def _flip(whole: bytes, rng: Generator, low: int = 0, high: int | None = None) -> bytes:
    """One to 64 bytes changed, somewhere between low and high."""
    changed = np.frombuffer(whole, np.uint8).copy()
    places = rng.integers(low, high or len(whole), int(2 ** rng.uniform(0, 6)))
    changed[places] ^= rng.integers(1, 256, len(places)).astype(np.uint8)
    return changed.tobytes()


def _blank(whole: bytes, rng: Generator) -> bytes:
    start, length = int(rng.integers(len(whole))), int(2 ** rng.uniform(3, 18))
    return whole[:start] + bytes(length) + whole[start + length :]


def _insert(whole: bytes, rng: Generator) -> bytes:
    start = int(rng.integers(len(whole)))
    return whole[:start] + rng.bytes(int(2 ** rng.uniform(0, 16))) + whole[start:]


def _drop(whole: bytes, rng: Generator) -> bytes:
    start = int(rng.integers(len(whole)))
    return whole[:start] + whole[start + int(2 ** rng.uniform(0, 16)) :]


def _foreign(whole: bytes, rng: Generator) -> bytes:
    """No model at all."""
    kinds = (b"", b"\0" * 4096, b"\x89PNG\r\n\x1a\n" + rng.bytes(900), rng.bytes(70_000), b"{}")
    return kinds[int(rng.integers(len(kinds)))]


def _metadata(model: onnx.ModelProto, rng: Generator) -> None:
    """One value another text."""
    entries = model.metadata_props
    entries[int(rng.integers(len(entries)))].value = TEXTS[int(rng.integers(len(TEXTS)))]


def _number(model: onnx.ModelProto, rng: Generator) -> None:
    """One number of the metadata another number."""
    numbers = [e for e in model.metadata_props if isinstance(json.loads(e.value), int | float)]
    values = (0, -1, 1, 2**31, 1e308, 0.5, 8192, 4)
    chosen = numbers[int(rng.integers(len(numbers)))]
    chosen.value = json.dumps(values[int(rng.integers(len(values)))])


def _no_metadata(model: onnx.ModelProto, rng: Generator) -> None:
    """All of it, or one entry, gone."""
    if rng.integers(2):
        del model.metadata_props[:]
    else:
        del model.metadata_props[int(rng.integers(len(model.metadata_props)))]


def _node(model: onnx.ModelProto, rng: Generator) -> None:
    """A node gone, or with another operator."""
    nodes = model.graph.node
    at = int(rng.integers(len(nodes)))
    if rng.integers(2):
        del nodes[at]
    else:
        nodes[at].op_type = nodes[int(rng.integers(len(nodes)))].op_type


def _wire(model: onnx.ModelProto, rng: Generator) -> None:
    """An input of a node taken from elsewhere."""
    nodes = [node for node in model.graph.node if node.input]
    node, other = (nodes[int(rng.integers(len(nodes)))] for _ in range(2))
    node.input[int(rng.integers(len(node.input)))] = other.input[0]


def _attribute(model: onnx.ModelProto, rng: Generator) -> None:
    """A whole number of a node another."""
    found = [a for node in model.graph.node for a in node.attribute if a.ints or a.type == 2]
    chosen = found[int(rng.integers(len(found)))]
    value = int(rng.choice([-1, 0, 3, 1000, 2**31 - 1, -(2**40)]))
    if chosen.ints:
        chosen.ints[int(rng.integers(len(chosen.ints)))] = value
    else:
        chosen.i = value


def _weights(model: onnx.ModelProto, rng: Generator) -> None:
    """Weights that are huge, or no numbers."""
    tensors = [t for t in model.graph.initializer if numpy_helper.to_array(t).dtype.kind == "f"]
    for at in rng.integers(0, len(tensors), 3).tolist():
        values = numpy_helper.to_array(tensors[at]).copy()
        with np.errstate(over="ignore"):
            values *= values.dtype.type(rng.choice([np.nan, np.inf, -1e4, 0]))
        tensors[at].CopyFrom(numpy_helper.from_array(values, tensors[at].name))


def _constants(model: onnx.ModelProto, rng: Generator) -> None:
    """A whole number among the constants, such as a shape or a limit, another."""
    inside = [a.t for node in model.graph.node for a in node.attribute if a.HasField("t")]
    whole = [t for t in [*model.graph.initializer, *inside] if t.data_type == t.INT64]
    some = [t for t in whole if numpy_helper.to_array(t).size]
    chosen = some[int(rng.integers(len(some)))]
    values = numpy_helper.to_array(chosen).copy()
    values.flat[int(rng.integers(values.size))] = rng.choice([-7, 0, 5, 10**4, 2**40])
    chosen.CopyFrom(numpy_helper.from_array(values, chosen.name))


def _interface(model: onnx.ModelProto, rng: Generator) -> None:
    """An output gone, named otherwise, in another place, or of another type."""
    outputs = model.graph.output
    at, way = int(rng.integers(len(outputs))), int(rng.integers(4))
    if way == 0 and len(outputs) > 1:
        del outputs[at]
    elif way == 1:
        old, outputs[at].name = outputs[at].name, "あ" * 300
        for node in model.graph.node:
            node.output[:] = [outputs[at].name if name == old else name for name in node.output]
    elif way == 2:
        first = onnx.ValueInfoProto()
        first.CopyFrom(outputs[0])
        del outputs[0]
        outputs.append(first)
    else:
        outputs[at].type.tensor_type.elem_type = onnx.TensorProto.INT32


BYTES: dict[str, Bytes] = {
    "cut off": _cut,
    "bytes changed": _flip,
    "bytes changed at the start": lambda whole, rng: _flip(whole, rng, 0, 4096),
    "bytes changed at the end": lambda whole, rng: _flip(whole, rng, len(whole) - 8192),
    "a stretch of zeros": _blank,
    "bytes put in": _insert,
    "bytes left out": _drop,
    "no model": _foreign,
}
GRAPHS: dict[str, Graph] = {
    "metadata text": _metadata,
    "metadata number": _number,
    "metadata gone": _no_metadata,
    "node": _node,
    "wire": _wire,
    "attribute": _attribute,
    "weights": _weights,
    "constants": _constants,
    "inputs and outputs": _interface,
}
