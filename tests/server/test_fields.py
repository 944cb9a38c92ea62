"""Fields are the command's options, and do over HTTP what they do there."""

from __future__ import annotations

import json
import zipfile
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the extra [web] is not installed")

from fastapi.testclient import TestClient
from PIL import Image

from blob_segmenter import RED, BlobSegmenter
from fake_segmenter import FakeSegmenter
from kirinuki.cli.cut import command
from kirinuki.cutting import cut
from kirinuki.cutting.edges import Edges
from kirinuki.cutting.one_file import OneFile
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.part import Part
from kirinuki.cutting.selection import Selection
from kirinuki.server.fields import NOT_OFFERED, name_of, options, request_fields
from made_clips import write_clip
from served import client_of, detail_of, file_of

OF_THE_JOB = {
    "inputs": "the file of the request",
    "out": "the answer",
    "overwrite": "nothing is there before",
    "resume": "nothing is there before",
    "rehearse": "one answer is soon made",
    "videos": "there are no folders",
    "model": "the server's own, named where it is started",
    "score": "the server's own, named where it is started",
    "provider": "the server's own, named where it is started",
    "threads": "the server's own, named where it is started",
    "quiet": "what is said on stderr",
    "verbose": "what is said on stderr",
    "version": "what the server is, /v1/model says",
    "json_flag": "a flag of 0.5",
}
"""Parameters of the command that no dataclass has, and why no field has them."""


def post(client: TestClient, file: bytes, accept: str = "", **said: object) -> Any:
    headers = {"Accept": accept}
    return client.post("/v1/cut", files={"file": ("a.png", file)}, data=said, headers=headers)


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def test_every_output_and_option_is_a_field_or_an_exception_with_its_reason() -> None:
    known, there = request_fields(), {*OUTPUTS, *(one.name for one in options())}
    assert there >= set(NOT_OFFERED)
    assert all(NOT_OFFERED.values())
    fields_of = {name: name for name in OUTPUTS} | {one.name: name_of(one) for one in options()}
    assert {fields_of[name] for name in there - set(NOT_OFFERED)} == set(known)
    assert all(one.about for one in known.values())


def test_every_flag_of_the_command_is_a_field_or_an_exception_with_its_reason() -> None:
    called = {one.name: name_of(one) for one in options()}
    flags = {str(parameter.name) for parameter in command.params}
    missing = {flag for flag in flags if called.get(flag, flag) not in request_fields()}
    assert missing == (set(NOT_OFFERED) | set(OF_THE_JOB)) & flags
    assert set(OF_THE_JOB) <= flags | {"quiet", "verbose", "version"}


@pytest.mark.parametrize(
    "said",
    [
        {"grow": 2, "each": 1},
        {"shrink": 1, "mask": 1, "matte": 1},
        {"feather": 2, "cutout": 1},
        {"hard": True, "matte": "each"},
        {"at": "30,10", "each": 1},
        {"at": ["3,10", "30,10"], "sort": "right", "each": 1},
        {"box": "0,0,20,24", "mask": 1},
        {"min_size": 21, "mask": 1},
        {"max": 1, "sort": "left", "background": "white..#8cf"},
        {"each": 1, "square": True, "padding": 3, "max_side": 16},
        {"cutout": 1, "outline": 2, "outline_colour": "#ff0000"},
        {"each": 1, "full_frame": True, "labels": "yolo"},
        {"matte": "everyone", "bits": 16, "psd": 1, "ora": 1},
        {"labels": "cvat", "background": "transparent", "overlay": 1},
    ],
    ids=lambda said: "-".join(said),
)
def test_a_picture_gets_the_files_of_the_command(
    client: TestClient, tmp_path: Path, said: dict[str, Any]
) -> None:
    source, out = tmp_path / "picture", tmp_path / "out"
    source.write_bytes(file_of(2))
    outputs = {}
    for name in OUTPUTS:
        if name in said:
            of_this = {one.name for one in fields(OUTPUTS[name].options)} - {"value"}
            outputs[name] = {key: said[key] for key in of_this & set(said)}
            outputs[name] |= {} if said[name] == 1 else {"value": said[name]}
    points = [said["at"]] if isinstance(said.get("at"), str) else said.get("at", [])
    selection = Selection(
        limit=said.get("max"),
        at=tuple(tuple(map(int, point.split(","))) for point in points),  # type: ignore[misc]
        box=((0, 0, 20, 24),) if "box" in said else (),
        min_size=said.get("min_size", 0),
        sort=said.get("sort", "score"),
    )
    edges = Edges(**{one.name: said[one.name] for one in fields(Edges) if one.name in said})
    model = FakeSegmenter(tells_kinds=True)
    cut([source], out, outputs, model=model, selection=selection, edges=edges)

    response = post(client, file_of(2), "application/zip", **said)
    with zipfile.ZipFile(BytesIO(response.content)) as archive:
        made = {name: archive.read(name) for name in archive.namelist()}
    written = {path.name: path.read_bytes() for path in out.iterdir() if path.suffix != ".jsonl"}
    assert made
    assert set(made) == set(written)
    for name, content in made.items():
        seen_from_here = written[name].replace(b"../picture", b"picture")
        assert content == seen_from_here, name


