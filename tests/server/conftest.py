"""A server that the tests of this room share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("fastapi", reason="the extra [web] is not installed")

from fastapi.testclient import TestClient

from served import client_of


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """A server for all that change nothing in it."""
    with client_of() as client:
        yield client
