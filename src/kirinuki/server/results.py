"""Results of a video, in the folder that another process wrote: how large they are, which count.

Not covered: making them (`video_cuts`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from kirinuki.server.limits import MIB
from kirinuki.server.problems import ProblemError

_SOMETIMES = 1.0
"""Seconds between two looks at how large they are."""


class Results:
    """A folder that may grow to a ceiling.

    Args:
        most: bytes of all files together.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self._folder = folder
        self._most = most
        self._looked = time.monotonic()

    def check_sometimes(self) -> None:
        """As `check`, at most once a second."""
        if time.monotonic() - self._looked >= _SOMETIMES:
            self.check()
            self._looked = time.monotonic()

    def check(self) -> None:
        """Raise ProblemError 422 where it is too large, with all that is half-written."""
        if sum(map(_size, self._folder.rglob("*"))) > self._most:
            raise ProblemError(
                422,
                f"video: its results are larger than {self._most / MIB:g} MiB; cut a shorter part "
                "of it, or ask for fewer outputs",
            )

    def read(self) -> dict[str, bytes]:
        """Every result by its name, relative to the folder."""
        self.check()
        return {name: path.read_bytes() for name, path in results_under(self._folder)}


def _size(path: Path) -> int:
    """Bytes of a file; of one that was renamed or removed meanwhile none."""
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0


def results_under(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of each result of a video: regular files, no links, nothing that is hidden, and
    not the journal. What made them had a stranger's file in hands."""
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts) or path.suffix == ".jsonl"
        ours = path.is_file() and not path.is_symlink() and path.resolve().is_relative_to(root)
        if ours and not hidden:
            yield name.as_posix(), path
