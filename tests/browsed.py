"""What tests of the server's page share: a browser, pictures, clicks, and the expected pixels."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from blob_segmenter import RED
from fake_segmenter import FakeSegmenter
from kirinuki.images.picture import read_picture
from made_clips import write_clip

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
PATIENCE = 120_000
"""Milliseconds after which a browser that shows nothing has failed."""
LIMITS = {"body": 200_000_000, "pixels": 50_000_000, "queue": 16, "decoding": 60.0}
Open = Callable[..., Any]

IN_A_BROWSER = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not CHROMIUM, reason="no Chromium here; tests/install_chromium.sh installs it"
    ),
]
"""Marks of modules whose tests need one."""


def noise(characters: int, size_wh: tuple[int, int] = (320, 200), seed: int = 0) -> bytes:
    """A picture in which `FakeSegmenter` finds so many characters."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size_wh[1], size_wh[0], 3), np.uint8)
    pixels[0, 0, 0] = characters * 10 + 5
    encoded = BytesIO()
    Image.fromarray(pixels).save(encoded, "PNG")
    return encoded.getvalue()


def clip_of(folder: Path, frames: int, name: str = "in.mp4") -> bytes:
    """A video in which `BlobSegmenter` finds two."""
    pictures = [np.full((96, 128, 3), 255, np.uint8) for _ in range(frames)]
    for i, picture in enumerate(pictures):
        picture[20:60, 10 + i % 40 : 50 + i % 40] = RED
        picture[68:92, 80:120] = RED
    return write_clip(folder / name, pictures).read_bytes()


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
    from kirinuki.server.cuts import own_colours

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


PASTE = """async (content) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
    const paste = { clipboardData: data, bubbles: true, cancelable: true };
    document.querySelector("main").dispatchEvent(new ClipboardEvent("paste", paste));
}"""
"""What a browser does when a file is pasted: its own clipboard takes none from a test."""


def paste(page: Any, file: bytes) -> None:
    page.evaluate(PASTE, base64.b64encode(file).decode())


def drag_in(page: Any, files: Sequence[Path], *steps: str) -> None:
    """Files from the disk over the window, as the desktop gives them to the browser.

    Args:
        steps: of the way: dragEnter, dragOver, drop.
    """
    browser = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
    for step in steps:
        browser.send("Input.dispatchDragEvent", {"type": step, "x": 300, "y": 200, "data": data})
