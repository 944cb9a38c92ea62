"""Labelled pictures as training sees them: instances kept apart, boxes tight, seeded."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import made_sets
from made_library import make_library

torch = pytest.importorskip("torch")

from kirinuki.compose.library import Library  # noqa: E402
from kirinuki.compose.recipe import Recipe  # noqa: E402
from kirinuki.errors import DatasetError  # noqa: E402
from kirinuki.formats.labelled import LabelledSet  # noqa: E402
from kirinuki.formats.registry import load_set  # noqa: E402
from kirinuki.geometry import mask_to_box, mask_to_rle, polygons_to_mask  # noqa: E402
from kirinuki.training.pictures.augment import augment  # noqa: E402
from kirinuki.training.pictures.composed import ComposedPictures  # noqa: E402
from kirinuki.training.pictures.dataset import LabelledPictures  # noqa: E402
from kirinuki.training.pictures.mixed import MixedPictures  # noqa: E402
from kirinuki.training.pictures.order import WeightedOrder, balanced_weights  # noqa: E402
from kirinuki.training.pictures.provenance import (  # noqa: E402
    BLUNT,
    Provenance,
    provenance_of,
    read_provenance,
)
from kirinuki.training.pictures.sampler import EachOnce, NewEachEpoch  # noqa: E402
from kirinuki.training.pictures.scene import Scene, target_of  # noqa: E402

SIZE = (60, 80)
NAMES = ("girl", "boy")


@pytest.fixture(scope="module")
def coco_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Picture 1: two girls (polygon; RLE) and a crowd; 2: nobody; 3: a boy, in a small picture."""
    folder = tmp_path_factory.mktemp("set")
    rng = np.random.default_rng(0)
    sizes = {1: SIZE, 2: SIZE, 3: (24, 20)}
    for number, size in sizes.items():
        Image.fromarray(rng.integers(0, 256, (*size, 3), np.uint8)).save(folder / f"{number}.png")
    ring = polygons_to_mask([[40, 10, 70, 10, 70, 50, 40, 50]], SIZE)
    ring[20:30, 50:60] = False
    square = [[5, 10, 35, 10, 35, 50, 5, 50]]
    parts = [[2, 2, 9, 2, 9, 9, 2, 9], [11, 12, 18, 12, 18, 20, 11, 20]]
    shapes = [
        (1, 7, square, 0),
        (1, 7, mask_to_rle(ring), 0),
        (1, 7, [[0, 0, 80, 0, 80, 60, 0, 60]], 1),
        (3, 4, parts, 0),
    ]
    content = {
        "images": [
            {"id": n, "file_name": f"{n}.png", "height": h, "width": w}
            for n, (h, w) in sizes.items()
        ],
        "annotations": [
            {
                "id": i,
                "image_id": image,
                "category_id": category,
                "segmentation": shape,
                "bbox": [0, 0, 1, 1],
                "area": 1,
                "iscrowd": crowd,
            }
            for i, (image, category, shape, crowd) in enumerate(shapes, 1)
        ],
        "categories": [{"id": 4, "name": "boy"}, {"id": 7, "name": "girl"}],
    }
    path = folder / "labels.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def pictures(path: Path, size: int = 80, **more: object) -> LabelledPictures:
    return LabelledPictures(load_set(path), NAMES, size, **more)  # type: ignore[arg-type]


def check_target(picture: torch.Tensor, target: dict[str, torch.Tensor]) -> None:
    """Everything torchvision's detectors expect, and boxes that are tight."""
    count = len(target["labels"])
    assert picture.dtype == torch.uint8
    assert target["masks"].shape == (count, *picture.shape[1:])
    assert target["boxes"].shape == (count, 4)
    for mask, box in zip(target["masks"], target["boxes"], strict=True):
        assert tuple(box.tolist()) == mask_to_box(mask.numpy().astype(bool))


def test_every_character_stays_an_instance(coco_file: Path) -> None:
    picture, target = pictures(coco_file)[0]
    check_target(picture, target)
    assert target["labels"].tolist() == [1, 1]  # girls; the crowd is ignored
    assert target["ignored"].tolist() == [[0, 0, 80, 60]]
    assert torch.equal(target["unsure"][0] == 0, target["masks"].any(dim=0))
    assert target["boxes"].tolist() == [[5, 10, 35, 50], [40, 10, 70, 50]]
    assert not target["masks"][1, 20:30, 50:60].any()  # the hole
    assert int(target["masks"][1].sum()) == 30 * 40 - 100


