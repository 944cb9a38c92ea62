"""``metrics.csv``: one row for each epoch, kept over a resume.

Lightning's CSV logger spreads an epoch over several half-empty rows and deletes the old file when a
run goes on. Every step's values are in the TensorBoard log.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback

from kirinuki.files import write_atomically


class EpochLog(Callback):
    """Appends epoch, step, learning rate and every logged value of the epoch.

    Rows of epochs that a resumed run does again are replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: Any) -> None:
        if not trainer.is_global_zero:
            return
        rate = trainer.optimizers[0].param_groups[0]["lr"]
        row = {
            "epoch": str(trainer.current_epoch + 1),
            "step": str(trainer.global_step),
            "learning_rate": f"{rate:.6g}",
        }
        values = trainer.callback_metrics
        for name in sorted(values, key=lambda name: (not name.startswith("val/"), name)):
            if name.startswith("val/") or name.endswith("_epoch"):
                row[name.removesuffix("_epoch")] = f"{float(values[name]):.6g}"
        rows = [old for old in self._rows() if int(old["epoch"]) <= trainer.current_epoch]
        self._write([*rows, row])

    def _rows(self) -> list[dict[str, str]]:
        if not self.path.exists():
            return []
        with self.path.open(newline="", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))

    def _write(self, rows: list[dict[str, str]]) -> None:
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with (
            write_atomically(self.path, overwrite=True) as temporary,
            temporary.open("w", newline="", encoding="utf-8") as stream,
        ):
            writer = csv.DictWriter(stream, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
