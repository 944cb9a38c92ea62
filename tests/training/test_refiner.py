"""The refiner: its network, the coarse masks it learns on, its losses, and a training in small."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from made_library import make_library

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from kirinuki.geometry import mask_to_box  # noqa: E402
from kirinuki.segmenter.detector import Detections  # noqa: E402
from kirinuki.segmenter.model_file import open_session  # noqa: E402
from kirinuki.training.config import TrainConfig  # noqa: E402
from kirinuki.training.export.export import export_checkpoint  # noqa: E402
from kirinuki.training.loop.fit import train  # noqa: E402
from kirinuki.training.loop.refiner_module import (  # noqa: E402
    alpha_losses,
    quality_of,
    refiner_losses,
)
from kirinuki.training.networks.checkpoint import read_checkpoint  # noqa: E402
from kirinuki.training.networks.refiner import Refined, RefinerNetwork  # noqa: E402
from kirinuki.training.pictures.coarse import MASK_SIZE, coarse_mask, shaky_box  # noqa: E402
from kirinuki.training.pictures.refiner_data import (  # noqa: E402
    CROPS_PER_PICTURE,
    Crops,
    collate_crops,
    crops_of,
    crops_of_finds,
)
from kirinuki.training.pictures.scene import Scene  # noqa: E402

SIZE_HW = (120, 160)


def disc(x: int, y: int, radius: int) -> np.ndarray:
    """Alpha (120, 160) uint8 of a hard disc."""
    rows, columns = np.mgrid[0 : SIZE_HW[0], 0 : SIZE_HW[1]]
    return np.where(np.hypot(columns - x, rows - y) <= radius, 255, 0).astype(np.uint8)


def test_it_keeps_the_size_and_answers_between_0_and_1() -> None:
    network = RefinerNetwork(pretrained=False).eval()
    with torch.no_grad():
        said = network(torch.rand(2, 4, 96, 96))
    assert [part.shape for part in said] == [(2, 1, 96, 96), (2,), (2,)]
    for part in said:
        assert 0 <= part.min() <= part.max() <= 1


def test_the_fourth_channel_starts_without_a_say_in_the_encoder() -> None:
    stem = RefinerNetwork(pretrained=False).encoder.conv_stem.weight
    assert stem.shape[1] == 4
    assert not stem[:, 3].any()
    assert stem[:, :3].any()


@pytest.mark.parametrize("seed", range(40))
def test_shaken_boxes_stay_inside_and_keep_most_of_the_character(seed: int) -> None:
    tight = mask_to_box(disc(60, 50, 30) > 0)
    assert tight is not None
    x1, y1, x2, y2 = shaky_box(tight, SIZE_HW, np.random.default_rng(seed))
    assert 0 <= x1 < x2 <= SIZE_HW[1]
    assert 0 <= y1 < y2 <= SIZE_HW[0]
    overlap = (min(x2, tight[2]) - max(x1, tight[0])) * (min(y2, tight[3]) - max(y1, tight[1]))
    assert overlap >= 0.4 * (tight[2] - tight[0]) * (tight[3] - tight[1])


def test_coarse_masks_err_but_know_the_character() -> None:
    alpha, nobody = disc(60, 50, 30), np.zeros(SIZE_HW, np.uint8)
    tight = mask_to_box(alpha > 0)
    box = np.array(tight, np.float32)
    rng = np.random.default_rng(0)
    masks = np.stack([coarse_mask(alpha, nobody, box, rng) for _ in range(60)])
    assert masks.shape == (60, MASK_SIZE, MASK_SIZE)
    assert masks.dtype == np.float32
    assert masks.min() >= 0
    assert masks.max() <= 1
    middle, corner = masks[:, 10:18, 10:18].mean(), masks[:, :2, :2].mean()
    assert middle > 0.7
    assert corner < 0.3
    assert masks.std(axis=0).mean() > 0.05  # no two errors are alike


def test_a_piece_of_the_neighbour_comes_along_at_times() -> None:
    alpha, neighbour = disc(50, 60, 25), disc(100, 60, 25)
    box = np.array([25, 35, 125, 85], np.float32)
    rng = np.random.default_rng(1)
    there = np.s_[4:24, 16:27]  # cells that only the neighbour covers

    def taken(others: np.ndarray) -> float:
        """Mean probability on the neighbour's cells."""
        return float(np.mean([coarse_mask(alpha, others, box, rng)[there] for _ in range(150)]))

    assert taken(neighbour) > taken(np.zeros_like(alpha)) + 0.02


