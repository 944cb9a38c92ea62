"""The server and its page, as a stranger with the `[web]` extra meets them: run by a clean
environment's Python, beside one picture.png, with nothing but what is installed there.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import Request, urlopen

PNG = b"\x89PNG\r\n\x1a\n"


def main() -> None:
    """The page with all that it loads, and a cutout."""
    words = [str(Path(sys.executable).with_name("kirinuki")), "serve", "--port", "0"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as server:
        try:
            try_at(address_of(server))
        finally:
            server.terminate()
            server.communicate(timeout=60)


def address_of(server: subprocess.Popen[str]) -> str:
    """Where it says that it can be reached."""
    assert server.stderr is not None
    for line in server.stderr:
        if found := re.search(r"http://[\d.]+:\d+", line):
            return found[0]
    raise AssertionError("kirinuki serve ended before it said where it can be reached")


def try_at(address: str) -> None:
    """A page without one of its files is no page."""
    page = get(address).decode()
    for name in re.findall(r'(?:src|href)="([^"#]+)"', page):
        assert get(urljoin(f"{address}/", name)), name
    cutout = get(f"{address}/v1/cut", Path("picture.png").read_bytes(), Accept="image/png")
    assert cutout.startswith(PNG)


def get(address: str, body: bytes | None = None, **headers: str) -> bytes:
    """What is answered; every other status than 200 raises."""
    if body:
        headers["Content-Type"] = "image/png"
    with urlopen(Request(address, body, headers), timeout=60) as answer:
        content: bytes = answer.read()
    return content


if __name__ == "__main__":
    main()
