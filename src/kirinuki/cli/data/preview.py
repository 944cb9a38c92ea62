"""`kirinuki data preview`: contact sheets with the labels drawn over the pictures."""

from __future__ import annotations

from pathlib import Path

import click

from kirinuki.cli.flags import in_flags
from kirinuki.cli.options import load_said, pictures_option
from kirinuki.cli.voice import complain, say, tell
from kirinuki.dataset.preview import preview, sheet_paths
from kirinuki.errors import OutputError
from kirinuki.images.picture import save_png
from kirinuki.work.summary import counted


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@pictures_option
@click.option(
    "-o",
    "--out",
    "--output",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("preview.png"),
    show_default=True,
    help="PNG file of the sheet; further sheets get -2, -3 … before the suffix.",
)
@click.option(
    "--count",
    type=click.IntRange(min=1),
    default=12,
    show_default=True,
    help="How many pictures to show, chosen at random.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Another seed, other pictures."
)
@click.option("--overwrite", is_flag=True, help="Replace existing sheets.")
def command(
    source: Path, pictures: Path | None, output: Path, count: int, seed: int, overwrite: bool
) -> None:
    """Draw the labels over some of the pictures, as one sheet.

    SOURCE is a file or folder of labels, in any format. Each character has its own colour; the
    number after a file name says how many characters are labelled in it.
    """
    if output.exists() and not overwrite:  # before the work, not after it
        raise OutputError(f"{output}: exists already; pass --overwrite to replace it")
    result = preview(load_said(source, pictures), count, seed)
    for line in result.failed:
        complain(f"warning: {in_flags(line)}")
    for path, sheet in zip(sheet_paths(output, len(result.sheets)), result.sheets, strict=True):
        save_png(sheet, path, overwrite)
        tell(f"{path}")
    say(f"{counted(result.shown, 'picture')}, {len(result.failed)} could not be drawn.")
