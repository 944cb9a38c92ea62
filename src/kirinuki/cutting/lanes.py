"""Work of several streams side by side, each in its own order, with little waiting in between."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

DEPTH = 3
"""Pieces of work that may wait in one lane; each holds a frame in memory."""


class Lane:
    """One thread that does what it is given in order. An error comes up at a later `put`, or at
    `finish`."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: deque[Future[None]] = deque()

    def put(self, work: Callable[[], None]) -> None:
        """Hand over a piece of work; waits while `DEPTH` pieces are not done."""
        while len(self._waiting) >= DEPTH:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(work))

    def finish(self) -> None:
        """Wait for all of it."""
        try:
            while self._waiting:
                self._waiting.popleft().result()
        finally:
            self.stop()

    def stop(self) -> None:
        """Drop what has not begun, wait for what has."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._waiting.clear()
