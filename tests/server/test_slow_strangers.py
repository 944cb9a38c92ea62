"""Whoever asks slowly, or for nothing, keeps nobody else waiting; no stop waits for them."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra [web] is not installed")

import httpx

from blob_segmenter import BlobSegmenter
from fake_segmenter import FakeSegmenter
from kirinuki.instances import Instances
from kirinuki.server.connections import AT_ONCE, OnceLogged, most_connections
from kirinuki.server.limits import Limits
from made_clips import moving, write_clip
from served import SlowSegmenter, detail_of, file_of, running

HEAD = b"POST /v1/cut HTTP/1.1\r\nHost: localhost\r\n"


def said(url: str, sent: bytes) -> socket.socket:
    """A connection on which so much has been sent."""
    connection = socket.create_connection(("127.0.0.1", httpx.URL(url).port or 0), timeout=30)
    connection.sendall(sent)
    return connection


def answer_of(connection: socket.socket) -> tuple[int, bytes, dict[str, Any]]:
    """Status, headers and problem of an answer after which the connection is closed."""
    with connection:
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.lower(), json.loads(body)


def test_headers_that_do_not_come_are_408() -> None:
    with running(FakeSegmenter(), head=0.2) as (url, _):
        for sent in (b"", HEAD + b"X-a: "):
            status, head, problem = answer_of(said(url, sent))
            assert status == problem["status"] == 408
            assert b"application/problem+json" in head
            assert b"x-content-type-options: nosniff" in head
        with httpx.Client() as client:
            assert client.get(f"{url}/healthz").status_code == 200


def test_two_lengths_of_one_body_are_refused_and_the_connection_ends() -> None:
    both = b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
    with running(FakeSegmenter()) as (url, _):
        status, head, problem = answer_of(said(url, HEAD + both))
    assert status == problem["status"] == 400
    assert b"connection: close" in head


def test_connections_beyond_the_limit_are_503_and_leave_the_others_alone() -> None:
    with running(FakeSegmenter(), connections=2) as (url, _):
        one, two = said(url, HEAD + b"X-a: "), said(url, HEAD + b"X-a: ")
        assert answer_of(said(url, b""))[0] == 503
        one.close()
        two.sendall(b"1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        assert answer_of(two)[0] == 422


def test_there_are_fewer_connections_than_half_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    for files, most in ((128, AT_ONCE), (1024, 464), (100_000, 512)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, files=files: (files, files))
        assert most_connections(Limits()) == most


def test_files_that_run_out_are_one_line(caplog: pytest.LogCaptureFixture) -> None:
    handler = OnceLogged()
    for _ in range(3):
        handler(None, {"message": "socket.accept() out of system resource"})  # type: ignore[arg-type]
    assert len(caplog.records) == 1


def test_what_is_no_http_is_a_problem_and_no_line_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with running(FakeSegmenter()) as (url, _):
        status, _, problem = answer_of(said(url, b"\x16\x03\x01 hello\r\n\r\n"))
        form = {"Content-Type": "multipart/form-data; boundary=b"}
        detail_of(httpx.post(f"{url}/v1/cut", content=b"no form", headers=form), 422)
    assert status == problem["status"] == 400
    assert caplog.records == []


def test_bodies_that_stay_away_take_no_place_in_the_queue() -> None:
    slow = HEAD + b"Content-Length: 10000\r\nConnection: close\r\n\r\nabc"
    with running(FakeSegmenter(), queue=1, patience=1) as (url, _):
        waiting = [said(url, slow) for _ in range(4)]
        assert httpx.post(f"{url}/v1/cut", content=file_of(1), timeout=60).status_code == 200
        for connection in waiting:
            status, _, problem = answer_of(connection)
            assert (status, problem["detail"]) == (
                408,
                "body: had not arrived after 1 s; expected it faster",
            )


def test_there_are_only_so_many_bodies_at_once() -> None:
    slow = HEAD + b"Content-Length: 10000\r\nConnection: close\r\n\r\nabc"
    with running(FakeSegmenter(), uploads=1) as (url, _), said(url, slow):
        refused = httpx.post(f"{url}/v1/cut", content=file_of(1), timeout=60)
        while refused.status_code == 200:  # the first was not there yet
            refused = httpx.post(f"{url}/v1/cut", content=file_of(1), timeout=60)
        assert "uploads: 1 requests" in detail_of(refused, 429)
        assert int(refused.headers["retry-after"]) > 0


def test_a_body_that_is_announced_as_too_large_is_not_asked_for() -> None:
    large = b"Connection: close\r\nContent-Length: 999999999\r\nExpect: 100-continue\r\n\r\n"
    with running(FakeSegmenter()) as (url, _):
        assert answer_of(said(url, HEAD + large))[0] == 413  # and not 100 first


def test_a_stop_does_not_wait_for_a_body() -> None:
    with running(FakeSegmenter(), patience=60) as (url, server):
        waiting = said(url, HEAD + b"Content-Length: 10000\r\n\r\nabc")
        while not server.server_state.tasks:
            time.sleep(0.01)
        server.handle_exit(15, None)
        status, head, problem = answer_of(waiting)
    assert (status, problem["detail"]) == (503, "the server is stopping; try again later")
    assert b"retry-after: 10" in head
    assert b"nosniff" in head


@dataclass
class Endless(BlobSegmenter):
    """Looks at the second frame until it is let go."""

    looks: int = 0
    begun: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def __call__(self, picture: Any) -> Instances:
        self.looks += 1
        if self.looks == 2:
            self.begun.set()
            assert self.go.wait(30)
        return super().__call__(picture)


@pytest.mark.parametrize("accept", ["application/zip", "application/x-ndjson"])
def test_a_video_that_does_not_get_done_before_a_stop_is_503(tmp_path: Path, accept: str) -> None:
    file = write_clip(tmp_path / "a.mp4", [moving(i) for i in range(8)]).read_bytes()
    segmenter = Endless()
    with running(segmenter, grace=10) as (url, server), ThreadPoolExecutor(1) as pool:
        headers = {"Accept": accept}
        sent = pool.submit(httpx.post, f"{url}/v1/cut", content=file, headers=headers, timeout=60)
        assert segmenter.begun.wait(30)
        server.handle_exit(15, None)
        while not server.config.app.state.bench._closing.is_set():
            time.sleep(0.01)
        segmenter.go.set()
        answer = sent.result()
    if accept == "application/zip":
        assert "stops" in detail_of(answer, 503)
    else:
        assert json.loads(answer.text.splitlines()[-1])["problem"]["status"] == 503


def test_work_that_hangs_when_the_server_must_go_is_503_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    segmenter = SlowSegmenter()
    with running(segmenter, grace=1) as (url, server), ThreadPoolExecutor(1) as pool:
        sent = pool.submit(httpx.post, f"{url}/v1/cut", content=file_of(1), timeout=60)
        assert segmenter.begun.wait(30)
        server.handle_exit(15, None)
        detail = detail_of(sent.result(), 503)
        segmenter.go.set()
    assert "stopping" in detail
    assert [record.exc_info for record in caplog.records if record.levelno >= logging.ERROR] == [
        None
    ]
