"""Joining segments and copying what travels with a video, packet by packet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from kirinuki.errors import KirinukiError, OutputError, VideoError
from kirinuki.video import read, write
from kirinuki.video.assemble import assemble
from kirinuki.video.colour import Colour
from kirinuki.video.encoder import Encoder
from kirinuki.video.info import VideoInfo, probe
from kirinuki.video.styles import STYLES, Style, style_for

SIZE = (64, 96)
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
    last: int = 0,
) -> VideoInfo:
    """A clip as others make them, of pictures that change; the last is shown `last` longer."""
    with av.open(str(path), "w") as container:
        # MP4 knows how long the last frame is shown only where frames are not reordered.
        options = {"bf": "0"} if last else {}
        video: Any = container.add_stream(codec, rate=24, options=options)
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
        following = dict(pairwise([*times, times[-1] + times[1] - times[0] + last]))
        for packet in packets:
            packet.duration = following[packet.pts] - packet.pts
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
    """Presentation and decoding time, duration in seconds, and content."""
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
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if stream.duration:
            return ((stream.start_time or 0) + stream.duration) * stream.time_base
        hours, minutes, seconds = stream.metadata["DURATION"].split(":")
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)


def tone_of(path: Path) -> tuple[Fraction, NDArray[np.float32]]:
    """When the sound begins, and its samples, mono at 48 kHz."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "mono", 48000)
        frames = list(container.decode(audio=0))
        first = frames[0].pts * frames[0].time_base
        parts = [f.to_ndarray()[0] for x in frames for f in resampler.resample(x)]
        parts += [f.to_ndarray()[0] for f in resampler.resample(None)]
    return first, np.concatenate(parts)


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
        ("a.mov", "libx264", ["alac", "pcm_s16le"], Fraction(1, 24000), 1001, 0, False),
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
        last=2 * unit if variable else 0,
    )
    times = [int(t / info.time_base) for t in frame_times(info.path)]
    style = style_for(info, None)
    segments = encode(tmp_path, style, info, times, [1, 7, 11])
    out = tmp_path / f"out{style.suffix}"
    assert assemble(out, segments, info) == []
    assert frame_times(out) == frame_times(info.path)
    assert end_of(out) == end_of(info.path)
    for index in range(len(sounds)):
        before, after = (packets_of(path, "audio", index) for path in (info.path, out))
        assert [(p[0], p[1], p[3]) for p in after] == [(p[0], p[1], p[3]) for p in before]
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
        fonts = [next(s for s in c.streams if s.type == "attachment") for c in (before, after)]
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


@pytest.mark.parametrize(
    ("style", "sound_codec", "became"),
    [("vp9-alpha", "aac", "opus"), ("prores-alpha", "libopus", "pcm_s16le")],
)
@pytest.mark.parametrize("sound_from", [0.0, 0.25])
def test_sound_encoded_anew_stays_in_step(
    tmp_path: Path, style: str, sound_codec: str, became: str, sound_from: float
) -> None:
    times = pts_of(48, 512, True)
    info = make_clip(
        tmp_path / ("in.mp4" if sound_codec == "aac" else "in.mkv"),
        sounds=[sound_codec],
        times=times,
        time_base=Fraction(1, 12288),
        rate=48000 if sound_codec == "libopus" else 44100,
        sound_from=sound_from,
    )
    out = tmp_path / f"out{STYLES[style].suffix}"
    times = [int(t / info.time_base) for t in frame_times(info.path)]
    notes = assemble(out, encode(tmp_path, STYLES[style], info, times, [20]), info)
    assert len(notes) == 1
    assert f"encoded anew as {became}" in notes[0]
    with av.open(str(out)) as container:
        assert container.streams.audio[0].codec_context.codec.canonical_name == became
        assert container.streams.audio[0].language == "jpn"
    (first, before), (begin, after) = tone_of(info.path), tone_of(out)
    assert abs(first - begin) < Fraction(1, 500)
    count = min(len(before), len(after))
    assert abs(len(before) - len(after)) < 48000 * 0.03
    quiet = slice(4800, count - 4800)
    lags = range(-480, 481)
    match = [float(np.dot(before[quiet], np.roll(after[:count], -lag)[quiet])) for lag in lags]
    assert abs(lags[int(np.argmax(match))]) <= 48 + 48  # rounding of the begin, and of the end
    half = Fraction(1, 2000)
    pairs = zip(frame_times(out), frame_times(info.path), strict=True)
    assert all(abs(one - other) <= half for one, other in pairs)


