"""`dataset.split` and what it stands on: grouping and balance."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kirinuki.cli.data.split import command
from kirinuki.dataset.balance import hold_out
from kirinuki.dataset.grouping import cut_into_runs, frame_of, group_by_name, join
from kirinuki.dataset.split import split_dataset, write_split
from kirinuki.errors import DatasetError, OutputError
from kirinuki.formats.labelled import LabelledInstance, LabelledPicture, LabelledSet
from kirinuki.formats.picture_ref import FileRef
from kirinuki.formats.registry import load_set
from made_sets import coco, labelme, shape


def dataset(contents: dict[str, list[str]]) -> LabelledSet:
    """Pictures by file name with the classes of their characters; nothing on disk."""
    names = sorted({name for classes in contents.values() for name in classes})
    polygon = [[10.0, 10, 60, 10, 60, 60]]
    pictures = tuple(
        LabelledPicture(
            FileRef(Path("set", file_name)),
            (96, 128),
            tuple(LabelledInstance(name, polygon, (10, 10, 60, 60), 1250) for name in classes),
            file_name,
        )
        for file_name, classes in contents.items()
    )
    return LabelledSet(tuple(names), pictures, Path("set/all.json"))


def names_of(part: LabelledSet) -> list[str]:
    return [picture.name for picture in part]


@pytest.mark.parametrize(
    ("file_name", "clip", "frame"),
    [
        ("ep01/shot_0042.png", "ep01/shot_", 42),
        ("girl_03.json", "girl_", 3),
        ("0007.png", "", 7),
        ("a/b.png", "a/b", None),
        ("frame(12).jpg", "frame(", 12),
        ("12345678_p0.png", "12345678_p", 0),
        ("a\\shot_1.png", "a/shot_", 1),
        ("Show 03 [00_12_33.5].jpg", "Show 03 [", 753_500_000_000),
        ("vlcsnap-2024-01-02-12h33m44s123.png", "vlcsnap-2024-01-02-", 45_224_123_000_000),
    ],
)
def test_frame_of(file_name: str, clip: str, frame: int | None) -> None:
    assert frame_of(file_name) == (clip, frame)


@pytest.mark.parametrize(
    ("group_by", "groups"),
    [
        ("clip", [[0, 1], [2], [3]]),
        ("folder", [[0, 1, 2], [3]]),
        ("picture", [[0], [1], [2], [3]]),
        (r"_(\d)", [[0, 2, 3], [1]]),
        ("[xy]_", [[0, 1, 3], [2]]),
    ],
)
def test_group_by_name(group_by: str, groups: list[list[int]]) -> None:
    names = ["a/x_1.png", "a/x_2.png", "a/y_1.png", "b/x_1.png"]
    assert list(group_by_name(names, group_by).values()) == groups


@pytest.mark.parametrize(("pattern", "words"), [("(", "regular expression"), ("z", "a/x_1.png")])
def test_a_pattern_that_cannot_group_is_refused(pattern: str, words: str) -> None:
    with pytest.raises(DatasetError, match=words):
        group_by_name(["a/x_1.png"], pattern)


def test_runs_are_consecutive_and_groups_join() -> None:
    names = ["s_10.png", "s_2.png", "s_1.png", "s_9.png"]
    assert cut_into_runs(names, range(4), 2) == [[2, 1], [3, 0]]
    assert join([[0], [1, 2], [3], [4]], [(2, 4), (4, 3)]) == [[0], [1, 2, 3, 4]]


def test_hold_out_keeps_the_share_of_every_class() -> None:
    rng = np.random.default_rng(3)
    counts = np.column_stack([np.full(200, 5), rng.integers(0, 9, (200, 3)), np.zeros(200)])
    counts[:2, 4] = 1  # a class in two groups only: one for each side
    held = counts[hold_out(counts.astype(float), 0.2, seed=1)].sum(axis=0) / counts.sum(axis=0)
    assert held[:4] == pytest.approx(0.2, abs=0.01)
    assert held[4] == 0.5


def test_hold_out_leaves_a_lone_class_to_training() -> None:
    counts = np.array([[10, 1], [10, 0], [10, 0]], float)
    for seed in range(5):
        chosen = hold_out(counts, 0.3, seed)
        assert not chosen[0]
        assert chosen.sum() == 1


def test_hold_out_with_two_groups_takes_one() -> None:
    assert hold_out(np.array([[1.0], [99.0]]), 0.2, 0).tolist() == [True, False]


def test_clips_are_not_parted_and_classes_keep_their_share() -> None:
    contents = {
        f"clip{c:02d}/f_{i:03d}.png": ["boy"] if c % 3 == 0 else ["waifu", "waifu"]
        for c in range(30)
        for i in range(5)
    }
    split = split_dataset(dataset(contents), 0.2, seed=7)
    sides = [{name.split("/")[0] for name in names_of(part)} for part in (split.train, split.val)]
    assert not sides[0] & sides[1]
    assert len(names_of(split.val)) == 30
    assert sum(contents[name] == ["boy"] for name in names_of(split.val)) == 10
    assert split.cut_clips == ()
    assert sorted(names_of(split.train) + names_of(split.val)) == sorted(contents)


def test_the_seed_decides() -> None:
    whole = dataset({f"{name}.png": ["waifu"] for name in "abcdefghijklmnopqrst"})
    first, again, other = (split_dataset(whole, 0.2, seed) for seed in (1, 1, 2))
    assert names_of(first.val) == names_of(again.val)
    assert names_of(first.val) != names_of(other.val)


def test_a_single_clip_is_cut_into_runs_of_frames() -> None:
    whole = dataset({f"girl_{i:02d}.png": ["waifu"] for i in range(20)})
    split = split_dataset(whole, 0.2)
    held = sorted(int(name[5:7]) for name in names_of(split.val))
    assert split.cut_clips == ("girl_",)
    assert len(held) == 4
    assert held[1] == held[0] + 1
    assert held[3] == held[2] + 1


def test_clips_are_cut_rather_than_leave_training_without_a_class() -> None:
    contents = {f"a/f_{i:02d}.png": ["waifu"] for i in range(12)}
    contents |= {f"b/f_{i:02d}.png": [] for i in range(25)}
    split = split_dataset(dataset(contents), 0.2)
    for part in (split.train, split.val):
        assert any(picture.instances for picture in part)


def test_pictures_that_are_alike_stay_together() -> None:
    whole = dataset({f"{name}.png": ["waifu"] for name in "abcdefgh"})
    alike = [(0, 7), (7, 3)]
    for seed in range(8):
        held = set(names_of(split_dataset(whole, 0.3, seed, alike=alike).val))
        assert len(held & {"a.png", "h.png", "d.png"}) in (0, 3)


@pytest.mark.parametrize(
    ("group_by", "alike", "words"),
    [("folder", [], "one group"), ("picture", [(0, 1), (1, 2)], "nearly the same frame")],
)
def test_what_cannot_be_split_is_refused(
    group_by: str, alike: list[tuple[int, int]], words: str
) -> None:
    whole = dataset({name: ["waifu"] for name in ("a.png", "b.png", "c.png")})
    with pytest.raises(DatasetError, match=words):
        split_dataset(whole, group_by=group_by, alike=alike)
    with pytest.raises(DatasetError, match="at least 2"):
        split_dataset(dataset({"a.png": []}))


def test_written_paths_are_valid_from_the_new_folder(tmp_path: Path) -> None:
    source = coco(tmp_path / "labels", "all.json", {f"{n}.png": i for i, n in enumerate("abcdef")})
    content = json.loads(source.read_text())
    content["annotations"][0]["alpha_file"] = "alpha/1.png"
    source.write_text(json.dumps(content))
    split = split_dataset(load_set(source), 0.3)
    parts = [load_set(path) for path in write_split(split, tmp_path / "out")]
    for part in parts:
        assert not any(picture.picture.missing for picture in part)
    alphas = [one.alpha for part in parts for picture in part for one in picture.instances]
    assert [a for a in alphas if a] == [tmp_path / "out/../labels/alpha/1.png"]


def test_neither_file_is_written_where_one_exists(tmp_path: Path) -> None:
    split = split_dataset(dataset({"a.png": [], "b.png": ["waifu"], "c.png": ["waifu"]}))
    (tmp_path / "val.json").write_text("mine")
    with pytest.raises(OutputError, match="`overwrite`"):
        write_split(split, tmp_path)
    assert not (tmp_path / "train.json").exists()
    assert (tmp_path / "val.json").read_text() == "mine"
    write_split(split, tmp_path, overwrite=True)
    assert len(load_set(tmp_path / "val.json"))


def test_command_splits_a_labelme_folder_and_names_the_next_command(tmp_path: Path) -> None:
    for i in range(10):
        labelme(tmp_path, f"girl_{i}", shape(), seed=i)
    labelme(tmp_path, "girl_8", shape(), seed=3)  # the same picture as girl_3
    result = CliRunner().invoke(command, [str(tmp_path), "--group-by", "picture", "--val", "0.3"])
    assert result.exit_code == 0, result.output
    train, val = tmp_path / "train.json", tmp_path / "val.json"
    assert f"next: kirinuki train {train} --val {val} --init default -o run\n" in result.stderr
    sides = [set(names_of(load_set(path))) for path in (train, val)]
    assert len(sides[1]) == 3
    assert any({"girl_3.png", "girl_8.png"} <= side for side in sides)
    again = CliRunner().invoke(command, [str(tmp_path), "--overwrite"])
    assert again.exit_code == 0, again.output  # the split's own files are not taken for labels


def test_command_warns_of_unreadable_pictures(tmp_path: Path) -> None:
    source = coco(tmp_path, "all.json", {"a.png": 1, "b.png": 2, "c.png": 3})
    (tmp_path / "b.png").unlink()
    result = CliRunner().invoke(command, [str(source)])
    assert result.exit_code == 0
    assert "b.png" in result.stderr
