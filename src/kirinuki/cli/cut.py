"""``kirinuki cut``: every character of pictures, folders and patterns, or of stdin, cut out."""

from __future__ import annotations

import glob
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kirinuki.cli.options import character_options, hardware_options, words_of

if TYPE_CHECKING:
    from rich.progress import Progress

    from kirinuki.cutting.batch import Job, Outcome, Summary
    from kirinuki.cutting.results import Outputs
    from kirinuki.cutting.selection import Selection
    from kirinuki.segmenter.segmenter import Segmenter
    from kirinuki.work.made_plan import Plan

DEFAULT_OUT = Path("kirinuki-out")


@click.command(name="cut")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder of the results, laid out like the inputs.  [default: {DEFAULT_OUT}]",
)
@click.option("--cutout", is_flag=True, help="Write a transparent PNG of each character.")
@click.option("--overlay", is_flag=True, help="Write the picture with the characters coloured.")
@click.option(
    "--mask", is_flag=True, help="Write a PNG with the number of the character in each pixel."
)
@click.option("--json", "labels", is_flag=True, help="Write a LabelMe file of each picture.")
@click.option(
    "--coco",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write one COCO file of all the pictures.",
)
@click.option(
    "--background",
    metavar="COLOUR|PICTURE|blur",
    help="Write all the characters of a picture on something new: a colour such as white or "
    "#20a0ff, a picture, or their own picture, blurred.",
)
@click.option("--full-frame", is_flag=True, help="Keep cutouts at the size of the picture.")
@character_options
@click.option("--overwrite", is_flag=True, help="Replace results that exist.")
@click.option("--resume", is_flag=True, help="Go on with a job: skip the pictures that are done.")
@hardware_options
def command(
    inputs: tuple[str, ...],
    out: Path | None,
    cutout: bool,
    overlay: bool,
    mask: bool,
    labels: bool,
    coco: Path | None,
    background: str | None,
    full_frame: bool,
    score: float | None,
    limit: int | None,
    only: tuple[str, ...],
    overwrite: bool,
    resume: bool,
    model: Path | None,
    provider: str,
    threads: int | None,
) -> None:
    """Cut every character out of pictures and videos.

    INPUT is a picture, a folder of them (with all folders in it), a quoted pattern such as
    'ep01/*.png', a video, or - for one picture from stdin, whose characters go to stdout as one PNG
    at its full size.

    Without --cutout, --overlay, --mask, --json, --coco or --background: cutouts and an overlay. Of
    a video the cutout is one transparent video of all its characters; 'kirinuki video' has more
    choices.

    Inputs are never changed, and nothing is replaced without --overwrite. The exit status is 1
    when a picture failed; all the others are done all the same.
    """
    from kirinuki.cutting.batch import Job, Summary
    from kirinuki.cutting.results import Outputs
    from kirinuki.cutting.selection import Selection
    from kirinuki.work.made_plan import make_plan

    asked = any((cutout, overlay, mask, labels, coco, background))
    outputs = Outputs(
        cutouts=cutout or not asked,
        overlay=overlay or not asked,
        mask=mask,
        labels=labels,
        background=background,
        full_frame=full_frame,
    )
    selection = Selection(words_of(only), limit)
    if "-" in inputs:
        if len(inputs) > 1 or out or overlay or mask or labels or coco or (cutout and background):
            raise click.UsageError("'-' stands alone, and takes no output option but --background")
        _cut_stream(load_segmenter(model, provider, threads, score), selection, outputs)
        return
    videos, others = _split(inputs)
    plan = make_plan(others, out or DEFAULT_OUT)
    summary = Summary(problems=plan.problems)
    if plan.pictures or videos:
        segmenter = load_segmenter(model, provider, threads, score)
    if plan.pictures:
        job = Job(
            plan,
            segmenter,
            outputs,
            selection=selection,
            coco=coco,
            overwrite=overwrite,
            resume=resume,
            writers=min(4, threads or os.cpu_count() or 1),
        )
        summary = _run(job)
    if videos and not summary.interrupted:
        _cut_videos(videos, plan.out, segmenter, selection, outputs, summary, overwrite, resume)
    _end(summary, plan)


