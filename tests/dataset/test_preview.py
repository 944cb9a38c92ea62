"""`dataset.preview` and its command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from kirinuki.cli.data.preview import command
from kirinuki.dataset.preview import CELL_WH, PER_SHEET, preview, sheet_paths
from kirinuki.errors import DatasetError
from kirinuki.formats.registry import load_set
from made_sets import coco, labelme, scene, shape


def test_masks_are_drawn_where_they_are(tmp_path: Path) -> None:
    source = coco(tmp_path, "all.json", {"a.png": 1})
    Image.fromarray(np.full((96, 128, 3), 128, np.uint8)).save(tmp_path / "a.png")
    sheet = preview(load_set(source), 1).sheets[0]
    gap = CELL_WH[0] // 20
    left, top, scale = gap + (CELL_WH[0] - 256) // 2, gap + (CELL_WH[1] - 192) // 2, 2
    inside = sheet[top + 50 * scale, left + 30 * scale]
    outside = sheet[top + 80 * scale, left + 100 * scale]
    assert outside.tolist() == [128, 128, 128]
    assert np.abs(inside.astype(int) - 128).max() > 20


def test_the_seed_chooses(tmp_path: Path) -> None:
    dataset = load_set(coco(tmp_path, "all.json", {f"{i}.png": i for i in range(20)}))
    first, again, other = (preview(dataset, 3, seed).sheets[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_bad_pictures_are_replaced_and_named(tmp_path: Path) -> None:
    source = coco(tmp_path, "all.json", {f"{i}.png": i for i in range(5)})
    (tmp_path / "1.png").unlink()
    (tmp_path / "2.png").write_bytes(b"no picture")
    Image.fromarray(scene(3, (50, 50))).save(tmp_path / "3.png")
    result = preview(load_set(source), 5)
    assert result.shown == 2
    assert sorted(Path(line.split(": ")[0]).name for line in result.failed) == [
        "1.png",
        "2.png",
        "3.png",
    ]
    for name in ("0.png", "4.png"):
        (tmp_path / name).unlink()
    with pytest.raises(DatasetError, match=r"none of its 5 pictures could be drawn; the first: "):
        preview(load_set(source))


def test_many_pictures_make_several_sheets(tmp_path: Path) -> None:
    dataset = load_set(coco(tmp_path, "all.json", {f"{i}.png": i for i in range(PER_SHEET + 1)}))
    assert len(preview(dataset, PER_SHEET).sheets) == 1
    assert len(preview(dataset, PER_SHEET + 1).sheets) == 2
    assert sheet_paths(Path("a/b.png"), 2) == [Path("a/b.png"), Path("a/b-2.png")]


def test_command(tmp_path: Path) -> None:
    labelme(tmp_path, "a", shape(), seed=1)
    labelme(tmp_path, "b", seed=2)  # a picture without characters is shown too
    target = tmp_path / "out" / "sheet.png"
    run = CliRunner().invoke
    result = run(command, [str(tmp_path), "-o", str(target)])
    assert result.exit_code == 0, result.output
    assert "2 pictures, 0 could not be drawn" in result.stderr
    before = target.read_bytes()
    assert run(command, [str(tmp_path), "-o", str(target), "--count", "1"]).exit_code == 1
    assert target.read_bytes() == before
    again = run(command, [str(tmp_path), "-o", str(target), "--count", "1", "--overwrite"])
    assert again.exit_code == 0
    assert target.read_bytes() != before
