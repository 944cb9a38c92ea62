"""`fit_refiner`: train a refiner on crops of pictures composed on the fly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import lightning
import torch

from kirinuki.compose.library import Library
from kirinuki.compose.recipe import Recipe
from kirinuki.training.config import TrainConfig
from kirinuki.training.loop.refiner_module import RefinerModule
from kirinuki.training.loop.runner import VALIDATION_SEED, Finished, loader, run
from kirinuki.training.networks.initial import read_initial
from kirinuki.training.pictures.composed import ComposedPictures
from kirinuki.training.pictures.refiner_data import RefinerCrops, collate_crops
from kirinuki.training.pictures.sampler import EachOnce, NewEachEpoch

REFINER_VALUES = {
    "train/loss_epoch": "loss",
    "val/iou": "IoU",
    "val/coarse_iou": "IoU of the coarse masks",
    "val/mae": "MAE of alpha",
    "val/quality_error": "error of the quality",
    "val/kind_accuracy": "accuracy of the kind",
}


def fit_refiner(
    pieces: Library, held_out: Library, config: TrainConfig, out: Path, *, resume: bool = False
) -> Finished:
    """Train a refiner on one library and measure it on another after each epoch; of its checkpoints
    the one with the highest IoU is the best."""
    lightning.seed_everything(config.seed, workers=True, verbose=False)
    module = RefinerModule(config.to_dict(), pretrained=not (resume or config.init))
    if config.init and not resume:
        read_initial(config.init, config.arch).fill(module.model, ())
    module.model.to(memory_format=torch.channels_last)
    recipe, batch = Recipe.from_dict(config.recipe), config.batch_size
    seed = config.seed + VALIDATION_SEED
    pictures = ComposedPictures(pieces, recipe, config.pictures_per_epoch, config.seed, batch)
    checks = ComposedPictures(held_out, recipe, config.validation_pictures, seed, batch)
    crops = RefinerCrops(pictures, config.input_size, config.finds)
    return run(
        module,
        loader(crops, NewEachEpoch(len(crops), batch, config.first_picture), config, collate_crops),
        loader(
            RefinerCrops(checks, config.input_size, config.finds),
            EachOnce(len(checks)),
            replace(config, workers=0),
            collate_crops,
        ),
        config,
        out,
        monitor="val/iou",
        shown=REFINER_VALUES,
        resume=resume,
    )
