"""What comes back: the command's own bytes, in the form that Accept asks for."""

from __future__ import annotations

import base64
import json
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the extra [web] is not installed")

from fastapi.testclient import TestClient
from PIL import Image

from blob_segmenter import RED, BlobSegmenter
from fake_segmenter import FakeSegmenter
from kirinuki.cutting import cut
from kirinuki.geometry import rle_to_mask
from kirinuki.images.picture import read_picture
from kirinuki.render.cutout import everyone
from made_clips import write_clip
from served import client_of, detail_of, file_of


def post(client: TestClient, file: bytes, accept: str = "", **fields: object) -> object:
    headers = {"Accept": accept}
    return client.post("/v1/cut", files={"file": ("a.png", file)}, data=fields, headers=headers)


def opened(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(content)))


def clip(tmp_path: Path, frames: int = 6) -> bytes:
    pictures = [np.full((48, 64, 3), 255, np.uint8) for _ in range(frames)]
    for i, picture in enumerate(pictures):
        picture[10:30, 5 + i : 25 + i] = RED
        picture[34:46, 40:60] = RED
    return write_clip(tmp_path / "in.mp4", pictures).read_bytes()


@pytest.mark.parametrize("kind", ["image/png", "image/webp"])
def test_a_picture_comes_back_as_everyone_in_it(client: TestClient, kind: str) -> None:
    response = post(client, file_of(2), kind)
    assert response.headers["content-type"] == kind
    picture = read_picture(BytesIO(file_of(2)))
    expected = everyone(picture.rgb, FakeSegmenter(tells_kinds=True)(picture))
    assert np.array_equal(opened(response.content), expected)


def test_a_raw_body_and_a_form_get_the_same(client: TestClient) -> None:
    form = post(client, file_of(2), "image/png", max=1)
    raw = client.post("/v1/cut?max=1", content=file_of(2), headers={"Accept": "image/png"})
    assert form.content == raw.content


def test_a_zip_has_the_files_that_the_command_writes(client: TestClient, tmp_path: Path) -> None:
    source = tmp_path / "picture.png"
    source.write_bytes(file_of(2))
    outputs = {"cutout": {}, "overlay": {}, "mask": {}, "background": {"value": "white"}}
    cut([source], tmp_path / "out", outputs, model=FakeSegmenter(tells_kinds=True))
    response = post(
        client, file_of(2), "application/zip", cutout=1, overlay=1, mask=1, background="white"
    )
    with zipfile.ZipFile(BytesIO(response.content)) as archive:
        names = sorted(archive.namelist())
        assert names == sorted(path.name for path in (tmp_path / "out").glob("*.png"))
        for name in names:
            assert archive.read(name) == (tmp_path / "out" / name).read_bytes()


@pytest.mark.parametrize(
    ("kind", "beginning"),
    [("image/vnd.adobe.photoshop", b"8BPS"), ("image/openraster", b"PK")],
)
def test_files_of_layers(client: TestClient, kind: str, beginning: bytes) -> None:
    response = post(client, file_of(2), kind)
    assert response.headers["content-type"] == kind
    assert response.content.startswith(beginning)


def test_an_output_that_may_stand_alone_takes_yes_or_a_value(client: TestClient) -> None:
    alone = post(client, file_of(2), "image/png", matte="true")
    said = post(client, file_of(2), "image/png", matte="everyone")
    assert alone.content == said.content
    each = post(client, file_of(2), "application/zip", matte="each")
    with zipfile.ZipFile(BytesIO(each.content)) as archive:
        assert archive.namelist() == ["picture_1_matte.png", "picture_2_matte.png"]


def test_json_has_boxes_kinds_masks_and_alphas(client: TestClient) -> None:
    said = post(client, file_of(2), "application/json").json()
    assert said["size"] == [24, 40]
    assert [one["kind"] for one in said["instances"]] == ["female", "male"]
    one = said["instances"][0]
    assert one["box"] == [0, 2, 19, 22]
    assert one["window"] == [0, 2, 19, 22]
    alpha = opened(base64.b64decode(one["alpha"]))
    assert alpha.shape == (20, 19)
    mask = rle_to_mask(one["rle"]["size"], one["rle"]["counts"])
    assert np.array_equal(mask[2:22, :19], alpha >= 128)


