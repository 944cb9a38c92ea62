"""The main job: every input cut, all its results written together or not at all, resumable.

>>> from kirinuki.cutting import cut
>>> summary = cut(["pics", "ep01.mkv"], "out", {"matte": {}, "labels": {"value": "coco"}})

A picture is a video of one frame: both come here from their decoder as `Found`, and go from here
the same way into files. An input that fails costs only itself. Nothing that exists is replaced
without `overwrite` but what the journal knows as ours, and never an input.

Not covered: finding and naming inputs (`work.plan`), looking at them (`cutter`, `moving`), which
outputs are due (`due`).
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from inspect import signature
from pathlib import Path
from typing import Any, cast

from kirinuki.arguments import check_whole
from kirinuki.cutting.callbacks import let_out, of_caller
from kirinuki.cutting.cutter import Cutter
from kirinuki.cutting.due import Dues, made_of
from kirinuki.cutting.edges import Edges
from kirinuki.cutting.found import Found, Outcome
from kirinuki.cutting.job_files import JobFiles
from kirinuki.cutting.outputs.checked import checked_settings
from kirinuki.cutting.outputs.options import told
from kirinuki.cutting.outputs.registry import OUTPUTS, chosen_outputs, default_outputs
from kirinuki.cutting.part import Part
from kirinuki.cutting.rehearsal import Rehearsal
from kirinuki.cutting.results import Results, Written, refuse_input, refuse_unwritable
from kirinuki.cutting.selection import Selection
from kirinuki.errors import OutputError, reason_of
from kirinuki.segmenter.segments import Described, Segments
from kirinuki.work.journal import Facts, Journal
from kirinuki.work.loop import in_order
from kirinuki.work.plan import Plan, plan
from kirinuki.work.planned import Planned, Problem
from kirinuki.work.stop import asked_to_stop
from kirinuki.work.summary import Summary

_STOPPING_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
"""Errors of the results' disk after which no later input can be written either."""

Load = Callable[[], Segments]
"""Loads a model; called when all that needs none is checked, and there is something to cut."""


def cut(
    inputs: str | Path | Sequence[str | Path],
    out: str | Path = "kirinuki-out",
    outputs: Mapping[str, Any] | None = None,
    *,
    model: str | Path | Segments | Load | None = None,
    selection: Selection | None = None,
    edges: Edges | None = None,
    part: Part | None = None,
    pictures: bool = True,
    videos: bool = False,
    overwrite: bool = False,
    resume: bool = False,
    rehearse: bool = False,
    writers: int = 1,
    on_begin: Callable[[Described, int], None] = lambda model, todo: None,
    on_item: Callable[[Outcome], None] = lambda outcome: None,
    on_frame: Callable[[Found], None] = lambda found: None,
    stop: Callable[[], bool] = lambda: False,
) -> Summary:
    """Cut every character out of pictures and videos, as ``kirinuki cut`` does.

    Args:
        inputs: pictures, videos, folders, glob patterns; or one of them.
        out: folder of the results, laid out like the inputs.
        outputs: options by output, ``{"background": {"value": "white"}}``; None is cutouts and an
            overlay. Of "jsonl" the lines come to `on_item` (`Outcome.lines`).
        model: a model file or folder as `Segmenter.load` takes it; a `Segmenter`, or any function
            from `Picture` to `Instances` (`kirinuki.segmenter.segments.Segments` says what more it
            may have); or a function without arguments that loads one. None loads the model inside
            the package.
        selection: who counts.
        edges: what becomes of everybody's edges.
        part: which part of videos is read.
        pictures: False takes whatever is named for a video.
        videos: take the videos of folders too.
        overwrite: replace results that exist.
        resume: make what is not done yet.
        rehearse: write nothing; the summary's lines say what would be made of each input, and
            about how long it would take. The model looks at one picture.
        writers: threads that make and write results while the next picture is looked at; at most
            so many pictures, and two more, are in memory.
        on_begin: called before the first input, with the model and how many inputs there are.
        on_item: called after each input, in order.
        on_frame: called after each frame of a video's results.
        stop: asked before each input and frame whether to end early. Ctrl-C ends it too; what is
            done is in order, and `resume` goes on.

    What these four raise ends the job as Ctrl-C does, and comes out.

    Raises:
        KirinukiError: before anything is written, because no output has such a name or option;
            results exist and neither `overwrite` nor `resume` says what to do, or were made with
            other options; another job is at work in `out`; a background cannot be read; the
            model lacks what is selected. An input that fails is a problem of the summary.
    """
    planned = plan(inputs, out, pictures=pictures, videos=videos)
    chosen = chosen_outputs(default_outputs() if outputs is None else outputs)
    if next(iter(planned), None) is None:  # nothing to do needs no model
        problems = planned.walked.problems
        lines = [line for problem in problems for line in _lines(chosen, problem)]
        return Summary(walked=planned.walked, problems=list(problems), lines=lines)
    job = Job(
        planned,
        model,
        chosen,
        selection=selection,
        edges=edges,
        part=part,
        overwrite=overwrite,
        resume=resume,
        writers=writers,
    )
    on_begin(job.model, job.todo)
    if rehearse:
        return job.rehearse()
    return job.run(on_item, on_frame, stop)


