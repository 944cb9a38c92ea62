"""Colours of a video are those that its numbers mean (ITU-T H.273, computed here by hand)."""

from __future__ import annotations

import numpy as np
import pytest

from kirinuki.video import read
from kirinuki.video.colour import Colour, matrix_of
from made_clips import write_clip, write_planes

WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
"""Matrix → shares of red and blue in luma."""


def chart(size_hw: tuple[int, int] = (96, 128)) -> np.ndarray:
    """4 × 6 large patches of colours from all over the cube, (H, W, 3) uint8."""
    patches = np.random.default_rng(5).integers(0, 256, (4, 6, 3))
    patches[0, :, :] = np.array([0, 51, 102, 153, 204, 255])[:, None]
    patches[1, 0], patches[1, 1], patches[1, 2] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    rows = np.arange(size_hw[0]) * 4 // size_hw[0]
    columns = np.arange(size_hw[1]) * 6 // size_hw[1]
    return patches[rows][:, columns].astype(np.uint8)


def planes_of(rgb: np.ndarray, matrix: int, full: bool, bits: int) -> list[np.ndarray]:
    """Y, Cb and Cr of a picture, unsubsampled, in so many bits."""
    red, blue = WEIGHTS[matrix]
    r, g, b = np.moveaxis(rgb / 255, -1, 0)
    y = red * r + (1 - red - blue) * g + blue * b
    chroma = [(b - y) / (2 * (1 - blue)), (r - y) / (2 * (1 - red))]
    unit, most = 2 ** (bits - 8), 2**bits - 1
    if full:
        numbers = [y * most, *(c * most + 128 * unit for c in chroma)]
    else:
        numbers = [(219 * y + 16) * unit, *((224 * c + 128) * unit for c in chroma)]
    kind = np.uint8 if bits == 8 else np.uint16
    return [np.clip(np.rint(n), 0, most).astype(kind) for n in numbers]


def error(shown: np.ndarray, truth: np.ndarray) -> int:
    """Largest difference away from the edges of patches, where chroma of half the size blends."""
    smooth = np.ones(truth.shape[:2], bool)
    for shift in range(-4, 5):
        for axis in (0, 1):
            smooth &= (np.roll(truth, shift, axis) == truth).all(-1)
    assert smooth.sum() > 1000
    return int(np.abs(shown.astype(int) - truth)[smooth].max())


@pytest.mark.parametrize("matrix", sorted(WEIGHTS))
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("pix_fmt", "bits"),
    [("yuv444p", 8), ("yuv420p", 8), ("yuv420p10le", 10), ("yuv444p12le", 12)],
)
def test_every_matrix_range_and_depth_within_two_levels(tmp_path, matrix, full, pix_fmt, bits):
    truth = chart()
    planes = planes_of(truth, matrix, full, bits)
    if "420" in pix_fmt:
        planes[1:] = [plane[::2, ::2] for plane in planes[1:]]
    path = write_planes(
        tmp_path / "a.mkv", planes, pix_fmt, matrix=matrix, colour_range=2 if full else 1
    )
    with read(path) as video:
        frame = next(iter(video))
    assert (video.info.colour.matrix, video.info.colour.range) == (matrix, 2 if full else 1)
    assert error(frame.rgb, truth) <= 2


@pytest.mark.parametrize(("size", "matrix"), [((96, 128), 6), ((96, 1280), 1), ((578, 640), 1)])
def test_without_tags_the_size_tells_the_matrix(tmp_path, size, matrix):
    truth = chart(size)
    path = write_planes(tmp_path / "a.mkv", planes_of(truth, matrix, False, 8), "yuv444p")
    with read(path) as video:
        frame = next(iter(video))
    assert video.info.colour == Colour()
    assert error(frame.rgb, truth) <= 2


def test_the_guess_is_the_same_for_portraits():
    for size in [(480, 640), (576, 720), (534, 1280), (720, 960), (1080, 1920)]:
        assert matrix_of(Colour(), size) == matrix_of(Colour(), size[::-1])


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [("a.mkv", "ffv1", "bgr0"), ("a.apng", "apng", "rgb24"), ("a.mp4", "libx264rgb", "rgb24")],
)
def test_rgb_comes_back_as_it_was(tmp_path, name, codec, pix_fmt):
    options = {"qp": "0"} if codec == "libx264rgb" else {}
    path = write_clip(tmp_path / name, [chart()] * 3, codec, pix_fmt, options=options)
    assert (next(iter(read(path))).rgb == chart()).all()


def test_grey_is_full_range(tmp_path):
    grey = np.tile(np.arange(256, dtype=np.uint8), (16, 1))
    path = write_planes(tmp_path / "a.mkv", [grey], "gray")
    assert (next(iter(read(path))).rgb == grey[..., None]).all()
