"""Which JSON files of a folder are labels, and of what kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import made_sets
from kirinuki.dataset.check import check_dataset
from kirinuki.errors import DatasetError, LabelError
from kirinuki.formats.label_files import find_label_files, json_kind, one_line, only_coco, read_json
from kirinuki.formats.source import load_dataset


def test_files_of_a_folder(tmp_path: Path) -> None:
    for name in ("b/1.json", "b/a.JSON", "a.json", ".hidden/c.json", "._a.json", "x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / "folder.json").mkdir()
    found = [path.relative_to(tmp_path).as_posix() for path in find_label_files(tmp_path)]
    assert found == ["a.json", "b/1.json", "b/a.JSON"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_in_every_form(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes('{"夏": [1]}'.encode(encoding))
    assert read_json(path) == {"夏": [1]}


def test_what_would_be_lost_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"shapes": [{"label": "a", "points": [], "points": [1]}]}')
    with pytest.raises(LabelError, match=r'a\.json: is not valid JSON \("points" occurs twice'):
        read_json(path)


def test_one_coco_file_stands_for_its_folder(tmp_path: Path) -> None:
    file = made_sets.coco(tmp_path / "set", "annotations.json", {"a.png": 1, "b.png": 2})
    (tmp_path / "set" / "facts.json").write_text('{"seed": 1}')
    assert only_coco(tmp_path, find_label_files(tmp_path)) == file
    assert len(load_dataset(tmp_path).images) == 2
    assert check_dataset(tmp_path) == []
    made_sets.coco(tmp_path / "set", "val.json", {"c.png": 3})
    with pytest.raises(DatasetError, match=r"2 COCO files \(set/annotations.json, set/val.json\)"):
        load_dataset(tmp_path)
    (finding,) = check_dataset(tmp_path)
    assert finding.message.startswith("holds 2 COCO files")


def test_beside_labelme_files_a_coco_file_is_a_result(tmp_path: Path) -> None:
    made_sets.labelme(tmp_path, "girl", made_sets.shape(), seed=1)
    made_sets.coco(tmp_path, "all.json", {"girl.png": 1})
    assert only_coco(tmp_path, find_label_files(tmp_path)) is None
    assert len(load_dataset(tmp_path).images) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [({"shapes": []}, "labelme"), ({"images": []}, "coco"), ([1], None), ({"a": 1}, None)],
)
def test_kinds(tmp_path: Path, content: object, kind: str | None) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))
    assert json_kind(path) == kind


def test_one_line_moves_no_cursor() -> None:
    assert one_line("a\x1b[2J\nb\u202e  c\u3000夏") == "a [2J b c 夏"
