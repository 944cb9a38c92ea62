"""``kirinuki export``: a checkpoint becomes a model file for ``kirinuki cut``."""

from __future__ import annotations

from pathlib import Path

import click

from kirinuki.errors import MissingExtraError


@click.command(name="export")
@click.argument("checkpoint", metavar="CKPT", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The model file.  [default: CKPT with the suffix .onnx]",
)
@click.option(
    "--score",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Score from which a character counts, unless who cuts says otherwise; kept in the file.",
)
@click.option(
    "--weights-version", default="1", show_default=True, help="Version of the weights, kept."
)
@click.option(
    "--licence", default="not stated", show_default=True, help="Licence of the weights, kept."
)
@click.option(
    "--training-data",
    default="not stated",
    show_default=True,
    metavar="TEXT",
    help="What the weights were trained on, kept in the file.",
)
@click.option("--overwrite", is_flag=True, help="Replace the model file if it exists.")
def command(
    checkpoint: Path,
    out: Path | None,
    score: float,
    weights_version: str,
    licence: str,
    training_data: str,
    overwrite: bool,
) -> None:
    """Turn the checkpoint CKPT of a detector or a refiner into a model file.

    The file describes itself and is compared with torch on pictures with none, several and one
    character; one that disagrees is not kept.
    """
    try:
        from kirinuki.training.checkpoint import read_checkpoint
        from kirinuki.training.export import export_checkpoint
    except ImportError as error:
        raise MissingExtraError("kirinuki export", "train") from error
    target = checkpoint.with_suffix(".onnx") if out is None else out
    info = export_checkpoint(
        read_checkpoint(checkpoint),
        target,
        score=score,
        version=weights_version,
        licence=licence,
        training_data=training_data,
        overwrite=overwrite,
    )
    size = target.stat().st_size / 1e6
    click.echo(f"{target}: {info.kind} {info.arch}, {size:.1f} MB, agrees with torch")
