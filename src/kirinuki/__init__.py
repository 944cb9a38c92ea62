"""kirinuki (切り抜き): finds every anime character in a picture and cuts each one out.

>>> from kirinuki import Segmenter
>>> segmenter = Segmenter.load()
>>> instances = segmenter("picture.png")

The names of `__all__` are the public interface. They are loaded when first used, so that
``import kirinuki`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kirinuki.errors import KirinukiError as KirinukiError
    from kirinuki.images.picture import Picture as Picture
    from kirinuki.images.picture import read_picture as read_picture
    from kirinuki.images.picture import save_png as save_png
    from kirinuki.instances import Instances as Instances
    from kirinuki.segmenter.model_file import ModelInfo as ModelInfo
    from kirinuki.segmenter.segmenter import Segmenter as Segmenter

__version__ = "0.5.0"

_HOMES = {
    "Instances": "instances",
    "KirinukiError": "errors",
    "ModelInfo": "segmenter.model_file",
    "Picture": "images.picture",
    "Segmenter": "segmenter.segmenter",
    "read_picture": "images.picture",
    "save_png": "images.picture",
}

__all__ = [  # noqa: F822, RUF100  (found by `__getattr__`)
    "Instances",
    "KirinukiError",
    "ModelInfo",
    "Picture",
    "Segmenter",
    "read_picture",
    "save_png",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
