"""One job at a time in a results folder: a lock on its journal, which ends with the process.

Not covered: folders on file systems without locks, where none is taken.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import IO

from kirinuki.errors import OutputError

_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
"""What systems say of a file that another process has locked."""


def try_lock(file: IO[bytes]) -> bool:
    """Lock an open file until it is closed; False where another process has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(2**40)  # far behind the end: locked bytes cannot be read by others
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _TAKEN
    return True


def open_alone(path: Path) -> IO[bytes]:
    """Open a file to read and append, in a folder that is made where there is none, and lock it.

    Raises:
        OutputError: another process has it, or it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        where = path if os.path.lexists(path) else path.parent
        raise OutputError(f"{where}: cannot be written ({error.strerror})") from error
    if not try_lock(file):
        file.close()
        raise busy(path)
    return file


def busy(path: Path) -> OutputError:
    """What is said of a locked file."""
    return OutputError(
        f"{path.parent}: another job is at work there; wait until it has ended, or choose another "
        "folder (`out`)"
    )
