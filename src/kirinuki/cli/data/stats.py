"""`kirinuki data stats`: tables, JSON and a plot of what a data set holds."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.table import Table

from kirinuki.cli.options import load_said, pictures_option
from kirinuki.cli.terminal import Terminal
from kirinuki.cli.voice import tell, tell_json
from kirinuki.dataset.stats import DatasetStats, dataset_stats
from kirinuki.errors import in_json
from kirinuki.images.picture import save_png, write_atomically
from kirinuki.work.summary import counted

_SIZES_SHOWN = 8


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@pictures_option
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the numbers as charts into this PNG file.",
)
@click.option(
    "--json",
    "report",
    metavar="FILE",
    help="Write the numbers as JSON to FILE, or to standard output with '-'.",
)
@click.option("--overwrite", is_flag=True, help="Replace an existing plot or JSON file.")
def command(
    source: Path, pictures: Path | None, plot: Path | None, report: str | None, overwrite: bool
) -> None:
    """Count what a data set holds: classes, sizes, characters per picture, picture sizes.

    SOURCE is a file or folder of labels, in any format. Small, medium and large are COCO's: fewer
    than 32² pixels, fewer than 96², and the rest; the median share is of the picture's area. Of
    pictures nothing but their size is read, and that only where the labels do not say it.
    """
    stats = dataset_stats(load_said(source, pictures))
    text = in_json(json.dumps(stats.to_json(), ensure_ascii=False, indent=2))
    if plot is not None:
        from kirinuki.dataset.stats_plot import plot_stats  # loads fonts; few runs need it

        save_png(plot_stats(stats, str(source)), plot, overwrite)
    if report == "-":
        tell_json(text)
        return
    if report is not None:
        with write_atomically(report, overwrite) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")
    _print(stats)
    if plot is not None:
        tell(f"plot: {plot}")


def _print(stats: DatasetStats) -> None:
    console = Terminal()
    table = Table(title=counted(stats.pictures, "picture"), title_justify="left")
    table.add_column("class")
    for name in ("characters", "pictures", "small", "medium", "large", "median share"):
        table.add_column(name, justify="right")
    rows = [*stats.classes, stats.total] if len(stats.classes) != 1 else [*stats.classes]
    for row in rows:
        counts = (row.characters, row.pictures, row.small, row.medium, row.large)
        share = "" if row.median_share is None else f"{row.median_share:.1%}"
        table.add_row(
            row.name,
            *map(str, counts),
            share,
            style="bold" if row is stats.total else "",
        )
    console.print(table)
    spread = ", ".join(f"{count} with {n}" for n, count in stats.per_picture)
    console.print(f"Characters per picture: {spread or 'none'}.")
    shown = ", ".join(f"{w}×{h} ({count})" for w, h, count in stats.sizes[:_SIZES_SHOWN])
    more = len(stats.sizes) - _SIZES_SHOWN
    console.print(f"Picture sizes: {shown}{f' and {more} others' if more > 0 else ''}.")