@pytest.mark.parametrize(
    ("accept", "suffix", "said"),
    [
        ("image/png", ".png", {"outline": 3}),
        ("image/webp", ".webp", {"feather": 2}),
        ("image/avif", ".avif", {"cutout": 1}),
        ("image/tiff", ".tiff", {"mask": 1}),
        ("image/gif", ".gif", {}),
        ("image/jpeg", ".jpg", {"background": "#ff0000"}),
    ],
)
def test_one_file_is_what_the_command_writes_to_such_a_file(
    client: TestClient, tmp_path: Path, accept: str, suffix: str, said: dict[str, Any]
) -> None:
    source, target = tmp_path / "a.png", tmp_path / f"b{suffix}"
    source.write_bytes(file_of(2))
    name = next((name for name in said if name in OUTPUTS), "cutout")
    own = {"value": "#ff0000"} if name == "background" else {}
    options = OUTPUTS[name].options(**own, **{k: v for k, v in said.items() if k == "outline"})
    edges = Edges(feather=said.get("feather", 0))
    OneFile(source, target, False, name, options, edges).cut_picture(
        FakeSegmenter(tells_kinds=True), Selection()
    )
    response = post(client, file_of(2), accept, **said)
    assert response.headers["content-type"] == accept
    assert response.content == target.read_bytes()


def test_options_count_where_no_output_is_named_too(client: TestClient) -> None:
    plain = opened(post(client, file_of(1), "image/png").content)
    small = opened(post(client, file_of(1), "image/png", max_side=10, padding=0).content)
    assert plain.size == (40, 24)
    assert small.size == (10, 5)


def test_edges_and_places_count_in_json_too(client: TestClient) -> None:
    said = post(client, file_of(2), "application/json", at="30,10", shrink=3).json()
    assert len(said["instances"]) == 1
    left, top, right, bottom = said["instances"][0]["window"]
    assert left >= 20 + 3
    assert bottom - top <= 20 - 6
    assert right <= 40


