"""`ordinary_priority`: an encoder must not make the whole program a realtime one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_THREADS = Path("/proc/self/task")


@contextmanager
def ordinary_priority() -> Iterator[None]:
    """Threads that are begun or changed inside are scheduled as the caller was before.

    SVT-AV1 gives the thread that opens it, and with it all of its own, the highest realtime
    priority (`SCHED_FIFO`, 99) if the user is root, as in most containers, and never takes it
    back: from then on whatever the program does keeps everything else off the processors.
    """
    if sys.platform != "linux":
        yield
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    realtime = _realtime()
    try:
        yield
    finally:
        for thread in _realtime() - realtime:
            with suppress(ProcessLookupError):  # it has ended meanwhile
                os.sched_setscheduler(thread, policy, parameters)


def _realtime() -> set[int]:
    threads = (int(thread.name) for thread in _THREADS.iterdir())
    return {thread for thread in threads if _is_realtime(thread)}


def _is_realtime(thread: int) -> bool:
    with suppress(ProcessLookupError):
        return os.sched_getscheduler(thread) == os.SCHED_FIFO
    return False
