"""Pictures in, one segment out: colours, transparency, times, the same packets every time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from kirinuki.errors import OutputError
from kirinuki.video import Frame, VideoInfo, probe, read
from kirinuki.video.bleed import REACH, bleed
from kirinuki.video.colour import Colour, matrix_of, swscale_matrix
from kirinuki.video.encoder import Encoder
from kirinuki.video.styles import STYLES, Style, style_for
from kirinuki.video.write import write

SIZE = (96, 128)
OPAQUE = [name for name, style in STYLES.items() if not style.alpha]
ALPHA = [name for name, style in STYLES.items() if style.alpha]
EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


def info_of(**known: Any) -> VideoInfo:
    """What would be known of a source."""
    start = VideoInfo(
        path=Path("in.mp4"),
        size_hw=SIZE,
        time_base=Fraction(1, 24000),
        frame_rate=Fraction(24000, 1001),
        frames=None,
        duration=None,
        start=Fraction(0),
        codec="h264",
        pix_fmt="yuv420p",
        colour=Colour(),
        sample_aspect_ratio=Fraction(1),
        rotation=0,
        interlaced=False,
        has_alpha=False,
        audio=0,
        subtitles=0,
        container="mov,mp4,m4a,3gp,3g2,mj2",
    )
    return replace(start, **known)


def chart(size_hw: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """Flat patches of 32 by 32: greys, primaries, skin, hair."""
    colours = [
        *((0, 0, 0), (64, 64, 64), (128, 128, 128), (255, 255, 255)),
        *((220, 40, 40), (40, 200, 60), (30, 60, 210), (250, 220, 200)),
        *((255, 150, 190), (110, 80, 60), (240, 240, 90), (90, 200, 230)),
    ]
    patches = np.array(colours, np.uint8).reshape(3, 4, 3)
    picture = np.kron(patches, np.ones((32, 32, 1), np.uint8))
    return np.ascontiguousarray(np.resize(picture, (*SIZE, 3))[: size_hw[0], : size_hw[1]])


def ball(number: int = 0) -> NDArray[np.uint8]:
    """A soft-edged disc, straight alpha, (0, 0, 0, 0) where there is nothing."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    distance = np.hypot(y - 48, x - 50 - number)
    alpha = np.clip((30 - distance) / 6 * 255, 0, 255).astype(np.uint8)
    rgba = np.zeros((*SIZE, 4), np.uint8)
    rgba[alpha > 0] = (230, 120, 60, 0)
    rgba[..., 3] = alpha
    return rgba


def encode(path: Path, style: Style, info: VideoInfo, pictures: list[NDArray[np.uint8]]) -> None:
    with Encoder(path, style, info, pictures[0].shape[:2], crf=4) as encoder:
        for number, picture in enumerate(pictures):
            encoder.write(picture, number * 1001, 1001)


def decode(path: Path, kind: str, matrix: int, full: bool) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        stream: Any = container.streams.video[0]
        transparent = "ALPHA_MODE" in map(str.upper, stream.metadata)
        decoder = stream.codec_context
        if transparent:  # FFmpeg's own decoder leaves out the alpha
            decoder = av.CodecContext.create("libvpx-vp9", "r")
        for packet in container.demux(stream):
            for frame in decoder.decode(packet if packet.size else None):
                yield frame.reformat(
                    format=kind,
                    src_colorspace=swscale_matrix(matrix),
                    src_color_range=2 if full else 1,
                    dst_color_range=2,
                    interpolation=EXACT,
                ).to_ndarray()


def packets_of(path: Path) -> list[tuple[int | None, bytes]]:
    with av.open(str(path)) as container:
        found: list[tuple[int | None, bytes]] = []
        for packet in container.demux(container.streams.video[0]):
            sides = b"".join(bytes(side) for side in packet.iter_sidedata())
            found.append((packet.pts, bytes(packet) + sides))
        return found


@pytest.mark.parametrize("name", OPAQUE)
@pytest.mark.parametrize("matrix", [1, 5, 6])
@pytest.mark.parametrize("full", [False, True])
def test_colours_do_not_shift_and_tags_are_kept(
    tmp_path: Path, name: str, matrix: int, full: bool
) -> None:
    colour = Colour(matrix, 2 if full else 1, primaries=6, transfer=6)
    path = tmp_path / f"a{STYLES[name].segment_suffix}"
    encode(path, STYLES[name], info_of(colour=colour), [chart()] * 3)
    for shown in decode(path, "rgb24", matrix, full):
        centres = np.s_[12::32, 12::32]  # beyond the reach of ringing at the edges
        error = shown[centres].astype(int) - chart()[centres]
        assert abs(error.mean((0, 1))).max() <= 0.5
        assert abs(error).max() <= 3
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        tags = (frame.colorspace, frame.color_primaries, frame.color_trc)
        assert tuple(map(int, tags)) == (matrix, 6, 6)
        assert (int(frame.color_range) == 2) == full