def test_pictures_without_characters(coco_file: Path) -> None:
    picture, target = pictures(coco_file)[1]
    check_target(picture, target)
    assert len(target["boxes"]) == 0


def test_several_classes_and_parts(coco_file: Path) -> None:
    picture, target = pictures(coco_file)[2]
    check_target(picture, target)
    assert target["labels"].tolist() == [2]  # boy, wherever his category id lies
    assert picture.shape == (3, 80, 67)  # 24 × 20, long side at 80
    assert target["masks"][0, :25].any()
    assert target["masks"][0, 50:].any()


def test_long_side_becomes_the_input_size(coco_file: Path) -> None:
    picture, target = pictures(coco_file, 40)[0]
    assert picture.shape == (3, 30, 40)
    check_target(picture, target)
    assert target["boxes"].tolist() == [[2.5, 5, 17.5, 25], [20, 5, 35, 25]] or (
        (target["boxes"] - torch.tensor([[2.5, 5, 17.5, 25], [20, 5, 35, 25]])).abs().max() <= 0.5
    )


@pytest.mark.parametrize("index", range(60))
def test_boxes_stay_tight_under_any_change(coco_file: Path, index: int) -> None:
    picture, target = pictures(coco_file, 64, augmented=True)[index]
    assert max(picture.shape) == 64
    check_target(picture, target)
    assert len(target["boxes"]) <= 2


def test_picture_and_masks_change_together() -> None:
    """A bright character on a dark ground: wherever it goes, its mask says so."""
    alpha = np.zeros((90, 120), np.uint8)
    alpha[20:70, 30:80] = 255
    picture = np.where(alpha > 0, 230, 20).astype(np.uint8)[..., None].repeat(3, axis=2)
    seen = 0
    for seed in range(40):
        torch.manual_seed(seed)
        changed = augment(Scene(picture, (alpha,), (0,), ("",)), 96)
        assert len(changed.alphas) == len(changed.labels) == len(changed.genders)
        there = changed.alphas[0] >= 128 if changed.alphas else np.ones(1, bool)
        if there.all():
            continue
        light = changed.picture.mean(axis=2)
        bright = light > 0.8 * np.median(light[there])  # GREY, around the picture, is not
        overlap = (bright & there).sum() / (bright | there).sum()
        assert overlap > 0.85
        seen += 1
    assert seen > 25


def half_and_spot() -> Scene:
    """A character over the left half, another as a small square at the right."""
    alphas = np.zeros((2, 90, 120), np.uint8)
    alphas[0, :, :60] = 255
    alphas[1, 40:50, 100:110] = 255
    return Scene(np.zeros((90, 120, 3), np.uint8), tuple(alphas), (0, 1), ("female", "male"))


def test_a_character_that_a_crop_cuts_off_is_no_longer_asked_for_but_ignored() -> None:
    kept, cut = set(), 0
    for seed in range(60):
        torch.manual_seed(seed)
        changed = augment(half_and_spot(), 96)
        assert all((alpha >= 128).any() for alpha in (*changed.alphas, *changed.ignored))
        kept.add(changed.labels)
        cut += len(changed.ignored)
    assert {(0, 1), (0,)} <= kept
    assert cut > 0  # a remnant is no background


@pytest.mark.parametrize("size_hw", [(64, 96), (96, 64), (32, 96)])
def test_pictures_of_one_batch_are_framed_alike(size_hw: tuple[int, int]) -> None:
    for seed in range(12):
        torch.manual_seed(seed)
        changed = augment(half_and_spot(), 96, size_hw)
        assert changed.size_hw == size_hw
        assert all(alpha.shape == size_hw for alpha in (*changed.alphas, *changed.ignored))


def test_soft_edges_stay_soft() -> None:
    ramp = np.tile(np.linspace(0, 255, 120).astype(np.uint8), (90, 1))
    scene = Scene(np.zeros((90, 120, 3), np.uint8), (ramp,), (0,), ("",))
    values = []
    for seed in range(6):
        torch.manual_seed(seed)
        values += [np.unique(alpha) for alpha in augment(scene, 96).alphas]
    assert np.mean([len(found) for found in values]) > 40


