"""The page in a real Chromium: what users do, and the pixels that they take along."""

from __future__ import annotations

import zipfile
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("fastapi", reason="the extra [web] is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")

from browsed import (
    IN_A_BROWSER,
    Open,
    drag,
    give,
    noise,
    one_alone,
    pixels,
    stroked,
    strokes,
    taken,
)

pytestmark = IN_A_BROWSER


def test_toggle_brush_undo_and_download_give_the_expected_pixels(opened: Open) -> None:
    page, file = opened(), noise(2)
    give(page, file)
    assert page.locator("#count").inner_text() == "2 of 2"
    both = pixels(taken(page, "#save"))
    assert np.array_equal(both, one_alone(file, 0) + one_alone(file, 1))

    box = page.locator("#sheet").bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2)
    assert page.locator("#count").inner_text() == "1 of 2"
    first = one_alone(file, 0)
    assert np.array_equal(pixels(taken(page, "#save")), first)

    page.click("[data-tool=erase]")
    drag(page, (0.1, 0.3), (0.3, 0.6))
    page.click("[data-tool=add]")
    drag(page, (0.7, 0.2), (0.7, 0.8), (0.9, 0.8))
    drawn = strokes(page)
    assert [stroke["mode"] for stroke in drawn] == ["erase", "add"]
    assert np.abs(np.array(drawn[0]["points"][:2]) - (32, 60)).max() <= 1
    alpha = first[..., 3]
    for stroke in drawn:
        alpha = stroked(alpha, stroke)
    made = pixels(taken(page, "#save"))
    assert np.array_equal(made[..., 3], alpha)
    colours = np.where(first[..., 3:] > 0, first[..., :3], pixels(file))
    colours[alpha == 0] = 0
    assert np.array_equal(made[..., :3], colours)

    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert np.array_equal(pixels(taken(page, "#save")), first)
    page.click("#redo")
    assert np.array_equal(pixels(taken(page, "#save"))[..., 3], stroked(first[..., 3], drawn[0]))


def test_backgrounds_and_edges_are_in_what_is_downloaded(opened: Open) -> None:
    page, file = opened(), noise(1)
    give(page, file)
    page.click("[data-background='#00b140']")
    cut = one_alone(file, 0).astype(float)
    share = cut[..., 3:] / 255
    expected = np.floor(share * cut[..., :3] + (1 - share) * (0, 177, 64) + 0.5)
    made = pixels(taken(page, "#save"))
    assert (made[..., 3] == 255).all()
    assert np.abs(made[..., :3] - expected).max() <= 1
    page.click("[data-background=none]")
    page.locator("#grow").fill("-2")
    alpha = one_alone(file, 0)[..., 3]
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(alpha, 2, mode="edge"), (5, 5))
    assert np.array_equal(pixels(taken(page, "#save"))[..., 3], windows.min((2, 3)))
    page.click("#edge-reset")
    page.locator("#harden").fill("100")
    hard = pixels(taken(page, "#save"))[..., 3]
    assert set(np.unique(hard)) == {0, 255}
    page.click("[data-background=blur]")
    assert (pixels(taken(page, "#save"))[..., 3] == 255).all()


def test_filters_archives_and_the_clipboard(opened: Open) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    files = (noise(3), noise(1, seed=1))
    give(page, *files, names=("a.png", "a.png"))
    page.click("#kinds [data-kind=male]")
    assert page.locator("#count").inner_text() == "1 of 3"
    assert page.locator(".member[aria-checked=true]").count() == 1
    page.click("#kinds [data-kind=all]")
    with zipfile.ZipFile(BytesIO(taken(page, "#save-each"))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a_1.png", "a_2.png", "a_3.png"]
        assert pixels(archive.read("a_2.png")).shape == (196, 105, 4)
    with zipfile.ZipFile(BytesIO(taken(page, "#save-all"))) as archive:
        assert archive.namelist() == ["a_cutout.png", "a_cutout_2.png"]
        assert np.array_equal(pixels(archive.read("a_cutout_2.png")), one_alone(files[1], 0))
    assert page.locator("#save-layers").inner_text() == "PSD"
    assert taken(page, "#save-layers").startswith(b"8BPS")
    page.click("#copy")
    page.locator("#copy", has_text="Copied").wait_for()
    kinds = page.evaluate("async () => (await navigator.clipboard.read())[0].types")
    assert kinds == ["image/png"]


def test_a_picture_of_40_megapixels(opened: Open) -> None:
    page = opened()
    down, across = np.mgrid[:5000, :8000].astype(np.uint16) // 32
    smooth = np.dstack([across, down, across]).astype(np.uint8)
    smooth[0, 0, 0] = 15
    encoded = BytesIO()
    Image.fromarray(smooth).save(encoded, "PNG", compress_level=1)
    give(page, encoded.getvalue())
    page.locator("#count", has_text="1 of 1").wait_for()
    made = pixels(taken(page, "#save"))
    assert made.shape == (5000, 8000, 4)
    inner = np.s_[100:4900:7, 100:7900:7]
    assert (made[inner][..., 3] == 255).all()
    assert np.array_equal(made[inner][..., :3], smooth[inner])
