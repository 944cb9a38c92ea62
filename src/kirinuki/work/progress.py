"""`Progress`: how long work in this room shows how far it is, without knowing about the terminal.

Not covered: the progress bar itself (`cli`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Passes items through, and may show how many of `total` (None: unknown) came by."""

    def __call__(self, items: Iterable[T], description: str, total: int | None) -> Iterable[T]: ...


def no_progress(items: Iterable[T], description: str, total: int | None) -> Iterable[T]:
    """Shows nothing."""
    return items
