"""Composing: masks exact also behind occlusion, seeded, resumable; recipes, libraries checked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from kirinuki.cli import cli
from kirinuki.compose import effects
from kirinuki.compose.compose import Composed, compose
from kirinuki.compose.compose_dataset import ComposeJob, compose_dataset
from kirinuki.compose.library import Library
from kirinuki.compose.numbered_job import NumberedRun
from kirinuki.compose.recipe import Recipe
from kirinuki.errors import KirinukiError, OutputError
from kirinuki.formats.registry import load_set
from kirinuki.geometry import mask_to_box
from kirinuki.images.picture import read_picture
from kirinuki.work.results import JOURNAL_NAME
from made_library import COLOURS, figure, make_library, save

CHANCES = [entry.name for entry in fields(Recipe) if isinstance(entry.default, float)]
STILL: dict[str, Any] = dict.fromkeys(CHANCES, 0.0)
"""A recipe in which nothing happens: characters on a background."""
NO_VIDEO: dict[str, Any] = {"compression": 0.0}
"""Video compression needs a package that the core leaves out."""


def recipe(**changes: Any) -> Recipe:
    return Recipe(**{"side": (96, 96), **NO_VIDEO, **changes})


OVERLAPPING = recipe(**{**STILL, "counts": (0, 0, 1, 1), "min_visible": 0.2})

BOTTOM = (False, False, False, True)
"""Cut flush at the lower side."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return make_library(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def library(folders: dict[str, Path]) -> Library:
    return Library.load(**folders)


@pytest.fixture(scope="module")
def soft_library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library.load(**make_library(tmp_path_factory.mktemp("soft"), soft=True))


def same(first: Composed, second: Composed) -> bool:
    return np.array_equal(first.picture, second.picture) and all(
        np.array_equal(a, b) for a, b in zip(first.alphas, second.alphas, strict=True)
    )


# --- pictures ------------------------------------------------------------------------------------


def test_a_seed_is_a_picture(soft_library: Library) -> None:
    first, again = (compose(soft_library, recipe(), seed=5) for _ in range(2))
    assert same(first, again)
    assert not np.array_equal(first.picture, compose(soft_library, recipe(), seed=6).picture)


@pytest.mark.parametrize("seed", range(25))
def test_contract_of_a_composed_picture(soft_library: Library, seed: int) -> None:
    composed = compose(soft_library, recipe(counts=(0, 1, 1, 1)), seed)
    height, width = composed.picture.shape[:2]
    assert composed.picture.dtype == np.uint8
    assert max(height, width) == 96
    assert len(composed.alphas) == len(composed.names) <= 3
    total = np.zeros((height, width), int)
    for alpha in composed.alphas:
        assert alpha.shape == (height, width)
        assert alpha.dtype == np.uint8
        assert np.count_nonzero(alpha >= 128) >= 80
        total += alpha
    for alpha in composed.distractors:
        assert np.count_nonzero(alpha >= 128) >= 80
        total += alpha
    assert total.max(initial=0) <= 255


@pytest.mark.parametrize("seed", range(24))
def test_masks_are_what_can_be_seen_also_behind_others(library: Library, seed: int) -> None:
    """Characters of flat colours: where one is fully there, its colour is; where its colour is, so
    are characters of that colour."""
    composed = compose(library, OVERLAPPING, seed)
    of_colour = {name: np.zeros(composed.picture.shape[:2], int) for name in COLOURS}
    for alpha in composed.alphas:
        inside = composed.picture[alpha == 255].astype(int)
        colour = min(COLOURS, key=lambda name: np.abs(inside - COLOURS[name]).max())
        assert np.abs(inside - COLOURS[colour]).max() <= 2  # of premultiplying and rounding down
        of_colour[colour] += alpha
    for name, colour in COLOURS.items():
        there = (np.abs(composed.picture.astype(int) - colour) <= 1).all(axis=2)
        assert (of_colour[name][there] >= 250).all()


