"""How many labelled pictures are enough: fine-tune the package's detector on more and more of them.

    python benchmarks/learning_curve/run.py FOLDER [--sizes 10 20 50 100 200] [--seeds 2]

Draws the show (`show`), then for every seed and size runs ``kirinuki train … --init default`` on so
many of the 200 training pictures and measures the last checkpoint on the 60 of episodes it has not
seen, with what ``kirinuki eval`` uses. All sizes take the same number of steps. A smaller set is
part of a larger one of the same seed. ``FOLDER/points/*.json`` holds one point each: a second run
goes on. Written after each: ``table.md`` here, ``docs/pictures/learning_curve.png``.

Not covered: other shows, other settings, choosing which pictures to label.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from curve import Point, write
from show import SETS, write_set

from kirinuki.evaluation.evaluate import Report, evaluate
from kirinuki.evaluation.predictions import SCORE_FLOOR
from kirinuki.files import write_atomically
from kirinuki.formats.labelled import LabelledSet
from kirinuki.formats.registry import FORMATS, load_set
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.training.measured_model import DEFAULT, load_measured

KIRINUKI = [sys.executable, "-c", "from kirinuki.cli import main; main()"]
AN_EPOCH = 200
"""Pictures that `kirinuki train` shows in an epoch of a smaller set, by repeating it."""


def main() -> None:
    arguments = parsed()
    folder: Path = arguments.folder
    show = folder / "show"
    for name in SETS:
        if not (show / f"{name}.json").exists():
            write_set(show, name)
    (folder / "points").mkdir(exist_ok=True)
    test = load_set(show / "test.json")
    wanted = [(0, 0)]
    wanted += [(size, seed) for seed in range(arguments.seeds) for size in arguments.sizes]
    for size, seed in wanted:
        point = folder / "points" / f"{size:03d}_{seed}.json"
        if point.exists():
            continue
        if size == 0:
            save(point, size, seed, 0.0, measured(DEFAULT, test))
        else:
            run = folder / "runs" / f"{size:03d}_{seed}"
            seconds = trained(subset(show, size, seed), run, seed, arguments)
            save(point, size, seed, seconds, measured(str(run / "last.ckpt"), test))
        print(write(folder))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="pictures, runs and points")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10, 20, 50, 100, 200])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=4, help=f"of {AN_EPOCH} pictures each")
    parser.add_argument("--input-size", type=int, default=384)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--learning-rate", type=float, default=8e-4)
    parser.add_argument("--trainable-layers", type=int, default=3)
    return parser.parse_args()


def subset(show: Path, size: int, seed: int) -> Path:
    """So many training pictures, taken at random from all ten episodes."""
    whole = load_set(show / "train.json")
    kept = np.random.default_rng(seed).permutation(len(whole))[:size]
    path = show / f"train_{size:03d}_{seed}.json"
    pictures = [whole.pictures[i] for i in sorted(kept.tolist())]
    list(FORMATS["coco"].write(pictures, whole.names, path, True))
    return path


def trained(labels: Path, run: Path, seed: int, arguments: argparse.Namespace) -> float:
    """Train as anybody would on the command line; the seconds that it took."""
    options = {
        "--val": labels.with_name("watch.json"),
        "--init": DEFAULT,
        "--epochs": arguments.epochs,
        "--input-size": arguments.input_size,
        "--batch-size": arguments.batch_size,
        "--learning-rate": arguments.learning_rate,
        "--trainable-layers": arguments.trainable_layers,
        "--seed": seed,
        "-o": run,
    }
    words = [str(word) for pair in options.items() for word in pair]
    start = time.monotonic()
    subprocess.run([*KIRINUKI, "train", str(labels), *words, "--overwrite"], check=True)
    return time.monotonic() - start


def measured(model: str, test: LabelledSet) -> dict[str, Report]:
    """The reports by what is asked: "found" counts all classes as one, "told apart" does not."""
    everything, shown = (Once(load_measured(model, score)) for score in (SCORE_FLOOR, None))
    pictures = tuple(
        replace(p, instances=tuple(replace(one, name="anybody") for one in p.instances))
        for p in test
    )
    anybody = replace(test, names=("anybody",), pictures=pictures)
    sets = {"found": anybody, "told apart": test}
    if model == DEFAULT:
        del sets["told apart"]  # it has one class
    return {
        name: evaluate(
            everything,
            dataset,
            names=shown.segmenter.names,
            display_score=shown.segmenter.score,
            shown=shown,
        )
        for name, dataset in sets.items()
    }


class Once:
    """A segmenter that looks at each picture once, however often it is measured."""

    def __init__(self, segmenter: Any) -> None:
        self.segmenter = segmenter
        self._seen: dict[bytes, Instances] = {}

    def __call__(self, picture: Picture) -> Instances:
        key = picture.rgb.tobytes()
        if key not in self._seen:
            self._seen[key] = replace(self.segmenter(picture), picture=None)
        return self._seen[key]


def save(path: Path, size: int, seed: int, seconds: float, reports: dict[str, Report]) -> None:
    """One point: its size, its seed, the seconds of training and what was measured."""
    found, apart = reports["found"], reports.get("told apart")
    point = Point(
        pictures=size,
        seed=seed,
        seconds=round(seconds, 1),
        mask_ap=percent(found.mask.ap),
        mask_ap_50=percent(found.mask.ap_50),
        best_iou=found.best_match.mean,
        precision=found.at_display.precision,
        recall=found.at_display.recall,
        best_f1=found.best.f1,
        false_per_empty=found.at_display.false_per_empty_picture,
        ap_by_class={c.name: percent(c.mask_ap) for c in apart.classes} if apart else {},
    )
    with write_atomically(path, overwrite=True) as temporary:
        temporary.write_text(json.dumps(vars(point), indent=1) + "\n", encoding="utf-8")
    print(point, flush=True)


def percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


if __name__ == "__main__":
    main()
