"""Drawn characters: same seed same pixels, exact soft alpha, committed examples up to date."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from kirinuki.formats.registry import load_set
from kirinuki_draw.draw import (
    CharacterSpec,
    Figure,
    draw_alphas,
    draw_character,
    draw_scene,
    random_spec,
    visible,
)
from kirinuki_draw.strokes.curves import capsule, curve, flow, tube

EXAMPLES = Path(__file__).parents[3] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.json"))


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_examples", EXAMPLES / "make_examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_examples"] = module
    spec.loader.exec_module(module)
    return module


def test_a_seed_always_gives_the_same_character() -> None:
    assert random_spec(5) == random_spec(5)
    assert random_spec(5) != random_spec(6)
    assert np.array_equal(draw_character(5, head=30), draw_character(5, head=30))


@pytest.mark.parametrize("seed", range(8))
def test_a_character_is_tight_soft_and_clean(seed: int) -> None:
    rgba = draw_character(seed, head=30)
    alpha = rgba[..., 3]
    assert rgba.dtype == np.uint8
    assert rgba.shape[2] == 4
    assert alpha[0].any()
    assert alpha[-1].any()
    assert alpha[:, 0].any()
    assert alpha[:, -1].any()
    assert alpha.max() == 255
    assert ((alpha > 0) & (alpha < 255)).any()
    assert not rgba[alpha == 0].any()


@pytest.mark.parametrize("seed", range(8))
def test_no_character_is_cut_by_its_canvas(seed: int) -> None:
    layer = draw_alphas([Figure(random_spec(seed), 300, 240, 20)], (600, 600))[0]
    rows, columns = (np.flatnonzero(layer.any(axis=axis)) for axis in (1, 0))
    whole = (rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1)
    assert np.abs(np.subtract(draw_character(seed, head=20).shape[:2], whole)).max() <= 1


def test_visible_alpha_is_what_those_in_front_leave() -> None:
    back = np.array([[255, 255, 200, 100]], np.uint8)
    front = np.array([[0, 255, 128, 255]], np.uint8)
    seen_back, seen_front = visible([back, front])
    assert seen_front.tolist() == front.tolist()
    assert seen_back.tolist() == [[255, 0, 100, 0]]
    assert visible([]) == ()


def test_visible_alphas_never_add_up_to_more_than_one() -> None:
    rng = np.random.default_rng(0)
    stack = rng.integers(0, 256, (6, 64, 64)).astype(np.uint8)
    assert sum(part.astype(int) for part in visible(stack)).max() <= 255


def test_a_scene_keeps_one_alpha_per_figure() -> None:
    figures = [Figure(random_spec(i), 40 + 30 * i, 40, 26) for i in range(3)]
    drawn = draw_scene(figures, (90, 160))
    assert drawn.picture.shape == (90, 160, 3)
    assert drawn.picture.dtype == np.uint8
    assert len(drawn.alphas) == 3
    assert sum(part.astype(int) for part in drawn.alphas).max() <= 255
    for one, two in zip(drawn.alphas, draw_alphas(figures, (90, 160)), strict=True):
        assert np.array_equal(one, two)


def test_a_scene_without_figures_is_the_background() -> None:
    drawn = draw_scene([], (60, 80))
    assert drawn.alphas == ()
    assert drawn.picture.std() > 10


def test_wind_blows_long_hair_to_its_side() -> None:
    still = CharacterSpec(wind=0.0, yaw=0.0, hair_length=250)
    reach = []
    for wind in (-1.0, 1.0):
        blown = Figure(replace(still, wind=wind), 150, 66, 30)
        columns = np.flatnonzero(draw_alphas([blown], (300, 300))[0].any(axis=0))
        reach.append((150 - columns[0], columns[-1] - 150))
    assert reach[0][0] > reach[0][1]
    assert reach[1][1] > reach[1][0]


@pytest.mark.parametrize("name", NAMES)
def test_masks_of_the_examples_are_their_alphas(name: str) -> None:
    dataset = load_set(EXAMPLES / f"{name}.json")
    (picture,) = dataset
    size = picture.size_hw
    assert Image.open(picture.path).size == size[::-1]
    assert len(dataset.instances) >= 2
    total = np.zeros(size, int)
    for one in dataset.instances:
        assert one.alpha is not None
        alpha = np.asarray(Image.open(one.alpha))
        assert alpha.shape == size
        assert np.array_equal(one.mask(size), alpha >= 128)
        total += alpha
    assert total.max() <= 255


@pytest.mark.parametrize("name", NAMES)
def test_committed_examples_are_what_the_script_makes(name: str) -> None:
    example = _script().EXAMPLES[name]()
    dataset = load_set(EXAMPLES / f"{name}.json")
    made = draw_alphas(example.figures, example.size_hw)
    assert len(made) == len(dataset.instances)
    for alpha, one in zip(made, dataset.instances, strict=True):
        ours, theirs = alpha >= 128, one.mask(example.size_hw)
        assert (ours & theirs).sum() / (ours | theirs).sum() > 0.99


def test_the_script_knows_all_committed_examples() -> None:
    assert sorted(_script().EXAMPLES) == NAMES
    assert sum(path.stat().st_size for path in EXAMPLES.rglob("*.png")) < 3_000_000


def test_curves_pass_through_their_anchors() -> None:
    anchors = [(0.0, 0.0), (10.0, 5.0), (20.0, 0.0)]
    path = curve(*anchors)
    for anchor in anchors:
        assert np.abs(path - anchor).sum(axis=1).min() < 1e-6
    assert np.isfinite(curve((0, 0), (0, 0), (1, 1))).all()


def test_a_tube_is_as_wide_as_asked() -> None:
    spine = flow((0, 0), 0, 10, steps=11)
    assert np.allclose(spine[-1], (10, 0))
    box = np.ptp(tube(spine, 2.0), axis=0)
    assert np.allclose(box, (10, 4))
    assert np.isclose(capsule(spine, 2.0)[:, 0].max(), 12, atol=0.05)
