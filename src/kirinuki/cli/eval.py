"""``kirinuki eval``: measure a model on a labelled data set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kirinuki import __version__
from kirinuki.cli.flags import in_flags
from kirinuki.cli.next_step import say_next
from kirinuki.cli.options import hardware_options, load_said, pictures_option
from kirinuki.cli.voice import complain, say, tell
from kirinuki.errors import MissingExtraError
from kirinuki.work.summary import counted

if TYPE_CHECKING:
    from rich.table import Table

    from kirinuki.evaluation.collect import Collected
    from kirinuki.evaluation.evaluate import Report
    from kirinuki.formats.labelled import LabelledSet

COCO_ROWS = {
    "ap": "AP, IoU 0.50 to 0.95",
    "ap_50": "AP, IoU 0.50",
    "ap_75": "AP, IoU 0.75",
    "ap_small": "AP, small (< 32² px)",
    "ap_medium": "AP, medium",
    "ap_large": "AP, large (≥ 96² px)",
    "ar_1": "AR, 1 detection a picture",
    "ar_10": "AR, 10 detections",
    "ar_100": "AR, 100 detections",
    "ar_small": "AR, small",
    "ar_medium": "AR, medium",
    "ar_large": "AR, large",
}
"""COCO's twelve numbers, in COCO's order, with the words of the table."""


@click.command("eval")
@click.argument("model")
@click.argument("dataset", type=click.Path(path_type=Path))
@pictures_option
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for a report: plots, the worst ten pictures, report.json.",
)
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Write the numbers to this file."
)
@click.option("--overwrite", is_flag=True, help="Replace files that exist already.")
@hardware_options
def command(
    model: str,
    dataset: Path,
    pictures: Path | None,
    out: Path | None,
    json_file: Path | None,
    overwrite: bool,
    provider: str,
    threads: int | None,
) -> None:
    """Measure MODEL on the labelled pictures of DATASET.

    MODEL is a model file (.onnx), a checkpoint of 'kirinuki train' (.ckpt), or the word 'default'
    for the model inside the package. DATASET is a file or folder of labels, in any format.

    Average precision looks at everything from score 0.05 on, as COCO does; false detections, best
    matches and soft edges are of what 'kirinuki cut' would show. docs/measure.md explains every
    number. Pictures that cannot be measured are left out and named at the end, and the exit status
    is then 1.
    """
    try:
        import faster_coco_eval  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("measuring a model", "eval") from error
    from kirinuki.evaluation.evaluate import measure
    from kirinuki.evaluation.report import check_outputs, write_json, write_report

    check_outputs(out, json_file, overwrite)
    labelled = load_said(dataset, pictures)
    collected = run_model(model, labelled, provider, threads)
    say("adding up")
    report = measure(collected)
    facts = {"kirinuki": __version__, "model": model, "dataset": str(dataset)}
    _print(report)
    if json_file is not None:
        write_json(report, json_file, facts=facts, overwrite=overwrite)
    if out is not None:
        write_report(report, collected, out, facts=facts, overwrite=overwrite)
        tell(f"report: {out}")
    if report.failed:
        for line in report.failed:
            complain(f"kirinuki: {in_flags(line)}")
        complain(f"kirinuki: {counted(len(report.failed), 'picture')} left out")
        sys.exit(1)
    _say_next(model, dataset, pictures)


def _say_next(model: str, dataset: Path, pictures: Path | None) -> None:
    """After one's own checkpoint: the default on the same pictures, to compare, and the export."""
    where = () if pictures is None else ("--pictures", pictures)
    if model.lower().endswith(".ckpt"):
        say_next("eval", "default", dataset, *where)
        say_next("export", Path(model))


