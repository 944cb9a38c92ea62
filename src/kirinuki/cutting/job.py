"""The main job: every input cut, all its results written together or not at all, resumable.

>>> summary = Job(plan(["pics", "ep.mkv"], "out"), Segmenter.load(), outputs).run()

A picture is a video of one frame: both come here from their decoder as `Found`, and go from here
the same way into files. An input that fails costs only itself. Nothing that exists is replaced
without `overwrite` but what the journal knows as ours, and never an input.

Not covered: finding and naming inputs (`work.plan`), looking at them (`still`, `moving`), which
outputs are due (`due`).
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any

from kirinuki.cutting.cutter import Cutter
from kirinuki.cutting.due import Dues
from kirinuki.cutting.found import Found
from kirinuki.cutting.job_files import JobFiles
from kirinuki.cutting.outputs.options import told
from kirinuki.cutting.outputs.output import work_folder
from kirinuki.cutting.outputs.registry import DEFAULTS, OUTPUTS
from kirinuki.cutting.part import Part
from kirinuki.cutting.results import Results, Written, refuse_input
from kirinuki.cutting.selection import Selection
from kirinuki.errors import OutputError, reason_of
from kirinuki.segmenter.segments import Segments
from kirinuki.work.journal import Facts, Journal
from kirinuki.work.loop import in_order
from kirinuki.work.plan import Plan
from kirinuki.work.planned import Planned, Problem
from kirinuki.work.stop import asked_to_stop
from kirinuki.work.summary import Summary

_STOPPING_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
"""Errors of the results' disk after which no later input can be written either."""


