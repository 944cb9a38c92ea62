"""The server takes whatever finds characters: `Segments` asks for a call and no more."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the extra [web] is not installed")

from PIL import Image

from blob_segmenter import BlobSegmenter
from fake_segmenter import find_left_half
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from made_clips import moving, write_clip
from served import client_of, detail_of, file_of


def patches(picture: Picture) -> Instances:
    """What `BlobSegmenter` finds, without anything else that it can do."""
    return BlobSegmenter()(picture)


def broken(picture: Picture) -> Instances:
    raise ValueError("secret path /home/me")


def test_a_function_cuts_pictures() -> None:
    with client_of(find_left_half) as client:
        answer = client.post("/v1/cut", content=file_of(1), headers={"Accept": "image/png"})
        alpha = np.asarray(Image.open(BytesIO(answer.content)))[..., 3]
        assert (alpha[:, :20] == 255).all()
        assert not alpha[:, 20:].any()
        told = client.get("/v1/model").json()
        assert told["arch"].endswith("find_left_half")
        assert told["score"] is None
        detail_of(client.post("/v1/cut?only=waifu", content=file_of(1)), 422)


def test_a_function_cuts_videos_as_one_that_refreshes(tmp_path: Path) -> None:
    file = write_clip(tmp_path / "a.mp4", [moving(i) for i in range(5)]).read_bytes()
    answers: list[Any] = []
    for segmenter in (patches, BlobSegmenter()):
        with client_of(segmenter) as client:
            answer = client.post("/v1/cut", content=file, headers={"Accept": "application/json"})
            answers.append(answer.json())
    assert answers[0]["counts"]["frames"] == 5
    assert answers[0]["instances"] == answers[1]["instances"]


def test_a_function_that_fails_or_answers_something_else_is_500_and_says_nothing(
    tmp_path: Path,
) -> None:
    file = write_clip(tmp_path / "a.mp4", [moving(i) for i in range(3)]).read_bytes()
    elsewhere = find_left_half(Picture(np.zeros((9, 9, 3), np.uint8)))
    for segmenter in (broken, lambda picture: elsewhere):
        with client_of(segmenter, raises=False) as client:
            for content in (file_of(1), file):
                assert "secret" not in detail_of(client.post("/v1/cut", content=content), 500)
