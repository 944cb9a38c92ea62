"""OpenRaster files, opened again by a library that painters' tools use."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fake_segmenter import FakeSegmenter, draw
from kirinuki.cutting import cut
from kirinuki.images.picture import read_picture
from kirinuki.render.cutout import cutout, everyone


def test_a_layer_a_character_lies_above_the_hidden_picture(tmp_path: Path) -> None:
    pyora = pytest.importorskip("pyora")
    segmenter = FakeSegmenter()
    picture = read_picture(draw(tmp_path / "1.png", 2))
    cut([tmp_path / "1.png"], tmp_path / "out", {"ora": {}}, model=segmenter)
    project = pyora.Project.load(str(tmp_path / "out" / "1.ora"))
    assert project.dimensions == (40, 24)
    layers = list(project.iter_layers)  # from the bottom
    assert [layer.name for layer in layers] == ["picture", "boy 2", "girl 1"]
    assert [layer.visible for layer in layers] == [False, True, True]
    instances = segmenter(picture)
    with zipfile.ZipFile(tmp_path / "out" / "1.ora") as archive:
        flat = np.asarray(Image.open(archive.open("mergedimage.png")))
    assert np.array_equal(flat, everyone(picture.rgb, instances))
    for layer, index in ((layers[2], 0), (layers[1], 1)):
        expected = cutout(picture.rgb, instances, index, full_frame=True)
        assert np.array_equal(np.asarray(layer.get_image_data(raw=False)), expected)
    assert np.array_equal(np.asarray(layers[0].get_image_data())[..., :3], picture.rgb)


def test_the_file_says_first_what_it_is_and_is_the_same_each_time(tmp_path: Path) -> None:
    draw(tmp_path / "1.png", 1)
    for folder in ("a", "b"):
        cut([tmp_path / "1.png"], tmp_path / folder, {"ora": {}}, model=FakeSegmenter())
    content = (tmp_path / "a" / "1.ora").read_bytes()
    assert content == (tmp_path / "b" / "1.ora").read_bytes()
    assert content[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(tmp_path / "a" / "1.ora") as archive:
        assert archive.testzip() is None
