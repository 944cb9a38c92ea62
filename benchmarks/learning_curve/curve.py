"""The points of a learning curve as a Markdown table and as a plot.

    python benchmarks/learning_curve/curve.py FOLDER      # both anew from FOLDER/points

Not covered: measuring them (`run`), drawing the show (`show`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#666666"
"""Okabe & Ito 2008: told apart with every kind of colour vision."""
HERE = Path(__file__).parent
PICTURE = HERE.parents[1] / "docs" / "pictures" / "learning_curve.png"
SAMPLES = ("episode_13/03.jpg", "episode_11/08.jpg", "episode_12/14.jpg", "episode_11/06.jpg")
"""Pictures of the show that stand above the curve."""
ZERO = 5.0
"""Where the model without any picture stands on the logarithmic axis."""


@dataclass(frozen=True)
class Point:
    """What a model learnt from so many `pictures`, measured on episodes that it has not seen.

    AP from 0 to 100, all else in [0, 1] or seconds. All classes count as one, but for
    `ap_by_class`, which is empty for the package's model, because that has one class.
    """

    pictures: int
    seed: int
    seconds: float
    mask_ap: float | None
    mask_ap_50: float | None
    best_iou: float
    precision: float | None
    recall: float
    best_f1: float
    false_per_empty: float | None
    ap_by_class: dict[str, float | None]


Value = Callable[[Point], float | None]


def read_points(folder: Path) -> list[Point]:
    """All points of a folder, the smallest set first."""
    files = sorted(folder.glob("*.json"))
    return [Point(**json.loads(file.read_text(encoding="utf-8"))) for file in files]


def rows(points: Sequence[Point]) -> list[tuple[str, int, Value]]:
    """Heading, decimals and value of each column of the table."""
    classes = sorted({name for point in points for name in point.ap_by_class})
    columns: list[tuple[str, int, Value]] = [
        ("mask AP", 1, lambda p: p.mask_ap),
        ("AP50", 1, lambda p: p.mask_ap_50),
        ("best-match IoU", 3, lambda p: p.best_iou),
        ("precision", 2, lambda p: p.precision),
        ("recall", 2, lambda p: p.recall),
        ("false finds an empty picture", 2, lambda p: p.false_per_empty),
    ]
    columns += [(f"AP of {name}", 1, of_class(name)) for name in classes]
    return columns


def of_class(name: str) -> Value:
    return lambda point: point.ap_by_class.get(name)


def table(points: Sequence[Point]) -> str:
    """A row a size: the mean over the seeds, and where they differ, ± half their spread."""
    columns = rows(points)
    lines = ["| pictures | " + " | ".join(name for name, _, _ in columns) + " |"]
    lines.append("|---:|" + "---:|" * len(columns))
    for size in sorted({point.pictures for point in points}):
        same = [point for point in points if point.pictures == size]
        cells = [cell([value(p) for p in same], digits) for _, digits, value in columns]
        lines.append(f"| {size or '0: the default'} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def cell(values: Sequence[float | None], digits: int) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    spread = (max(known) - min(known)) / 2
    return f"{np.mean(known):.{digits}f}" + (f" ± {spread:.{digits}f}" if len(known) > 1 else "")


def save_curve(points: Sequence[Point], samples: Sequence[Path], path: Path) -> None:
    """The plot: pictures of the show above, AP on the left, what is shown on the right."""
    figure = Figure(figsize=(11, 6.2), dpi=100, layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=(1, 2.6))
    for axes, sample in zip(above.subplots(1, len(samples)), samples, strict=True):
        axes.imshow(np.asarray(Image.open(sample)))
        axes.axis("off")
    left, right = below.subplots(1, 2)
    classes = sorted({name for point in points for name in point.ap_by_class})
    draw(left, points, "found and cut, classes as one", BLUE, lambda p: p.mask_ap)
    for name, colour in zip(classes, (ORANGE, GREEN), strict=False):
        draw(left, points, f"{name}, told apart", colour, of_class(name))
    left.set_title("Mask AP on episodes not seen", loc="left", fontweight="bold")
    left.set_ylim(0, 100)
    draw(right, points, "best-match IoU", BLUE, lambda p: p.best_iou)
    draw(right, points, "recall", ORANGE, lambda p: p.recall)
    draw(right, points, "precision", GREEN, lambda p: p.precision)
    right.set_title("What is shown", loc="left", fontweight="bold")
    right.set_ylim(0, 1.04)
    for axes in (left, right):
        style(axes, sorted({point.pictures for point in points}))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def write(folder: Path) -> str:
    """``table.md`` here and the plot in ``docs/pictures``, from the points of a folder; the
    table."""
    points = read_points(folder / "points")
    text = table(points)
    (HERE / "table.md").write_text(text, encoding="utf-8")
    save_curve(points, [folder / "show" / name for name in SAMPLES], PICTURE)
    return text


def draw(axes: Axes, points: Sequence[Point], label: str, colour: str, value: Value) -> None:
    """Each seed as a dot, their mean as a line."""
    dots = [(p.pictures or ZERO, v) for p in points if (v := value(p)) is not None]
    sizes = sorted({x for x, _ in dots})
    means = [np.mean([v for x, v in dots if x == size]) for size in sizes]
    axes.plot(sizes, means, color=colour, linewidth=2.2, label=label)
    axes.scatter([x for x, _ in dots], [y for _, y in dots], color=colour, s=16, zorder=3)


def style(axes: Axes, sizes: Sequence[int]) -> None:
    axes.set_xscale("log")
    axes.set_xticks([size or ZERO for size in sizes], [str(size) for size in sizes])
    axes.minorticks_off()
    axes.set_xlabel("labelled pictures (0: the model in the package)")
    axes.grid(axis="y", color="#e4e4e4")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False)


if __name__ == "__main__":
    print(write(Path(sys.argv[1])))