def composed(*alphas: np.ndarray, objects: tuple[np.ndarray, ...] = ()) -> Scene:
    """White characters, grey objects, black elsewhere."""
    picture = np.zeros((*SIZE_HW, 3), np.uint8)
    for alpha in objects:
        picture[alpha > 0] = 128
    for alpha in alphas:
        picture[alpha > 0] = 255
    genders = ("female", "male", "")[: len(alphas)]
    return Scene(picture, alphas, (0,) * len(alphas), genders, objects)


def test_crops_show_the_character_that_the_truth_shows() -> None:
    crops = crops_of(composed(disc(80, 60, 35)), 64, np.random.default_rng(2))
    assert crops.crops.shape == (CROPS_PER_PICTURE, 4, 64, 64)
    assert crops.alphas.shape == (CROPS_PER_PICTURE, 1, 64, 64)
    assert torch.allclose(crops.crops[:, :1], crops.alphas, atol=1e-6)
    assert crops.learnt.all()
    assert crops.female.tolist() == [1.0] * CROPS_PER_PICTURE


def test_objects_are_shown_as_no_characters() -> None:
    crops = crops_of(composed(objects=(disc(80, 60, 35),)), 64, np.random.default_rng(0))
    assert 0 < len(crops.crops) <= CROPS_PER_PICTURE
    assert (crops.crops[:, 0].amax(dim=(1, 2)) > 0.4).all()
    assert not crops.alphas.any()
    assert not crops.learnt.any()
    assert crops.female.isnan().all()


def test_a_picture_with_nothing_gives_no_crops() -> None:
    nobody = crops_of(composed(), 64, np.random.default_rng(0))
    assert nobody.crops.shape == (0, 4, 64, 64)
    assert collate_crops([nobody, nobody]).alphas.shape == (0, 1, 64, 64)


def detections(*boxes: tuple[int, int, int, int]) -> Detections:
    """Finds whose coarse masks fill their boxes."""
    n = len(boxes)
    masks = np.ones((n, MASK_SIZE, MASK_SIZE), np.float32)
    return Detections(np.array(boxes, np.float32), np.ones(n, np.float32), np.zeros(n, int), masks)


def test_finds_meet_the_character_that_they_show() -> None:
    left, right = disc(45, 60, 30), disc(115, 60, 30)
    found = detections((85, 30, 145, 90), (0, 0, 12, 12), (10, 30, 150, 90))
    crops = crops_of_finds(composed(left, right), found, 64, np.random.default_rng(0))
    whose = {(bool(f == 0.0), bool(k)) for f, k in zip(crops.female, crops.learnt, strict=True)}
    assert (True, True) in whose  # the find of the right one, who presents as male
    assert sum(crops.learnt.tolist()) == 1  # neither the empty corner nor the pair in one box
    assert crops.female[~crops.learnt].isnan().all()


def batch_of(truth: torch.Tensor, **changes: torch.Tensor) -> Crops:
    """A batch whose coarse masks are the truth."""
    n = len(truth)
    crops = torch.cat([truth.expand(-1, 3, -1, -1), truth], dim=1)
    values = {"outside": torch.zeros(n), "learnt": torch.ones(n).bool(), "female": torch.ones(n)}
    values |= {"unsure": torch.zeros_like(truth), "edge_trust": torch.ones(n)}
    return Crops(crops, truth, **(values | changes))


def test_the_loss_falls_towards_the_truth_in_every_part() -> None:
    truth = torch.zeros(1, 1, 64, 64)
    truth[..., 16:48, 16:48] = 1
    everywhere = torch.ones_like(truth)
    right = alpha_losses((truth * 2 - 1) * 20, truth, everywhere, torch.ones(1))
    half = alpha_losses((truth * 2 - 1) * 0.5, truth, everywhere, torch.ones(1))
    wrong = alpha_losses((1 - truth * 2) * 20, truth, everywhere, torch.ones(1))
    for name, value in right.items():
        assert value < 1e-3, name
        assert value < half[name] < wrong[name], name


def test_quality_is_the_iou_with_the_whole_character() -> None:
    truth = torch.zeros(3, 1, 64, 64)
    truth[:2, ..., 16:48, 16:48] = 1
    batch = batch_of(truth, outside=torch.tensor([0.0, 1.0, 0.0]))
    alpha = truth.clone()
    alpha[2, ..., :8] = 1  # where no character is
    assert quality_of(alpha, batch).tolist() == [1.0, 0.5, 0.0]
    unsure = batch_of(truth, learnt=torch.zeros(3).bool())
    assert quality_of(1 - truth, unsure).tolist() == [1.0, 1.0, 0.0]  # of the coarse mask


