"""The jobs that are killed: inputs drawn on the spot, a tiny model, the command that runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from fake_models import save_detector, save_refiner
from made_clips import write_clip
from made_library import make_library

COMMAND = "from kirinuki.cli import main; main()"
SIZE_WH = (256, 144)


@dataclass(frozen=True)
class Scenario:
    """A job that may be stopped and gone on with.

    Attributes:
        arguments: folder of the inputs, folder of the results → what follows ``kirinuki``.
    """

    name: str
    arguments: Callable[[Path, Path], list[str]]


def _cut(*names: str, options: Sequence[str]) -> Callable[[Path, Path], list[str]]:
    """``kirinuki cut`` of these inputs; OUT in an option is the results' folder."""

    def arguments(made: Path, out: Path) -> list[str]:
        inputs = [str(made / name) for name in names]
        told = [option.replace("OUT", str(out)) for option in options]
        return ["cut", *inputs, "-o", str(out), "--model", str(made / "model"), *told]

    return arguments


def _compose(made: Path, out: Path) -> list[str]:
    library = made / "library"
    pieces = ["--sprites", str(library / "sprites"), "--backgrounds", str(library / "backgrounds")]
    options = ["--recipe", str(made / "recipe.json"), "-n", "40", "--workers", "2"]
    return ["data", "compose", *pieces, *options, "-o", str(out)]


PICTURES = ("--cutout", "--overlay", "--mask", "--labels", "labelme")
VIDEO = ("--overlay", "--cutout", "--each", "--mask", "--matte", "--labels", "coco")
JOB_FILE = "all.json"
MIXED = ("--cutout", "--mask", "--coco", f"OUT/{JOB_FILE}")
SCENARIOS = (
    Scenario("pictures", _cut("pictures", options=PICTURES)),
    Scenario("video", _cut("clip.mkv", options=VIDEO)),
    Scenario("mixed", _cut("pictures", "short.mkv", options=MIXED)),
    Scenario("compose", _compose),
)


def make_inputs(folder: Path) -> None:
    """Pictures in two folders, a clip of three shots and a short one, a library, a model."""
    rng = np.random.default_rng(0)
    for number in range(12):
        path = folder / "pictures" / ("ab"[number % 2]) / f"{number:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(_scene(rng)).save(path)
    for name, frames in (("clip.mkv", 260), ("short.mkv", 60)):
        shots = [_scene(rng) for _ in range(3)]
        pictures = [np.roll(shots[number // 130], number // 2, 1) for number in range(frames)]
        write_clip(folder / name, pictures, tones=1, time_base=Fraction(1, 24))
    make_library(folder / "library")
    (folder / "recipe.json").write_text('{"side": [240, 320]}', encoding="utf-8")
    model = folder / "model"
    model.mkdir()
    boxes = [[8, 6, 26, 34], [34, 4, 58, 35]]  # in pixels of its input, 64 at the long side
    save_detector(model / "detector.onnx", boxes, [0.9, 0.8], [0, 1])
    save_refiner(model / "refiner.onnx", 1)


def _scene(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Coarse noise with smooth patches: edges to be cleaned, and something for an encoder to do."""
    coarse = rng.integers(0, 256, (9, 16, 3), np.uint8)
    picture = Image.fromarray(coarse).resize(SIZE_WH, Image.Resampling.BICUBIC)
    return np.asarray(picture)


def start(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the command in a process group of its own, in one thread."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
