"""HDR videos are read as SDR, tone-mapped once, and their results say that they are SDR."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kirinuki.images.hdr import HLG, PQ
from kirinuki.labelling.frames import Wanted, pick
from kirinuki.video import probe, read, write
from made_clips import write_planes

sys.path.insert(0, str(Path(__file__).parents[1] / "images"))

from test_hdr_still import nits_of_hlg, nits_of_pq, pq, sdr


def clip(
    path: Path,
    transfer: int,
    code: float,
    *,
    light: float | None = None,
    bits: int = 10,
    full: bool = False,
    **more: Any,
) -> Path:
    """A clip of one grey, below it, if asked for, a light."""
    unit, most = 2 ** (bits - 8), 2**bits - 1
    codes = np.full((64, 96), code)
    codes[48:] = code if light is None else light
    luma = most * codes if full else unit * (16 + 219 * codes)
    chroma = np.full((32, 48), 128 * unit)
    planes = [np.rint(plane).astype(np.uint16) for plane in (luma, chroma, chroma)]
    return write_planes(
        path, planes, f"yuv420p{bits}le", matrix=9, colour_range=2 if full else 1,
        transfer=transfer, primaries=9, **more,
    )  # fmt: skip


@pytest.mark.parametrize("code", [0.1, 0.3, 0.5, 0.58, 0.75])
@pytest.mark.parametrize("transfer", [PQ, HLG])
@pytest.mark.parametrize(("bits", "full"), [(10, False), (12, True)])
def test_a_grey_comes_out_as_the_formula_says(tmp_path, transfer, code, bits, full):
    video = read(clip(tmp_path / "a.mkv", transfer, code, bits=bits, full=full))
    nits = nits_of_pq(code) if transfer == PQ else nits_of_hlg(code)
    for frame in video:
        assert np.abs(frame.rgb - sdr(nits, peak=nits)).max() <= 2
    name = "PQ" if transfer == PQ else "HLG"
    assert video.info.notes == [f"is HDR ({name}), tone-mapped to SDR BT.709"]


def test_frames_to_label_are_said_to_be_tone_mapped(tmp_path):
    picked = pick(clip(tmp_path / "a.mkv", PQ, 0.5), Wanted())
    assert picked.notes == ["is HDR (PQ), tone-mapped to SDR BT.709"]


@pytest.mark.parametrize("nits", [50, 120, 203])
def test_the_roll_off_begins_where_the_light_of_the_clip_asks_for_it(tmp_path, nits):
    path = clip(tmp_path / "a.mkv", PQ, pq(nits), light=pq(1000), frames=6)
    for start in (None, 3 / 24):  # from wherever it is read
        frame = next(iter(read(path, start=start)))
        assert np.abs(frame.rgb[:40] - sdr(nits, peak=1000)).max() <= 2
        assert frame.rgb[56:].min() >= 253


def test_the_brightest_pixel_that_a_video_tells_of_counts(tmp_path):
    told = "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:"
    display = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L({},1):"
    for light, display_peak, peak in ((203, 1000, 203), (0, 600, 600)):
        params = told + display.format(display_peak * 10_000) + f"max-cll={light},{light}"
        options = {"crf": "1", "x265-params": params}
        path = clip(
            tmp_path / f"{peak}.mkv", PQ, pq(203), light=pq(900), codec="libx265", options=options
        )
        hdr = probe(path).hdr
        assert hdr is not None
        assert hdr.peak == peak
        frame = next(iter(read(path)))
        assert np.abs(frame.rgb[:40] - sdr(203, peak)).max() <= 2


@pytest.mark.parametrize("name", ["b.mkv", "b.mp4", "b.webm", "b.mov"])
def test_a_result_is_tagged_as_what_it_is_and_not_mapped_twice(tmp_path, name):
    path = clip(tmp_path / "a.mkv", PQ, pq(100), frames=3)
    with read(path) as video:
        write(tmp_path / name, video, like=video.info)
    result = probe(tmp_path / name)
    colour = result.colour
    assert (colour.matrix, colour.primaries, colour.transfer, result.hdr) == (1, 1, 1, None)
    for frame in read(tmp_path / name):
        assert np.abs(frame.rgb - sdr(100)).max() <= 2


def test_transparent_hdr_keeps_its_alpha(tmp_path):
    luma, chroma = np.full((16, 16), 64 + 438, np.uint16), np.full((16, 16), 512, np.uint16)
    alpha = np.full((16, 16), 1023, np.uint16)
    alpha[:8] = 0
    path = write_planes(
        tmp_path / "a.mkv", [luma, chroma, chroma, alpha], "yuva444p10le", matrix=9,
        colour_range=1, transfer=PQ, primaries=9,
    )  # fmt: skip
    frame = next(iter(read(path)))
    assert frame.alpha is not None
    assert frame.alpha[:8].max() == 0
    assert frame.alpha[8:].min() == 255
    assert frame.rgb[:8].min() == 255
    assert np.abs(frame.rgb[8:] - sdr(nits_of_pq(0.5), nits_of_pq(0.5))).max() <= 2


def test_sdr_of_8_bits_is_not_touched(tmp_path):
    path = write_planes(
        tmp_path / "a.mkv",
        [np.full((16, 16), 126, np.uint8), *[np.full((16, 16), 128, np.uint8)] * 2],
        "yuv444p", matrix=1, colour_range=1, transfer=1, primaries=1,
    )  # fmt: skip
    video = read(path)
    assert next(iter(video)).rgb.max() == 128
    assert video.info.notes == []
