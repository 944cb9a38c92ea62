"""`run`: Lightning's trainer over a module; checkpoints, logs, and what is left of a run.

Not covered: which data and which network (`fit`, `fit_refiner`).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import lightning
import torch
from lightning.pytorch.callbacks import Callback, LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger
from torch.utils.data import DataLoader, Dataset, Sampler

from kirinuki.training.config import TrainConfig
from kirinuki.training.loop.epoch_log import EpochLog
from kirinuki.training.loop.last_checkpoint import SaveOften, reached_in
from kirinuki.training.loop.moving_average import MovingAverage
from kirinuki.training.loop.run_folder import write_config
from kirinuki.training.loop.terminal import Terminal, quiet_libraries
from kirinuki.training.loop.whole_checkpoints import WholeCheckpoints
from kirinuki.training.pictures.sampler import NewEachEpoch

_EVERY_EPOCH: dict[str, Any] = {
    "enable_version_counter": False,
    # After the whole epoch: a checkpoint from within would repeat its end when resumed.
    "save_on_train_epoch_end": True,
}
"""Lightning's own `save_last` writes only when the best checkpoint changes, too."""


@dataclass(frozen=True)
class Finished:
    """How a training ended.

    Attributes:
        out: folder of the run.
        config: as it was run.
        epochs: how many are done.
        best: highest value of what the best checkpoint is chosen by; None before the first.
        interrupted: stopped by Ctrl-C.
    """

    out: Path
    config: TrainConfig
    epochs: int
    best: float | None
    interrupted: bool


def run(
    module: lightning.LightningModule,
    train_loader: DataLoader[Any],
    validation_loader: DataLoader[Any],
    config: TrainConfig,
    out: Path,
    *,
    monitor: str,
    shown: dict[str, str],
    callbacks: Sequence[Callback] = (),
    resume: bool = False,
) -> Finished:
    """Run Lightning's trainer over a module.

    Args:
        monitor: logged value by which ``best.ckpt`` is chosen, higher is better.
        shown: logged values and their words for an epoch's line; shares, but for the loss.
        callbacks: more of them.
        resume: go on from ``last.ckpt``.

    Raises:
        TrainingError: the loss is not finite.
        OutputError: a checkpoint cannot be written; the one before stays.
    """
    out.mkdir(parents=True, exist_ok=True)
    write_config(config, out)
    with quiet_libraries(), _interrupt_handler_kept():
        trainer = lightning.Trainer(
            max_epochs=config.epochs,
            callbacks=[*_callbacks(config, out, monitor, shown), *callbacks],
            logger=TensorBoardLogger(out, "", "tensorboard"),
            plugins=[WholeCheckpoints()],
            precision=precision_of(config),
            gradient_clip_val=config.clip_norm,
            accelerator="auto",
            devices="auto",
            use_distributed_sampler=False,  # `sampler` shares the pictures
            num_sanity_val_steps=0,
            enable_model_summary=False,
            enable_progress_bar=False,
            log_every_n_steps=10,
        )
        last = out / "last.ckpt" if resume else None
        if last and isinstance(sampler := train_loader.sampler, NewEachEpoch):
            # Lightning tells the sampler, too, but only after it has started the workers, which
            # fetch their first batches at once.
            sampler.go_on(*reached_in(last))
        try:
            trainer.fit(module, train_loader, validation_loader, ckpt_path=last)
        except SystemExit:  # how Lightning ends after Ctrl-C
            if not trainer.interrupted:
                raise
    kept = cast(ModelCheckpoint, trainer.checkpoint_callback)
    return Finished(
        out=out,
        config=config,
        epochs=int(trainer.fit_loop.epoch_progress.current.completed),
        best=None if kept.best_model_score is None else float(kept.best_model_score),
        interrupted=trainer.interrupted,
    )


def loader(
    pictures: Dataset[Any], sampler: Sampler[int], config: TrainConfig, collate: Any
) -> DataLoader[Any]:
    """Batches of a data set, prepared by `config.workers` processes."""
    return DataLoader(
        pictures,
        config.batch_size,
        sampler=sampler,
        collate_fn=collate,
        num_workers=config.workers,
        prefetch_factor=4 if config.workers else None,
        persistent_workers=config.workers > 0,
        pin_memory=torch.cuda.is_available(),
    )


def precision_of(config: TrainConfig) -> Any:
    """Lightning's name of the precision; "auto" looks at the hardware."""
    choice = config.precision
    if choice == "auto":
        choice = "bf16" if native_bfloat16() else "16" if torch.cuda.is_available() else "32"
    return {"32": "32-true", "bf16": "bf16-mixed", "16": "16-mixed"}[choice]


def native_bfloat16() -> bool:
    """Whether bfloat16 is worth using: a GPU that has it, or a CPU with matrix units for it."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu.get_capabilities().get("amx_bf16", False))


def _callbacks(
    config: TrainConfig, out: Path, monitor: str, shown: dict[str, str]
) -> list[Callback]:
    averages = [MovingAverage(config.ema_decay)] if config.ema_decay else []
    percent = tuple(name for name in shown if name.startswith("val/mask"))
    return [
        *averages,
        LearningRateMonitor("step"),
        Terminal(shown, percent),
        EpochLog(out / "metrics.csv"),
        SaveOften(out / "last.ckpt"),
        # In this order, so that the last checkpoint knows about the best.
        ModelCheckpoint(out, filename="best", monitor=monitor, mode="max", **_EVERY_EPOCH),
        ModelCheckpoint(out, filename="last", **_EVERY_EPOCH),
    ]


@contextmanager
def _interrupt_handler_kept() -> Iterator[None]:
    """Lightning ignores Ctrl-C from the first one on; the rest of the program should not."""
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, handler)