@pytest.mark.parametrize(
    ("accept", "said", "detail"),
    [
        ("image/png", {"grow": 1, "shrink": 1}, "grow and shrink contradict each other"),
        ("image/png", {"outline_colour": "mauvish"}, "outline_colour 'mauvish': is no colour"),
        ("image/png", {"at": "3"}, "expected whole numbers from 0, X,Y, in pixels"),
        ("image/png", {"at": "-5,5"}, "got '-5,5'; expected whole numbers from 0"),
        ("image/png", {"at": "３,5"}, "expected whole numbers from 0"),
        ("image/png", {"from": "9" * 17}, "field from: got"),
        ("image/png", {"from": "noon"}, "expected seconds or h:mm:ss"),
        ("image/png", {"from": "9", "to": "1:0"}, None),
        ("image/png", {"from": "9", "to": "9"}, "expected a later time"),
        ("image/png", {"max_side": "0"}, "expected a whole number from 1"),
        ("image/png", {"box": "0,0,0,0"}, "which has nothing in it"),
        ("image/png", {"at": "99999,99999"}, "picture: at 99999,99999 is outside of its"),
        ("image/png", {"only": ""}, "field only: is empty"),
        ("image/png", {"max": ["zz", "1"]}, "got 'zz'; expected a whole number from 1"),
        ("image/png", {"sort": "age"}, "expected score or left or right or top or size"),
    ],
)
def test_what_cannot_be_is_said_in_the_words_of_the_fields(
    client: TestClient, accept: str, said: dict[str, Any], detail: str | None
) -> None:
    response = post(client, file_of(1), accept, **said)
    if detail is None:
        assert response.status_code == 200
    else:
        assert detail in detail_of(response, 422)


def clip(path: Path, frames: int = 12) -> bytes:
    pictures = [np.full((48, 64, 3), 255, np.uint8) for _ in range(frames)]
    for i, picture in enumerate(pictures):
        picture[10:30, 5 + i : 25 + i] = RED
    return write_clip(path, pictures).read_bytes()


def test_of_a_video_a_part_at_another_size(tmp_path: Path) -> None:
    file = clip(tmp_path / "in.mp4")
    expected = tmp_path / "out"
    cut(
        [tmp_path / "in.mp4"],
        expected,
        {"mask": {}},
        model=BlobSegmenter(),
        part=Part(every=3, height=32),
        edges=Edges(grow=1),
    )
    with client_of(BlobSegmenter()) as client:
        asked = {"mask": 1, "every": 3, "size": 32, "grow": 1}
        response = post(client, file, "application/zip", **asked)
        late = post(client, file, "application/json", **{"from": "0.2", "to": "0:00.4"}).json()
        assert "at is for pictures" in detail_of(post(client, file, at="1,1"), 422)
        assert "a Photoshop file holds one picture" in detail_of(post(client, file, psd=1), 422)
        assert post(client, file, "application/zip", psd=1, mask=1).status_code == 200
    with zipfile.ZipFile(BytesIO(response.content)) as archive:
        made = {name: archive.read(name) for name in archive.namelist()}
    assert sorted(made) == [f"video_mask/{i:06d}.png" for i in (1, 2, 3, 4)]
    for name, content in made.items():
        assert content == (expected / name.replace("video", "in")).read_bytes()
    assert late["counts"]["frames"] < 12


def test_of_a_video_the_container_that_is_asked_for(tmp_path: Path) -> None:
    with client_of(BlobSegmenter()) as client:
        file = post(client, clip(tmp_path / "in.mp4"), "video/webm").content
        assert file.startswith(b"\x1a\x45\xdf\xa3")
        again = post(client, file, "video/mp4")
        assert again.headers["content-type"] == "video/mp4"
        assert again.content[4:8] == b"ftyp"
        sticker = opened(post(client, file, "image/webp", every=4).content)
        assert (sticker.format, sticker.n_frames) == ("WEBP", 3)
        coloured = post(client, file, "video/mp4", background="white..#8cf")
        assert coloured.content[4:8] == b"ftyp"
        refused = post(client, file, "video/mp4", cutout=1)
        assert "video/mp4', which cannot hold cutout" in detail_of(refused, 406)


def test_the_results_of_a_video_have_a_ceiling(tmp_path: Path) -> None:
    with client_of(BlobSegmenter(), results=2000) as client:
        response = post(client, clip(tmp_path / "in.mp4"), "application/zip", mask=1, overlay=1)
        assert "larger than" in detail_of(response, 422)
        lines = post(client, clip(tmp_path / "b.mp4"), "application/x-ndjson", overlay=1).text
    assert json.loads(lines.splitlines()[-1])["problem"]["status"] == 422