def test_a_hole_in_the_sound_becomes_silence(tmp_path: Path) -> None:
    times = pts_of(48, 42, False)
    path = tmp_path / "hole.mkv"
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("libx264", rate=24)
        video.height, video.width = SIZE
        track = add_sound(container, "aac", 48000, "jpn")
        packets = []
        for number in range(48):
            packets += video.encode(av.VideoFrame.from_ndarray(picture(number), "rgb24"))
        packets += video.encode(None)
        container.start_encoding()
        packets += [p for p in sound(track, 2) if not 0.5 < p.pts * p.time_base < 1.2]
        container.mux(sorted(packets, key=lambda p: p.dts * p.time_base))
    info = probe(path)
    out = tmp_path / "out.webm"
    assemble(out, encode(tmp_path, STYLES["vp9-alpha"], info, times), info)
    first, after = tone_of(out)
    assert len(after) / 48000 == pytest.approx(2, abs=0.05)
    loud = np.abs(after.reshape(-1)[: 48000 * 19 // 10].reshape(-1, 4800)).max(1) > 0.1
    assert loud.tolist() == [True] * 5 + [False] * 7 + [True] * 7 or not loud[6:11].any()
    assert first == 0


@pytest.mark.parametrize("name", ["in.mp4", "in.mkv"])
def test_a_part_begins_at_zero_and_keeps_the_sound_in_step(tmp_path: Path, name: str) -> None:
    unit, base = (1001, Fraction(1, 24000)) if name == "in.mp4" else (42, Fraction(1, 1000))
    info = make_clip(
        tmp_path / name,
        sounds=["aac"],
        times=pts_of(60, unit, False),
        time_base=base,
        subtitles=name == "in.mkv",
    )
    start, end = Fraction(7, 10), Fraction(17, 10)
    shown = [t for t in frame_times(info.path) if start <= t < end]
    style = style_for(info, None)
    segments = encode(tmp_path, style, info, [int(t / base) for t in shown], [8])
    out = tmp_path / f"out{style.suffix}"
    assemble(out, segments, info, start=start, end=end)
    assert frame_times(out) == [t - shown[0] for t in shown]
    after = packets_of(out, "audio")
    source = {p[3]: p[0] for p in packets_of(info.path, "audio")}
    for pts, _, _, content in after:
        assert abs(source[content] - shown[0] - pts) <= Fraction(1, 2000)
    assert 0 <= after[0][0] < Fraction(1, 40)
    assert Fraction(9, 10) < after[-1][0] < end - shown[0]
    if name == "in.mkv":
        texts = packets_of(out, "subtitle")
        assert texts[0][0] == 0
        assert abs(texts[0][2] - (Fraction(9, 10) - shown[0])) <= Fraction(1, 500)
        with av.open(str(out)) as container:
            chapters = container.chapters()
        assert [c["metadata"]["title"] for c in chapters] == ["opening", "story"]
        assert chapters[0]["start"] == 0
        assert (
            abs(chapters[1]["start"] * chapters[1]["time_base"] - (Fraction(9, 10) - shown[0])) < 1
        )


def test_a_part_from_the_beginning_keeps_the_times(tmp_path: Path) -> None:
    info = make_clip(
        tmp_path / "in.mkv",
        sounds=["aac"],
        times=pts_of(20, 42, False, 84),
        time_base=Fraction(1, 1000),
    )
    times = [int(t / info.time_base) for t in frame_times(info.path)]
    segments = encode(tmp_path, style_for(info, None), info, times)
    assemble(tmp_path / "out.mkv", segments, info, start=Fraction(0))
    assert frame_times(tmp_path / "out.mkv") == frame_times(info.path)
    assert packets_of(tmp_path / "out.mkv", "audio") == packets_of(info.path, "audio")


def test_without_a_source_a_part_begins_with_its_first_frame(tmp_path: Path) -> None:
    info = make_clip(
        tmp_path / "in.mp4", times=pts_of(30, 512, False), time_base=Fraction(1, 12288)
    )
    times = [5120, 5632, 9216, 9728]  # the character was away in between
    segments = encode(tmp_path, STYLES["vp9-alpha"], info, times, [2])
    assert assemble(tmp_path / "out.webm", segments, None, start=Fraction(0)) == []
    half = Fraction(1, 1000)
    shown = [Fraction(t - 5120, 12288) for t in times]
    assert all(
        abs(a - b) <= half for a, b in zip(frame_times(tmp_path / "out.webm"), shown, strict=True)
    )
    with av.open(str(tmp_path / "out.webm")) as container:
        tags = container.streams.video[0].metadata
        assert {k.lower(): v for k, v in tags.items()}["alpha_mode"] == "1"


PLACES = [
    *((name, suffix) for name in ("h264", "hevc", "av1", "vp9") for suffix in (".mp4", ".mkv")),
    *(("h264", ".mov"), ("hevc", ".mov"), ("av1", ".webm"), ("vp9", ".webm")),
    *(("vp9-alpha", ".webm"), ("prores-alpha", ".mov")),
]
"""Every style in every container that may hold it."""


@pytest.mark.parametrize(("name", "suffix"), PLACES)
def test_tags_and_the_shape_of_pixels_arrive(tmp_path: Path, name: str, suffix: str) -> None:
    style = replace(STYLES[name], suffix=suffix)
    colour = Colour(6, 1, 6, 1 if name == "prores-alpha" else 4)
    info = make_clip(tmp_path / "in.mp4", times=[0, 512, 1024], time_base=Fraction(1, 12288))
    info = replace(info, colour=colour, sample_aspect_ratio=Fraction(4, 3), rotation=90)
    out = tmp_path / f"out{suffix}"
    assemble(out, encode(tmp_path, style, info, [0, 512, 1024]), None)
    known = probe(out)
    assert known.rotation == 0
    if name != "vp9-alpha":  # libvpx, which alone decodes the alpha, does not pass all tags on
        assert known.colour == colour
    if style.square_pixels:
        assert (known.size_hw, known.sample_aspect_ratio) == ((64, 128), 1)
    else:
        assert (known.size_hw, known.sample_aspect_ratio) == (SIZE, Fraction(4, 3))


@pytest.mark.parametrize(("name", "suffix"), PLACES)
def test_decoding_times_increase_and_are_never_late(tmp_path: Path, name: str, suffix: str) -> None:
    style = replace(STYLES[name], suffix=suffix)
    out = tmp_path / f"out{suffix}"
    info = make_clip(
        tmp_path / "in.mp4", times=pts_of(30, 512, False), time_base=Fraction(1, 12288)
    )
    times = pts_of(70, 512, True)
    segments = encode(tmp_path, style, info, times, [1, 2, 3, 40])
    assemble(out, segments, None)
    packets = packets_of(out, "video")
    assert all(a[1] < b[1] for a, b in pairwise(packets))
    assert all(dts <= pts for pts, dts, _, _ in packets)
    half = Fraction(1, 2000) if out.suffix in (".mkv", ".webm") else Fraction(0)
    expected = [t * info.time_base for t in times]
    shown = frame_times(out)
    assert all(abs(a - b) <= half for a, b in zip(shown, expected, strict=True))
    for path in segments:
        assert frame_times(path)  # each plays by itself


def test_hundreds_of_segments(tmp_path: Path) -> None:
    info = make_clip(
        tmp_path / "in.mkv",
        sounds=["aac"],
        times=pts_of(300, 42, False),
        time_base=Fraction(1, 1000),
    )
    times = pts_of(300, 42, False)
    segments = encode(tmp_path, STYLES["h264"], info, times, [1] * 299)
    assemble(tmp_path / "out.mkv", segments, info)
    assert frame_times(tmp_path / "out.mkv") == frame_times(info.path)


def test_the_same_segments_give_the_same_file(tmp_path: Path) -> None:
    info = make_clip(
        tmp_path / "in.mkv",
        sounds=["aac"],
        times=pts_of(20, 42, False),
        time_base=Fraction(1, 1000),
        subtitles=True,
    )
    segments = encode(tmp_path, STYLES["h264"], info, pts_of(20, 42, False), [9])
    for suffix in ("mkv", "mp4"):
        for name in "ab":
            assemble(tmp_path / f"{name}.{suffix}", segments, info)
        one, other = ((tmp_path / f"{name}.{suffix}").read_bytes() for name in "ab")
        assert one == other


def test_what_the_container_cannot_hold_is_said(tmp_path: Path) -> None:
    info = make_clip(
        tmp_path / "in.mkv",
        times=pts_of(20, 42, False),
        time_base=Fraction(1, 1000),
        subtitles=True,
    )
    segments = encode(tmp_path, STYLES["vp9-alpha"], info, pts_of(20, 42, False))
    notes = assemble(tmp_path / "out.webm", segments, info)
    assert sorted(notes) == [
        "attached files (fonts) are left out: .webm cannot hold them",
        "its ass subtitles are left out: .webm cannot hold them",
    ]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".webm"])
