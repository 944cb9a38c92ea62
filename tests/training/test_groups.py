"""Groups of labelled characters: what is pasted is labelled, and hides or is hidden truly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import made_sets

torch = pytest.importorskip("torch")

from kirinuki.formats.registry import load_set  # noqa: E402
from kirinuki.training.pictures.dataset import LabelledPictures  # noqa: E402
from kirinuki.training.pictures.groups import Guest, cut_out, scattered, with_guests  # noqa: E402
from kirinuki.training.pictures.scene import Scene  # noqa: E402

SIZE_HW = (120, 200)
BLUE, RED, GREY = (20, 20, 230), (230, 20, 20), 120


def ground() -> Scene:
    return Scene(np.full((*SIZE_HW, 3), GREY, np.uint8), (), (), ())


def host(columns: slice = slice(80, 120)) -> Scene:
    """A blue figure of 40 × 80 pixels in a grey room."""
    alpha = np.zeros(SIZE_HW, np.uint8)
    alpha[20:100, columns] = 255
    picture = np.where(alpha[..., None] > 0, np.uint8(BLUE), np.uint8(GREY)).astype(np.uint8)
    return Scene(picture, (alpha,), (0,), ("male",))


def guest(cut: tuple[bool, bool, bool, bool] = (False,) * 4) -> Guest:
    """A red figure of 40 × 80 pixels."""
    rgb = np.full((80, 40, 3), RED, np.uint8)
    return Guest(rgb, np.full((80, 40), 255, np.uint8), 1, "female", 0.25, cut)


def rngs(count: int) -> Iterator[np.random.Generator]:
    return (np.random.default_rng(seed) for seed in range(count))


def hidden(scene: Scene, index: int, whole: int) -> float:
    return 1 - np.count_nonzero(scene.alphas[index] >= 128) / whole


def test_guests_stand_on_both_sides_before_and_behind_and_hide_truly() -> None:
    hides, sides, overlaps, pairs = set(), set(), 0, 0
    for rng in rngs(150):
        scene = with_guests(host(), guest, rng)
        assert scene.picture.shape == (*SIZE_HW, 3)
        assert len(scene.alphas) == len(scene.labels) == len(scene.genders)
        assert sum(alpha.astype(int) for alpha in scene.alphas).max() <= 255
        if scene.labels != (0, 1):  # several guests, or the host all hidden
            continue
        assert scene.genders == ("male", "female")
        assert scene.edge_trust == 0.25
        share = hidden(scene, 0, 40 * 80)
        hides.add(share > 0.01)
        x = np.nonzero(scene.alphas[1] >= 128)[1].mean()
        sides.add(x > 100)
        pairs, overlaps = pairs + 1, overlaps + (share >= 0.1)
        redder = scene.picture[..., 0].astype(int) - scene.picture[..., 2]
        assert redder[scene.alphas[1] >= 250].min() > 60  # its own colours, lit as it may be
        blue = scene.alphas[0] >= 250
        assert redder[blue].max() < -60
    assert hides == {True, False}
    assert sides == {True, False}
    assert overlaps >= 0.2 * pairs  # as many guests are hidden themselves


@pytest.mark.parametrize(
    ("side", "edge"),
    [(0, np.s_[:, 0]), (2, np.s_[:, -1]), (3, np.s_[-1])],
    ids=["left", "right", "foot"],
)
def test_what_a_frame_cut_stays_at_the_frame(side: int, edge: tuple[slice, int]) -> None:
    cut = tuple(i == side for i in range(4))
    seen = 0
    for rng in rngs(30):
        scene = with_guests(host(), lambda: guest(cut), rng)  # type: ignore[arg-type]
        for alpha in scene.alphas[1:]:
            if np.count_nonzero(alpha >= 128) > 500:
                seen += 1
                assert (alpha[edge] >= 100).sum() > 4
    assert seen > 10


def test_a_character_is_cut_out_with_what_the_frame_cut() -> None:
    sides = set()
    for rng in rngs(10):
        found = cut_out(host(slice(0, 40)), rng)
        assert found is not None
        assert found.alpha.shape == (80, 40)
        assert (found.rgb == BLUE).all()
        sides.add(found.cut)
    assert sides == {(True, False, False, False), (False, False, True, False)}  # mirrored
    small = replace(host(), alphas=(np.zeros(SIZE_HW, np.uint8),))
    assert cut_out(small, np.random.default_rng(0)) is None
    assert cut_out(ground(), np.random.default_rng(0)) is None


def test_small_figures_stand_in_wide_scenes() -> None:
    heights = []
    for rng in rngs(40):
        scene = scattered(ground(), guest, rng)
        heights += [np.ptp(np.nonzero(a >= 128)[0]) / SIZE_HW[0] for a in scene.alphas]
        assert len(scene.alphas) <= 5
    assert np.median(heights) < 0.5
    assert min(heights) < 0.2
    cut = scattered(ground(), lambda: guest((False, False, False, True)), np.random.default_rng(0))
    assert not cut.alphas


def test_two_of_five_labelled_pictures_become_groups(tmp_path: Path) -> None:
    path = made_sets.coco(tmp_path, "set.json", {f"{i}.png": i for i in range(4)})

    def counts(pasted: float) -> list[int]:
        made = LabelledPictures(load_set(path), ("waifu",), 96, augmented=True, pasted=pasted)
        return [len(made.scene(i).alphas) for i in range(40)]

    assert max(counts(0.0)) == 1
    several = sum(count > 1 for count in counts(0.4))
    assert 5 <= several <= 20
    made = LabelledPictures(load_set(path), ("waifu",), 96, augmented=True, pasted=1.0)
    again = LabelledPictures(load_set(path), ("waifu",), 96, augmented=True, pasted=1.0)
    assert torch.equal(made[7][0], again[7][0])
