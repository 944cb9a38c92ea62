"""`kirinuki.cutout`, `cutouts` and `overlay`: the command's pixels, in one call."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image

import kirinuki
from fake_segmenter import FakeSegmenter, draw
from kirinuki.cli import cli
from kirinuki.errors import KirinukiError, ModelError, PictureError
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.segmenter.segmenter import Segmenter


def colourful(path: Path, *, transparent: bool = False) -> Path:
    """A picture of noise in which `FakeSegmenter` finds three."""
    pixels = np.random.default_rng(1).integers(0, 256, (24, 40, 4), np.uint8)
    pixels[0, 0] = 35, 0, 0, 255
    if not transparent:
        pixels[..., 3] = 255
    Image.fromarray(pixels).save(path)
    return path


def pixels_of(path: Path | BytesIO) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.mark.parametrize("transparent", [False, True])
def test_the_same_pixels_as_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transparent: bool
) -> None:
    monkeypatch.setattr(Segmenter, "load", lambda *_, **__: FakeSegmenter())
    path, out = colourful(tmp_path / "p.png", transparent=transparent), tmp_path / "out"
    written = CliRunner().invoke(cli, ["cut", str(path), "-o", str(out), "--each", "--overlay"])
    assert written.exit_code == 0, written.output
    piped = CliRunner().invoke(cli, ["cut", "-"], input=path.read_bytes())
    assert piped.exit_code == 0, piped.output

    model = FakeSegmenter()
    each = kirinuki.cutouts(path, model=model)
    assert len(each) == 3
    for number, one in enumerate(each, 1):
        np.testing.assert_array_equal(one, pixels_of(out / f"p_{number}.png"))
    np.testing.assert_array_equal(
        kirinuki.overlay(path, model=model), pixels_of(out / "p_overlay.png")
    )
    everyone = kirinuki.cutout(path, model=model)
    np.testing.assert_array_equal(everyone, pixels_of(BytesIO(piped.stdout_bytes)))


def test_a_cutout_has_the_pictures_size_and_cutouts_their_windows(tmp_path: Path) -> None:
    picture = kirinuki.read_picture(colourful(tmp_path / "p.png"))
    found = replace(FakeSegmenter()(picture), picture=picture)
    whole = kirinuki.cutout(picture, found[1:2])
    assert (whole.shape, whole.dtype) == ((24, 40, 4), np.uint8)
    (alone,) = kirinuki.cutouts(picture, found[1:2])
    x1, y1, x2, y2 = found[1].window
    np.testing.assert_array_equal(whole[y1:y2, x1:x2], alone)
    np.testing.assert_array_equal(whole[..., 3], found.full_alpha(1))
    np.testing.assert_array_equal(found[1].image, alone)


def test_every_kind_of_picture_is_the_same_picture(tmp_path: Path) -> None:
    path, model = colourful(tmp_path / "p.png"), FakeSegmenter()
    expected = kirinuki.cutout(path, model=model)
    assert expected[..., 3].any()
    with path.open("rb") as stream, Image.open(path) as image:
        array = np.asarray(image.convert("RGB"))
        sources = [str(path), path.read_bytes(), stream, image, array, Picture(array)]
        for source in sources:
            np.testing.assert_array_equal(kirinuki.cutout(source, model=model), expected)


def test_of_nobody_there_is_nothing(tmp_path: Path) -> None:
    path, model = draw(tmp_path / "p.png", 0), FakeSegmenter()
    assert not kirinuki.cutout(path, model=model).any()
    assert kirinuki.cutouts(path, model=model) == []
    np.testing.assert_array_equal(kirinuki.overlay(path, model=model), pixels_of(path))


def test_no_model_is_asked_for_those_who_are_given(tmp_path: Path) -> None:
    model = FakeSegmenter()
    nobody = Instances.empty((24, 40), ["girl"])
    assert not kirinuki.cutout(draw(tmp_path / "p.png"), nobody, model=model).any()
    assert model.seen == []


@pytest.mark.parametrize(
    ("gives", "said"),
    [
        (None, "gave NoneType, expected Instances"),
        (
            FakeSegmenter()(Picture(np.full((24, 40, 3), 25, np.uint8)))[0],
            "gave Instance, expected",
        ),
        (Instances.empty((12, 20), "girl"), r"of \(12, 20\), expected \(24, 40\)"),
    ],
)
def test_what_a_function_gives_is_checked(tmp_path: Path, gives: Any, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        kirinuki.cutout(draw(tmp_path / "p.png"), model=lambda picture: gives)


def test_what_a_model_or_instances_are_not_is_named(tmp_path: Path) -> None:
    picture = kirinuki.read_picture(draw(tmp_path / "p.png", 2))
    found = FakeSegmenter()(picture)
    not_instances: list[Any] = [found[0], [found[0]], FakeSegmenter()]
    for given in not_instances:
        with pytest.raises(KirinukiError, match=r"`instances`: got .*, expected Instances"):
            kirinuki.cutout(picture, given)
    not_models: list[Any] = [Segmenter, 5]
    for given in not_models:
        with pytest.raises(ModelError, match=r"the model: got .*, expected a Segmenter"):
            kirinuki.cutouts(picture, model=given)


def test_a_picture_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"gone\.png: no such file"):
        kirinuki.cutout(tmp_path / "gone.png", model=FakeSegmenter())
    with pytest.raises(PictureError, match="is not a picture that can be read"):
        kirinuki.overlay(b"Dear diary", model=FakeSegmenter())


def test_the_packages_own_model_finds_those_in_the_example(repository: Path) -> None:
    everyone = kirinuki.cutout(repository / "examples" / "chibi.png")
    assert 0.05 < (everyone[..., 3] >= 128).mean() < 0.95
    assert len(kirinuki.cutouts(repository / "examples" / "chibi.png")) == 3
