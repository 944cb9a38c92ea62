"""The folder of a training run: what is in it, and what may be done to it.

``config.json``, ``best.ckpt``, ``last.ckpt``, ``metrics.csv``, ``validation/``, ``tensorboard/``,
and ``train.json`` with ``val.json`` where the run split its data set itself.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from kirinuki.errors import OutputError, TrainingError, in_json
from kirinuki.files import write_atomically
from kirinuki.training.config import TrainConfig

FILES = ("config.json", "best.ckpt", "last.ckpt", "metrics.csv", "train.json", "val.json")
FOLDERS = ("validation", "tensorboard")


def refuse_existing(out: Path, overwrite: bool) -> None:
    """A new run needs a folder that holds no other run.

    Raises:
        OutputError: it holds one and `overwrite` is False, or it is a file.
    """
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: is a file; give a folder for the run")
    if (out / "config.json").exists() and not overwrite:
        raise OutputError(
            f"{out}: holds a training run already; go on with it (`resume`), replace it "
            "(`overwrite`), or give another folder (`out`)"
        )


def refuse_needed(config: TrainConfig, out: Path) -> None:
    """What a new run starts from may not be part of the run that it replaces.

    Raises:
        TrainingError: a data set or the initial weights are files of `out`.
    """
    ours = {(out / name).resolve() for name in FILES}
    for needed in (*config.data, config.val, config.init):
        if needed and Path(needed).resolve() in ours:
            raise TrainingError(f"{needed}: is part of the run to be replaced; give another `out`")


def clear(out: Path) -> None:
    """Remove the run in a folder: its own files, and nothing else."""
    for name in FILES:
        (out / name).unlink(missing_ok=True)
    for name in FOLDERS:
        shutil.rmtree(out / name, ignore_errors=True)


def write_config(config: TrainConfig, out: Path) -> None:
    """Save the configuration beside the checkpoints."""
    with write_atomically(out / "config.json", overwrite=True) as temporary:
        text = in_json(json.dumps(config.to_dict(), indent=2, ensure_ascii=False))
        temporary.write_text(text + "\n", encoding="utf-8")


def read_config(out: Path) -> TrainConfig:
    """The configuration of the run in a folder.

    Raises:
        TrainingError: there is no run.
    """
    if not (out / "config.json").is_file():
        raise TrainingError(f"{out}: holds no training run to go on with (no config.json)")
    return TrainConfig.read(out / "config.json")
