"""Results play in a browser: every frame at its time, size, duration, sound, transparency."""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray

from kirinuki.video import VideoInfo, probe
from kirinuki.video.assemble import assemble
from kirinuki.video.encoder import Encoder
from kirinuki.video.styles import STYLES, style_for
from made_clips import write_clip

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
PLAYER = Path(__file__).with_name("chromium_player.html")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--no-proxy-server", "--mute-audio"),
    "--autoplay-policy=no-user-gesture-required",
)
PATIENCE = 60
"""Seconds after which a browser that says nothing has failed."""

BITS = 6
SIZE = (96, 16 * BITS)
UNIT = 1001
TIME_BASE = Fraction(1, 24000)
STEPS = [1, 2, 1, 3, 1, 1, 2, 1] * 5
MAGENTA = (255, 0, 255)
GREEN = (30, 170, 80)
MIXED = tuple((a + b) / 2 for a, b in zip(GREEN, MAGENTA, strict=True))

pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no Chromium here; tests/install_chromium.sh installs it"
)


def numbered(number: int) -> NDArray[np.uint8]:
    """The number of a frame in black and white bars, above a green field."""
    picture = np.full((*SIZE, 3), GREEN, np.uint8)
    for bit in range(BITS):
        picture[:48, 16 * bit : 16 * bit + 16] = 255 * (number >> bit & 1)
    return picture


def transparent(number: int) -> NDArray[np.uint8]:
    """The same, but of the green field the left third is opaque, the next half transparent, and the
    last not there."""
    alpha = np.full(SIZE, 255, np.uint8)
    alpha[48:, 32:64] = 128
    alpha[48:, 64:] = 0
    picture = np.dstack([numbered(number), alpha])
    picture[alpha == 0] = 0
    return picture


@dataclass(frozen=True)
class Source:
    info: VideoInfo
    pts: list[int]

    @property
    def ends(self) -> Fraction:
        """As the file says."""
        assert self.info.duration is not None
        return self.info.start + self.info.duration


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """A clip with a variable frame rate and a tone."""
    pts = [UNIT * sum(STEPS[:i]) for i in range(len(STEPS))]
    path = tmp_path_factory.mktemp("source") / "in.mp4"
    pictures = [numbered(i) for i in range(len(pts))]
    write_clip(path, pictures, pts=pts, time_base=TIME_BASE, tones=1)
    return Source(probe(path), pts)


def make(folder: Path, name: str, source: Source) -> Path:
    """A result in three segments."""
    style = STYLES[name] if STYLES[name].alpha else style_for(source.info, name)
    segments = []
    for begin, end in pairwise([0, 9, 22, len(source.pts)]):
        segments.append(folder / f"{begin}{style.segment_suffix}")
        with Encoder(segments[-1], style, source.info, SIZE) as encoder:
            for i in range(begin, end):
                picture = transparent(i) if style.alpha else numbered(i)
                encoder.write(picture, source.pts[i], STEPS[i] * UNIT)
    out = folder / f"out{style.suffix}"
    assemble(out, segments, source.info)
    return out


class Handler(BaseHTTPRequestHandler):
    """Serves the player and one file, in parts where parts are asked for."""

    protocol_version = "HTTP/1.1"
    served: Path
    said: queue.Queue[dict[str, Any]]

    def do_GET(self) -> None:
        wanted = urlsplit(self.path).path
        path = {"/": PLAYER, f"/{quote(self.served.name)}": self.served}.get(wanted)
        if path is None:
            self.send_error(404)
            return
        content = path.read_bytes()
        kind = {".html": "text/html", ".webm": "video/webm"}.get(path.suffix, "video/mp4")
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        begin, end = 0, len(content)
        if asked:
            begin, end = int(asked[1]), int(asked[2] or end - 1) + 1
        self.send_response(206 if asked else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Accept-Ranges", "bytes")
        if asked:
            self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{len(content)}")
        self.send_header("Content-Length", str(end - begin))
        self.end_headers()
        self.wfile.write(content[begin:end])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self.said.put(json.loads(body))

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Any]:
    """Plays a file in a browser of its own, looking at it at some times."""
    started: list[subprocess.Popen[bytes]] = []
    servers: list[ThreadingHTTPServer] = []

    def player(path: Path, times: list[Fraction], points: list[tuple[int, int]]) -> dict[str, Any]:
        said: queue.Queue[dict[str, Any]] = queue.Queue()
        handler = type("Bound", (Handler,), {"served": path, "said": said})
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        where = ",".join(f"{x}:{y}" for x, y in points)
        when = ",".join(f"{float(t):.6f}" for t in times)
        port = servers[-1].server_address[1]
        url = f"http://127.0.0.1:{port}/?file={quote(path.name)}&times={when}&points={where}"
        command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", url]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        home = {**os.environ, "HOME": str(tmp_path)}
        started.append(subprocess.Popen(command, start_new_session=True, env=home, **quiet))
        return said.get(timeout=PATIENCE)

    yield player
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for server in servers:
        server.shutdown()
        server.server_close()


def number_of(bars: list[list[int]]) -> int:
    return sum((bar[1] > 128) << bit for bit, bar in enumerate(bars))


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("h264", ".mp4"), ("vp9", ".mp4"), ("vp9-alpha", ".webm")],
)
def test_it_plays(tmp_path: Path, source: Source, play: Any, name: str, suffix: str) -> None:
    out = make(tmp_path, name, source)
    assert out.suffix == suffix
    ends = [*(p * TIME_BASE for p in source.pts[1:]), source.ends]
    middles = [(p * TIME_BASE + end) / 2 for p, end in zip(source.pts, ends, strict=True)]
    bars = [(16 * bit + 8, 24) for bit in range(BITS)]
    fields = [(16, 72), (48, 72), (80, 72)]
    said = play(out, middles, [*bars, *fields])
    assert "error" not in said
    assert tuple(said["size"]) == SIZE
    assert said["duration"] == pytest.approx(float(source.ends), abs=0.05)
    assert said["ended"] == pytest.approx(said["duration"], abs=0.001)
    assert [number_of(look[:BITS]) for look in said["looks"]] == list(range(len(source.pts)))
    assert said["sound"] > 0
    for look in said["looks"]:
        left, middle, right = np.array(look[BITS:])
        assert np.abs(left - GREEN).max() <= 12
        if name == "vp9-alpha":
            assert np.abs(right - MAGENTA).max() <= 4
            assert np.abs(middle - MIXED).max() <= 12
        else:
            assert np.abs(right - GREEN).max() <= 12
