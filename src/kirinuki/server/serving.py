"""`bound` and `serve`: a port, and the app on it until it is asked to stop; what is at work then
finishes.

Not covered: the app itself (`app`).
"""

from __future__ import annotations

import logging
import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

from kirinuki.errors import KirinukiError

GRACE = 30
"""Seconds that work may take to finish when the server is asked to stop."""


class _Server(uvicorn.Server):
    """Tells those who wait, at once, when it is asked to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        app = self.config.app
        assert isinstance(app, FastAPI)
        app.state.gate.stop()
        super().handle_exit(sig, frame)


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
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=GRACE,
    )
    _Server(config).run(sockets=[listening])
