"""`Connection`: a connection has only so long to ask for something, and there are only so many.

Not covered: what is asked (`app`), the body that comes with it (`uploads`).
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from kirinuki.server import problems
from kirinuki.server.guards import HEADERS
from kirinuki.server.limits import Limits
from kirinuki.server.problems import ProblemError

AT_ONCE = 16
"""Connections that are taken before anything is done with one of them."""
_OTHER_FILES = 96
"""Files that stay open beside connections: the model's, the processes' pipes, what is `AT_ONCE`."""


class Connection(H11Protocol):
    """HTTP/1.1 by uvicorn, with `Limits.head` and `Limits.connections`."""

    _deadline: asyncio.TimerHandle | None = None

    @property
    def _limits(self) -> Limits:
        limits: Limits = self.config.app.state.limits  # type: ignore[union-attr]
        return limits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > most_connections(self._limits):
            self._close(ProblemError(503, "connections: are too many; try again", retry_after=2))
        else:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()  # it has asked
        elif not self.transport.is_closing():
            self._wait_for_head()

    def send_400_response(self, msg: str) -> None:
        self._close(ProblemError(400, "request: is no HTTP/1.1; expected what RFC 9112 says"))

    def _wait_for_head(self) -> None:
        if self._deadline is None:
            seconds = self._limits.head
            problem = ProblemError(
                408, f"headers: had not arrived after {seconds:g} s; expected them faster"
            )
            self._deadline = self.loop.call_later(seconds, self._close, problem)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close(self, problem: ProblemError) -> None:
        """Say why, unless an answer is on its way, and close."""
        self._stop_waiting()
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_as_bytes(problem))
        self.transport.close()


def most_connections(limits: Limits) -> int:
    """Connections that may be open: each may have an upload in a file, too."""
    if sys.platform == "win32":
        return limits.connections
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return limits.connections
    return min(limits.connections, max(AT_ONCE, (files - _OTHER_FILES) // 2))


def _as_bytes(problem: ProblemError) -> bytes:
    answer = problems.answer(problem)
    answer.headers.update({**HEADERS, "Connection": "close"})
    head = [f"{name}: {value}\r\n" for name, value in answer.headers.items()]
    first = f"HTTP/1.1 {problem.status} {problem.told()['title']}\r\n"
    return "".join([first, *head, "\r\n"]).encode("latin-1") + bytes(answer.body)


class OnceLogged:
    """asyncio's handler of errors, which says of files that ran out once what it would say for
    every connection that waits."""

    def __init__(self) -> None:
        self._said = False

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "out of system resource" not in str(context.get("message")):
            loop.default_exception_handler(context)
        elif not self._said:
            self._said = True
            problems.warn("connections: no more files may be open; some clients must wait")