def test_some_of_those_pictures_do_have_occlusion(library: Library) -> None:
    """Otherwise the test above would show nothing."""
    hidden = 0
    for seed in range(24):
        composed = compose(library, OVERLAPPING, seed)
        boxes = [mask_to_box(alpha >= 128) for alpha in composed.alphas]
        shares = [
            np.count_nonzero(alpha >= 128) / ((b[2] - b[0]) * (b[3] - b[1]))
            for alpha, b in zip(composed.alphas, boxes, strict=True)
            if b
        ]
        hidden += any(share < 0.4 for share in shares)  # a whole one fills about half of its box
    assert hidden >= 3


def test_pictures_without_characters(library: Library) -> None:
    for seed in range(5):
        assert compose(library, recipe(counts=(1.0,)), seed).alphas == ()


def test_close_ups_reach_beyond_the_frame_and_small_figures_do_not(library: Library) -> None:
    still = {**STILL, "counts": (0, 1)}
    large = [compose(library, recipe(**{**still, "close_up": 1.0}), s).alphas for s in range(8)]
    small = [compose(library, recipe(**{**still, "small": 1.0}), s).alphas for s in range(8)]
    share_large = np.mean([(a[0] >= 128).mean() for a in large if a])
    share_small = np.mean([(a[0] >= 128).mean() for a in small if a])
    assert share_small < 0.1 < share_large
    assert any((a[0][0] > 0).any() or (a[0][-1] > 0).any() for a in large if a)


def test_objects_hide_characters_but_are_none(library: Library) -> None:
    still = recipe(**{**STILL, "objects": 1.0, "counts": (0, 1)})
    plain = recipe(**{**STILL, "counts": (0, 1)})
    yellow = 0
    for seed in range(10):
        composed = compose(library, still, seed)
        there = (np.abs(composed.picture.astype(int) - (250, 250, 0)) <= 3).all(axis=2)
        yellow += int(there.any())
        for alpha in composed.alphas:
            assert not (alpha[there] > 5).any()
        for alpha in composed.distractors:
            assert there[alpha == 255].all()
        if there.sum() >= 300:
            assert composed.distractors
    assert yellow >= 5
    assert len(compose(library, plain, 0).alphas) == 1


@pytest.mark.parametrize("seed", range(5))
def test_two_opposite_flush_sides_are_both_outside(tmp_path: Path, seed: int) -> None:
    """A bust cut straight at both sides fills the frame from side to side."""
    folders = make_library(tmp_path)
    for file in folders["sprites"].rglob("*.png"):
        save(figure((200, 120, 40), (120, 120))[40:60, 20:100], file)
    still = recipe(**{**STILL, "counts": (0, 1)})
    composed = compose(Library.load(**folders), still, seed)
    columns = (composed.alphas[0] == 255).any(axis=0)
    assert columns.all()


def test_half_bodies_of_the_manifest_end_at_the_frame(tmp_path: Path) -> None:
    """Also where their lower edge is not straight."""
    folders = make_library(tmp_path)
    manifest = tmp_path / "list.csv"
    still = recipe(**{**STILL, "counts": (0, 1), "small": 1.0})
    for framing, at_frame in (("half", True), ("full", False)):
        manifest.write_text(f"file,source,framing\nfigure.png,ben,{framing}\n")
        of_framing = Library.load(**folders, manifest=manifest)
        seen = [compose(of_framing, still, seed).alphas for seed in range(6)]
        ends = [int(np.flatnonzero((a[0] >= 128).any(axis=1))[-1]) for a in seen if a]
        heights = [a[0].shape[0] for a in seen if a]
        assert ends
        assert at_frame == all(e >= h - 5 for e, h in zip(ends, heights, strict=True))


