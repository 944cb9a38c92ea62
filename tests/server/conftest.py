"""A server that the tests of this room share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def client() -> Iterator[Any]:
    """A server for all that change nothing in it."""
    from served import client_of

    with client_of() as client:
        yield client