def test_what_the_source_does_not_say_stays_unsaid(tmp_path: Path) -> None:
    path = tmp_path / "a.nut"
    encode(path, STYLES["h264"], info_of(), [chart()] * 2)
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        assert (int(frame.colorspace), int(frame.color_primaries)) == (2, 2)
    smaller = info_of(size_hw=(1080, 1920))  # 709 to every player; at the new height it is not
    encode(path, STYLES["h264"], smaller, [chart()] * 2)
    with av.open(str(path)) as container:
        assert int(next(container.decode(video=0)).colorspace) == 1
    assert matrix_of(Colour(), (1080, 1920)) == 1


@pytest.mark.parametrize("name", ALPHA)
@pytest.mark.parametrize("matrix", [1, 6])
def test_transparency_comes_back(tmp_path: Path, name: str, matrix: int) -> None:
    style = STYLES[name]
    path = tmp_path / f"a{style.segment_suffix}"
    pictures = [ball(n) for n in range(5)]
    encode(path, style, info_of(colour=Colour(matrix, 1, 1, 1)), pictures)
    shown = list(decode(path, "rgba", matrix, False))
    assert len(shown) == 5
    for picture, back in zip(pictures, shown, strict=True):
        error = np.abs(back[..., 3].astype(int) - picture[..., 3])
        assert error.max() <= 12
        assert error.mean() <= 0.5
        assert (back[..., 3][picture[..., 3] == 0] <= 4).all()
        seen = picture[..., 3] > 0
        colours = np.abs(back[seen][:, :3].astype(int) - picture[seen][:, :3])
        assert colours.max() <= 16  # no dark fringe: the edge has the colour of the inside
        assert colours.mean() <= 2


def test_bleeding_changes_only_what_cannot_be_seen() -> None:
    rgba = ball()
    spread = bleed(rgba)
    seen = rgba[..., 3] > 0
    assert (spread[seen] == rgba[seen]).all()
    assert (spread[..., 3] == rgba[..., 3]).all()
    distance = np.hypot(*(np.mgrid[: SIZE[0], : SIZE[1]] - [[[48]], [[50]]]))
    near = (distance > 30) & (distance < 30 + REACH - 2)
    assert (spread[near][:, :3] == (230, 120, 60)).all()
    assert not bleed(np.zeros((*SIZE, 4), np.uint8)).any()


