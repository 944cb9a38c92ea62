"""Run the jobs of several videos, one after the other, with a progress bar each and a line of what
came of it. For the verbs `cut` and `video`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kirinuki.errors import reason_of
from kirinuki.work.made_plan import Problem

if TYPE_CHECKING:
    from kirinuki.cutting.clips.job import ClipJob
    from kirinuki.cutting.clips.summary import ClipSummary
    from kirinuki.work.made_plan import Planned


@dataclass
class ClipsDone:
    """What became of the videos.

    Attributes:
        problems: everything that went wrong.
        interrupted: Ctrl-C ended it.
    """

    problems: list[Problem] = field(default_factory=list)
    interrupted: bool = False


def run_clips(
    videos: tuple[Planned, ...], out: Path, make_job: Callable[[Path, Path], ClipJob]
) -> ClipsDone:
    """Do them all. One that fails costs only itself.

    Args:
        make_job: source and stem of its results → its job.
    """
    done = ClipsDone()
    for planned in videos:
        try:
            job = make_job(planned.source, out / planned.stem)
            summary = _run(job, planned.source.name)
        except KeyboardInterrupt:  # before the first frame, or a second one
            done.interrupted = True
            break
        except Exception as error:  # one video must not cost the rest
            done.problems.append(Problem(str(planned.source), reason_of(error)))
            continue
        done.problems += [Problem(str(planned.source), problem) for problem in summary.problems]
        for line in _lines(planned, summary):
            click.echo(line, err=True)
        if summary.interrupted:
            done.interrupted = True
            break
    return done


def _run(job: ClipJob, name: str) -> ClipSummary:
    """Run one job, with a progress bar where somebody watches."""
    with _bar(name) as show:
        return job.run(show)


@contextmanager
def _bar(name: str) -> Iterator[Callable[[ClipSummary], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,}/{task.fields[of]} frames"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    progress = Progress(*columns, console=console, disable=not console.is_terminal)
    task = progress.add_task(name, total=None, of="?", rate="")
    begun = time.monotonic()

    def show(summary: ClipSummary) -> None:
        done = summary.frames - summary.resumed
        total = None if summary.total is None else max(summary.total, summary.frames)
        rate = f"{done / max(time.monotonic() - begun, 1e-3):.1f} fps, {_reused(summary)} reused"
        of = "?" if total is None else f"{total:,}"
        progress.update(task, completed=summary.frames, total=total, of=of, rate=rate)

    with progress:
        yield show


def _lines(planned: Planned, summary: ClipSummary) -> list[str]:
    """What the user should know of a video that is done."""
    name = planned.source
    if summary.done_before:
        return [f"{name}: done before"]
    line = f"{name}: {_counted(summary.frames, 'frame')} in {_counted(summary.shots, 'shot')}"
    line += (
        f", {_counted(len(summary.people), 'character')}; {_reused(summary)} of the frames reused"
    )
    if summary.speed_up is not None:
        line += f", {summary.speed_up:.1f} times the speed of looking at each"
    lines = [f"{name}: {note}" for note in summary.notes]
    lines.append(line)
    if summary.interrupted:
        lines.append(f"{name}: stopped; what is done can be played, go on with --resume")
    lines += [f"  {path}" for path in summary.results[:8]]
    if len(summary.results) > 8:
        lines.append(f"  and {len(summary.results) - 8:,} more beside them")
    return lines


def _reused(summary: ClipSummary) -> str:
    share = (summary.reuse["repeat"] + summary.reuse["partial"]) / max(1, summary.frames)
    return f"{share:.0%}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
