"""Options that several verbs share."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kirinuki.cli.voice import say
from kirinuki.cutting.notation import numbers_of, seconds_of
from kirinuki.segmenter.providers import PROVIDERS

if TYPE_CHECKING:
    from kirinuki.formats.label_format import LabelFormat
    from kirinuki.formats.labelled import LabelledSet

Command = Callable[..., Any]


class Seconds(click.ParamType[Fraction]):
    """A point in time: 83.5, 1:23.5 or 0:01:23.5."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Fraction:
        seconds = seconds_of(str(value))
        if seconds is None:
            self.fail(
                f"{value!r} is no time of a video; give seconds or h:mm:ss, such as 1:23.5",
                param,
                ctx,
            )
        return seconds


class Numbers(click.ParamType[tuple[int, ...]]):
    """Whole numbers with commas between them, as many as its name, ``X,Y``, has."""

    def __init__(self, name: str) -> None:
        self.name = name

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        numbers = numbers_of(str(value), self.name)
        if numbers is None:
            self.fail(f"{value!r}: give whole numbers from 0, {self.name}, in pixels", param, ctx)
        return numbers


def hardware_options(command: Command) -> Command:
    """``--provider`` and ``--threads``."""
    command = click.option(
        "--threads", type=click.IntRange(min=1), metavar="N", help="CPU threads to use."
    )(command)
    return click.option(
        "--provider",
        type=click.Choice(list(PROVIDERS)),
        default="cpu",
        show_default=True,
        help="What to run a model file on.",
    )(command)


def pictures_option(command: Command) -> Command:
    """``--pictures``: where the pictures of labels are."""
    return click.option(
        "--pictures",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Folder of the pictures, where they are neither beside the labels nor in images/.",
    )(command)


def target_format(output: Path, to: str | None, *, video: bool) -> LabelFormat:
    """The format to write: the one that is named, or that the target's name says."""
    from kirinuki.formats.registry import FORMATS, format_of_target

    found = FORMATS[to] if to else format_of_target(output, video)
    if found is None:
        raise click.UsageError(f"{output}: does not say what to write; pass --to")
    return found


def load_said(source: Path, pictures: Path | None = None) -> LabelledSet:
    """A data set in memory; what its reader had to decide is said."""
    from kirinuki.formats.registry import load_set

    labelled = load_set(source, pictures)
    for note in labelled.notes:
        say(f"note: {note}")
    return labelled


def _no_nan(
    context: click.Context, parameter: click.Parameter, value: float | None
) -> float | None:
    """The value; click's range lets nan through, which no comparison ever keeps out."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is no number", context, parameter)
    return value


def character_options(command: Command) -> Command:
    """``--score``, ``--max``, ``--only`` and ``--model``: who is found, and who of them counts."""
    options = (
        click.option(
            "--score",
            type=click.FloatRange(0, 1),
            callback=_no_nan,
            help="Score from which a character counts.  [default: the model's own]",
        ),
        click.option(
            "--max",
            "limit",
            type=click.IntRange(min=1),
            metavar="N",
            help="Keep at most N characters a picture, the best ones.",
        ),
        click.option(
            "--only",
            multiple=True,
            metavar="NAME,...",
            help="Keep these alone: waifu (or female), husbando (or male), or classes of the "
            "model; in any case.",
        ),
        click.option(
            "--model",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="A model made by 'kirinuki export'.  [default: the one inside the package]",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def words_of(only: tuple[str, ...]) -> tuple[str, ...]:
    """The words of ``--only``, split at commas, each once."""
    words = [word.strip() for text in only for word in text.split(",")]
    return tuple(dict.fromkeys(filter(None, words)))
