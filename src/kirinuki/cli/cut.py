"""``kirinuki cut``: every character of pictures and videos, cut out.

``kirinuki video`` is the same command, for which a folder means the videos in it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kirinuki.cli.cut_one import cut_one, is_one
from kirinuki.cli.cut_report import report, showing
from kirinuki.cli.options import character_options, hardware_options, words_of
from kirinuki.cli.output_flags import Command, job_flags, output_flags, take, take_outputs

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


@click.command(name="cut", cls=Command)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="Folder of the results, laid out like the inputs; or, for one input, a file: its suffix "
    f"says what it is; - is stdout.  [default: {DEFAULT_OUT}]",
)
@output_flags
@click.option("--json", "json_flag", is_flag=True, hidden=True, help=SUCCESSORS)
@click.option("--videos", is_flag=True, help="Of folders, cut the videos too.")
@job_flags
@character_options
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace results that exist; with --resume those alone that were cut otherwise.",
)
@click.option("--resume", is_flag=True, help="Go on with a job: make what is not done yet.")
@click.option(
    "--dry-run",
    "rehearse",
    is_flag=True,
    help="Write nothing; list what would be made, and about how long it would take.",
)
@hardware_options
def command(**given: Any) -> None:
    """Cut every character out of pictures and videos.

    INPUT is a picture, a video, a folder of pictures (with all folders in it), a quoted pattern
    such as 'ep01/*.png' or 'ep*.mkv', or - for one picture from stdin, whose characters go to
    stdout as a PNG.

    Without an option that says "Write": cutouts and an overlay. Videos keep their sound, subtitles
    and the times of their frames; a character keeps its id throughout a shot.

    With -o FILE one input becomes that file, everyone in their places: .png .webp .avif .tiff .gif
    (animated where the input is), .webm .mov (transparent videos), .ora and .psd (layers); with
    --background, --overlay or --matte .jpg, .mp4 and .mkv too.

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
    if given["jsonl"] and sys.stdout is None:
        raise click.UsageError("stdout is closed; --jsonl writes there")
    from kirinuki.cutting import cut
    from kirinuki.cutting.edges import Edges
    from kirinuki.cutting.outputs.registry import OUTPUTS
    from kirinuki.cutting.part import Part

    outputs_given = any(given[name] for name in OUTPUTS)
    outputs = take_outputs(given)
    edges, part = take(Edges, given), take(Part, given)
    if part.start is not None and part.end is not None and part.end <= part.start:
        raise click.UsageError("--to must be later than --from")
    if is_one(given):
        moves = None if pictures else True
        sys.exit(cut_one(given, outputs, outputs_given, edges, part, moves))
    out = given["out"] or DEFAULT_OUT
    with showing() as show:
        summary = cut(
            given["inputs"],
            out,
            outputs,
            model=lambda: load_segmenter(given),
            selection=selection_of(given),
            edges=edges,
            part=part,
            pictures=pictures,
            videos=given.get("videos", not pictures),
            overwrite=given["overwrite"],
            resume=given["resume"],
            rehearse=given["rehearse"],
            writers=min(4, given["threads"] or os.cpu_count() or 1),
            on_begin=show.begin,
            on_item=show.item,
            on_frame=show.frame,
        )
    sys.exit(report(summary, out, rehearsed=given["rehearse"]))


def selection_of(given: dict[str, Any]) -> Selection:
    """Who counts."""
    from kirinuki.cutting.selection import Selection

    return take(Selection, {**given}, only=words_of(given["only"]), limit=given["limit"])


def load_segmenter(given: dict[str, Any]) -> Segmenter:
    """Open the model."""
    import cv2

    from kirinuki.segmenter.segmenter import Segmenter

    threads = given["threads"]
    if threads is not None:
        cv2.setNumThreads(threads)
    return Segmenter.load(
        given["model"], provider=given["provider"], threads=threads, score=given["score"]
    )
