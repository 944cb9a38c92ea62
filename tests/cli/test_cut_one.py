"""``kirinuki cut in.png -o out.webp``: one input, one file."""

from __future__ import annotations

import io
from contextlib import nullcontext
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from blob_segmenter import RED, BlobSegmenter
from fake_segmenter import FakeSegmenter, draw
from kirinuki.cli import cli
from kirinuki.segmenter.segmenter import Segmenter
from made_clips import write_clip


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Segmenter, "load", lambda *_, **__: FakeSegmenter())


def cut(*words: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["cut", *words], input=stdin)


def said(result: Result) -> str:
    return result.stderr + str(result.exception or "")


def moving(path: str, monkeypatch: pytest.MonkeyPatch, frames: int = 5) -> np.ndarray:
    """An animation of a character that moves; its pictures, (T, H, W, 3)."""
    pictures = np.full((frames, 64, 96, 3), 90, np.uint8)
    for number in range(frames):
        pictures[number, 20:40, 10 + 6 * number : 40 + 6 * number] = RED
    if Path(path).suffix == ".gif":
        first, *others = map(Image.fromarray, pictures)
        first.save(path, save_all=True, append_images=others, duration=[100, 40, 40, 40, 200])
    else:
        write_clip(Path(path), list(pictures), tones=1)
    monkeypatch.setattr(Segmenter, "load", lambda *_, **__: BlobSegmenter())
    return pictures


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tiff", ".avif", ".TIF", ".gif"])
def test_the_file_is_written_in_the_format_of_its_name(suffix: str) -> None:
    draw(Path("in.png"), 2)
    result = cut("in.png", "-o", f"sub/out{suffix}")
    assert result.exit_code == 0, said(result)
    assert [p.name for p in Path().rglob("*") if p.is_file()] == ["in.png", f"out{suffix}"]
    with Image.open(f"sub/out{suffix}") as image:
        pixels = np.asarray(image.convert("RGBA"))
    assert pixels.shape == (24, 40, 4)
    assert pixels[10, [5, 19, 25], 3].tolist() == [255, 0, 255]
    expected = np.array([25, 120, 200])
    assert np.abs(pixels[10, 5, :3] - expected).max() <= (3 if suffix == ".avif" else 0)
    assert result.stderr.splitlines()[-1] == f"results: sub/out{suffix}"


def test_formats_without_loss_hold_the_pixels_that_a_pipe_gives() -> None:
    content = draw(Path("in.png"), 2).read_bytes()
    piped = np.asarray(Image.open(io.BytesIO(cut("-", stdin=content).stdout_bytes)))
    for name in ("out.png", "out.webp", "out.tiff"):
        assert cut("in.png", "-o", name).exit_code == 0
        with Image.open(name) as image:
            assert np.array_equal(np.asarray(image), piped), name


@pytest.mark.parametrize("words", [["-", "-o", "out.webp"], ["in.png", "-o", "-"], ["-"]])
def test_either_end_may_be_a_pipe(words: list[str]) -> None:
    content = draw(Path("in.png"), 1).read_bytes()
    result = cut(*words, stdin=content)
    assert result.exit_code == 0, said(result)
    written = "out.webp" in words
    with Image.open("out.webp" if written else io.BytesIO(result.stdout_bytes)) as image:
        assert (image.format, image.mode) == ("WEBP" if written else "PNG", "RGBA")


@pytest.mark.parametrize(
    ("words", "mode"),
    [
        (["--overlay", "-o", "out.jpg"], "RGB"),
        (["--background", "white", "-o", "out.jpeg"], "RGB"),
        (["--matte", "-o", "out.png"], "L"),
        (["--mask", "-o", "out.tiff"], "P"),
    ],
)
def test_one_output_may_be_asked_for(words: list[str], mode: str) -> None:
    draw(Path("in.png"), 2)
    result = cut("in.png", *words)
    assert result.exit_code == 0, said(result)
    with Image.open(words[-1]) as image:
        assert (image.mode, image.size) == (mode, (40, 24))


def test_layers_are_asked_for_by_the_name_alone() -> None:
    draw(Path("in.png"), 2)
    for words in (["-o", "a.ora"], ["--ora", "-o", "b.ora"]):
        assert cut("in.png", *words).exit_code == 0
    assert Path("a.ora").read_bytes() == Path("b.ora").read_bytes()


