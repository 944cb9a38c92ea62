"""Pictures as users have them, made on the fly: every format, mode and kind of damage."""

from __future__ import annotations

import errno
import os
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO, RawIOBase
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from kirinuki.errors import OutputError, PictureError
from kirinuki.formats.labelled import picture_size
from kirinuki.images.picture import (
    MAX_PIXELS,
    PICTURE_SUFFIXES,
    Picture,
    read_picture,
    save_png,
    write_atomically,
)
from kirinuki.video import is_video

RGB = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
ALPHA = np.array([[0, 64, 128, 192, 255, 1, 254]] * 5, np.uint8)
LOSSLESS = {
    "PNG": {},
    "WEBP": {"lossless": True, "exact": True},
    "BMP": {},
    "TIFF": {},
}


def encoded(image: Image.Image, kind: str, **options: object) -> BytesIO:
    file = BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def on_white(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha[..., None] / 255
    return rgb * share + 255 * (1 - share)


def png_header(width: int, height: int) -> bytes:
    """A PNG that declares a size and holds next to no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_formats_keep_every_pixel(kind: str) -> None:
    picture = read_picture(encoded(Image.fromarray(RGB), kind, **LOSSLESS[kind]))
    np.testing.assert_array_equal(picture.rgb, RGB)
    assert picture.rgb.dtype == np.uint8
    assert picture.alpha is None
    assert picture.notes == ()
    assert picture.path is None


@pytest.mark.parametrize("kind", ["JPEG", "AVIF", "GIF"])
def test_lossy_formats_are_read(kind: str) -> None:
    smooth = np.full((40, 60, 3), (200, 100, 50), np.uint8)
    picture = read_picture(encoded(Image.fromarray(smooth), kind))
    assert picture.rgb.shape == (40, 60, 3)
    assert np.abs(picture.rgb.astype(int) - smooth).max() <= 6


def test_every_suffix_that_is_offered_is_read(tmp_path: Path) -> None:
    kinds = Image.registered_extensions()
    for suffix in PICTURE_SUFFIXES:
        path = tmp_path / f"picture{suffix}"
        Image.fromarray(RGB).save(path, kinds[suffix])
        assert read_picture(path).rgb.shape == RGB.shape, suffix


def test_the_content_counts_and_not_the_suffix(tmp_path: Path) -> None:
    path = tmp_path / "really a png.jpg"
    path.write_bytes(encoded(Image.fromarray(RGB), "PNG").getvalue())
    np.testing.assert_array_equal(read_picture(path).rgb, RGB)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_alpha_is_kept_and_rgb_lies_on_white(kind: str) -> None:
    image = Image.fromarray(np.dstack([RGB, ALPHA]))
    picture = read_picture(encoded(image, kind, **LOSSLESS[kind]))
    np.testing.assert_array_equal(picture.alpha, ALPHA)
    np.testing.assert_allclose(picture.rgb, on_white(RGB, ALPHA), atol=1)
    assert (picture.rgb[ALPHA == 0] == 255).all()


def test_an_opaque_alpha_channel_is_none() -> None:
    opaque = np.dstack([RGB, np.full(ALPHA.shape, 255, np.uint8)])
    picture = read_picture(encoded(Image.fromarray(opaque), "PNG"))
    assert picture.alpha is None
    np.testing.assert_array_equal(picture.rgb, RGB)


def test_grey_with_alpha() -> None:
    image = Image.fromarray(np.dstack([RGB[..., 0], ALPHA]))
    assert image.mode == "LA"
    picture = read_picture(encoded(image, "PNG"))
    np.testing.assert_array_equal(picture.alpha, ALPHA)
    np.testing.assert_allclose(picture.rgb, on_white(RGB[..., :1].repeat(3, 2), ALPHA), atol=1)


def test_palette_with_transparency() -> None:
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    picture = read_picture(encoded(image, "PNG", transparency=bytes([255, 0, 255])))
    assert picture.alpha is not None
    assert picture.alpha.tolist() == [[255, 0, 255]]
    assert picture.rgb.tolist() == [[[255, 0, 0], [255, 255, 255], [0, 0, 255]]]


def test_colour_key_transparency() -> None:
    image = Image.fromarray(np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8))
    picture = read_picture(encoded(image, "PNG", transparency=(1, 2, 3)))
    assert picture.alpha is not None
    assert picture.alpha.tolist() == [[0, 255]]
    assert picture.rgb.tolist() == [[[255, 255, 255], [4, 5, 6]]]


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "HSV", "RGBX", "RGBa", "La"]
)
def test_every_mode_of_pillow_becomes_rgb(mode: str) -> None:
    image = Image.new("RGB", (4, 3), (255, 255, 255))
    if mode in ("RGBa", "La", "PA"):
        image = image.convert({"RGBa": "RGBA", "La": "LA", "PA": "P"}[mode])
    picture = read_picture(image.convert(mode))
    assert picture.rgb.shape == (3, 4, 3)
    assert (picture.rgb == 255).all()


def test_cmyk_jpeg_has_its_colours() -> None:
    red = Image.new("RGB", (32, 32), (255, 0, 0)).convert("CMYK")
    colour = read_picture(encoded(red, "JPEG", quality=95)).rgb[16, 16].astype(int)
    assert colour[0] > 240
    assert colour[1:].max() < 20


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled_and_not_clipped(kind: str) -> None:
    values = np.array([[0, 128, 257, 32768, 65535]], np.uint16)
    picture = read_picture(encoded(Image.fromarray(values), kind))
    assert picture.rgb[0, :, 0].tolist() == [0, 0, 1, 128, 255]
    assert (picture.rgb == picture.rgb[..., :1]).all()


def test_12_bit_tiff_is_as_bright_as_it_was_meant() -> None:
    # Greys 0, 2048, 4095, 16, two packed into three bytes; entries are tag, type, count, value.
    pixels = bytes([0x00, 0x08, 0x00, 0xFF, 0xF0, 0x10])
    entries = [(256, 4), (257, 1), (258, 12), (259, 1), (262, 1), (273, 8), (277, 1), (279, 6)]
    rows = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    start = struct.pack("<2sHI", b"II", 42, 14)
    tiff = start + pixels + struct.pack("<H", len(entries)) + rows + bytes(4)
    assert read_picture(BytesIO(tiff)).rgb[0, :, 0].tolist() == [0, 128, 255, 1]


def test_16_bit_grey_png_with_a_transparent_grey() -> None:
    values = np.array([[0, 1000, 65535]], np.uint16)
    data = encoded(Image.fromarray(values), "PNG", transparency=1000)
    picture = read_picture(data)
    assert picture.alpha is not None
    assert picture.alpha.tolist() == [[255, 0, 255]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 0.5, 1]], np.float32), [0, 128, 255]),
        (np.array([[0, 100, 255]], np.float32), [0, 100, 255]),
        (np.array([[0, 32768, 65535]], np.float32), [0, 128, 255]),
        (np.array([[-1, 0, 1]], np.float32), [0, 128, 255]),
        (np.array([[0, np.nan, 1]], np.float32), [0, 0, 255]),
        (np.array([[0, 0, 0]], np.float32), [0, 0, 0]),
        (np.array([[-5, -5, -5]], np.int32), [0, 0, 0]),
        (np.array([[0, 1, 200]], np.int32), [0, 1, 200]),
        (np.array([[0, 32768, 65535]], np.int32), [0, 128, 255]),
    ],
)
def test_tiff_of_32_bits(values: np.ndarray, expected: list[int]) -> None:
    assert read_picture(encoded(Image.fromarray(values), "TIFF")).rgb[0, :, 0].tolist() == expected


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_exif_orientation_is_applied_as_pillow_does(kind: str, orientation: int) -> None:
    image = Image.fromarray(np.dstack([RGB, ALPHA]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = encoded(image, kind, exif=exif, **LOSSLESS[kind])
    picture = read_picture(BytesIO(file.getvalue()))
    upright = np.asarray(ImageOps.exif_transpose(Image.open(file)).convert("RGBA"))
    np.testing.assert_array_equal(picture.alpha, upright[..., 3])
    np.testing.assert_allclose(picture.rgb, on_white(upright[..., :3], upright[..., 3]), atol=1)


def test_damaged_exif_is_ignored_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "damaged exif.jpg"
    Image.fromarray(RGB).save(path, exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01\x03\0")
    code = (
        "from kirinuki.images.picture import *; import sys; print(read_picture(sys.argv[1]).notes)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert done.stdout == "()\n"
    assert done.stderr == ""


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF", "TIFF"])
def test_animations_give_their_first_frame_and_say_so(kind: str) -> None:
    frames = [Image.new("RGB", (16, 16), c) for c in ((200, 0, 0), (0, 200, 0), (0, 0, 200))]
    file = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    picture = read_picture(file)
    unit = "pages" if kind == "TIFF" else "frames"
    assert picture.notes == (f"first of 3 {unit}",)
    assert np.abs(picture.rgb[8, 8].astype(int) - (200, 0, 0)).max() <= 12


def test_a_colour_profile_is_converted_to_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    grey = Image.new("LAB", (4, 4), (128, 128, 128))
    picture = read_picture(encoded(grey, "TIFF", icc_profile=lab))
    spread = np.ptp(picture.rgb[0, 0].astype(int))
    assert spread <= 2
    assert 110 <= picture.rgb[0, 0, 0] <= 128


def test_an_unreadable_colour_profile_is_noted() -> None:
    picture = read_picture(encoded(Image.fromarray(RGB), "PNG", icc_profile=b"nonsense"))
    assert picture.notes == ("unreadable colour profile ignored",)
    np.testing.assert_array_equal(picture.rgb, RGB)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1)])
def test_the_smallest_pictures(shape: tuple[int, int]) -> None:
    picture = read_picture(encoded(Image.fromarray(np.zeros(shape, np.uint8)), "PNG"))
    assert picture.rgb.shape == (*shape, 3)


def test_a_picture_above_pillows_own_limit_is_read_in_silence(
    recwarn: pytest.WarningsRecorder,
) -> None:
    assert Image.MAX_IMAGE_PIXELS is not None
    side = int(Image.MAX_IMAGE_PIXELS**0.5) + 100
    assert side * side < MAX_PIXELS
    for kind, options in (("PNG", {}), ("TIFF", {"compression": "group4"})):
        file = encoded(Image.new("1", (side, side)), kind, **options)
        assert read_picture(file).rgb.shape == (side, side, 3)
    assert not recwarn.list


@pytest.mark.parametrize("size", [(50_000, 50_000), (12_001, 12_000), (2**31 - 1, 1)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(*size))
    with pytest.raises(
        PictureError, match=r"bomb\.png: is .* megapixels; at most 144 \(12000×12000\)"
    ):
        read_picture(path)


def test_bombs_in_other_formats_are_refused() -> None:
    bmp = b"BM" + struct.pack("<IHHI", 54, 0, 0, 54)
    bmp += struct.pack("<IiiHHIIiiII", 40, 50_000, 50_000, 1, 24, 0, 0, 0, 0, 0, 0)
    gif = (
        b"GIF89a"
        + struct.pack("<HHBBB", 50_000, 50_000, 0, 0, 0)
        + b",\0\0\0\0\x01\0\x01\0\0\x02\0;"
    )
    jpeg = encoded(Image.fromarray(RGB), "JPEG").getvalue()
    start = jpeg.index(b"\xff\xc0") + 5
    jpeg = jpeg[:start] + struct.pack(">HH", 50_000, 50_000) + jpeg[start + 4 :]
    for content in (bmp, gif, jpeg):
        with pytest.raises(PictureError, match="50000×50000 = 2,500 megapixels; at most 144"):
            read_picture(BytesIO(content))
    webp = b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<II", 10, 0)
    webp += struct.pack("<I", 16_382)[:3] * 2
    with pytest.raises(PictureError, match="16383×16383 = 268 megapixels; at most 144"):
        read_picture(BytesIO(webp))
    avif = encoded(Image.fromarray(RGB), "AVIF").getvalue()
    start = avif.index(b"ispe") + 8
    avif = avif[:start] + struct.pack(">II", 70_000, 30_000) + avif[start + 8 :]
    with pytest.raises(PictureError, match="70000×30000 = 2,100 megapixels; at most 144"):
        read_picture(BytesIO(avif))


def test_looking_at_a_header_keeps_to_our_limit_and_not_to_pillows(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    assert Image.MAX_IMAGE_PIXELS is not None
    side = int(Image.MAX_IMAGE_PIXELS**0.5) + 100
    path = tmp_path / "a.png"
    path.write_bytes(png_header(side, side))
    assert not is_video(path)
    assert picture_size(path) == (side, side)
    path.write_bytes(png_header(800, 230_000))
    assert not is_video(path)
    with pytest.raises(PictureError, match=r"a\.png: is 800×230000 = 184 megapixels"):
        picture_size(path)
    assert not recwarn.list


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF"])
def test_a_file_cut_off_is_refused_in_one_line(kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise), kind).getvalue()
    for share in (0.1, 0.5, 0.9):
        with pytest.raises(PictureError, match="is damaged or cut off") as caught:
            read_picture(BytesIO(content[: int(len(content) * share)]))
        assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::UserWarning")  # pytest undoes the filter of `images`
@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF"]),
    position=st.floats(0, 1, exclude_max=True),
    junk=st.binary(min_size=1, max_size=12),
)
def test_damage_anywhere_gives_a_picture_or_a_picture_error(
    kind: str, position: float, junk: bytes
) -> None:
    content = bytearray(encoded(Image.fromarray(RGB), kind).getvalue())
    start = int(len(content) * position)
    content[start : start + len(junk)] = junk
    try:
        picture = read_picture(BytesIO(bytes(content)))
    except PictureError as error:
        message = str(error)
    else:
        message = f"{picture.rgb.dtype} of {picture.rgb.shape[2]} channels"
        assert message == "uint8 of 3 channels"
    assert "\n" not in message


@pytest.mark.parametrize("how", ["group4", "tiff_lzw", "jpeg", "tiff_adobe_deflate"])
def test_libraries_say_nothing_on_the_terminal(how: str, capfd: pytest.CaptureFixture[str]) -> None:
    mode = "1" if how == "group4" else "RGB"
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    image = Image.fromarray(noise).convert(mode)
    content = bytearray(encoded(image, "TIFF", compression=how).getvalue())
    content[20:60] = b"\xf3" * 40
    with suppress(PictureError):
        read_picture(BytesIO(bytes(content)))
    assert capfd.readouterr() == ("", "")


def test_pillows_log_is_not_shown() -> None:
    code = "import logging, kirinuki.images; logging.getLogger('PIL.TiffImagePlugin').error('x')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("", "")


@given(st.binary(max_size=64))
def test_bytes_that_are_no_picture_are_refused(content: bytes) -> None:
    with pytest.raises(PictureError):
        read_picture(BytesIO(content))


def test_what_is_not_a_picture_file_is_refused_by_name(tmp_path: Path) -> None:
    empty, text, folder = tmp_path / "empty.png", tmp_path / "notes.png", tmp_path / "folder"
    empty.touch()
    text.write_text("dear diary", encoding="utf-8")
    folder.mkdir()
    cases = {
        empty: "is empty (0 bytes); expected PNG, JPEG, WebP, AVIF, GIF, BMP or TIFF",
        text: "is not a picture that can be read; expected PNG",
        folder: "is a folder; expected a picture",
        tmp_path / "missing.png": "no such file",
        text / "below.png": "cannot be read",
    }
    for path, message in cases.items():
        with pytest.raises(PictureError) as caught:
            read_picture(path)
        assert str(caught.value).startswith(f"{path}: {message}")


def test_a_name_with_a_null_character_and_an_endless_device_are_refused() -> None:
    with pytest.raises(PictureError, match="is not a file name"):
        read_picture("a\0b.png")
    if Path("/dev/zero").exists():
        with pytest.raises(PictureError, match="is not a regular file"):
            read_picture("/dev/zero")


@pytest.mark.parametrize("name", ["魔法 少女.png", "un été.png", "a b  c.png", "🎀.png", "-x.png"])
def test_unicode_names_and_spaces(tmp_path: Path, name: str) -> None:
    save_png(RGB, tmp_path / name)
    picture = read_picture(str(tmp_path / name))
    np.testing.assert_array_equal(picture.rgb, RGB)
    assert picture.path == tmp_path / name


def test_arrays_grey_rgb_and_rgba() -> None:
    np.testing.assert_array_equal(read_picture(RGB).rgb, RGB)
    np.testing.assert_array_equal(read_picture(RGB[..., 1]).rgb, RGB[..., 1:2].repeat(3, 2))
    picture = read_picture(np.dstack([RGB, ALPHA]))
    np.testing.assert_array_equal(picture.alpha, ALPHA)
    np.testing.assert_allclose(picture.rgb, on_white(RGB, ALPHA), atol=1)


@pytest.mark.parametrize(
    ("source", "got"),
    [
        (RGB.astype(np.float32), r"got shape \(5, 7, 3\) float32; expected uint8"),
        (RGB[..., :2], r"got shape \(5, 7, 2\) uint8"),
        (RGB[None], r"got shape \(1, 5, 7, 3\) uint8"),
        (np.zeros((0, 4, 3), np.uint8), "is 4×0 pixels; expected at least 1×1"),
        (42, "got int; expected a path, bytes, a PIL image, a uint8 array or a binary stream"),
        (None, "got NoneType"),
    ],
)
def test_other_arrays_and_types_are_refused(source: object, got: str) -> None:
    with pytest.raises(PictureError, match=got):
        read_picture(source)  # type: ignore[arg-type]


def test_a_text_stream_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("x", encoding="utf-8")
    with (
        path.open(encoding="utf-8") as file,
        pytest.raises(PictureError, match="expected a binary"),
    ):
        read_picture(file)  # type: ignore[arg-type]


def test_a_pil_image_is_not_changed_and_its_frame_is_taken() -> None:
    frames = [Image.new("RGB", (8, 8), c) for c in ((250, 0, 0), (0, 250, 0))]
    image = Image.open(encoded(frames[0], "PNG", save_all=True, append_images=frames[1:]))
    image.seek(1)
    picture = read_picture(image)
    assert picture.notes == ("frame 2 of 2",)
    assert picture.rgb[0, 0].tolist() == [0, 250, 0]
    assert image.tell() == 1


def test_a_lazy_pil_image_of_a_damaged_file_is_refused() -> None:
    content = encoded(Image.fromarray(RGB), "PNG").getvalue()
    image = Image.open(BytesIO(content[:-40]))
    with pytest.raises(PictureError, match="PIL image: is damaged or cut off"):
        read_picture(image)


def test_a_non_seekable_stream_is_read() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as file:
        file.write(encoded(Image.fromarray(RGB), "PNG").getvalue())
    with os.fdopen(reading, "rb") as file:
        np.testing.assert_array_equal(read_picture(file).rgb, RGB)


class Endless(RawIOBase):
    """Gives a beginning, then zeros for ever, and counts."""

    def __init__(self, beginning: bytes) -> None:
        self.given = 0
        self._beginning = beginning

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        self.given += size
        start, self._beginning = self._beginning, b""
        return start.ljust(size, b"\0")


def test_a_stream_that_never_ends_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kirinuki.images.opening.MAX_BYTES", 3 << 20)
    nothing, png = Endless(b""), Endless(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(PictureError, match="is not a picture that can be read"):
        read_picture(nothing)  # type: ignore[arg-type]
    with pytest.raises(PictureError, match="holds more than 3 MB"):
        read_picture(png)  # type: ignore[arg-type]
    assert nothing.given <= 1 << 20
    assert png.given <= 4 << 20


def test_threads_read_at_once_and_pillow_stays_as_it_was() -> None:
    limit = Image.MAX_IMAGE_PIXELS
    content = encoded(Image.fromarray(RGB), "PNG").getvalue()
    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(lambda _: read_picture(BytesIO(content)), range(64)))
    assert all((p.rgb == RGB).all() for p in pictures)
    assert limit == Image.MAX_IMAGE_PIXELS


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_saved_pictures_come_back_equal(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 20)), data.draw(st.integers(1, 20))
    shape = data.draw(st.sampled_from([(height, width), (height, width, 3), (height, width, 4)]))
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    file = BytesIO()
    save_png(array, file)
    np.testing.assert_array_equal(np.asarray(Image.open(file)), array)


def test_save_png_never_overwrites_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "girl.png"
    save_png(RGB, path)
    before = path.read_bytes()
    with pytest.raises(OutputError, match=r"girl\.png: exists already; pass `overwrite`"):
        save_png(RGB * 0, path)
    assert path.read_bytes() == before
    save_png(RGB * 0, path, overwrite=True)
    assert (read_picture(path).rgb == 0).all()
    assert [p.name for p in path.parent.iterdir()] == ["girl.png"]


def test_a_failure_leaves_nothing_and_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "girl.png"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), write_atomically(path, True) as temporary:  # noqa: PT012
        temporary.write_bytes(b"half")
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".png"
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "girl.png"
    with pytest.raises(OutputError, match="exists"), write_atomically(path) as temporary:  # noqa: PT012
        temporary.write_bytes(b"mine")
        path.write_bytes(b"theirs")
    assert path.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    save_png(RGB, tmp_path / "girl.png")
    assert [p.name for p in tmp_path.iterdir()] == ["girl.png"]


def test_a_full_disk_and_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "girl.png"
    with pytest.raises(OutputError, match=r"girl\.png: cannot be written: No space left"):  # noqa: SIM117
        with write_atomically(path):
            raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"a file, not a folder")
    with pytest.raises(OutputError, match="cannot be written"):
        save_png(RGB, path / "below.png")
    with pytest.raises(OutputError, match="is a folder; give a file name"):
        save_png(RGB, tmp_path, overwrite=True)


def test_errors_of_the_block_about_other_files_pass_through(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), write_atomically(tmp_path / "out.txt"):
        (tmp_path / "input.txt").read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="POSIX rights")
def test_files_get_the_usual_rights(tmp_path: Path) -> None:
    save_png(RGB, tmp_path / "ours.png")
    (tmp_path / "usual.png").touch()
    assert (tmp_path / "ours.png").stat().st_mode == (tmp_path / "usual.png").stat().st_mode


def test_a_closed_pipe_is_an_output_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(OutputError, match="cannot be written"), os.fdopen(writing, "wb", 0) as file:
        save_png(RGB, file)


def png_bytes(size: tuple[int, int] = (4, 3)) -> bytes:
    encoded = BytesIO()
    Image.new("RGB", size, (1, 2, 3)).save(encoded, "PNG")
    return encoded.getvalue()


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_bytes_of_any_kind_are_a_file(kind):
    assert read_picture(kind(png_bytes())).rgb.shape == (3, 4, 3)


def test_a_picture_is_one():
    picture = read_picture(png_bytes())
    assert read_picture(picture) is picture
    assert repr(picture) == "Picture(4×3)"


def test_a_stream_that_is_closed_or_at_its_end_is_one_line():
    stream = BytesIO(png_bytes())
    read_picture(stream)
    with pytest.raises(PictureError, match=r"at its end; call its seek\(0\) first"):
        read_picture(stream)
    stream.close()
    with pytest.raises(PictureError, match="is a closed stream"):
        read_picture(stream)
    with pytest.raises(OutputError, match="cannot be written: I/O operation on closed file"):
        save_png(np.zeros((2, 2), np.uint8), stream)


def test_arrays_that_are_no_picture_are_named():
    grey = np.zeros((3, 4), np.uint8)
    with pytest.raises(ValueError, match=r"rgb must be \(H, W, 3\) uint8, but got .* float64"):
        Picture(np.zeros((3, 4, 3)))
    with pytest.raises(ValueError, match=r"alpha must be \(3, 4\) uint8, but got \(4, 3\)"):
        Picture(np.zeros((3, 4, 3), np.uint8), grey.T)


@pytest.mark.parametrize(
    "array", [None, np.zeros((3, 4, 3)), np.zeros((3, 4, 2), np.uint8), "a.png"]
)
def test_what_no_png_holds_is_one_line(array, tmp_path):
    with pytest.raises(OutputError, match=r"`array`: got .*, expected uint8"):
        save_png(array, tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_a_png_is_named_as_one(tmp_path):
    with pytest.raises(OutputError, match=r"x\.jpg: a PNG is written; choose a name"):
        save_png(np.zeros((3, 4), np.uint8), tmp_path / "x.jpg")
    with pytest.raises(OutputError, match="`target`: got ndarray, expected a path"):
        save_png(np.zeros((3, 4), np.uint8), np.zeros((3, 4), np.uint8))
