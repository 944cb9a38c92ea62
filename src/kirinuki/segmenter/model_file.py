"""Model files: ONNX that describes itself, the models inside the package, and opening them.

A model file carries all that is needed to use it in its ONNX metadata (`ModelInfo`), so no side
file is needed. ``docs/model-files.md`` lists the metadata, inputs and outputs of both kinds.

Not covered: downloading or caching models (nothing here opens a connection), running them
(`detector`, `refiner`), making them (`training/export.py`).
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import sys
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import ModelError
from kirinuki.instances import KIND_THRESHOLD
from kirinuki.outside_text import parse_json
from kirinuki.segmenter.providers import PROVIDERS, check_provider, does_not_start, load_libraries

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Kind = Literal["detector", "refiner"]

Calibration = tuple[float, float, float]
"""(a, b, c) of the score shown, see `kirinuki.segmenter.scores`; b > 0, c ≥ 0."""

FORMAT = 1
"""Version of the file layout: metadata keys, inputs, outputs. Raised when an old reader would
misread a new file."""

TENSORS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "detector": (("image",), ("boxes", "scores", "labels", "masks")),
    "refiner": (("crops",), ("alpha",)),
}
"""Names of the required inputs and outputs, for each kind of model."""

OPTIONAL_OUTPUTS: dict[str, tuple[str, ...]] = {"detector": (), "refiner": ("quality", "female")}
"""Outputs that a model of each kind may have besides, in this order."""

_PREFIX = "kirinuki."


@dataclass(frozen=True)
class ModelInfo:
    """What a model file says about itself.

    Attributes:
        kind: "detector" (picture → boxes, scores, labels, coarse masks) or "refiner" (crops →
            soft alpha).
        names: names of the classes, index = label; empty for a refiner.
        input_size: long side in pixels that a picture is resized to before detection, or side of
            the refiner's square crops.
        arch: architecture of the network.
        version: version of the weights.
        licence: licence of the weights.
        training_data: what the weights were trained on, in words.
        source_sha256: SHA-256 of the checkpoint that the file was exported from.
        score: score from which a detection counts, unless the caller says otherwise; in [0, 1].
        margin: how far a crop reaches beyond its box on each side, as a share of the box's width
            and height; used by refiners.
        calibration: how this detector's scores and a refiner's quality make the score that is
            shown (`kirinuki.segmenter.scores`); None, the detector's score is shown as it is.
        kind_confidence: probability in [0.5, 1] below which a refiner's guess of how a character
            presents is "unknown".

    Raises:
        ModelError: when a value cannot be right; names it.
    """

    kind: Kind
    names: tuple[str, ...]
    input_size: int
    arch: str = ""
    version: str = ""
    licence: str = ""
    training_data: str = ""
    source_sha256: str = ""
    score: float = 0.5
    margin: float = 0.0
    calibration: Calibration | None = None
    kind_confidence: float = KIND_THRESHOLD

    def __post_init__(self) -> None:
        if self.kind not in TENSORS:
            raise ModelError(f'kind is "{self.kind}", expected {" or ".join(TENSORS)}')
        if self.kind == "detector" and not self.names:
            raise ModelError("a detector needs at least one class name, got none")
        if not 1 <= self.input_size <= 8192:
            raise ModelError(f"input_size is {self.input_size}, expected 1 to 8192")
        if not 0 <= self.score <= 1:
            raise ModelError(f"score is {self.score}, expected 0 to 1")
        if not 0 <= self.margin <= 4:
            raise ModelError(f"margin is {self.margin}, expected 0 to 4")
        if self.calibration is not None and not _is_calibration(self.calibration):
            raise ModelError(
                f"calibration is {self.calibration}, expected three numbers, the second above 0, "
                "the third not below: scores must rise with what they are made of"
            )
        if not 0.5 <= self.kind_confidence <= 1:
            raise ModelError(f"kind_confidence is {self.kind_confidence}, expected 0.5 to 1")

    def to_metadata(self) -> dict[str, str]:
        """The metadata of the ONNX file: keys ``kirinuki.<attribute>``, values as JSON."""
        values: dict[str, Any] = {"format": FORMAT, **dataclasses.asdict(self)}
        return {
            _PREFIX + key: json.dumps(value, ensure_ascii=False) for key, value in values.items()
        }

    @classmethod
    def from_metadata(cls, metadata: dict[str, str]) -> ModelInfo:
        """The inverse of `to_metadata`; keys of other programs are ignored.

        Raises:
            ModelError: the file is not ours, is newer than this program, or a value is wrong.
        """
        if _PREFIX + "format" not in metadata:
            raise ModelError(
                "is an ONNX file, but not a kirinuki model (its metadata says nothing); "
                "make one with: kirinuki export CHECKPOINT"
            )
        file_format = _value(metadata, "format", int)
        if file_format > FORMAT:
            raise ModelError(
                f"has file format {file_format}, this kirinuki reads up to {FORMAT}; "
                "run: pip install --upgrade kirinuki"
            )
        names = _value(metadata, "names", list)
        return cls(
            kind=_value(metadata, "kind", str),
            names=tuple(str(name) for name in names),
            input_size=_value(metadata, "input_size", int),
            arch=_value(metadata, "arch", str),
            version=_value(metadata, "version", str),
            licence=_value(metadata, "licence", str),
            training_data=_value(metadata, "training_data", str),
            source_sha256=_value(metadata, "source_sha256", str),
            score=float(_value(metadata, "score", (int, float))),
            margin=float(_value(metadata, "margin", (int, float))),
            **_later_values(metadata),
        )


def _value(metadata: dict[str, str], key: str, kind: type | tuple[type, ...]) -> Any:
    text = metadata.get(_PREFIX + key)
    try:
        value = parse_json(text) if text is not None else None
    except ValueError:
        value = None
    endless = isinstance(value, (int, float)) and not abs(value) < 1e9  # NaN, too
    if not isinstance(value, kind) or isinstance(value, bool) or endless:
        shown = text if text is None or len(text) < 80 else f"{text[:80]}…"
        raise ModelError(f"metadata {_PREFIX}{key} is {shown!r}; export the model file anew")
    return value


def _later_values(metadata: dict[str, str]) -> dict[str, Any]:
    """What files written before these keys were added do not say."""
    values: dict[str, Any] = {}
    if _PREFIX + "calibration" in metadata:
        found = _value(metadata, "calibration", (list, type(None)))
        values["calibration"] = None if found is None else tuple(found)
    if _PREFIX + "kind_confidence" in metadata:
        values["kind_confidence"] = float(_value(metadata, "kind_confidence", (int, float)))
    return values


def _is_calibration(values: tuple[object, ...]) -> bool:
    if len(values) != 3 or not all(type(v) in (int, float) for v in values):
        return False
    a, b, c = (float(str(v)) for v in values)
    return isfinite(a) and isfinite(b) and isfinite(c) and b > 0 and c >= 0


def embedded(kind: Kind) -> Path:
    """Path of the model inside the package; it may be absent from a source tree."""
    return Path(__file__).parents[1] / "weights" / f"{kind}.onnx"


def sha256_of(path: str | Path) -> str:
    """SHA-256 of a file, 64 lower-case hexadecimal digits."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def open_session(
    path: str | Path,
    provider: str = "cpu",
    threads: int | None = None,
    kind: Kind | None = None,
) -> tuple[InferenceSession, ModelInfo]:
    """Open a model file on an execution provider; the session is safe to share among threads.

    Args:
        path: the ONNX file.
        provider: a key of `PROVIDERS`. It is used or refused, never silently replaced; single
            operations that it does not know still run on the CPU.
        threads: CPU threads for one run; None leaves it to ONNX Runtime (one a physical core).
        kind: the kind of model expected, if any.

    Raises:
        ModelError: the file is missing, damaged, not ours, too new, or of another kind.
        ProviderError: the provider is unknown, not installed, or does not start.
    """
    path = Path(path)
    _check_file(path)
    check_provider(provider)
    session = _new_session(path, provider, threads)
    try:
        info = ModelInfo.from_metadata(session.get_modelmeta().custom_metadata_map)
        _check_tensors(session, info.kind)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None
    if kind is not None and info.kind != kind:
        raise ModelError(f"{path}: is a {info.kind}, expected a {kind}")
    return session, info


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise ModelError(f"{path}: no such model file")
    if path.suffix.lower() in {".ckpt", ".pt", ".pth"}:
        raise ModelError(f"{path}: is a checkpoint; turn it into a model: kirinuki export {path}")


