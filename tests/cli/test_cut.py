"""``kirinuki cut`` as people call it: exit status, what is said, what is written."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, cast

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from fake_segmenter import FakeSegmenter, draw, files_under
from kirinuki.cli import cli, main
from kirinuki.cli.cut import command as cut_verb
from kirinuki.cli.cut_report import showing, summary_lines
from kirinuki.cutting.found import Found, Outcome
from kirinuki.cutting.outputs.output import Place
from kirinuki.errors import KirinukiError
from kirinuki.segmenter.segmenter import Segmenter
from kirinuki.work.planned import Planned
from kirinuki.work.summary import Summary
from kirinuki.work.taking import Walked


@pytest.fixture(autouse=True)
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """An empty folder, a fake model, and what `Segmenter.load` was asked for."""
    monkeypatch.chdir(tmp_path)
    seen: dict[str, object] = {}

    def load(model: Path | None = None, **options: object) -> FakeSegmenter:
        seen.update(options, model=model)
        score = options["score"]
        return FakeSegmenter(score=score if isinstance(score, float) else 0.5)

    monkeypatch.setattr(Segmenter, "load", load)
    return seen


def cut(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["cut", *arguments], input=stdin)


def test_default_is_cutouts_and_one_overlay() -> None:
    draw(Path("girl.png"), 2)
    result = cut("girl.png")
    assert result.exit_code == 0, result.output
    assert files_under(Path("kirinuki-out")) == ["girl_1.png", "girl_2.png", "girl_overlay.png"]
    assert "provider: cpu" in result.stderr
    assert result.stderr.splitlines()[-2:] == ["1 picture, 2 characters", "results: kirinuki-out"]


@pytest.mark.parametrize(
    ("options", "ends"),
    [
        (["--cutout"], ["_1.png"]),
        (["--overlay"], ["_overlay.png"]),
        (["--mask"], ["_mask.png"]),
        (["--labels", "labelme"], [".json"]),
        (["--labels", "coco"], ["_coco.json"]),
        (["--labels", "yolo"], [".txt"]),
        (["--labels", "cvat"], [".xml"]),
        (["--matte"], ["_matte.png"]),
        (["--each"], ["_1.png"]),
        (["--coco", "out/found.json"], []),
        (["--background", "#20a0ff"], ["_background.png"]),
        (["--background", "blur", "--cutout"], ["_1.png", "_background.png"]),
        (["--background", "other.png"], ["_background.png"]),
    ],
)
def test_asked_outputs_alone_are_written(options: list[str], ends: list[str]) -> None:
    draw(Path("other.png"))
    draw(Path("p.png"))
    result = cut("p.png", "-o", "out", *options)
    assert result.exit_code == 0, result.output
    extra = ["found.json"] if "--coco" in options else []
    assert files_under(Path("out")) == extra + [f"p{end}" for end in ends]


def test_options_reach_the_model(asked: dict[str, object]) -> None:
    draw(Path("p.png"))
    cut("p.png", "--model", "my.onnx", "--provider", "cuda", "--threads", "2", "--score", "0.25")
    assert asked == {"model": Path("my.onnx"), "provider": "cuda", "threads": 2, "score": 0.25}


def test_three_broken_of_a_hundred() -> None:
    for i in range(100):
        draw(Path(f"d/{i:02}.png"))
    for i in (7, 50, 99):
        Path(f"d/{i:02}.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    Path("d/notes.txt").write_text("")
    result = cut("d", "--cutout", "-o", "out")
    assert result.exit_code == 1
    failed = [line for line in result.stderr.splitlines() if line.startswith("failed: ")]
    assert [line.split(":")[1] for line in failed] == [f" d/{i:02}.png" for i in (7, 50, 99)]
    assert "97 pictures, 97 characters, 3 failed, 1 other file ignored" in result.stderr
    assert len(files_under(Path("out"))) == 97


def test_named_file_that_is_no_picture_fails_the_rest_is_done() -> None:
    draw(Path("p.png"))
    Path("notes.txt").write_text("hello")
    result = cut("notes.txt", "p.png", "missing.png", "-o", "out")
    assert result.exit_code == 1
    assert "failed: notes.txt: is not a picture" in result.stderr
    assert "failed: missing.png: no such file" in result.stderr
    assert files_under(Path("out")) == ["p_1.png", "p_overlay.png"]


def test_nothing_to_do_needs_no_model(asked: dict[str, object]) -> None:
    result = cut("missing.png")
    assert (result.exit_code, asked) == (1, {})


def test_animation_in_a_folder_is_said_to_be_cut_at_its_first_frame() -> None:
    frames = [Image.new("RGB", (40, 24), (15, i, 0)) for i in range(3)]
    Path("stickers").mkdir()
    frames[0].save("stickers/a.webp", save_all=True, append_images=frames[1:], lossless=True)
    result = cut("stickers")
    assert "a.webp: first of 3 frames" in result.stderr


def test_progress_bar_where_somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    for i in range(3):
        draw(Path(f"d/{i} [x].png"))
    result = cut("d")
    assert result.exit_code == 0, result.output
    assert "3/3" in result.stderr
    assert "3/3" not in result.stdout


def test_unknown_name_and_held_results_are_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    draw(Path("p.png"))
    assert cut("p.png").exit_code == 0
    for options, words in ((["--only", "cat"], "girl, boy"), ([], "--resume")):
        monkeypatch.setattr(sys, "argv", ["kirinuki", "cut", "p.png", *options])
        with pytest.raises(SystemExit) as stopped:
            main()
        assert stopped.value.code == 1
        line = capsys.readouterr().err.splitlines()[-1]
        assert line.startswith("kirinuki: ")
        assert words in line


def test_only_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Segmenter, "load", lambda *_, **__: FakeSegmenter(tells_kinds=True))
    draw(Path("p.png"), 3)
    result = cut("p.png", "--only", "waifu", "-o", "out")
    assert result.stderr.splitlines()[-2] == "1 picture, 1 character (1 of unknown kind left out)"
    assert files_under(Path("out")) == ["p_1.png", "p_overlay.png"]
    for options in (["--only", "male, waifu"], ["--only", "female", "--only", "husbando"]):
        assert "2 characters (1 of" in cut("p.png", "--overwrite", *options).stderr
    content = Path("p.png").read_bytes()
    assert "1 character (1 of unknown" in cut("-", "--only", "male", stdin=content).stderr


def test_resume_says_what_was_done_before() -> None:
    draw(Path("d/1.png"))
    cut("d")
    draw(Path("d/2.png"))
    result = cut("d", "--resume")
    assert result.exit_code == 0
    assert "1 picture, 1 character, 1 done before" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["p.png", "--max", "0"], ["p.png", "--score", "2"]])
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    draw(Path("p.png"))
    assert cut(*arguments).exit_code == 2


def test_an_option_of_an_output_that_is_not_asked_for_is_refused() -> None:
    draw(Path("p.png"))
    result = cut("p.png", "--bits", "16")
    assert result.exit_code == 2
    assert "Error: --bits is of --matte; ask for it, too" in result.stderr
    assert cut("p.png", "--bits", "16", "--matte").exit_code == 0


@pytest.mark.parametrize("name", ["x.bmp", "x.apng", "x.TS"])
def test_a_file_that_cannot_be_written_makes_no_folder(name: str) -> None:
    draw(Path("p.png"))
    result = cut("p.png", "-o", name)
    assert result.exit_code == 2
    assert "is read, not written" in result.stderr
    assert not Path(name).exists()


@pytest.mark.parametrize("out", ["out", "out.png"])
def test_a_place_outside_the_picture_costs_that_picture_alone(out: str) -> None:
    draw(Path("p.png"))
    for flag, place in (("--at", "9999,1"), ("--box", "40,0,50,9")):
        result = cut("p.png", flag, place, "-o", out)
        assert result.exit_code == 1
        said = f"p.png: {flag} {place} is outside of its 40 × 24 pixels; expected X below 40"
        assert said in f"{result.stderr}{result.exception}"  # of one file it is what `main` says
        assert not Path(out).exists()
    draw(Path("large.png"), size_wh=(80, 24))
    result = cut("p.png", "large.png", "--at", "60,1", "-o", "both")
    assert result.exit_code == 1
    assert "1 picture, 0 characters, 1 without, 1 failed" in result.stderr


# stdin → stdout


def test_stdin_to_stdout_is_one_png_of_everyone() -> None:
    content = draw(Path("p.png"), 2).read_bytes()
    result = cut("-", stdin=content)
    assert result.exit_code == 0, result.stderr
    together = np.array(Image.open(io.BytesIO(result.stdout_bytes)))
    assert together.shape == (24, 40, 4)
    assert together[10, [5, 19, 25], 3].tolist() == [255, 0, 255]
    assert result.stderr.splitlines()[-1] == "1 picture, 2 characters"
    assert not Path("kirinuki-out").exists()


def test_stdin_without_characters_is_transparent() -> None:
    result = cut("-", stdin=draw(Path("p.png"), 0).read_bytes())
    together = np.array(Image.open(io.BytesIO(result.stdout_bytes)))
    assert (result.exit_code, together.shape, int(together.max())) == (0, (24, 40, 4), 0)


def test_stdin_with_a_background_is_opaque() -> None:
    result = cut("-", "--background", "white", stdin=draw(Path("p.png"), 2).read_bytes())
    together = np.array(Image.open(io.BytesIO(result.stdout_bytes)))
    assert together.shape == (24, 40, 3)
    assert together[10, 19].tolist() == [255, 255, 255]


@pytest.mark.parametrize("options", [["p.png"], ["--json"], ["-o", "out"], ["--coco", "c.json"]])
def test_stdin_stands_alone(options: list[str]) -> None:
    assert cut("-", *options, stdin=draw(Path("p.png")).read_bytes()).exit_code == 2


# Ctrl-C

INTERRUPTED = """
import signal, sys, time
# Started in the background (nohup, some CI), tests inherit that Ctrl-C is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {tests!r})
from fake_segmenter import FakeSegmenter
from kirinuki.segmenter.segmenter import Segmenter

