"""Who may come in, and whose turn it is: a bounded queue before a few places at work.

Not covered: the work itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from kirinuki.server.limits import Limits
from kirinuki.server.problems import ProblemError

T = TypeVar("T")
RETRY_AFTER = 2
"""Seconds that are asked of whoever comes when the queue is full."""
RETRY_LATER = 10
"""Seconds that are asked of whoever comes while the server stops."""


class Gate:
    """Counts requests. For one event loop.

    Attributes:
        inside: requests that are let in: waiting or worked on.
    """

    def __init__(self, limits: Limits) -> None:
        self.inside = 0
        self._arriving = 0
        self._most_arriving = limits.uploads
        self._most = limits.in_flight + limits.queue
        self._wait = limits.wait
        self._pictures = asyncio.Semaphore(limits.in_flight)
        self._videos = asyncio.Semaphore(1)
        self._stopping = asyncio.Event()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """Let nobody in any more; those who wait are sent away, those at work finish."""
        self._stopping.set()

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """A place among those whose bodies arrive; whoever is slow at it keeps nobody from work.

        Raises:
            ProblemError: 503, the server stops; 429, these places or the queue are full.
        """
        self._check_queue()
        if self._arriving >= self._most_arriving:
            raise _full("uploads", self._arriving, self._most_arriving)
        self._arriving += 1
        try:
            yield
        finally:
            self._arriving -= 1

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """A place in the queue, from when the body is there until the answer is made.

        Raises:
            ProblemError: 503, the server stops; 429, the queue is full.
        """
        self._check_queue()
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1

    def _check_queue(self) -> None:
        if self.stopping:
            raise stops()
        if self.inside >= self._most:
            raise _full("queue", self.inside, self._most)

    async def unless_stopping(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` gives; it is given up when the server is to stop.

        Raises:
            ProblemError: 503, the server stops.
        """
        doing, end = asyncio.ensure_future(work), asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({doing, end}, return_when="FIRST_COMPLETED")
            if not doing.done():
                raise stops()
            return doing.result()
        finally:
            doing.cancel()
            end.cancel()

    @asynccontextmanager
    async def turn(self, *, video: bool = False) -> AsyncIterator[None]:
        """A place at work. Videos have one of their own, so that no picture waits minutes for one.

        Raises:
            ProblemError: 503, it did not come in time, or the server stops.
        """
        places = self._videos if video else self._pictures
        await self._take(places)
        try:
            yield
        finally:
            places.release()

    async def _take(self, places: asyncio.Semaphore) -> None:
        place = asyncio.ensure_future(places.acquire())
        end = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({place, end}, timeout=self._wait, return_when="FIRST_COMPLETED")
            if self.stopping:
                raise stops()
            if not place.done():
                raise ProblemError(
                    503,
                    f"queue: waited {self._wait:g} s in vain for a turn; try again later",
                    retry_after=RETRY_LATER,
                )
        except BaseException:
            if not place.cancel() and not place.cancelled():  # it came at the last moment
                places.release()
            raise
        finally:
            end.cancel()


def stops() -> ProblemError:
    """What is said while the server stops."""
    return ProblemError(503, "the server is stopping; try again later", retry_after=RETRY_LATER)


def _full(where: str, there: int, most: int) -> ProblemError:
    return ProblemError(
        429,
        f"{where}: {there} requests are in it already, expected fewer than {most}; try again "
        "after the seconds of Retry-After",
        retry_after=RETRY_AFTER,
    )
