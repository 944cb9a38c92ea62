"""A picture after each epoch: some of the validation pictures, truth beside prediction.

``validation/epoch_003.png`` in the run's folder, and the same in TensorBoard.

Not covered: the worst pictures of a finished model (``kirinuki eval``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning
import numpy as np
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import TensorBoardLogger
from numpy.typing import NDArray

from kirinuki.evaluation.predictions import Prediction, instances_of
from kirinuki.geometry import mask_to_rle
from kirinuki.images.picture import save_png
from kirinuki.render.overlay import contact_sheet, overlay
from kirinuki.training.loop.detector_module import SHOWN_SCORE, Batch

SHOWN = 8
"""Pictures on the sheet."""
CELL_WH = (360, 300)
"""Largest width and height of a picture there, in pixels: two beside each other fit a screen."""


class ValidationSheet(Callback):
    """Draws `SHOWN` pictures, evenly chosen, the same ones after every epoch."""

    def __init__(self, folder: Path, pictures: int, names: tuple[str, ...]) -> None:
        self.folder = folder
        self._wanted = set(np.linspace(0, pictures - 1, min(SHOWN, pictures)).round().astype(int))
        self._names = names
        self._cells: dict[int, list[tuple[str, NDArray[np.uint8]]]] = {}

    def on_validation_batch_end(
        self,
        trainer: lightning.Trainer,
        module: Any,
        outputs: Any,
        batch: Batch,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        for picture, target, found in zip(*batch, outputs["found"], strict=True):
            index = int(target["image_id"])
            if index not in self._wanted or not trainer.is_global_zero:
                continue
            rgb = np.ascontiguousarray(picture.permute(1, 2, 0).cpu().numpy())
            self._cells[index] = []
            shown = [p for p in found if p.score >= SHOWN_SCORE]
            for words, drawn in (("labelled", _truths(target, self._names)), ("found", shown)):
                instances = instances_of(drawn, rgb.shape[:2], self._names)
                title = f"{index + 1} · {words}: {len(drawn)}"
                self._cells[index].append((title, overlay(rgb, instances)))

    def on_validation_end(self, trainer: lightning.Trainer, module: Any) -> None:
        if not trainer.is_global_zero or not self._cells:
            return
        cells = [cell for _, pair in sorted(self._cells.items()) for cell in pair]
        self._cells.clear()
        sheet = contact_sheet(cells, columns=4, cell_wh=CELL_WH)
        epoch = trainer.current_epoch + 1
        save_png(sheet, self.folder / f"epoch_{epoch:03d}.png", overwrite=True)
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_image("validation", sheet, epoch, dataformats="HWC")


def _truths(target: dict[str, Any], names: tuple[str, ...]) -> list[Prediction]:
    masks = target["masks"].cpu().numpy().astype(np.bool_)
    return [
        Prediction(names[label - 1], 1.0, (x1, y1, x2, y2), mask_to_rle(mask))
        for mask, label, (x1, y1, x2, y2) in zip(
            masks, target["labels"].tolist(), target["boxes"].tolist(), strict=True
        )
    ]