class Slow(FakeSegmenter):
    def __call__(self, picture):
        time.sleep(0.05)
        return super().__call__(picture)

Segmenter.load = lambda *args, **options: Slow()
from kirinuki.cli import main
sys.argv = ["kirinuki", "cut", "d", "-o", "out", "--cutout"]
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals differ")
def test_ctrl_c_ends_with_a_summary() -> None:
    for i in range(200):
        draw(Path(f"d/{i:03}.png"))
    script = INTERRUPTED.format(tests=str(Path(__file__).parents[1]))
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not Path("out/002_1.png").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "to go; go on with --resume" in said
    assert "Traceback" not in said
    result = cut("d", "-o", "out", "--cutout", "--resume")
    counts = re.search(r"(\d+) pictures, .* (\d+) done before", result.stderr)
    assert counts is not None
    assert sum(map(int, counts.groups())) == 200
    assert len(files_under(Path("out"))) == 200


def test_summary_counts_in_words() -> None:
    counts = Counter(pictures=1, videos=2, without=1)
    summary = Summary(counts, skipped=2, unreached=1, walked=Walked(videos_left=3))
    assert summary_lines(summary, Path("out")) == [
        "1 picture, 2 videos, 0 characters, 1 without, 2 done before",
        "left 3 videos in these folders; --videos cuts them too",
        "stopped with 1 input to go; go on with --resume",
        "results: out",
    ]


