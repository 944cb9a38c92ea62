"""Plans, journals and jobs: names never collide, nothing is lost, nothing is replaced."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fake_segmenter import FakeSegmenter, draw, files_under
from kirinuki.cutting.batch import Job, Outcome, Summary
from kirinuki.cutting.results import Outputs, everyone
from kirinuki.cutting.selection import Selection
from kirinuki.errors import KirinukiError, OutputError, PictureError
from kirinuki.formats.coco import read_coco
from kirinuki.images.picture import read_picture
from kirinuki.work.journal import JOURNAL_NAME
from kirinuki.work.made_plan import make_plan


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def stems(*inputs: str, out: str = "out") -> dict[str, str]:
    plan = make_plan(inputs, out)
    assert not plan.problems
    return {planned.source.as_posix(): planned.stem for planned in plan.pictures}


def run(*inputs: str, outputs: Outputs | None = None, **options: object) -> Summary:
    plan = make_plan(inputs, "out")
    finder = options.pop("finder", None) or FakeSegmenter()
    return Job(plan, finder, outputs or Outputs(overlay=False), **options).run()  # type: ignore[arg-type]


# Names


@pytest.mark.parametrize(
    ("files", "inputs", "expected"),
    [
        (["1.png"], ["1.png"], {"1.png": "1"}),
        (["a/b/1.png"], ["a/b/1.png"], {"a/b/1.png": "1"}),
        (["a/1.png"], ["a"], {"a/1.png": "1"}),
        (["a/x/1.png", "a/2.png"], ["a"], {"a/x/1.png": "x/1", "a/2.png": "2"}),
        (["a/1.png", "b/1.png"], ["a", "b"], {"a/1.png": "a/1", "b/1.png": "b/1"}),
        (["a/1.png", "b/1.png"], ["a/1.png", "b"], {"a/1.png": "a/1", "b/1.png": "b/1"}),
        (["a/1.png", "a/1.jpg"], ["a"], {"a/1.png": "1.png", "a/1.jpg": "1.jpg"}),
        (["a/x/1.png"], ["a/**/*.png"], {"a/x/1.png": "x/1"}),
        (["1.png"], ["1.png", "./1.png", "*.png"], {"1.png": "1"}),
        (["[a] 1.png"], ["[a] 1.png"], {"[a] 1.png": "[a] 1"}),
        (
            ["d/1.png", "d/1.jpg", "d/1.png.bmp"],
            ["d"],
            {"d/1.jpg": "1.jpg", "d/1.png": "1.png", "d/1.png.bmp": "1.png~2"},
        ),
        (["d/a.b.png", "d/a.png"], ["d"], {"d/a.b.png": "a.b", "d/a.png": "a"}),
    ],
)
def test_names_follow_the_inputs(
    files: list[str], inputs: list[str], expected: dict[str, str]
) -> None:
    for file in files:
        draw(Path(file))
    assert stems(*inputs) == expected


def test_names_differ_where_case_and_unicode_form_do_not_count() -> None:
    for name in ("d/A.png", "d/a.png", "d/e\u0301.png", "d/\u00e9.png", "d/B/1.png", "d/b/1.png"):
        draw(Path(name))
    found = list(stems("d").values())
    if len(list(Path("d").iterdir())) == 6:  # on a file system that does tell them apart
        assert len({stem.casefold() for stem in found}) == 6


def test_one_picture_more_renames_no_other() -> None:
    for name in ("d/1.png", "d/2.png"):
        draw(Path(name))
    before = stems("d")
    draw(Path("d/3.png"))
    assert before.items() <= stems("d").items()


# What is read


def test_results_inside_the_input_folder_are_not_read() -> None:
    draw(Path("1.png"))
    draw(Path("out/1_1.png"))
    assert stems(".") == {"1.png": "1"}
    assert stems("**/*.png") == {"1.png": "1"}


@pytest.mark.skipif(os.name == "nt", reason="links need rights")
def test_results_behind_a_link_are_not_read() -> None:
    draw(Path("d/1.png"))
    draw(Path("d/found/1_1.png"))
    Path("link").symlink_to("d")
    assert stems("link", out="d/found") == {"link/1.png": "1"}


@pytest.mark.parametrize("item", ["out", "out/deeper", "out/*.png"])
def test_results_among_the_inputs_are_refused(item: str) -> None:
    draw(Path("out/deeper/1.png"))
    with pytest.raises(OutputError, match="choose another folder with -o"):
        make_plan([item], "out")


def test_other_files_are_counted_hidden_ones_left_out() -> None:
    draw(Path("d/1.png"))
    draw(Path("d/.trash/2.png"))
    draw(Path("d/._1.png"))
    Path("d/notes.txt").write_text("")
    plan = make_plan(["d", "d/*"], "out")
    assert [planned.stem for planned in plan.pictures] == ["1"]
    assert plan.ignored == 1


def test_inputs_without_pictures_are_named() -> None:
    draw(Path("1.png"))
    Path("empty").mkdir()
    plan = make_plan(["1.png", "missing.png", "empty", "*.gif"], "out")
    assert len(plan.pictures) == 1
    assert [str(problem) for problem in plan.problems] == [
        "missing.png: no such file or folder",
        "empty: no pictures in this folder",
        "*.gif: no picture matches this pattern",
    ]


# What is written


def test_every_output_under_its_name() -> None:
    draw(Path("d/a/1.png"), 2)
    draw(Path("d/1.png"), 0)
    every = Outputs(overlay=True, mask=True, labels=True, background="white")
    summary = run("d", outputs=every)
    assert (summary.pictures, summary.characters, summary.without) == (2, 2, 1)
    ends = ["_1.png", "_2.png", "_background.png", "_mask.png", "_overlay.png"]
    expected = ["1.json", "1_mask.png", "a/1.json", *(f"a/1{end}" for end in ends)]
    assert files_under(Path("out")) == sorted(expected)


def test_cutouts_are_tight_or_at_full_frame() -> None:
    draw(Path("1.png"), 2)
    run("1.png")
    assert Image.open("out/1_1.png").size == (19, 20)
    run("1.png", outputs=Outputs(overlay=False, full_frame=True), overwrite=True)
    cutout = Image.open("out/1_2.png")
    assert (cutout.size, cutout.mode, cutout.getbbox()) == ((40, 24), "RGBA", (20, 2, 39, 22))


def test_label_file_names_the_picture_from_where_it_lies() -> None:
    draw(Path("d/a/1.png"))
    run("d", outputs=Outputs(labels=True))
    record = json.loads(Path("out/a/1.json").read_text())
    assert record["imagePath"] == "../../d/a/1.png"
    assert [shape["label"] for shape in record["shapes"]] == ["girl"]


def test_everyone_holds_all_the_characters(fake: FakeSegmenter) -> None:
    picture = read_picture(draw(Path("1.png"), 2))
    together = everyone(picture, fake(picture))
    assert (together.shape, together.dtype) == ((24, 40, 4), np.uint8)
    assert together[10, [5, 19, 25], 3].tolist() == [255, 0, 255]
    assert together[2, 5, 3] == 100
    assert np.array_equal(together[10, 5, :3], picture.rgb[10, 5])


@pytest.fixture
def fake() -> FakeSegmenter:
    return FakeSegmenter()


def test_selection_by_name_then_by_number() -> None:
    draw(Path("1.png"), 4)
    assert run("1.png", selection=Selection(only=("boy",), limit=1)).characters == 1
    assert run("1.png", selection=Selection(limit=3), overwrite=True).characters == 3


@pytest.mark.parametrize(
    ("only", "left", "unknown"),
    [
        (("waifu",), [0, 3], 1),
        (("male",), [1, 4], 1),
        (("female", "husbando"), [0, 1, 3, 4], 1),
        (("boy", "waifu"), [3], 0),  # of both: a class and a kind
        (("girl", "male"), [4], 1),
        (("girl",), [0, 2, 4], 0),
        ((), [0, 1, 2, 3, 4], 0),
    ],
)
def test_selection_by_kind(
    only: tuple[str, ...], left: list[int], unknown: int, tmp_path: Path
) -> None:
    finder = FakeSegmenter(tells_kinds=True)
    found = finder(read_picture(draw(Path("1.png"), 5, (80, 24))))
    selection = Selection(only)
    selection.check(finder.names, tells_kinds=True)
    assert selection(found).boxes[:, 0].tolist() == found.boxes[left, 0].tolist()
    assert selection.unknown(found) == unknown
    summary = run("1.png", finder=finder, selection=selection)
    assert (summary.characters, summary.unknown) == (len(left), unknown)


def test_a_class_of_the_model_is_no_kind() -> None:
    finder = FakeSegmenter(names=("waifu", "male"), tells_kinds=True)
    found = finder(read_picture(draw(Path("1.png"), 3)))
    assert len(Selection(("waifu",))(found)) == 2
    assert len(Selection(("waifu", "female"))(found)) == 1


def test_a_model_that_tells_no_kinds() -> None:
    with pytest.raises(KirinukiError, match="--only waifu: the model does not say"):
        Selection(("waifu",)).check(("character",), tells_kinds=False)
    Selection(("waifu",)).check(("waifu",), tells_kinds=False)
    with pytest.raises(KirinukiError, match='no "cat", only: girl, waifu, female, husbando, male'):
        Selection(("cat",)).check(("girl",), tells_kinds=True)


def test_kinds_stand_in_the_label_files() -> None:
    draw(Path("1.png"), 3)
    finder = FakeSegmenter(tells_kinds=True)
    coco = Path("found.json")
    run("1.png", finder=finder, outputs=Outputs(labels=True), coco=coco)
    kinds = ["female", "male", "unknown"]
    assert [annotation.kind for annotation in read_coco(coco).annotations] == kinds
    shapes = json.loads(Path("out/1.json").read_text())["shapes"]
    assert [shape["description"].split(", ")[1] for shape in shapes] == kinds


def test_unknown_name_lists_the_known() -> None:
    draw(Path("1.png"))
    with pytest.raises(KirinukiError, match='knows no "cat", only: girl, boy'):
        run("1.png", selection=Selection(only=("cat",)))


def test_bad_background_is_found_out_before_the_work() -> None:
    draw(Path("1.png"))
    with pytest.raises(PictureError, match="nosuch"):
        run("1.png", outputs=Outputs(background="nosuch"))
    assert not Path("out").exists()


# Nothing is lost


def test_broken_pictures_cost_only_themselves() -> None:
    for i in range(7):
        draw(Path(f"d/{i}.png"))
    Path("d/2.png").write_bytes(b"")
    Path("d/4.png").write_bytes(Path("d/1.png").read_bytes()[:40])
    summary = run("d")
    assert (summary.pictures, len(summary.problems)) == (5, 2)
    assert all("\n" not in str(problem) for problem in summary.problems)
    assert str(summary.problems[0]).count("2.png") == 1


def test_a_bug_costs_one_picture_and_is_named() -> None:
    class Buggy(FakeSegmenter):
        def __call__(self, picture):  # type: ignore[no-untyped-def]
            if picture.path and picture.path.name == "1.png":
                raise RuntimeError("two\nlines")
            return super().__call__(picture)

    draw(Path("d/1.png"))
    draw(Path("d/2.png"))
    summary = run("d", finder=Buggy())
    assert [str(p) for p in summary.problems] == ["d/1.png: unexpected RuntimeError: two lines"]
    assert files_under(Path("out")) == ["2_1.png"]


@pytest.mark.parametrize("writers", [1, 3])
def test_outcomes_and_journal_are_in_order_whatever_is_slow(
    monkeypatch: pytest.MonkeyPatch, writers: int
) -> None:
    for i in range(8):
        draw(Path(f"d/{i}.png"))

    def slow(array: object, path: Path, replace: bool) -> None:
        time.sleep(0.02 if int(path.name[0]) % 2 else 0)
        path.parent.mkdir(exist_ok=True)
        path.write_text("")

    monkeypatch.setattr("kirinuki.cutting.results.save_png", slow)
    seen: list[str] = []
    job = Job(make_plan(["d"], "out"), FakeSegmenter(), Outputs(overlay=False), writers=writers)
    job.run(lambda outcome: seen.append(outcome.planned.stem))
    assert seen == [str(i) for i in range(8)]
    lines = map(json.loads, Path("out", JOURNAL_NAME).read_text().splitlines())
    assert [line["done"] for line in lines if "done" in line] == seen


def test_full_disk_stops_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    for i in range(5):
        draw(Path(f"d/{i}.png"))
    monkeypatch.setattr("kirinuki.cutting.results.save_png", full)
    summary = run("d")
    assert (len(summary.problems), summary.unreached) == (2, 3)  # the second was on its way


# Nothing is replaced


def test_held_results_are_refused_before_the_work(fake: FakeSegmenter) -> None:
    draw(Path("d/1.png"))
    run("d")
    with pytest.raises(OutputError, match=r"1 of these 1 pictures.*--resume.*--overwrite"):
        run("d", finder=fake)
    assert not fake.seen


def test_foreign_files_are_kept() -> None:
    draw(Path("d/1.png"), 2)
    Path("out").mkdir()
    Path("out/1_2.png").write_text("mine")
    summary = run("d")
    assert "exists already" in str(summary.problems[0])
    assert files_under(Path("out")) == ["1_2.png"]
    assert Path("out/1_2.png").read_text() == "mine"


def test_overwrite_leaves_no_stale_cutouts() -> None:
    draw(Path("d/1.png"), 3)
    run("d")
    draw(Path("d/1.png"), 1)
    run("d", overwrite=True)
    assert files_under(Path("out")) == ["1_1.png"]


def test_inputs_are_never_replaced() -> None:
    draw(Path("out/1.png"))
    victim = draw(Path("out/1_1.png"), 0)
    before = victim.read_bytes()
    summary = run("out/1.png", "out/1_1.png", overwrite=True)
    assert "is one of the inputs" in str(summary.problems[0])
    assert victim.read_bytes() == before


def test_other_pictures_may_join_the_same_folder() -> None:
    draw(Path("1.png"))
    draw(Path("2.png"))
    run("1.png")
    run("2.png")
    assert files_under(Path("out")) == ["1_1.png", "2_1.png"]


# Resume


def test_resume_skips_what_is_done_also_without_characters(fake: FakeSegmenter) -> None:
    draw(Path("d/1.png"), 0)
    draw(Path("d/2.png"), 1)
    Path("d/3.png").write_bytes(b"broken")
    run("d")
    draw(Path("d/3.png"), 1)
    summary = run("d", finder=fake, resume=True)
    assert fake.seen == [Path("d/3.png")]
    assert (summary.pictures, summary.skipped, summary.problems) == (1, 2, ())


def test_resume_with_other_options_is_refused() -> None:
    draw(Path("1.png"))
    run("1.png")
    with pytest.raises(OutputError, match="with other options"):
        run("1.png", finder=FakeSegmenter(score=0.9), resume=True)
    assert run("1.png", finder=FakeSegmenter(score=0.9), resume=True, overwrite=True).pictures == 1


def test_resume_never_takes_another_picture_for_done() -> None:
    draw(Path("a/1.png"))
    draw(Path("b/1.png"))
    run("a")
    with pytest.raises(OutputError, match="from elsewhere"):
        run("b", resume=True)


def test_interrupted_job_goes_on(fake: FakeSegmenter) -> None:
    for i in range(4):
        draw(Path(f"d/{i}.png"))

    def stop(outcome: Outcome) -> None:
        if outcome.planned.stem == "1":
            raise KeyboardInterrupt

    coco = Path("labels/found.json")
    job = Job(make_plan(["d"], "out"), FakeSegmenter(), Outputs(), coco=coco)
    summary = job.run(stop)
    assert (summary.interrupted, summary.pictures, summary.unreached) == (True, 3, 1)
    assert len(read_coco(coco).images) == 3
    Job(make_plan(["d"], "out"), fake, Outputs(), coco=coco, resume=True).run()
    assert fake.seen == [Path("d/3.png")]
    dataset = read_coco(coco)
    assert [image.file_name for image in dataset.images] == [f"../d/{i}.png" for i in range(4)]
    assert all(dataset.picture_path(image).is_file() for image in dataset.images)


KILLED = """
import os, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from fake_segmenter import FakeSegmenter
import kirinuki.cutting.results as results
from kirinuki.cutting.batch import Job
from kirinuki.work.made_plan import make_plan