@pytest.mark.parametrize(("name", "kept"), [("in.ts", False), ("in.mkv", True)])
def test_sound_that_is_announced_and_not_there_costs_nothing(
    tmp_path: Path, name: str, suffix: str, kept: bool
) -> None:
    """Matroska says how the sound would be, a transport stream does not."""
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = SIZE[1], SIZE[0], "yuv420p"
        container.add_stream("aac", rate=48000)
        for number in range(6):
            frame = av.VideoFrame.from_ndarray(picture(number), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 24)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    out = tmp_path / f"out{suffix}"
    with read(tmp_path / name) as video:
        write(out, video, like=video.info)
    assert video.info.audio == int(kept)
    assert len(list(read(out))) == 6
    said = "a sound track of which there is nothing is left out" in video.info.notes
    assert said is not kept


def test_a_result_is_not_replaced_unasked(tmp_path: Path) -> None:
    info = make_clip(tmp_path / "in.mp4", times=pts_of(5, 512, False), time_base=Fraction(1, 12288))
    segments = encode(tmp_path, STYLES["h264"], info, pts_of(5, 512, False))
    out = tmp_path / "out.mp4"
    out.write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        assemble(out, segments, info)
    assert out.read_text() == "mine"
    assemble(out, segments, info, overwrite=True)
    assert len(frame_times(out)) == 5


