"""Joining segments and copying what travels with a video, packet by packet."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from kirinuki.errors import OutputError, VideoError
from kirinuki.video.assemble import assemble
from kirinuki.video.encoder import Encoder
from kirinuki.video.info import VideoInfo, probe
from kirinuki.video.styles import STYLES, Style, style_for

SIZE = (48, 64)
STEPS = [1, 2, 1, 1, 3, 1, 2, 2, 1, 1, 1, 4]
"""Durations of the frames of clips with a variable frame rate, over and over, in frames."""
ASS = """[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Sans,20
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.20,0:00:00.90,Default,,0,0,0,,first
Dialogue: 0,0:00:01.10,0:00:01.80,Default,,0,0,0,,second
"""


def pts_of(count: int, unit: int, variable: bool, first: int = 0) -> list[int]:
    steps = STEPS * (count // len(STEPS) + 1) if variable else [1] * count
    return [first + unit * sum(steps[:i]) for i in range(count)]


def picture(number: int, alpha: bool = False) -> NDArray[np.uint8]:
    """A white bar that moves over colour; with alpha, transparent right of it."""
    rgb = np.full((*SIZE, 3), (40, 90, 160), np.uint8)
    x = number * 3 % (SIZE[1] - 8)
    rgb[:, x : x + 8] = 255
    if not alpha:
        return rgb
    opaque = np.zeros(SIZE, np.uint8)
    opaque[:, : x + 8] = 255
    return np.dstack([rgb, opaque])


def add_sound(container: Any, codec: str, rate: int, language: str) -> Any:
    stream = container.add_stream(codec, rate=rate, layout="stereo")
    stream.metadata["language"] = language
    return stream


def sound(stream: Any, seconds: float, first: float = 0) -> list[Any]:
    """The packets of a tone that rises."""
    rate, form = stream.codec_context.sample_rate, stream.codec_context.format.name
    at = np.arange(round(rate * seconds)) / rate
    tone = (0.4 * np.sin(2 * np.pi * at * (300 + 200 * at))).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(np.stack([tone, tone]), "fltp", "stereo")
    frame.sample_rate = rate
    packets = []
    resampler = av.AudioResampler(form, "stereo", rate)
    for part in resampler.resample(frame) + resampler.resample(None):
        part.pts, part.time_base = round(first * rate), Fraction(1, rate)
        packets += stream.encode(part)
    return packets + stream.encode(None)


def make_clip(
    path: Path,
    *,
    codec: str = "libx264",
    sounds: Sequence[str] = (),
    times: Sequence[int],
    time_base: Fraction = Fraction(1, 24),
    subtitles: bool = False,
    rate: int = 48000,
    sound_from: float = 0,
) -> VideoInfo:
    """A clip as others make them, of pictures that change."""
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream(codec, rate=24)
        video.height, video.width = SIZE
        video.pix_fmt = "yuv420p"
        video.time_base = video.codec_context.time_base = time_base
        tracks = [add_sound(container, s, rate, ["jpn", "eng"][i]) for i, s in enumerate(sounds)]
        script = path.with_suffix(".ass")
        if subtitles:
            script.write_text(ASS)
            container.add_attachment("Sans.ttf", "font/ttf", bytes(range(256)))
            container.set_chapters(
                [
                    {"id": 1, "start": 0, "end": 900, "time_base": Fraction(1, 1000)}
                    | {"metadata": {"title": "opening"}},
                    {"id": 2, "start": 900, "end": 2000, "time_base": Fraction(1, 1000)}
                    | {"metadata": {"title": "story"}},
                ]
            )
            container.metadata["title"] = "an episode"
            texts = av.open(str(script))
            text_stream = container.add_stream_from_template(texts.streams[0])
            text_stream.metadata["language"] = "ger"
        packets = []
        for number, pts in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(number), "rgb24")
            frame.pts, frame.time_base = pts, time_base
            packets += video.encode(frame)
        packets += video.encode(None)
        container.start_encoding()
        for track in tracks:
            seconds = float((times[-1] + 1) * time_base)
            packets += sound(track, seconds - sound_from, sound_from)
        if subtitles:
            for packet in texts.demux():
                if packet.dts is not None:
                    packet.stream = text_stream
                    packets.append(packet)
        packets.sort(key=lambda p: p.dts * p.time_base)
        container.mux(packets)
        if subtitles:
            texts.close()
    return probe(path)


def encode(
    folder: Path,
    style: Style,
    info: VideoInfo,
    times: Sequence[int],
    lengths: Sequence[int] = (),
) -> list[Path]:
    """Segments of these many frames; the last has the rest."""
    paths: list[Path] = []
    ends = [sum(lengths[: i + 1]) for i in range(len(lengths))] + [len(times)]
    number = 0
    for part, end in enumerate(ends):
        paths.append(folder / f"{part:03d}{style.segment_suffix}")
        with Encoder(paths[-1], style, info, SIZE) as encoder:
            while number < end:
                encoder.write(picture(number, style.alpha), times[number], 1)
                number += 1
    return paths


def packets_of(path: Path, kind: str, index: int = 0) -> list[tuple[Any, ...]]:
    with av.open(str(path)) as container:
        stream = [s for s in container.streams if s.type == kind][index]
        return [
            (p.pts * p.time_base, p.dts * p.time_base, p.duration * p.time_base, bytes(p))
            for p in container.demux(stream)
            if p.dts is not None
        ]


def frame_times(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        return [f.pts * f.time_base for f in container.decode(video=0)]


def end_of(path: Path) -> Fraction:
    """When the last frame ends."""
    packets = packets_of(path, "video")
    return max(pts + duration for pts, _, duration, _ in packets)


def expected_times(info: VideoInfo) -> list[Fraction]:
    return frame_times(info.path)


@pytest.mark.parametrize("variable", [False, True])
@pytest.mark.parametrize(
    ("name", "codec", "sounds", "time_base", "unit", "first", "subtitles"),
    [
        ("a.mp4", "libx264", ["aac"], Fraction(1, 24000), 1001, 0, False),
        ("late.mp4", "libx264", ["aac"], Fraction(1, 24000), 1001, 5005, False),
        ("pal.mp4", "libx264", ["aac", "libmp3lame"], Fraction(1, 12800), 512, 0, False),
        ("a.mkv", "libx264", ["aac", "flac"], Fraction(1, 1000), 42, 0, True),
        ("late.mkv", "libx264", ["libopus"], Fraction(1, 1000), 42, 126, True),
        ("a.webm", "libvpx-vp9", ["libopus"], Fraction(1, 1000), 42, 0, False),
        ("a.mov", "libx264", ["alac"], Fraction(1, 24000), 1001, 0, False),
    ],
)
def test_all_times_and_the_sound_are_the_sources(
    tmp_path: Path,
    name: str,
    codec: str,
    sounds: list[str],
    time_base: Fraction,
    unit: int,
    first: int,
    subtitles: bool,
    variable: bool,
) -> None:
    times = pts_of(30, unit, variable, first)
    info = make_clip(
        tmp_path / name,
        codec=codec,
        sounds=sounds,
        times=times,
        time_base=time_base,
        subtitles=subtitles,
    )
    times = [int(t / info.time_base) for t in frame_times(info.path)]
    style = style_for(info, None)
    segments = encode(tmp_path, style, info, times, [1, 7, 11])
    out = tmp_path / f"out{style.suffix}"
    assert assemble(out, segments, info) == []
    assert frame_times(out) == frame_times(info.path)
    assert end_of(out) == end_of(info.path)
    for index in range(len(sounds)):
        assert packets_of(out, "audio", index) == packets_of(info.path, "audio", index)
    if subtitles:
        assert packets_of(out, "subtitle") == packets_of(info.path, "subtitle")


def test_what_matroska_holds_is_kept(tmp_path: Path) -> None:
    times = pts_of(40, 42, False)
    info = make_clip(
        tmp_path / "in.mkv",
        sounds=["aac", "aac"],
        times=times,
        time_base=Fraction(1, 1000),
        subtitles=True,
    )
    style = style_for(info, None)
    out = tmp_path / "out.mkv"
    assemble(out, encode(tmp_path, style, info, times, [20]), info)
    with av.open(str(info.path)) as before, av.open(str(out)) as after:
        kinds = [s.type for s in before.streams]
        assert sorted(s.type for s in after.streams) == sorted(kinds)
        assert [s.language for s in after.streams.audio] == ["jpn", "eng"]
        assert [s.language for s in after.streams.subtitles] == ["ger"]
        assert after.metadata["title"] == "an episode"
        assert [c["metadata"]["title"] for c in after.chapters()] == ["opening", "story"]
        fonts = [
            [s for s in c.streams if s.type == "attachment"][0] for c in (before, after)
        ]
        assert fonts[0].data == fonts[1].data
        assert fonts[1].name == "Sans.ttf"
        for one, other in zip(before.streams, after.streams, strict=False):
            assert one.type != other.type or one.disposition == other.disposition


def test_sound_of_an_avi_goes_into_mp4(tmp_path: Path) -> None:
    times = pts_of(30, 1, False)
    info = make_clip(
        tmp_path / "in.avi", codec="mpeg4", sounds=["libmp3lame"], times=times, rate=44100
    )
    out = tmp_path / "out.mp4"
    style = style_for(info, None)
    assert style.suffix == ".mp4"
    times = [int(t / info.time_base) for t in frame_times(info.path)]
    assert assemble(out, encode(tmp_path, style, info, times, [9]), info) == []
    before, after = packets_of(info.path, "audio"), packets_of(out, "audio")
    assert [p[3] for p in after] == [p[3] for p in before]
    assert [p[0] for p in after] == [p[0] for p in before]
    assert frame_times(out) == frame_times(info.path)
