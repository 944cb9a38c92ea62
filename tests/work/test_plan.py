"""Plans: every file once, names that never collide, in the memory of one folder."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from kirinuki.errors import OutputError
from kirinuki.work.names import fits
from kirinuki.work.plan import Plan, plan
from kirinuki.work.walk import Entry


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def touch(*files: str) -> None:
    for file in files:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).touch()


def stems(planned: Plan) -> dict[str, str]:
    return {item.source.as_posix(): item.stem.as_posix() for item in planned}


def problems(planned: Plan) -> list[str]:
    list(planned)
    return [str(problem) for problem in planned.walked.problems]


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
        (["a/1.png", "a/1.jpg"], ["a/1.png"], {"a/1.png": "1"}),
        (["a/x/1.png"], ["a/**/*.png"], {"a/x/1.png": "x/1"}),
        (["a/x/1.png", "a/y/2.png", "a/3.png"], ["a/*/"], {"a/x/1.png": "x/1", "a/y/2.png": "y/2"}),
        (["a/x/1.png", "a/y/1.jpg"], ["a/?/*.png"], {"a/x/1.png": "x/1"}),
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
    touch(*files)
    assert stems(plan(inputs, "out")) == expected


def test_items_come_in_order_of_their_whole_names() -> None:
    files = ["d/B.png", "d/a/1.png", "d/a.png", "d/a b/1.png", "d/a/b/1.png", "d/a0.png"]
    touch(*files)
    assert list(stems(plan(["d"], "out"))) == sorted(files)


def test_names_differ_where_case_and_unicode_form_do_not_count() -> None:
    files = ["d/A.png", "d/a.png", "d/e\u0301.png", "d/\u00e9.png", "d/B/1.png", "d/b/1.png"]
    touch(*files, "d/B/x/2.png", "d/b/X/2.png")
    found = stems(plan(["d"], "out"))
    if len(list(Path("d").iterdir())) == 6:  # on a file system that does tell them apart
        assert len({stem.casefold() for stem in found.values()}) == 8
        assert (found["d/B/1.png"], found["d/b/1.png"]) == ("B/1.png", "b/1.png~2")
        assert (found["d/B/x/2.png"], found["d/b/X/2.png"]) == ("B/x/2.png", "b/X/2.png~2")


@pytest.mark.skipif(os.name == "nt", reason="cannot have such files")
def test_names_that_are_devices_on_windows_or_not_utf_8_fit_everywhere() -> None:
    files = ["d/NUL.png", "d/nul_.png", "d/com1.tar.png", "d/comic.png", "d/CON /1.png"]
    files += [
        "d/dots../1.png",
        "d/dots/1.png",
        *(f"d/caf{os.fsdecode(b)}.png" for b in (b"\xe9", b"\xe8")),
    ]
    touch(*files)
    found = stems(plan(["d"], "out"))
    assert {*found} == {*files}
    assert len({stem.casefold() for stem in found.values()}) == len(files)
    assert all(stem.isascii() for stem in found.values())
    assert (found["d/com1.tar.png"], found["d/comic.png"]) == ("com1_.tar", "comic")
    assert found["d/NUL.png"].startswith("NUL_")
    assert found["d/CON /1.png"] == "CON_/1"
    assert {found["d/dots../1.png"], found["d/dots/1.png"]} == {"dots/1.png", "dots/1.png~2"}
    assert [path for path, stem in found.items() if fits(Path(path), Path(stem))] == [
        "d/comic.png",
        "d/dots/1.png",
        "d/nul_.png",
    ]


def test_one_picture_more_renames_no_other() -> None:
    touch("d/1.png", "d/2.png")
    before = stems(plan(["d"], "out"))
    touch("d/3.png")
    assert before.items() <= stems(plan(["d"], "out")).items()


def test_videos_rename_no_picture() -> None:
    touch("d/ep.png", "d/ep.mkv", "d/ep.mkv.jpg", "d/one.mp4", "d/two.mp4", "d/two.mkv")
    pictures = {"d/ep.mkv.jpg": "ep.mkv", "d/ep.png": "ep"}
    videos = {"d/ep.mkv": "ep.mkv~2", "d/one.mp4": "one", "d/two.mkv": "two.mkv"}
    assert stems(plan(["d"], "out")) == pictures
    both = stems(plan(["d"], "out", videos=True))
    assert both == {**pictures, **videos, "d/two.mp4": "two.mp4"}


# What is read


def test_a_file_that_many_inputs_mean_is_planned_once() -> None:
    touch("d/1.png", "d/x/2.png")
    planned = plan(["d", "./d/1.png", "d/*", "d/**/*.png", "d/x", "d/x/2.png"], "out")
    assert list(stems(planned).values()) == ["1", "x/2"]
    assert not problems(planned)


def test_videos_of_a_folder_are_counted_and_taken_only_when_asked_for() -> None:
    touch("d/1.png", "d/ep1.mkv", "d/x/ep2.mp4")
    planned = plan(["d"], "out")
    assert list(stems(planned)) == ["d/1.png"]
    assert planned.walked.videos_left == 2
    asked = plan(["d"], "out", videos=True)
    assert [item.moves for item in asked] == [False, True, True]
    assert (asked.walked.pictures, asked.walked.videos, asked.walked.videos_left) == (1, 2, 0)
    assert list(stems(plan(["d"], "out", pictures=False, videos=True))) == [
        "d/ep1.mkv",
        "d/x/ep2.mp4",
    ]


def test_videos_that_are_named_are_taken_unasked() -> None:
    touch("d/1.png", "d/ep1.mkv", "d/ep2.mkv", "e/ep3.mkv")
    assert list(stems(plan(["d/ep?.mkv", "e/ep3.mkv"], "out"))) == [
        "d/ep1.mkv",
        "d/ep2.mkv",
        "e/ep3.mkv",
    ]


def test_results_inside_the_input_folder_are_not_read() -> None:
    touch("1.png", "out/1_1.png")
    assert stems(plan(["."], "out")) == {"1.png": "1"}
    assert stems(plan(["**/*.png"], "out")) == {"1.png": "1"}


def journal_of(folder: str, **files: list[str]) -> None:
    lines = [{"done": stem, "files": {"cutout": names}} for stem, names in files.items()]
    text = "\n".join(map(json.dumps, [{"run": {}}, *lines, {"done": "half"}]))
    Path(folder, "kirinuki-journal.jsonl").write_text(text[:-3])


def test_results_of_another_run_are_not_read() -> None:
    touch("d/1.png", "d/1_1.png", "d/sub/2.png", "d/sub/2_1.png", "d/ep_cutout/000001.png")
    journal_of("d", one=["1_1.png"], two=["sub/2_1.png"], ep=["ep_cutout"])
    planned = plan(["d"], "out")
    assert stems(planned) == {"d/1.png": "1", "d/sub/2.png": "sub/2"}
    assert planned.walked.results_left == 3


def test_frames_that_were_picked_and_composed_pictures_are_inputs() -> None:
    touch("d/1.png", "d/2.png", "d/3.png", "d/4.png")
    lines = [
        {"run": {"format": 3}},
        {"begin": "1", "outputs": ["frames"], "files": ["1.png"]},
        {"done": "2", "files": {"composed": ["2.png"], "cutout": ["3.png"]}},
        {"run": {"verb": "frames"}},  # 0.5.0
        {"begin": "4", "outputs": ["4.png"]},
    ]
    Path("d/kirinuki-journal.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert list(stems(plan(["d"], "out")).values()) == ["1", "2", "4"]


def test_results_beside_the_pictures_are_no_inputs_the_second_time() -> None:
    touch("1.png", "1_1.png", "2.png")
    journal_of(".", one=["1_1.png"])
    planned = plan(["1.png", "1_1.png", "2.png"], ".")
    assert stems(planned) == {"1.png": "1", "2.png": "2"}
    assert planned.walked.results_left == 1


@pytest.mark.skipif(os.name == "nt", reason="links need rights")
def test_results_behind_a_link_are_not_read() -> None:
    touch("d/1.png", "d/found/1_1.png")
    Path("link").symlink_to("d")
    assert stems(plan(["link"], "d/found")) == {"link/1.png": "1"}


@pytest.mark.skipif(os.name == "nt", reason="links need rights")
def test_a_folder_that_leads_back_to_itself_is_read_once() -> None:
    touch("d/1.png")
    Path("d/again").symlink_to(".")
    assert stems(plan(["d", "d/**/*.png"], "out")) == {"d/1.png": "1"}


@pytest.mark.parametrize("item", ["out", "out/deeper", "out/*.png"])
def test_results_among_the_inputs_are_refused(item: str) -> None:
    touch("out/deeper/1.png")
    with pytest.raises(OutputError, match="choose another folder"):
        plan([item], "out")


def test_other_files_are_counted_hidden_ones_left_out() -> None:
    touch("d/1.png", "d/.trash/2.png", "d/._1.png", "d/notes.txt")
    planned = plan(["d", "d/*"], "out")
    assert list(stems(planned).values()) == ["1"]
    assert planned.walked.ignored == 1


def test_inputs_that_gave_nothing_are_named() -> None:
    touch("1.png", "films/ep.mkv")
    Path("empty").mkdir()
    assert problems(
        plan(["1.png", "missing.png", "empty", "*.bmp", "nowhere/*", "films"], "out")
    ) == [
        "missing.png: no such file or folder",
        "empty: no pictures in this folder",
        "*.bmp: no picture matches this pattern",
        "nowhere/*: no picture matches this pattern",
        "films: no pictures in this folder, but 1 video",
    ]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_locked_folder_costs_only_itself() -> None:
    touch("d/1.png", "d/locked/2.png")
    Path("d/locked").chmod(0)
    try:
        planned = plan(["d"], "out")
        assert stems(planned) == {"d/1.png": "1"}
        assert problems(planned) == ["d/locked: cannot be read (Permission denied)"]
    finally:
        Path("d/locked").chmod(0o755)


def test_a_plan_knows_what_it_reads() -> None:
    touch("d/1.png", "d/notes.txt", "d/out/1_1.png", "e/2.png", "e/3.png")
    planned = plan(["d", "e/2.png"], "d/out")
    files = ["d/1.png", "d/notes.txt", "d/out/1_1.png", "d/new.png", "e/2.png", "e/3.png"]
    read = {file for file in files if planned.reads(Path(file))}
    assert read == {"d/1.png", "e/2.png"}


# Size


def test_a_small_plan_is_counted_before_its_first_item() -> None:
    touch("d/1.png", "d/2.png")
    planned = plan(["d"], "out")
    assert planned.count is None
    next(iter(planned))
    assert planned.count == 2


def test_a_million_pictures_need_no_more_memory_than_their_largest_folder() -> None:
    top = Path("library").absolute()
    top.mkdir()

    def listing(folder: Path) -> list[Entry]:
        depth = len(folder.relative_to(top).parts)
        if depth < 2:
            return [Entry(f"{number:03d}", True, False) for number in range(10 * 10**depth)]
        return [Entry(f"{number:04d}.png", False, False) for number in range(1000)]

    planned = plan(["library"], "out", listing=listing)
    before = sys.getallocatedblocks()
    count = most = 0
    for _ in planned:
        count += 1
        if count % 5000 == 0:
            most = max(most, sys.getallocatedblocks() - before)
    assert count == planned.count == 1_000_000
    assert (
        most < 150_000
    )  # objects, 10,000 items ahead among them; a list of all would be 5 million