def test_groups_stand_close_and_are_of_one_size(library: Library) -> None:
    still = {**STILL, "counts": (0, 0, 1)}
    closeness = {}
    for group in (0.0, 1.0):
        distances, ratios = [], []
        for seed in range(16):
            alphas = compose(library, recipe(**{**still, "group": group}), seed).alphas
            boxes = [mask_to_box(a >= 128) for a in alphas]
            if len(boxes) == 2 and all(boxes):
                (a, b, c, d), (e, f, g, h) = (box for box in boxes if box)
                distances.append(abs(a + c - e - g) / (c - a + g - e))
                ratios.append(abs(np.log((d - b) / (h - f))))
        closeness[group] = np.median(distances), np.median(ratios)
    assert closeness[1.0][0] < closeness[0.0][0]
    assert closeness[1.0][1] < closeness[0.0][1]


def test_twins_are_the_same_character(library: Library) -> None:
    still = recipe(**{**STILL, "counts": (0, 0, 1), "twins": 1.0, "small": 1.0})
    for seed in range(5):
        composed = compose(library, still, seed)
        shown = {
            min(COLOURS, key=lambda name: np.abs(inside - COLOURS[name]).max())
            for inside in (composed.picture[a == 255].astype(int) for a in composed.alphas)
        }
        assert len(shown) == 1


def test_impostors_are_large_objects_where_nobody_is(library: Library) -> None:
    still = {**STILL, "counts": (1.0,)}
    without = [compose(library, recipe(**still), seed) for seed in range(6)]
    assert not any(c.distractors for c in without)
    seen = [compose(library, recipe(**{**still, "impostors": 1.0}), seed) for seed in range(6)]
    assert all(c.distractors and not c.alphas for c in seen)
    assert np.mean([max((d >= 128).mean() for d in c.distractors) for c in seen]) > 0.08
    posters = [compose(library, recipe(**{**still, "posters": 1.0}), seed) for seed in range(6)]
    assert all(c.distractors for c in posters)


def test_genders_belong_to_the_characters_that_can_be_seen(library: Library) -> None:
    genders = {"red": "female", "green": "male", "blue": ""}
    pieces = tuple(replace(p, gender=genders[p.source]) for p in library.characters)
    of_gender = replace(library, characters=pieces)
    for seed in range(6):
        composed = compose(of_gender, OVERLAPPING, seed)
        for alpha, gender in zip(composed.alphas, composed.genders, strict=True):
            inside = composed.picture[alpha == 255].astype(int)
            colour = min(COLOURS, key=lambda name: np.abs(inside - COLOURS[name]).max())
            assert gender == genders[colour]


# --- effects -------------------------------------------------------------------------------------

EFFECTS = ["speed_lines", "lettering", "manga", "night", "grade", "soften", "grain", "jpeg"]


@pytest.mark.parametrize("name", [*EFFECTS, "video_frame"])
@pytest.mark.parametrize("size", [(64, 96), (63, 47)])
def test_effects_keep_size_and_place(name: str, size: tuple[int, int]) -> None:
    if name == "video_frame":
        pytest.importorskip("av")
    picture = np.full((*size, 3), 235, np.uint8)
    picture[10:30, 8:28] = (60, 80, 120)
    changed = getattr(effects, name)(picture, np.random.default_rng(3))
    assert changed.shape == picture.shape
    assert changed.dtype == np.uint8
    if name not in ("speed_lines", "lettering"):  # they lie on the glass
        inside = changed[13:27, 11:25].mean()
        assert inside + 15 < changed[35:, :].mean()


# --- data sets on disk ---------------------------------------------------------------------------


def job(library: Library, out: Path, count: int = 5, **changes: Any) -> ComposeJob:
    return ComposeJob(library, recipe(), out, count, seed=4, **changes)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != JOURNAL_NAME)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_composed_set_is_coco_with_exact_masks_and_alpha(
    soft_library: Library, tmp_path: Path
) -> None:
    compose_dataset(job(soft_library, tmp_path))
    dataset = load_set(tmp_path / "annotations.json")
    assert len(dataset) == 5
    assert Recipe.read(tmp_path / "recipe.json") == recipe()
    assert dataset.instances
    for picture in dataset:
        assert picture.read().rgb.shape[:2] == picture.size_hw
        for one in picture.instances:
            assert one.alpha is not None
            alpha = read_picture(one.alpha).rgb[..., 0]
            assert np.array_equal(one.mask(picture.size_hw), alpha >= 128)
    assert not (tmp_path / ".parts").exists()


