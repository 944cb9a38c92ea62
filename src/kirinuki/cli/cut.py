"""``kirinuki cut``: every character of pictures and videos, cut out.

``kirinuki video`` is the same command, for which a folder means the videos in it.
"""

from __future__ import annotations

import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kirinuki.cli.cut_report import report, showing
from kirinuki.cli.options import Seconds, character_options, hardware_options, words_of
from kirinuki.cli.output_flags import output_flags, take_outputs

if TYPE_CHECKING:
    from kirinuki.cutting.selection import Selection
    from kirinuki.segmenter.segmenter import Segmenter

DEFAULT_OUT = Path("kirinuki-out")
SUCCESSORS = (
    "--json is now --labels labelme (a LabelMe file of each picture) or --labels coco (a COCO file "
    "of each picture or video); --coco FILE writes one of all"
)


class JsonFlag(click.ClickException):
    """What is said to whoever passes the flag of 0.5."""

    exit_code = 2


@click.command(name="cut")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder of the results, laid out like the inputs.  [default: {DEFAULT_OUT}]",
)
@output_flags
@click.option("--json", "json_flag", is_flag=True, hidden=True, help=SUCCESSORS)
@click.option("--videos", is_flag=True, help="Of folders, cut the videos too.")
@click.option(
    "--from", "start", type=Seconds(), metavar="TIME", help="Begin videos here, such as 1:23.5."
)
@click.option("--to", "end", type=Seconds(), metavar="TIME", help="End videos here.")
@click.option(
    "--every",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    help="Take only every N-th frame of videos.",
)
@click.option(
    "--track",
    "track_ids",
    type=click.IntRange(min=1),
    multiple=True,
    metavar="ID",
    help="Of videos, keep the character with this id alone, as an overlay shows it; may be "
    "repeated.",
)
@click.option(
    "--size",
    "height",
    type=click.IntRange(min=16),
    metavar="HEIGHT",
    help="Height of a video's results in pixels; the width follows.  [default: the video's own]",
)
@character_options
@click.option("--overwrite", is_flag=True, help="Replace results that exist.")
@click.option("--resume", is_flag=True, help="Go on with a job: make what is not done yet.")
@hardware_options
def command(**given: Any) -> None:
    """Cut every character out of pictures and videos.

    INPUT is a picture, a video, a folder of pictures (with all folders in it), a quoted pattern
    such as 'ep01/*.png' or 'ep*.mkv', or - for one picture from stdin, whose characters go to
    stdout as one PNG at its full size.

    Without an option that says "Write": cutouts and an overlay. Videos keep their sound, subtitles
    and the times of their frames; a character keeps its id throughout a shot.

    Inputs are never changed, and nothing is replaced without --overwrite. Ctrl-C leaves what is
    done, of a video files that play up to there; --resume goes on. The exit status is 1 when
    something was wrong with an input; all the others are done all the same.
    """
    run(given, pictures=True)


def run(given: dict[str, Any], *, pictures: bool) -> None:
    """Do what the flags say.

    Args:
        pictures: whether folders mean the pictures in them.
    """
    if given.pop("json_flag"):
        raise JsonFlag(SUCCESSORS)
    outputs_given = _any_output(given)
    outputs = take_outputs(given)
    start, end = given["start"], given["end"]
    if start is not None and end is not None and end <= start:
        raise click.UsageError("--to must be later than --from")
    if "-" in given["inputs"]:
        from kirinuki.cli.cut_stream import cut_stream

        cut_stream(given, outputs if outputs_given else {})
        return
    _run_job(given, outputs, pictures, start, end)


def _any_output(given: dict[str, Any]) -> bool:
    from kirinuki.cutting.outputs.registry import OUTPUTS

    return any(given[name] for name in OUTPUTS)


def _run_job(
    given: dict[str, Any],
    outputs: dict[str, Any],
    pictures: bool,
    start: Fraction | None,
    end: Fraction | None,
) -> None:
    from kirinuki.cutting.job import Job
    from kirinuki.cutting.part import Part
    from kirinuki.work.plan import plan
    from kirinuki.work.summary import Summary

    planned = plan(
        given["inputs"],
        given["out"] or DEFAULT_OUT,
        pictures=pictures,
        videos=given.get("videos", not pictures),
    )
    if next(iter(planned), None) is None:  # nothing to do needs no model
        walked = planned.walked
        sys.exit(report(Summary(walked=walked, problems=list(walked.problems)), planned.out))
    job = Job(
        planned,
        load_segmenter(given),
        outputs,
        selection=selection_of(given),
        part=Part(start, end, given["every"], given["height"]),
        overwrite=given["overwrite"],
        resume=given["resume"],
        writers=min(4, given["threads"] or os.cpu_count() or 1),
    )
    with showing(job.todo) as show:
        summary = job.run(show.item, show.frame)
    sys.exit(report(summary, planned.out))


def selection_of(given: dict[str, Any]) -> Selection:
    """Who counts."""
    from kirinuki.cutting.selection import Selection

    return Selection(words_of(given["only"]), given["limit"], tuple(given["track_ids"]))


def load_segmenter(given: dict[str, Any]) -> Segmenter:
    """Open the model and say which it is."""
    import cv2

    from kirinuki.segmenter.segmenter import Segmenter

    threads = given["threads"]
    if threads is not None:
        cv2.setNumThreads(threads)
    segmenter = Segmenter.load(
        given["model"], provider=given["provider"], threads=threads, score=given["score"]
    )
    info = segmenter.info
    name = " ".join(filter(None, (info.arch, info.version))) or "unnamed"
    click.echo(
        f"model: {name}; provider: {segmenter.provider}; score: {segmenter.score:g}", err=True
    )
    return segmenter
