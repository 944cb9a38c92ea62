"""What ``kirinuki cut`` shows on stderr: a bar, lines about inputs, the summary; the exit status.

Not covered: errors that stop it (`cli.main`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kirinuki.cli.flags import in_flags
from kirinuki.cli.voice import complain, is_quiet, say, tell
from kirinuki.errors import escaped
from kirinuki.work.summary import counted

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from kirinuki.cutting.found import Found, Outcome
    from kirinuki.segmenter.segmenter import Segmenter
    from kirinuki.segmenter.segments import Described
    from kirinuki.work.summary import Summary

MOST_NAMES = 8
"""Results of a video that are listed."""


class Show:
    """One display for a job: how many inputs are done, and how far the video is that is under way.

    Attributes:
        begin, item, frame: for `cutting.cut`.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._video: tuple[TaskID, float] | None = None
        self._said = 0

    def begin(self, model: Described, todo: int) -> None:
        """All is checked; the first input comes."""
        say_model(cast("Segmenter", model.segmenter))  # the command loads no other kind
        self._task = self._progress.add_task("cutting", total=todo, of=f"{todo:,}", rate="")
        self._progress.start()

    def item(self, outcome: Outcome) -> None:
        """An input is done, or has failed."""
        if self._video is not None:
            self._progress.remove_task(self._video[0])
            self._video = None
        for line in lines_of(outcome)[self._said :]:
            self._say(line)
        self._said = 0
        for line in outcome.lines:
            tell(line)
        task = self._progress.tasks[0]
        speed = task.finished_speed or task.speed
        self._progress.update(self._task, advance=1, rate=f"{speed:.1f}/s" if speed else "")

    def frame(self, found: Found) -> None:
        """A frame of a video is done; before the first, what is to be known of it is said."""
        if self._video is None:
            name = escaped(found.place.source.name)
            task = self._progress.add_task(name, total=None, of="?", rate="")
            self._video = task, time.monotonic()
            notes = notes_of(found)
            for line in notes:
                self._say(line)
            self._said = len(notes)
        task, begun = self._video
        frames = found.counts["frames"]
        total = None if found.total is None else max(found.total, frames)
        speed = (frames - found.resumed) / max(time.monotonic() - begun, 1e-3)
        self._progress.update(
            task,
            completed=frames,
            total=total,
            of="?" if total is None else f"{total:,}",
            rate=f"{speed:.1f} fps, {_reused(found)} reused",
        )

    def _say(self, line: str) -> None:
        """A line above the bar, if there is one."""
        line = in_flags(line)
        if self._progress.disable:
            say(line)
        else:
            self._progress.console.print(line)


@contextmanager
def showing() -> Iterator[Show]:
    """A bar where somebody watches, from `Show.begin` on."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from kirinuki.cli.terminal import Terminal

    console = Terminal(stderr=True)
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,}/{task.fields[of]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        disable=is_quiet() or not console.is_terminal,
    )
    try:
        yield Show(progress)
    finally:
        progress.stop()


def say_model(model: Segmenter) -> None:
    """Which model is at work."""
    name = " ".join(filter(None, (model.info.arch, model.info.version))) or "unnamed"
    say(f"model: {name}; provider: {model.provider}; score: {model.score:g}")


def notes_of(found: Found) -> list[str]:
    """What is known of an input so far, each once: of a video much before it is read."""
    return [f"{found.place.source}: {note}" for note in dict.fromkeys(found.notes)]


def lines_of(outcome: Outcome) -> list[str]:
    """What the user should know of an input that is done."""
    found, name = outcome.found, outcome.planned.source
    if found is None:
        return []
    lines = notes_of(found)
    if not found.place.moves:
        return lines
    counts = found.counts
    line = f"{name}: {counted(counts['frames'], 'frame')} in {counted(counts['shots'], 'shot')}"
    line += f", {counted(counts['characters'], 'character')}; {_reused(found)} of the frames reused"
    if found.speed_up is not None:
        line += f", {found.speed_up:.1f} times the speed of looking at each"
    lines.append(line)
    if found.interrupted:
        lines.append(f"{name}: stopped; what is done can be played, go on with --resume")
    files = [found.place.out / file for files in outcome.files.values() for file in files]
    lines += [f"  {path}" for path in files[:MOST_NAMES]]
    if len(files) > MOST_NAMES:
        lines.append(f"  and {len(files) - MOST_NAMES:,} more beside them")
    return lines


def report(summary: Summary, out: Path | None, *, rehearsed: bool = False) -> int:
    """Say what happened; the exit status that says it too.

    Args:
        out: the results' folder, or the one file; None is stdout.
        rehearsed: nothing was to be made, so that there is nothing to count.
    """
    for line in summary.lines:
        tell(line)
    for problem in summary.problems:
        complain(f"failed: {in_flags(str(problem))}")
    for line in summary_lines(summary, out, rehearsed=rehearsed):
        say(line)
    if summary.interrupted:
        return 130  # as a shell reports a program that Ctrl-C ended
    return 1 if summary.problems else 0


def summary_lines(summary: Summary, out: Path | None, *, rehearsed: bool = False) -> list[str]:
    """The end of what is said."""
    counts, walked = summary.counts, summary.walked
    done = [
        counted(counts[what + "s"], what)
        for what in ("picture", "video")
        if counts[what + "s"]
        or (what == "picture" and not (counts["videos"] or walked.videos))
        or (what == "video" and walked.videos and not counts["pictures"])
    ]
    characters = counted(counts["characters"], "character") + unknown_of(counts["unknown"])
    parts = [] if rehearsed else [*done, characters]
    said = {
        "without": counts["without"],
        "done before": summary.skipped,
        "failed": len(summary.problems),
    }
    parts += [f"{number:,} {what}" for what, number in said.items() if number]
    if walked.ignored:
        parts.append(f"{counted(walked.ignored, 'other file')} ignored")
    lines = [", ".join(parts)] if parts else []
    if walked.results_left:
        lines.append(f"left {counted(walked.results_left, 'result')} of earlier runs")
    if walked.videos_left:
        lines.append(
            f"left {counted(walked.videos_left, 'video')} in these folders; --videos cuts them too"
        )
    if summary.unreached:
        lines.append(
            f"stopped with {counted(summary.unreached, 'input')} to go; go on with --resume"
        )
    if out is not None and (counts["pictures"] or counts["videos"]):
        lines.append(f"results: {out}")
    return lines


def unknown_of(number: int) -> str:
    """How many were left out because nobody knows their kind."""
    return f" ({number:,} of unknown kind left out)" if number else ""


def _reused(found: Found) -> str:
    reused = found.reuse["repeat"] + found.reuse["partial"]
    return f"{reused / max(1, found.counts['frames']):.0%}"
