"""Labels drawn over the pictures, as contact sheets: the quickest way to see that they are right.

Pictures are shrunk before the masks are drawn, so that outlines and names stay legible.

Not covered: soft alpha beside the labels; what is wrong with them (`check`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import DatasetError, KirinukiError
from kirinuki.formats.labelled import LabelledPicture, LabelledSet
from kirinuki.geometry import mask_to_box
from kirinuki.instances import Instances
from kirinuki.render.overlay import contact_sheet, overlay

CELL_WH = (480, 360)
"""Largest width and height of one picture on a sheet, in pixels."""
COLUMNS = 4
PER_SHEET = 24
"""Pictures on a sheet, `COLUMNS` in a row: 1920 pixels wide, as a screen is."""


@dataclass(frozen=True)
class Preview:
    """Contact sheets.

    Attributes:
        sheets: arrays (H, W, 3) uint8 RGB of up to `PER_SHEET` pictures each.
        shown: how many pictures they show.
        failed: one line for each chosen picture that could not be drawn.
    """

    sheets: tuple[NDArray[np.uint8], ...]
    shown: int
    failed: tuple[str, ...]


def preview(dataset: LabelledSet, count: int = 12, seed: int = 0) -> Preview:
    """Draw the labels of `count` random pictures; the same seed chooses the same ones.

    A picture that cannot be read or drawn is replaced by another and named in `failed`.

    Raises:
        DatasetError: not one picture could be drawn.
    """
    order = list(dataset)
    random.Random(seed).shuffle(order)
    cells: list[tuple[str, NDArray[np.uint8]]] = []
    failed: list[str] = []
    for picture in order:
        if len(cells) == count:
            break
        try:
            cells.append(_cell(picture, dataset.names))
        except KirinukiError as error:
            failed.append(str(error))
    if not cells:
        first = f"; the first: {failed[0]}" if failed else ""
        raise DatasetError(f"{dataset}: none of its {len(order)} pictures could be drawn{first}")
    cells.sort(key=lambda cell: cell[0])
    sheets = tuple(contact_sheet(part, COLUMNS, CELL_WH) for part in _parts(cells))
    return Preview(sheets, len(cells), tuple(failed))


def _parts(
    cells: Sequence[tuple[str, NDArray[np.uint8]]],
) -> Iterator[Sequence[tuple[str, NDArray[np.uint8]]]]:
    return (cells[start : start + PER_SHEET] for start in range(0, len(cells), PER_SHEET))


def _cell(picture: LabelledPicture, names: Sequence[str]) -> tuple[str, NDArray[np.uint8]]:
    """Title and picture with its labels, at the size of the sheet's cell."""
    rgb = picture.read().rgb
    height, width = rgb.shape[:2]
    if (height, width) != picture.size_hw:
        raise DatasetError(
            f"{picture.path}: is {width}×{height}, but labelled as {picture.size_hw[1]}×"
            f"{picture.size_hw[0]}; run 'kirinuki data check'"
        )
    scale = min(CELL_WH[0] / width, CELL_WH[1] / height, 2.0)
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    title = f"{picture.name} ({len(picture.instances)})"
    return title, overlay(_resized(rgb, size_wh), _labels(picture, names, size_wh))


def _labels(picture: LabelledPicture, names: Sequence[str], size_wh: tuple[int, int]) -> Instances:
    """The labels of a picture at another size, the smallest first: it is drawn on top."""
    found = []
    for one in sorted(picture.instances, key=lambda one: one.area):
        alpha = _resized(one.mask(picture.size_hw).astype(np.uint8) * 255, size_wh)
        box = mask_to_box(alpha > 0)
        if box is not None:
            score = 1.0 if one.score is None else float(np.clip(one.score, 0, 1))
            found.append((box, alpha, score, names.index(one.name)))
    return Instances(
        size_hw=size_wh[::-1],
        boxes=np.array([box for box, *_ in found], np.float32).reshape(-1, 4),
        alphas=tuple(alpha[y1:y2, x1:x2] for (x1, y1, x2, y2), alpha, *_ in found),
        scores=np.array([one[2] for one in found], np.float32),
        labels=np.array([one[3] for one in found], np.int64),
        names=tuple(names),
    )


def _resized(array: NDArray[np.uint8], size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    shrinks = size_wh[0] < array.shape[1]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return cv2.resize(array, size_wh, interpolation=interpolation).astype(np.uint8, copy=False)


def sheet_paths(first: Path, count: int) -> list[Path]:
    """Where the sheets go: ``preview.png``, ``preview-2.png``, …"""
    others = [first.with_name(f"{first.stem}-{i}{first.suffix}") for i in range(2, count + 1)]
    return [first, *others]
