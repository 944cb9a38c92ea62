"""The library of drawn characters: what compose reads, the same each time, never written over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from kirinuki.cli import cli
from kirinuki.compose.library import Library
from kirinuki.errors import OutputError
from kirinuki_draw import library as module
from kirinuki_draw.draw import head_for, random_spec
from kirinuki_draw.library import DrawJob, draw_library


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SIDE", (60.0, 90.0))
    monkeypatch.setattr(module, "_SCENE_HW", (36, 64))


def test_the_composer_reads_the_library(tmp_path: Path) -> None:
    manifest = draw_library(DrawJob(tmp_path, 3, seed=4))
    library = Library.load(tmp_path / "sprites", tmp_path / "backgrounds", manifest=manifest)
    assert [piece.path.name for piece in library.characters] == [f"{n:05d}.webp" for n in (1, 2, 3)]
    assert {piece.style for piece in library.characters} == {"drawn"}
    assert len({piece.character for piece in library.characters}) == 3
    expected = [random_spec(4 * 1_000_003 + n).gender for n in (1, 2, 3)]
    assert [piece.gender for piece in library.characters] == expected
    assert len(library.backgrounds) == 4
    training, held = library.split(["drawn-1", "bay-1"])
    assert len(training.characters) == 2
    assert len(held.characters) == 1


def test_the_same_seed_draws_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        draw_library(DrawJob(tmp_path / name, 1, seed=2))
    one, two = (tmp_path / n / "sprites" / "00001.webp" for n in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    pixels = np.asarray(Image.open(one))
    assert pixels.shape[2] == 4
    assert max(pixels.shape[:2]) < 110


def test_nothing_is_written_over(tmp_path: Path) -> None:
    draw_library(DrawJob(tmp_path, 1))
    before = (tmp_path / "sprites" / "00001.webp").read_bytes()
    with pytest.raises(OutputError, match="`overwrite`"):
        draw_library(DrawJob(tmp_path, 1, seed=1))
    assert (tmp_path / "sprites" / "00001.webp").read_bytes() == before
    draw_library(DrawJob(tmp_path, 1, seed=1), overwrite=True)
    assert (tmp_path / "sprites" / "00001.webp").read_bytes() != before


def test_a_smaller_job_leaves_nothing_of_the_larger_one(tmp_path: Path) -> None:
    draw_library(DrawJob(tmp_path, 2))
    (tmp_path / "sprites" / "mine.webp").write_bytes(b"")
    draw_library(DrawJob(tmp_path, 1), overwrite=True)
    names = {path.name for path in (tmp_path / "sprites").iterdir()}
    assert names == {"00001.webp", "mine.webp"}


def test_a_stopped_job_is_not_written_over(tmp_path: Path) -> None:
    draw_library(DrawJob(tmp_path, 1))
    (tmp_path / "manifest.csv").unlink()
    with pytest.raises(OutputError):
        draw_library(DrawJob(tmp_path, 1))


def test_the_command_names_the_next_one(tmp_path: Path) -> None:
    out = tmp_path / "my art"
    done = CliRunner().invoke(cli, ["data", "draw", "-n", "1", "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert "1 characters, 4 backgrounds" in done.output
    assert "kirinuki data compose --sprites '" in done.output


def test_a_head_is_chosen_for_a_size() -> None:
    spec = random_spec(3)
    assert np.isclose(head_for(spec, 200.0), 2 * head_for(spec, 100.0))
