"""The refiner: its network, the coarse masks it learns on, its losses, and a training in small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from made_library import make_library

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from kirinuki.data.compose import Composed  # noqa: E402
from kirinuki.geometry import mask_to_box  # noqa: E402
from kirinuki.models import open_session  # noqa: E402
from kirinuki.training.checkpoint import read_checkpoint  # noqa: E402
from kirinuki.training.coarse import MASK_SIZE, coarse_mask, shaky_box  # noqa: E402
from kirinuki.training.config import TrainConfig  # noqa: E402
from kirinuki.training.export import export_checkpoint  # noqa: E402
from kirinuki.training.fit import train  # noqa: E402
from kirinuki.training.refiner import Refiner  # noqa: E402
from kirinuki.training.refiner_data import CROPS_PER_PICTURE, collate_crops, crops_of  # noqa: E402
from kirinuki.training.refiner_module import refiner_losses  # noqa: E402

SIZE_HW = (120, 160)


def disc(x: int, y: int, radius: int) -> np.ndarray:
    """Alpha (120, 160) uint8 of a hard disc."""
    rows, columns = np.mgrid[0 : SIZE_HW[0], 0 : SIZE_HW[1]]
    return np.where(np.hypot(columns - x, rows - y) <= radius, 255, 0).astype(np.uint8)


def test_it_keeps_the_size_and_answers_between_0_and_1() -> None:
    network = Refiner(pretrained=False).eval()
    with torch.no_grad():
        alpha = network(torch.rand(2, 4, 96, 96))
    assert alpha.shape == (2, 1, 96, 96)
    assert 0 <= alpha.min() <= alpha.max() <= 1


def test_the_fourth_channel_starts_without_a_say_in_the_encoder() -> None:
    stem = Refiner(pretrained=False).encoder.conv_stem.weight
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


def test_crops_show_the_character_that_the_truth_shows() -> None:
    alpha = disc(80, 60, 35)
    picture = np.repeat(alpha[..., None], 3, axis=2)  # white on black: the picture is the alpha
    composed = Composed(picture=picture, alphas=(alpha,), names=("character",))
    crops, truth = crops_of(composed, 64, np.random.default_rng(2))
    assert crops.shape == (CROPS_PER_PICTURE, 4, 64, 64)
    assert truth.shape == (CROPS_PER_PICTURE, 1, 64, 64)
    assert torch.allclose(crops[:, :1], truth, atol=1e-6)


def test_a_picture_without_characters_gives_no_crops() -> None:
    empty = Composed(picture=np.zeros((*SIZE_HW, 3), np.uint8), alphas=(), names=())
    nobody = crops_of(empty, 64, np.random.default_rng(0))
    assert nobody[0].shape == (0, 4, 64, 64)
    assert collate_crops([nobody, nobody])[1].shape == (0, 1, 64, 64)


def test_the_loss_falls_towards_the_truth_in_every_part() -> None:
    truth = torch.zeros(1, 1, 64, 64)
    truth[..., 16:48, 16:48] = 1
    right = refiner_losses((truth * 2 - 1) * 20, truth)
    half = refiner_losses((truth * 2 - 1) * 0.5, truth)
    wrong = refiner_losses((1 - truth * 2) * 20, truth)
    for name, value in right.items():
        assert value < 1e-3, name
        assert value < half[name] < wrong[name], name


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