def test_what_is_not_known_costs_nothing() -> None:
    truth = torch.zeros(2, 1, 64, 64)
    said = Refined(torch.zeros(2, 1, 64, 64), torch.zeros(2), torch.full((2,), 3.0))
    nothing = batch_of(truth, learnt=torch.zeros(2).bool(), female=torch.full((2,), float("nan")))
    assert set(refiner_losses(said, nothing)) == {"quality"}
    some = batch_of(truth, female=torch.tensor([1.0, float("nan")]))
    assert refiner_losses(said, some)["kind"] < 0.05


def test_pixels_that_nobody_knows_cost_the_refiner_nothing() -> None:
    """Wrong on the right half, which the labels leave open."""
    truth = torch.zeros(1, 1, 64, 64)
    truth[..., 16:48, 16:48] = 1
    unsure = torch.zeros_like(truth)
    unsure[..., 32:] = 1
    logits = (truth * 2 - 1) * 20
    logits[..., 32:] *= -1
    said = Refined(logits, torch.full((1,), 20.0), torch.full((1,), 20.0))
    blamed = refiner_losses(said, batch_of(truth))
    free = refiner_losses(said, batch_of(truth, unsure=unsure))
    for name in ("l1", "bce", "dice", "gradient", "laplacian", "quality"):
        assert blamed[name] > 0.02, name
        assert free[name] < 1e-3, name


@pytest.mark.parametrize(("trust", "share"), [(1.0, 1.0), (0.25, 0.25), (0.0, 0.0)])
def test_blunt_labels_count_less_beside_their_edges(trust: float, share: float) -> None:
    """An alpha that is two pixels wider than the label, all in the band about its edge."""
    truth = torch.zeros(1, 1, 64, 64)
    truth[..., 16:48, 16:48] = 1
    wider = torch.zeros_like(truth)
    wider[..., 14:50, 14:50] = 1
    logits, counts = (wider * 2 - 1) * 20, torch.ones_like(truth)
    exact = alpha_losses(logits, truth, counts, torch.ones(1))
    blunt = alpha_losses(logits, truth, counts, torch.tensor([trust]))
    for name in ("l1", "bce"):
        assert float(blunt[name]) == pytest.approx(share * float(exact[name]), abs=1e-4), name
    for name in ("gradient", "laplacian"):
        assert float(blunt[name]) == (float(exact[name]) if trust == 1 else 0), name
    inside = logits.clone()
    inside[..., 28:36, 28:36] = -20  # a hole far from any edge counts in full
    worse = alpha_losses(inside, truth, counts, torch.tensor([trust]))
    assert worse["l1"] - blunt["l1"] == pytest.approx(64 / 64**2, abs=1e-4)


def test_crops_of_composed_pictures_are_exact_and_those_of_labels_are_not() -> None:
    scene = composed(disc(80, 60, 35))
    rng = np.random.default_rng(0)
    assert set(crops_of(scene, 64, rng).edge_trust.tolist()) == {1.0}
    labelled = replace(scene, edge_trust=0.25)
    assert set(crops_of(labelled, 64, rng).edge_trust.tolist()) == {0.25}


def test_finds_of_ignored_regions_are_no_crops() -> None:
    """A crowd at the right that nobody labelled one by one."""
    scene = replace(composed(disc(45, 60, 30)), ignored=(disc(115, 60, 30),))
    found = detections((15, 30, 75, 90), (85, 30, 145, 90))
    crops = crops_of_finds(scene, found, 64, np.random.default_rng(0))
    assert crops.learnt.tolist() == [True]  # of two finds one is left
    wide = crops_of_finds(scene, detections((15, 30, 120, 90)), 64, np.random.default_rng(0))
    assert wide.unsure.mean() > 0.1


@pytest.mark.slow
def test_a_refiner_is_trained_measured_and_exported(tmp_path: Path) -> None:
    folders = {k: str(v) for k, v in make_library(tmp_path / "library", soft=True).items()}
    recipe = {"side": (96, 96), "counts": (0, 1, 1), "compression": 0.0}
    config = TrainConfig(
        arch="refiner",
        **folders,
        held_out=("blue", "place_0"),
        input_size=64,
        epochs=1,
        pictures_per_epoch=4,
        validation_pictures=2,
        batch_size=2,
        workers=0,
        precision="32",
        recipe=recipe,
    )
    finished = train(config, tmp_path / "run")
    assert finished.best is not None
    assert 0 <= finished.best <= 1
    path = tmp_path / "refiner.onnx"
    export_checkpoint(read_checkpoint(tmp_path / "run" / "best.ckpt"), path)
    _, info = open_session(path, kind="refiner")
    assert (info.kind, info.input_size) == ("refiner", 64)
