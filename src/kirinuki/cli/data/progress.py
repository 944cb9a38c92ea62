"""The progress bar of the `kirinuki data` verbs: on stderr, gone when done, absent in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from kirinuki.cli.terminal import Terminal
from kirinuki.cli.voice import is_quiet
from kirinuki.work.progress import Progress


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A `Progress` that shows description, bar, count and remaining time."""
    console = Terminal(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bar(
        *columns, console=console, transient=True, disable=is_quiet() or not console.is_terminal
    ) as progress:
        yield lambda items, description, total: progress.track(
            items, total=total, description=description
        )


@contextmanager
def progress_steps(description: str, total: int) -> Iterator[Callable[[], None]]:
    """The same bar, moved on by one with each call, for work that does not iterate over a list."""
    with progress_bar() as track:
        steps = iter(track(range(total), description, total))

        def advance() -> None:
            next(steps, None)

        yield advance
