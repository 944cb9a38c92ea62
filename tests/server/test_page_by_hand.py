"""The page by fingers, pointer and keyboard: zoom, the brush's ring, and where the focus goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the extra [web] is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")

from blob_segmenter import BlobSegmenter
from browsed import IN_A_BROWSER, LIMITS, Open, clip_of, drag, give, noise, strokes, taken
from served import running

pytestmark = IN_A_BROWSER
PLACE = """([x, y]) => {
    const { left, top, width } = document.getElementById("sheet").getBoundingClientRect();
    return [(x - left) / width, (y - top) / width, width];
}"""
"""Where a point of the window is on the picture, in shares of its width, and that width."""
FOCUS = "() => document.activeElement.id || document.activeElement.className"


def middle_of(page: Any, of: str) -> tuple[float, float]:
    box = page.locator(of).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def touch(browser: Any, kind: str, *fingers: tuple[float, float]) -> None:
    """What a screen tells of all fingers that are on it."""
    points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(fingers)]
    browser.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})


def test_a_wheel_zooms_about_the_pointer_and_buttons_about_the_middle(opened: Open) -> None:
    page = opened()
    give(page, noise(2))
    for _ in range(2):
        page.click("#zoom-in")  # there is more than the window holds, in both directions
    x, y = middle_of(page, "#scroller")
    spot = [x - 70, y - 40]
    page.mouse.move(*spot)
    before = page.evaluate(PLACE, spot)
    page.keyboard.down("Control")
    for _ in range(3):
        page.mouse.wheel(0, -100)
        page.wait_for_timeout(50)
    page.keyboard.up("Control")
    after = page.evaluate(PLACE, spot)
    assert after[2] > 1.5 * before[2]
    assert np.allclose(after[:2], before[:2], atol=0.01)
    middle = page.evaluate(PLACE, [x, y])
    page.click("#zoom-in")
    assert np.allclose(page.evaluate(PLACE, [x, y])[:2], middle[:2], atol=0.01)


def test_what_is_as_small_as_it_gets_can_only_be_made_larger(opened: Open) -> None:
    page = opened()
    give(page, noise(2))
    assert page.locator("#zoom-out").is_disabled()
    page.click("#zoom-in")
    page.click("#zoom-out")
    assert page.locator("#zoom-out").is_disabled()
    assert page.evaluate(FOCUS) == "zoom-out"


def test_a_ring_shows_what_the_brush_covers_however_large(opened: Open) -> None:
    page = opened()
    give(page, noise(2))
    page.click("[data-tool=erase]")
    page.locator("#brush").fill("110")
    drag(page, (0.5, 0.5), (0.5, 0.52))
    width = page.evaluate(PLACE, [0, 0])[2]
    ring = page.locator("#ring").bounding_box()
    assert ring["width"] == pytest.approx(2 * 110 * width / 320, abs=1)
    x, y = middle_of(page, "#ring")
    assert page.evaluate(PLACE, [x, y])[:2] == pytest.approx([0.5, 0.52 * 200 / 320], abs=0.01)


def test_two_fingers_zoom_and_paint_nothing(opened: Open) -> None:
    page = opened(has_touch=True, viewport={"width": 390, "height": 844})
    give(page, noise(2), noise(1, seed=1))
    page.click("[data-tool=erase]")
    x, y = middle_of(page, "#sheet")
    before = page.evaluate(PLACE, [x, y])
    browser = page.context.new_cdp_session(page)
    touch(browser, "Start", (x - 30, y))
    touch(browser, "Start", (x - 30, y), (x + 30, y))
    for apart in (40, 50, 60):
        touch(browser, "Move", (x - apart, y), (x + apart, y))
    touch(browser, "End")
    after = page.evaluate(PLACE, [x, y])
    assert after[2] == pytest.approx(2 * before[2], rel=0.05)
    assert after[:2] == pytest.approx(before[:2], abs=0.02)
    assert strokes(page) == []
    touch(browser, "Start", (x, y))
    touch(browser, "Move", (x + 20, y))
    touch(browser, "End")
    assert len(strokes(page)) == 1


def test_a_drag_over_a_character_takes_nobody_out(opened: Open) -> None:
    page = opened()
    give(page, noise(1))
    drag(page, (0.1, 0.2), (0.6, 0.6))
    drag(page, (0.3, 0.3), (0.6, 0.6), (0.3, 0.3))
    assert page.locator("#count").inner_text() == "1 of 1"


def test_a_mouse_moves_what_is_larger_than_its_place(opened: Open) -> None:
    page = opened()
    give(page, noise(1))
    x, y = middle_of(page, "#scroller")

    def moved(button: str) -> list[float]:
        before = page.evaluate(PLACE, [x, y])
        page.mouse.move(x, y)
        page.mouse.down(button=button)
        page.mouse.move(x - 40, y - 20, steps=4)
        page.mouse.up(button=button)
        after = page.evaluate(PLACE, [x - 40, y - 20])
        return [(b - a) * after[2] for a, b in zip(before[:2], after[:2], strict=True)]

    assert moved("left") == pytest.approx([-40, -20], abs=1)  # it fits: nothing moves
    for _ in range(4):
        page.click("#zoom-in")
    assert moved("left") == pytest.approx([0, 0], abs=1)
    page.click("[data-tool=erase]")
    assert moved("middle") == pytest.approx([0, 0], abs=1)
    assert strokes(page) == []
    assert moved("left") == pytest.approx([-40, -20], abs=1)
    assert len(strokes(page)) == 1
    assert page.locator("#count").inner_text() == "1 of 1"


def test_what_can_be_brought_back_is_seen_faintly(opened: Open) -> None:
    page = opened()
    ghost = page.locator("#ghost")
    give(page, noise(1))
    assert ghost.is_hidden()
    page.click("[data-tool=erase]")
    assert ghost.is_hidden()
    page.click("[data-tool=add]")
    assert ghost.is_visible()


def test_where_nobody_was_found_the_picture_is_seen_faintly(opened: Open) -> None:
    page = opened()
    give(page, noise(0), noise(1))
    page.locator(".tile").nth(0).click()
    page.locator("#ghost").wait_for(state="visible")
    page.locator(".tile").nth(1).click()
    page.locator("#ghost").wait_for(state="hidden")


def test_a_stroke_that_is_held_is_not_undone(opened: Open) -> None:
    page = opened()
    give(page, noise(1))
    page.click("[data-tool=erase]")
    x, y = middle_of(page, "#sheet")
    page.mouse.move(x, y)
    page.mouse.down()
    page.keyboard.press("Control+z")
    page.mouse.move(x + 20, y, steps=4)
    page.mouse.up()
    assert len(strokes(page)) == 1
    page.keyboard.press("Control+z")
    assert strokes(page) == []


def test_the_keyboard_keeps_its_place(opened: Open) -> None:
    page = opened()
    give(page, noise(1), noise(2, seed=1), noise(3, seed=2))

    def press(of: str, at: int = 0) -> str:
        page.locator(of).nth(at).focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(100)
        return str(page.evaluate(FOCUS))

    assert press(".tile-choice", 1) == "tile-choice"
    assert page.locator("#count").inner_text() == "2 of 2"
    with page.expect_download():
        assert press("#save") == "save"
    assert press(".tile-remove", 1) == "tile-choice"
    assert page.locator("#count").inner_text() == "3 of 3"  # its neighbour
    press(".tile-remove", 1)
    assert press(".tile-remove") == "pick"
    page.locator("#example").focus()
    page.keyboard.press("Enter")
    page.locator(".tile[data-state=done]").wait_for()
    assert page.evaluate(FOCUS) == "tile-choice"


def test_a_film_of_others_than_stay_is_not_offered(opened: Open, tmp_path: Path) -> None:
    with running(BlobSegmenter(), **LIMITS) as (url, _):
        page = opened(url)
        give(page, clip_of(tmp_path, 8), names=("clip.mp4",), kind="video/mp4")
        page.click("#make-video")
        page.locator("#save-video:not([aria-disabled=true])").wait_for()
        made = taken(page, "#save-video")
        page.locator(".member").nth(0).click()
        assert page.locator("#save-video").is_disabled()
        page.locator(".member").nth(0).click()
        assert taken(page, "#save-video") == made


def test_what_a_video_lacks_is_said_beside_it(opened: Open, tmp_path: Path) -> None:
    whole = clip_of(tmp_path, 96, "in.mkv")
    with running(BlobSegmenter(), frames=200, **LIMITS) as (url, _):
        page = opened(url)
        give(page, whole[: len(whole) // 2], names=("in.mkv",), kind="video/x-matroska")
        assert "cut off: ends at" in page.locator("#notes").inner_text()
