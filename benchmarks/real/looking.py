"""Opening a model, and running it over the pictures: what is shown, and everything from score 0.05.

Both are run: finds share out the pixels between them, so that the faint ones change the others, and
what is shown cannot be read off everything.

Not covered: checkpoints (export them first), time (``benchmarks/call_speed.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from fit import Fit, finds_of, fit_of
from numpy.typing import NDArray
from oracles import Oracles, oracles_of
from real_set import LabelledPicture

from kirinuki.evaluation.predictions import SCORE_FLOOR
from kirinuki.segmenter.detector import Detector
from kirinuki.segmenter.model_file import open_session
from kirinuki.segmenter.refiner import Refiner
from kirinuki.segmenter.segmenter import Segmenter, model_files
from kirinuki.training.measured_model import DEFAULT


@dataclass(frozen=True)
class Model:
    """A model to measure: its two networks, and both ways to run them."""

    name: str
    detector: Detector
    refiner: Refiner | None
    shown: Segmenter
    everything: Segmenter


@dataclass(frozen=True)
class PictureResult:
    """What a model found in one picture.

    Attributes:
        shown: what is shown, beside the truth.
        scores: (D,) float64, of everything from score 0.05 on.
        right: (D,) bool, which of that shows a character.
        oracles: None where they were not asked for.
    """

    picture: LabelledPicture
    shown: Fit
    scores: NDArray[np.float64]
    right: NDArray[np.bool_]
    oracles: Oracles | None


def open_model(name: str, score: float | None, threads: int | None) -> Model:
    """A model file or folder as `Segmenter.load` takes it, or the word "default".

    Args:
        score: the score in [0, 1] to show from; None takes the model's own.

    Raises:
        ModelError: a file is missing, damaged or not ours.
    """
    detector_path, refiner_path = model_files(None if name == DEFAULT else name)
    detector = Detector(*open_session(detector_path, threads=threads, kind="detector"))
    refiner = None
    if refiner_path.is_file():
        refiner = Refiner(*open_session(refiner_path, threads=threads, kind="refiner"))
    shown = Segmenter(detector, refiner, score=score)
    return Model(name, detector, refiner, shown, Segmenter(detector, refiner, score=SCORE_FLOOR))


def look(
    model: Model, pictures: Sequence[LabelledPicture], oracles: bool, step: Callable[[], None]
) -> Iterator[PictureResult]:
    """Run a model over the pictures; `step` is called after each.

    Raises:
        PictureError, DatasetError: a picture or a mask cannot be used.
    """
    for labelled in pictures:
        picture, truths = labelled.read()
        everything = model.everything(picture)
        all_of_it = fit_of(finds_of(everything), truths)
        yield PictureResult(
            picture=labelled,
            shown=fit_of(finds_of(model.shown(picture)), truths),
            scores=everything.scores.astype(np.float64),
            right=all_of_it.right,
            oracles=oracles_of(model.detector, model.refiner, picture.rgb, truths, all_of_it)
            if oracles
            else None,
        )
        step()
