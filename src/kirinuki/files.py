"""Write files whole or not at all, and never over another one unasked.

Not covered: what is in the files (`images.save_png`, `data`).
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kirinuki.errors import OutputError


@contextmanager
def write_atomically(path: str | Path, overwrite: bool = False) -> Iterator[Path]:
    """A temporary path in the folder of `path`, renamed to `path` when the block ends well and
    removed when it raises. Missing parent folders are made. The suffix is kept.

    Raises:
        OutputError: `path` exists and `overwrite` is False (also when it appears meanwhile), is a
            folder, or cannot be written (rights, full disk).
    """
    path = Path(path)
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; give a file name")
    if not overwrite and os.path.lexists(path):
        raise _exists(path)
    temporary = path.with_name(f".kirinuki-{secrets.token_hex(8)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch(exist_ok=False)  # a folder without write permission is found out here
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        yield temporary
        _move(temporary, path, overwrite)
    except OSError as error:
        if error.filename not in (None, str(temporary)):
            raise  # a failure of the block that concerns some other file
        raise _unwritable(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def _move(temporary: Path, path: Path, overwrite: bool) -> None:
    if overwrite:
        temporary.replace(path)
        return
    try:
        os.link(temporary, path)  # unlike a rename, fails when the target has appeared meanwhile
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EACCES):
            raise
        if os.path.lexists(path):  # a file system without hard links
            raise _exists(path) from None
        temporary.replace(path)


def _exists(path: Path) -> OutputError:
    return OutputError(f"{path}: exists already; pass `overwrite` to replace it")


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path}: cannot be written: {error.strerror or error}")
