"""Plots of a `Report`: precision over recall, and what every display score would show.

Drawn with matplotlib's figures alone, without pyplot: no window, no global state.

Not covered: the sheet of pictures (`report`), training curves (TensorBoard).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kirinuki.evaluation.evaluate import Report
from kirinuki.evaluation.matching import MATCH_IOU

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe & Ito 2008: told apart with every kind of colour vision.
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
GREY = "#666666"
SIZE = (8.0, 5.5)
"""Inches; at 150 dots an inch 1200 × 825 pixels."""


def precision_recall_plot(report: Report) -> Figure:
    """Precision over recall of masks at IoU 0.5 and 0.75; the area under each is its AP."""
    figure = _figure()
    axes = figure.add_subplot()
    _style(axes)
    recall = np.linspace(0, 1, 101)
    for (iou, precision), colour in zip(
        report.precision_at_iou.items(), (BLUE, ORANGE), strict=True
    ):
        if not precision:
            continue
        label = f"IoU ≥ {iou:g}: AP {100 * float(np.mean(precision)):.1f}"
        axes.plot(recall, precision, color=colour, linewidth=2.4, label=label)
    axes.set_title("Precision and recall of the masks", **_TITLE)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("recall: share of the characters that are found")
    axes.set_ylabel("precision: share of the detections that are characters")
    axes.legend(loc="lower left", frameon=False)
    return figure


def score_plot(report: Report) -> Figure:
    """Precision, recall and F1, and false detections on empty pictures, over the display score."""
    points = report.score_curve
    scores = [p.score for p in points]
    empty = [p.false_per_empty_picture for p in points if p.false_per_empty_picture is not None]
    figure = _figure()
    upper, *lower = figure.subplots(
        2 if empty else 1, sharex=True, squeeze=False, height_ratios=(5, 2) if empty else None
    )[:, 0]
    for label, colour, values in (
        ("precision", BLUE, [np.nan if p.precision is None else p.precision for p in points]),
        ("recall", ORANGE, [p.recall for p in points]),
        ("F1", GREEN, [p.f1 for p in points]),
    ):
        upper.plot(scores, values, color=colour, linewidth=2.4, label=label)
    upper.set_title("What each display score would show", **_TITLE)
    upper.set_ylim(0, 1.02)
    upper.set_ylabel(f"share, at mask IoU ≥ {MATCH_IOU:g}")
    if empty:
        lower[0].plot(scores, empty, color=RED, linewidth=2.4)
        lower[0].set_ylim(0, max(1.1 * max(empty), 0.1))
        lower[0].set_ylabel("false detections per\npicture without\ncharacters")
    for axes in (upper, *lower):
        _style(axes)
        axes.axvline(report.best.score, color=GREEN, linewidth=1.3, linestyle=":")
        axes.axvline(report.at_display.score, color=GREY, linewidth=1.3, linestyle="--")
    upper.plot([], [], color=GREEN, linestyle=":", label=f"best F1: {report.best.score:.2f}")
    display = f"display score: {report.at_display.score:.2f}"
    upper.plot([], [], color=GREY, linestyle="--", label=display)
    (lower or [upper])[-1].set_xlabel("display score")
    figure.legend(loc="outside lower center", ncols=5, frameon=False)
    return figure


_TITLE: dict[str, Any] = {"loc": "left", "fontsize": 13, "fontweight": "bold", "pad": 12}


def _figure() -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=SIZE, dpi=150, layout="constrained")


def _style(axes: Any) -> None:
    axes.set_xlim(0, 1)
    axes.grid(color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#cccccc")
    axes.tick_params(colors="#444444")
