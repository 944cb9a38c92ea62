"""What went wrong in tools of this kind does not here: docs/server.md names the advisories."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra [web] is not installed")

from fastapi.testclient import TestClient

from blob_segmenter import BlobSegmenter
from kirinuki.server import guards, values
from kirinuki.server.guards import Rules
from made_clips import moving, write_clip
from served import client_of, detail_of, file_of


def test_no_address_is_fetched(client: TestClient) -> None:
    """rembg fetched any ``?url=``."""
    for place in ("/v1/cut?url=http://169.254.169.254/latest", "/v1/cut?file=file:///etc/passwd"):
        assert "is not known" in detail_of(client.post(place, content=file_of(1)), 422)
    assert client.get("/v1/cut?url=http://127.0.0.1:1/").status_code in (404, 405)
    form = {"file": (None, "http://127.0.0.1:1/a.png")}
    detail_of(client.post("/v1/cut", files=form), 422)


def test_a_background_is_no_path(client: TestClient, tmp_path: Path) -> None:
    """Gradio gave out any file that a request named."""
    secret = tmp_path / "secret.png"
    secret.write_bytes(file_of(3))
    response = client.post(f"/v1/cut?background={secret}", content=file_of(1))
    assert "expected a colour" in detail_of(response, 422)


@pytest.mark.parametrize("colour", ["rgb(300,0,0)", "rgb(300,0,0)..white", "rgb(4660,0,0)"])
def test_no_colour_becomes_the_name_of_a_file(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, colour: str
) -> None:
    """What the server made of rgb(300,0,0) was #12c0000, and a file of that name was given out."""
    monkeypatch.chdir(tmp_path)
    for name in (colour, "#12c0000", "#12340000", "#12c0000..#ffffff"):
        (tmp_path / name).write_bytes(file_of(3))
    for field in ("background", "outline_colour"):
        said = detail_of(client.post("/v1/cut", params={field: colour}, content=file_of(1)), 422)
        assert repr(colour) in said


@pytest.mark.parametrize("text", ["white", "white .. #8CF", "blur", "Transparent", "hsl(9,9%,9%)"])
def test_a_background_is_a_known_word_or_numbers(text: str) -> None:
    """Words are all that the renderer might take for a path."""
    value = values.BACKDROP.read(text)
    assert value in ("blur", "transparent") or all(
        isinstance(one, int) and 0 <= one <= 255 for colour in value for one in colour
    )


@pytest.mark.parametrize("field", ["model", "coco", "jsonl", "out", "name", "threads", "provider"])
def test_no_path_or_model_is_named_from_outside(client: TestClient, field: str) -> None:
    """rembg wrote where the model's name pointed."""
    response = client.post(f"/v1/cut?{field}=../../x", content=file_of(1))
    assert "is not known" in detail_of(response, 422)


@pytest.mark.parametrize(
    "place",
    [
        "/../app.py",
        "/%2e%2e/app.py",
        "/..%2fapp.py",
        "//etc/passwd",
        "/page/../../x",
        r"/\\evil\share",
    ],
)
def test_the_page_leads_nowhere_else(client: TestClient, place: str) -> None:
    assert client.get(place).status_code in (404, 405)


def test_names_of_uploaded_files_are_not_looked_at(client: TestClient) -> None:
    file = ("../../../tmp/owned.png\x00.html", file_of(1))
    response = client.post("/v1/cut", files={"file": file}, headers={"Accept": "image/png"})
    assert response.status_code == 200
    assert response.headers["content-disposition"] == 'inline; filename="cut.png"'


