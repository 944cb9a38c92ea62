"""Memory that many threads have freed is used again by others.

glibc gives threads heaps of their own, eight a core, and each keeps what it once needed: over a job
of many videos, whose outputs have threads of their own, resident memory crept up and went up and
down by a tenth. With two heaps it stays level (`benchmarks/robustness/soak.py`).

Not covered: other systems, whose allocators do not do that.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

ARENAS = 2
_M_ARENA_MAX = -8
"""Number of the option in glibc's ``malloc.h``."""


def keep_few_arenas() -> None:
    """Before the first thread starts: later glibc no longer asks."""
    with suppress(AttributeError, OSError, TypeError):  # no glibc
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
