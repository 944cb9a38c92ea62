"""`kirinuki data split`: training and validation files from one data set."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from rich.table import Table

from kirinuki.cli.data.progress import progress_bar
from kirinuki.cli.flags import in_flags
from kirinuki.cli.next_step import say_next
from kirinuki.cli.options import load_said, pictures_option
from kirinuki.cli.terminal import Terminal
from kirinuki.cli.voice import complain
from kirinuki.dataset.split import Split, near_identical, split_dataset, write_split
from kirinuki.errors import DatasetError
from kirinuki.formats.labelled import LabelledSet


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@pictures_option
@click.option(
    "-o",
    "--out",
    "--output",
    "output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for train.json and val.json. Default: beside the labels.",
)
@click.option(
    "--val",
    "share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.2,
    show_default=True,
    help="Share of the pictures to hold out for validation.",
)
@click.option(
    "--group-by",
    default="clip",
    show_default=True,
    metavar="clip|folder|picture|REGEX",
    help="What must stay together: frames of one clip (same folder, same name before the frame "
    "number), a folder, nothing but near-identical pictures, or what REGEX captures of the path.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed, another split.")
@click.option("--overwrite", is_flag=True, help="Replace an existing train.json and val.json.")
def command(
    source: Path,
    pictures: Path | None,
    output: Path | None,
    share: float,
    group_by: str,
    seed: int,
    overwrite: bool,
) -> None:
    """Split a data set into train.json and val.json.

    SOURCE is a file or folder of labels, in any format. Frames of one clip, and pictures that are
    nearly the same, stay on one side; classes keep their shares as well as that allows. The same
    seed gives the same split. Pictures are neither copied nor moved. What is written is COCO.
    """
    dataset = load_said(source, pictures)
    with progress_bar() as track:
        alike, unreadable = near_identical(dataset, track)
    for line in unreadable:
        complain(f"warning: {in_flags(line)}")
    if unreadable and len(unreadable) == len({picture.picture for picture in dataset}):
        raise DatasetError(
            f"{source}: not one of its {len(unreadable)} pictures could be read; "
            "name their folder with --pictures"
        )
    split = split_dataset(dataset, share, seed, group_by, alike)
    folder = output or (source if source.is_dir() else source.parent)
    train, val = write_split(split, folder, overwrite)
    _report(split, group_by)
    say_next("train", train, "--val", val, "--init", "default", "-o", "run")


def _report(split: Split, group_by: str) -> None:
    table = Table(title=f"{split.groups} groups, by {group_by}", title_justify="left")
    table.add_column("")
    for name in ("training", "validation", "held out"):
        table.add_column(name, justify="right")
    for row, (train, val) in _counts(split).items():
        table.add_row(row, str(train), str(val), f"{val / max(train + val, 1):.0%}")
    Terminal().print(table)
    if split.cut_clips:
        named = ", ".join(f'"{clip}"' for clip in split.cut_clips[:3])
        more = f" and {len(split.cut_clips) - 3} more" if len(split.cut_clips) > 3 else ""
        complain(
            f"note: whole clips could not give that share, so {named}{more} was cut into runs of "
            "consecutive frames; for pictures that are not frames of one clip, pass "
            "--group-by picture"
        )
    for row, (train, val) in _counts(split).items():
        if train + val and not (train and val):
            side = "training" if val else "validation"
            complain(f"warning: {side} has no {row}; label more, or group more finely")


def _counts(split: Split) -> dict[str, tuple[int, int]]:
    """What each part holds, by row of the table."""
    train, val = _contents(split.train), _contents(split.val)
    names = [f'"{name}"' for name in split.train.names]
    rows = ["pictures", *(["pictures without labels"] if train[""] + val[""] else []), *names]
    keys = {"pictures without labels": ""}
    return {row: (train[keys.get(row, row)], val[keys.get(row, row)]) for row in rows}


def _contents(part: LabelledSet) -> Counter[str]:
    """Pictures, pictures without labels (under ""), and shapes of each class."""
    counts = Counter(f'"{one.name}"' for picture in part for one in picture.instances)
    counts["pictures"] = len(part)
    counts[""] = sum(not picture.instances for picture in part)
    return counts
