"""Servers for tests: one in this process whose model is a fake one, and one on a port."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra [web] is not installed")

from fastapi.testclient import TestClient
from PIL import Image

from fake_segmenter import FakeSegmenter
from kirinuki.instances import Instances
from kirinuki.server.app import create_app
from kirinuki.server.guards import Rules
from kirinuki.server.limits import Limits

LIMITS = Limits(body=4_000_000, pixels=1_000_000, frames=40, in_flight=1, queue=2)


@dataclass
class SlowSegmenter(FakeSegmenter):
    """Looks until it is let go."""

    begun: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def __call__(self, picture: Any) -> Instances:
        self.begun.set()
        assert self.go.wait(30)
        return super().__call__(picture)


@contextmanager
def client_of(
    segmenter: Any = None, rules: Rules | None = None, *, raises: bool = True, **limits: Any
) -> Iterator[TestClient]:
    """A client of a new server.

    Args:
        raises: errors that nobody meant come out of it here, and are no answers.
    """
    segmenter = segmenter or FakeSegmenter(tells_kinds=True)
    app = create_app(segmenter, replace(LIMITS, **limits), rules)
    with TestClient(app, "http://localhost:8000", raise_server_exceptions=raises) as client:
        yield client


@contextmanager
def running(
    segmenter: Any, port: int = 0, rules: Rules | None = None, *, grace: int = 20, **limits: Any
) -> Iterator[tuple[str, Any]]:
    """A server on a port of its own, and the address."""
    from kirinuki.server.serving import bound, server_of

    app = create_app(segmenter, replace(LIMITS, **limits), rules)
    server = server_of(app, grace=grace)
    listening = bound("127.0.0.1", port)
    port = listening.getsockname()[1]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.should_exit = True
        thread.join(30)


def file_of(characters: int = 1, size_wh: tuple[int, int] = (40, 24), kind: str = "PNG") -> bytes:
    """A picture in which `FakeSegmenter` finds so many characters."""
    encoded = BytesIO()
    Image.new("RGB", size_wh, (characters * 10 + 5, 120, 200)).save(encoded, kind)
    return encoded.getvalue()


def detail_of(response: Any, status: int) -> str:
    """What a problem says, after a look at its form."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    said = response.json()
    assert said["status"] == status
    assert set(said) == {"type", "title", "status", "detail"}
    assert "\n" not in said["detail"]
    return str(said["detail"])
