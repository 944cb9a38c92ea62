"""Ctrl-C ends a verb with one line and status 130, whatever it was in the middle of.

Python's `KeyboardInterrupt` is not enough while libraries load: an extension turns it into an
ImportError or drops it, a weak reference's callback prints and forgets it. So it is noted that
Ctrl-C came, a job that begins later ends at once, and what nobody could raise is sent again.

Not covered: jobs that end in good order (`work.stop`, whose handlers stand in for these meanwhile).
"""

from __future__ import annotations

import signal
import sys
import threading
from _thread import interrupt_main
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

from kirinuki.work.stop import CAME

STATUS = 130
"""As a shell reports a program that Ctrl-C ended."""
STOPPED = "kirinuki: stopped"
AGAIN = 0.05
"""Seconds after which an interrupt that was lost comes again."""


class Stopped(click.ClickException):
    """Ctrl-C has come."""

    exit_code = STATUS

    def __init__(self) -> None:
        super().__init__(STOPPED)

    def show(self, file: object = None) -> None:
        click.echo(self.message, err=True)


@contextmanager
def noted() -> Iterator[Callable[[], bool]]:
    """Gives a function that says whether Ctrl-C has come. Where it is ignored, as in what nohup
    starts, or cannot be heard, as in a thread, it stays so."""

    def note(number: int, frame: FrameType | None) -> None:
        CAME.set()
        raise KeyboardInterrupt

    def lost(what: sys.UnraisableHookArgs) -> None:
        if not issubclass(what.exc_type, KeyboardInterrupt):
            sys.__unraisablehook__(what)
            return
        again = threading.Timer(AGAIN, interrupt_main)
        again.daemon = True
        again.start()

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler or (
        threading.current_thread() is not threading.main_thread()
    ):
        yield CAME.is_set
        return
    signal.signal(signal.SIGINT, note)
    hook, sys.unraisablehook = sys.unraisablehook, lost
    try:
        yield CAME.is_set
    finally:
        if CAME.is_set():
            # Python ends by the signal, not with our status, where the interrupt left code that is
            # text, of which dataclasses are made. Running other text lets it forget that.
            exec("")
        CAME.clear()
        sys.unraisablehook = hook
        signal.signal(signal.SIGINT, signal.default_int_handler)
