"""The job over pictures: nothing is lost, nothing is replaced, what is done is not done again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fake_segmenter import FakeSegmenter, draw, files_under
from kirinuki.cutting.due import Due, differences
from kirinuki.cutting.found import Found, Outcome
from kirinuki.cutting.job import Job
from kirinuki.cutting.outputs.background import BackgroundOptions
from kirinuki.cutting.outputs.coco import CocoOptions
from kirinuki.cutting.outputs.each import EachOptions
from kirinuki.cutting.outputs.labels import LabelsOptions
from kirinuki.cutting.outputs.matte import MatteOptions
from kirinuki.cutting.outputs.options import NoOptions
from kirinuki.cutting.outputs.overlay import OverlayOptions
from kirinuki.cutting.results import Results, Written
from kirinuki.cutting.selection import Selection
from kirinuki.errors import KirinukiError, OutputError, PictureError
from kirinuki.formats.registry import load_set
from kirinuki.images.picture import Picture, read_picture
from kirinuki.instances import Instances
from kirinuki.work.journal import Journal
from kirinuki.work.plan import plan
from kirinuki.work.results import JOURNAL_NAME
from kirinuki.work.source import Source
from kirinuki.work.summary import Summary


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


EACH = {"each": EachOptions()}
LABELS = {"labels": LabelsOptions("labelme")}


def coco(path: str) -> dict[str, object]:
    return {"coco": CocoOptions(Path(path))}


def run(*inputs: str, outputs: dict[str, object] | None = None, **options: object) -> Summary:
    finder = options.pop("finder", None) or FakeSegmenter()
    return Job(plan(inputs, "out"), finder, outputs or EACH, **options).run()  # type: ignore[arg-type]


# What is written


def test_every_output_under_its_name() -> None:
    draw(Path("d/a/1.png"), 2)
    draw(Path("d/1.png"), 0)
    every = {"overlay": OverlayOptions(), "mask": NoOptions(), "matte": MatteOptions()}
    every |= EACH | LABELS | {"background": BackgroundOptions(value="white")}
    summary = run("d", outputs=every)
    assert summary.counts == {"pictures": 2, "characters": 2, "without": 1, "unknown": 0}
    ends = ["_1.png", "_2.png", "_background.png", "_mask.png", "_matte.png", "_overlay.png"]
    nobody = ["1.json", "1_mask.png", "1_matte.png"]
    expected = [*nobody, "a/1.json", *(f"a/1{end}" for end in ends)]
    assert files_under(Path("out")) == sorted(expected)


def test_cutouts_are_tight_or_at_full_frame() -> None:
    draw(Path("1.png"), 2)
    run("1.png")
    assert Image.open("out/1_1.png").size == (19, 20)
    run("1.png", outputs={"each": EachOptions(full_frame=True)}, overwrite=True)
    cutout = Image.open("out/1_2.png")
    assert (cutout.size, cutout.mode, cutout.getbbox()) == ((40, 24), "RGBA", (20, 2, 39, 22))


def test_label_file_names_the_picture_from_where_it_lies() -> None:
    draw(Path("d/a/1.png"))
    run("d", outputs=LABELS)
    record = json.loads(Path("out/a/1.json").read_text())
    assert record["imagePath"] == "../../d/a/1.png"
    assert [shape["label"] for shape in record["shapes"]] == ["girl"]


@pytest.fixture
def fake() -> FakeSegmenter:
    return FakeSegmenter()


def test_selection_by_name_then_by_number() -> None:
    draw(Path("1.png"), 4)
    assert run("1.png", selection=Selection(only=("boy",), limit=1)).counts["characters"] == 1
    assert run("1.png", selection=Selection(limit=3), overwrite=True).counts["characters"] == 3


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
    assert (summary.counts["characters"], summary.counts["unknown"]) == (len(left), unknown)


def test_a_class_of_the_model_is_no_kind() -> None:
    finder = FakeSegmenter(names=("waifu", "male"), tells_kinds=True)
    found = finder(read_picture(draw(Path("1.png"), 3)))
    assert len(Selection(("waifu",))(found)) == 2
    assert len(Selection(("waifu", "female"))(found)) == 1


def test_a_model_that_tells_no_kinds() -> None:
    with pytest.raises(KirinukiError, match="`only` waifu: the model does not say"):
        Selection(("waifu",)).check(("character",), tells_kinds=False)
    Selection(("waifu",)).check(("waifu",), tells_kinds=False)
    with pytest.raises(KirinukiError, match='no "cat", only: girl, waifu, female, husbando, male'):
        Selection(("cat",)).check(("girl",), tells_kinds=True)


def test_kinds_stand_in_the_label_files() -> None:
    draw(Path("1.png"), 3)
    finder = FakeSegmenter(tells_kinds=True)
    run("1.png", finder=finder, outputs=LABELS | coco("found.json"))
    kinds = ["female", "male", "unknown"]
    assert [one.kind for one in load_set("found.json").instances] == kinds
    shapes = json.loads(Path("out/1.json").read_text())["shapes"]
    assert [shape["description"].split(", ")[1] for shape in shapes] == kinds


def test_unknown_name_lists_the_known() -> None:
    draw(Path("1.png"))
    with pytest.raises(KirinukiError, match='knows no "cat", only: girl, boy'):
        run("1.png", selection=Selection(only=("cat",)))


def test_bad_background_is_found_out_before_the_work() -> None:
    draw(Path("1.png"))
    with pytest.raises(PictureError, match="nosuch"):
        run("1.png", outputs={"background": BackgroundOptions(value="nosuch")})
    assert not Path("out").exists()


# Nothing is lost


def test_a_second_job_in_a_folder_touches_nothing_of_the_first() -> None:
    draw(Path("d/1.png"))
    job = Job(plan(["d"], "out"), FakeSegmenter(), EACH)
    with closing(Journal(Path("out"))) as other:
        other.start({}, {})
        under_way = Path("out/.kirinuki-0123456789abcdef.png")
        under_way.write_bytes(b"half a picture of the first job")
        with pytest.raises(OutputError, match="another job is at work there"):
            job.run()
        assert under_way.exists()


def test_pictures_that_go_away_before_they_are_come_to_are_counted() -> None:
    for i in range(3):
        draw(Path(f"d/{i}.png"))
    job = Job(plan(["d"], "out"), FakeSegmenter(), EACH)
    Path("d/1.png").unlink()
    summary = job.run()
    assert (summary.done, summary.unreached) == (2, 0)
    said = [str(problem) for problem in summary.problems]
    assert said == ["1 of 3 inputs went away since the job began"]


def test_broken_pictures_cost_only_themselves() -> None:
    for i in range(7):
        draw(Path(f"d/{i}.png"))
    Path("d/2.png").write_bytes(b"")
    Path("d/4.png").write_bytes(Path("d/1.png").read_bytes()[:40])
    summary = run("d")
    assert (summary.done, len(summary.problems)) == (5, 2)
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

    def slow(self: Results, due: Due, found: Found, source: Source) -> Written:
        time.sleep(0.02 if int(found.place.stem) % 2 else 0)
        return write(self, due, found, source)

    write = Results.write
    monkeypatch.setattr(Results, "write", slow)
    seen: list[str] = []
    job = Job(plan(["d"], "out"), FakeSegmenter(), EACH, writers=writers)
    job.run(lambda outcome: seen.append(outcome.planned.stem.as_posix()))
    assert seen == [str(i) for i in range(8)]
    lines = map(json.loads, Path("out", JOURNAL_NAME).read_text().splitlines())
    assert [line["done"] for line in lines if "done" in line] == seen


def test_full_disk_stops_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    for i in range(5):
        draw(Path(f"d/{i}.png"))
    monkeypatch.setattr("kirinuki.cutting.outputs.rendering.save_png", full)
    summary = run("d")
    assert len(summary.problems) in (1, 2)  # the second may be on its way
    assert len(summary.problems) + summary.unreached == 5


# Nothing is replaced


def test_held_results_are_refused_before_the_work(fake: FakeSegmenter) -> None:
    draw(Path("d/1.png"))
    run("d")
    with pytest.raises(OutputError, match=r"1 of these 1 inputs.*`resume`.*`overwrite`"):
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
    assert (summary.done, summary.skipped, summary.problems) == (1, 2, [])


def test_resume_with_other_options_is_refused() -> None:
    draw(Path("1.png"))
    run("1.png")
    with pytest.raises(OutputError, match=r"`score` was 0\.5, now it is 0\.9"):
        run("1.png", finder=FakeSegmenter(score=0.9), resume=True)
    assert run("1.png", finder=FakeSegmenter(score=0.9), resume=True, overwrite=True).done == 1


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
        if outcome.planned.stem == Path("1"):
            raise KeyboardInterrupt

    outputs = EACH | coco("labels/found.json")
    job = Job(plan(["d"], "out"), FakeSegmenter(), outputs)
    summary = job.run(stop)
    assert summary.interrupted
    assert summary.done in (2, 3)  # the third may be on its way
    assert summary.done + summary.unreached == 4
    assert len(load_set("labels/found.json")) == summary.done
    Job(plan(["d"], "out"), fake, outputs, resume=True).run()
    assert len(fake.seen) == summary.unreached
    dataset = load_set("labels/found.json")
    assert [picture.name for picture in dataset] == [f"../d/{i}.png" for i in range(4)]
    assert not any(picture.picture.missing for picture in dataset)


KILLED = """
import os, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from fake_segmenter import FakeSegmenter
import kirinuki.cutting.outputs.rendering as rendering
from kirinuki.cutting.job import Job
from kirinuki.cutting.outputs.coco import CocoOptions
from kirinuki.cutting.outputs.each import EachOptions
from kirinuki.work.plan import plan

