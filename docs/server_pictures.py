"""Pictures of the server's page: docs/pictures/server_*.webp, and the example that the page shows.

    python docs/server_pictures.py          # screenshots, in a real Chromium, of a real server
    python docs/server_pictures.py --page   # the page's own example and its cutout

Screenshots need the extras [web] and [dev], Debian's chromium, and for the Japanese one a Japanese
font (fonts-noto-cjk); the example needs packages/kirinuki-draw. Everything shown is drawn by this
project and cut by the package's own model.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import av
from PIL import Image

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
PAGE = ROOT / "src" / "kirinuki" / "server" / "page"
EXAMPLE = PAGE / "example.webp"
TARGET = Path(__file__).with_name("pictures")
PORT = 8731


def make_page_pictures() -> None:
    """The example of the page, and its characters as the model finds them in that file."""
    from page_scene import page_picture

    from kirinuki import Segmenter, read_picture
    from kirinuki.render.cutout import everyone

    Image.fromarray(page_picture()).save(EXAMPLE, quality=90, method=6)
    picture = read_picture(EXAMPLE)
    cut = everyone(picture.rgb, Segmenter.load()(picture))
    Image.fromarray(cut).save(PAGE / "hero.webp", quality=86, method=6)


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server of its own."""
    code = "from kirinuki.cli import main; main()"
    server = subprocess.Popen([sys.executable, "-c", code, "serve", "--port", str(PORT)])
    address = f"http://127.0.0.1:{PORT}"
    try:
        for _ in range(1200):
            try:
                urllib.request.urlopen(f"{address}/readyz")
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


def opened(browser: Any, address: str, size: tuple[int, int], scheme: str, locale: str) -> Any:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        locale=locale,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(240_000)
    page.goto(address)
    page.locator("html[data-ready]").wait_for()
    return page


def give(page: Any, *files: Path) -> None:
    page.set_input_files("#files", [str(file) for file in files])
    page.locator(".tile[data-state=done]").nth(len(files) - 1).wait_for()
    page.locator("#working").wait_for(state="hidden")
    page.wait_for_timeout(300)


def beginning_of(clip: Path, frames: int) -> Path:
    """The first frames of a clip alone: enough to show, and soon done."""
    short = Path(tempfile.mkdtemp(), "clip.mp4")
    with av.open(str(clip)) as source, av.open(str(short), "w") as target:
        stream = target.add_stream("libx264", rate=24, options={"crf": "16"})
        stream.width, stream.height = source.streams.video[0].width, source.streams.video[0].height
        for number, frame in enumerate(islice(source.decode(video=0), frames)):
            frame.pts, frame.time_base = number, Fraction(1, 24)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return short


def keep(page: Any, name: str) -> None:
    shot = Image.open(BytesIO(page.screenshot())).convert("RGB")
    shot.save(TARGET / f"server_{name}.webp", quality=82, method=6)
    page.context.close()


def take_all(browser: Any, address: str) -> None:
    pictures = (EXAMPLE, EXAMPLES / "chibi.png", EXAMPLES / "sunset.png")
    desk, tablet, phone = (1440, 900), (820, 1180), (390, 844)
    keep(opened(browser, address, desk, "light", "en-US"), "empty")
    keep(opened(browser, address, phone, "dark", "ja"), "empty_phone")

    page = opened(browser, address, desk, "light", "en-US")
    give(page, *pictures)
    page.locator(".member").nth(1).click()
    page.click("[data-background='#ffd3e0']")
    page.locator("#compare").fill("38")
    page.locator(".member").nth(2).hover()
    keep(page, "page")

    page = opened(browser, address, tablet, "light", "ja")
    give(page, *pictures)
    keep(page, "tablet")

    page = opened(browser, address, phone, "dark", "en-US")
    give(page, *pictures[:2])
    keep(page, "phone")

    page = opened(browser, address, desk, "dark", "en-US")
    page.set_input_files("#files", str(beginning_of(EXAMPLES / "clip.mp4", frames=36)))
    page.locator(".tile[data-state=done]").wait_for()
    page.locator("#video").evaluate("async (v) => { v.pause(); v.currentTime = 0.13; }")
    page.wait_for_timeout(800)
    keep(page, "video")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the pictures of the server's page.")
    parser.add_argument("--page", action="store_true", help="those that the page itself shows")
    if parser.parse_args().page:
        make_page_pictures()
        return
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with serving() as address, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        take_all(browser, address)
        browser.close()


if __name__ == "__main__":
    main()
