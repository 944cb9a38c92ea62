"""The command line: one file a verb, each thin (parse, call, print), loaded only when used."""

from __future__ import annotations

import importlib
import sys
from io import TextIOWrapper

import click

from kirinuki import __version__
from kirinuki.errors import KirinukiError

VERBS = {
    "cut": "Cut every character out of pictures.",
    "video": "Cut every character out of videos, with ids, sound and more choices than 'cut'.",
    "data": "Label files and data sets: from an episode to pictures to train on.",
    "train": "Fine-tune a model on your own characters.",
    "eval": "Measure a model on a labelled data set.",
    "export": "Turn a checkpoint into a model file for 'cut'.",
}
DATA_VERBS = {
    "frames": "Pick the frames of videos that are worth a label.",
    "prelabel": "Let the model label pictures, to be corrected by hand.",
    "review": "One page to look through hundreds of labels in minutes.",
    "convert": "Convert labels between LabelMe, COCO and YOLO.",
    "check": "Name everything that is wrong with a data set.",
    "stats": "Count and plot what a data set holds.",
    "split": "Split a data set into training and validation.",
    "preview": "Draw the labels over the pictures, as one sheet.",
    "draw": "Draw characters of many shapes: a library of cutouts that needs nobody's art.",
    "compose": "Make training pictures from cutouts and backgrounds.",
}


class LazyGroup(click.Group):
    """A group whose verbs live one a file, `<package>.<prefix><verb>`, imported when asked for."""

    def __init__(self, *, verbs: dict[str, str], prefix: str, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.verbs = verbs
        self.prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.verbs:
            return None
        if cmd_name == "data":
            return data
        module = importlib.import_module(f"kirinuki.cli.{self.prefix}{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.verbs.items()))


@click.group(cls=LazyGroup, verbs=VERBS, prefix="")
@click.version_option(__version__, prog_name="kirinuki")
def cli() -> None:
    """Find every anime character in a picture and cut each one out, hair and all."""


@click.group(cls=LazyGroup, verbs=DATA_VERBS, prefix="data_")
def data() -> None:
    """Label files and data sets."""


def main() -> None:
    """Run the command line; a refused input is one line and exit status 1, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a file name may not fit the terminal's encoding
            stream.reconfigure(errors="backslashreplace")
    try:
        cli()
    except KirinukiError as error:
        click.echo(f"kirinuki: {error}", err=True)
        sys.exit(1)
