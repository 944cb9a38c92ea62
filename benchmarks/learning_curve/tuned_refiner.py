"""Whether 20 labels of an unseen style make the package's refiner a better one for that style.

    python benchmarks/learning_curve/tuned_refiner.py FOLDER [--size 20] [--seed 0]

Fine-tunes the detector on so many pictures of the show, then the refiner on the same ones and on
what that detector finds in them, and measures the detector with either refiner on the 60 pictures
of episodes that nobody has seen: the quality of each picture (`PictureMatch.quality`), and the
paired bootstrap of the difference over whole pictures. Runs that are there are not run again.

Not covered: how many pictures are enough for the detector (`run`).
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from run import KIRINUKI, Once, subset
from show import SETS, write_set

from kirinuki.evaluation.evaluate import evaluate
from kirinuki.formats.labelled import LabelledSet
from kirinuki.formats.registry import load_set
from kirinuki.segmenter.model_file import embedded
from kirinuki.training.measured_model import load_measured

sys.path.insert(0, str(Path(__file__).parents[1] / "real"))

from bootstrap import paired_difference, times_drawn

COMMON = ("--init", "default", "--batch-size", "4", "--epochs", "4")
DETECTOR = ("--input-size", "384", "--learning-rate", "8e-4", "--trainable-layers", "3")
REFINER = ("--arch", "refiner")


def main() -> None:
    arguments = parsed()
    folder: Path = arguments.folder
    show, size, seed = folder / "show", arguments.size, arguments.seed
    for name in SETS:
        if not (show / f"{name}.json").exists():
            write_set(show, name)
    labels, watch = subset(show, size, seed), show / "watch.json"
    run = folder / "refiners" / f"{size:03d}_{seed}"
    tuned, packaged = run / "tuned", run / "packaged"
    for model in (tuned, packaged):
        model.mkdir(parents=True, exist_ok=True)
    detector, refiner = tuned / "detector.onnx", tuned / "refiner.onnx"
    if not detector.exists():
        made(labels, watch, run / "detector", detector, seed, DETECTOR)
    if not refiner.exists():
        made(labels, watch, run / "refiner", refiner, seed, (*REFINER, "--finds", str(detector)))
    shutil.copyfile(detector, packaged / "detector.onnx")
    shutil.copyfile(embedded("refiner"), packaged / "refiner.onnx")
    test = load_set(show / "test.json")
    first, second = qualities(packaged, test), qualities(tuned, test)
    difference = paired_difference(first, second, times_drawn(len(first)))
    print(f"packaged {first[:, 0].mean():.4f}, tuned {second[:, 0].mean():.4f}: {difference}")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="pictures and runs, as of run.py")
    parser.add_argument("--size", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def made(
    labels: Path, watch: Path, run: Path, model: Path, seed: int, options: tuple[str, ...]
) -> None:
    """Train as anybody would on the command line, and export the last checkpoint."""
    words = [str(labels), "--val", str(watch), "--seed", str(seed), "-o", str(run), "--overwrite"]
    subprocess.run([*KIRINUKI, "train", *words, *COMMON, *options], check=True)
    last = str(run / "last.ckpt")
    subprocess.run([*KIRINUKI, "export", last, "-o", str(model), "--overwrite"], check=True)


def qualities(model: Path, test: LabelledSet) -> NDArray[np.float64]:
    """What each picture with somebody adds to the sum and the count of qualities, (P, 2)."""
    segment = Once(load_measured(str(model), None))
    report = evaluate(
        segment,
        test,
        names=segment.segmenter.names,
        display_score=segment.segmenter.score,
        shown=segment,
    )
    by_name = {picture.file_name: picture.quality for picture in report.pictures}
    peopled = [picture.name for picture in test if picture.instances]
    return np.array([[by_name[name], 1.0] for name in peopled])


if __name__ == "__main__":
    main()