def _new_session(path: Path, provider: str, threads: int | None) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3  # errors only: its warnings are no help to the user
    # The pictures of a folder differ in size: a memory plan per input shape would only pile up.
    options.enable_mem_pattern = False
    # Two sessions and OpenCV take turns on the same cores; threads that spin steal from the next.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if threads is not None:
        options.intra_op_num_threads = threads
    theirs = PROVIDERS[provider].theirs
    wanted = [theirs] if provider == "cpu" else [theirs, "CPUExecutionProvider"]
    try:
        with contextlib.redirect_stdout(sys.stderr):  # it prints what it lacks; results go there
            load_libraries(provider)
            session = onnxruntime.InferenceSession(str(path), options, providers=wanted)
    except Exception as error:  # ONNX Runtime's errors have no common base but Exception
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        other = "" if provider == "cpu" else f" on {provider}; try provider cpu"
        raise ModelError(f"{path}: ONNX Runtime cannot open it{other} ({reason})") from error
    if session.get_providers()[0] != theirs:
        raise does_not_start(provider)
    return session


def run(
    session: InferenceSession,
    feed: dict[str, NDArray[np.generic]],
    kind: Kind,
    names: tuple[str, ...] | None = None,
) -> list[NDArray[Any]]:
    """Outputs of one run: those named, else those of `TENSORS`, in that order.

    Raises:
        ModelError: ONNX Runtime gives up, for example when the memory does not suffice.
    """
    try:
        outputs: list[NDArray[Any]] = session.run(list(names or TENSORS[kind][1]), feed)
    except Exception as error:  # ONNX Runtime's errors have no common base but Exception
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"the {kind} fails on this picture ({reason})") from error
    return outputs


def output_names(session: InferenceSession) -> tuple[str, ...]:
    """What a model returns, in its own order."""
    return tuple(output.name for output in session.get_outputs())


def _check_tensors(session: InferenceSession, kind: str) -> None:
    found = tuple(i.name for i in session.get_inputs()), output_names(session)
    inputs, outputs = expected = TENSORS[kind]
    more = set(found[1][len(outputs) :]) - set(OPTIONAL_OUTPUTS[kind])
    if found[0] != inputs or found[1][: len(outputs)] != outputs or more:
        raise ModelError(
            f"is called a {kind}, but has inputs and outputs {found}, expected {expected}; "
            "export the model file anew"
        )
