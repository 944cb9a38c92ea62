"""`TrainConfig`: everything that a training run is free to choose, explained where it is declared.

The configuration is saved beside the checkpoint (``config.json``) and inside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from kirinuki.data.recipe import Recipe
from kirinuki.errors import TrainingError


@dataclass(frozen=True)
class TrainConfig:
    """One training run of a detector or a refiner."""

    arch: str = "lite"
    """Detector architecture: lite, maskrcnn_resnet50_fpn or maskrcnn_resnet50_fpn_v2; or refiner."""
    names: tuple[str, ...] = ("character",)
    """Class names, without the background."""
    input_size: int = 512
    """Longer side of the pictures the network sees (refiner: side of its square crops)."""
    epochs: int = 20
    """Passes over the data set (composing on the fly: `pictures_per_epoch` pictures each)."""
    pictures_per_epoch: int = 1000
    """Pictures an epoch when they are composed on the fly; a data set has its own number."""
    validation_pictures: int = 120
    """Pictures composed from held-out sources to measure on after each epoch."""
    batch_size: int = 8
    """Pictures a step."""
    learning_rate: float = 6e-4
    """Peak learning rate of AdamW (Loshchilov & Hutter 2019)."""
    weight_decay: float = 0.02
    """Decoupled weight decay."""
    warmup_steps: int = 200
    """Steps in which the learning rate rises linearly before it falls along a cosine."""
    ema_decay: float = 0.998
    """Decay of the moving average of the weights that is measured and exported; 0 turns it off."""
    clip_norm: float = 5.0
    """Gradients are scaled down to this norm."""
    trainable_layers: int = 5
    """Backbone stages that are trained, counted from the last: 0 freezes all, 5 trains all."""
    workers: int = 1
    """Processes that prepare pictures."""
    precision: str = "auto"
    """32, bf16, or auto: bf16 where the processor multiplies it natively (GPUs, AMX), else 32."""
    seed: int = 0
    """Seed of everything random."""
    held_out: tuple[str, ...] = ()
    """Sources of the library that training never sees and validation is composed from."""
    recipe: dict[str, object] = field(default_factory=lambda: Recipe().to_dict())
    """How pictures are composed on the fly (`kirinuki.data.recipe.Recipe`)."""

    def to_dict(self) -> dict[str, object]:
        """The configuration as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainConfig:
        """The configuration that `to_dict` wrote; lists become tuples again.

        Raises:
            TrainingError: for a field that this version does not know.
        """
        known = {entry.name for entry in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise TrainingError(f'configuration: no such field: "{unknown[0]}"')
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})
