"""``last.ckpt``: written after each epoch and every five minutes within one; how far it got.

All that a run needs to go on follows from numbers: pictures and their changes from seed and index,
sampled proposals from seed, epoch and batch. So the weights, their average, the optimiser, the
schedule and the place in the epoch are the whole state.

Not covered: which of the checkpoints is the best (`runner`), how they are written
(`whole_checkpoints`), what the network reads (`checkpoint`).
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NamedTuple

import lightning
import torch
from lightning.pytorch.callbacks import Callback

from kirinuki.errors import TrainingError
from kirinuki.training.networks.checkpoint import NEXT_PICTURE

SECONDS = 300.0
"""A power cut costs no more than this, however long an epoch is."""


class Reached(NamedTuple):
    """How far a run is: whole epochs, and batches of the one under way."""

    epochs: int
    batches: int


class SaveOften(Callback):
    """Writes ``last.ckpt`` within an epoch, when the last time was `seconds` ago.

    The last batch is left to whoever saves the epoch: Lightning would go on from it without
    measuring.
    """

    def __init__(self, path: Path, seconds: float = SECONDS) -> None:
        self.path, self.seconds = path, seconds
        self._saved = time.monotonic()

    def on_train_batch_end(
        self, trainer: lightning.Trainer, module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        is_last = trainer.fit_loop.epoch_loop.batch_progress.is_last_batch
        due = not is_last and time.monotonic() - self._saved >= self.seconds
        if trainer.strategy.broadcast(due):  # all devices save together
            trainer.save_checkpoint(self.path)
            self._saved = time.monotonic()

    def on_save_checkpoint(
        self, trainer: lightning.Trainer, module: Any, checkpoint: dict[str, Any]
    ) -> None:
        loader: Any = trainer.train_dataloader
        reached = _reached(checkpoint)
        checkpoint[NEXT_PICTURE] = loader.sampler.next_after(reached.epochs, reached.batches)


def reached_in(checkpoint: Path) -> Reached:
    """How far the run of a checkpoint had got.

    Raises:
        TrainingError: it is damaged.
    """
    try:
        return _reached(torch.load(checkpoint, map_location="cpu", weights_only=True))
    except Exception as error:  # whatever a damaged pickle raises
        raise TrainingError(f"{checkpoint}: is damaged, or no checkpoint; start again") from error


def _reached(content: dict[str, Any]) -> Reached:
    batches = content["loops"]["fit_loop"]["epoch_loop.batch_progress"]
    if batches["is_last_batch"]:
        return Reached(int(content["epoch"]) + 1, 0)
    return Reached(int(content["epoch"]), int(batches["current"]["processed"]))
