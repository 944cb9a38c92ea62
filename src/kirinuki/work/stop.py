"""Ctrl-C as a wish to end in good order, not as an exception in the middle of a frame."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

CAME = threading.Event()
"""Set by whoever hears Ctrl-C outside a job, and may lose it: the next job ends at once."""


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Gives a function that says whether Ctrl-C or SIGTERM has come. A second one ends the program
    the usual way. Outside the main thread, where Python takes no signals, it always says no."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    asked = threading.Event()
    if CAME.is_set():
        asked.set()

    def note(number: int, frame: FrameType | None) -> None:
        asked.set()
        restore()

    def restore() -> None:
        for number, handler in former.items():
            signal.signal(number, handler)

    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in former:
        signal.signal(number, note)
    try:
        yield asked.is_set
    finally:
        restore()
