"""`bound` and `serve`: a port, and the app on it until it is asked to stop; what is at work then
finishes.

Not covered: the app itself (`app`).
"""

from __future__ import annotations

import asyncio
import logging
import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

from kirinuki.errors import KirinukiError
from kirinuki.server.connections import AT_ONCE, Connection, OnceLogged

GRACE = 30
"""Seconds that work may take to finish when the server is asked to stop."""


LAST = 10
"""The last of those seconds, for a video that does not get done: it ends at its next frame."""
_BACKLOG = 128
"""Connections that the system keeps until they are taken."""


class Server(uvicorn.Server):
    """Tells those who wait, at once, when it is asked to stop, and those whose video would take
    too long while there is time."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._app.state.gate.stop()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(OnceLogged())
        await super().startup(sockets)
        for one in sockets or []:
            one.listen(_BACKLOG)  # asyncio's number is also that of `AT_ONCE`

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        grace = self.config.timeout_graceful_shutdown or GRACE
        loop = asyncio.get_running_loop()
        last = loop.call_later(max(0, grace - LAST), self._app.state.bench.give_up_videos)
        try:
            await super().shutdown(sockets)
        finally:
            last.cancel()

    @property
    def _app(self) -> FastAPI:
        app = self.config.app
        assert isinstance(app, FastAPI)
        return app


def server_of(app: FastAPI, *, grace: int = GRACE) -> Server:
    """A server that is not running yet.

    Args:
        grace: seconds that work may take to finish when it is asked to stop.
    """
    config = uvicorn.Config(
        app,
        http=Connection,
        backlog=AT_ONCE,
        log_config=None,
        log_level=logging.ERROR,  # of what strangers send
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=grace,
    )
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    return Server(config)


def bound(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on; with port 0, on one that is free.

    Raises:
        KirinukiError: the address is not this computer's, or the port is taken or not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = str(error.strerror).split(" (while ")[0]  # which repeats the address
        raise KirinukiError(
            f"{host}, port {port}: cannot be listened on ({reason}); "
            "choose another `port` or `host`"
        ) from None


def address_of(listening: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(app: FastAPI, listening: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM."""
    logging.basicConfig(format="kirinuki serve: %(levelname)s: %(message)s")
    server_of(app).run(sockets=[listening])
