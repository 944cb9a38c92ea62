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
from kirinuki.data import effects, placement
from kirinuki.data.coco import read_coco
from kirinuki.data.compose import Composed, compose
from kirinuki.data.compose_dataset import ComposeJob, compose_dataset
from kirinuki.data.held_out import choose_sources, read_sources
from kirinuki.data.library import Library, load_cutout
from kirinuki.data.recipe import Recipe
from kirinuki.errors import DatasetError, KirinukiError, OutputError
from kirinuki.geometry import mask_to_box
from kirinuki.images import read_picture
from made_library import COLOURS, figure, half_figure, make_library, save

CHANCES = [entry.name for entry in fields(Recipe) if isinstance(entry.default, float)]
STILL: dict[str, Any] = dict.fromkeys(CHANCES, 0.0)
"""A recipe in which nothing happens: characters on a background."""
NO_VIDEO: dict[str, Any] = {"compression": 0.0}
"""Video compression needs a package that the core leaves out."""


def recipe(**changes: Any) -> Recipe:
    return Recipe(**{"side": (96, 96), **NO_VIDEO, **changes})


OVERLAPPING = recipe(**{**STILL, "counts": (0, 0, 1, 1), "min_visible": 0.2})


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


@pytest.mark.parametrize("seed", range(12))
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
    for seed in range(12):
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


# --- placement -----------------------------------------------------------------------------------


def test_flush_sides_are_found() -> None:
    assert placement.flush_sides(half_figure()) == (False, False, False, True)
    assert placement.flush_sides(half_figure()[:, ::-1][:, :30]) == (False, False, True, True)
    assert placement.flush_sides(figure((1, 2, 3))) == (False,) * 4


