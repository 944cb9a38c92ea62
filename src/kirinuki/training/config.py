"""`TrainConfig`: everything that a training run is free to choose, explained where it is declared.

The configuration is saved beside the checkpoint (``config.json``) and inside it. The options of
``kirinuki train`` are made from the fields: same names, same words.

Not covered: reading the data that it names (`sources`), running it (`fit`).
"""

from __future__ import annotations

import ast
import inspect
import os
import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from kirinuki.compose.recipe import Recipe
from kirinuki.errors import TrainingError
from kirinuki.instances import names_in
from kirinuki.outside_text import read_json
from kirinuki.training.networks.registry import DETECTORS

ARCHS = (*DETECTORS, "refiner")
FINE_TUNING_RATE = 2e-4
"""Peak learning rate for weights that know characters already: a third of the usual."""
PRECISIONS = ("auto", "32", "bf16", "16")


@dataclass(frozen=True)
class TrainConfig:
    """One training run of a detector or a refiner.

    Raises:
        TrainingError: for a value that cannot be; names the field.
    """

    arch: str = "lite"
    """Architecture: a detector's, or refiner."""
    names: tuple[str, ...] = ("character",)
    """Class names, without the background."""
    data: tuple[str, ...] = ()
    """Labelled data sets to train on: files or folders of labels, in any format. With cutouts, too,
    both are mixed."""
    labelled_share: float = 0.5
    """Share of labelled pictures where they are mixed with composed ones."""
    label_manifest: str = ""
    """CSV with file and source of the labelled pictures and, if known, how their labels were made
    (exact, drawn): keeps a source to 15 % of them, and trusts exact edges. Mixed with composed
    pictures, sources are kept so anyway: without a list each folder is one."""
    pasted: float = 0.4
    """Share of the labelled pictures that get one to four other labelled characters pasted in,
    touching and hiding one another; 0 turns that off."""
    val: str = ""
    """Labelled data set to measure on after each epoch; without it a fifth of the labelled pictures
    is held out, by clip."""
    pictures: str = ""
    """Folder of the pictures, if they lie neither beside the labels nor in images/."""
    sprites: str = ""
    """Folder of character cutouts (pictures with alpha) to compose pictures from."""
    backgrounds: str = ""
    """Folder of scenes without characters to compose pictures from."""
    objects: str = ""
    """Folder of cutouts that are not characters, to compose pictures from."""
    manifest: str = ""
    """CSV with the source, style and character of each cutout and background."""
    held_out: tuple[str, ...] = ()
    """Sources of the library that training never sees and validation is composed from."""
    init: str = ""
    """Weights to start from: a checkpoint, a model file, or the word default for the model inside
    the package. Without it: the backbone's ImageNet weights (lite, lite2) or COCO weights (the
    others)."""
    finds: str = ""
    """Detector (model file) whose own detections make up half of a refiner's crops: its errors are
    the ones to mend."""
    input_size: int = 512
    """Longer side of the pictures the network sees (refiner: side of its square crops)."""
    epochs: int = 20
    """Passes over the data set (composing on the fly: `pictures_per_epoch` pictures each)."""
    pictures_per_epoch: int = 1000
    """Pictures an epoch when they are composed on the fly. A labelled data set shows each of its
    pictures once an epoch; one of fewer than 200 is repeated up to 200 or this number, changed anew
    each time."""
    validation_pictures: int = 120
    """Pictures composed from held-out sources to measure on after each epoch."""
    batch_size: int = 8
    """Pictures a step (on each GPU)."""
    learning_rate: float = 6e-4
    """Peak learning rate of AdamW (Loshchilov & Hutter 2019)."""
    weight_decay: float = 0.02
    """Decoupled weight decay."""
    warmup_steps: int = 200
    """Steps in which the learning rate rises linearly before it falls along a cosine; at most a
    quarter of all."""
    ema_decay: float = 0.998
    """Decay of the moving average of the weights that is measured and exported; 0 turns it off."""
    clip_norm: float = 5.0
    """Gradients are scaled down to this norm."""
    trainable_layers: int = 5
    """Backbone stages that are trained, counted from the last: 0 freezes all, 5 trains all."""
    workers: int = field(default_factory=lambda: max(1, min(8, (os.cpu_count() or 2) // 2)))
    """Processes that prepare pictures; half the processor's cores by default, at most 8."""
    precision: str = "auto"
    """32, bf16, 16, or auto: bf16 where the processor multiplies it natively (newer GPUs, AMX), 16
    on other NVIDIA GPUs, else 32."""
    seed: int = 0
    """Seed of everything random."""
    first_picture: int = 0
    """Number of the first picture. A run that starts from a checkpoint of the same seed begins
    after the last picture of that one, so that none is made twice."""
    recipe: dict[str, object] = field(default_factory=lambda: Recipe().to_dict())
    """How pictures are composed on the fly, as docs/compose.md explains."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", names_in(self.names))
        self._expect("arch", self.arch in ARCHS, f"one of {', '.join(ARCHS)}")
        self._expect("precision", self.precision in PRECISIONS, f"one of {', '.join(PRECISIONS)}")
        self._expect("names", len(set(self.names)) == len(self.names) > 0, "distinct class names")
        for name in ("epochs", "pictures_per_epoch", "validation_pictures", "batch_size"):
            self._expect(name, getattr(self, name) >= 1, "at least 1")
        self._expect("input_size", 64 <= self.input_size <= 4096, "64 to 4096")
        for name in ("learning_rate", "clip_norm"):
            self._expect(name, getattr(self, name) > 0, "above 0")
        for name in ("weight_decay", "warmup_steps", "workers", "seed", "first_picture"):
            self._expect(name, getattr(self, name) >= 0, "0 or more")
        self._expect("labelled_share", 0 < self.labelled_share < 1, "above 0 and below 1")
        self._expect("pasted", 0 <= self.pasted <= 1, "0 to 1")
        self._expect("ema_decay", 0 <= self.ema_decay < 1, "0 or more and below 1")
        self._expect("trainable_layers", 0 <= self.trainable_layers <= 5, "0 to 5")

    def _expect(self, name: str, holds: bool, expected: str) -> None:
        if not holds:
            raise TrainingError(
                f"configuration: `{name}` is {getattr(self, name)!r}; expected {expected}"
            )

    def to_dict(self) -> dict[str, object]:
        """The configuration as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainConfig:
        """The configuration that `to_dict` wrote; lists become tuples again.

        Raises:
            TrainingError: for a field that this version does not know, or an impossible value.
        """
        known = {entry.name for entry in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise TrainingError(
                f"configuration: there is no `{unknown[0]}`, only {', '.join(sorted(known))}"
            )
        fitting: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
        }
        return cls(**fitting)

    @classmethod
    def read(cls, path: str | Path) -> TrainConfig:
        """The configuration in a JSON file.

        Raises:
            TrainingError: there is none, or it is not one of ours.
        """
        path = Path(path)
        values = read_json(path, TrainingError)
        try:
            return cls.from_dict(values)
        except (AttributeError, TypeError) as error:
            raise TrainingError(f"{path}: is not a training configuration ({error})") from error


def field_docs() -> dict[str, str]:
    """What each field of `TrainConfig` means, in the words under it, on one line."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(TrainConfig))).body
    assert isinstance(body, ast.ClassDef)
    docs: dict[str, str] = {}
    for declared, words in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(declared, ast.AnnAssign)
            and isinstance(declared.target, ast.Name)
            and isinstance(words, ast.Expr)
            and isinstance(words.value, ast.Constant)
        ):
            docs[declared.target.id] = " ".join(str(words.value.value).split())
    return docs