def test_pages_of_others_may_not_ask(client: TestClient) -> None:
    """rembg and Gradio let every page read the answers, also one of origin ``null``."""
    for origin in ("https://evil.example", "null", "http://localhost:9999"):
        response = client.post("/v1/cut", content=file_of(1), headers={"Origin": origin})
        detail_of(response, 403)
        assert "access-control-allow-origin" not in response.headers
        assert client.get("/v1/model", headers={"Origin": origin}).status_code == 403
    cross = {"Sec-Fetch-Site": "cross-site"}
    detail_of(client.post("/v1/cut", content=file_of(1), headers=cross), 403)
    own = client.post("/v1/cut", content=file_of(1), headers={"Origin": "http://localhost:8000"})
    assert own.status_code == 200
    assert "set-cookie" not in own.headers


def test_an_origin_that_is_named_may_ask_and_no_other() -> None:
    rules = Rules(origins=("https://friend.example",))
    with client_of(rules=rules) as client:
        friend = {"Origin": "https://friend.example"}
        response = client.post("/v1/cut", content=file_of(1), headers=friend)
        assert response.headers["access-control-allow-origin"] == "https://friend.example"
        assert "access-control-allow-credentials" not in response.headers
        ask = friend | {"Access-Control-Request-Method": "POST"}
        assert client.options("/v1/cut", headers=ask).status_code == 200
        other = {"Origin": "https://friend.example.evil.example"}
        detail_of(client.post("/v1/cut", content=file_of(1), headers=other), 403)
    for wrong in ("*", "https://*", "HTTPS://Example.org", "https://example.org/"):
        with pytest.raises(ValueError, match="never"):
            Rules(origins=(wrong,))


def test_a_name_that_was_made_to_point_here_is_refused(client: TestClient) -> None:
    """DNS rebinding."""
    for host in ("evil.example", "127.0.0.1.evil.example:8000", ""):
        detail_of(client.get("/v1/model", headers={"Host": host}), 421)
    for host in ("127.0.0.1:8000", "LOCALHOST", "[::1]:80"):
        assert client.get("/v1/model", headers={"Host": host}).status_code == 200


def test_a_path_in_the_host_does_not_lead_round_the_token() -> None:
    """Starlette made the address that middleware looked at from it."""
    for hosts in (guards.LOOPBACK, None):
        with client_of(rules=Rules(token="abc", hosts=hosts)) as client:
            for host in ("localhost:8000/healthz?", "localhost/healthz#", "localhost:1@localhost"):
                response = client.get("/v1/model", headers={"Host": host})
                assert response.status_code in (400, 401, 421)


def test_the_token_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio compared passwords letter by letter."""
    compared: list[tuple[bytes, bytes]] = []

    def compare(first: bytes, second: bytes) -> bool:
        compared.append((first, second))
        return first == second

    monkeypatch.setattr(guards.hmac, "compare_digest", compare)
    with client_of(rules=Rules(token="grüße")) as client:
        for wrong in ("", "Bearer", "Bearer x", "Basic grüße", "Bearer grüß"):
            headers = {"Authorization": wrong.encode()}
            response = client.get("/v1/model", headers=headers)
            detail_of(response, 401)
            assert response.headers["www-authenticate"].startswith("Bearer")
        detail_of(client.post("/v1/cut", content=file_of(1)), 401)
        right = {"Authorization": "Bearer grüße".encode()}
        assert client.get("/v1/model", headers=right).status_code == 200
        assert client.get("/healthz").status_code == 200
    assert len(compared) == 7
    assert {len(value) for pair in compared for value in pair} == {32}


def test_no_answer_can_run_as_a_page(client: TestClient) -> None:
    """Gradio gave uploaded HTML and SVG back as pages."""
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for response in (
        client.post("/v1/cut", content=svg),
        client.post("/v1/cut?<script>=1", content=file_of(1)),
        client.get("/"),
        client.get("/nowhere"),
    ):
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
    assert client.post("/v1/cut", content=svg).status_code == 422


def bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes and many pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        tail = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + tail

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes((3 * width + 1) * min(height, 50)))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def test_a_decompression_bomb_is_refused_by_its_header(client: TestClient) -> None:
    assert "megapixels" in detail_of(client.post("/v1/cut", content=bomb(60_000, 60_000)), 422)


@pytest.mark.parametrize(
    "content",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"DDS " + bytes(124),
        b"8BPS" + bytes(40),
        b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(40),
        b"P6 1 1 255 abc",
    ],
    ids=["eps", "dds", "psd", "jpeg2000", "ppm"],
)
def test_decoders_that_nobody_needs_are_never_reached(client: TestClient, content: bytes) -> None:
    """Most of Pillow's advisories are about rare formats, EPS even runs Ghostscript."""
    assert "is not a picture that can be read" in detail_of(
        client.post("/v1/cut", content=content), 422
    )