save, written = rendering.save_png, []
def save_or_die(array, file):
    if len(written) == 3:
        Path("out/.kirinuki-0123456789abcdef.png").write_bytes(b"half")
        os.kill(os.getpid(), 9)
    written.append(file)
    save(array, file)
rendering.save_png = save_or_die
outputs = {{"each": EachOptions(), "coco": CocoOptions(Path("found.json"))}}
Job(plan(["d"], "out"), FakeSegmenter(), outputs).run()
"""


@pytest.mark.skipif(os.name == "nt", reason="no kill -9")
def test_killed_job_goes_on(fake: FakeSegmenter) -> None:
    for i in range(3):
        draw(Path(f"d/{i}.png"), 2)
    tests = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", KILLED.format(tests=tests)], check=False)
    assert done.returncode == -9
    assert [name for name in files_under(Path("out")) if name[0] != "."] == [
        "0_1.png",
        "0_2.png",
        "1_1.png",
    ]
    with Path("out", JOURNAL_NAME).open("a") as journal:
        journal.write('{"done": "1", "outp')  # a line torn by the kill
    run("d", finder=fake, outputs=EACH | coco("found.json"), resume=True)
    assert fake.seen[-2:] == [Path("d/1.png"), Path("d/2.png")]
    assert files_under(Path("out")) == [f"{i}_{k}.png" for i in range(3) for k in (1, 2)]
    once = load_set("found.json")
    run("d", outputs=EACH | coco("found.json"), overwrite=True)
    assert load_set("found.json") == once
    assert (len(once), len(once.instances)) == (3, 6)


# COCO


def test_coco_holds_exact_masks_scores_and_empty_pictures(fake: FakeSegmenter) -> None:
    draw(Path("d/1.png"), 2)
    draw(Path("d/2.png"), 0)
    run("d", outputs=coco("d/found.json"))
    dataset = load_set("d/found.json")
    assert [picture.name for picture in dataset] == ["1.png", "2.png"]
    assert dataset.names == ("girl", "boy")
    instances = fake(read_picture("d/1.png"))
    for i, one in enumerate(dataset.instances):
        assert np.array_equal(one.mask((24, 40)), instances.mask(i))
        assert one.score == pytest.approx(instances.scores[i], abs=1e-6)
        assert one.name == instances.names[instances.labels[i]]


def test_foreign_coco_file_is_kept(fake: FakeSegmenter) -> None:
    draw(Path("1.png"))
    Path("mine.json").write_text("{}")
    for resume in (False, True):
        with pytest.raises(OutputError, match=r"mine\.json: exists already"):
            run("1.png", finder=fake, outputs=coco("mine.json"), resume=resume)
    assert not fake.seen


def test_coco_file_that_cannot_be_written_costs_no_cutout() -> None:
    draw(Path("1.png"))
    job = Job(plan(["1.png"], "out"), FakeSegmenter(), EACH | coco("later/found.json"))
    summary = job.run(lambda outcome: Path("later").write_text("in the way"))
    assert (summary.done, len(summary.problems)) == (1, 1)
    assert files_under(Path("out")) == ["1_1.png"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("d", "d: is a folder"),
        ("1.png/all.json", "1.png is no folder to write to"),
        ("mine.json", "exists already"),
    ],
)
def test_a_coco_file_that_cannot_be_is_refused_before_the_model_is_loaded(
    target: str, said: str
) -> None:
    draw(Path("1.png"))
    draw(Path("d/2.png"))
    Path("mine.json").write_text("{}")
    with pytest.raises(OutputError, match=said):
        Job(plan(["1.png"], "out"), lambda: pytest.fail("loaded"), coco(target))


def test_a_coco_file_of_nobody_that_could_be_read_is_not_written() -> None:
    Path("1.png").write_bytes(b"no picture")
    assert len(run("1.png", outputs=coco("all.json")).problems) == 1
    assert os.listdir() == ["1.png"]  # noqa: PTH208


def test_what_was_kept_for_the_coco_file_goes_when_all_is_cut_again() -> None:
    draw(Path("d/1.png"))
    draw(Path("d/2.png"))
    for _ in range(3):
        run("d", outputs=coco("all.json"), overwrite=True)
    (spool,) = Path("out").glob(".kirinuki-coco-*")
    assert len(spool.read_text().splitlines()) == 2 * 2  # facts and a line of each
    run("d/1.png", outputs=coco("one.json"), overwrite=True)
    assert run("d", outputs=coco("all.json"), resume=True, overwrite=True).skipped == 2
    assert len(load_set("all.json")) == 2


# The journal


@pytest.mark.parametrize(
    "line",
    [
        '["not", "ours"]',
        "junk",
        '{"run": {"format": 3}}\n{"begin": "1", "source": {}, "files": ["../x.png"]}',
    ],
)
def test_foreign_journal_is_refused(line: str) -> None:
    draw(Path("1.png"))
    Path("out").mkdir()
    Path("out", JOURNAL_NAME).write_text(line + "\n")
    with pytest.raises(OutputError, match="not a line of a kirinuki journal"):
        run("1.png")


def test_journals_of_older_versions_are_refused_in_one_line() -> None:
    draw(Path("1.png"))
    Path("out").mkdir()
    Path("out", JOURNAL_NAME).write_text('{"run": {"score": 0.5, "coco": null}}\n')
    with pytest.raises(OutputError, match=r"written by kirinuki 0\.4 or 0\.5") as refused:
        run("1.png", overwrite=True)
    assert "\n" not in str(refused.value)


def test_an_output_asked_for_later_makes_only_itself(fake: FakeSegmenter) -> None:
    draw(Path("d/1.png"))
    run("d")
    before = Path("out/1_1.png").stat().st_mtime_ns
    summary = run("d", finder=fake, outputs=EACH | {"matte": MatteOptions()}, resume=True)
    assert (summary.done, fake.seen) == (1, [Path("d/1.png")])
    assert files_under(Path("out")) == ["1_1.png", "1_matte.png"]
    assert Path("out/1_1.png").stat().st_mtime_ns == before
    assert run("d", outputs=EACH, resume=True).skipped == 1
    assert run("d", outputs={"matte": MatteOptions()}, resume=True).skipped == 1


def test_a_replaced_picture_is_cut_anew_and_a_copied_one_is_not(fake: FakeSegmenter) -> None:
    draw(Path("d/1.png"), 3)
    draw(Path("d/2.png"), 1)
    run("d")
    draw(Path("d/1.png"), 2, (44, 24))
    os.utime("d/2.png", ns=(1, 1))
    Path("out/mine.txt").write_text("mine")
    assert run("d", finder=fake, resume=True).done == 1
    assert fake.seen == [Path("d/1.png")]
    assert files_under(Path("out")) == ["1_1.png", "1_2.png", "2_1.png", "mine.txt"]


def test_a_changed_option_is_named_with_both_values() -> None:
    draw(Path("1.png"))
    run("1.png", outputs={"background": BackgroundOptions(value="white")})
    blue = {"background": BackgroundOptions(value="blue")}
    with pytest.raises(OutputError, match="`background` was white, now it is blue"):
        run("1.png", outputs=blue, resume=True)
    assert run("1.png", outputs=blue, overwrite=True).done == 1


def test_of_another_model_the_beginning_of_its_hash_is_said() -> None:
    then, now = {"model": f"lite 1 {'a' * 64}"}, {"model": f"lite 1 {'b' * 64}"}
    assert differences(then, now, moves=False) == {
        "model": ("lite 1 aaaaaaaa…", "lite 1 bbbbbbbb…")
    }


def test_a_result_that_is_gone_is_made_again() -> None:
    draw(Path("d/1.png"))
    draw(Path("d/2.png"))
    run("d")
    Path("out/1_1.png").unlink()
    assert run("d", resume=True).done == 1
    assert Path("out/1_1.png").is_file()


def test_resume_and_overwrite_cut_again_only_what_was_cut_otherwise(fake: FakeSegmenter) -> None:
    draw(Path("d/1.png"))
    draw(Path("d/2.png"))
    run("d")
    run("d/1.png", finder=FakeSegmenter(score=0.9), overwrite=True)
    assert run("d", finder=fake, resume=True, overwrite=True).done == 1
    assert fake.seen == [Path("d/1.png")]


@pytest.mark.skipif(os.name == "nt", reason="no pipes")
def test_a_pipe_and_a_picture_that_vanishes_are_one_line_each() -> None:
    os.mkfifo("pipe.png")
    draw(Path("d/1.png"))
    draw(Path("d/2.png"))

    def vanish(outcome: Outcome) -> None:
        Path("d/2.png").unlink(missing_ok=True)

    job = Job(plan(["d", "pipe.png"], "out"), Slow(), EACH)
    said = [str(problem) for problem in job.run(vanish).problems]
    assert len(said) in (1, 2)  # the second picture may be read before it vanishes
    assert "pipe.png: is not a regular file" in said[-1]
    assert all("unexpected" not in line for line in said)


class Slow(FakeSegmenter):
    def __call__(self, picture: Picture) -> Instances:
        time.sleep(0.02)
        return super().__call__(picture)


def test_results_are_no_inputs_the_second_time() -> None:
    draw(Path("1.png"))
    Job(plan(["."], "found"), FakeSegmenter(), EACH).run()
    summary = Job(plan(["."], "other"), FakeSegmenter(), EACH).run()
    assert (summary.done, summary.walked.results_left) == (1, 1)


def test_two_jobs_in_one_folder_are_one_line() -> None:
    draw(Path("1.png"))
    first = Journal(Path("out"))
    first.start({}, {})
    with pytest.raises(OutputError, match="another job is at work there"):
        run("1.png")
    first.close()
    assert run("1.png").done == 1


def test_a_second_job_hears_of_the_first_before_it_hears_of_results() -> None:
    draw(Path("1.png"))
    run("1.png")
    with closing(Journal(Path("out"))) as first:
        first.start({}, {})
        with pytest.raises(OutputError, match="another job is at work there"):
            run("1.png")


def test_a_job_in_which_all_fails_leaves_nothing() -> None:
    Path("1.png").write_bytes(b"no picture")
    before = sorted(Path.cwd().iterdir())
    job = Job(plan(["1.png"], "made/out"), FakeSegmenter(), EACH)
    assert len(job.run().problems) == 1
    assert sorted(Path.cwd().iterdir()) == before
    draw(Path("2.png"))
    run("2.png")
    run("1.png")
    assert Path("out", JOURNAL_NAME).exists()  # it knows what is done


def test_a_results_folder_that_cannot_be_made_is_named() -> None:
    draw(Path("1.png"))
    Path("out").write_text("a file")
    with pytest.raises(OutputError, match=r"^out: cannot be written: "):
        run("1.png")


def test_names_too_long_for_results_are_cut_and_stay_two() -> None:
    names = ["x" * 250 + end + ".png" for end in "ab"]
    for name in names:
        draw(Path("d", name))
    notes: list[str] = []
    every = EACH | {"background": BackgroundOptions(value="white")}
    job = Job(plan(["d"], "out"), FakeSegmenter(), every)
    summary = job.run(lambda outcome: notes.extend(outcome.found.notes if outcome.found else []))
    assert (summary.done, summary.problems) == (2, [])
    assert len(files_under(Path("out"))) == 4
    assert [note.partition(":")[0] for note in notes] == ["its name fits no result"] * 2
    assert run("d", outputs=every, resume=True).skipped == 2


@pytest.mark.skipif(os.name == "nt", reason="cannot have such files")
@pytest.mark.parametrize("value", ["labelme", "coco", "yolo", "cvat"])
def test_a_name_that_is_not_utf_8_gets_results_and_labels_that_can_be_read(value: str) -> None:
    draw(Path("d", os.fsdecode(b"caf\xe9.png")))
    summary = run("d", outputs={"labels": LabelsOptions(value=value)})
    assert (summary.done, summary.problems) == (1, [])
    (file,) = files_under(Path("out"))
    assert file.startswith("caf~")
    if value in ("labelme", "coco"):
        content = json.loads(Path("out", file).read_text(encoding="utf-8"))
        name = content["imagePath"] if value == "labelme" else content["images"][0]["file_name"]
        assert name == "../d/caf\ufffd.png"


@pytest.mark.parametrize("line", ['{"run": 5}', '{"done": "1", "files": 5}', '{"outputs": 5}'])
def test_a_foreign_journal_in_an_input_folder_is_passed_over(line: str) -> None:
    draw(Path("d/1.png"))
    Path("d", JOURNAL_NAME).write_text(line + "\n")
    assert run("d").done == 1
