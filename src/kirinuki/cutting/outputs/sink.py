"""`Sink`: where results are written: whole or not at all, over nothing that is not ours.

Not covered: which names are ours (`due`).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kirinuki.files import write_atomically


class Sink:
    """Writes the results of one input.

    Args:
        out: folder that names are relative to.
        ours: names of results that may be replaced.
        overwrite: all may be replaced.

    Attributes:
        files: names written so far.
        lines: for stdout, in order of the inputs, once the input is done.
    """

    def __init__(self, out: Path, ours: Collection[str], overwrite: bool) -> None:
        self.files: list[str] = []
        self.lines: list[str] = []
        self._out = out
        self._ours = ours
        self._overwrite = overwrite
        self._fresh: list[Path] = []

    def target(self, name: str) -> tuple[Path, bool]:
        """A file for a writer that is atomic by itself, and whether it may replace another."""
        path = self._out / name
        if not os.path.lexists(path):
            self._fresh.append(path)
        self.files.append(name)
        return path, self._overwrite or name in self._ours

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A seekable stream, which becomes the file when the block ends well."""
        path, replace = self.target(name)
        with write_atomically(path, replace) as temporary, temporary.open("w+b") as file:
            yield file

    def undo(self) -> None:
        """Remove what was not there before."""
        for path in self._fresh:
            path.unlink(missing_ok=True)
