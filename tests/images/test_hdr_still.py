"""HDR becomes the SDR that the standards' formulas give, written out here once more: BT.2100 for PQ
and HLG, BT.2390 for the roll-off, BT.2408 for white, IEC 61966-2-1 for SDR's curve."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kirinuki.images.hdr import HLG, PQ, Hdr, tone_mapped
from kirinuki.images.picture import read_picture
from made_clips import write_planes

WHITE = 203


def pq(nits: float) -> float:
    y = (nits / 10_000) ** 0.1593017578125
    return float(((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375)


def nits_of_pq(code: float) -> float:
    e = code ** (1 / 78.84375)
    y = max(e - 0.8359375, 0) / (18.8515625 - 18.6875 * e)
    return float(10_000 * y ** (1 / 0.1593017578125))


def nits_of_hlg(code: float) -> float:
    """Of a grey, on a display of 1,000 cd/m²."""
    scene = (
        code**2 / 3 if code <= 0.5 else (np.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12
    )
    return float(1000 * scene**1.2)


def sdr(nits: float, peak: float = 1000) -> float:
    """0 to 255."""
    if peak > WHITE:
        top, most = pq(peak), pq(WHITE) / pq(peak)
        e, knee = min(pq(nits) / top, 1), 1.5 * most - 0.5
        t = (e - knee) / (1 - knee)
        hermite = (
            (2 * t**3 - 3 * t**2 + 1) * knee
            + (t**3 - 2 * t**2 + t) * (1 - knee)
            + (3 * t**2 - 2 * t**3) * most
        )
        nits = nits_of_pq((e if e < knee else hermite) * top)
    x = min(nits / WHITE, 1)
    return 255 * (12.92 * x if x <= 0.0031308 else 1.055 * x ** (1 / 2.4) - 0.055)


def with_light(pixels: np.ndarray, code: float) -> np.ndarray:
    """The same with a light in the last row, which is the brightest."""
    pixels = pixels.copy()
    pixels[-1] = round(65_535 * code)
    return pixels


def grey(code: float) -> np.ndarray:
    return np.full((2, 3, 3), round(65_535 * code), np.uint16)


@pytest.mark.parametrize("nits", [0, 0.1, 1, 5, 20, 80, 92, 100, 150, 203, 400, 800, 1000, 4000])
@pytest.mark.parametrize("peak", [150, 203, 400, 1000, 4000, 10_000])
def test_pq_greys_are_those_of_the_formula(nits: float, peak: float) -> None:
    found = tone_mapped(grey(pq(nits)), Hdr(PQ, peak=peak))
    assert np.abs(found - sdr(nits, peak)).max() <= 0.75


@pytest.mark.parametrize("code", [0, 0.05, 0.2, 0.5, 0.6, 0.75, 0.9, 1])
def test_hlg_greys_are_those_of_the_formula(code: float) -> None:
    found = tone_mapped(grey(code), Hdr(HLG))
    assert np.abs(found - sdr(nits_of_hlg(code))).max() <= 0.75


def test_reference_white_is_the_one_of_bt2408() -> None:
    assert nits_of_hlg(0.75) == pytest.approx(203, abs=1)
    assert pq(203) == pytest.approx(0.58, abs=0.001)


def test_colours_below_the_knee_come_back_as_they_were() -> None:
    """Colours of SDR put into HDR as BT.2087 says, which the roll-off does not reach."""
    to_2020 = np.array(
        [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    )
    truth = np.random.default_rng(0).integers(0, 170, (40, 40, 3))
    x = truth / 255
    linear = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    coded = np.vectorize(pq)((linear @ to_2020.T * WHITE).clip(0))
    found = tone_mapped(np.rint(coded * 65_535).astype(np.uint16), Hdr(PQ))
    assert np.abs(found.astype(int) - truth).max() <= 1


def test_unknown_primaries_are_bt2020_and_those_of_sdr_stay() -> None:
    red = np.zeros((1, 1, 3), np.uint16)
    red[..., 0] = round(65_535 * pq(60))
    assert (tone_mapped(red, Hdr(PQ, 2)) == tone_mapped(red, Hdr(PQ, 9))).all()
    kept = tone_mapped(red, Hdr(PQ, 1))[0, 0]
    assert abs(kept[0] - sdr(60)) <= 1
    assert kept[1:].max() == 0


def png(pixels: np.ndarray, *chunks: tuple[bytes, bytes]) -> BytesIO:
    """A PNG of 16 bits, (H, W, 3 or 4), with more chunks."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    height, width, channels = pixels.shape
    kind = {3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    body = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0))
    body += b"".join(chunk(*one) for one in chunks)
    body += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return BytesIO(b"\x89PNG\r\n\x1a\n" + body)