@pytest.mark.parametrize("name", list(STYLES))
def test_the_same_pictures_give_the_same_packets(tmp_path: Path, name: str) -> None:
    style = STYLES[name]
    rng = np.random.default_rng(5)
    noise = rng.integers(0, 40, (*SIZE, 3), np.uint8)
    pictures = []
    for number in range(30):
        rgb = np.roll(chart() // 2 + noise, number // 2 * 3, 1)
        pictures.append(np.dstack([rgb, ball(number)[..., 3]]) if style.alpha else rgb)
    paths = [tmp_path / f"{n}{style.segment_suffix}" for n in "ab"]
    for path in paths:
        encode(path, style, info_of(), pictures)
    one, other = map(packets_of, paths)
    assert one == other
    assert paths[0].read_bytes() == paths[1].read_bytes()


DIRTY = """
import hashlib, sys
from pathlib import Path
import numpy as np
sys.path.insert(0, {tests!r})
from test_encoder import STYLES, Encoder, info_of, packets_of
path, size_hw = Path(sys.argv[1]), (96, 144)
rng = np.random.default_rng(5)
patches = rng.integers(0, 128, (12, 18, 3), np.uint8).repeat(8, axis=0).repeat(8, axis=1)
with Encoder(path, STYLES["h264"], info_of(size_hw=size_hw), size_hw) as encoder:
    for number in range(48):
        noise = rng.integers(0, 60, patches.shape, np.uint8)
        encoder.write(np.roll(patches, number, 1) + noise, number * 1001, 1001)
print(hashlib.sha256(repr(packets_of(path)).encode()).hexdigest())
"""


def test_memory_that_nobody_has_written_does_not_matter(tmp_path: Path) -> None:
    """x264's macroblock tree reads it in pictures 9 blocks wide. Filling it is glibc's, elsewhere
    the test says nothing."""
    script = DIRTY.format(tests=str(Path(__file__).parent))
    told = set()
    for filling in ("1", "90", "200"):
        arguments = [sys.executable, "-c", script, str(tmp_path / f"{filling}.nut")]
        environment = {**os.environ, "MALLOC_PERTURB_": filling}
        told.add(subprocess.check_output(arguments, env=environment, text=True))
    assert len(told) == 1


@pytest.mark.parametrize("name", list(STYLES))
@pytest.mark.parametrize("size_hw", [(95, 127), (1, 1), (64, 33)])
def test_odd_sizes(tmp_path: Path, name: str, size_hw: tuple[int, int]) -> None:
    style = STYLES[name]
    path = tmp_path / f"a{style.segment_suffix}"
    picture = np.full((*size_hw, 4 if style.alpha else 3), 200, np.uint8)
    if min(size_hw) < style.smallest:
        with pytest.raises(OutputError, match="too small"):
            encode(path, style, info_of(), [picture])
        assert not path.exists()
        return
    encode(path, style, info_of(), [picture] * 3)
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 3
    height, width = size_hw
    even = (height + height % 2, width + width % 2) if style.even else size_hw
    assert (frames[0].height, frames[0].width) == even


@pytest.mark.parametrize("name", ["h264", "vp9-alpha", "prores-alpha"])
def test_the_shape_of_pixels_is_kept_and_nothing_is_turned(tmp_path: Path, name: str) -> None:
    style = STYLES[name]
    path = tmp_path / f"a{style.segment_suffix}"
    picture = ball() if style.alpha else chart()
    shape = Fraction(4, 3)
    encode(path, style, info_of(sample_aspect_ratio=shape, rotation=90), [picture] * 2)
    known = probe(path)
    assert known.rotation == 0
    if name == "vp9-alpha":  # WebM: square pixels, as many as make up the width
        assert (known.size_hw, known.sample_aspect_ratio) == ((96, round(128 * shape)), 1)
    else:
        assert (known.size_hw, known.sample_aspect_ratio) == (SIZE, shape)


def test_times_are_kept_to_the_tick(tmp_path: Path) -> None:
    times = [7, 8, 1001, 5000, 5001, 123456]
    for name in ("h264", "prores-alpha"):
        style = STYLES[name]
        path = tmp_path / f"a{style.segment_suffix}"
        picture = ball() if style.alpha else chart()
        with Encoder(path, style, info_of(), SIZE) as encoder:
            for pts in times:
                encoder.write(picture, pts, 1)
        with av.open(str(path)) as container:
            shown = [f.pts * f.time_base for f in container.decode(video=0)]
        assert shown == [Fraction(pts, 24000) for pts in times]


def test_the_wrong_picture_is_named(tmp_path: Path) -> None:
    encoder = Encoder(tmp_path / "a.nut", STYLES["h264"], info_of(), SIZE)
    with pytest.raises(
        ValueError, match=r"picture must be \(96, 128, 3\) uint8, but got \(96, 128, 4"
    ):
        encoder.write(ball(), 0, 1)
    encoder.abort()
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_the_block_leaves_no_file(tmp_path: Path) -> None:
    encoder = Encoder(tmp_path / "a.nut", STYLES["h264"], info_of(), SIZE)

    def fail() -> None:
        with encoder:
            encoder.write(chart(), 0, 1)
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "a.nut"
    with pytest.raises(OutputError) as caught:
        Encoder(path, STYLES["h264"], info_of(), SIZE)
    assert str(caught.value).startswith(f"{path}: cannot be written: ")
    assert "\n" not in str(caught.value)


FULL = """
import resource, signal, sys
from pathlib import Path
import numpy as np
sys.path.insert(0, {tests!r})
from test_encoder import STYLES, SIZE, Encoder, OutputError, info_of, style_for
from kirinuki.video.assemble import assemble
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder, name = Path(sys.argv[1]), sys.argv[2]
style = STYLES[name]
rng = np.random.default_rng(1)
def encode(path):
    with Encoder(path, style, info_of(), SIZE, crf=1) as encoder:
        for number in range(60):
            shape = (*SIZE, 4 if style.alpha else 3)
            encoder.write(rng.integers(0, 255, shape, np.uint8), number * 1001, 1001)
    return path
whole = encode(folder / ("whole" + style.segment_suffix))
resource.setrlimit(resource.RLIMIT_FSIZE, (whole.stat().st_size // 2,) * 2)
for work in (
    lambda: encode(folder / ("half" + style.segment_suffix)),
    lambda: assemble(folder / ("out" + style.suffix), [whole], None),
):
    try:
        work()
    except OutputError as error:
        print(error)
print(sorted(p.name for p in folder.iterdir()))
"""


@pytest.mark.parametrize("name", ["h264", "vp9-alpha", "prores-alpha"])
def test_a_full_disk_is_one_line_and_leaves_nothing_half(tmp_path: Path, name: str) -> None:
    script = FULL.format(tests=str(Path(__file__).parent))
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), name],
        capture_output=True,
        text=True,
        check=True,
    )
    style = STYLES[name]
    half, joined, left = done.stdout.splitlines()
    assert half.startswith(f"{tmp_path / 'half'}{style.segment_suffix}: cannot be written: ")
    assert joined.startswith(f"{tmp_path / 'out'}{style.suffix}: cannot be written: ")
    assert left == f"['whole{style.segment_suffix}']"
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("name", "container", "codec", "suffix"),
    [
        ("a.mkv", "matroska,webm", None, ".mkv"),
        ("a.mkv", "matroska,webm", "vp9", ".mkv"),
        ("a.webm", "matroska,webm", None, ".webm"),
        ("a.webm", "matroska,webm", "h264", ".mp4"),
        ("a.webm", "matroska,webm", "vp9", ".webm"),
        ("a.webm", "matroska,webm", "av1", ".webm"),
        ("a.mp4", "mov,mp4,m4a,3gp,3g2,mj2", "vp9", ".mp4"),
        ("a.mov", "mov,mp4,m4a,3gp,3g2,mj2", None, ".mov"),
        ("a.mov", "mov,mp4,m4a,3gp,3g2,mj2", "av1", ".mp4"),
        ("a.avi", "avi", "hevc", ".mp4"),
        ("a.gif", "gif", None, ".mp4"),
    ],
)
def test_results_go_into_the_sources_kind_of_container(
    name: str, container: str, codec: str | None, suffix: str
) -> None:
    source = info_of(path=Path(name), container=container)
    assert style_for(source, codec).suffix == suffix


