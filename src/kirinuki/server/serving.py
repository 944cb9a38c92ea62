"""`serve`: the app on a port, until it is asked to stop; what is at work then finishes.

Not covered: the app itself (`app`).
"""

from __future__ import annotations

import logging
from types import FrameType

import uvicorn
from fastapi import FastAPI

GRACE = 30
"""Seconds that work may take to finish when the server is asked to stop."""


class _Server(uvicorn.Server):
    """Tells those who wait, at once, when it is asked to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        app = self.config.app
        assert isinstance(app, FastAPI)
        app.state.gate.stop()
        super().handle_exit(sig, frame)


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    logging.basicConfig(format="kirinuki serve: %(levelname)s: %(message)s")
    config = uvicorn.Config(
        app,
        host,
        port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=GRACE,
    )
    _Server(config).run()