@pytest.mark.parametrize("suffix", [".webp", ".png", ".gif"])
def test_an_animation_stays_one(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = moving("in.gif", monkeypatch)
    result = cut("in.gif", "-o", f"out{suffix}")
    assert result.exit_code == 0, said(result)
    lasts = []
    with Image.open(f"out{suffix}") as image:
        assert image.n_frames == 5
        for number, picture in enumerate(pictures):
            image.seek(number)
            image.load()  # of WebP the duration is known then
            lasts.append(image.info["duration"])
            alpha = np.asarray(image.convert("RGBA"))[..., 3]
            assert np.array_equal(alpha > 127, picture[..., 0] > 200)
    assert lasts == [100, 40, 40, 40, 200]


@pytest.mark.parametrize(("name", "fmt"), [("out.webm", "yuva420p"), ("out.mov", "yuva444p10le")])
def test_a_video_becomes_a_transparent_one_with_its_sound(
    name: str, fmt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving("in.mp4", monkeypatch)
    result = cut("in.mp4", "-o", name)
    assert result.exit_code == 0, said(result)
    assert "5 frames in 1 shot, 1 character" in result.stderr
    with av.open(name) as container:
        assert len(container.streams.audio) == 1
        stream = container.streams.video[0]
        assert stream.metadata.get("alpha_mode", "1") == "1"
        decoder = av.CodecContext.create("libvpx-vp9", "r") if name == "out.webm" else None
        assert decoder is not None or stream.codec_context.pix_fmt == fmt
        assert len([p for p in container.demux(stream) if p.size]) == 5


def test_part_and_background_of_a_video(monkeypatch: pytest.MonkeyPatch) -> None:
    moving("in.mp4", monkeypatch)
    result = cut("in.mp4", "-o", "out.mp4", "--background", "blue", "--every", "2", "--size", "32")
    assert result.exit_code == 0, said(result)
    with av.open("out.mp4") as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert [frame.shape for frame in frames] == [(32, 48, 3)] * 3
    assert frames[0][2, 2, 2] > 200


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        (["in.png", "in.png", "-o", "out.png"], 2, "takes one input, but got 2"),
        (["d", "-o", "out.png"], 2, "cannot hold a folder"),
        (["in.png", "-o", "out.jpg"], 1, "no transparency; take .png, or --background"),
        (["in.png", "-o", "out.webm"], 1, "is a video, and the input is a picture"),
        (["in.png", "-o", "in.png"], 1, "in.png: is the input"),
        (["in.png", "-o", "there.png"], 1, "exists already; pass --overwrite"),
        (["in.png", "-o", "out.png", "--each"], 2, "--each: not one file; give a folder"),
        (["in.png", "-o", "out.png", "--matte", "--mask"], 2, "--mask, --matte: not one file"),
        (["in.png", "-o", "out.webp", "--mask"], 1, "--mask is a PNG or TIFF"),
        (["in.png", "-o", "out.webp", "--matte", "--bits", "16"], 1, "--matte is a PNG or TIFF"),
        (["in.png", "-o", "out.png", "--matte", "each"], 2, "--matte: not one file"),
        (["in.png", "-o", "out.ora", "--matte"], 1, "holds layers; leave --matte out"),
        (["in.png", "-o", "out.png", "--ora"], 1, "holds no layers"),
        (["gone.png", "-o", "out.png"], 1, "gone.png: no such file"),
        (["-", "-o", "folder"], 2, "gives one file"),
    ],
)
def test_what_cannot_be_is_one_line_and_writes_nothing(
    words: list[str], status: int, reason: str
) -> None:
    draw(Path("in.png"))
    draw(Path("there.png"))
    Path("d").mkdir()
    before = {path: path.read_bytes() for path in Path().glob("*.png")}
    result = cut(*words, stdin=b"")
    assert reason in said(result)
    assert result.exit_code == status
    assert {path: path.read_bytes() for path in Path().glob("*.*")} == before


def test_a_folder_may_be_called_like_a_file() -> None:
    draw(Path("in.png"))
    Path("out.png").mkdir()
    assert cut("in.png", "-o", "out.png").exit_code == 0
    assert Path("out.png/in_1.png").exists()


def test_overwrite_replaces_the_file() -> None:
    draw(Path("in.png"))
    Path("out.png").write_text("mine")
    assert cut("in.png", "-o", "out.png", "--overwrite").exit_code == 0
    assert Image.open("out.png").mode == "RGBA"


def test_a_video_that_ends_early_is_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    moving("in.mkv", monkeypatch, frames=96)
    half = Path("in.mkv").read_bytes()
    Path("in.mkv").write_bytes(half[: len(half) // 2])
    result = cut("in.mkv", "-o", "out.webm")
    assert result.exit_code == 1
    assert "failed: in.mkv: cut off: ends at" in result.stderr
    assert Path("out.webm").stat().st_size


def test_a_video_that_is_stopped_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    moving("in.mp4", monkeypatch)
    asked = iter([False, False, True])
    monkeypatch.setattr(
        "kirinuki.work.stop.asked_to_stop", lambda: nullcontext(lambda: next(asked, True))
    )
    result = cut("in.mp4", "-o", "sub/out.webm")
    assert result.exit_code == 130
    assert "out.webm is not written" in result.stderr
    assert not [path for path in Path("sub").rglob("*") if path.is_file()]
