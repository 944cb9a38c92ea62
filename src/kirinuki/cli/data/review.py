"""`kirinuki data review`: one page to look through hundreds of labels in minutes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kirinuki.cli.data.progress import progress_bar
from kirinuki.cli.flags import in_flags
from kirinuki.cli.next_step import say_next
from kirinuki.cli.options import pictures_option
from kirinuki.cli.voice import complain, tell
from kirinuki.errors import OutputError
from kirinuki.labelling.review import review
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
    help="The page. Default: review.html beside the labels.",
)
@click.option("--overwrite", is_flag=True, help="Replace the page if it exists.")
def command(source: Path, pictures: Path | None, output: Path | None, overwrite: bool) -> None:
    """Make one page to look through the labels of hundreds of pictures.

    SOURCE is a file or folder of labels, in any format. The page is one HTML file that opens
    without a network: every picture with its outlines, most doubtful first where 'kirinuki data
    prelabel' said what it doubts, with what 'kirinuki data check' has to say, filters, and links
    to picture and label file. Mark what needs work, then correct it in LabelMe.
    """
    page = output or (source if source.is_dir() else source.parent) / "review.html"
    if page.exists() and not overwrite:  # before the work, not after it
        raise OutputError(f"{page}: exists already; pass --overwrite to replace it")
    with progress_bar() as track:
        done = review(source, page, pictures, overwrite, track)
    for line in done.failed:
        complain(in_flags(line))
    tell(
        f"{page}: {counted(done.pictures, 'picture')}, {counted(done.labels, 'label')}; "
        f"{done.warned} with warnings, {done.doubted} as the model left them"
    )
    if source.is_dir():
        labels = source.parent / f"{source.resolve().name}.json"
        say_next("data", "convert", source, "-o", labels)
    else:
        say_next("data", "split", source)
    if done.failed:
        sys.exit(1)
