"""What is kept of every input for a file of the whole job: lines of JSON in one growing file.

The journal says where an input's lines stand; what a kill left behind them is never read.

Not covered: what the lines say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kirinuki.errors import OutputError


class Spool:
    """One file of lines; nothing is made before the first `append`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, lines: Iterable[Any]) -> list[int]:
        """Add lines; where they begin, and how many bytes they are.

        Raises:
            OutputError: the file cannot be written.
        """
        try:
            with self._path.open("ab") as file:
                begin = file.tell()
                for line in lines:
                    file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
                return [begin, file.tell() - begin]
        except OSError as error:
            raise OutputError(f"{self._path}: cannot be written ({error.strerror})") from error

    def read(self, span: Sequence[int]) -> Iterator[Any]:
        """The lines that an `append` was given.

        Raises:
            OutputError: the file is gone or cut off.
        """
        begin, left = span
        try:
            with self._path.open("rb") as file:
                file.seek(begin)
                while left > 0:
                    text = file.readline()
                    left -= len(text) or left + 1
                    yield json.loads(text)
        except (OSError, ValueError) as error:
            raise OutputError(
                f"{self._path}: is gone or damaged ({error}); pass --overwrite to cut all again"
            ) from error