def test_changes_follow_from_seed_and_index(coco_file: Path) -> None:
    first, again = (pictures(coco_file, 64, augmented=True, seed=3) for _ in range(2))
    torch.manual_seed(1)
    before = torch.get_rng_state()
    for index in (0, 7, 300):
        assert torch.equal(first[index][0], again[index][0])
    assert torch.equal(torch.get_rng_state(), before)  # nobody else's generator is touched
    other = pictures(coco_file, 64, augmented=True, seed=4)
    assert any(not torch.equal(first[i][0], other[i][0]) for i in range(3))


def test_every_run_through_the_set_shows_every_picture(coco_file: Path) -> None:
    shuffled = pictures(coco_file, augmented=True)
    orders = [tuple(shuffled.picture_of(3 * turn + i).name for i in range(3)) for turn in range(8)]
    assert all(sorted(order) == ["1.png", "2.png", "3.png"] for order in orders)
    assert len(set(orders)) > 1
    assert [pictures(coco_file).picture_of(i).name[0] for i in range(3)] == ["1", "2", "3"]


def test_small_sets_are_repeated_within_an_epoch(coco_file: Path) -> None:
    assert len(pictures(coco_file, augmented=True, at_least=10)) == 10
    assert len(pictures(coco_file, at_least=10)) == 3  # for measuring every picture counts once


def test_what_cannot_be_trained_on_is_refused(coco_file: Path) -> None:
    with pytest.raises(DatasetError, match='"boy"'):
        LabelledPictures(load_set(coco_file), ("girl",), 64)
    with pytest.raises(DatasetError, match="no pictures"):
        LabelledPictures(LabelledSet((), ()), NAMES, 64)


