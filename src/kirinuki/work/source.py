"""Whether an input is still the one that results were made from: size, time, and on doubt content.

Not covered: what is done when it is not (`journal`).
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Any

from kirinuki.errors import KirinukiError

Source = dict[str, Any]
"""An input as a journal knows it: path (as seen from the results' folder), size, mtime_ns, hash."""

_WHOLE = 64 * 2**20
"""Files up to this size are hashed whole; of larger ones beginning and end."""
_END = 2**20


def source_of(path: Path, out: Path) -> Source:
    """What there is to remember of an input.

    Raises:
        KirinukiError: it cannot be read.
    """
    try:
        facts = path.stat()
        # A pipe might never end; whoever opens it says that it is no file.
        content = _hash(path, facts.st_size) if stat.S_ISREG(facts.st_mode) else ""
    except OSError as error:
        raise KirinukiError(f"{path}: cannot be read: {error.strerror}") from None
    return {
        "path": relative_to_folder(path, out),
        "size": facts.st_size,
        "mtime_ns": facts.st_mtime_ns,
        "hash": content,
    }


def is_unchanged(known: Source, path: Path) -> bool:
    """Whether a file has the content it had. Its content is read only where size is the same and
    time is not, as after a copy."""
    try:
        facts = path.stat()
        if facts.st_size != known["size"]:
            return False
        if facts.st_mtime_ns == known["mtime_ns"]:
            return True
        return bool(_hash(path, facts.st_size) == known["hash"])
    except OSError:  # the job itself says why it cannot be read
        return False


def relative_to_folder(path: Path, folder: Path) -> str:
    """A path as seen from a folder, with forward slashes; absolute where drives differ."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return Path(os.path.abspath(path)).as_posix()  # noqa: PTH100


def _hash(path: Path, size: int) -> str:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        if size <= _WHOLE:
            digest.update(file.read())
        else:
            digest.update(file.read(_END))
            file.seek(-_END, os.SEEK_END)
            digest.update(file.read())
    return digest.hexdigest()
