"""A decoder that a stranger's file has taken over, or that it kills, costs that file alone."""

from __future__ import annotations

import sys
import threading
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the extra [web] is not installed")

from PIL import Image

from fake_segmenter import FakeSegmenter
from kirinuki.errors import PictureError
from kirinuki.server import children, results
from kirinuki.server.children import Decoders
from kirinuki.server.limits import MIB, Limits
from served import file_of


def hang(connection: Any, *_: Any) -> None:
    """In place of a decoder: never done."""
    connection.send_bytes(b'{"facts": {}, "arrays": []}')
    time.sleep(600)


def die(connection: Any, *_: Any) -> None:
    """In place of a decoder: the crash of a damaged one."""
    connection.send_bytes(b'{"facts": {}, "arrays": []}')
    connection.recv_bytes()
    sys.exit(1)


def lie(connection: Any, *_: Any) -> None:
    """In place of a decoder: one that was taken over, and sends a pickle."""
    connection.send_bytes(b'{"facts": {}, "arrays": []}')
    connection.recv_bytes()
    connection.send(threading.Thread)
    time.sleep(600)


@pytest.mark.parametrize(
    ("work", "seconds", "said"),
    [(hang, 0.3, "longer than 0.3 s"), (die, 60, "died"), (lie, 60, "died")],
)
def test_a_decoder_that_hangs_dies_or_lies_costs_one_picture(
    monkeypatch: pytest.MonkeyPatch, work: Any, seconds: float, said: str
) -> None:
    decode = Decoders(Limits(in_flight=1, decoding=seconds))
    with monkeypatch.context() as patched:
        patched.setattr(children.child, "decode_pictures", work)
        with pytest.raises(PictureError, match=said):
            decode(file_of(1))
    decode = Decoders(Limits(in_flight=1))
    assert decode(file_of(1)).rgb.shape == (24, 40, 3)
    decode.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only there the ceiling is known")
def test_a_decoder_has_no_more_memory_than_it_is_given() -> None:
    encoded = BytesIO()
    Image.fromarray(np.zeros((6000, 6000, 3), np.uint8)).save(encoded, "PNG")
    decode = Decoders(Limits(in_flight=1, memory=64 * MIB))
    with pytest.raises(PictureError, match=r"memory|died"):
        decode(encoded.getvalue())
    decode.close()


def test_results_of_a_video_are_files_of_its_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    out = tmp_path / "out"
    (out / "sub").mkdir(parents=True)
    (out / "a.webm").write_text("a")
    (out / "sub" / "1.png").write_text("1")
    (out / "link.png").symlink_to(tmp_path / "secret")
    (out / "folder").symlink_to(tmp_path)
    (out / ".kirinuki-x").write_text("h")
    assert [name for name, _ in results.results_under(out)] == ["a.webm", "sub/1.png"]


def test_what_fake_segmenters_find_survives_the_way_between_processes() -> None:
    from kirinuki.images.picture import read_picture
    from kirinuki.server import wire

    instances = FakeSegmenter(tells_kinds=True)(read_picture(BytesIO(file_of(3))))
    there = wire.instances_of(*wire.instances_message(instances))
    assert there.kinds == instances.kinds
    assert np.array_equal(there.boxes, instances.boxes)
    assert all(map(np.array_equal, there.alphas, instances.alphas))