def test_layers_give_back_the_picture_and_each_character(client: TestClient) -> None:
    response = post(client, file_of(2), "multipart/form-data")
    boundary = response.headers["content-type"].partition("boundary=")[2].encode()
    parts = {}
    for part in response.content.split(b"--" + boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        parts[head.split(b'name="')[1].split(b'"')[0].decode()] = content.removesuffix(b"\r\n")
    assert set(parts) == {"instances", "picture"} | {
        f"{part}-{i}" for part in ("alpha", "colours") for i in (1, 2)
    }
    assert len(json.loads(parts["instances"])["instances"]) == 2
    assert np.array_equal(opened(parts["picture"]), opened(file_of(2)))
    assert opened(parts["colours-1"]).shape == (20, 19, 3)
    assert opened(parts["alpha-2"])[0].tolist() == [100] * 19


def test_only_and_max_choose_as_in_the_command(client: TestClient) -> None:
    said = post(client, file_of(4), "application/json", only="husbando").json()
    assert [one["kind"] for one in said["instances"]] == ["male"]
    assert len(post(client, file_of(4), "application/json", max=3).json()["instances"]) == 3


def test_a_picture_of_nobody_is_no_error(client: TestClient) -> None:
    assert not opened(post(client, file_of(0), "image/png").content).any()
    assert post(client, file_of(0), "application/json").json()["instances"] == []


def test_one_file_is_never_two(client: TestClient) -> None:
    response = post(client, file_of(1), "image/png", mask=1, matte=1)
    assert "application/zip" in detail_of(response, 406)
    assert "expected one of image/png" in detail_of(post(client, file_of(1), "text/html"), 406)


@pytest.mark.parametrize(
    ("accept", "asked", "kind"),
    [
        ("*/*", {"each": 1}, "application/zip"),
        ("*/*", {"matte": "each"}, "application/zip"),
        ("*/*", {"labels": "coco"}, "application/zip"),
        ("*/*", {"psd": 1}, "image/vnd.adobe.photoshop"),
        ("*/*", {"ora": 1}, "image/openraster"),
        ("image/jpeg, image/*;q=0.5", {"cutout": 1}, "image/png"),
        ("image/png;q=0, */*", {}, "image/webp"),
        ("*/*, image/gif;q=0.1, image/webp;q=0.9", {}, "image/png"),
    ],
)
def test_what_comes_back_can_hold_what_is_asked_for(
    client: TestClient, accept: str, asked: dict[str, object], kind: str
) -> None:
    assert post(client, file_of(2), accept, **asked).headers["content-type"] == kind


@pytest.mark.parametrize(
    ("accept", "asked"),
    [
        ("image/jpeg", "cutout"),
        ("image/gif", "mask"),
        ("image/png", "psd"),
        ("image/png", "each"),
    ],
)
def test_a_type_that_cannot_hold_it_is_named_as_the_client_named_it(
    client: TestClient, accept: str, asked: str
) -> None:
    detail = detail_of(post(client, file_of(1), accept, **{asked: 1}), 406)
    assert f"Accept: got '{accept}', which cannot hold {asked}; expected one of" in detail
    assert "cut." not in detail


def test_other_methods_and_places_say_what_is_there(client: TestClient) -> None:
    refused = client.get("/v1/cut")
    assert "method" in detail_of(refused, 405)
    assert refused.headers["allow"] == "POST"
    assert client.post("/v1/model").headers["allow"] == "GET, HEAD"
    assert "/openapi.json" in detail_of(client.get("/v1/nothing"), 404)


@pytest.mark.parametrize("place", ["/", "/healthz", "/readyz", "/v1/model", "/openapi.json"])
def test_what_can_be_got_has_a_head(client: TestClient, place: str) -> None:
    assert client.head(place).status_code == client.get(place).status_code == 200
    assert client.head(place).content == b""


def test_a_field_that_takes_one_value_is_not_given_two(client: TestClient) -> None:
    said = client.post("/v1/cut?grow=1&grow=20", content=file_of(1))
    assert detail_of(said, 422) == "field grow: got '1' and '20'; expected one value"
    both = {"files": {"file": ("a.png", file_of(1))}, "data": {"grow": "2"}}
    detail_of(client.post("/v1/cut?grow=1", **both), 422)
    assert client.post("/v1/cut?grow=2", **both).status_code == 200


def test_parts_with_file_names_that_are_too_many_are_named(client: TestClient) -> None:
    for second in ("file", "grow"):
        parts = [("file", ("a.png", file_of(1))), (second, ("b.png", b"1"))]
        said = detail_of(client.post("/v1/cut", files=parts), 422)
        assert "has two parts with file names, and a field has none" in said


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Content-Encoding", "gzip", 415),
        ("Content-Encoding", "identity", 200),
        ("Expect", "200-ok", 417),
    ],
)
def test_headers_that_say_what_is_not_done_here_are_refused(
    client: TestClient, header: str, value: str, status: int
) -> None:
    response = client.post("/v1/cut", content=file_of(1), headers={header: value})
    if status == 200:
        assert response.status_code == 200
    else:
        assert "expected" in detail_of(response, status)


def test_a_form_is_one_in_capitals_too(client: TestClient) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    headers = {"Content-Type": "Multipart/Form-Data; boundary=b"}
    answer = client.post("/v1/cut", content=body + file_of(1) + b"\r\n--b--\r\n", headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"nonsense": "1"}, "is not known"),
        ({"max": "0"}, "expected a whole number from 1"),
        ({"mask": "perhaps"}, "expected true or false"),
        ({"labels": "voc"}, "expected labelme or coco"),
        ({"crf": "99"}, "expected a whole number from 0 to 63"),
        ({"matte": "perhaps"}, "expected everyone or each"),
        ({"matte": "1", "bits": "12"}, "expected 8 or 16"),
        ({"each": "1", "full_frame": "1", "square": "1"}, "contradict each other"),
        ({"only": "cats"}, 'the model knows no "cats"'),
    ],
)
def test_a_wrong_field_is_named(client: TestClient, fields: dict[str, str], said: str) -> None:
    assert said in detail_of(post(client, file_of(1), **fields), 422)


