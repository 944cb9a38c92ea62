"""The report folder: numbers as JSON, two plots, and the worst pictures on one sheet.

``report.json``, ``precision_recall.png``, ``scores.png`` and ``worst.png``; docs/measure.md says
how to read them.

Not covered: measuring (`evaluate`), the plots themselves (`plots`), the table on the terminal
(``cli/eval.py``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import MissingExtraError, OutputError, in_json
from kirinuki.evaluation.collect import Collected
from kirinuki.evaluation.evaluate import PictureQuality, Report
from kirinuki.evaluation.plots import precision_recall_plot, score_plot
from kirinuki.evaluation.predictions import Prediction, instances_of
from kirinuki.formats.labelled import LabelledPicture
from kirinuki.geometry import mask_to_box, mask_to_rle
from kirinuki.images.picture import save_png, write_atomically
from kirinuki.instances import Instances
from kirinuki.render.overlay import contact_sheet, overlay

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REPORT_FILES = ("report.json", "precision_recall.png", "scores.png", "worst.png")
WORST = 10
"""Pictures on the sheet of the worst."""
CELL_WH = (440, 400)
"""Largest width and height of a picture on the sheet, in pixels."""


def check_outputs(folder: Path | None, json_file: Path | None, overwrite: bool) -> None:
    """Refuse what cannot be written before the model runs for an hour.

    Raises:
        MissingExtraError: a report folder is wanted without matplotlib.
        OutputError: a file exists already and `overwrite` is False, or the folder is a file.
    """
    if folder is not None:
        try:
            import matplotlib  # noqa: F401
        except ImportError as error:
            raise MissingExtraError("plotting a report", "eval") from error
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{folder}: is a file; give a folder for the report")
    files = [folder / name for name in REPORT_FILES] if folder else []
    for file in [*files, *([json_file] if json_file else [])]:
        if file.exists() and not overwrite:
            raise OutputError(f"{file}: exists already; pass `overwrite` to replace it")


def write_report(
    report: Report,
    collected: Collected,
    folder: Path,
    *,
    facts: Mapping[str, str],
    overwrite: bool = False,
) -> None:
    """Write the report folder.

    Args:
        facts: what was measured on what (model, data set, version), put before the numbers.

    Raises:
        OutputError: a file exists already and `overwrite` is False, or cannot be written.
    """
    write_json(report, folder / "report.json", facts=facts, overwrite=overwrite)
    _save(precision_recall_plot(report), folder / "precision_recall.png", overwrite)
    _save(score_plot(report), folder / "scores.png", overwrite)
    save_png(worst_sheet(report.pictures[:WORST], collected), folder / "worst.png", overwrite)


def write_json(
    report: Report, path: Path, *, facts: Mapping[str, str], overwrite: bool = False
) -> None:
    """Write the numbers as JSON, UTF-8; errors are `write_report`'s."""
    text = in_json(json.dumps({**facts, **report.to_json()}, indent=2, ensure_ascii=False)) + "\n"
    with write_atomically(path, overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8")


def worst_sheet(pictures: Sequence[PictureQuality], collected: Collected) -> NDArray[np.uint8]:
    """Pictures of a report, truth beside prediction, in the order given: (H, W, 3) uint8 RGB."""
    names = collected.classes.dataset.names
    cells: list[tuple[str, NDArray[np.uint8]]] = []
    for one in pictures:
        result = collected.results[one.number]
        picture, shown, truth = result.picture, result.shown, truths_of(result.picture)
        rgb = picture.read().rgb
        title = f"found: {len(shown)} · quality {one.quality:.2f}"
        for text, drawn in ((f"{picture.name} · labelled: {len(truth)}", truth), (title, shown)):
            # Drawn at the size of the sheet, so that the labels can be read there.
            instances = instances_of(drawn, picture.size_hw, names)
            cells.append((text, overlay(*_fitted(rgb, instances))))
    return contact_sheet(cells, columns=4, cell_wh=CELL_WH)


def truths_of(picture: LabelledPicture) -> list[Prediction]:
    """The labelled characters of one picture as if predicted with a score of 1."""
    truths = []
    for one in picture.instances:
        mask = one.mask(picture.size_hw)
        if (box := mask_to_box(mask)) is not None:
            x1, y1, x2, y2 = (float(v) for v in box)
            truths.append(Prediction(one.name, 1.0, (x1, y1, x2, y2), mask_to_rle(mask)))
    return truths


def _fitted(rgb: NDArray[np.uint8], instances: Instances) -> tuple[NDArray[np.uint8], Instances]:
    """A picture and its instances, shrunk to fit a cell of the sheet; what vanishes is left out."""
    height, width = rgb.shape[:2]
    scale = min(CELL_WH[0] / width, CELL_WH[1] / height, 1.0)
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    alphas, boxes, kept = [], [], []
    for i in range(len(instances)):
        alpha = _shrunk(instances.full_alpha(i), size_wh)
        if (box := mask_to_box(alpha > 0)) is None:
            continue
        x1, y1, x2, y2 = box
        alphas.append(alpha[y1:y2, x1:x2])
        boxes.append(box)
        kept.append(i)
    shrunk = Instances(
        size_hw=(size_wh[1], size_wh[0]),
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        alphas=tuple(alphas),
        scores=instances.scores[kept],
        labels=instances.labels[kept],
        names=instances.names,
    )
    return _shrunk(rgb, size_wh), shrunk


def _shrunk(array: NDArray[np.uint8], size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    return cv2.resize(array, size_wh, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _save(figure: Figure, path: Path, overwrite: bool) -> None:
    with write_atomically(path, overwrite) as temporary:
        figure.savefig(temporary, format="png")
