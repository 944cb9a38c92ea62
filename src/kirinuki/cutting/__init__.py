"""The main job: the characters of pictures and videos become files, by one path for both.

Not covered: finding them (`segmenter`, `tracking`), painting them (`render`), plans (`work`).
Public: `cut`, and `outputs.registry.OUTPUTS` for what it can write.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kirinuki.cutting.job import cut as cut

__all__ = ["cut"]  # noqa: F822, RUF100  (found by `__getattr__`)


def __getattr__(name: str) -> object:
    if name != "cut":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kirinuki.cutting.job import cut

    return cut
