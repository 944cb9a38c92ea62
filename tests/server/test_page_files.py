"""Files and the page: dropped, pasted, broken, a video; and a server that goes away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the extra [web] is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")

from blob_segmenter import BlobSegmenter
from browsed import (
    IN_A_BROWSER,
    LIMITS,
    Open,
    clip_of,
    drag_in,
    give,
    noise,
    one_alone,
    paste,
    pixels,
    taken,
)
from fake_segmenter import FakeSegmenter
from served import running

pytestmark = IN_A_BROWSER
LEAVE = """() => {
    const data = new DataTransfer();
    data.items.add(new File(["a"], "a.png", { type: "image/png" }));
    const leave = new DragEvent("dragleave", { dataTransfer: data, bubbles: true });
    document.querySelector("main").dispatchEvent(leave);
}"""
"""What a browser does when a file leaves its window: Chromium's own dragCancel tells the page
nothing where there is no window."""


def test_files_of_the_disk_are_dragged_and_dropped(opened: Open, tmp_path: Path) -> None:
    page, content = opened(), noise(2)
    files = [tmp_path / "ひとり.png", tmp_path / "two.png"]
    files[0].write_bytes(noise(1, seed=1))
    files[1].write_bytes(content)
    drag_in(page, files, "dragEnter", "dragOver")
    page.locator("body.dragging").wait_for()
    drag_in(page, files, "drop")
    page.locator("body:not(.dragging)").wait_for()
    page.locator(".tile[data-state=done]").nth(1).wait_for()
    names = page.locator(".tile-choice").evaluate_all("(all) => all.map((one) => one.title)")
    assert names == ["ひとり.png", "two.png"]
    page.locator(".tile-choice").nth(1).click()
    page.locator("#count", has_text="2 of 2").wait_for()
    assert np.array_equal(
        pixels(taken(page, "#save")), one_alone(content, 0) + one_alone(content, 1)
    )


def test_a_file_that_is_dragged_away_is_not_taken(opened: Open, tmp_path: Path) -> None:
    page, file = opened(), tmp_path / "a.png"
    file.write_bytes(noise(1))
    drag_in(page, [file], "dragEnter", "dragOver")
    page.locator("body.dragging").wait_for()
    page.evaluate(LEAVE)
    page.locator("body:not(.dragging)").wait_for()
    assert page.locator(".tile").count() == 0


def test_pictures_are_pasted_one_after_the_other(opened: Open) -> None:
    page, files = opened(), (noise(1), noise(2, seed=2))
    for number, file in enumerate(files):
        paste(page, file)
        page.locator("#count", has_text=f"{number + 1} of {number + 1}").wait_for()
    assert page.locator(".tile").count() == 2
    assert np.array_equal(
        pixels(taken(page, "#save")), one_alone(files[1], 0) + one_alone(files[1], 1)
    )


def test_a_broken_file_says_why_and_costs_nothing_else(opened: Open) -> None:
    page = opened()
    name = "<img src=x onerror=document.title='owned'>.png"
    give(page, noise(1), b"no picture", noise(2)[:3000], names=("good.png", name, "cut.png"))
    page.locator(".tile-choice").nth(1).click()
    assert "is not a picture that can be read" in page.locator("#failed-said").inner_text()
    page.locator(".tile-choice").nth(2).click()
    assert "damaged" in page.locator("#failed-said").inner_text()
    assert page.title() != "owned"
    page.click("#remove")
    assert page.locator(".tile").count() == 2
    page.locator(".tile-choice").nth(0).click()
    assert np.array_equal(pixels(taken(page, "#save")), one_alone(noise(1), 0))


def test_what_went_wrong_is_said_beside_the_tools_and_can_be_closed(opened: Open) -> None:
    page = opened()
    give(page, noise(1))
    broken = {"name": "no.png", "mimeType": "image/png", "buffer": b"no picture"}
    page.set_input_files("#back-picture", [broken])
    page.locator("#banner:visible").wait_for()
    page.click("[data-tool=add]", timeout=5000)  # a banner that lies over it would take the click
    page.click("#banner-close")
    assert page.locator("#banner").is_hidden()
    page.set_input_files("#back-picture", [{**broken, "name": "neither.png"}])
    page.locator("#banner:visible").wait_for()
    page.click("[data-background='#16151b']")
    assert page.locator("#banner").is_hidden()


def test_with_nobody_left_in_no_filter_is_pressed(opened: Open) -> None:
    page = opened()
    give(page, noise(1))
    for one in page.locator("#cast [role=switch]").all():
        one.click()
    assert page.locator("[data-kind][aria-pressed=true]").count() == 0


def test_the_server_stops_in_the_middle_and_comes_back(opened: Open) -> None:
    segmenter = FakeSegmenter(tells_kinds=True)
    with running(segmenter, **LIMITS) as (url, _):
        page = opened(url)
        give(page, noise(1))
    page.set_input_files(
        "#files", [{"name": "b.png", "mimeType": "image/png", "buffer": noise(2, seed=2)}]
    )
    page.locator("#banner:visible").wait_for()
    assert "does not answer" in page.locator("#banner").inner_text()
    page.locator(".tile-choice").nth(0).click()
    assert np.array_equal(pixels(taken(page, "#save")), one_alone(noise(1), 0))
    with running(segmenter, port=int(url.rpartition(":")[2]), **LIMITS):
        page.locator(".tile").nth(1).and_(page.locator("[data-state=done]")).wait_for()
        page.locator("#banner").wait_for(state="hidden")
        page.locator(".tile-choice").nth(1).click()
        assert np.array_equal(
            pixels(taken(page, "#save")),
            one_alone(noise(2, seed=2), 0) + one_alone(noise(2, seed=2), 1),
        )


def test_a_short_video_of_those_who_stay(opened: Open, tmp_path: Path) -> None:
    clip = clip_of(tmp_path, 8)
    with running(BlobSegmenter(), **LIMITS) as (url, _):
        page = opened(url)
        give(page, clip, names=("clip.mp4",), kind="video/mp4")
        assert page.locator(".member").count() == 2
        widths = page.locator(".member img.face").evaluate_all(
            "(all) => all.map((one) => one.naturalWidth)"
        )
        assert widths == [96, 96]
        page.locator(".member").nth(0).click()
        page.click("#make-video")
        page.locator("#save-video:not([aria-disabled=true])").wait_for()
        made = taken(page, "#save-video")
        assert made.startswith(b"\x1a\x45\xdf\xa3")
        size = page.locator("#video").evaluate(
            "async (video) => { while (!video.videoWidth) await new Promise(requestAnimationFrame);"
            " return [video.videoWidth, video.videoHeight]; }"
        )
        assert size == [128, 96]