def test_a_source_that_is_gone_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    info = make_clip(tmp_path / "in.mp4", times=pts_of(5, 512, False), time_base=Fraction(1, 12288))
    segments = encode(tmp_path, STYLES["h264"], info, pts_of(5, 512, False))
    info.path.unlink()
    folder = tmp_path / "out"
    with pytest.raises(VideoError, match=r"in\.mp4"):
        assemble(folder / "out.mp4", segments, info)
    assert list(folder.iterdir()) == []


def test_a_transport_streams_clock_begins_at_zero(tmp_path: Path) -> None:
    info = make_clip(
        tmp_path / "in.ts", sounds=["aac"], times=pts_of(30, 1, False, 48), sound_from=2
    )
    assert info.start > 1
    shown = frame_times(info.path)
    times = [int(t / info.time_base) for t in shown]
    out = tmp_path / "out.mp4"
    assert assemble(out, encode(tmp_path, STYLES["h264"], info, times, [9]), info) == []
    moved = {a - b for a, b in zip(shown, frame_times(out), strict=True)}
    assert len(moved) == 1
    source, copied = packets_of(info.path, "audio"), packets_of(out, "audio")
    assert min(copied[0][0], frame_times(out)[0]) == pytest.approx(0, abs=1e-4)
    assert len(copied) == len(source)
    for before, after in zip(source, copied, strict=True):
        assert before[0] - after[0] == pytest.approx(moved.copy().pop(), abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"codec": "x"}, "`codec` is 'x', expected one of h264, hevc"),
        ({"crf": 999}, "`crf` is 999, expected a whole number from 0 to 63"),
        ({"like": "a.mkv"}, "`like`: got str, expected the info"),
        ({"frames": [picture(0)]}, "`frames`: got ndarray, expected frames as read_video"),
        ({"frames": "a.mkv"}, "`frames`: got str, expected frames as read_video"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    tmp_path: Path, arguments: dict[str, Any], said: str
) -> None:
    make_clip(tmp_path / "in.mkv", times=[0, 1])
    usual: dict[str, Any] = {"frames": [], "like": probe(tmp_path / "in.mkv")}
    with pytest.raises(KirinukiError, match=said):
        write(tmp_path / "out.mkv", **{**usual, **arguments})
    assert not (tmp_path / "out.mkv").exists()
