"""``kirinuki data``: the verbs over label files and data sets, one a file."""

from __future__ import annotations

import click

from kirinuki.cli.lazy_group import LazyGroup

DATA_VERBS = {
    "frames": "Pick the frames of videos that are worth a label.",
    "prelabel": "Let the model label pictures, to be corrected by hand.",
    "review": "One page to look through hundreds of labels in minutes.",
    "convert": "Convert labels from any format to any other.",
    "check": "Name everything that is wrong with a data set.",
    "stats": "Count and plot what a data set holds.",
    "split": "Split a data set into training and validation.",
    "preview": "Draw the labels over the pictures, as one sheet.",
    "compose": "Make training pictures from cutouts and backgrounds.",
}
ADDED_BY = "kirinuki.data_commands"
"""Entry points of verbs that other distributions bring, such as 'draw' of kirinuki-draw."""


@click.group("data", cls=LazyGroup, package=__name__, verbs=DATA_VERBS, added_by=ADDED_BY)
def command() -> None:
    """Label files and data sets."""