@pytest.mark.parametrize("seed", range(20))
def test_flush_sides_end_outside_the_frame(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cutout = half_figure()
    angle, shear = rng.normal(0, 4), rng.normal(0, 0.05)
    scale = rng.uniform(0.4, 2)
    pose = placement.Pose(scale, scale, float(angle), float(shear), bool(rng.random() < 0.5))
    matrix = placement.place(cutout, pose, (96, 128), rng)
    height, width = cutout.shape[:2]
    cut = matrix @ np.array([[0, width], [height, height], [1, 1]])  # ends of the flush side
    assert (cut[1] >= 96 - 1e-6).all()


def test_a_flush_left_side_stays_outside_also_mirrored() -> None:
    cutout = np.ascontiguousarray(half_figure().transpose(1, 0, 2)[:, ::-1])  # cut at the left
    assert placement.flush_sides(cutout)[0]
    for mirrored in (False, True):
        pose = placement.Pose(1, 1, 3.0, 0.02, mirrored)
        matrix = placement.place(cutout, pose, (96, 128), np.random.default_rng(1))
        height = cutout.shape[0]
        x = (matrix @ np.array([[0, 0], [0, height], [1, 1]]))[0]
        assert (x >= 128).all() if mirrored else (x <= 0).all()


def test_bending_keeps_flush_sides_and_size() -> None:
    cutout = half_figure()
    bent = placement.bent(cutout, np.random.default_rng(2))
    assert bent.shape == cutout.shape
    assert not np.array_equal(bent, cutout)
    assert placement.flush_sides(bent) == placement.flush_sides(cutout)


def test_warping_far_down_keeps_the_area() -> None:
    cutout = figure((255, 255, 255), (200, 200))
    layer = placement.warp(cutout, np.array([[0.1, 0, 5], [0, 0.1, 5]]), (40, 40))
    area = cutout[..., 3].sum() / 100
    assert abs(layer[..., 3].sum() - area) < 0.06 * area


# --- recipes -------------------------------------------------------------------------------------


def test_recipe_survives_json(tmp_path: Path) -> None:
    wanted = recipe(manga=0.5, aspects=((4, 3),))
    file = tmp_path / "recipe.json"
    file.write_text(json.dumps(wanted.to_dict()), encoding="utf-8")
    assert Recipe.read(file) == wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[1]", "expected a JSON object"),
        ('{"mango": 0.5}', '"mango"'),
        ('{"manga": 1.5}', "manga"),
        ('{"manga": 5}', "manga"),
        ('{"manga": "0.5"}', "manga"),
        ('{"side": 512}', "side"),
        ('{"side": [512, 256]}', "side"),
        ('{"side": [512.5, 600]}', "side"),
        ('{"counts": []}', "counts"),
        ('{"counts": [0, 0]}', "counts"),
        ('{"counts": ["many"]}', "counts"),
        ('{"aspects": []}', "aspects"),
        ('{"aspects": [[16, 0]]}', "aspects"),
        ('{"aspects": [16, 9]}', "aspects"),
        ('{"style_shares": [1]}', "style_shares"),
        ('{"style_shares": {"anime": -1}}', "style_shares"),
        ('{"name": ""}', "name"),
    ],
)
def test_bad_recipes_are_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "recipe.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=words) as caught:
        Recipe.read(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


# --- libraries -----------------------------------------------------------------------------------


def test_sources_are_folders_or_files_without_a_manifest(library: Library) -> None:
    assert [p.source for p in library.characters] == ["blue", "green", "red"]


def test_a_manifest_names_sources_and_styles(tmp_path: Path) -> None:
    folders = make_library(tmp_path)
    manifest = tmp_path / "list.csv"
    manifest.write_text(
        "file,source,style,gender\nx/scene.png,anna,,\nfigure.png,ben,anime,female\n"
        "thing.png,carl,,nonhuman\n"
    )
    pieces = Library.load(**folders, manifest=manifest)
    assert {p.source for p in pieces.backgrounds} == {"anna"}
    assert {(p.source, p.style) for p in pieces.characters} == {("ben", "anime")}
    assert {p.gender for p in pieces.characters} == {"female"}
    assert {p.gender for p in pieces.objects} == {""}
    manifest.write_text("file,style\nfigure.png,anime\n")
    with pytest.raises(DatasetError, match='"source"'):
        Library.load(**folders, manifest=manifest)


def test_splitting_by_source(library: Library) -> None:
    train, held = library.split(["red", "place_0"])
    assert {p.source for p in held.characters} == {"red"}
    assert {p.source for p in train.characters} == {"green", "blue"}
    with pytest.raises(DatasetError, match='"rod"'):
        library.split(["rod"])
    with pytest.raises(DatasetError, match="held-out"):
        library.split(["red"])  # no background


def test_cutouts_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    save(np.full((9, 9, 3), 9, np.uint8), tmp_path / "solid.png")
    save(np.zeros((9, 9, 4), np.uint8), tmp_path / "nothing.png")
    for name, words in (("solid.png", "transparency"), ("nothing.png", "visible")):
        with pytest.raises(DatasetError, match=words) as caught:
            load_cutout(tmp_path / name)
        assert name in str(caught.value)
    with pytest.raises(DatasetError, match="no pictures"):
        Library.load(tmp_path / "none", tmp_path)


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


def test_styles_share_as_asked(library: Library) -> None:
    styles = ("anime", "anime", "painted")
    pieces = tuple(replace(p, style=s) for p, s in zip(library.characters, styles, strict=True))
    weights = replace(library, characters=pieces).character_weights({"anime": 3, "painted": 1})
    np.testing.assert_allclose(weights, [0.375, 0.375, 0.25])


def test_sources_are_read_from_files_and_names(tmp_path: Path) -> None:
    file = tmp_path / "held.txt"
    file.write_text("# held out\nanna\n\n  ben  \n", encoding="utf-8")
    assert read_sources([str(file), "carl"]) == ("anna", "ben", "carl")
    file.write_text("\n")
    with pytest.raises(DatasetError, match="names no source"):
        read_sources([str(file)])


def test_sources_are_chosen_by_seed_and_leave_something(library: Library) -> None:
    chosen = choose_sources(library, seed=1)
    assert chosen == choose_sources(library, seed=1)
    for part in library.split(chosen):
        assert part.characters
        assert part.backgrounds
    one = replace(library, backgrounds=library.backgrounds[:1])
    with pytest.raises(DatasetError, match="too few sources"):
        choose_sources(one)


# --- data sets on disk ---------------------------------------------------------------------------


def job(library: Library, out: Path, count: int = 5, **changes: Any) -> ComposeJob:
    return ComposeJob(library, recipe(), out, count, seed=4, **changes)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_composed_set_is_coco_with_exact_masks_and_alpha(
    soft_library: Library, tmp_path: Path
) -> None:
    compose_dataset(job(soft_library, tmp_path))
    dataset = read_coco(tmp_path / "annotations.json")
    assert len(dataset.images) == 5
    assert Recipe.read(tmp_path / "recipe.json") == recipe()
    assert dataset.annotations
    for image in dataset.images:
        size = image.height, image.width
        assert read_picture(dataset.picture_path(image)).rgb.shape[:2] == size
        for annotation in dataset.annotations_of(image.id):
            alpha = read_picture(tmp_path / str(annotation.alpha_file)).rgb[..., 0]
            assert np.array_equal(annotation.mask(size), alpha >= 128)
    assert not (tmp_path / ".parts").exists()


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
    with pytest.raises(OutputError, match="--resume"):
        compose_dataset(job(library, out))
    with pytest.raises(OutputError, match="another recipe"):
        compose_dataset(replace(job(library, out), seed=5), resume=True)
    compose_dataset(job(library, out), resume=True)
    first = out / "images" / "000001.png"
    assert first.stat().st_mtime_ns == made["000001.png"]
    compose_dataset(job(library, tmp_path / "whole"))
    assert contents(out) == contents(tmp_path / "whole")
    with pytest.raises(OutputError, match="complete"):
        compose_dataset(job(library, out), resume=True)


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
    dataset = read_coco(out / "annotations.json")
    for image in dataset.images:
        shown = {tuple(c) for c in read_picture(dataset.picture_path(image)).rgb.reshape(-1, 3)}
        assert not shown & {COLOURS["green"], COLOURS["blue"]}
    wrong = CliRunner().invoke(cli, [*options, "-o", str(out), "--only-held-out"])
    assert wrong.exit_code == 2
