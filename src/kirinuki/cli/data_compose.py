"""``kirinuki data compose``: parse, call `kirinuki.data.compose_dataset`, say what was made."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from kirinuki.cli.data_progress import progress_bar

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
    "-n", "--count", type=click.IntRange(1), default=300, show_default=True, help="Pictures."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for images/, alpha/, annotations.json and recipe.json.",
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
    default="png",
    show_default=True,
    help="Format of the pictures; alpha is always PNG.",
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
    count: int,
    output: Path,
    recipe: Path | None,
    seed: int,
    hold_out: tuple[str, ...],
    only_held_out: bool,
    suffix: str,
    workers: int | None,
    resume: bool,
    overwrite: bool,
) -> None:
    """Compose pictures of characters from cutouts, with exact masks and soft alpha.

    The same seed, recipe and library give the same pictures. To validate on what training never
    saw, give the same --hold-out to 'kirinuki train', and here --only-held-out with it.
    docs/compose.md explains the recipe.
    """
    if only_held_out and not hold_out:
        raise click.UsageError("--only-held-out needs --hold-out")
    if resume and overwrite:
        raise click.UsageError("--resume and --overwrite exclude each other")
    from kirinuki.data.compose_dataset import ComposeJob, compose_dataset, default_workers
    from kirinuki.data.held_out import read_sources
    from kirinuki.data.library import Library
    from kirinuki.data.recipe import Recipe

    library = Library.load(sprites, backgrounds, objects, manifest)
    if hold_out:
        library = library.split(read_sources(hold_out))[1 if only_held_out else 0]
    wanted = Recipe.read(recipe) if recipe else Recipe()
    job = ComposeJob(library, wanted, output, count, seed, f".{suffix}")
    with progress_bar() as track:
        dataset = compose_dataset(
            job,
            workers=workers or default_workers(),
            resume=resume,
            overwrite=overwrite,
            track=track,
        )
    empty = sum(not dataset.annotations_of(image.id) for image in dataset.images)
    labels = output / "annotations.json"
    click.echo(
        f"{labels}: {count} pictures, {len(dataset.annotations)} characters, "
        f"{empty} pictures without"
    )
    click.echo(f"next: kirinuki data preview {shlex.quote(str(labels))}")
