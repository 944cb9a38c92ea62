"""What `probe` says of a file, and what it refuses."""

from __future__ import annotations

import os
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kirinuki.errors import VideoError
from kirinuki.video import is_video, probe, read, write
from made_clips import moving, write_clip

CLIP = [moving(i) for i in range(6)]


def refused(path: str | Path) -> str:
    with pytest.raises(VideoError) as caught:
        list(read(path))
    line = str(caught.value)
    assert line.startswith(str(path))
    assert "\n" not in line
    return line


def frames_of(path: Path) -> int:
    """How many frames a damaged file gives; 0 if it is refused, which is then one line."""
    try:
        return len(list(read(path)))
    except VideoError:
        refused(path)
        return 0


def test_everything_known(tmp_path):
    path = write_clip(tmp_path / "a.mkv", CLIP, "libx265", "yuv420p10le", tones=2)
    info = probe(path)
    assert (info.codec, info.pix_fmt, info.size_hw) == ("hevc", "yuv420p10le", (48, 64))
    assert (info.audio, info.subtitles, info.container) == (2, 0, "matroska,webm")
    assert info.frame_rate == 24
    assert info.start == 0
    assert (info.interlaced, info.has_alpha, info.rotation) == (False, False, 0)


def test_shape_of_pixels_is_said_and_frames_stay_as_stored(tmp_path):
    path = write_clip(tmp_path / "a.mp4", CLIP, shape=Fraction(4, 3))
    assert probe(path).sample_aspect_ratio == Fraction(4, 3)
    assert next(iter(read(path))).rgb.shape == (48, 64, 3)


@pytest.mark.parametrize("size", [(47, 63), (1, 1)])
def test_odd_sizes(tmp_path, size):
    clip = [moving(i, size) for i in range(3)]
    path = write_clip(tmp_path / "a.mkv", clip, "ffv1", "yuv420p")
    assert probe(path).size_hw == size
    assert [frame.rgb.shape for frame in read(path)] == [(*size, 3)] * 3


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_cover_picture_is_not_the_video(tmp_path, name):
    """Marked as one in MP4; in Matroska here a stream like any other, and the first."""
    info = probe(write_clip(tmp_path / name, CLIP, cover=True))
    assert (info.codec, info.size_hw) == ("h264", (48, 64))


def test_a_colon_in_a_name_is_no_protocol(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_clip(tmp_path / "a.mp4", CLIP)
    Path("a.mp4").rename("Re:Zero 01.mp4")
    assert len(list(read("Re:Zero 01.mp4"))) == 6


def test_nothing_is_fetched(tmp_path):
    playlist = tmp_path / "a.mp4"
    head = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n"
    playlist.write_text(f"{head}http://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    assert "is no video" in refused(playlist)
    assert "No such file" in refused("http:/127.0.0.1:9/a.mp4")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.mp4")
    assert "is no file" in refused(tmp_path / "a.mp4")
    assert "is no file" in refused(tmp_path)


@pytest.mark.parametrize(
    ("name", "known", "unknown"),
    [("a.mp4", b"avc1", b"zzz9"), ("a.mkv", b"V_MPEG4/ISO/AVC", b"V_NOPE4/ISO/AVC")],
)
def test_an_unknown_codec_is_said(tmp_path, name, known, unknown):
    path = write_clip(tmp_path / name, CLIP)
    path.write_bytes(path.read_bytes().replace(known, unknown))
    assert "codec that is not known" in refused(path)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm", "a.avi", "a.ts", "a.gif", "a.apng"])
def test_files_cut_anywhere_give_frames_or_one_line(tmp_path, name, capfd):
    codec, pix_fmt = {
        ".webm": ("libvpx-vp9", "yuv420p"),
        ".gif": ("gif", "rgb8"),
        ".apng": ("apng", "rgb24"),
    }.get(Path(name).suffix, ("libx264", "yuv420p"))
    whole = write_clip(tmp_path / name, CLIP, codec, pix_fmt).read_bytes()
    capfd.readouterr()
    for size in [1, 20, 100, *range(200, len(whole), len(whole) // 12)]:
        (tmp_path / name).write_bytes(whole[:size])
        assert frames_of(tmp_path / name) <= 6
    assert capfd.readouterr() == ("", "")  # FFmpeg's own lines stay unsaid


def moving_webp(path: Path, durations: list[int]) -> list[np.ndarray]:
    pictures = [
        np.dstack([moving(i), np.full((48, 64), 60 * i)]).astype(np.uint8) for i in range(4)
    ]
    first, *others = (Image.fromarray(picture) for picture in pictures)
    first.save(path, save_all=True, append_images=others, duration=durations, lossless=True)
    return pictures


def test_moving_webp(tmp_path):
    path = tmp_path / "a.webp"
    pictures = moving_webp(path, [80, 40, 120, 200])
    assert is_video(path)
    with read(path) as video:
        frames = list(video)
    assert [frame.pts for frame in frames] == [0, 80, 120, 240]
    assert [frame.duration for frame in frames] == [80, 40, 120, 200]
    assert (video.info.frames, video.info.duration) == (4, Fraction(440, 1000))
    for frame, picture in zip(frames, pictures, strict=True):
        assert (frame.alpha == picture[..., 3]).all()
    assert [frame.pts for frame in read(path, start=0.1, end=0.2)] == [120]


@pytest.mark.parametrize("name", ["a.gif", "a.apng", "a.png", "a.webp", "a.avif"])
@pytest.mark.parametrize("result", ["b.mp4", "b.webm"])
def test_every_frame_of_a_moving_picture_keeps_its_time(tmp_path, name, result):
    lasts = [100, 40, 700, 2000]
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0)]
    first, *others = [Image.new("RGB", (64, 48), colour) for colour in colours]
    first.save(tmp_path / name, save_all=True, append_images=others, duration=lasts)
    assert is_video(tmp_path / name)
    with read(tmp_path / name) as video:
        write(tmp_path / result, video, like=video.info)
    for path in (tmp_path / name, tmp_path / result):
        frames = list(read(path))
        assert [round(1000 * frame.time) for frame in frames] == [0, 100, 140, 840]
        for frame, colour in zip(frames, colours, strict=True):
            assert np.abs(frame.rgb[24, 32].astype(int) - colour).max() <= 12
    assert float(probe(tmp_path / result).duration) == pytest.approx(2.84, abs=0.002)


def test_a_damaged_moving_avif_is_one_line(tmp_path):
    first, *others = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue")]
    path = tmp_path / "a.mov"  # a name that promises something else
    first.save(path, "AVIF", save_all=True, append_images=others, duration=50)
    content = path.read_bytes()
    for place in range(12, len(content), 40):
        path.write_bytes(content[:place] + b"\xff" * 24 + content[place + 24 :])
        with suppress(VideoError):
            list(read(path))


def test_a_moving_avif_keeps_its_alpha(tmp_path):
    pictures = [Image.new("RGBA", (64, 48), (200, 0, 0, alpha)) for alpha in (255, 128, 0)]
    pictures[0].save(tmp_path / "a.avif", save_all=True, append_images=pictures[1:], duration=50)
    alphas = [frame.alpha for frame in read(tmp_path / "a.avif")]
    assert alphas[0] is None
    assert abs(int(alphas[1][24, 32]) - 128) <= 2
    assert alphas[2].max() <= 2


def test_damaged_webp(tmp_path):
    path = tmp_path / "a.webp"
    moving_webp(path, [80] * 4)
    path.write_bytes(path.read_bytes()[:-400])
    assert frames_of(path) < 4


def test_still_webp_is_no_video(tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.webp")
    assert not is_video(tmp_path / "a.webp")
