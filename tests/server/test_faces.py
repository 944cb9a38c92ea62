"""Who is in a video has a face in the page's list."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("fastapi", reason="the extra [web] is not installed")

from PIL import Image

from blob_segmenter import RED, BlobSegmenter
from kirinuki.cutting.part import Part
from kirinuki.server.faces import SIDE, faces_of
from kirinuki.video import probe
from made_clips import write_clip
from served import client_of


def face(text: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(BytesIO(base64.b64decode(text))))


def test_everyone_in_a_video_has_one_and_json_has_none(tmp_path: Path) -> None:
    pictures = [np.full((48, 64, 3), 255, np.uint8) for _ in range(6)]
    for i, picture in enumerate(pictures):
        picture[10:30, 5 + i : 25 + i] = RED
        picture[34:46, 40:60] = RED
    file = write_clip(tmp_path / "in.mp4", pictures).read_bytes()

    with client_of(BlobSegmenter()) as client:

        def asked(kind: str) -> str:
            upload = {"file": ("a.mp4", file)}
            said = client.post("/v1/cut", files=upload, data={"mask": 1}, headers={"Accept": kind})
            return str(said.text)

        people = json.loads(asked("application/x-ndjson").splitlines()[-1])["instances"]
        plain = json.loads(asked("application/json"))["instances"]
    assert [one["id"] for one in people] == [one["id"] for one in plain] == [1, 2]
    assert all("face" not in one for one in plain)
    for one in people:
        seen = face(one["face"])
        assert seen.shape == (SIDE, SIDE, 3)
        red = (seen[..., 0] > 150) & (seen[..., 1] < 90)
        assert red.mean() > 0.5


def test_faces_are_of_the_part_and_the_size_that_was_cut(tmp_path: Path) -> None:
    grey = [np.full((48, 64, 3), 40 * i, np.uint8) for i in range(6)]
    info = probe(write_clip(tmp_path / "in.mp4", grey))
    people = [
        {"id": 7, "box": [4, 2, 14, 22], "surest": 2},
        {"id": 9, "box": [0, 0, 9, 9], "surest": 8},  # a frame that is not there
    ]
    made = faces_of(info, Part(every=2, height=24), people)
    assert list(made) == ["7"]
    assert abs(float(face(made["7"]).mean()) - 4 * 40) < 12


def test_a_face_is_the_top_of_a_box_wherever_it_is(tmp_path: Path) -> None:
    picture = np.zeros((80, 60, 3), np.uint8)
    picture[:20, 20:40] = 255
    info = probe(write_clip(tmp_path / "in.mp4", [picture] * 2))
    boxes = {1: [20, 0, 40, 80], 2: [50, 70, 60, 80], 3: [0, 0, 60, 80], 4: [59, 79, 60, 80]}
    people = [{"id": id, "box": box, "surest": 0} for id, box in boxes.items()]
    made = faces_of(info, Part(), people)
    means = {id: float(face(text).mean()) / 255 for id, text in made.items()}
    assert abs(means["1"] - 400 / 24**2) < 0.05  # 24 = 1.2 × 20 pixels, of which 20 × 20 are white
    assert means["2"] < 0.05
    assert abs(means["3"] - 400 / 60**2) < 0.05
    assert means["4"] < 0.05