def test_what_is_known_of_a_video_is_said_at_its_first_frame_and_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ts"
    place = Place(tmp_path / "out", "a", path, cast(Any, object()), (64, 96), ("waifu",))
    found = Found(place, notes=["is interlaced"])
    with showing() as show, click.Context(cut_verb).scope():
        show._task = show._progress.add_task("cutting", total=1, of="1", rate="")
        show.frame(found)
        assert capsys.readouterr().err == f"{path}: is interlaced\n"
        show.frame(found)
        found.notes.append("a_overlay.mp4: its sound was encoded anew")
        show.item(Outcome(Planned(path, Path("a"), True), found))
    said = capsys.readouterr().err.splitlines()
    assert said[0] == f"{path}: a_overlay.mp4: its sound was encoded anew"
    assert not [line for line in said if "interlaced" in line]


def test_a_video_among_pictures(tmp_path, monkeypatch):
    import av

    from blob_segmenter import RED, BlobSegmenter

    with av.open(str(tmp_path / "clip.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        picture = np.full((64, 96, 3), 90, np.uint8)
        picture[20:40, 30:60] = RED
        for _ in range(6):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    Image.fromarray(picture).save(tmp_path / "still.png")
    monkeypatch.setattr("kirinuki.cli.cut.load_segmenter", lambda given: BlobSegmenter())
    inputs = [str(tmp_path / "clip.mp4"), str(tmp_path / "still.png"), str(tmp_path / "gone.mkv")]
    result = CliRunner().invoke(cli, ["cut", *inputs, "-o", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "gone.mkv: no such file" in result.stderr
    assert "6 frames in 1 shot, 1 character" in result.stderr
    assert files_under(tmp_path / "out") == [
        "clip_cutout.webm",
        "clip_overlay.mp4",
        "still_1.png",
        "still_overlay.png",
    ]


def test_videos_of_a_folder_are_counted_and_cut_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from blob_segmenter import RED, BlobSegmenter
    from made_clips import write_clip

    drawn = np.full((64, 96, 3), 90, np.uint8)
    drawn[20:40, 30:60] = RED
    Path("d").mkdir()
    write_clip(Path("d/clip.mp4"), [drawn] * 4)
    Image.fromarray(drawn).save("d/still.png")
    monkeypatch.setattr("kirinuki.cli.cut.load_segmenter", lambda given: BlobSegmenter())
    result = cut("d", "-o", "out", "--cutout")
    assert "left 1 video in these folders; --videos cuts them too" in result.stderr
    result = cut("d", "-o", "out", "--cutout", "--videos", "--resume")
    assert result.exit_code == 0, result.stderr
    assert "1 video, 1 character, 1 done before" in result.stderr
    assert files_under(Path("out")) == ["clip_cutout.webm", "still_1.png"]


def test_what_an_output_cannot_give_is_one_line_and_costs_that_input_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from blob_segmenter import BlobSegmenter
    from made_clips import write_clip

    write_clip(Path("clip.mp4"), [np.full((64, 96, 3), 90, np.uint8)] * 4)
    draw(Path("still.png"))
    monkeypatch.setattr("kirinuki.cli.cut.load_segmenter", lambda given: BlobSegmenter())
    result = cut("clip.mp4", "still.png", "-o", "out", "--labels", "labelme")
    assert result.exit_code == 1
    assert (
        "failed: clip.mp4: a LabelMe file labels one picture; take --labels coco" in result.stderr
    )
    assert files_under(Path("out")) == ["still.json"]


@pytest.mark.parametrize(
    "words",
    [
        ["--background", "nocolor"],
        ["--only", "elf"],
        ["--coco", "p.png"],
        ["-o", "p.png/out"],
    ],
)
def test_what_is_refused_is_refused_before_the_model_is_named(words: list[str]) -> None:
    draw(Path("p.png"))
    result = cut("p.png", *words)
    assert isinstance(result.exception, KirinukiError) or result.exit_code == 2
    assert "model:" not in result.stderr


def test_a_job_of_videos_counts_videos() -> None:
    Path("d").mkdir()
    Path("d/a.mp4").write_bytes(b"no video")
    result = CliRunner().invoke(cli, ["video", "d"])
    assert result.exit_code == 1
    assert "0 videos, 0 characters, 1 failed" in result.stderr
    assert "picture" not in result.stderr.splitlines()[-1]
    assert os.listdir() == ["d"]  # noqa: PTH208


@pytest.mark.parametrize("verb", ["cut", "video"])
def test_the_flag_of_older_versions_names_its_successors_in_one_line(verb: str) -> None:
    draw(Path("p.png"))
    result = CliRunner().invoke(cli, [verb, "p.png", "--json"])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "--labels labelme" in result.stderr
    assert "--labels coco" in result.stderr


def huge(path: Path) -> None:
    """A legal PNG of more pixels than Pillow's own limit allows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("1", (800, 230_000)).save(path)


@pytest.mark.parametrize(
    "inputs",
    [["d/huge.png", "d/good.png", "d/more.png"], ["d"], ["d/*.png"]],
    ids=["named", "folder", "pattern"],
)
def test_a_picture_too_large_costs_only_itself(inputs: list[str]) -> None:
    huge(Path("d/huge.png"))
    draw(Path("d/good.png"))
    draw(Path("d/more.png"))
    result = cut(*inputs, "-o", "out", "--cutout")
    assert result.exit_code == 1
    assert [line for line in result.stderr.splitlines() if line.startswith("failed")] == [
        "failed: d/huge.png: is 800×230000 = 184 megapixels; at most 144 (12000×12000) are read; "
        "make it smaller first"
    ]
    assert "2 pictures" in result.stderr


@pytest.mark.parametrize("number", [0, 1], ids=["huge", "name"])
def test_a_background_too_large_and_a_name_too_long_are_one_line(number: int) -> None:
    huge(Path("huge.png"))
    draw(Path("good.png"))
    words = [["good.png", "--background", "huge.png"], ["good.png", "a" * 300 + ".png"]][number]
    result = cut(*words, "-o", "out")
    assert result.exit_code == 1
    said = ["is 800×230000", "no such file or folder"][number]
    assert said in result.stderr + str(result.exception)
    assert Path("out/good_1.png").exists() == bool(number)


def test_score_that_is_no_number_is_a_usage_error() -> None:
    result = cut("a.png", "--score", "nan")
    assert result.exit_code == 2
    assert "'--score': nan is no number" in result.output


def test_foreign_journal_is_named_without_a_traceback(tmp_path: Path) -> None:
    journal = tmp_path / "out" / "kirinuki-journal.jsonl"
    journal.parent.mkdir()
    journal.write_text('{"source": "a.png", "files": ["a_1.png"]}\n')
    draw(tmp_path / "a.png", 1)
    result = cut(str(tmp_path / "a.png"), "-o", str(journal.parent))
    assert result.exit_code == 1
    assert "not a line of a kirinuki journal" in str(result.exception)
