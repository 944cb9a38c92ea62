"""The inputs and outputs of model files: what each kind has, and what a file has in their place.

Not covered: metadata (`model_file`), the values that a run returns (`detector`, `refiner`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kirinuki.errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

ONNX_TYPES = {"uint8": "tensor(uint8)", "float32": "tensor(float)", "int64": "tensor(int64)"}
"""ONNX Runtime's names of our types."""
NAMED = 4
"""Tensors of a foreign file that a message names; the others are counted."""
LONGEST_NAME = 24
"""Characters of a foreign name that a message repeats."""


@dataclass(frozen=True)
class Tensor:
    """An input or output: its name, its type as numpy calls it, and its sides."""

    name: str
    dtype: str
    sides: tuple[str | int, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.dtype} ({', '.join(map(str, self.sides))})"

    def matches(self, found: Any) -> bool:
        """Whether a tensor of a session has this name, type and number of sides."""
        same = (found.name, found.type) == (self.name, ONNX_TYPES[self.dtype])
        return same and len(found.shape) == len(self.sides)


@dataclass(frozen=True)
class Signature:
    """What a kind of model takes and returns; `optional` outputs may follow the others."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    optional: tuple[Tensor, ...] = ()

    @property
    def output_names(self) -> tuple[str, ...]:
        """Of the outputs that every model of this kind has."""
        return tuple(tensor.name for tensor in self.outputs)

    def __str__(self) -> str:
        return f"{_listed(self.inputs)} → {_listed(self.outputs)}"


SIGNATURES: dict[str, Signature] = {
    "detector": Signature(
        (Tensor("image", "uint8", (3, "h", "w")),),
        (
            Tensor("boxes", "float32", ("n", 4)),
            Tensor("scores", "float32", ("n",)),
            Tensor("labels", "int64", ("n",)),
            Tensor("masks", "float32", ("n", 28, 28)),
        ),
    ),
    "refiner": Signature(
        (Tensor("crops", "float32", ("b", 4, "s", "s")),),
        (Tensor("alpha", "float32", ("b", 1, "s", "s")),),
        (Tensor("quality", "float32", ("b",)), Tensor("female", "float32", ("b",))),
    ),
}
"""For each kind of model."""


def check_tensors(session: InferenceSession, kind: str) -> None:
    """Raise ModelError unless a session takes and returns what its kind does; names both."""
    signature = SIGNATURES[kind]
    inputs, outputs = session.get_inputs(), session.get_outputs()
    required, more = outputs[: len(signature.outputs)], outputs[len(signature.outputs) :]
    fits = _all_match(signature.inputs, inputs) and _all_match(signature.outputs, required)
    if not fits or not all(any(o.matches(one) for o in signature.optional) for one in more):
        raise ModelError(
            f"is called a {kind}, but has {described(session)}, expected {signature}; "
            "export the model file anew"
        )


def described(session: InferenceSession) -> str:
    """What any ONNX file takes and returns, short enough for a message."""
    return f"{_described(session.get_inputs())} → {_described(session.get_outputs())}"


def _all_match(expected: Sequence[Tensor], found: Sequence[Any]) -> bool:
    pairs = zip(expected, found, strict=False)
    return len(expected) == len(found) and all(one.matches(other) for one, other in pairs)


def _described(tensors: Sequence[Any]) -> str:
    words = []
    for one in tensors[:NAMED]:
        ours = next((name for name, theirs in ONNX_TYPES.items() if theirs == one.type), one.type)
        name = one.name if len(one.name) <= LONGEST_NAME else one.name[:LONGEST_NAME] + "…"
        sides = [side if isinstance(side, int) else "?" for side in one.shape[: NAMED + 1]]
        words.append(f"{name} {ours} ({', '.join(map(str, sides))})")
    left = len(tensors) - NAMED
    return ", ".join([*words, *([f"{left} more"] if left > 0 else [])]) or "nothing"


def _listed(tensors: Sequence[Tensor]) -> str:
    return ", ".join(map(str, tensors))
