"""`dataset.check` and what it stands on: outlines, names, fingerprints, entries."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from kirinuki.cli.data.check import command
from kirinuki.dataset.check import check_dataset, check_sources, check_training
from kirinuki.dataset.findings import KINDS, Finding
from kirinuki.dataset.names import edit_distance, similar_names
from kirinuki.dataset.outlines import overhang, signed_area, worst_crossing
from kirinuki.images.fingerprint import fingerprint, near_pairs, perceptual_hash
from made_sets import SIZE, SQUARE, coco, labelme, scene, shape


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, [str(finding) for finding in findings]
    return findings[0]


def kinds(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.kind, finding.level) for finding in findings]


# --- outlines, names, fingerprints ------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "share"),
    [
        pytest.param(SQUARE, None, id="square"),
        pytest.param([[0, 0], [10, 10], [10, 0], [0, 10]], 1.0, id="figure of eight"),
        pytest.param([[0, 0], [5, 0], [5, 0], [9, 9], [0, 9], [0, 0]], None, id="points repeated"),
        pytest.param([[0, 0], [9, 0], [5, 0], [9, 9]], None, id="retraced edge"),
        pytest.param([[0, 0], [1, 1]], None, id="line"),
        pytest.param([], None, id="nothing"),
        # A slip at one corner: the edges around (100, 100) cross and make a loop of 1 px².
        pytest.param(
            [[0, 0], [100, 0], [100, 101], [98, 99], [101, 99], [99, 101], [0, 100]],
            0.0005,
            id="slip",
        ),
    ],
)
def test_worst_crossing(points: Any, share: float | None) -> None:
    crossing = worst_crossing(np.array(points, np.float64).reshape(-1, 2))
    if share is None:
        assert crossing is None
    else:
        assert crossing is not None
        assert crossing.share == pytest.approx(share, abs=0.0005)


def test_worst_crossing_says_where() -> None:
    crossing = worst_crossing(np.array([[0, 0], [10, 10], [10, 0], [0, 10]], np.float64))
    assert crossing is not None
    assert (crossing.edges, crossing.x, crossing.y) == ((0, 2), 5.0, 5.0)


def test_worst_crossing_agrees_with_every_pair_tried() -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        ring = rng.integers(0, 40, (rng.integers(3, 12), 2)).astype(np.float64)
        assert (worst_crossing(ring) is not None) == _crosses_by_hand(ring)


def _crosses_by_hand(ring: NDArray[np.float64]) -> bool:
    def side(a: Any, b: Any, p: Any) -> float:
        return float(np.sign((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])))

    edges = [(ring[i], ring[(i + 1) % len(ring)]) for i in range(len(ring))]
    return any(
        side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
        for i, (a, b) in enumerate(edges)
        for c, d in edges[:i]
    )


def test_signed_area_and_overhang() -> None:
    square = np.array(SQUARE, np.float64)
    assert signed_area(square) == 2500
    assert signed_area(square[::-1]) == -2500
    assert overhang(square - 20, (30, 100)).tolist() == [10, 10, 10, 10]
    assert overhang(square, SIZE).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [("waifu", "wiafu", 1), ("", "abc", 3), ("abc", "abc", 0), ("kitten", "sitting", 3)],
)
def test_edit_distance(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == edit_distance(b, a) == distance


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("waifu", "wiafu", True),
        ("waifu", "Waifu ", True),
        ("dark elf", "dark_elf", True),
        ("ワイフガール", "ワイフガルー", True),
        ("waifu_1", "waifu_2", False),
        ("waifu", "waifu_2", False),
        ("waifu_1", "wiafu_2", True),
        ("boy", "toy", False),
        ("male", "female", False),
        ("girl", "boy", False),
    ],
)
def test_similar_names(first: str, second: str, alike: bool) -> None:
    assert bool(similar_names([first, second])) is alike


def test_perceptual_hash_knows_a_picture_again_but_no_other() -> None:
    first, other = scene(1, (240, 320)), scene(2, (240, 320))
    small = cv2.resize(first, (160, 120), interpolation=cv2.INTER_AREA)
    brighter = np.clip(first.astype(int) + 8, 0, 255).astype(np.uint8)
    hashes = [perceptual_hash(picture) for picture in (first, small, other, brighter)]
    assert sorted(near_pairs(hashes)) == [(0, 1), (0, 3), (1, 3)]
    assert sorted(near_pairs(hashes[:1], hashes[1:])) == [(0, 0), (0, 2)]


def test_flat_pictures_have_no_hash_and_pair_with_nothing() -> None:
    black, white = np.zeros((*SIZE, 3), np.uint8), np.full((*SIZE, 3), 255, np.uint8)
    assert perceptual_hash(black) is None
    assert list(near_pairs([None, None])) == []
    assert fingerprint(black).digest != fingerprint(white).digest
    assert fingerprint(black).digest != fingerprint(black.reshape(SIZE[1], SIZE[0], 3)).digest


# --- LabelMe folders ----------------------------------------------------------------------------


def test_a_finding_is_one_line_whatever_names_it_repeats() -> None:
    finding = Finding("missing-picture", "error", "set.json", "is not there", picture="a\nb.png")
    assert str(finding) == "set.json, a b.png: is not there"


def test_a_sound_folder_has_no_findings(tmp_path: Path) -> None:
    labelme(tmp_path, "a", shape(), shape("boy", [[70, 10], [100, 10], [100, 60]]), seed=1)
    labelme(tmp_path / "ep 02", "ä", shape(), seed=2)
    assert check_dataset(tmp_path) == []


BAD_SHAPES = [
    ("empty-shape", "error", shape("hair", [[10, 10], [60, 10], [30, 10]])),
    ("broken-label", "error", shape("hair", [[200, 10], [260, 10], [230, 60]])),
    ("broken-label", "error", shape("hair", [])),
    ("self-crossing", "error", shape("hair", [[70, 10], [120, 60], [120, 10], [70, 60]])),
    ("points-outside", "error", shape("hair", [[70, 10], [170, 10], [120, 60]])),
    ("points-outside", "warning", shape("hair", [[70, 10], [129.2, 10], [120, 60]])),
    ("tiny-shape", "warning", shape("hair", [[70, 10], [75, 10], [75, 15], [70, 15]])),
    ("duplicate-shape", "error", shape("hair", [[10, 10], [60, 10], [60, 60], [11, 60]])),
    ("broken-label", "error", shape("hair", shape_type="line")),
    ("broken-label", "error", shape("hair", [[1, 2], "x"])),
]


@pytest.mark.parametrize(("kind", "level", "bad"), BAD_SHAPES)
def test_a_bad_shape_is_named(tmp_path: Path, kind: str, level: str, bad: dict[str, Any]) -> None:
    labelme(tmp_path, "girl_03", shape(), bad)
    found = only(check_dataset(tmp_path))
    assert (found.kind, found.level) == (kind, level)
    assert str(found).startswith(f'{tmp_path / "girl_03.json"}, shape 2 ("hair"): ')
    assert "\n" not in str(found)


@pytest.mark.parametrize(
    "points",
    [
        pytest.param([[0, 0], [128, 0], [128, 96], [-0.5, 96]], id="on the edge"),
        pytest.param([[0, 0], [127, 95]], id="rectangle of 2 points"),
    ],
)
def test_shapes_up_to_the_edge_are_fine(tmp_path: Path, points: Any) -> None:
    kind = "rectangle" if len(points) == 2 else "polygon"
    labelme(tmp_path, "a", shape(points=points, shape_type=kind))
    assert check_dataset(tmp_path) == []


def test_broken_pictures_and_files_stop_nothing(tmp_path: Path) -> None:
    labelme(tmp_path, "a_missing", shape(), seed=None)
    labelme(tmp_path, "b_cut_off", shape(), seed=1)
    content = (tmp_path / "b_cut_off.png").read_bytes()
    (tmp_path / "b_cut_off.png").write_bytes(content[: len(content) // 2])
    labelme(tmp_path, "c_resized", shape(), seed=2)
    Image.fromarray(scene(2, (96, 64))).save(tmp_path / "c_resized.png")
    (tmp_path / "d.json").write_text("{", encoding="utf-8")
    (tmp_path / "e.json").write_text("[1]", encoding="utf-8")
    Image.fromarray(scene(3)).save(tmp_path / "f.png")
    labelme(tmp_path, "g", seed=4)
    labelme(tmp_path, "h_fine", shape(), seed=5)
    found = check_dataset(tmp_path)
    assert sorted((Path(f.file).name, f.kind, f.level) for f in found) == [
        ("a_missing.json", "missing-picture", "error"),
        ("b_cut_off.json", "unreadable-picture", "error"),
        ("c_resized.json", "size-mismatch", "error"),
        ("d.json", "unreadable-labels", "error"),
        ("e.json", "unreadable-labels", "error"),
        ("f.png", "unlabelled-picture", "warning"),
        ("g.json", "unlabelled-picture", "warning"),
    ]


def test_a_picture_turned_by_exif_is_upright(tmp_path: Path) -> None:
    labelme(tmp_path, "a", shape())
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(scene(0, SIZE[::-1])).rotate(0).save(tmp_path / "a.png", exif=exif)
    assert check_dataset(tmp_path) == []
    Image.fromarray(scene(0, SIZE[::-1])).save(tmp_path / "a.png")
    found = only(check_dataset(tmp_path))
    assert found.kind == "size-mismatch"
    assert "EXIF" in found.message


def test_the_same_picture_twice(tmp_path: Path) -> None:
    labelme(tmp_path, "a", shape(), seed=1)
    labelme(tmp_path, "b", shape(), seed=1)
    assert kinds(check_dataset(tmp_path)) == [("duplicate-picture", "warning")]
    labelme(tmp_path, "b", shape(), shape("boy", [[70, 10], [100, 10], [100, 60]]), seed=1)
    found = only(check_dataset(tmp_path))
    assert (found.kind, found.level, Path(found.file).name) == (
        "duplicate-picture",
        "error",
        "b.json",
    )
    assert "a.json" in found.message


def test_similar_names_name_the_rare_one(tmp_path: Path) -> None:
    labelme(tmp_path, "a", shape("waifu"), seed=1)
    labelme(tmp_path, "b", shape("wiafu"), seed=2)
    labelme(tmp_path, "c", shape("waifu"), seed=3)
    found = only(check_dataset(tmp_path))
    assert (found.kind, found.level) == ("similar-names", "warning")
    assert found.where == f'{tmp_path / "b.json"}, shape 1 ("wiafu")'
    assert "--map wiafu=waifu" in found.message


@pytest.mark.parametrize("stems", [[], ["a"]])
def test_an_empty_data_set_is_an_error(tmp_path: Path, stems: list[str]) -> None:
    for stem in stems:
        labelme(tmp_path, stem)
    assert ("empty-dataset", "error") in kinds(check_dataset(tmp_path))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["label", "points", "shape_type", "mask"]), inner)
    ),
    max_leaves=8,
)
SHAPES = st.fixed_dictionaries(
    {"label": st.just("a") | JSON},
    optional={
        "points": JSON | st.lists(st.tuples(st.floats(-50, 200), st.floats(-50, 200)), max_size=6),
        "shape_type": st.sampled_from(["polygon", "rectangle", "circle", "mask", "line"]) | JSON,
        "mask": JSON,
    },
)


@given(shapes=st.lists(SHAPES | JSON, max_size=3), size=st.just(96) | JSON)
@settings(max_examples=150, deadline=None)
def test_no_label_file_is_too_broken(shapes: list[Any], size: Any) -> None:
    with TemporaryDirectory() as folder:
        path = labelme(Path(folder), "a", *shapes, seed=None)
        record = json.loads(path.read_text())
        path.write_text(json.dumps(record | {"imageHeight": size}))
        for finding in check_dataset(folder, open_pictures=False):
            assert "\n" not in str(finding)


# --- COCO files and splits ----------------------------------------------------------------------


def test_a_sound_coco_file_has_no_findings(tmp_path: Path) -> None:
    assert check_dataset(coco(tmp_path, "train.json", {"a.png": 1, "b.png": 2})) == []


def test_coco_findings_name_picture_and_annotation(tmp_path: Path) -> None:
    path = coco(tmp_path, "train.json", {"a.png": 1}, [[10, 10, 60, 60, 60, 10, 10, 60]])
    found = only(check_dataset(path))
    assert found.kind == "self-crossing"
    assert found.where == f'{path}, a.png, annotation 1 ("waifu")'


def test_a_bad_annotation_stops_nothing(tmp_path: Path) -> None:
    path = coco(tmp_path, "train.json", {"a.png": 1, "b.png": 2})
    content = json.loads(path.read_text())
    content["annotations"][0]["segmentation"] = [[1, 2, 3]]
    path.write_text(json.dumps(content))
    (tmp_path / "b.png").unlink()
    found = check_dataset(path)
    assert ("broken-label", "error") in kinds(found)
    assert ("missing-picture", "error") in kinds(found)
    assert found[0].where == f"{path}, a.png, annotations[0] (id 1)"


def test_what_is_no_coco_file_is_one_finding(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    path.write_text("{}")
    assert kinds(check_dataset(path)) == [("unreadable-labels", "error")]


def test_pictures_on_both_sides_of_a_split(tmp_path: Path) -> None:
    train = coco(tmp_path / "train", "train.json", {"a.png": 1, "b.png": 2})
    val = coco(tmp_path / "val", "val.json", {"c.png": 1, "d.png": 3, "e.png": 4})
    nearly = cv2.convertScaleAbs(scene(2), alpha=0.97)
    Image.fromarray(nearly).save(tmp_path / "val" / "e.png")
    found = check_sources([train, val])
    assert [(f.kind, f.level, f.picture) for f in found] == [
        ("split-leak", "error", "c.png"),
        ("split-leak", "error", "e.png"),
    ]
    assert f"{train}, a.png" in found[0].message
    assert f"nearly the same frame as {train}, b.png" in found[1].message


def test_training_sets_may_share_frames_with_each_other_only(tmp_path: Path) -> None:
    first = coco(tmp_path / "first", "first.json", {"a.png": 1, "b.png": 2})
    second = coco(tmp_path / "second", "second.json", {"c.png": 1})
    val = coco(tmp_path / "val", "val.json", {"d.png": 2, "e.png": 3})
    assert kinds(check_training([first, second], None)) == []
    found = check_training([first, second], val)
    assert [(f.kind, f.picture) for f in found] == [("split-leak", "d.png")]


def test_a_quick_check_opens_no_picture(tmp_path: Path) -> None:
    path = coco(tmp_path, "train.json", {"a.png": 1, "b.png": 2})
    (tmp_path / "a.png").write_bytes(b"not a picture")
    (tmp_path / "b.png").unlink()
    found = check_dataset(path, open_pictures=False)
    assert [(f.kind, f.picture) for f in found] == [("missing-picture", "b.png")]


# --- the command --------------------------------------------------------------------------------


def test_command_exit_status_and_json(tmp_path: Path) -> None:
    labelme(tmp_path, "a", shape(), seed=1)
    labelme(tmp_path, "b", seed=2)
    run = CliRunner().invoke
    warned = run(command, [str(tmp_path)])
    assert warned.exit_code == 0
    assert "b.json" in warned.output
    assert run(command, [str(tmp_path), "--strict"]).exit_code == 1
    labelme(tmp_path, "c", shape(), seed=None)
    result = run(command, [str(tmp_path), "--json", "-"])
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    where = tmp_path / "c.png"
    assert (report["errors"], report["warnings"]) == (1, 1)
    assert report["findings"][0] == {
        "kind": "missing-picture",
        "level": "error",
        "file": str(tmp_path / "c.json"),
        "picture": None,
        "shape": None,
        "message": f"its picture {where} is not there (looked in {tmp_path}); put it there, or "
        "name its folder with --pictures",
    }


def test_command_keeps_an_existing_report(tmp_path: Path) -> None:
    labelme(tmp_path, "a", shape())
    report = tmp_path / "report.txt"
    report.write_text("mine")
    assert CliRunner().invoke(command, [str(tmp_path), "--json", str(report)]).exit_code == 1
    assert report.read_text() == "mine"
    again = CliRunner().invoke(command, [str(tmp_path), "--json", str(report), "--overwrite"])
    assert again.exit_code == 0
    assert json.loads(report.read_text())["findings"] == []


def test_every_kind_of_finding_can_be_found_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "datasets.md").read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"`{kind}`" not in page] == []
