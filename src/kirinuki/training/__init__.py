"""Training and exporting. The only room that imports torch.

Not covered: measuring, which needs no torch (`evaluation`); running model files (`segmenter`).
Public: `TrainConfig`, `train`, `load_measured`, `export_checkpoint`, loaded when first used.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kirinuki.training.config import TrainConfig as TrainConfig
    from kirinuki.training.export.export import export_checkpoint as export_checkpoint
    from kirinuki.training.loop.fit import train as train
    from kirinuki.training.measured_model import load_measured as load_measured

_HOMES = {
    "TrainConfig": "config",
    "export_checkpoint": "export.export",
    "load_measured": "measured_model",
    "train": "loop.fit",
}

__all__ = [  # noqa: F822, RUF100  (found by `__getattr__`)
    "TrainConfig",
    "export_checkpoint",
    "load_measured",
    "train",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
