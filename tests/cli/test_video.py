"""``kirinuki video`` as people call it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner, Result

from blob_segmenter import RED, BlobSegmenter
from kirinuki.cli import cli
from kirinuki.cli.options import Seconds
from kirinuki.cutting.outputs.options import CODECS
from kirinuki.video.styles import STYLES


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kirinuki.cli.cut.load_segmenter", lambda *a: BlobSegmenter())


def make(path: Path, frames: int = 12) -> Path:
    """A clip with one character, in a picture that stands still."""
    picture = np.full((128, 192, 3), 90, np.uint8)
    picture[40:80, 60:120] = RED
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 192, 128, "yuv420p"
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    return path


def video(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["video", *map(str, words)])


def names(folder: Path) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    return sorted(name for name in found if not name.endswith(".jsonl"))


def test_a_season_and_a_broken_episode(tmp_path):
    make(tmp_path / "season" / "a" / "01.mp4")
    make(tmp_path / "season" / "b" / "01.mp4")
    (tmp_path / "season" / "b" / "02.mkv").write_bytes(b"no video at all")
    result = video(tmp_path / "season", "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "02.mkv: is no video" in result.stderr
    assert result.stderr.count("failed:") == 1
    assert names(tmp_path / "out") == [
        "a/01_cutout.webm",
        "a/01_overlay.mp4",
        "b/01_cutout.webm",
        "b/01_overlay.mp4",
    ]
    assert "92% of the frames reused" in result.stderr


class Failing(BlobSegmenter):
    """Fails, as nobody expects, at its so many-th frame in all."""

    def __init__(self, at: int, error: type[BaseException] = RuntimeError) -> None:
        super().__init__(refreshes=False)
        self.at, self.error = at, error

    def __call__(self, picture):
        if len(self.calls) + 1 == self.at:
            self.calls.append("failed")
            raise self.error("nobody expected\nthis")
        return super().__call__(picture)


@pytest.mark.parametrize("transparent", ["webm", "png"])
def test_an_error_that_nobody_expected_costs_one_video(tmp_path, monkeypatch, transparent):
    for name in ("1.mp4", "2.mp4", "3.mp4"):
        make(tmp_path / name)
    monkeypatch.setattr("kirinuki.cli.cut.load_segmenter", lambda *a: Failing(at=2))
    inputs = [tmp_path / f"{number}.mp4" for number in (1, 2, 3)]
    result = video(*inputs, "--cutout", "--transparent", transparent, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert [line for line in result.stderr.splitlines() if line.startswith("failed")] == [
        f"failed: {tmp_path / '2.mp4'}: unexpected RuntimeError: nobody expected this"
    ]
    suffix = "" if transparent == "png" else ".webm"
    left = sorted(path.name for path in (tmp_path / "out").glob("[!.k]*"))
    assert left == [f"1_cutout{suffix}", f"3_cutout{suffix}"]
    again = video(inputs[1], "--cutout", "--transparent", transparent, "-o", tmp_path / "out")
    assert again.exit_code == 0, again.stderr


def test_ctrl_c_ends_the_videos_and_what_failed_before_is_named(tmp_path, monkeypatch):
    (tmp_path / "1.mp4").write_bytes(b"no video at all")
    make(tmp_path / "2.mp4")
    make(tmp_path / "3.mp4")
    failing = Failing(at=1, error=KeyboardInterrupt)  # as a second Ctrl-C
    monkeypatch.setattr("kirinuki.cli.cut.load_segmenter", lambda *a: failing)
    inputs = [tmp_path / f"{number}.mp4" for number in (1, 2, 3)]
    result = video(*inputs, "-o", tmp_path / "out")
    assert result.exit_code == 130
    assert "failed: " in result.stderr
    assert "1.mp4: is no video" in result.stderr
    assert failing.calls == ["failed"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["kirinuki-journal.jsonl"]


def test_every_option_reaches_the_job(tmp_path):
    clip = make(tmp_path / "clip.mp4", 48)
    words = (
        "--labels coco --matte --each --from 0.5 --to 0:01.5 --every 2 --size 64 --crf 30 --track 1"
    )
    result = video(clip, "-o", tmp_path / "out", *words.split(), "--codec", "hevc")
    assert result.exit_code == 0, result.output
    assert names(tmp_path / "out") == ["clip_1.webm", "clip_coco.json", "clip_matte.mp4"]
    with av.open(str(tmp_path / "out" / "clip_matte.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (96, 64)
        assert stream.codec_context.codec.canonical_name == "hevc"
        assert len(list(container.decode(stream))) == 12


def test_nothing_is_replaced_unasked(tmp_path):
    clip = make(tmp_path / "clip.mp4")
    assert video(clip, "-o", tmp_path / "out").exit_code == 0
    again = video(clip, "-o", tmp_path / "out")
    assert again.exit_code == 1
    assert "pass --resume to skip what is done" in str(again.exception)
    assert "1 done before" in video(clip, "-o", tmp_path / "out", "--resume").stderr
    assert video(clip, "-o", tmp_path / "out", "--overwrite").exit_code == 0


def test_ctrl_c_exits_as_shells_expect(tmp_path, monkeypatch):
    import signal

    clip = make(tmp_path / "clip.mp4", 40)

    class Slow(BlobSegmenter):
        def __call__(self, picture):
            signal.raise_signal(signal.SIGINT)
            return super().__call__(picture)

    monkeypatch.setattr("kirinuki.cli.cut.load_segmenter", lambda *a: Slow())
    result = video(clip, "-o", tmp_path / "out")
    assert result.exit_code == 130
    assert "go on with --resume" in result.stderr
    monkeypatch.undo()
    monkeypatch.setattr("kirinuki.cli.cut.load_segmenter", lambda *a: BlobSegmenter())
    assert video(clip, "-o", tmp_path / "out", "--resume").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "2", "--to", "1"], "--to must be later"),
        (["--from", "soon"], "is no time"),
        (["--from", "9" * 17], "is no time"),
        (["--to", "9" * 5000], "is no time"),
        (["--background", "no such colour"], "no such colour"),
        (["--only", "dragon"], 'knows no "dragon"'),
        (["--from", "60"], "no frame"),
    ],
)
def test_what_cannot_be_is_one_line(tmp_path, words, said):
    clip = make(tmp_path / "clip.mp4")
    result = video(clip, "-o", tmp_path / "out", *words)
    assert result.exit_code in (1, 2)
    assert said in result.stderr + str(result.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("83.5", "83.5"), ("1:23.5", "83.5"), ("0:01:23.5", "83.5"), ("7", "7"), (".2", "0.2")],
)
def test_times(text, seconds):
    assert Seconds().convert(text, None, None) == Fraction(seconds)


def test_codecs_are_the_opaque_styles():
    assert set(CODECS) == {name for name, style in STYLES.items() if not style.alpha}