save, written = results.save_png, []
def save_or_die(array, path, replace):
    if len(written) == 3:
        Path("out/.kirinuki-left.png").write_bytes(b"half")
        os.kill(os.getpid(), 9)
    written.append(path)
    save(array, path, replace)
results.save_png = save_or_die
outputs = results.Outputs(overlay=False)
Job(make_plan(["d"], "out"), FakeSegmenter(), outputs, coco=Path("found.json")).run()
"""


@pytest.mark.skipif(os.name == "nt", reason="no kill -9")
def test_killed_job_goes_on(fake: FakeSegmenter) -> None:
    for i in range(3):
        draw(Path(f"d/{i}.png"), 2)
    tests = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", KILLED.format(tests=tests)], check=False)
    assert done.returncode == -9
    assert files_under(Path("out")) == [".kirinuki-left.png", "0_1.png", "0_2.png", "1_1.png"]
    with Path("out", JOURNAL_NAME).open("a") as journal:
        journal.write('{"done": "1", "outp')  # a line torn by the kill
    run("d", finder=fake, coco=Path("found.json"), resume=True)
    assert fake.seen[-2:] == [Path("d/1.png"), Path("d/2.png")]
    assert files_under(Path("out")) == [f"{i}_{k}.png" for i in range(3) for k in (1, 2)]
    once = read_coco("found.json")
    run("d", coco=Path("found.json"), overwrite=True)
    assert read_coco("found.json") == once
    assert (len(once.images), len(once.annotations)) == (3, 6)


# COCO


def test_coco_holds_exact_masks_scores_and_empty_pictures(fake: FakeSegmenter) -> None:
    draw(Path("d/1.png"), 2)
    draw(Path("d/2.png"), 0)
    run("d", outputs=Outputs(cutouts=False, overlay=False), coco=Path("d/found.json"))
    dataset = read_coco("d/found.json")
    assert [image.file_name for image in dataset.images] == ["1.png", "2.png"]
    assert [category.name for category in dataset.categories] == ["girl", "boy"]
    instances = fake(read_picture("d/1.png"))
    for i, annotation in enumerate(dataset.annotations):
        assert np.array_equal(annotation.mask((24, 40)), instances.mask(i))
        assert annotation.score == pytest.approx(instances.scores[i], abs=1e-6)
        assert annotation.category_id == instances.labels[i] + 1


def test_foreign_coco_file_is_kept(fake: FakeSegmenter) -> None:
    draw(Path("1.png"))
    Path("mine.json").write_text("{}")
    for resume in (False, True):
        with pytest.raises(OutputError, match=r"mine\.json: exists already"):
            run("1.png", finder=fake, coco=Path("mine.json"), resume=resume)
    assert not fake.seen


def test_coco_file_that_cannot_be_written_costs_no_cutout() -> None:
    draw(Path("1.png"))
    Path("file").write_text("")
    summary = run("1.png", coco=Path("file/found.json"))
    assert (summary.pictures, len(summary.problems)) == (1, 1)
    assert files_under(Path("out")) == ["1_1.png"]


# The journal


@pytest.mark.parametrize(
    "line",
    ['["not", "ours"]', '{"run": {}}\n{"begin": "1", "source": "1.png", "outputs": ["../x.png"]}'],
)
def test_foreign_journal_is_refused(line: str) -> None:
    draw(Path("1.png"))
    Path("out").mkdir()
    Path("out", JOURNAL_NAME).write_text(line + "\n")
    with pytest.raises(OutputError, match="not a line of a kirinuki journal"):
        run("1.png")
