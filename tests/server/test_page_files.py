"""Files and the page: dropped, pasted, broken, a video; and a server that goes away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the extra [web] is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")

from blob_segmenter import RED, BlobSegmenter
from browsed import IN_A_BROWSER, LIMITS, Open, bring, give, noise, one_alone, pixels, taken
from fake_segmenter import FakeSegmenter
from made_clips import write_clip
from served import running

pytestmark = IN_A_BROWSER


def test_a_picture_is_dropped(opened: Open) -> None:
    page, file = opened(), noise(2)
    bring(page, file, "drag", "dragenter")
    page.locator("body.dragging").wait_for()
    bring(page, file, "drag", "dragover")
    bring(page, file, "drag", "drop")
    page.locator("body:not(.dragging)").wait_for()
    page.locator("#count", has_text="2 of 2").wait_for()
    assert np.array_equal(pixels(taken(page, "#save")), one_alone(file, 0) + one_alone(file, 1))


def test_a_picture_that_is_dragged_away_is_not_taken(opened: Open) -> None:
    page = opened()
    bring(page, noise(1), "drag", "dragenter")
    page.locator("body.dragging").wait_for()
    bring(page, noise(1), "drag", "dragleave")
    page.locator("body:not(.dragging)").wait_for()
    assert page.locator(".tile").count() == 0


def test_pictures_are_pasted_one_after_the_other(opened: Open) -> None:
    page, files = opened(), (noise(1), noise(2, seed=2))
    for number, file in enumerate(files):
        bring(page, file, "paste")
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
    pictures = [np.full((96, 128, 3), 255, np.uint8) for _ in range(8)]
    for i, picture in enumerate(pictures):
        picture[20:60, 10 + i : 50 + i] = RED
        picture[68:92, 80:120] = RED
    clip = write_clip(tmp_path / "in.mp4", pictures).read_bytes()
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
        page.locator("#save-video:enabled").wait_for()
        made = taken(page, "#save-video")
        assert made.startswith(b"\x1a\x45\xdf\xa3")
        size = page.locator("#video").evaluate(
            "async (video) => { while (!video.videoWidth) await new Promise(requestAnimationFrame);"
            " return [video.videoWidth, video.videoHeight]; }"
        )
        assert size == [128, 96]
