"""Frames after a seek, odd times, and whatever is broken."""

from __future__ import annotations

import threading
from fractions import Fraction

import numpy as np
import pytest

from kirinuki.video import read
from made_clips import moving, write_clip

NOISE = np.random.default_rng(3).integers(-20, 20, (60, 48, 64, 3))
CLIP = [np.clip(moving(i) + NOISE[i], 0, 255).astype(np.uint8) for i in range(60)]
"""Hard to compress, so that a frame decoded without those it refers to would show it."""
UNEVEN = [i * 40 + (i * i * 7) % 31 for i in range(60)]


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mkv", "libx264", {"x264-params": "keyint=12:bframes=3:open-gop=1:b-pyramid=strict"}),
        ("a.mp4", "libx264", {"x264-params": "keyint=12:bframes=3:open-gop=1"}),
        ("a.ts", "libx264", {"x264-params": "keyint=12:bframes=3:open-gop=1"}),
        ("a.mp4", "libx264", {"x264-params": "keyint=20:intra-refresh=1"}),
        ("a.mkv", "libx264", {"x264-params": "keyint=20:intra-refresh=1"}),
        ("a.mkv", "libx265", {"x265-params": "keyint=12:open-gop=1:bframes=4:log-level=none"}),
        ("a.mp4", "libx265", {"x265-params": "keyint=12:open-gop=1:bframes=4:log-level=none"}),
        ("a.webm", "libvpx-vp9", {"g": "12", "cpu-used": "8", "auto-alt-ref": "1"}),
        ("a.mkv", "libsvtav1", {"g": "16", "preset": "12"}),
        ("a.avi", "mpeg4", {"g": "12", "bf": "2"}),
        ("a.gif", "gif", {}),
        ("a.apng", "apng", {}),
    ],
)
def test_frames_after_a_seek_are_bit_identical(tmp_path, name, codec, options):
    pix_fmt = {"gif": "rgb8", "apng": "rgb24"}.get(codec, "yuv420p")
    even = name.endswith(("avi", "gif", "ts"))
    path = write_clip(
        tmp_path / name,
        CLIP,
        codec,
        pix_fmt,
        pts=None if even else UNEVEN,
        time_base=Fraction(1, 24) if even else Fraction(1, 1000),
        options=options,
    )
    everything = list(read(path))
    assert len(everything) == 60
    for number in (1, 13, 26, 37, 38, 50, 59):
        start = everything[number].time
        with read(path, start=start) as video:
            found = list(video)
        assert not video.problems
        assert [frame.pts for frame in found] == [frame.pts for frame in everything[number:]]
        assert [frame.duration for frame in found] == [f.duration for f in everything[number:]]
        same = zip(found, everything[number:], strict=True)
        assert all((a.rgb == b.rgb).all() for a, b in same), (number, start)


def test_two_reads_are_the_same(tmp_path):
    path = write_clip(tmp_path / "a.mp4", CLIP)
    assert all((a.rgb == b.rgb).all() for a, b in zip(read(path), read(path), strict=True))


def test_frames_that_avi_leaves_out_end_nothing(tmp_path):
    pts = [0, 1, 2, 5, 6, 9]
    path = write_clip(tmp_path / "a.avi", CLIP[:6], "mpeg4", pts=pts)
    assert [round(frame.time * 24) for frame in read(path)] == pts


def test_a_start_after_the_end_gives_nothing(tmp_path):
    path = write_clip(tmp_path / "a.mp4", CLIP[:6])
    assert list(read(path, start=99)) == []
    assert len(list(read(path, start=-5, end=99))) == 6


def test_one_damaged_cluster_costs_itself(tmp_path):
    """Matroska: reading goes on at the next cluster."""
    # One key frame, for a gap that ends before one is a gap that no decoder knows of.
    path = write_clip(tmp_path / "a.mkv", CLIP * 6, options={"g": "400", "crf": "12"})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    path.write_bytes(data)
    with read(path) as video:
        frames = list(video)
    assert 200 < len(frames) < 361
    assert frames[-1].time > 14
    assert len(video.problems) == 1
    assert "damaged" in video.problems[0]


def test_damage_is_said_also_when_only_a_part_is_read(tmp_path):
    path = write_clip(tmp_path / "a.mp4", CLIP, options={"g": "5"})
    data = bytearray(path.read_bytes())
    for tenth in range(2, 6):
        middle = len(data) * tenth // 10
        data[middle : middle + 300] = bytes(300)
    path.write_bytes(data)
    with read(path, end=2) as video:
        assert list(video)
    assert "damaged" in video.problems[0]


def test_leaving_early_closes_the_file(tmp_path):
    path = write_clip(tmp_path / "a.mp4", CLIP)
    before = threading.active_count()
    with read(path) as video:
        frames = iter(video)
        next(frames)
    assert next(frames, None) is None
    assert threading.active_count() == before
