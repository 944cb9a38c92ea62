"""`fit`: run a training with Lightning; checkpoints, logs, and a folder that explains itself."""

from __future__ import annotations

import json
from pathlib import Path

import lightning
import torch
from lightning.pytorch.callbacks import (
    Callback,
    EMAWeightAveraging,
    LearningRateMonitor,
    ModelCheckpoint,
)
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from torch.utils.data import DataLoader

from kirinuki.data.library import Library
from kirinuki.data.recipe import Recipe
from kirinuki.training.composed import ComposedPictures, NewEachEpoch, Sample
from kirinuki.training.config import TrainConfig
from kirinuki.training.detector_module import Batch, DetectorModule


def native_bfloat16() -> bool:
    """Whether bfloat16 is worth using here: a GPU that has it, or a CPU with matrix units for it."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu.get_capabilities().get("amx_bf16", False))


def collate(samples: list[Sample]) -> Batch:
    """Pictures and targets as the two lists that torchvision's detectors take."""
    pictures, targets = zip(*samples, strict=True)
    return list(pictures), list(targets)


def fit_composed(library: Library, config: TrainConfig, out: Path) -> None:
    """Train a detector on pictures composed on the fly, measured on held-out sources."""
    train_pieces, held_out = library.split(config.held_out)
    recipe = Recipe.from_dict(config.recipe)
    pictures = ComposedPictures(train_pieces, recipe, config.pictures_per_epoch, config.seed, config.batch_size)
    size = config.input_size
    checks = ComposedPictures(
        held_out, Recipe.from_dict({**config.recipe, "side": (size, size)}),
        config.validation_pictures, config.seed + 9001, config.batch_size,
    )
    fit(config, pictures, checks, out)


def fit(config, train_set, validation_set, out: Path) -> None:
    lightning.seed_everything(config.seed, workers=True, verbose=False)
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(config.to_dict(), indent=2), encoding="utf-8")
    module = DetectorModule(config.to_dict())
    module.model.to(memory_format=torch.channels_last)
    callbacks: list[Callback] = []
    if config.ema_decay:
        callbacks.append(EMAWeightAveraging(decay=config.ema_decay))
    callbacks += [
        LearningRateMonitor("step"),
        ModelCheckpoint(out, filename="best", monitor="val/mask_ap", mode="max", save_last=True, enable_version_counter=False),
    ]
    half = config.precision == "bf16" or (config.precision == "auto" and native_bfloat16())
    trainer = lightning.Trainer(
        max_epochs=config.epochs, callbacks=callbacks, logger=[CSVLogger(out, "", ""), TensorBoardLogger(out, "", "tensorboard")],
        precision="bf16-mixed" if half else "32-true", gradient_clip_val=config.clip_norm,
        accelerator="auto", devices="auto", enable_model_summary=False, log_every_n_steps=10,
    )
    def loader(pictures, sampler=None, workers=config.workers):
        return DataLoader(pictures, config.batch_size, sampler=sampler, collate_fn=collate, num_workers=workers, prefetch_factor=4 if workers else None, persistent_workers=workers > 0)
    trainer.fit(module, loader(train_set, NewEachEpoch(len(train_set))), loader(validation_set, workers=0))
