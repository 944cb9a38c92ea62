"""The page in a real Chromium: what users do, and the pixels that they take along."""

from __future__ import annotations

import base64
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

pytest.importorskip("fastapi", reason="the extra [web] is not installed")
pytest.importorskip("playwright", reason="Playwright is not installed")

from blob_segmenter import RED, BlobSegmenter
from fake_segmenter import FakeSegmenter
from kirinuki.images.picture import read_picture
from kirinuki.server.cuts import own_colours
from made_clips import write_clip
from served import running

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
PATIENCE = 120_000
"""Milliseconds after which a browser that shows nothing has failed."""
LIMITS = {"body": 200_000_000, "pixels": 50_000_000, "queue": 16, "decoding": 60.0}
Open = Callable[..., Any]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not CHROMIUM, reason="no Chromium here; tests/install_chromium.sh installs it"
    ),
]


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


def noise(characters: int, size_wh: tuple[int, int] = (320, 200), seed: int = 0) -> bytes:
    """A picture in which `FakeSegmenter` finds so many characters."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size_wh[1], size_wh[0], 3), np.uint8)
    pixels[0, 0, 0] = characters * 10 + 5
    encoded = BytesIO()
    Image.fromarray(pixels).save(encoded, "PNG")
    return encoded.getvalue()


def give(page: Any, *files: bytes, names: tuple[str, ...] = (), kind: str = "image/png") -> None:
    names = names or tuple(f"{i}.png" for i in range(len(files)))
    page.set_input_files(
        "#files",
        [
            {"name": name, "mimeType": kind, "buffer": file}
            for name, file in zip(names, files, strict=True)
        ],
    )
    page.locator(f".tile:nth-of-type({len(files)})").wait_for()
    for i in range(len(files)):
        page.locator(".tile").nth(i).and_(
            page.locator("[data-state=done], [data-state=failed]")
        ).wait_for()
    page.locator("#working").wait_for(state="hidden")


def taken(page: Any, button: str) -> bytes:
    """What a button downloads."""
    with page.expect_download(timeout=PATIENCE) as download:
        page.click(button)
    return Path(download.value.path()).read_bytes()


def pixels(content: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(BytesIO(content)))


def one_alone(file: bytes, index: int) -> NDArray[np.uint8]:
    """The cutout of a character at the size of the picture, (H, W, 4)."""
    picture = read_picture(BytesIO(file))
    instances = FakeSegmenter(tells_kinds=True)(picture)
    x1, y1, x2, y2 = instances.window(index)
    made = np.zeros((*picture.rgb.shape[:2], 4), np.uint8)
    made[y1:y2, x1:x2, :3] = own_colours(picture, instances, index)
    made[y1:y2, x1:x2, 3] = instances.alphas[index]
    made[made[..., 3] == 0] = 0
    return made


def stroked(alpha: NDArray[np.uint8], stroke: dict[str, Any]) -> NDArray[np.uint8]:
    """Alpha after a stroke, as `pixels.js` says: inside the radius all, outside nothing, and a
    quarter of it between."""
    height, width = alpha.shape
    y, x = np.mgrid[:height, :width] + 0.5
    points = np.array(stroke["points"]).reshape(-1, 2)
    feather = max(1, stroke["radius"] / 4)
    strength = np.zeros(alpha.shape)
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[-1]], strict=True):
        dx, dy = x2 - x1, y2 - y1
        length = dx * dx + dy * dy
        along = np.clip(((x - x1) * dx + (y - y1) * dy) / length, 0, 1) if length else 0
        distance = np.sqrt((x - x1 - along * dx) ** 2 + (y - y1 - along * dy) ** 2)
        inside = np.clip((stroke["radius"] - distance) / feather + 0.5, 0, 1)
        strength = np.maximum(strength, np.floor(255 * inside + 0.5))
    if stroke["mode"] == "add":
        return np.maximum(alpha, strength).astype(np.uint8)
    return np.minimum(alpha, 255 - strength).astype(np.uint8)


def drag(page: Any, *way: tuple[float, float]) -> None:
    """Draw along points given as shares of the picture."""
    box = page.locator("#sheet").bounding_box()
    spots = [(box["x"] + u * box["width"], box["y"] + v * box["height"]) for u, v in way]
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*spot, steps=4)
    page.mouse.up()


def strokes(page: Any) -> list[dict[str, Any]]:
    said = page.evaluate("async () => JSON.stringify((await import('/items.js')).items[0].strokes)")
    return list(json.loads(said))


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


BRING = """async ([content, how, kind]) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "brought.png", { type: "image/png" }));
    const event = how === "paste"
        ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
        : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector("main").dispatchEvent(event);
}"""
"""What a browser does when a file is pasted or dragged: no keyboard or mouse of a test can."""


def bring(page: Any, file: bytes, how: str, kind: str = "") -> None:
    page.evaluate(BRING, [base64.b64encode(file).decode(), how, kind])


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
    page.locator("#copy.well").wait_for()
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


def test_a_broken_file_says_why_and_costs_nothing_else(opened: Open) -> None:
    page = opened()
    name = "<img src=x onerror=document.title='owned'>.png"
    give(page, noise(1), b"no picture", noise(2)[:3000], names=("good.png", name, "cut.png"))
    page.locator(".tile-choice").nth(1).click()
    assert "is not a picture that can be read" in page.locator("#failed-text").inner_text()
    page.locator(".tile-choice").nth(2).click()
    assert "damaged" in page.locator("#failed-text").inner_text()
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