def test_labels_name_the_kind_where_the_manifest_does(library: Library, tmp_path: Path) -> None:
    genders = {"red": "female", "green": "male", "blue": ""}
    pieces = tuple(replace(p, gender=genders[p.source]) for p in library.characters)
    made = compose_dataset(job(replace(library, characters=pieces), tmp_path, count=12))
    assert {one.kind for one in made.instances} == {"female", "male", None}
    again = load_set(tmp_path / "annotations.json")
    assert [one.kind for one in again.instances] == [one.kind for one in made.instances]


def test_any_number_of_processes_writes_the_same(library: Library, tmp_path: Path) -> None:
    compose_dataset(job(library, tmp_path / "one"))
    compose_dataset(job(library, tmp_path / "two"), workers=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


class Stopped(BaseException):
    pass


def test_a_stopped_job_goes_on(library: Library, tmp_path: Path) -> None:
    def stop(items: Any, description: str, total: int | None) -> Any:
        for done, item in enumerate(items):
            if done == 2:
                raise Stopped
            yield item

    out = tmp_path / "stopped"
    with pytest.raises(Stopped):
        compose_dataset(job(library, out), track=stop)
    made = {p.name: p.stat().st_mtime_ns for p in (out / "images").iterdir()}
    assert len(made) >= 2
    with pytest.raises(OutputError, match="`resume`"):
        compose_dataset(job(library, out))
    with pytest.raises(OutputError, match="another seed: 4, now it is 5"):
        compose_dataset(replace(job(library, out), seed=5), resume=True)
    compose_dataset(job(library, out), resume=True)
    first = out / "images" / "000001.png"
    assert first.stat().st_mtime_ns == made["000001.png"]
    compose_dataset(job(library, tmp_path / "whole"))
    assert contents(out) == contents(tmp_path / "whole")
    whole = load_set(out / "annotations.json")
    assert compose_dataset(job(library, out), resume=True).instances == whole.instances
    assert first.stat().st_mtime_ns == made["000001.png"]


def test_what_a_kill_at_the_very_end_leaves_goes_with_the_next_run(
    library: Library, tmp_path: Path
) -> None:
    compose_dataset(job(library, tmp_path))
    before = contents(tmp_path)
    (tmp_path / ".parts").mkdir()
    (tmp_path / ".parts" / "000001.json").write_text("{}")
    compose_dataset(job(library, tmp_path), resume=True)
    assert not (tmp_path / ".parts").exists()
    assert contents(tmp_path) == before


@pytest.mark.skipif(os.name == "nt", reason="no process groups")
def test_ctrl_c_ends_in_good_order_and_the_job_goes_on(
    folders: dict[str, Path], library: Library, tmp_path: Path
) -> None:
    out, file = tmp_path / "out", tmp_path / "recipe.json"
    file.write_text(json.dumps(recipe().to_dict()))
    options = [f"--{name}={path}" for name, path in folders.items()]
    options += ["-n", "60", "-o", str(out), "--recipe", str(file), "--workers", "2", "--seed", "4"]
    command = [sys.executable, "-c", "from kirinuki.cli import main; main()", "data", "compose"]
    running = subprocess.Popen(
        [*command, *options], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while not list(out.glob("images/0*")) and running.poll() is None:
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: the workers get it too
    said = running.communicate()[1]
    assert (running.returncode, said) == (130, "stopped; go on with --resume\n")
    assert 0 < len(list(out.glob("images/*"))) < 60
    compose_dataset(job(library, out, count=60), resume=True)
    compose_dataset(job(library, tmp_path / "whole", count=60))
    assert contents(out) == contents(tmp_path / "whole")


def test_two_jobs_never_work_in_one_folder(library: Library, tmp_path: Path) -> None:
    with (
        NumberedRun(job(library, tmp_path), resume=False, overwrite=False),
        pytest.raises(OutputError, match="another job is at work there"),
    ):
        compose_dataset(job(library, tmp_path), resume=True)


def test_a_job_of_an_older_version_is_refused_in_one_line(library: Library, tmp_path: Path) -> None:
    parts = tmp_path / ".parts"
    parts.mkdir()
    (parts / "job.json").write_text("{}")
    with pytest.raises(OutputError, match=r"stopped job of kirinuki 0\.5"):
        compose_dataset(job(library, tmp_path), resume=True)
    compose_dataset(job(library, tmp_path), overwrite=True)
    assert not parts.exists()


def test_a_set_whose_labels_are_gone_is_made_anew(library: Library, tmp_path: Path) -> None:
    compose_dataset(job(library, tmp_path))
    before = contents(tmp_path)
    (tmp_path / "annotations.json").unlink()
    compose_dataset(job(library, tmp_path), resume=True)
    assert contents(tmp_path) == before


def test_a_killed_job_goes_on(folders: dict[str, Path], library: Library, tmp_path: Path) -> None:
    options = [f"--{name}={path}" for name, path in folders.items()]
    file = tmp_path / "recipe.json"
    file.write_text(json.dumps(recipe().to_dict()))
    options += ["-n", "400", "-o", str(tmp_path / "out"), "--recipe", str(file), "--workers", "1"]
    command = [sys.executable, "-c", "from kirinuki.cli import main; main()", "data", "compose"]
    running = subprocess.Popen([*command, *options])
    parts = tmp_path / "out" / ".parts"
    while len(list(parts.glob("0*.json"))) < 3 and running.poll() is None:
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    done = len(list(parts.glob("0*.json")))
    assert 3 <= done < 400
    # Whatever was written under its name is whole.
    for path in [*(tmp_path / "out").glob("images/0*"), *(tmp_path / "out").glob("alpha/0*")]:
        read_picture(path)
    for path in parts.glob("0*.json"):
        json.loads(path.read_text(encoding="utf-8"))


def test_overwriting_removes_only_what_a_job_wrote(library: Library, tmp_path: Path) -> None:
    compose_dataset(job(library, tmp_path))
    (tmp_path / "images" / "mine.png").write_bytes(b"mine")
    with pytest.raises(OutputError, match="already"):
        compose_dataset(job(library, tmp_path))
    compose_dataset(job(library, tmp_path, count=2, suffix=".jpg"), overwrite=True)
    names = {path.name for path in (tmp_path / "images").iterdir()}
    assert names == {"mine.png", "000001.jpg", "000002.jpg"}


def test_a_broken_piece_is_named_and_costs_nothing(tmp_path: Path) -> None:
    folders = make_library(tmp_path)
    for path in folders["sprites"].rglob("*.png"):
        path.write_bytes(b"not a picture")
    pieces = Library.load(**folders)
    for workers in (1, 2):
        with pytest.raises(KirinukiError, match=r"figure\.png"):
            compose_dataset(
                replace(job(pieces, tmp_path / "out"), recipe=recipe(counts=(0, 1))),
                workers=workers,
                overwrite=True,
            )


def test_command_line(folders: dict[str, Path], tmp_path: Path) -> None:
    file = tmp_path / "recipe.json"
    file.write_text(json.dumps(recipe().to_dict()))
    sources = [f"--{name}={path}" for name, path in folders.items()]
    options = ["data", "compose", *sources, "--recipe", str(file), "-n", "3", "--workers", "1"]
    out = tmp_path / "set"
    held = ["--hold-out", "red", "--hold-out", "place_1", "--only-held-out"]
    done = CliRunner().invoke(cli, [*options, "-o", str(out), *held], catch_exceptions=False)
    assert done.exit_code == 0
    assert "3 pictures" in done.output
    dataset = load_set(out / "annotations.json")
    for picture in dataset:
        shown = {tuple(c) for c in picture.read().rgb.reshape(-1, 3)}
        assert not shown & {COLOURS["green"], COLOURS["blue"]}
    wrong = CliRunner().invoke(cli, [*options, "-o", str(out), "--only-held-out"])
    assert wrong.exit_code == 2
