"""One job at a time in a results folder: a lock on its journal, which ends with the process.

Not covered: folders on file systems without locks, where none is taken.
"""

from __future__ import annotations

import errno
import sys
from typing import IO

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
