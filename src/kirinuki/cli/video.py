"""``kirinuki video``: every character of videos, cut out, with the same id throughout a shot."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kirinuki.cli.cut import DEFAULT_OUT, load_segmenter
from kirinuki.cli.options import Seconds, character_options, hardware_options, words_of

if TYPE_CHECKING:
    from kirinuki.cutting.clips.job import ClipJob

CODECS = ("h264", "hevc", "av1", "vp9")
"""Opaque styles of `video.styles`; a test holds the two together."""


@click.command("video")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder of the results, laid out like the inputs.  [default: {DEFAULT_OUT}]",
)
@click.option("--overlay", is_flag=True, help="Write the video with the characters coloured.")
@click.option("--cutout", is_flag=True, help="Write the characters alone, transparent around them.")
@click.option(
    "--each", is_flag=True, help="Write a transparent clip of each character, without sound."
)
@click.option(
    "--background",
    metavar="COLOUR|PICTURE|blur",
    help="Write the characters on something new: a colour such as #00b140 (green screen), a "
    "picture, or their own video, blurred.",
)
@click.option("--mask", is_flag=True, help="Write a matte: white where a character is.")
@click.option(
    "--json", "tracks", is_flag=True, help="Write masks, boxes and ids of all frames (CocoVID)."
)
@click.option(
    "--transparent",
    type=click.Choice(["webm", "mov", "png"]),
    default="webm",
    show_default=True,
    help="What transparent videos are: VP9 for browsers, ProRes 4444 for editors, or a folder of "
    "PNG pictures.",
)
@click.option("--from", "start", type=Seconds(), metavar="TIME", help="Begin here, such as 1:23.5.")
@click.option("--to", "end", type=Seconds(), metavar="TIME", help="End here.")
@click.option(
    "--every",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    help="Take only every N-th frame.",
)
@click.option(
    "--track",
    "track_ids",
    type=click.IntRange(min=1),
    multiple=True,
    metavar="ID",
    help="Keep the character with this id alone, as an overlay shows it; may be repeated.",
)
@click.option(
    "--size",
    "height",
    type=click.IntRange(min=16),
    metavar="HEIGHT",
    help="Height of the results in pixels; the width follows.  [default: the video's own]",
)
@click.option(
    "--codec",
    type=click.Choice(CODECS),
    help="Codec of videos that are not transparent.  [default: one that suits the video's file]",
)
@click.option(
    "--crf",
    type=click.IntRange(0, 63),
    help="Quality of the codec, lower is better.  [default: one that keeps lines clean]",
)
@character_options
@click.option("--overwrite", is_flag=True, help="Replace results that exist.")
@click.option("--resume", is_flag=True, help="Go on where a job was stopped.")
@hardware_options
def command(
    inputs: tuple[str, ...],
    out: Path | None,
    overlay: bool,
    cutout: bool,
    each: bool,
    background: str | None,
    mask: bool,
    tracks: bool,
    transparent: str,
    start: Fraction | None,
    end: Fraction | None,
    every: int,
    track_ids: tuple[int, ...],
    height: int | None,
    codec: str | None,
    crf: int | None,
    score: float | None,
    limit: int | None,
    only: tuple[str, ...],
    model: Path | None,
    overwrite: bool,
    resume: bool,
    provider: str,
    threads: int | None,
) -> None:
    """Cut every character out of videos.

    INPUT is a video, a folder (with all folders in it) or a quoted pattern such as 'ep*.mkv'.

    Without --overlay, --cutout, --each, --background, --mask or --json: overlay and cutout. Sound
    and subtitles are copied, each frame keeps its time. Frames that repeat the one before, as most
    do in animation, cost next to nothing. A character keeps its id throughout a shot; after a cut
    all ids are new.

    Ctrl-C leaves files that play up to there. Inputs are never changed, and nothing is replaced
    without --overwrite. The exit status is 1 when something was wrong with a video; all the others
    are done all the same.
    """
    from kirinuki.cli.video_bar import run_clips
    from kirinuki.cutting.clips.job import ClipJob
    from kirinuki.cutting.clips.outputs import ClipOutputs
    from kirinuki.cutting.clips.part import Part
    from kirinuki.cutting.selection import Selection
    from kirinuki.video import VIDEO_SUFFIXES
    from kirinuki.work.made_plan import make_plan

    if start is not None and end is not None and end <= start:
        raise click.UsageError("--to must be later than --from")
    asked = any((overlay, cutout, each, background, mask, tracks))
    outputs = ClipOutputs(
        overlay=overlay or not asked,
        cutout=cutout or not asked,
        each=each,
        background=background,
        mask=mask,
        tracks=tracks,
        transparent=transparent,  # type: ignore[arg-type]
        codec=codec,
        crf=crf,
    )
    plan = make_plan(inputs, out or DEFAULT_OUT, VIDEO_SUFFIXES, "video")
    problems = [*plan.problems]
    interrupted = False
    if plan.pictures:
        segmenter = load_segmenter(model, provider, threads, score)

        def make_job(source: Path, stem: Path) -> ClipJob:
            return ClipJob(
                source,
                stem,
                segmenter,
                outputs,
                part=Part(start, end, every, height),
                selection=Selection(words_of(only), limit),
                track_ids=track_ids,
                overwrite=overwrite,
                resume=resume,
            )

        done = run_clips(plan.pictures, plan.out, make_job)
        problems += done.problems
        interrupted = done.interrupted
    for problem in problems:
        click.echo(f"failed: {problem}", err=True)
    if interrupted:
        sys.exit(130)  # as a shell reports a program that Ctrl-C ended
    if problems:
        sys.exit(1)
