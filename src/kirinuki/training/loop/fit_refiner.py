"""`fit_refiner`: train a refiner on crops of labelled and composed pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import lightning
import torch

from kirinuki.training.config import TrainConfig
from kirinuki.training.loop.refiner_module import RefinerModule
from kirinuki.training.loop.runner import Finished, loader, run
from kirinuki.training.networks.initial import read_initial
from kirinuki.training.pictures.refiner_data import RefinerCrops, collate_crops
from kirinuki.training.pictures.sampler import EachOnce, NewEachEpoch
from kirinuki.training.pictures.scene import Pictures

REFINER_VALUES = {
    "train/loss_epoch": "loss",
    "val/iou": "IoU",
    "val/coarse_iou": "IoU of the coarse masks",
    "val/mae": "MAE of alpha",
    "val/quality_error": "error of the quality",
    "val/kind_accuracy": "accuracy of the kind",
}


def fit_refiner(
    train_set: Pictures,
    validation_set: Pictures,
    config: TrainConfig,
    out: Path,
    *,
    resume: bool = False,
) -> Finished:
    """Train a refiner on crops of one set of pictures and measure it on another after each epoch;
    of its checkpoints the one with the highest IoU is the best."""
    lightning.seed_everything(config.seed, workers=True, verbose=False)
    module = RefinerModule(config.to_dict(), pretrained=not (resume or config.init))
    if config.init and not resume:
        read_initial(config.init, config.arch).fill(module.model, ())
    module.model.to(memory_format=torch.channels_last)
    crops = RefinerCrops(train_set, config.input_size, config.finds)
    checks = RefinerCrops(validation_set, config.input_size, config.finds)
    sampler = NewEachEpoch(len(crops), config.batch_size, config.first_picture)
    return run(
        module,
        loader(crops, sampler, config, collate_crops),
        loader(checks, EachOnce(len(checks)), replace(config, workers=0), collate_crops),
        config,
        out,
        monitor="val/iou",
        shown=REFINER_VALUES,
        resume=resume,
    )