def run_model(
    model: str, dataset: LabelledSet, provider: str = "cpu", threads: int | None = None
) -> Collected:
    """Run a model over a data set with a progress bar; errors are `load_measured`'s and
    `collect`'s."""
    from kirinuki.cli.data.progress import progress_steps
    from kirinuki.evaluation.collect import collect
    from kirinuki.evaluation.predictions import SCORE_FLOOR
    from kirinuki.training.measured_model import load_measured

    everything, shown = (
        load_measured(model, score, provider=provider, threads=threads)
        for score in (SCORE_FLOOR, None)
    )
    names = ", ".join(shown.names)
    say(f"model: {model}; classes: {names}; provider: {shown.provider}")
    with progress_steps("measuring", len(dataset)) as advance:
        return collect(
            everything,
            dataset,
            names=shown.names,
            display_score=shown.score,
            shown=shown,
            on_picture=advance,
        )


def _print(report: Report) -> None:
    from kirinuki.cli.terminal import Terminal

    console = Terminal()
    console.print(
        f"{counted(report.pictures_measured, 'picture')}, {report.pictures_without_characters} of "
        f"them without characters; {counted(report.characters, 'character')}"
    )
    for note in report.notes:
        console.print(f"note: {note}", style="yellow")
    console.print(_coco_table(report))
    if len(report.classes) > 1:
        console.print(_class_table(report))
    console.print(_shown_table(report))


def _coco_table(report: Report) -> Table:
    from rich.table import Table

    table = Table(title="average precision and recall (0 to 100)", title_justify="left")
    for heading in ("", "box", "mask", "boundary"):
        table.add_column(heading, justify="right" if heading else "left")
    kinds = [vars(numbers) for numbers in (report.box, report.mask, report.boundary)]
    for name, meaning in COCO_ROWS.items():
        table.add_row(meaning, *(_percent(numbers[name]) for numbers in kinds))
        if name == "ap_large":
            table.add_section()
    return table


def _class_table(report: Report) -> Table:
    from rich.table import Table

    table = Table(title="by class", title_justify="left")
    table.add_column("class")
    headings = ("characters", "box AP", "box AP 50", "mask AP", "mask AP 50", "boundary AP")
    for heading in headings:
        table.add_column(heading, justify="right")
    for row in report.classes:
        values = (row.box_ap, row.box_ap_50, row.mask_ap, row.mask_ap_50, row.boundary_ap)
        table.add_row(row.name, str(row.characters), *map(_percent, values))
    return table


def _shown_table(report: Report) -> Table:
    from rich.table import Table

    shown, best = report.at_display, report.best
    table = Table(title="what is shown", title_justify="left")
    table.add_column("")
    table.add_column(f"display score {shown.score:.2f}", justify="right")
    table.add_column(f"best F1, score {best.score:.3f}", justify="right")
    for name, attribute in (("precision", "precision"), ("recall", "recall"), ("F1", "f1")):
        table.add_row(
            f"{name} at mask IoU 0.5",
            _percent(getattr(shown, attribute)),
            _percent(getattr(best, attribute)),
        )
    table.add_row(
        "false detections per picture without characters",
        _plain(shown.false_per_empty_picture, 2),
        _plain(best.false_per_empty_picture, 2),
    )
    for hard in report.hard_recall:
        of = f"{hard.found} of {hard.characters}"
        table.add_row(f"recall of {hard.sort} characters ({of})", _percent(hard.recall), "")
    for which in ("mean", "median"):
        value = _plain(getattr(report.best_match, which), 3)
        table.add_row(f"IoU of the best match, {which}", value, "")
    value = _plain(report.best_match_from_floor.mean, 3)
    table.add_row("IoU of the best match from score 0.05 on, mean", value, "")
    if (edges := report.soft_edges) is not None:
        of = f"{edges.found} of {edges.truths} characters"
        table.add_row(f"soft edges, MAE of alpha ({of})", _plain(edges.mae, 4), "")
        table.add_row("soft edges, gradient error (thousands)", _plain(edges.gradient, 3), "")
    if (kinds := report.kinds) is not None:
        of = f"{kinds.answered} of {kinds.characters} answered"
        table.add_row(f"kind: accuracy ({of})", _percent(kinds.accuracy), "")
    table.add_row("milliseconds per picture, median", _plain(report.ms_per_picture, 0), "")
    return table


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _plain(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