class Job:
    """One job over a plan; nothing is written before `run`. Arguments and errors are those of
    `cut`.

    Attributes:
        model: the one at work.
        todo: inputs that `run` will come to.
    """

    def __init__(
        self,
        plan: Plan,
        model: str | Path | Segments | Load | None,
        outputs: Mapping[str, Any],
        *,
        selection: Selection | None = None,
        edges: Edges | None = None,
        part: Part | None = None,
        overwrite: bool = False,
        resume: bool = False,
        writers: int = 1,
    ) -> None:
        check_whole("writers", writers, 1)
        selection = checked_settings(Selection, selection, "selection")
        edges, part = checked_settings(Edges, edges, "edges"), checked_settings(Part, part, "part")
        self.plan = plan
        self._writers = writers
        self._outputs = outputs
        for name, options in outputs.items():
            OUTPUTS[name].refuse(options, moves=False)  # raises what is wrong with any input
        self._journal = Journal(plan.out)
        refuse_unwritable(plan.out)
        self._job_files = JobFiles(self._journal, plan.out, self._outputs, overwrite, resume)
        for path in self._job_files.targets():
            refuse_input(plan, path)
        self.model = Described(_loaded(model))
        self._part = part
        selection.check(self.model.names, self.model.tells_kinds)
        self._made = made_of(self.model, selection, edges, part)
        self._dues = Dues(self._journal, plan.out, self._outputs, self._made, overwrite, resume)
        self._results = Results(plan, self._journal, overwrite)
        self._cutter = Cutter(self.model, selection, edges, part, self._dues, self._results)
        self._damaged: list[Problem] = []
        self._full = False
        self.todo = self._dues.count(plan)
        self._walked = plan.walked

    def rehearse(self) -> Summary:
        """Say what `run` would do."""
        rehearsal = Rehearsal(self.model, self._part)
        rehearsal.take((planned, self._dues.of(planned)) for planned in self._dues.items(self.plan))
        lines = [*rehearsal.lines, rehearsal.estimate()]
        skipped = self._walked.planned - self.todo
        return Summary(skipped=skipped, walked=self._walked, lines=lines)

    def run(
        self,
        on_item: Callable[[Outcome], None] = lambda outcome: None,
        on_frame: Callable[[Found], None] = lambda found: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Summary:
        """Do it.

        Raises:
            OutputError: the journal cannot be started.
        """
        self._summary = Summary(skipped=self._walked.planned - self.todo, walked=self._walked)
        self._on_item, self._cutter.on_frame = on_item, of_caller(on_frame)
        asks_to_stop = of_caller(stop)
        self._journal.start(self._made, self._told())  # from here on nobody else is at work there
        with (
            let_out(),
            closing(self._journal),
            ThreadPoolExecutor(self._writers) as self._pool,
            asked_to_stop() as asked,
        ):
            self._results.remove_half_written([path.parent for path in self._job_files.targets()])
            stopping = self._cutter.stopping = lambda: (
                self._summary.interrupted or asked() or asks_to_stop()
            )
            self._run_all(stopping)
            self._summary.interrupted = stopping()
            self._count_missing()
            self._finish_job()
        return self._summary

    def _run_all(self, stopping: Callable[[], bool]) -> None:
        works = in_order(
            self._dues.items(self.plan),
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
            cause = error if isinstance(error, OSError) else error.__cause__ or error.__context__
            full = isinstance(cause, OSError) and cause.errno in _STOPPING_ERRNOS
            self._full = self._full or full
            outcome.problem = Problem(str(planned.source), reason_of(error))
            outcome.lines = _lines(self._outputs, outcome.problem)
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
        for problem in self._walked.problems:
            self._summary.lines += _lines(self._outputs, problem)
        self._summary.problems = [
            *self._walked.problems,
            *self._summary.problems,
            *self._damaged,
        ]
        try:
            self._job_files.finish(self._made, self.model.names)
        except OutputError as error:
            self._summary.problems.append(Problem(str(error).split(":")[0], str(error)))

    def _told(self) -> dict[str, Facts]:
        outputs = self._outputs
        said = {"each": told(outputs["cutout"])} if "cutout" in outputs else {}
        said |= {name: told(options) for name, options in outputs.items()}
        return {**said, **self._job_files.told()}


def _loaded(model: str | Path | Segments | Load | None) -> Segments:
    """Who takes a picture finds; who needs no argument loads."""
    if model is None or isinstance(model, str | Path):
        from kirinuki.segmenter.segmenter import Segmenter

        return Segmenter.load(model)
    try:
        signature(model).bind()
    except (TypeError, ValueError):
        return cast(Segments, model)
    return cast(Load, model)()


def _lines(outputs: Mapping[str, Any], problem: Problem) -> list[str]:
    """What outputs say on stdout of an input that failed."""
    lines = (OUTPUTS[name].failed(problem.where, str(problem)) for name in outputs)
    return [line for some in lines for line in some]