@dataclass
class Outcome:
    """What became of one input.

    Attributes:
        found: what there was; None where it failed.
        files: names written, by output, relative to the results' folder.
        lines: what outputs say on stdout.
        problem: why it failed.
    """

    planned: Planned
    found: Found | None = None
    files: dict[str, list[str]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    problem: Problem | None = None


class Job:
    """One job over a plan; nothing is written before `run`.

    Args:
        outputs: options by output; None is what `registry.DEFAULTS` names.
        part: which part of videos is read.
        overwrite: replace results that exist.
        resume: make what is not done yet.
        writers: threads that make and write results while the next picture is looked at; at most
            so many pictures, and two more, are in memory.

    Raises:
        OutputError: results exist and neither `overwrite` nor `resume` says what to do; or they
            were made with other settings.
        PictureError: a background cannot be read.
        KirinukiError: the model does not know a name of the selection, or tells no kinds.
    """

    def __init__(
        self,
        plan: Plan,
        segmenter: Segments,
        outputs: Mapping[str, Any] | None = None,
        *,
        selection: Selection | None = None,
        part: Part | None = None,
        overwrite: bool = False,
        resume: bool = False,
        writers: int = 1,
    ) -> None:
        self.plan = plan
        self._names = segmenter.names
        self._writers = writers
        asked = default_outputs() if outputs is None else outputs
        self._outputs = {name: asked[name] for name in OUTPUTS if name in asked}
        selection, part = selection or Selection(), part or Part()
        selection.check(segmenter.names, segmenter.tells_kinds)
        self._made = _made(segmenter, selection, part)
        self._journal = journal = Journal(plan.out)
        self._dues = Dues(journal, plan.out, self._outputs, self._made, overwrite, resume)
        self._results = Results(plan, journal, overwrite)
        self._cutter = Cutter(segmenter, self._outputs, selection, part, self._dues, self._results)
        self._job_files = JobFiles(journal, plan.out, self._outputs, overwrite, resume)
        for path in self._job_files.targets():
            refuse_input(plan, path)
        self._damaged: list[Problem] = []
        self._full = False
        self.todo = self._count(resume or overwrite)
        """Inputs that `run` will come to."""

    def run(
        self,
        on_item: Callable[[Outcome], None] = lambda outcome: None,
        on_frame: Callable[[Found], None] = lambda found: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Summary:
        """Do it. Ctrl-C ends it early, with all that is done in order.

        Args:
            on_item: called after each input, in order.
            on_frame: called after each frame of a video's results.
            stop: asked before each input and frame whether to end early.

        Raises:
            OutputError: the journal cannot be started.
        """
        self._summary = Summary(skipped=self._walked.planned - self.todo, walked=self._walked)
        self._on_item, self._cutter.on_frame = on_item, on_frame
        self._journal.start(self._made, self._told())  # from here on nobody else is at work there
        with (
            closing(self._journal),
            ThreadPoolExecutor(self._writers) as self._pool,
            asked_to_stop() as asked,
        ):
            self._results.remove_half_written([path.parent for path in self._job_files.targets()])
            stopping = self._cutter.stopping = lambda: (
                self._summary.interrupted or asked() or stop()
            )
            self._run_all(stopping)
            self._summary.interrupted = stopping()
            self._count_missing()
            self._finish_job()
        return self._summary

    def _run_all(self, stopping: Callable[[], bool]) -> None:
        works = in_order(
            self._items(),
            lambda planned: self._cutter.begin(planned, self._pool),
            beside=self._writers,
            stopping=lambda: self._full or stopping(),
        )
        while True:
            try:
                for planned, work in works:
                    self._end(planned, work)
                return
            except KeyboardInterrupt:  # where no signal is taken, or a second one
                self._summary.interrupted = True

    def _items(self) -> Iterator[Planned]:
        for planned in self.plan:
            if self._dues.of(planned).chosen:
                yield planned
            elif planned.moves:  # killed after its last line was written
                shutil.rmtree(work_folder(self.plan.out, planned.stem), ignore_errors=True)

    def _end(self, planned: Planned, work: Future[Written]) -> None:
        """Note what became of an input; its other outputs follow where some were going on."""
        outcome, more = Outcome(planned), False
        try:
            written = work.result()
            outcome.found, outcome.files = written.found, written.files
            if written.found.interrupted:
                self._summary.interrupted = True
            else:
                self._done(written)
                outcome.lines = written.lines
                more = written.due.more
        except Exception as error:  # one input must not cost the rest
            cause = error if isinstance(error, OSError) else error.__context__
            full = isinstance(cause, OSError) and cause.errno in _STOPPING_ERRNOS
            self._full = self._full or full
            outcome.problem = Problem(str(planned.source), reason_of(error))
            with suppress(OutputError):
                self._journal.forget(planned.stem.as_posix())
        if more:
            self._end(planned, self._cutter.begin(planned, self._pool))
            return
        self._count_in(outcome)
        self._on_item(outcome)

    def _done(self, written: Written) -> None:
        place = written.found.place
        records = self._job_files.keep(written.due.chosen, place, written.found.pieces)
        self._journal.done(place.stem, written.source, written.files, records)
        if place.moves:
            shutil.rmtree(place.work, ignore_errors=True)

    def _count_in(self, outcome: Outcome) -> None:
        if outcome.problem is not None:
            self._summary.problems.append(outcome.problem)
            return
        assert outcome.found is not None
        self._summary.counts.update(outcome.found.counts)
        if not outcome.found.interrupted:
            self._summary.done += 1
        for line in outcome.found.problems:
            self._damaged.append(Problem(str(outcome.planned.source), line))

    def _count_missing(self) -> None:
        """Inputs that were counted and not come to: because the job stops, or they went away."""
        done_or_failed = self._summary.done + len(self._summary.problems)
        missing = max(0, self.todo - done_or_failed)
        if self._summary.interrupted or self._full:
            self._summary.unreached = missing
        elif missing:
            reason = f"{missing:,} of {self.todo:,} inputs went away since the job began"
            self._summary.problems.append(Problem("inputs", reason))

    def _finish_job(self) -> None:
        self._summary.problems = [
            *self._walked.problems,
            *self._summary.problems,
            *self._damaged,
        ]
        try:
            self._job_files.finish(self._made, self._names)
        except OutputError as error:
            self._summary.problems.append(Problem(str(error).split(":")[0], str(error)))

    def _count(self, goes_over: bool) -> int:
        """How many inputs are to be cut; stops where results are there that may not be replaced."""
        todo = held = 0
        for planned in self.plan:
            todo += bool(self._dues.of(planned).chosen) if goes_over else 1
            held += not goes_over and self._dues.holds(planned)
        self._walked = self.plan.walked
        if held:
            raise OutputError(
                f"{self.plan.out}: holds results of {held} of these {self._walked.planned} inputs "
                "already; pass --resume to skip what is done and go on, --overwrite to cut all "
                "again, or choose another folder with -o"
            )
        return todo

    def _told(self) -> dict[str, Facts]:
        said: dict[str, Facts] = {"each": {}} if "cutout" in self._outputs else {}
        said |= {name: told(options) for name, options in self._outputs.items()}
        return {**said, **self._job_files.told()}


def _made(segmenter: Segments, selection: Selection, part: Part) -> Facts:
    """What all results depend on, beside inputs and options, as JSON."""
    infos = (segmenter.info, segmenter.refiner_info)
    return {
        "model": [i and f"{i.arch} {i.version} {i.source_sha256}" for i in infos],
        "score": segmenter.score,
        **selection.told(),
        **part.told(),
    }


def default_outputs() -> dict[str, Any]:
    """What is written where nothing is asked for."""
    return {name: OUTPUTS[name].options() for name in DEFAULTS}