PQ_CHUNK = (b"cICP", bytes([9, PQ, 0, 1]))
NOTE = "HDR (PQ), tone-mapped to SDR BT.709"


@pytest.mark.parametrize("nits", [1, 100, 203, 700])
def test_an_hdr_png_is_tone_mapped_and_says_so(nits: float) -> None:
    picture = read_picture(png(grey(pq(nits)), PQ_CHUNK))
    assert picture.notes == (NOTE,)
    assert np.abs(picture.rgb - sdr(nits, peak=nits)).max() <= 1
    assert picture.alpha is None


@pytest.mark.parametrize("light", [203, 300, 1000, 4000])
def test_the_brightest_pixels_say_how_far_the_roll_off_goes(light: float) -> None:
    picture = read_picture(png(with_light(grey(pq(180)), pq(light)), PQ_CHUNK))
    assert np.abs(picture.rgb[0] - sdr(180, peak=light)).max() <= 1
    assert picture.rgb[-1].min() >= 254


def test_what_a_png_says_of_its_brightest_pixel_counts() -> None:
    light = (b"cLLI", struct.pack(">II", 2_030_000, 500_000))  # in 0.0001 cd/m²
    picture = read_picture(png(with_light(grey(pq(203)), pq(1000)), PQ_CHUNK, light))
    assert picture.rgb.min() == 255


def test_an_hdr_png_keeps_its_alpha_and_its_orientation() -> None:
    pixels = np.zeros((2, 3, 4), np.uint16)
    pixels[..., :3] = round(65_535 * pq(100))
    pixels[..., 3] = 65_535
    pixels[0, 0, 3] = 0
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise
    chunk = (b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
    picture = read_picture(png(pixels, PQ_CHUNK, chunk))
    assert picture.alpha is not None
    assert picture.alpha.tolist() == [[255, 0], [255, 255], [255, 255]]
    assert picture.rgb[0, 1].tolist() == [255, 255, 255]
    assert np.abs(picture.rgb[1:] - sdr(100)).max() <= 1


def test_a_png_that_says_it_is_sdr_stays_as_it_is() -> None:
    picture = read_picture(png(grey(0.5), (b"cICP", bytes([1, 13, 0, 1]))))
    assert picture.notes == ()
    assert picture.rgb.min() == picture.rgb.max() == 128


@pytest.mark.parametrize(("transfer", "code"), [(PQ, 0.5), (PQ, 0.58), (HLG, 0.4), (HLG, 0.75)])
def test_an_hdr_avif_is_tone_mapped(tmp_path: Path, transfer: int, code: float) -> None:
    luma = np.full((64, 64), round(64 + 876 * code), np.uint16)
    chroma = np.full((32, 32), 512, np.uint16)
    path = write_planes(
        tmp_path / "a.avif", [luma, chroma, chroma], "yuv420p10le", matrix=9, colour_range=1,
        transfer=transfer, primaries=9, frames=1, codec="libsvtav1",
        options={"svtav1-params": "lossless=1"},
    )  # fmt: skip
    picture = read_picture(path)
    nits = nits_of_pq(code) if transfer == PQ else nits_of_hlg(code)
    assert "tone-mapped" in picture.notes[0]
    assert np.abs(picture.rgb - sdr(nits, peak=nits)).max() <= 2
