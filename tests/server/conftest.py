"""Servers that the tests of this room share, and the page in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from browsed import CHROMIUM, LIMITS, PATIENCE, Open
from fake_segmenter import FakeSegmenter


@pytest.fixture(scope="session")
def client() -> Iterator[Any]:
    """A server for all that change nothing in it."""
    from served import client_of

    with client_of() as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    from served import running

    with running(FakeSegmenter(tells_kinds=True), **LIMITS) as (url, _):
        yield url


@pytest.fixture
def opened(browser: Any, url: str) -> Iterator[Open]:
    """Opens the page in a profile of its own; nothing may go wrong in it that nobody sees."""
    contexts: list[Any] = []
    wrong: list[str] = []

    def open_(address: str = url, **more: Any) -> Any:
        context = browser.new_context(reduced_motion="reduce", locale="en-US", **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(address)
        page.locator("html[data-ready]").wait_for()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []
