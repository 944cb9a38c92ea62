"""Picture → `Instances`: detect, refine, share out the pixels, all on ONNX Runtime.

Not covered: from frame to frame (`tracking`), drawing and files (`render`, `cutting`), training.
Public: `Segmenter`, loaded when first used: the options of every verb come from `model_file`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kirinuki.segmenter.segmenter import Segmenter as Segmenter

__all__ = ["Segmenter"]  # noqa: F822, RUF100  (found by `__getattr__`)


def __getattr__(name: str) -> object:
    if name != "Segmenter":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kirinuki.segmenter.segmenter import Segmenter

    return Segmenter
