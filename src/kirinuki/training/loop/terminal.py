"""What a training shows while it runs: one bar, and one line for each epoch that stays.

A bar of our own, because Lightning's rich one redraws a table of its own layout and drops the
epochs that are over. On a terminal the bar is live; in a pipe or a log only the lines appear.

Not covered: files with the numbers (`epoch_log`).
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

LIGHTNING_LOGGERS = ("lightning", "lightning.pytorch", "lightning.fabric")
NOT_FOR_USERS = (
    r".*does not have many workers.*",
    r".*in eval mode at the start of training.*",
    r".*sync_dist=True.*",
    r".*treespec, LeafSpec.*",
    r".*exists and is not empty.*",
    r".*log_every_n_steps.*",
    r".*lr_scheduler\.step\(\).*before.*optimizer\.step\(\).*",
    r".*torch\.meshgrid.*",
    r".*not have an available.*",
    r".*your dataloader is not resumable.*",  # the sampler knows where it stopped
)
"""Warnings of the libraries that ask of the user what only this program could change."""


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Without Lightning's tips, devices and reminders; what is an error still comes through."""
    loggers = [logging.getLogger(name) for name in LIGHTNING_LOGGERS]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        for message in NOT_FOR_USERS:
            warnings.filterwarnings("ignore", message=message)
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


class Terminal(Callback):
    """The bar and the lines, on stderr.

    Args:
        shown: name of a logged value → the words for it in an epoch's line, in this order.
        percent: the logged values that are shares, shown as 0 to 100.
    """

    def __init__(self, shown: dict[str, str], percent: tuple[str, ...] = ()) -> None:
        self.console = Console(stderr=True, highlight=False)
        self._shown = shown
        self._percent = percent
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._began = 0.0

    def on_train_start(self, trainer: lightning.Trainer, module: Any) -> None:
        self.on_train_epoch_start(trainer, module)  # Lightning does not say it within an epoch

    def on_train_epoch_start(self, trainer: lightning.Trainer, module: Any) -> None:
        self._began = time.monotonic()
        if trainer.is_global_zero:
            words = f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}"
            self._start(words, trainer.num_training_batches)

    def on_train_batch_end(
        self, trainer: lightning.Trainer, module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if self._bar is not None and self._task is not None:
            loss = float(outputs["loss"]) if isinstance(outputs, dict) else float("nan")
            self._bar.update(self._task, advance=1, note=f"loss {loss:.3f}")

    def on_validation_start(self, trainer: lightning.Trainer, module: Any) -> None:
        if trainer.is_global_zero:
            self._start("measuring", sum(trainer.num_val_batches))

    def on_validation_batch_end(
        self,
        trainer: lightning.Trainer,
        module: Any,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=1)

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: Any) -> None:
        self._stop()
        if not trainer.is_global_zero:
            return
        values = trainer.callback_metrics
        parts = [
            f"{words} {self._value(name, values[name])}"
            for name, words in self._shown.items()
            if name in values
        ]
        minutes, seconds = divmod(round(time.monotonic() - self._began), 60)
        line = [f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}", *parts]
        self.console.print(" · ".join([*line, f"{minutes}:{seconds:02d} min"]), soft_wrap=True)

    def on_exception(self, trainer: lightning.Trainer, module: Any, exception: Any) -> None:
        self._stop()

    def teardown(self, trainer: lightning.Trainer, module: Any, stage: str) -> None:
        self._stop()

    def _value(self, name: str, value: torch.Tensor) -> str:
        return f"{100 * float(value):.1f}" if name in self._percent else f"{float(value):.3f}"

    def _start(self, words: str, total: float) -> None:
        self._stop()
        if not self.console.is_terminal:
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=self.console, transient=True)
        self._task = self._bar.add_task(words, total=total, note="")
        self._bar.start()

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = self._task = None
