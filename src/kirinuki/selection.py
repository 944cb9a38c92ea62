"""Which of the characters found count: those of some classes, the best few.

Not covered: the score from which a character is found at all (`segmenter`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kirinuki.errors import KirinukiError
from kirinuki.instances import Instances


@dataclass(frozen=True)
class Selection:
    """A choice among the characters of a picture, made by class first, then by number."""

    only: tuple[str, ...] = ()
    """Names of classes; all when empty."""
    limit: int | None = None
    """At most so many a picture, the best ones; None is all."""

    def __call__(self, instances: Instances) -> Instances:
        kept = [i for i in range(len(instances)) if not self.only or instances.name(i) in self.only]
        return instances[kept[: self.limit]]

    def check(self, names: Sequence[str]) -> None:
        """Raise KirinukiError, which lists the names, when the model lacks one asked for."""
        for name in self.only:
            if name not in names:
                raise KirinukiError(f'the model knows no "{name}", only: {", ".join(names)}')
