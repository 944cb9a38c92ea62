"""``kirinuki data draw``: parse, call `kirinuki_draw.library`, say what was drawn."""

from __future__ import annotations

import shlex
from pathlib import Path

import click


@click.command(
    short_help="Draw characters of many shapes: a library of cutouts that needs nobody's art."
)
@click.option(
    "-n", "--count", type=click.IntRange(1), default=400, show_default=True, help="Characters."
)
@click.option(
    "-o",
    "--out",
    "--output",
    "output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for sprites/, backgrounds/ and manifest.csv.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Another seed, other characters.",
)
@click.option("--overwrite", is_flag=True, help="Replace what an earlier job wrote there.")
def command(count: int, output: Path, seed: int, overwrite: bool) -> None:
    """Draw characters in many poses, clothes and views: cutouts with exact alpha.

    With the scenes painted beside them they make a library for 'kirinuki data compose' and
    'kirinuki train' that needs nobody's art. The same seed draws the same characters.
    """
    from kirinuki.cli.data.progress import progress_bar
    from kirinuki_draw.library import DrawJob, draw_library

    job = DrawJob(output, count, seed)
    with progress_bar() as track:
        manifest = draw_library(job, overwrite=overwrite, track=track)
    click.echo(f"{manifest}: {count} characters, {job.backgrounds} backgrounds")
    sprites, scenes = (shlex.quote(str(output / name)) for name in ("sprites", "backgrounds"))
    click.echo(
        f"next: kirinuki data compose --sprites {sprites} --backgrounds {scenes} "
        f"--manifest {shlex.quote(str(manifest))} -n 300 -o composed"
    )