def _split(inputs: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Inputs that are videos, or patterns of them, and the others. Videos inside folders are not
    cut unasked: they take hours where pictures take minutes."""
    from kirinuki.video.info import VIDEO_SUFFIXES, is_video

    videos: list[str] = []
    others: list[str] = []
    for item in inputs:
        path = Path(item)
        if os.path.isfile(path):  # noqa: PTH113 (does not raise, as in `plan`)
            moves = is_video(path)
        else:
            is_pattern = glob.has_magic(item) and not os.path.lexists(path)
            moves = is_pattern and path.suffix.lower() in VIDEO_SUFFIXES
        (videos if moves else others).append(item)
    return videos, others


def _cut_videos(
    videos: list[str],
    out: Path,
    segmenter: Segmenter,
    selection: Selection,
    outputs: Outputs,
    summary: Summary,
    overwrite: bool,
    resume: bool,
) -> None:
    """Cut videos with the options that they share with pictures; adds to the summary."""
    from kirinuki.cli.video_bar import run_clips
    from kirinuki.cutting.clips.job import ClipJob
    from kirinuki.cutting.clips.outputs import ClipOutputs
    from kirinuki.video.info import VIDEO_SUFFIXES
    from kirinuki.work.made_plan import make_plan

    plan = make_plan(videos, out, VIDEO_SUFFIXES, "video")
    chosen = ClipOutputs(
        overlay=outputs.overlay,
        cutout=outputs.cutouts,
        mask=outputs.mask,
        background=outputs.background,
        tracks=outputs.labels,
    )
    done = run_clips(
        plan.pictures,
        out,
        lambda source, stem: ClipJob(
            source,
            stem,
            segmenter,
            chosen,
            selection=selection,
            overwrite=overwrite,
            resume=resume,
        ),
    )
    summary.problems = (*summary.problems, *plan.problems, *done.problems)
    summary.interrupted = done.interrupted


def load_segmenter(
    model: Path | None, provider: str, threads: int | None, score: float | None
) -> Segmenter:
    """Open the model and say which it is."""
    import cv2

    from kirinuki.segmenter.segmenter import Segmenter

    if threads is not None:
        cv2.setNumThreads(threads)
    segmenter = Segmenter.load(model, provider=provider, threads=threads, score=score)
    info = segmenter.info
    name = " ".join(filter(None, (info.arch, info.version))) or "unnamed"
    _say(f"model: {name}; provider: {segmenter.provider}; score: {segmenter.score:g}")
    return segmenter


def _cut_stream(segmenter: Segmenter, selection: Selection, outputs: Outputs) -> None:
    from kirinuki.cutting.results import everyone
    from kirinuki.images.picture import read_picture, save_png
    from kirinuki.render.cutout import on_background

    if sys.stdout.isatty():
        raise click.UsageError("'-' writes a PNG to stdout; send it to a file or a program")
    selection.check(segmenter.names, segmenter.tells_kinds)
    backdrop = outputs.backdrop
    picture = read_picture(sys.stdin.buffer)
    everybody = segmenter(picture)
    instances, unknown = selection(everybody), selection.unknown(everybody)
    for note in picture.notes:
        _say(f"stdin: {note}")
    _say(f"stdin: {_counted(len(instances), 'character')}{_unknown(unknown)}")
    if backdrop is None:
        save_png(everyone(picture, instances), sys.stdout.buffer)
    else:
        save_png(on_background(picture.rgb, instances, backdrop), sys.stdout.buffer)


def _run(job: Job) -> Summary:
    """Run a job, with a progress bar where somebody watches."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        disable=len(job.todo) < 2 or not console.is_terminal,
    )
    task = progress.add_task("cutting", total=len(job.todo), rate="")

    def show(outcome: Outcome) -> None:
        for note in outcome.notes:
            _say(f"{outcome.planned.source}: {note}", progress)
        speed = progress.tasks[task].finished_speed or progress.tasks[task].speed
        progress.update(task, advance=1, rate=f"{speed:.1f}/s" if speed else "")

    with progress:
        return job.run(show)


def _end(summary: Summary, plan: Plan) -> None:
    """Say what happened and leave with the exit status that says it too."""
    for problem in summary.problems:
        _say(f"failed: {problem}")
    for line in _summary_lines(summary, plan):
        _say(line)
    if summary.interrupted:
        sys.exit(130)  # as a shell reports a program that Ctrl-C ended
    if summary.problems:
        sys.exit(1)


def _summary_lines(summary: Summary, plan: Plan) -> list[str]:
    if not (plan.pictures or summary.pictures):  # videos alone
        return []
    line = f"{_counted(summary.pictures, 'picture')}, {_counted(summary.characters, 'character')}"
    line += _unknown(summary.unknown)
    if summary.without:
        line += f", {summary.without} without"
    if summary.skipped:
        line += f", {summary.skipped} done before"
    if summary.problems:
        line += f", {len(summary.problems)} failed"
    if plan.ignored:
        line += f", {_counted(plan.ignored, 'other file')} ignored"
    lines = [line]
    if summary.unreached:
        lines.append(
            f"stopped with {_counted(summary.unreached, 'picture')} to go; go on with --resume"
        )
    if summary.pictures:
        lines.append(f"results: {plan.out}")
    return lines


def _unknown(number: int) -> str:
    return f" ({number:,} of unknown kind left out)" if number else ""


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _say(line: str, progress: Progress | None = None) -> None:
    """A line on stderr, above the progress bar if there is one."""
    if progress is not None and not progress.disable:
        progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
    else:
        click.echo(line, err=True)