def test_what_is_no_picture_is_one_line(client: TestClient) -> None:
    assert "is not a picture" in detail_of(post(client, b"hello"), 422)
    assert "damaged or cut off" in detail_of(post(client, file_of(1)[:50]), 422)
    assert "is empty" in detail_of(post(client, b""), 422)
    other = client.post("/v1/cut", files={"picture": ("a.png", file_of(1))})
    assert "expected it to be called 'file'" in detail_of(other, 422)


def test_a_video_comes_back_as_the_command_makes_it(tmp_path: Path) -> None:
    file = clip(tmp_path)
    cut([tmp_path / "in.mp4"], tmp_path / "out", {"matte": {}}, model=BlobSegmenter())
    expected = (tmp_path / "out" / "in_matte.mp4").read_bytes()
    with client_of(BlobSegmenter()) as client:
        response = post(client, file, "video/mp4", matte=1)
        assert response.content == expected
        said = post(client, file, "application/json").json()
        assert [one["id"] for one in said["instances"]] == [1, 2]
        assert [one["frames"] for one in said["instances"]] == [6, 6]


def test_a_video_that_ends_early_says_so_beside_what_there_is(tmp_path: Path) -> None:
    pictures = [np.full((48, 64, 3), 255, np.uint8) for _ in range(96)]
    for i, picture in enumerate(pictures):
        picture[10:30, i % 40 : i % 40 + 20] = RED
    whole = write_clip(tmp_path / "in.mkv", pictures).read_bytes()
    with client_of(BlobSegmenter(), frames=200) as client:
        half = post(client, whole[: len(whole) // 2], "application/json").json()
        assert 1 <= half["counts"]["frames"] < 90
        assert any("cut off: ends at" in note for note in half["notes"])
        for kind, asked in (("video/webm", {}), ("application/zip", {"overlay": 1})):
            file = post(client, whole[: len(whole) // 2], kind, **asked)
            assert any("cut off" in note for note in json.loads(file.headers["kirinuki-notes"]))
        whole_one = post(client, whole, "video/mp4")
        assert "kirinuki-notes" not in whole_one.headers


@pytest.mark.parametrize("accept", ["*/*", "application/zip", "application/json", "video/webm"])
def test_of_a_video_what_is_of_pictures_alone_is_refused(tmp_path: Path, accept: str) -> None:
    with client_of(BlobSegmenter()) as client:
        for asked, said in (
            ({"psd": 1}, "a Photoshop file holds one picture; take each for a video"),
            ({"ora": 1, "psd": 1}, "holds one picture; take each for a video"),
            ({"labels": "labelme"}, "file labels one picture; take labels coco for a video"),
        ):
            assert said in detail_of(post(client, clip(tmp_path), accept, **asked), 422)


def test_of_a_video_what_else_is_asked_for_is_made_and_the_rest_is_told(tmp_path: Path) -> None:
    with client_of(BlobSegmenter()) as client:
        made = post(client, clip(tmp_path), "application/zip", psd=1, overlay=1)
        alone = post(client, clip(tmp_path), "video/mp4", overlay=1, track=99)
    assert "nobody in it has the id 99" in alone.headers["kirinuki-notes"]
    with zipfile.ZipFile(BytesIO(made.content)) as archive:
        assert archive.namelist() == ["video_overlay.mp4"]
    assert "take each for a video; the others are made" in made.headers["kirinuki-notes"]


def test_a_video_tells_how_far_it_is_and_keeps_who_is_chosen(tmp_path: Path) -> None:
    with client_of(BlobSegmenter()) as client:
        response = post(
            client, clip(tmp_path), "application/x-ndjson", cutout=1, transparent="webm", track=2
        )
        lines = [json.loads(line) for line in response.text.splitlines()]
    assert [line["frames"] for line in lines[:-1]] == [1, 2, 3, 4, 5, 6]
    assert [one["id"] for one in lines[-1]["instances"]] == [2]
    (file,) = lines[-1]["files"]
    assert file["name"] == "video_cutout.webm"
    assert base64.b64decode(file["content"]).startswith(b"\x1a\x45\xdf\xa3")


def test_the_model_and_openapi_say_what_there_is(client: TestClient) -> None:
    said = client.get("/v1/model").json()
    assert said["names"] == ["girl", "boy"]
    assert said["limits"]["pixels"] == 1_000_000
    operation = client.get("/openapi.json").json()["paths"]["/v1/cut"]["post"]
    form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    query = {parameter["name"] for parameter in operation["parameters"]}
    assert set(form) == {"file"} | query
    assert {"cutout", "background", "transparent", "only", "track"} <= query
    for status in (413, 422, 429, 503):
        content = operation["responses"][str(status)]["content"]["application/problem+json"]
        assert content["example"]["status"] == status
