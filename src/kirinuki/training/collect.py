"""Run a model over a labelled data set and keep what measuring it needs.

One picture is held at a time; of its predictions stay the boxes, scores and RLE masks, the match
with the annotated characters, and the soft-edge errors, which need the alpha while it is there.

Not covered: turning this into numbers (`evaluate`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kirinuki.data.coco import Annotation, CocoDataset, CocoImage
from kirinuki.errors import DatasetError, PictureError
from kirinuki.images import read_picture
from kirinuki.instances import Instances
from kirinuki.training.classes import ClassMatch, match_classes
from kirinuki.training.matching import PictureMatch, match_picture
from kirinuki.training.matting_error import MattingError, matting_error
from kirinuki.training.predictions import Prediction, measurable, predictions_of

Segment = Callable[[NDArray[np.uint8]], Instances]


@dataclass(frozen=True)
class Collected:
    """What a model found on the pictures of a data set.

    Attributes:
        classes: how the classes go together; its data set holds the measured pictures only.
        matches: by picture, in the data set's order.
        predictions: by picture, in the data set's order.
        soft_truths: characters with a soft truth on the measured pictures.
        soft_errors: of those that were found at the display score.
        failed: one line for each picture that could not be measured.
        display_score: the score from which a character counts as shown.
    """

    classes: ClassMatch
    matches: tuple[PictureMatch, ...]
    predictions: tuple[tuple[Prediction, ...], ...]
    soft_truths: int
    soft_errors: tuple[MattingError, ...]
    failed: tuple[str, ...]
    display_score: float


def collect(
    segment: Segment,
    dataset: CocoDataset,
    *,
    names: Sequence[str],
    display_score: float,
    on_picture: Callable[[], None] = lambda: None,
) -> Collected:
    """Run a model over the pictures of a data set.

    A picture that cannot be read, or is not of the size the data set says, is left out and named.

    Args:
        segment: picture (H, W, 3) uint8 RGB → `Instances`, from score 0.05 on.
        dataset: the labelled pictures.
        names: the model's class names, in order of its labels.
        display_score: the score from which a character counts as shown.
        on_picture: called after each picture, for a progress bar.

    Raises:
        DatasetError: for a data set without pictures or annotations, or without a readable one.
    """
    _refuse_empty(dataset)
    classes = match_classes(names, dataset)
    images, results, failed = [], [], []
    for image in classes.dataset.images:
        try:
            results.append(_one_picture(segment, classes, image, display_score))
            images.append(image)
        except PictureError as error:
            failed.append(str(error))
        on_picture()
    measured = _only(classes.dataset, images)
    if not measured.annotations:
        raise DatasetError(
            f"{dataset.path or 'data set'}: none of the labelled pictures can be measured, "
            f"the first because: {failed[0]}"
        )
    return Collected(
        classes=replace(classes, dataset=measured),
        matches=tuple(match for match, _, _ in results),
        predictions=tuple(predictions for _, predictions, _ in results),
        soft_truths=sum(a.alpha_file is not None for a in measured.annotations),
        soft_errors=tuple(error for _, _, errors in results for error in errors),
        failed=tuple(failed),
        display_score=display_score,
    )


def _one_picture(
    segment: Segment, classes: ClassMatch, image: CocoImage, display_score: float
) -> tuple[PictureMatch, tuple[Prediction, ...], list[MattingError]]:
    annotations = classes.dataset.annotations_of(image.id)
    rgb = _read(classes.dataset, image)
    truths = [_soft_truth(classes.dataset, image, a) for a in annotations]
    instances = measurable(segment(rgb), classes.category_ids)
    predictions = predictions_of(instances, image.id, classes.category_ids)
    match = match_picture(image, annotations, predictions)
    errors = []
    for d, g in enumerate(match.found.tolist()):
        true = truths[g] if g >= 0 else None
        if true is None or match.scores[d] < display_score:
            continue
        if (error := matting_error(instances.alpha(d), true)) is not None:
            errors.append(error)
    return match, predictions, errors


def _refuse_empty(dataset: CocoDataset) -> None:
    name = dataset.path or "data set"
    if not dataset.images:
        raise DatasetError(f"{name}: holds no pictures; there is nothing to measure")
    if not dataset.annotations:
        raise DatasetError(
            f"{name}: none of its {len(dataset.images)} pictures has an annotated character; "
            "label at least one to measure a model"
        )


def _only(dataset: CocoDataset, images: Sequence[CocoImage]) -> CocoDataset:
    kept = {image.id for image in images}
    annotations = tuple(a for a in dataset.annotations if a.image_id in kept)
    return replace(dataset, images=tuple(images), annotations=annotations)


def _read(dataset: CocoDataset, image: CocoImage) -> NDArray[np.uint8]:
    rgb = read_picture(dataset.picture_path(image)).rgb
    _expect_size(image, f"{image.file_name}: the picture", rgb.shape[:2])
    return rgb


def _soft_truth(
    dataset: CocoDataset, image: CocoImage, annotation: Annotation
) -> NDArray[np.uint8] | None:
    """True alpha (H, W) uint8 of an annotation, or None where it has none."""
    if annotation.alpha_file is None:
        return None
    folder = dataset.path.parent if dataset.path else dataset.pictures
    alpha = read_picture(folder / annotation.alpha_file).rgb[:, :, 0]
    _expect_size(image, f"{annotation.alpha_file}: the alpha", alpha.shape)
    return alpha


def _expect_size(image: CocoImage, what: str, shape: tuple[int, ...]) -> None:
    if shape != (image.height, image.width):
        raise PictureError(
            f"{what} is {shape[1]}×{shape[0]}, but the data set says "
            f"{image.width}×{image.height}; run: kirinuki data check"
        )
