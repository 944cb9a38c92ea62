"""`kirinuki data frames`: the frames of videos that are worth a label, as pictures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from kirinuki.cli.flags import in_flags
from kirinuki.cli.next_step import say_next
from kirinuki.cli.options import Seconds
from kirinuki.cli.terminal import Terminal
from kirinuki.cli.voice import complain, is_quiet, say, tell
from kirinuki.errors import DatasetError, escaped


@click.command()
@click.argument("videos", nargs=-1, required=True, metavar="EPISODE...")
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("shots"),
    show_default=True,
    help="Folder of the pictures; each video gets a folder in it.",
)
@click.option(
    "--per-shot",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    metavar="N",
    help="At most N frames of one shot.",
)
@click.option(
    "--max",
    "most",
    type=click.IntRange(min=1),
    metavar="N",
    help="At most N frames of one video, spread evenly over it.",
)
@click.option("--from", "start", type=Seconds(), metavar="TIME", help="Begin here, such as 1:30.")
@click.option("--to", "end", type=Seconds(), metavar="TIME", help="End here, such as 22:10.")
@click.option("--overwrite", is_flag=True, help="Write pictures anew that exist.")
def command(
    videos: tuple[str, ...],
    out: Path,
    per_shot: int,
    most: int | None,
    start: Fraction | None,
    end: Fraction | None,
    overwrite: bool,
) -> None:
    """Pick the frames of videos that are worth a label.

    EPISODE is a video, a folder of videos or a quoted pattern such as 'ep*.mkv'. Of every shot the
    sharpest frames that differ are written; blank, blurred and credit frames and those like
    another, also one of an earlier video, are left out. Names tell video and time:
    shots/ep01/ep01_00h12m34s567.png. shots/frames.csv lists them.

    A second run goes on where the first was stopped, and takes new videos in. Pictures that exist
    are left as they are. A video that cannot be read is named, the others are done, and the exit
    status is 1.
    """
    # Imported here: the help waits for neither PyAV nor OpenCV.
    from kirinuki.labelling.frames import Wanted
    from kirinuki.labelling.frames_job import FramesRun
    from kirinuki.work.plan import plan

    if start is not None and end is not None and end <= start:
        raise click.UsageError("--to comes before --from")
    planned = plan(videos, out, pictures=False, videos=True)
    run = FramesRun(
        planned,
        Wanted(per_shot, most, start, end),
        overwrite,
        tell=tell,
        complain=lambda line: complain(in_flags(line)),
        say=say,
    )
    if run.run(lambda video: _progress(video, end)):
        say_next("data", "prelabel", out)
    elif not run.problems:
        raise DatasetError("no frame is worth a label; is there a picture in these videos?")
    if run.problems:
        sys.exit(1)


@contextmanager
def _progress(video: Path, end: Fraction | None) -> Iterator[Callable[[Fraction], None]]:
    """A bar over the time of the video."""
    from kirinuki.video import probe

    console = Terminal(stderr=True)
    duration = probe(video).duration
    total = min((t for t in (duration, end) if t is not None), default=None)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=is_quiet() or not console.is_terminal
    ) as bar:
        task = bar.add_task(escaped(video.name), total=None if total is None else float(total))
        yield lambda time: bar.update(task, completed=float(time))