def test_nothing_is_said_on_the_terminal(tmp_path: Path) -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path; from test_encoder import *\n"
        "for name, style in STYLES.items():\n"
        "    picture = ball() if style.alpha else chart()\n"
        f"    path = Path({str(tmp_path)!r}, name + style.segment_suffix)\n"
        "    encode(path, style, info_of(), [picture] * 2)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.skipif(sys.platform != "linux", reason="threads' policies are Linux's")
@pytest.mark.parametrize("name", STYLES)
def test_an_encoder_takes_no_realtime_priority(tmp_path: Path, name: str) -> None:
    def policies() -> set[int]:
        threads = Path("/proc/self/task").iterdir()
        return {os.sched_getscheduler(int(thread.name)) for thread in threads}

    before = policies()
    style = STYLES[name]
    picture = ball() if style.alpha else chart()
    with Encoder(tmp_path / ("a" + style.segment_suffix), style, info_of(), SIZE) as encoder:
        for number in range(30):
            encoder.write(picture, number * 1001, 1001)
        assert policies() == before
    assert policies() == before == {os.SCHED_OTHER}


class TestWrite:
    def clip(self, folder: Path) -> VideoInfo:
        path = folder / "in.mp4"
        encode(folder / "in.nut", STYLES["h264"], info_of(), [chart()] * 5)
        from kirinuki.video.assemble import assemble

        assemble(path, [folder / "in.nut"], None)
        return probe(path)

    def test_frames_become_a_video(self, tmp_path: Path) -> None:
        source = self.clip(tmp_path)
        with read(source.path) as video:
            notes = write(tmp_path / "out.mkv", video, like=video.info)
        assert notes == []
        back = probe(tmp_path / "out.mkv")
        assert (back.codec, back.size_hw) == ("h264", SIZE)
        with read(tmp_path / "out.mkv") as video:
            assert len(list(video)) == 5
        assert sorted(p.name for p in tmp_path.iterdir()) == ["in.mp4", "in.nut", "out.mkv"]

    def test_transparent_frames_need_a_container_for_them(self, tmp_path: Path) -> None:
        source = self.clip(tmp_path)
        rgba = ball()
        frame = Frame(rgba[..., :3], 0, 1001, Fraction(1, 24000), rgba[..., 3])
        assert write(tmp_path / "out.webm", [frame], like=source) == []
        with read(tmp_path / "out.webm") as video:
            back = next(iter(video))
        assert back.alpha is not None
        assert np.abs(back.alpha.astype(int) - rgba[..., 3]).max() <= 12
        with pytest.raises(OutputError, match=r"use \.webm or \.mov"):
            write(tmp_path / "out.mp4", [frame], like=source)

    def test_no_frames_are_one_line(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="no frames"):
            write(tmp_path / "out.mp4", [], like=info_of())
        assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="no ffprobe here")
@pytest.mark.parametrize("name", list(STYLES))
def test_ffprobe_reads_it_without_complaint(tmp_path: Path, name: str) -> None:
    style = STYLES[name]
    picture = ball() if style.alpha else chart()
    path = tmp_path / f"a{style.segment_suffix}"
    encode(path, style, info_of(), [picture] * 6)
    from kirinuki.video.assemble import assemble

    out = tmp_path / f"out{style.suffix}"
    assemble(out, [path], None)
    command = ["ffprobe", "-v", "warning", "-count_frames", "-show_entries"]
    command += ["stream=nb_read_frames,codec_name,codec_tag_string", "-of", "csv=p=0", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.strip().endswith("6")
    if name == "hevc":
        assert "hvc1" in done.stdout
