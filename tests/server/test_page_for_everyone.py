"""The page by the keyboard, in Japanese, with a token, in two tabs, offline, for screen readers."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the extra [web] is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")

from browsed import IN_A_BROWSER, LIMITS, PATIENCE, Open, give, noise, one_alone, pixels, taken
from fake_segmenter import FakeSegmenter
from served import running

pytestmark = IN_A_BROWSER


def test_two_tabs_do_not_know_of_each_other(opened: Open) -> None:
    first = opened()
    second = first.context.new_page()
    second.goto(first.url)
    second.locator("html[data-ready]").wait_for()
    give(first, noise(2))
    give(second, noise(3, seed=3))
    first.locator(".member").nth(0).click()
    assert first.locator("#count").inner_text() == "1 of 2"
    assert second.locator("#count").inner_text() == "3 of 3"
    assert np.array_equal(pixels(taken(first, "#save")), one_alone(noise(2), 1))


def test_the_keyboard_alone_is_enough(opened: Open) -> None:
    page = opened()
    give(page, noise(2))
    page.locator(".member").nth(1).focus()
    page.keyboard.press("Space")
    assert page.locator(".member").nth(1).get_attribute("aria-checked") == "false"
    page.keyboard.press("2")
    page.keyboard.press("1")
    assert page.locator("#count").inner_text() == "1 of 2"
    page.locator("#compare").focus()
    page.keyboard.press("End")
    assert page.locator("#compare").input_value() == "100"
    page.keyboard.press("b")
    assert page.locator("button[data-tool=add]").get_attribute("aria-pressed") == "true"


def test_japanese_and_english(opened: Open) -> None:
    page = opened()
    give(page, noise(1))
    page.click("#language")
    assert page.locator("#save").inner_text() == "PNGを保存"
    assert page.locator("html").get_attribute("lang") == "ja"
    page.reload()
    assert "切り抜き" in page.locator("h1").inner_text()
    words = page.evaluate("async () => (await import('/i18n.js')).missing()")
    assert words == []


def test_a_token_is_asked_for_once(opened: Open, browser: Any) -> None:
    from kirinuki.server.guards import Rules

    with running(FakeSegmenter(), rules=Rules(token="abc"), **LIMITS) as (url, _):
        context = browser.new_context(locale="en-US")
        page = context.new_page()
        page.goto(url)
        page.locator("#ask-token[open]").wait_for(timeout=PATIENCE)
        page.fill("#token", "abc")
        page.keyboard.press("Enter")
        page.locator("html[data-ready]").wait_for(timeout=PATIENCE)
        give(page, noise(1))
        assert page.locator("#count").inner_text() == "1 of 1"
        context.close()


def test_a_wrong_token_is_told_so_and_may_be_given_up(opened: Open, browser: Any) -> None:
    from kirinuki.server.guards import Rules

    with running(FakeSegmenter(), rules=Rules(token="合言葉"), **LIMITS) as (url, _):
        context = browser.new_context(locale="en-US")
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(url)
        page.locator("#ask-token[open]").wait_for()
        assert page.locator("#token-wrong").is_hidden()
        page.fill("#token", "日本語")
        page.keyboard.press("Enter")
        page.locator("#token-wrong:visible").wait_for()
        page.keyboard.press("Escape")
        page.locator("html[data-ready]").wait_for()
        assert page.locator("#ask-token").is_hidden()
        assert "Without a token" in page.locator("#banner").inner_text()
        page.reload()
        page.locator("#token-wrong:visible").wait_for()
        page.fill("#token", "合言葉")
        page.keyboard.press("Enter")
        page.locator("html[data-ready]").wait_for()
        assert page.locator("#banner").is_hidden()
        give(page, noise(1))
        assert page.locator("#count").inner_text() == "1 of 1"
        context.close()


def test_a_file_that_fails_is_named_in_japanese_and_not_tried_again(opened: Open) -> None:
    page = opened()
    page.click("#language")
    give(page, b"no picture", names=("絵.png",))
    assert page.locator("#failed-name").inner_text() == "絵.png"
    assert "読み込めない" in page.locator("#failed-text").inner_text()
    assert page.locator("#failed-said").get_attribute("lang") == "en"
    assert page.locator("#again").is_hidden()


def test_of_nobody_there_is_nothing_to_take_along(opened: Open) -> None:
    page = opened()
    give(page, noise(0))
    for button in ("#save", "#copy", "#save-each", "#save-layers"):
        assert page.locator(button).is_disabled()


def test_a_file_of_layers_leaves_out_who_is_left_out_and_says_what_else(opened: Open) -> None:
    from psd_tools import PSDImage

    def layers() -> list[tuple[int, ...]]:
        return [one.bbox for one in PSDImage.open(BytesIO(taken(page, "#save-layers")))]

    page = opened()
    give(page, noise(3))
    whole, *everyone = layers()
    assert whole == (0, 0, 320, 200)
    assert len(set(everyone)) == 3
    page.locator(".member").nth(1).click()
    assert set(layers()) < {whole, *everyone}
    assert len(layers()) == 3
    assert page.locator("#psd-hint").is_hidden()
    page.click("[data-background='#ffffff']")
    assert page.locator("#psd-hint").is_visible()
    for member in (0, 2):
        page.locator(".member").nth(member).click()
    for button in ("#save-each", "#save-layers"):
        assert page.locator(button).is_disabled()


def test_of_whom_there_are_too_many_to_point_at_all_are_in_the_layers(opened: Open) -> None:
    page = opened()
    points = """async () => {
        const { pointsOf } = await import("/points.js");
        const full = (alpha) => new Uint8Array(64).fill(alpha);
        const one = (x, alpha) => ({ x, y: 0, width: 8, height: 8, alpha: full(alpha) });
        const scene = { scale: 0.5, people: [one(0, 255), one(4, 200), one(5, 90)] };
        const windows = scene.people.map(({ x }) => [2 * x, 0, 2 * x + 16, 16]);
        const asked = [[0], [0, 2], new Array(17).fill(0)];
        return asked.map((indices) => pointsOf(scene, windows, indices));
    }"""
    first, hidden, many = page.evaluate(points)
    assert first == ["3,3"]
    assert hidden is None
    assert many is None


def test_nothing_is_loaded_from_elsewhere(opened: Open) -> None:
    asked: list[str] = []
    page = opened()
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    give(page, noise(1))
    own = page.url.rstrip("/")
    assert asked
    assert all(url.startswith((own, "blob:", "data:")) for url in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(opened: Open, repository: Path, scheme: str) -> None:
    axe = repository / ".venv" / "axe-core" / "axe.min.js"
    if not axe.is_file():
        pytest.skip("no axe-core here; tests/install_axe.sh fetches it")
    page = opened(color_scheme=scheme, viewport={"width": 390, "height": 844})

    def check() -> list[str]:
        page.evaluate(axe.read_text(encoding="utf-8"))
        found = page.evaluate("() => axe.run().then((said) => said.violations)")
        return [
            f"{one['id']}: {node['html'][:120]}"
            for one in found
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]

    assert check() == []
    give(page, noise(3), b"broken")
    page.locator(".member").nth(1).click()
    assert check() == []
    page.set_viewport_size({"width": 1440, "height": 900})
    assert check() == []
    page.locator(".tile-choice").nth(1).click()
    assert check() == []
