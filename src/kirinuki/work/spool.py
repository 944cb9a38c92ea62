"""What is kept of every input for a file of the whole job: lines of JSON in growing files.

The journal says where an input's lines stand; what a kill left behind them is never read. Each run
that cuts anew has a file of its own, and files of which no line counts any more are removed.

Not covered: what the lines say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from kirinuki.errors import OutputError

Span = tuple[int, int, int]
"""Number of the file, where lines begin in it, how many bytes they are."""


class Spool:
    """The files of lines ``.kirinuki-NAME-NUMBER.jsonl``; none is made before the first `append`.

    Args:
        out: folder of the results.
        result: what the lines are kept for, which errors name.
        anew: begin another file, as nothing that was kept will count.
    """

    def __init__(self, out: Path, name: str, result: Path, *, anew: bool) -> None:
        self._prefix = f".kirinuki-{name}"
        self._out = out
        self._result = result
        last = max(self._numbers(), default=0)
        self._number = last + 1 if anew else max(last, 1)

    def append(self, lines: Iterable[Any]) -> Span:
        """Add lines.

        Raises:
            OutputError: they cannot be written.
        """
        try:
            with self._path(self._number).open("ab") as file:
                begin = file.tell()
                for line in lines:
                    file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
                return self._number, begin, file.tell() - begin
        except OSError as error:
            raise OutputError(f"{self._result}: cannot be written ({error.strerror})") from error

    def read(self, span: Span) -> Iterator[Any]:
        """The lines that an `append` was given.

        Raises:
            OutputError: the file is gone or cut off.
        """
        number, begin, left = span
        path = self._path(number)
        try:
            with path.open("rb") as file:
                file.seek(begin)
                while left > 0:
                    text = file.readline()
                    left -= len(text) or left + 1
                    yield json.loads(text)
        except (OSError, ValueError) as error:
            raise OutputError(
                f"{path}: is gone or damaged ({error}); pass `overwrite` to cut all again"
            ) from error

    def keep_only(self, numbers: Collection[int]) -> None:
        """Remove the files in which nothing counts."""
        for number in self._numbers():
            if number not in numbers:
                self._path(number).unlink(missing_ok=True)

    def _path(self, number: int) -> Path:
        return self._out / f"{self._prefix}-{number}.jsonl"

    def _numbers(self) -> list[int]:
        pattern = re.compile(re.escape(self._prefix) + r"-(\d+)\.jsonl")
        names = (pattern.fullmatch(path.name) for path in self._out.glob(f"{self._prefix}-*"))
        return [int(name[1]) for name in names if name]