def test_a_picture_of_another_size_is_named(coco_file: Path, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        Image.new("RGB", (9, 9)).save(tmp_path / f"{number}.png")
    dataset = LabelledPictures(load_set(coco_file, tmp_path), NAMES, 64)
    with pytest.raises(DatasetError, match=r"1\.png: is 9×9"):
        dataset[0]


def test_targets_leave_out_what_is_empty() -> None:
    alphas = np.zeros((8, 9), np.uint8), np.full((8, 9), 255, np.uint8)
    target = target_of(Scene(np.zeros((8, 9, 3), np.uint8), alphas, (0, 1), ("", "")), 5)
    assert target["labels"].tolist() == [2]
    assert target["boxes"].tolist() == [[0, 0, 9, 8]]
    assert int(target["image_id"]) == 5


def test_soft_alphas_are_read_and_shared_out(tmp_path: Path) -> None:
    """Two characters that overlap by a sliver: there their alphas add up to one."""
    path = made_sets.coco(tmp_path, "labels.json", {"a.png": 1})
    content = json.loads(path.read_text())
    (first,) = content["annotations"]
    content["annotations"].append({**first, "id": 2, "kind": "female"})
    for annotation, level in zip(content["annotations"], (100, 220), strict=True):
        annotation["alpha_file"] = f"{level}.png"
        Image.fromarray(np.full(made_sets.SIZE, level, np.uint8)).save(tmp_path / f"{level}.png")
    path.write_text(json.dumps(content))
    scene = LabelledPictures(load_set(path), ("waifu",), 128).scene(0)
    assert [int(alpha[0, 0]) for alpha in scene.alphas] == [79, 175]  # 100 and 220 of 320
    assert scene.genders == ("", "female")
    assert scene.edge_trust == BLUNT


def test_no_source_is_more_than_its_share_and_some_pictures_are_empty() -> None:
    sources = ["big"] * 60 + [f"small {i % 8}" for i in range(24)] + ["none"] * 40
    is_empty = np.array([source == "none" for source in sources])
    weights = balanced_weights(is_empty, sources)
    assert weights.sum() == pytest.approx(1)
    assert weights[is_empty].sum() == pytest.approx(0.15)
    assert weights[:60].sum() == pytest.approx(0.15 * 0.85)
    settled = balanced_weights(is_empty, sources, settled=0.5)
    assert settled[is_empty].sum() == pytest.approx(0.3)  # half of them get figures
    one_small = ["tiny", *(f"large {i % 6}" for i in range(6000))]
    assert balanced_weights(np.zeros(6001, bool), one_small)[0] == pytest.approx(0.1)
    few = balanced_weights(np.zeros(4, bool), ["a", "a", "a", "b"])
    assert few.tolist() == [0.25] * 4  # too few sources for any cap
    order = WeightedOrder(weights, seed=1)
    drawn = np.array([order[i] for i in range(40 * len(sources))])
    assert is_empty[drawn].mean() == pytest.approx(0.15, abs=0.02)
    assert len(set(drawn.tolist())) == len(sources)


def test_lists_say_where_pictures_come_from_and_how_they_were_labelled(tmp_path: Path) -> None:
    table = tmp_path / "list.csv"
    table.write_text(
        'file,source,how\np/a.png,x,exact\nb.png,y,"outline drawn, refined"\nc.png,z,\n'
    )
    known = read_provenance(table)
    assert provenance_of(Path("elsewhere/a.png"), known) == Provenance("x", 1.0)
    assert [known[f"{name}.png"].edge_trust for name in "bc"] == [0.5, BLUNT]
    assert provenance_of(Path("folder/d.png"), known) == Provenance("folder", BLUNT)
    table.write_text("file,source\np/a.png,x\nq/a.png,y\n")
    with pytest.raises(DatasetError, match=r'two things of "a\.png"'):
        read_provenance(table)
    table.write_text("file\na.png\n")
    with pytest.raises(DatasetError, match='no column "source"'):
        read_provenance(table)


def test_labelled_and_composed_pictures_come_in_shares(coco_file: Path, tmp_path: Path) -> None:
    library = Library.load(**make_library(tmp_path))
    recipe = Recipe(side=(64, 64), aspects=((16, 9), (9, 16)), compression=0.0)
    composed = ComposedPictures(library, recipe, length=12, seed=1, batch_size=4, label=1)
    mixed = MixedPictures(pictures(coco_file, 64, augmented=True, seed=1), composed, 0.3)
    numbers = [mixed.number_of_labelled(i) for i in range(1000)]
    labelled = [n for n in numbers if n is not None]
    assert labelled == list(range(300))  # none left out, none twice
    shapes = [mixed[i][0].shape for i in range(8)]
    assert len(set(shapes[:4])) == len(set(shapes[4:])) == 1  # a batch needs no padding
    for i in range(4):
        check_target(*mixed[i])
    first = numbers.index(0)
    assert mixed.describe(first).endswith(".png")
    assert mixed.describe(0) == "composed picture 0 of seed 1"


def test_composed_pictures_are_fit_for_torch(tmp_path: Path) -> None:
    library = Library.load(**make_library(tmp_path))
    recipe = Recipe(side=(64, 128), compression=0.0)
    composed = ComposedPictures(library, recipe, length=8, seed=1, batch_size=4)
    shapes = []
    for index in (0, 1, 2, 3, 4000):
        picture, target = composed[index]
        check_target(picture, target)
        assert max(picture.shape) in (64, 128)
        shapes.append(picture.shape)
        assert torch.equal(picture, composed[index][0])
    assert len(set(shapes[:4])) == 1  # a batch needs no padding


def test_indices_go_on_from_epoch_to_epoch() -> None:
    sampler = NewEachEpoch(5)
    assert list(sampler) == [0, 1, 2, 3, 4]
    sampler.set_epoch(2)
    assert list(sampler) == [10, 11, 12, 13, 14]


def test_a_stopped_epoch_is_not_shown_again() -> None:
    sampler = NewEachEpoch(5, batch_size=2, first=100)
    sampler.go_on(1, 2)
    sampler.set_epoch(1)  # as Lightning does when it resumes
    assert list(sampler) == [109]
    assert sampler.next_after(1, 2) == 109
    assert sampler.next_after(2, 0) == 110
    sampler.set_epoch(2)
    assert list(sampler) == [110, 111, 112, 113, 114]


def test_devices_share_whole_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    shares, once = [], []
    for rank in range(3):
        monkeypatch.setattr(
            "kirinuki.training.pictures.sampler.rank_and_world", lambda rank=rank: (rank, 3)
        )
        sampler = NewEachEpoch(10, batch_size=2)
        sampler.set_epoch(1)
        shares.append(list(sampler))
        assert len(shares[-1]) == len(sampler)
        once += list(EachOnce(7))
        sampler.go_on(1, 1)
        assert list(sampler) == shares[-1][2:]
    assert shares == [[10, 11, 16, 17], [12, 13, 18, 19], [14, 15, 10, 11]]
    assert sorted(once) == list(range(7))
