"""`train`: from a configuration to a trained network, in a folder that explains itself.

Several GPUs are Lightning's own strategies: its processes run this same command again, and find the
configuration that the first one wrote.

Not covered: what is learnt (`detector_module`, `refiner_module`), the data (`sources`), the loop
(`runner`).
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import lightning
import torch

from kirinuki.errors import TrainingError
from kirinuki.training.config import TrainConfig
from kirinuki.training.loop.detector_module import Batch, DetectorModule
from kirinuki.training.loop.fit_refiner import fit_refiner
from kirinuki.training.loop.last_checkpoint import reached_in
from kirinuki.training.loop.run_folder import (
    clear,
    read_config,
    refuse_existing,
    refuse_needed,
    write_config,
)
from kirinuki.training.loop.runner import Finished, loader, run
from kirinuki.training.loop.validation_sheet import ValidationSheet
from kirinuki.training.networks.initial import read_initial
from kirinuki.training.pictures.opening import open_pictures
from kirinuki.training.pictures.sampler import EachOnce, NewEachEpoch
from kirinuki.training.pictures.scene import Pictures, Sample
from kirinuki.training.pictures.sources import Say, prepare, refuse_missing
from kirinuki.work.progress import Progress, no_progress

DETECTOR_VALUES = {
    "train/loss_epoch": "loss",
    "val/mask_ap": "mask AP",
    "val/mask_ap50": "AP50",
    "val/false_per_empty": "false detections per empty picture",
}


def train(
    config: TrainConfig | None,
    out: str | Path,
    *,
    overwrite: bool = False,
    track: Progress = no_progress,
    say: Say = lambda _: None,
) -> Finished:
    """Train a detector or a refiner on the data that the configuration names.

    Args:
        config: of a new run; None goes on with the run in `out`, exactly as if it had not stopped.
        out: folder of the run.
        overwrite: replace the run that is in `out`.
        track: shows progress before the first step.
        say: told what was decided, a line each.

    Raises:
        OutputError: `out` holds a run already.
        TrainingError: training cannot start or go on, or the loss is not finite.
        DatasetError, LabelError, PictureError: the data cannot be used.
    """
    out, resume = Path(out), config is None
    if config is not None and is_first_process():
        _begin(config, out, overwrite, track, say)
    config = read_config(out)
    if resume:
        _refuse_finished(config, out)
        refuse_missing(config)
    fit = fit_refiner if config.arch == "refiner" else fit_detector
    return fit(*open_pictures(config), config, out, resume=resume)


def fit_detector(
    train_set: Pictures,
    validation_set: Pictures,
    config: TrainConfig,
    out: Path,
    *,
    resume: bool = False,
) -> Finished:
    """Train a detector on one set of pictures and measure it on another after each epoch."""
    lightning.seed_everything(config.seed, workers=True, verbose=False)
    module = DetectorModule(config.to_dict(), pretrained=not (resume or config.init))
    if config.init and not resume:
        read_initial(config.init).fill(module.model, config.names)
    module.model.to(memory_format=torch.channels_last)
    sampler = NewEachEpoch(len(train_set), config.batch_size, config.first_picture)
    count = len(validation_set)
    return run(
        module,
        loader(train_set, sampler, config, collate),
        loader(validation_set, EachOnce(count), replace(config, workers=0), collate),
        config,
        out,
        monitor="val/mask_ap",
        shown=DETECTOR_VALUES,
        callbacks=[ValidationSheet(out / "validation", count, config.names)],
        resume=resume,
    )


def collate(samples: list[Sample]) -> Batch:
    """Pictures and targets as the two lists that torchvision's detectors take."""
    pictures, targets = zip(*samples, strict=True)
    return list(pictures), list(targets)


def _begin(config: TrainConfig, out: Path, overwrite: bool, track: Progress, say: Say) -> None:
    """Check everything that can be checked, then make the folder of a new run."""
    refuse_existing(out, overwrite)
    refuse_needed(config, out)
    if config.init:
        initial = read_initial(config.init, config.arch)
        if initial.arch != config.arch:
            raise TrainingError(
                f"`arch` is {config.arch}, but {initial.where} holds {initial.arch}"
            )
        if initial.seed == config.seed:
            config = replace(config, first_picture=initial.next_picture)
    prepared = prepare(config, track, say)
    if overwrite:
        clear(out)
    write_config(prepared.write(out), out)


def is_first_process() -> bool:
    """False in the processes that Lightning starts for the other GPUs."""
    return os.environ.get("LOCAL_RANK", "0") == "0" and os.environ.get("NODE_RANK", "0") == "0"


def _refuse_finished(config: TrainConfig, out: Path) -> None:
    last = out / "last.ckpt"
    if not last.is_file():
        raise TrainingError(
            f"{out}: stopped before anything was saved, so there is nothing to go on from; "
            "start again with `overwrite`"
        )
    if (done := reached_in(last).epochs) >= config.epochs:
        raise TrainingError(
            f"{out}: all {done} epochs are done; to train further, start a new run with "
            f"`init` {last}"
        )
