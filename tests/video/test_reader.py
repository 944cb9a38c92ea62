"""Reading videos: every container and codec people have, right colours and times, bad files."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from kirinuki.errors import KirinukiError, VideoError
from kirinuki.video import VideoInfo, is_video, probe, read
from kirinuki.video.colour import Colour
from kirinuki.video.encoder import Encoder
from kirinuki.video.prefetch import prefetch
from kirinuki.video.priority import ordinary_priority
from kirinuki.video.styles import STYLES
from made_clips import moving

SIZE = (48, 64)
COLOURS = [
    (230, 40, 40),
    (40, 200, 60),
    (50, 60, 220),
    (240, 240, 240),
    (20, 20, 20),
    (200, 150, 90),
]


def chart(shift: int = 0) -> np.ndarray:
    """Six large patches of colour, (48, 64, 3); `shift` turns the order."""
    picture = np.zeros((*SIZE, 3), np.uint8)
    for i in range(6):
        y, x = divmod(i, 3)
        left, right = x * 64 // 3, (x + 1) * 64 // 3
        picture[y * 24 : y * 24 + 24, left:right] = COLOURS[(i + shift) % 6]
    return picture


@ordinary_priority()
def write(
    path: Path,
    pictures: Sequence[np.ndarray],
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    *,
    pts: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 24),
    options: dict[str, str] | None = None,
    rotation: int = 0,
    sound: bool = False,
) -> Path:
    """Encode a small video."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24, options=options or {})
        stream.width, stream.height = pictures[0].shape[1], pictures[0].shape[0]
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = time_base
        if rotation:
            stream.set_display_rotation(rotation)
        if sound:
            tone = container.add_stream("aac", rate=48000, layout="mono")
        for number, picture in enumerate(pictures):
            kind = "rgba" if picture.shape[2] == 4 else "rgb24"
            frame = av.VideoFrame.from_ndarray(picture, kind)
            frame.pts = number if pts is None else pts[number]
            frame.time_base = time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound:
            samples = av.AudioFrame.from_ndarray(
                np.zeros((1, 48000), np.float32), format="fltp", layout="mono"
            )
            samples.sample_rate = 48000
            container.mux(tone.encode(samples))
            container.mux(tone.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.mp4", "libx264", "yuv420p"),
        ("a.mkv", "libx264", "yuv420p10le"),
        ("a.mov", "libx265", "yuv420p"),
        ("a.mkv", "libx265", "yuv420p10le"),
        ("a.webm", "libvpx-vp9", "yuv420p"),
        ("a.mp4", "libsvtav1", "yuv420p"),
        ("a.avi", "mpeg4", "yuv420p"),
        ("a.gif", "gif", "rgb8"),
        ("a.apng", "apng", "rgb24"),
        ("a.mov", "prores_ks", "yuv422p10le"),
        ("a.mkv", "ffv1", "bgr0"),
    ],
)
def test_what_people_have(tmp_path, name, codec, pix_fmt):
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    path = write(
        tmp_path / name, [chart(i // 4) for i in range(12)], codec, pix_fmt, options=options
    )
    assert is_video(path)
    with read(path) as video:
        frames = list(video)
    assert not video.problems
    assert (len(frames), video.info.size_hw) == (12, SIZE)
    times = [frame.time for frame in frames]
    assert times == sorted(set(times))
    assert float(times[-1] - times[0]) == pytest.approx(11 / 24, abs=0.02)
    tolerance = 40 if name.endswith("gif") else 12
    error = np.abs(frames[5].rgb[4:20, 4:16].astype(int) - COLOURS[1]).mean()
    assert error < tolerance


def info_of(path: Path, colour: Colour) -> VideoInfo:
    return VideoInfo(
        path, SIZE, Fraction(1, 24), Fraction(24), None, None, Fraction(0), "h264", "yuv420p",
        colour, Fraction(1), 0, False, False, 0, 0, "matroska,webm",
    )  # fmt: skip


@pytest.mark.parametrize("matrix", [1, 6])
@pytest.mark.parametrize("full", [1, 2])
def test_colours_are_right_in_every_matrix_and_range(tmp_path, matrix, full):
    colour = Colour(matrix, full, 1, 1)
    with Encoder(tmp_path / "a.mkv", STYLES["h264"], info_of(tmp_path, colour), SIZE, crf=1) as out:
        for number in range(3):
            out.write(chart(), number, 1)
    with read(tmp_path / "a.mkv") as video:
        frame = next(iter(video))
    assert video.info.colour == colour
    for i, truth in enumerate(COLOURS):
        y, x = divmod(i, 3)
        patch = frame.rgb[y * 24 + 6 : y * 24 + 18, x * 64 // 3 + 6 : x * 64 // 3 + 16]
        assert np.abs(patch.reshape(-1, 3).mean(0) - truth).max() <= 2.5, (i, patch[0, 0])


def test_variable_frame_rate_keeps_every_time(tmp_path):
    pts = [0, 40, 120, 121, 500, 533, 1000]
    path = write(
        tmp_path / "a.mkv", [moving(i) for i in range(7)], pts=pts, time_base=Fraction(1, 1000)
    )
    assert [round(frame.time * 1000) for frame in read(path)] == pts


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm"])
@pytest.mark.parametrize("start", [0.5, 1.2, 1.9])
def test_frames_after_a_seek_are_the_same(tmp_path, name, start):
    codec = "libvpx-vp9" if name.endswith("webm") else "libx264"
    options = {"g": "12", "bf": "3"} if codec == "libx264" else {"g": "12", "cpu-used": "8"}
    path = write(tmp_path / name, [moving(i) for i in range(60)], codec, options=options)
    everything = list(read(path))
    wanted = [f for f in everything if start <= f.time < 2.2]
    found = list(read(path, start=start, end=2.2))
    assert [f.pts for f in found] == [f.pts for f in wanted]
    assert all((a.rgb == b.rgb).all() for a, b in zip(found, wanted, strict=True))


def test_every_third_frame_from_the_first(tmp_path):
    path = write(tmp_path / "a.mp4", [moving(i) for i in range(20)])
    assert [round(f.time * 24) for f in read(path, start=Fraction(5, 24), every=3)] == [
        5,
        8,
        11,
        14,
        17,
    ]


def test_other_size(tmp_path):
    path = write(tmp_path / "a.mp4", [chart()] * 2)
    assert next(iter(read(path, size_hw=(24, 32)))).rgb.shape == (24, 32, 3)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_frames_are_turned_upright(tmp_path, rotation):
    path = write(tmp_path / "a.mp4", [chart()] * 3, options={"crf": "1"}, rotation=rotation)
    with read(path) as video:
        frame = next(iter(video))
    upright = np.rot90(chart(), rotation // 90)
    assert frame.rgb.shape == upright.shape
    assert video.info.size_hw == upright.shape[:2]
    assert np.abs(frame.rgb.astype(int) - upright).mean() < 8


@pytest.mark.parametrize("style", ["vp9-alpha", "prores-alpha"])
def test_transparency_is_read(tmp_path, style):
    picture = np.dstack([chart(), np.zeros(SIZE, np.uint8)])
    picture[:24, :, 3] = 255
    path = tmp_path / f"a{STYLES[style].suffix}"
    with Encoder(path, STYLES[style], info_of(path, Colour(1, 1, 1, 1)), SIZE) as out:
        for number in range(3):
            out.write(picture, number, 1)
    with read(path) as video:
        frames = list(video)
    assert video.info.has_alpha
    assert len(frames) == 3
    alpha = frames[1].alpha
    assert alpha is not None
    assert alpha[4:18].min() > 250
    assert alpha[30:].max() < 5
    assert frames[1].rgb[30:].min() > 250  # on white


def test_pictures_that_stand_still_are_no_videos(tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.gif")
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    assert not is_video(tmp_path / "a.gif")
    assert not is_video(tmp_path / "a.png")
    assert not is_video(tmp_path / "a.txt")


def test_interlaced_is_known(tmp_path):
    options = {"x264-params": "interlaced=1:tff=1"}
    path = write(tmp_path / "a.mkv", [moving(i) for i in range(4)], options=options)
    assert probe(path).interlaced


def test_one_frame_at_a_time(tmp_path):
    path = write(tmp_path / "a.mp4", [moving(i) for i in range(48)])
    alive: list[weakref.ref[np.ndarray]] = []
    most = 0
    for frame in read(path):
        alive.append(weakref.ref(frame.rgb))
        del frame
        gc.collect()
        most = max(most, sum(ref() is not None for ref in alive))
    assert len(alive) == 48
    assert most <= 3


def test_damaged_frames_cost_themselves(tmp_path):
    path = write(tmp_path / "a.mp4", [moving(i) for i in range(40)], options={"g": "5"})
    data = bytearray(path.read_bytes())
    for tenth in range(3, 8):
        middle = len(data) * tenth // 10
        data[middle : middle + 60] = bytes(60)
    path.write_bytes(data)
    with read(path) as video:
        frames = list(video)
    assert 30 <= len(frames) <= 40
    assert len(video.problems) == 1
    assert video.problems[0].endswith("frames are damaged")


@pytest.mark.parametrize(
    ("count", "group", "least", "most"),
    [(96, "12", 10, 90), (24, "4", 4, 19)],  # the second lacks less than a second
)
def test_cut_off_file_gives_what_it_has(tmp_path, count, group, least, most):
    path = write(tmp_path / "a.mkv", [moving(i) for i in range(count)], options={"g": group})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with read(path) as video:
        frames = list(video)
    assert least < len(frames) < most
    assert any("cut off" in problem for problem in video.problems)


def test_sound_alone_is_no_video(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        tone = container.add_stream("aac", rate=48000, layout="mono")
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.float32), "fltp", "mono")
        samples.sample_rate = 48000
        container.mux(tone.encode(samples))
        container.mux(tone.encode(None))
    with pytest.raises(VideoError, match=r"a.mp4: no video in it, only sound"):
        probe(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"hello, world\n" * 99, "is no video, or a damaged one"),
        (None, "No such"),
    ],
)
def test_bad_files_are_one_line(tmp_path, content, words):
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VideoError, match=words) as caught:
        list(read(path))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_cut_off_mp4_without_its_index_is_one_line(tmp_path):
    path = write(tmp_path / "a.mp4", [moving(i) for i in range(20)])
    path.write_bytes(path.read_bytes()[:-600])
    with pytest.raises(VideoError, match="damaged"):
        probe(path)


def test_a_folder_is_one_line(tmp_path):
    with pytest.raises(VideoError, match=str(tmp_path)):
        probe(tmp_path)


def test_prefetch_gives_everything_in_order():
    assert list(prefetch(iter(range(100)), depth=3)) == list(range(100))


def test_prefetch_hands_on_errors():
    def failing():
        yield 1
        raise VideoError("broken")

    items = prefetch(failing())
    assert next(items) == 1
    with pytest.raises(VideoError, match="broken"):
        next(items)


def test_prefetch_ends_when_dropped():
    closed = []

    def endless():
        try:
            while True:
                yield 1
        finally:
            closed.append(True)

    items = prefetch(endless(), depth=2)
    next(items)
    items.close()
    gc.collect()
    assert closed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"every": 0}, "`every` is 0, expected a whole number from 1 on"),
        ({"every": 1.5}, "`every` is 1.5"),
        ({"size_hw": (0, 0)}, "`size_hw` is 0, expected a whole number from 1 to 16384"),
        ({"size_hw": 480}, r"`size_hw` is 480, expected \(height, width\)"),
        ({"end": float("nan")}, "`end` is nan, expected a number of seconds"),
        ({"start": 10**20}, "`start` is 1e.20, expected at most 10,000,000 seconds"),
        ({"start": "a"}, "`start` is 'a', expected a number of seconds"),
    ],
)
def test_what_cannot_be_asked_of_a_video_is_one_line(
    tmp_path: Path, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(KirinukiError, match=said):
        read(tmp_path / "a.mkv", **arguments)
