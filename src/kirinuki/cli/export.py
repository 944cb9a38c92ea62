"""``kirinuki export``: a checkpoint becomes a model file for ``kirinuki cut``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from kirinuki.cli.next_step import say_next
from kirinuki.cli.options import load_said, pictures_option
from kirinuki.cli.voice import tell
from kirinuki.errors import KirinukiError, MissingExtraError


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
    help="Score from which a character counts, unless who cuts says otherwise; kept in the file.  "
    "[default: 0.5, or what --calibrate picks]",
)
@click.option(
    "--calibrate",
    "datasets",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="DATASET",
    help="Labelled pictures, some without characters, on which the detector's score "
    "and the refiner's quality become a probability, and --score is picked.  May be repeated.",
)
@pictures_option
@click.option(
    "--refiner",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The refiner that the detector will be used with: --calibrate asks this one.  "
    "[default: the package's]",
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
    score: float | None,
    datasets: tuple[Path, ...],
    pictures: Path | None,
    refiner: Path | None,
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
        from kirinuki.evaluation.calibrate import calibrate
        from kirinuki.training.export.export import export_checkpoint, write_info
        from kirinuki.training.networks.checkpoint import read_checkpoint
    except ImportError as error:
        raise MissingExtraError("kirinuki export", "train") from error
    from kirinuki.cli.data.progress import progress_bar

    target = checkpoint.with_suffix(".onnx") if out is None else out
    source = read_checkpoint(checkpoint)
    if datasets and source.arch == "refiner":
        raise click.UsageError("--calibrate is for detectors; a refiner is used as it is")
    if refiner is not None and not datasets:
        raise click.UsageError("--refiner says whom --calibrate asks; name data sets, too")
    labelled = [load_said(dataset, pictures) for dataset in datasets]
    info = export_checkpoint(
        source,
        target,
        score=0.5 if score is None else score,
        version=weights_version,
        licence=licence,
        training_data=training_data,
        overwrite=overwrite,
    )
    size = target.stat().st_size / 1e6
    tell(f"{target}: {info.kind} {info.arch}, {size:.1f} MB, agrees with torch")
    if labelled:
        with progress_bar() as track:
            fitted = calibrate(target, labelled, refiner, track)
        shown = fitted.score if score is None else score
        write_info(replace(info, calibration=fitted.calibration, score=shown), target)
        a, b, c = fitted.calibration
        tell(
            f"calibrated on {fitted.detections} detections: "
            f"sigmoid({a:.2f} + {b:.2f} · logit(detector) + {c:.2f} · logit(quality)); "
            f"shows from score {shown:.2f}"
        )
    if source.arch != "refiner":
        say_next("cut", "--model", target, _some_picture(source.config))


def _some_picture(config: dict[str, Any]) -> Path:
    """A picture with a character that training did not see, to try the model on."""
    from kirinuki.formats.registry import load_set

    unknown = Path("PICTURE")
    if not config.get("val"):
        return unknown
    try:
        held_out = load_set(config["val"], config.get("pictures") or None)
    except KirinukiError:  # moved since
        return unknown
    shown = (picture.path for picture in held_out if picture.instances)
    return next((path for path in shown if path.is_file()), unknown)
