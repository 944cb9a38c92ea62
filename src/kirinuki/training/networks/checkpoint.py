"""Reading the checkpoints of ``kirinuki train``: the configuration and the network's weights.

Only tensors and plain values are read (``weights_only``): a checkpoint from a stranger cannot run
code here.

Not covered: resuming a training (Lightning reads its own files), writing checkpoints (`fit`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn

from kirinuki.errors import ModelError
from kirinuki.segmenter.model_file import sha256_of

NEXT_PICTURE = "next_picture"
"""Under this a checkpoint holds the number of the first picture that its run has not shown."""
PREFIX = "model."
"""What the names of the network's tensors start with inside a checkpoint."""


@dataclass(frozen=True)
class Checkpoint:
    """What export and evaluation need of a checkpoint.

    Attributes:
        path: the file.
        config: fields of `TrainConfig`.
        state: the network's weights; their moving average where training kept one, for that is
            what Lightning's `EMAWeightAveraging` saves under this name.
        sha256: of the file.
        next_picture: number of the first picture that its run has not shown.
    """

    path: Path
    config: dict[str, Any]
    state: dict[str, Tensor]
    sha256: str
    next_picture: int = 0

    @property
    def arch(self) -> str:
        """Architecture: one of the detectors', or "refiner"."""
        return str(self.config["arch"])

    @property
    def names(self) -> tuple[str, ...]:
        """Class names, without the background."""
        return tuple(str(name) for name in self.config["names"])

    @property
    def input_size(self) -> int:
        """Long side in pixels of the pictures, or side of the refiner's crops."""
        return int(self.config["input_size"])

    def fill(self, network: nn.Module) -> None:
        """Load the weights into a network.

        Raises:
            ModelError: the network has other tensors.
        """
        try:
            network.load_state_dict(self.state)
        except RuntimeError as error:
            raise ModelError(
                f'{self.path}: its weights do not fit architecture "{self.arch}" with '
                f"{len(self.names)} classes ({_first_difference(error)})"
            ) from error


def read_checkpoint(path: str | Path) -> Checkpoint:
    """Read a checkpoint to the CPU.

    Raises:
        ModelError: the file is missing, damaged, or not a checkpoint of ``kirinuki train``.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelError(f"{path}: no such checkpoint")
    if path.suffix.lower() == ".onnx":
        raise ModelError(f"{path}: is a model file already; expected a checkpoint (.ckpt)")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from error
    except Exception as error:  # its words are advice for whoever wrote the program
        raise ModelError(f"{path}: {_fault(path, error)}") from error
    try:
        config = dict(content["hyper_parameters"]["config"])
        weights = content["state_dict"]
        state = {k.removeprefix(PREFIX): v for k, v in weights.items() if k.startswith(PREFIX)}
        following = int(content.get(NEXT_PICTURE, 0))
        checkpoint = Checkpoint(path, config, state, sha256_of(path), following)
        _ = checkpoint.arch, checkpoint.names, checkpoint.input_size
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path}: is not a checkpoint of kirinuki train ({type(error).__name__}: {error})"
        ) from error
    return checkpoint


def _fault(path: Path, error: Exception) -> str:
    """What is wrong with a file that torch does not read."""
    with path.open("rb") as file:
        is_archive = file.read(4) == b"PK\x03\x04"
    if is_archive and not isinstance(error, UnpicklingError):
        return "is a damaged checkpoint; copy it again, or take another one of its run"
    return "is no checkpoint of kirinuki train"


def _first_difference(error: RuntimeError) -> str:
    lines = [line.strip() for line in str(error).splitlines()]
    return (lines[1] if len(lines) > 1 else lines[0])[:160]
