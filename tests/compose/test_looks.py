"""Looks: colours part by part, adornments, illustration; alphas exact, cut sides kept, seeded."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from kirinuki.compose.compose import compose
from kirinuki.compose.library import Library
from kirinuki.compose.looks.adornments import KINDS, adorned
from kirinuki.compose.looks.illustration import illustrated
from kirinuki.compose.looks.part_colours import recoloured_parts
from kirinuki.compose.looks.strokes import fill, line, strip
from kirinuki.compose.paint import Rgba, multiplied, unmultiplied
from kirinuki.compose.placement import flush_sides
from kirinuki.compose.recipe import Recipe
from made_library import half_figure, make_library, save

WITHOUT = Recipe(
    side=(96, 96), counts=(0, 1), compression=0, recolour_parts=0, adorn=0, illustrate=0
)
FREE = (False, False, False, False)
BOTTOM = (False, False, False, True)


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def doll(height: int = 120, width: int = 60) -> Rgba:
    """A premultiplied egg of two colours with a soft edge, standing free in its cutout."""
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[: height // 2], rgb[height // 2 :] = (200, 60, 40), (40, 60, 200)
    alpha = np.zeros((height, width), np.uint8)
    middle, radii = (width // 2, height // 2), (width // 2 - 8, height // 2 - 8)
    cv2.ellipse(alpha, middle, radii, 0, 0, 360, 255, -1, cv2.LINE_AA)
    return multiplied(rgb, alpha)


def is_premultiplied(cutout: Rgba) -> bool:
    return bool(np.all(cutout[..., :3] <= cutout[..., 3:]))


def test_colours_survive_being_multiplied_and_taken_apart() -> None:
    cutout = doll()
    seen = cutout[..., 3] > 0
    back = multiplied(unmultiplied(cutout), cutout[..., 3])
    assert np.abs(back[seen].astype(int) - cutout[seen]).max() <= 1
    assert not unmultiplied(np.zeros((4, 4, 4), np.uint8)).any()


def test_parts_change_colour_apart_and_the_alpha_stays() -> None:
    cutout = doll()
    changes = []
    for seed in range(12):
        changed = recoloured_parts(cutout, generator(seed))
        assert np.array_equal(changed[..., 3], cutout[..., 3])
        assert is_premultiplied(changed)
        changes.append(changed[[30, 90], 30, :3].astype(int) - cutout[[30, 90], 30, :3])
    apart = [np.abs(top - bottom).max() > 20 for top, bottom in changes]
    assert sum(apart) >= 8
    alike = [np.abs(change).max() <= 4 for pair in changes for change in pair]
    assert 0 < sum(alike) < len(alike)  # some parts keep their colour


def test_a_tiny_cutout_keeps_its_colours() -> None:
    tiny = doll(30, 30)
    assert recoloured_parts(tiny, generator(0)) is tiny


@pytest.mark.parametrize("draw", [draw for draw, _ in KINDS], ids=lambda draw: draw.__name__)
def test_every_adornment_becomes_a_part_of_the_figure(
    draw: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kirinuki.compose.looks.adornments.KINDS", ((draw, 1.0),))
    monkeypatch.setattr("kirinuki.compose.looks.adornments.KINDS_AT_ONCE", (1, 1))
    cutout = doll()
    opaque = np.count_nonzero(cutout[..., 3] >= 128)
    grown = 0
    for seed in range(8):
        more, body = adorned(cutout, FREE, generator(seed))
        assert is_premultiplied(more)
        assert np.all(more[body[1] : body[3], body[0] : body[2], 3] >= cutout[..., 3])
        edges = (more[0], more[-1], more[:, 0], more[:, -1])
        assert max(np.count_nonzero(edge[:, 3] >= 128) for edge in edges) < 0.2 * max(more.shape)
        pixels = np.count_nonzero(more[..., 3] >= 128)
        assert pixels >= opaque
        grown += pixels > 1.02 * opaque
    assert grown >= 5


def test_a_cut_side_stays_the_side_that_is_cut() -> None:
    art = half_figure()
    half = multiplied(art[..., :3], art[..., 3])
    assert flush_sides(half) == BOTTOM
    for seed in range(10):
        more, body = adorned(half, BOTTOM, generator(seed))
        assert flush_sides(more)[3]
        assert body[3] == more.shape[0]
        row = more[-1, :, 3] >= 128
        assert np.count_nonzero(row) >= 50


def test_nothing_is_drawn_onto_nothing() -> None:
    nobody = np.zeros((40, 40, 4), np.uint8)
    assert adorned(nobody, FREE, generator(0))[0] is nobody


def test_a_filled_strip_is_opaque_inside_and_nowhere_else() -> None:
    layer = np.zeros((60, 60, 4), np.float32)
    path = line(np.array([10.0, 30.0]), np.array([50.0, 30.0]))
    fill(layer, strip(path, np.full(len(path), 5.0)), np.array([200.0, 100, 50]), generator(0))
    assert layer[30, 30, 3] == 255
    assert layer[30, 30, 0] > layer[30, 30, 2] > 0
    assert not layer[:22].any()
    assert not layer[38:].any()
    before = layer.copy()
    outside = np.array([[200.0, 200], [210, 200], [210, 210]])
    fill(layer, outside, np.zeros(3), generator(0))
    assert np.array_equal(layer, before)


def test_an_illustration_keeps_every_edge_where_it_was() -> None:
    """Light moves no pixel: the edge between two halves stays the steepest place of each row."""
    picture = np.full((80, 80, 3), 60, np.uint8)
    picture[:, 40:] = 190
    changed = 0
    for seed in range(24):
        lit = illustrated(picture, generator(seed))
        assert lit.shape == picture.shape
        assert lit.dtype == np.uint8
        changed += not np.array_equal(lit, picture)
        steps = np.abs(np.diff(lit.astype(int).sum(axis=2), axis=1))
        assert np.median(steps.argmax(axis=1)) in (38, 39, 40)
    assert changed >= 18


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library.load(**make_library(tmp_path_factory.mktemp("library"), soft=True))


def test_looks_change_nothing_else_of_a_picture(library: Library) -> None:
    """On against off is the same picture but for them: what training with and without compares."""
    lit = replace(WITHOUT, illustrate=1.0)
    recoloured = replace(WITHOUT, recolour_parts=1.0)
    seeds = range(8)
    for seed in seeds:
        plain = compose(library, WITHOUT, seed)
        for changed in (compose(library, one, seed) for one in (lit, recoloured)):
            assert len(changed.alphas) == len(plain.alphas)
            assert all(map(np.array_equal, changed.alphas, plain.alphas))
    other = [
        not np.array_equal(compose(library, lit, s).picture, compose(library, WITHOUT, s).picture)
        for s in seeds
    ]
    assert any(other)


def test_whoever_is_adorned_stands_where_they_stood(library: Library) -> None:
    """What is put on a figure must not push it out of the frame."""
    chances = [entry.name for entry in fields(Recipe) if isinstance(entry.default, float)]
    still = Recipe.from_dict({"side": [96, 96], "counts": [0, 1], **dict.fromkeys(chances, 0.0)})
    for seed in range(12):
        plain, more = (
            compose(library, replace(still, adorn=chance), seed).alphas[0] for chance in (0.0, 1.0)
        )
        there = plain >= 128
        assert np.count_nonzero(there & (more >= 128)) >= 0.97 * np.count_nonzero(there)


def test_specks_that_reshaping_blurs_away_are_no_end(tmp_path: Path) -> None:
    folders = make_library(tmp_path)
    specks = np.zeros((60, 60, 4), np.uint8)
    specks[::7, ::7] = (200, 10, 10, 10)
    for path in folders["sprites"].rglob("*.png"):
        save(specks, path)
    all_on = replace(WITHOUT, adorn=1.0, recolour_parts=1.0, limbs=1.0, bend=1.0)
    for seed in range(6):
        assert compose(Library.load(**folders), all_on, seed).alphas == ()


def test_adorned_characters_keep_exact_masks(library: Library) -> None:
    all_on = replace(WITHOUT, counts=(0, 0, 1, 1), adorn=1.0, recolour_parts=1.0, illustrate=1.0)
    for seed in range(8):
        composed, again = (compose(library, all_on, seed) for _ in range(2))
        assert np.array_equal(composed.picture, again.picture)
        total = np.sum(composed.alphas, axis=0, dtype=int)
        assert total.max() <= 255
