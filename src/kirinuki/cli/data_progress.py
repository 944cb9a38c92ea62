"""The progress bar of the `kirinuki data` verbs: on stderr, gone when done, absent in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kirinuki.data.track import Track


@contextmanager
def progress_bar() -> Iterator[Track]:
    """A `Track` that shows description, bar, count and remaining time."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        yield lambda items, description, total: progress.track(
            items, total=total, description=description
        )
