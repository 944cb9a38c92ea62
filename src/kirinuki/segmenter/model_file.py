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
import logging
import sys
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from kirinuki.arguments import check_whole
from kirinuki.errors import ModelError
from kirinuki.instances import KIND_THRESHOLD
from kirinuki.segmenter.model_metadata import PREFIX, read_names, read_value
from kirinuki.segmenter.model_tensors import SIGNATURES, check_tensors, described
from kirinuki.segmenter.providers import PROVIDERS, check_provider, does_not_start, load_libraries

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Kind = Literal["detector", "refiner"]

Calibration = tuple[float, float, float]
"""(a, b, c) of the score shown, see `kirinuki.segmenter.scores`; b > 0, c ≥ 0."""

FORMAT = 1
"""Version of the file layout: metadata keys, inputs, outputs. Raised when an old reader would
misread a new file."""

MOST_BYTES = 2**31 - 1
"""No ONNX file is larger: Protocol Buffers, its format, ends there."""
LONGEST_REASON = 200
"""Characters of ONNX Runtime's own words in a message."""
MOST_THREADS = 1024
"""ONNX Runtime starts as many threads as it is told to; a million of them never get started."""
LOG = logging.getLogger(__name__)


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
        if self.kind not in SIGNATURES:
            raise ModelError(f'kind is "{self.kind}", expected {" or ".join(SIGNATURES)}')
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
            PREFIX + key: json.dumps(value, ensure_ascii=False) for key, value in values.items()
        }

    @classmethod
    def from_metadata(cls, metadata: dict[str, str]) -> ModelInfo:
        """The inverse of `to_metadata`; keys of other programs are ignored.

        Raises:
            ModelError: the file is newer than this program, or a value is missing or wrong.
        """
        file_format = read_value(metadata, "format", int)
        if file_format > FORMAT:
            raise ModelError(
                f"has file format {file_format}, this kirinuki reads up to {FORMAT}; "
                "run: pip install --upgrade kirinuki"
            )
        return cls(
            kind=read_value(metadata, "kind", str),
            names=read_names(metadata),
            input_size=read_value(metadata, "input_size", int),
            arch=read_value(metadata, "arch", str),
            version=read_value(metadata, "version", str),
            licence=read_value(metadata, "licence", str),
            training_data=read_value(metadata, "training_data", str),
            source_sha256=read_value(metadata, "source_sha256", str),
            score=float(read_value(metadata, "score", (int, float))),
            margin=float(read_value(metadata, "margin", (int, float))),
            **_later_values(metadata),
        )


def _later_values(metadata: dict[str, str]) -> dict[str, Any]:
    """What files written before these keys were added do not say."""
    values: dict[str, Any] = {}
    if PREFIX + "calibration" in metadata:
        found = read_value(metadata, "calibration", (list, type(None)))
        values["calibration"] = None if found is None else tuple(found)
    if PREFIX + "kind_confidence" in metadata:
        values["kind_confidence"] = float(read_value(metadata, "kind_confidence", (int, float)))
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
        threads: CPU threads for one run, 1 to `MOST_THREADS`; None leaves it to ONNX Runtime (one
            a physical core).
        kind: the kind of model expected, if any.

    Raises:
        ModelError: the file is missing, damaged, not ours, too new, or of another kind.
        ProviderError: the provider is unknown, not installed, or does not start.
        KirinukiError: there cannot be so many threads.
    """
    path = Path(path)
    _check_file(path)
    check_provider(provider)
    if threads is not None:
        check_whole("threads", threads, 1, MOST_THREADS)
    session = _new_session(path, provider, threads)
    try:
        info = _info_of(session)
    except UnicodeDecodeError:
        raise ModelError(
            f"{path}: holds text that is not UTF-8; export the model file anew"
        ) from None
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None
    if kind is not None and info.kind != kind:
        raise ModelError(f"{path}: is a {info.kind}, expected a {kind}")
    LOG.debug("%s: %s %s %s on %s", path, info.kind, info.arch, info.version, provider)
    return session, info


def _info_of(session: InferenceSession) -> ModelInfo:
    metadata = session.get_modelmeta().custom_metadata_map
    if PREFIX + "format" not in metadata:
        raise ModelError(
            "is an ONNX file, but not a kirinuki model: its metadata does not say so, and it has "
            f"{described(session)}; expected {SIGNATURES['detector']}; make one with: "
            "kirinuki export CHECKPOINT"
        )
    info = ModelInfo.from_metadata(metadata)
    check_tensors(session, info.kind)
    return info


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise ModelError(f"{path}: is a folder, expected an ONNX file")
    if not path.is_file():
        raise ModelError(f"{path}: no such model file")
    if path.stat().st_size > MOST_BYTES:
        size = path.stat().st_size / 2**30
        raise ModelError(f"{path}: has {size:.1f} GiB, an ONNX file has less than 2; is it one?")
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
            # Its way of falling back prints, too, and takes the CPU without being asked.
            session = onnxruntime.InferenceSession(
                str(path), options, providers=wanted, enable_fallback=0
            )
    except Exception as error:  # ONNX Runtime's errors have no common base but Exception
        if "INVALID_PROTOBUF" in str(error):
            raise ModelError(
                f"{path}: is no ONNX file, or a damaged one ({path.stat().st_size} bytes); "
                "copy or export it anew"
            ) from error
        other = "" if provider == "cpu" else f" on {provider}; try `provider` cpu"
        raise ModelError(
            f"{path}: ONNX Runtime cannot open it{other} ({_reason(error)})"
        ) from error
    if session.get_providers()[0] != theirs:
        raise does_not_start(provider)
    return session


def run(
    session: InferenceSession,
    feed: dict[str, NDArray[np.generic]],
    kind: Kind,
    names: tuple[str, ...] | None = None,
) -> list[NDArray[Any]]:
    """Outputs of one run: those named, else those of `SIGNATURES`, in that order.

    Raises:
        ModelError: ONNX Runtime gives up, for example when the memory does not suffice.
    """
    try:
        outputs: list[NDArray[Any]] = session.run(
            list(names or SIGNATURES[kind].output_names), feed
        )
    except Exception as error:  # ONNX Runtime's errors have no common base but Exception
        raise ModelError(f"the {kind} fails on this picture ({_reason(error)})") from error
    return outputs


def _reason(error: Exception) -> str:
    """The first line of ONNX Runtime's words, not all of a long one."""
    first = (str(error).splitlines() or [type(error).__name__])[0]
    return first if len(first) <= LONGEST_REASON else first[:LONGEST_REASON] + "…"


def output_names(session: InferenceSession) -> tuple[str, ...]:
    """What a model returns, in its own order."""
    return tuple(output.name for output in session.get_outputs())