@pytest.mark.parametrize(
    "content",
    [
        b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
    ],
    ids=["hls", "concat", "sdp", "dash"],
)
def test_scripts_that_name_other_files_never_reach_ffmpeg(
    client: TestClient, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FFmpeg played what playlists name: files of the server, addresses of its network."""
    monkeypatch.setattr("kirinuki.server.bench.cut_video_in_child", None)
    headers = {"Content-Type": "video/mp4"}
    detail_of(client.post("/v1/cut", content=content, headers=headers), 422)


def test_a_damaged_video_is_one_line(tmp_path: Path) -> None:
    file = write_clip(tmp_path / "a.mp4", [moving(i) for i in range(4)]).read_bytes()
    with client_of(BlobSegmenter()) as client:
        detail = detail_of(client.post("/v1/cut", content=file[: len(file) // 2]), 422)
        assert str(tmp_path) not in detail
        assert "/tmp" not in detail


ZIP = {"Accept": "application/zip"}


def test_few_bytes_do_not_ask_for_gigabytes(client: TestClient) -> None:
    for field in ("padding=4096", "grow=128", "feather=99"):
        response = client.post(f"/v1/cut?{field}", content=file_of(1))
        assert "expected a whole number from 0 to" in detail_of(response, 422)
    wide = client.post("/v1/cut?square=1", content=file_of(4, (4000, 24)))
    assert "3999×3999 pixels" in detail_of(wide, 422)
    each = client.post("/v1/cut?square=1&each=1", content=file_of(4, (4000, 24)), headers=ZIP)
    assert each.status_code == 200
    boxes = "&".join(f"box={i},0,9,9" for i in range(17))
    many = client.post(f"/v1/cut?{boxes}", content=file_of(1))
    assert "more than 16 times" in detail_of(many, 422)


def test_forms_cannot_fill_the_memory(client: TestClient) -> None:
    """Starlette read fields of any number and size into memory."""
    many = {f"a{i}": "x" for i in range(100)}
    file = {"file": ("a", file_of(1))}
    assert "form" in detail_of(client.post("/v1/cut", data=many, files=file), 422)
    assert "form" in detail_of(client.post("/v1/cut", data={"only": "x" * 9000}, files=file), 422)
    headers = {"Content-Type": "multipart/form-data; boundary=" + "a" * 100}
    detail_of(client.post("/v1/cut", content=b"--b\r\n\r\n", headers=headers), 422)
    detail_of(
        client.post("/v1/cut", content=b"x", headers={"Content-Type": "multipart/form-data"}), 422
    )
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    head = b"--b\r\n" + b"X-Long: " + b"x" * 1_000_000 + b"\r\n\r\n"
    assert "form" in detail_of(client.post("/v1/cut", content=head, headers=headers), 422)


def test_forms_of_another_kind_are_not_read_as_such(client: TestClient) -> None:
    """Starlette's limits did not hold for them, and the parser took quadratic time."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = client.post("/v1/cut", content=b"a=1;" * 500_000, headers=headers)
    assert "is not a picture" in detail_of(response, 422)


def test_a_range_of_a_thousand_parts_costs_nothing(client: TestClient) -> None:
    """Starlette merged ranges in quadratic time."""
    ranges = "bytes=" + ",".join(f"{i}-{i}" for i in range(0, 2000, 2))
    assert client.get("/index.html", headers={"Range": ranges}).status_code in (200, 206, 400, 416)
