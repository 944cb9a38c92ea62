"""Every limit has its answer, and nothing that is refused costs what is at work."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra [web] is not installed")

import httpx

from blob_segmenter import BlobSegmenter
from fake_segmenter import FakeSegmenter
from kirinuki.instances import Instances
from made_clips import moving, write_clip
from served import SlowSegmenter, client_of, detail_of, file_of, running


def post(url: str, **more: Any) -> httpx.Response:
    return httpx.post(f"{url}/v1/cut", content=file_of(1), timeout=60, **more)


def test_a_body_that_is_too_large_is_413_by_its_length_or_by_what_comes() -> None:
    with client_of(body=10_000) as client:
        assert "larger than" in detail_of(client.post("/v1/cut", content=b"x" * 10_001), 413)
        form = client.post("/v1/cut", files={"file": ("a", b"x" * 20_000)})
        assert "larger than" in detail_of(form, 413)
        chunks = (b"x" * 1000 for _ in range(50))  # no Content-Length
        assert "larger than" in detail_of(client.post("/v1/cut", content=chunks), 413)


def test_a_picture_of_too_many_pixels_is_422_by_its_header() -> None:
    with client_of(pixels=1000) as client:
        file = file_of(1, (40, 26))
        assert "1,040" not in (said := detail_of(client.post("/v1/cut", content=file), 422))
        assert "40×26" in said


def test_a_video_of_too_many_frames_is_422(tmp_path: Path) -> None:
    file = write_clip(tmp_path / "a.mp4", [moving(i) for i in range(8)]).read_bytes()
    with client_of(BlobSegmenter(), frames=7) as client:
        assert "8 frames" in detail_of(client.post("/v1/cut", content=file), 422)
    with client_of(BlobSegmenter(), pixels=48 * 64 - 1) as client:
        assert "64×48" in detail_of(client.post("/v1/cut", content=file), 422)


def test_a_full_queue_is_429_and_those_inside_get_their_pictures() -> None:
    segmenter = SlowSegmenter()
    with running(segmenter, in_flight=1, queue=1) as (url, _), ThreadPoolExecutor(3) as pool:
        first = pool.submit(post, url)
        assert segmenter.begun.wait(30)
        second = pool.submit(post, url)
        while httpx.get(f"{url}/readyz").json()["inside"] < 2:
            pass
        third = post(url)
        assert "queue" in detail_of(third, 429)
        assert int(third.headers["retry-after"]) > 0
        segmenter.go.set()
        assert first.result().status_code == second.result().status_code == 200


def test_whoever_waits_too_long_is_sent_away_with_503() -> None:
    segmenter = SlowSegmenter()
    with running(segmenter, wait=0.2) as (url, _), ThreadPoolExecutor(1) as pool:
        first = pool.submit(post, url)
        assert segmenter.begun.wait(30)
        late = post(url)
        assert "in vain" in detail_of(late, 503)
        assert int(late.headers["retry-after"]) > 0
        segmenter.go.set()
        assert first.result().status_code == 200


def test_a_server_that_stops_finishes_what_is_at_work_and_sends_the_others_away() -> None:
    segmenter = SlowSegmenter()
    with running(segmenter) as (url, server), ThreadPoolExecutor(2) as pool:
        first = pool.submit(post, url)
        assert segmenter.begun.wait(30)
        waiting = pool.submit(post, url)
        while httpx.get(f"{url}/readyz").json()["inside"] < 2:
            pass
        server.handle_exit(15, None)
        assert "stopping" in detail_of(waiting.result(), 503)
        segmenter.go.set()
        assert first.result().status_code == 200


def test_a_body_that_does_not_come_is_408() -> None:
    with running(FakeSegmenter(), upload=0.2) as (url, _):
        pause = threading.Event()

        def slow() -> Any:
            yield b"x"
            pause.wait(1)
            yield b"x"

        response = httpx.post(f"{url}/v1/cut", content=slow(), timeout=30)
        assert "had not arrived" in detail_of(response, 408)


def test_an_unexpected_error_tells_nothing_of_the_inside() -> None:
    class Broken(FakeSegmenter):
        def __call__(self, picture: Any) -> Instances:
            raise RuntimeError("secret path /home/me")

    with running(Broken()) as (url, _):
        assert "secret" not in detail_of(post(url), 500)
        assert httpx.get(f"{url}/healthz").status_code == 200
