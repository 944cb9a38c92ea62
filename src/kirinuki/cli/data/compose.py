"""``kirinuki data compose``: parse, call `kirinuki.compose.compose_dataset` or, for clips,
`kirinuki.compose.clips.dataset`, and say what was made."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kirinuki.cli.data.progress import progress_bar, progress_steps
from kirinuki.cli.next_step import say_next
from kirinuki.cli.voice import complain, tell
from kirinuki.work.summary import counted

if TYPE_CHECKING:
    from kirinuki.compose.library import Library

PICTURES, CLIPS = 300, 12
"""How many are composed unless it is said."""


class Rate(click.ParamType[Fraction]):
    """Frames a second: 24, 23.976 or 24000/1001."""

    name = "rate"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Fraction:
        if re.fullmatch(r"\d+(\.\d+|/[1-9]\d*)?", str(value)) and 1 <= Fraction(str(value)) <= 120:
            return Fraction(str(value))
        self.fail(f"{value!r} is no frame rate; give 24, 23.976 or 24000/1001", param, ctx)


class FrameSize(click.ParamType[tuple[int, int]]):
    """Width and height in pixels: 1280x720."""

    name = "size"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        found = re.fullmatch(r"(\d{2,4})[x×](\d{2,4})", str(value))
        if not found:
            self.fail(f"{value!r} is no size; give WIDTHxHEIGHT, such as 1280x720", param, ctx)
        return int(found[1]), int(found[2])


_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--sprites", type=_FOLDER, required=True, help="Folder of character cutouts, with alpha."
)
@click.option(
    "--backgrounds", type=_FOLDER, required=True, help="Folder of scenes without characters."
)
@click.option("--objects", type=_FOLDER, help="Folder of cutouts that are not characters.")
@click.option(
    "--manifest",
    type=_FILE,
    metavar="CSV",
    help="Source, style and character of each file (columns file, source, style, character_id).",
)
@click.option(
    "--clip",
    "is_clip",
    is_flag=True,
    help="Clips in place of pictures: characters that move and keep their ids, cuts, a tone.",
)
@click.option(
    "-n",
    "--count",
    type=click.IntRange(1),
    help=f"Pictures, or clips.  [default: {PICTURES}, or {CLIPS} clips]",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.5, 7200),
    help="Length of a clip.  [default: 4]",
)
@click.option("--fps", type=Rate(), help="Frames a second of a clip.  [default: 24]")
@click.option(
    "--size", type=FrameSize(), metavar="WxH", help="Size of a clip.  [default: 1280x720]"
)
@click.option(
    "-o",
    "--out",
    "--output",
    "output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for images/ and alpha/, or clips, annotations.json and recipe.json.",
)
@click.option(
    "--recipe", type=_FILE, metavar="FILE", help="JSON file; what it leaves out keeps its default."
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Another seed, other pictures.",
)
@click.option(
    "--hold-out",
    multiple=True,
    metavar="FILE|SOURCE",
    help="A source that is not used, or a file with one a line. May be repeated.",
)
@click.option("--only-held-out", is_flag=True, help="Use those sources only: a set to validate on.")
@click.option(
    "--format",
    "suffix",
    type=click.Choice(["png", "jpg"]),
    help="Format of the pictures; alpha is always PNG.  [default: png]",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Processes. The result does not depend on it.  [default: all cores but one, at most 8]",
)
@click.option("--resume", is_flag=True, help="Go on with a stopped job; finished pictures stay.")
@click.option("--overwrite", is_flag=True, help="Replace what an earlier job wrote there.")
def command(
    sprites: Path,
    backgrounds: Path,
    objects: Path | None,
    manifest: Path | None,
    is_clip: bool,
    count: int | None,
    seconds: float | None,
    fps: Fraction | None,
    size: tuple[int, int] | None,
    output: Path,
    recipe: Path | None,
    seed: int,
    hold_out: tuple[str, ...],
    only_held_out: bool,
    suffix: str | None,
    workers: int | None,
    resume: bool,
    overwrite: bool,
) -> None:
    """Compose pictures of characters from cutouts, with exact masks and soft alpha; or clips.

    The same seed, recipe and library give the same pictures and clips. To validate on what training
    never saw, give the same --hold-out to 'kirinuki train', and here --only-held-out with it.
    docs/compose.md explains the recipes.
    """
    if only_held_out and not hold_out:
        raise click.UsageError("--only-held-out needs --hold-out")
    if resume and overwrite:
        raise click.UsageError("--resume and --overwrite exclude each other")
    of_clips = {"--seconds": seconds, "--fps": fps, "--size": size}
    for name, value in {"--format": suffix}.items() if is_clip else of_clips.items():
        if value is not None:
            raise click.UsageError(f"{name} {'is not for clips' if is_clip else 'needs --clip'}")
    from kirinuki.compose.held_out import read_sources
    from kirinuki.compose.library import Library
    from kirinuki.compose.numbered_job import default_workers

    library = Library.load(sprites, backgrounds, objects, manifest)
    if hold_out:
        library = library.split(read_sources(hold_out))[1 if only_held_out else 0]
    how = _How(library, recipe, output, seed, workers or default_workers(), resume, overwrite)
    try:
        if is_clip:
            form = seconds or 4, fps or Fraction(24), size or (1280, 720)
            _compose_clips(how, count or CLIPS, *form)
        else:
            _compose_pictures(how, count or PICTURES, suffix or "png")
    except KeyboardInterrupt:
        complain("stopped; go on with --resume")
        sys.exit(130)  # as a shell reports a program that Ctrl-C ended


@dataclass(frozen=True)
class _How:
    """What pictures and clips are both made by."""

    library: Library
    recipe: Path | None
    output: Path
    seed: int
    workers: int
    resume: bool
    overwrite: bool


def _compose_pictures(how: _How, count: int, suffix: str) -> None:
    from kirinuki.compose.compose_dataset import ComposeJob, compose_dataset
    from kirinuki.compose.recipe import Recipe

    recipe = Recipe.read(how.recipe) if how.recipe else Recipe()
    job = ComposeJob(how.library, recipe, how.output, count, how.seed, f".{suffix}")
    with progress_bar() as track:
        dataset = compose_dataset(
            job,
            workers=how.workers,
            resume=how.resume,
            overwrite=how.overwrite,
            track=track,
        )
    empty = sum(not picture.instances for picture in dataset)
    characters = sum(len(picture.instances) for picture in dataset)
    labels = how.output / "annotations.json"
    made = f"{counted(count, 'picture')}, {counted(characters, 'character')}"
    tell(f"{labels}: {made}, {counted(empty, 'picture')} without")
    say_next("data", "preview", labels)


def _compose_clips(
    how: _How, count: int, seconds: float, fps: Fraction, size: tuple[int, int]
) -> None:
    from kirinuki.compose.clips.compose import Format
    from kirinuki.compose.clips.dataset import ClipSetJob, compose_clips
    from kirinuki.compose.clips.recipe import ClipRecipe

    recipe = ClipRecipe.read(how.recipe) if how.recipe else ClipRecipe()
    form = Format((size[1], size[0]), fps, round(seconds * fps))
    job = ClipSetJob(how.library, recipe, form, how.output, count, how.seed)
    with progress_steps("Composing frames", count * form.frames) as step:
        made = compose_clips(
            job, workers=how.workers, resume=how.resume, overwrite=how.overwrite, step=step
        )
    labels = how.output / "annotations.json"
    of = {"clip": count, "frame": made.frames, "cut": made.cuts, "track": made.tracks}
    tell(f"{labels}: {', '.join(counted(number, what) for what, number in of.items())}")
    say_next("cut", job.clip(1))
