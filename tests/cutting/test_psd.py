"""Photoshop files, opened again by psd-tools and by ImageMagick."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fake_segmenter import FakeSegmenter, draw
from kirinuki.cutting import cut
from kirinuki.images.picture import read_picture
from kirinuki.render.cutout import cutout, everyone

psd_tools = pytest.importorskip("psd_tools")


def made(folder: Path, segmenter: FakeSegmenter) -> Path:
    """The file of a picture of two."""
    draw(folder / "1.png", 2)
    cut([folder / "1.png"], folder / "out", {"psd": {}}, model=segmenter)
    return folder / "out" / "1.psd"


def test_a_layer_a_character_with_its_edge_as_mask_lies_above_the_hidden_picture(
    tmp_path: Path,
) -> None:
    segmenter = FakeSegmenter()
    psd = psd_tools.PSDImage.open(made(tmp_path, segmenter))
    picture = read_picture(tmp_path / "1.png")
    instances = segmenter(picture)
    assert [layer.name for layer in psd] == ["picture", "boy 2", "girl 1"]  # from the bottom
    assert np.array_equal(np.asarray(psd[0].topil().convert("RGB")), picture.rgb)
    assert [layer.visible for layer in psd] == [False, True, True]
    cutouts = everyone(picture.rgb, instances)
    share = cutouts[..., 3:] / 255
    on_white = share * cutouts[..., :3] + (1 - share) * 255  # nothing of the picture is left
    assert np.allclose(np.asarray(psd.topil()), on_white, atol=2)
    for layer, index in ((psd[2], 0), (psd[1], 1)):
        x1, y1, x2, y2 = instances.window(index)
        assert layer.mask.bbox == layer.bbox == (x1, y1, x2, y2)
        assert np.array_equal(np.asarray(layer.mask.topil()), instances.alphas[index])
        rgba = cutout(picture.rgb, instances, index)
        colours = np.asarray(layer.topil().convert("RGB"))
        assert np.array_equal(colours[rgba[..., 3] > 0], rgba[rgba[..., 3] > 0][:, :3])


def test_names_may_be_of_any_script(tmp_path: Path) -> None:
    psd = psd_tools.PSDImage.open(made(tmp_path, FakeSegmenter(names=("初音ミク", "Åsa"))))
    assert [layer.name for layer in psd] == ["picture", "Åsa 2", "初音ミク 1"]


def has_imagemagick() -> bool:
    """Whether the program of that name is the one."""
    if shutil.which("convert") is None:
        return False
    said = subprocess.run(["convert", "-version"], capture_output=True, text=True, check=False)
    return "ImageMagick" in said.stdout


@pytest.mark.skipif(not has_imagemagick(), reason="needs ImageMagick")
def test_imagemagick_sees_the_same_layers(tmp_path: Path) -> None:
    segmenter = FakeSegmenter()
    path = made(tmp_path, segmenter)
    pattern = tmp_path / "layer-%d.png"
    command = ["convert", str(path), "-define", "png:color-type=6", str(pattern)]
    subprocess.run(command, check=True, timeout=60)
    picture = read_picture(tmp_path / "1.png")
    layers = sorted(tmp_path.glob("layer-*.png"))
    assert len(layers) == 4  # the flat picture, then the layers from the bottom
    instances = segmenter(picture)
    with Image.open(layers[3]) as image:
        top = np.asarray(image.convert("RGBA"))
    there = instances.alphas[0] > 0
    assert np.array_equal(top[..., 3], instances.alphas[0])
    assert np.array_equal(top[there], cutout(picture.rgb, instances, 0)[there])


def test_a_transparent_picture_stays_so(tmp_path: Path) -> None:
    pixels = np.full((24, 40, 4), (15, 120, 200, 255), np.uint8)
    pixels[12:, :, 3] = 0
    Image.fromarray(pixels).save(tmp_path / "1.png")
    segmenter = FakeSegmenter()
    cut([tmp_path / "1.png"], tmp_path / "out", {"psd": {}}, model=segmenter)
    mask = np.asarray(psd_tools.PSDImage.open(tmp_path / "out" / "1.psd")[1].mask.topil())
    assert mask[:9].any()
    assert not mask[10:].any()


def test_the_same_picture_gives_the_same_file(tmp_path: Path) -> None:
    first = made(tmp_path / "a", FakeSegmenter())
    assert first.read_bytes() == made(tmp_path / "b", replace(FakeSegmenter())).read_bytes()
