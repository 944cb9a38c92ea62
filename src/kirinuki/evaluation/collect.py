"""Run a model over a labelled data set and keep what measuring it needs.

One picture is held at a time; of its predictions stay the boxes, scores and RLE masks, the match
with the annotated characters, the soft-edge errors, which need the alpha while it is there, and the
time that the model took.

Not covered: turning this into numbers (`evaluate`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kirinuki.arguments import check_number
from kirinuki.errors import (
    DatasetError,
    LabelError,
    ModelError,
    PictureError,
    VideoError,
)
from kirinuki.evaluation.classes import ClassMatch, match_classes
from kirinuki.evaluation.hard_cases import HardCases, hard_cases
from kirinuki.evaluation.matching import PictureMatch, match_picture
from kirinuki.evaluation.matting_error import MattingError, matting_error
from kirinuki.evaluation.predictions import Prediction, measurable, predictions_of
from kirinuki.formats.labelled import LabelledInstance, LabelledPicture, LabelledSet
from kirinuki.images.picture import Picture, read_picture
from kirinuki.instances import Instances, names_in
from kirinuki.segmenter.segments import Described, Segments


@dataclass(frozen=True)
class PictureResult:
    """What a model found on one picture: everything from score 0.05 on, and what is shown.

    Attributes:
        hard: which of the annotated characters are hard to find.
        soft_errors: of the shown characters whose truth has a soft alpha.
        kinds: (true, said) kinds of the shown characters that were found; "" where the label
            names none.
        seconds: time that the model took for what is shown.
    """

    picture: LabelledPicture
    predictions: tuple[Prediction, ...]
    match: PictureMatch
    shown: tuple[Prediction, ...]
    shown_match: PictureMatch
    hard: HardCases
    soft_errors: tuple[MattingError, ...]
    kinds: tuple[tuple[str, str], ...]
    seconds: float


@dataclass(frozen=True)
class Collected:
    """What a model found on the pictures of a data set.

    Attributes:
        classes: how the classes go together; its data set holds the measured pictures only.
        results: by picture, in the data set's order.
        failed: one line for each picture that could not be measured.
        display_score: the score from which a character is shown.
    """

    classes: ClassMatch
    results: tuple[PictureResult, ...]
    failed: tuple[str, ...]
    display_score: float


def collect(
    segment: Segments,
    dataset: LabelledSet,
    *,
    names: str | Sequence[str],
    display_score: float,
    shown: Segments | None = None,
    on_picture: Callable[[], None] = lambda: None,
) -> Collected:
    """Run a model over the pictures of a data set.

    A picture that cannot be read, or is not of the size the data set says, is left out and named.

    Args:
        segment: a `Segmenter`, or any function from `Picture` to `Instances`, from score 0.05 on.
        dataset: the labelled pictures.
        names: the model's class names, in order of its labels.
        display_score: the score in [0, 1] from which a character is shown.
        shown: the same model at `display_score`, for one whose characters share out the pixels, so
            that the faint ones would change the others (`Segmenter` does). None: what `segment`
            finds from `display_score` on.
        on_picture: called after each picture, for a progress bar.

    Raises:
        DatasetError: for a data set without pictures or annotations, or without a readable one.
        KirinukiError: there is no such score.
        ModelError: the model fails, or gives what is not of the picture or not of `names`.
    """
    check_number("display_score", display_score, 0, 1)
    _refuse_empty(dataset)
    classes = match_classes(names_in(names), dataset)
    both = Described(segment), None if shown is None else Described(shown)
    model = _Model(*both, names_in(names), display_score)
    results, failed = [], []
    for picture in classes.dataset:
        try:
            results.append(_one_picture(model, classes, picture))
        except (PictureError, LabelError, VideoError) as error:
            failed.append(str(error))
        on_picture()
    measured = replace(classes.dataset, pictures=tuple(result.picture for result in results))
    if not any(picture.instances for picture in measured):
        raise DatasetError(
            f"{dataset}: none of the labelled pictures can be measured, the first because: "
            f"{failed[0]}"
        )
    classes = replace(classes, dataset=measured)
    return Collected(classes, tuple(results), tuple(failed), display_score)


@dataclass(frozen=True)
class _Model:
    segment: Described
    shown: Described | None
    names: tuple[str, ...]
    display_score: float

    def timed(self, segment: Described, picture: Picture) -> tuple[Instances, float]:
        """Whom one of the two models sees, and the seconds it took."""
        start = time.perf_counter()
        instances = segment.look(picture)
        seconds = time.perf_counter() - start
        if instances.names != self.names:
            raise ModelError(
                f"{segment.info.arch}: gave instances of the classes "
                f"{', '.join(instances.names)}, but `names` are {', '.join(self.names)}"
            )
        return instances, seconds


def _one_picture(model: _Model, classes: ClassMatch, picture: LabelledPicture) -> PictureResult:
    seen = picture.read()
    _expect_size(picture, f"{picture.name}: the picture", seen.rgb.shape[:2])
    truths = [_soft_truth(picture, one) for one in picture.instances]
    everything, seconds = model.timed(model.segment, seen)
    found = shown = measurable(everything, classes.names)
    if model.shown is not None:
        all_shown, seconds = model.timed(model.shown, seen)
        shown = measurable(all_shown, classes.names)
    shown = shown[shown.scores >= model.display_score]
    predictions = predictions_of(found, classes.names)
    shown_predictions = predictions_of(shown, classes.names)
    shown_match = match_picture(picture, shown_predictions)
    return PictureResult(
        picture=picture,
        predictions=predictions,
        match=match_picture(picture, predictions),
        shown=shown_predictions,
        shown_match=shown_match,
        hard=hard_cases(picture),
        soft_errors=_soft_errors(shown, shown_match, truths),
        kinds=_kinds(shown, shown_match, picture.instances),
        seconds=seconds,
    )


def _kinds(
    shown: Instances, match: PictureMatch, instances: Sequence[LabelledInstance]
) -> tuple[tuple[str, str], ...]:
    return tuple(
        (instances[found].kind or "", shown.kinds[i])
        for i, found in enumerate(match.found.tolist())
        if found >= 0
    )


def _soft_errors(
    shown: Instances, match: PictureMatch, truths: Sequence[NDArray[np.uint8] | None]
) -> tuple[MattingError, ...]:
    errors = []
    for i, found in enumerate(match.found.tolist()):
        true = truths[found] if found >= 0 else None
        if true is not None and (error := matting_error(shown.full_alpha(i), true)) is not None:
            errors.append(error)
    return tuple(errors)


def _refuse_empty(dataset: LabelledSet) -> None:
    if not len(dataset):
        raise DatasetError(f"{dataset}: holds no pictures; there is nothing to measure")
    if not any(picture.instances for picture in dataset):
        raise DatasetError(
            f"{dataset}: none of its {len(dataset)} pictures has an annotated character; "
            "label at least one to measure a model"
        )


def _soft_truth(picture: LabelledPicture, one: LabelledInstance) -> NDArray[np.uint8] | None:
    """True alpha (H, W) uint8 of an instance, or None where it has none."""
    if one.alpha is None:
        return None
    alpha = read_picture(one.alpha).rgb[:, :, 0]
    _expect_size(picture, f"{one.alpha}: the alpha", alpha.shape)
    return alpha


def _expect_size(picture: LabelledPicture, what: str, shape: tuple[int, ...]) -> None:
    if shape != picture.size_hw:
        raise PictureError(
            f"{what} is {shape[1]}×{shape[0]}, but the data set says "
            f"{picture.size_hw[1]}×{picture.size_hw[0]}; run: kirinuki data check"
        )
