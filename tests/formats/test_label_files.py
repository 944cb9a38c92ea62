"""Which JSON files of a folder are labels, and of what kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import made_sets
from kirinuki.dataset.check import check_dataset
from kirinuki.errors import LabelError
from kirinuki.formats.label_format import Candidate, find_files
from kirinuki.formats.registry import FORMATS, format_of_target, load_set, open_labels


def test_files_of_a_folder(tmp_path: Path) -> None:
    for name in ("b/1.json", "b/a.JSON", "a.json", ".hidden/c.json", "._a.json", "x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / "folder.json").mkdir()
    found = [path.relative_to(tmp_path).as_posix() for path in find_files(tmp_path, ".json")]
    assert found == ["a.json", "b/1.json", "b/a.JSON"]


def test_one_coco_file_stands_for_its_folder(tmp_path: Path) -> None:
    file = made_sets.coco(tmp_path / "set", "annotations.json", {"a.png": 1, "b.png": 2})
    (tmp_path / "set" / "facts.json").write_text('{"seed": 1}')
    assert open_labels(tmp_path).source == file
    assert len(load_set(tmp_path)) == 2
    assert check_dataset(tmp_path) == []
    made_sets.coco(tmp_path / "set", "val.json", {"c.png": 3})
    with pytest.raises(LabelError, match=r"2 COCO files \(set/annotations.json, set/val.json\)"):
        load_set(tmp_path)
    (finding,) = check_dataset(tmp_path)
    assert finding.message.startswith("holds 2 COCO files")


def test_beside_labelme_files_a_coco_file_is_a_result(tmp_path: Path) -> None:
    made_sets.labelme(tmp_path, "girl", made_sets.shape(), seed=1)
    made_sets.coco(tmp_path, "all.json", {"girl.png": 1})
    assert open_labels(tmp_path).format == "labelme"
    assert len(load_set(tmp_path)) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"shapes": []}, "labelme"),
        ({"images": []}, "coco"),
        ({"images": [], "videos": []}, "coco_video"),
        ([1], None),
        ({"a": 1}, None),
    ],
)
def test_what_a_json_file_is(tmp_path: Path, content: object, kind: str | None) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))
    found = [name for name, one in FORMATS.items() if one.sniff(Candidate(path))]
    assert found == [kind] * (kind is not None)


@pytest.mark.parametrize(
    ("name", "video", "kind"),
    [
        ("labels.json", False, "coco"),
        ("labels.JSON", True, "coco_video"),
        ("my_yolo", False, "yolo"),
        ("own_show.yolo", False, "yolo"),
        ("yolo.txt", False, None),
        ("data.yaml", False, "yolo"),
        ("labelme", False, "labelme"),
        ("out", False, None),
    ],
)
def test_the_name_of_a_target_says_its_format(name: str, video: bool, kind: str | None) -> None:
    found = format_of_target(Path("x", name), video)
    assert (found and found.name) == kind
