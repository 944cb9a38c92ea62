"""Standard streams that a command can rely on: none of the first three numbers is free for a file
of ours, and a stderr that cannot be written to, `2>&-` or a full disk, costs no work.

Not covered: what is said there (`voice`, `terminal`); readers that go away, which end a command.
"""

from __future__ import annotations

import io
import os
import sys

_STDERR = 2
_replaced: list[object] = []
"""Kept, for a stream that nobody holds closes its number."""


class _Lossy(io.FileIO):
    """Drops what has no room."""

    def write(self, content: object) -> int:
        try:
            return super().write(content)  # type: ignore[arg-type]
        except BrokenPipeError:
            raise
        except OSError:
            return len(content)  # type: ignore[arg-type]


def make_reliable() -> None:
    """Before the first file is opened. A closed stdin or stdout stays None: it is missed where
    something is read or written there."""
    for number in range(_STDERR + 1):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    if sys.stderr is None or _is_file(sys.stderr):
        _replaced.append(sys.stderr)
        encoding = getattr(sys.stderr, "encoding", "utf-8")
        raw = io.BufferedWriter(_Lossy(_STDERR, "w", closefd=False))
        sys.stderr = io.TextIOWrapper(raw, encoding, line_buffering=True)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name may not fit its encoding
            stream.reconfigure(errors="backslashreplace")


def _is_file(stream: object) -> bool:
    """Not a console of Windows, which is written to otherwise."""
    buffer = getattr(stream, "buffer", None)
    return isinstance(getattr(buffer, "raw", buffer), io.FileIO)
