"""Long jobs over many pictures: what a plan asks for, done once, journaled, resumable.

>>> job = Job(make_plan(["pics"], "out"), Segmenter.load(), Outputs())
>>> summary = job.run()

A picture that fails costs only itself. Its results appear together or not at all; after a kill
the journal knows which are half done, and `resume` does them anew. Nothing that exists is replaced
without `overwrite`, and never a picture of the plan.

Not covered: finding and naming the pictures (`plan`), what the results look like (`results`).
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from kirinuki.cutting.records import Record, dataset_of, record_of
from kirinuki.cutting.results import Outputs, Result, results_of
from kirinuki.cutting.selection import Selection
from kirinuki.errors import OutputError, reason_of
from kirinuki.formats.coco import write_coco
from kirinuki.images.picture import Picture, read_picture
from kirinuki.instances import Instances
from kirinuki.segmenter.model_file import ModelInfo
from kirinuki.work.journal import Journal, Settings, relative_to_folder
from kirinuki.work.made_plan import Plan, Planned, Problem, path_key

_STOPPING_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
"""Errors of the results' disk after which no later picture can be written either."""


class Finder(Protocol):
    """What a job asks of a segmenter."""

    score: float

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def info(self) -> ModelInfo: ...

    @property
    def refiner_info(self) -> ModelInfo | None: ...

    @property
    def tells_kinds(self) -> bool: ...

    def __call__(self, picture: Picture) -> Instances: ...


@dataclass(frozen=True)
class Outcome:
    """What became of one picture."""

    planned: Planned
    characters: int = 0
    unknown: int = 0
    """Characters left out because a kind is asked for and theirs is not known."""
    notes: tuple[str, ...] = ()
    """What the user should know of the picture, such as "first of 12 frames"."""
    problem: Problem | None = None


@dataclass
class Summary:
    """What a run did."""

    pictures: int = 0
    """Pictures done in this run."""
    characters: int = 0
    without: int = 0
    """Pictures done in this run in which there is no character."""
    unknown: int = 0
    """Characters left out in this run because a kind is asked for and theirs is not known."""
    skipped: int = 0
    """Pictures that were done before."""
    unreached: int = 0
    """Pictures that the run did not come to."""
    problems: tuple[Problem, ...] = ()
    interrupted: bool = False


@dataclass
class _Begun:
    """A picture between its two halves: found by the main thread, written by another."""

    planned: Planned
    characters: int = 0
    unknown: int = 0
    notes: tuple[str, ...] = ()
    outputs: list[str] = field(default_factory=list)
    record: Record = field(default_factory=dict)
    written: Future[None] = field(default_factory=Future)


class Job:
    """One job over a plan; nothing is written before `run`.

    Args:
        finder: a `Segmenter`, or what looks like one.
        coco: COCO file of the whole job, beside the results of each picture.
        overwrite: replace results that exist.
        resume: skip pictures that are done with the same settings.
        writers: threads that make and write results while the next picture is looked at; at most
            so many pictures, and two more, are in memory.

    Raises:
        OutputError: results exist and neither `overwrite` nor `resume` says what to do; or they
            were made with other settings.
        KirinukiError: the model does not know a name of the selection, or tells no kinds.
    """

    def __init__(
        self,
        plan: Plan,
        finder: Finder,
        outputs: Outputs,
        *,
        selection: Selection | None = None,
        coco: Path | None = None,
        overwrite: bool = False,
        resume: bool = False,
        writers: int = 1,
    ) -> None:
        self.plan = plan
        self._finder = finder
        self._outputs = outputs
        self._selection = selection or Selection()
        self._coco = coco
        self._overwrite = overwrite
        self._writers = writers
        self._journal = Journal(plan.out)
        self._sources = {_place_key(planned.source) for planned in plan.pictures}
        self._selection.check(finder.names, finder.tells_kinds)
        outputs.backdrop  # noqa: B018 (a background that cannot be read is found out here)
        self._settings = self._make_settings()
        self.todo = [
            planned
            for planned in plan.pictures
            if not (resume and self._journal.is_done(planned, self._settings))
        ]
        """Pictures that `run` will come to, in order."""
        self._refuse_held(resume)
        self._coco_is_ours = resume and self._settings in self._journal.runs
        self._check_coco()

    def run(self, on_picture: Callable[[Outcome], None] = lambda outcome: None) -> Summary:
        """Do it. Ctrl-C ends it early, with all that is done in order.

        Args:
            on_picture: called after each picture, in order.

        Raises:
            OutputError: the journal cannot be started.
        """
        summary = Summary(skipped=len(self.plan.pictures) - len(self.todo))
        problems: list[Problem] = []
        begun: deque[_Begun] = deque()
        self._remove_temporary_files()
        self._journal.start(self._settings)

        def end_first() -> bool:
            wait([begun[0].written])
            outcome, go_on = self._end(begun.popleft())
            _count(outcome, summary, problems)
            on_picture(outcome)
            return go_on

        with closing(self._journal), ThreadPoolExecutor(self._writers) as pool:
            try:
                for planned in self.todo:
                    begun.append(self._begin(planned, pool))
                    if len(begun) > self._writers and not end_first():
                        break
            except KeyboardInterrupt:
                summary.interrupted = True
            while begun:
                end_first()
        summary.unreached = len(self.todo) - summary.pictures - len(problems)
        try:
            self._write_coco()
        except OutputError as error:
            problems.append(Problem(str(self._coco), str(error)))
        summary.problems = (*self.plan.problems, *problems)
        return summary

    def _begin(self, planned: Planned, pool: Executor) -> _Begun:
        """Find the characters of one picture and hand its results to the writers."""
        begun = _Begun(planned)
        try:
            picture = read_picture(planned.source)
            everyone = self._finder(picture)
            instances = self._selection(everyone)
            begun.unknown = self._selection.unknown(everyone)
            begun.characters, begun.notes = len(instances), picture.notes
            begun.record = {} if self._coco is None else record_of(instances)
            results = results_of(picture, instances, planned, self._outputs, self.plan.out)
            begun.outputs = [result.name for result in results]
            former = self._former(planned)
            for name in begun.outputs:
                self._refuse_target(self.plan.out / name, self._overwrite or name in former)
            self._journal.begin(planned, list(dict.fromkeys([*begun.outputs, *former])))
            begun.written = pool.submit(self._write, results, former)
        except Exception as error:  # one picture must not cost the rest
            begun.written.set_exception(error)
        return begun

    def _end(self, begun: _Begun) -> tuple[Outcome, bool]:
        """What became of a picture that is written, and whether it makes sense to go on."""
        planned = begun.planned
        try:
            begun.written.result()
            self._journal.done(planned, begun.outputs, begun.record)
        except Exception as error:  # one picture must not cost the rest
            cause = error if isinstance(error, OSError) else error.__context__
            stop = isinstance(cause, OSError) and cause.errno in _STOPPING_ERRNOS
            problem = Problem(str(planned.source), reason_of(error))
            return Outcome(planned, problem=problem), not stop
        return Outcome(planned, begun.characters, begun.unknown, begun.notes), True

    def _former(self, planned: Planned) -> tuple[str, ...]:
        """Names of results that a former run left under this stem, ours to replace or remove."""
        entry = self._journal.entries.get(planned.stem)
        return () if entry is None else entry.outputs

    def _write(self, results: Sequence[Result], former: Sequence[str]) -> None:
        """Write all results of a picture, or none; those of a former run go."""
        fresh: list[Path] = []
        try:
            for result in results:
                target = self.plan.out / result.name
                if not os.path.lexists(target):
                    fresh.append(target)
                result.write(target, self._overwrite or result.name in former)
        except BaseException:
            for path in fresh:
                path.unlink(missing_ok=True)
            raise
        for name in set(former) - {result.name for result in results}:
            if _place_key(self.plan.out / name) not in self._sources:
                (self.plan.out / name).unlink(missing_ok=True)

    def _refuse_target(self, target: Path, replace: bool) -> None:
        if _place_key(target) in self._sources:
            raise OutputError(f"{target}: is one of the inputs; choose another folder with -o")
        if not replace and os.path.lexists(target):
            raise OutputError(f"{target}: exists already; pass --overwrite to replace it")

    def _make_settings(self) -> Settings:
        """All that the results depend on, beside the pictures, as JSON."""
        infos = (self._finder.info, self._finder.refiner_info)
        return {
            "models": [
                info and f"{info.arch} {info.version} {info.source_sha256}" for info in infos
            ],
            "score": self._finder.score,
            "only": list(self._selection.only),
            "limit": self._selection.limit,
            "outputs": asdict(self._outputs),
            "coco": self._coco and relative_to_folder(self._coco, self.plan.out),
        }

    def _refuse_held(self, resume: bool) -> None:
        """Stop before the work when results are there that may not be replaced."""
        if self._overwrite:
            return
        entries = self._journal.entries
        held = [
            planned
            for planned in self.todo
            if planned.stem in entries and (entries[planned.stem].done or not resume)
        ]
        if not held:
            return
        some = f"{len(held)} of these {len(self.plan.pictures)} pictures"
        if resume:
            what = f"{some} were cut with other options, or from elsewhere"
            remedy = "pass the same options, or --overwrite to cut them again"
        else:
            what = f"holds results of {some} already"
            remedy = "pass --resume to skip what is done, --overwrite to cut all again"
        raise OutputError(f"{self.plan.out}: {what}; {remedy}, or choose another folder with -o")

    def _check_coco(self) -> None:
        if self._coco is not None:
            self._refuse_target(self._coco, self._overwrite or self._coco_is_ours)

    def _write_coco(self) -> None:
        if self._coco is None:
            return
        folder = self._coco.parent
        records = {
            relative_to_folder(self.plan.out / entry.source, folder): entry.record
            for entry in self._journal.entries.values()
            if entry.done and entry.settings == self._settings
        }
        dataset = dataset_of(records.items(), self._finder.names, folder)
        write_coco(dataset, self._coco, overwrite=self._overwrite or self._coco_is_ours)

    def _remove_temporary_files(self) -> None:
        """What a killed run left in the folders it was writing to."""
        for entry in self._journal.entries.values():
            if entry.done:
                continue
            for folder in {(self.plan.out / name).parent for name in entry.outputs}:
                for path in folder.glob(".kirinuki-*"):
                    path.unlink(missing_ok=True)


def _place_key(path: Path) -> str:
    """Where a file lies, whatever links lead to its folder."""
    return path_key(Path(_real_folder(path.parent), path.name))


@lru_cache(maxsize=4096)
def _real_folder(folder: Path) -> str:
    return os.path.realpath(folder)


def _count(outcome: Outcome, summary: Summary, problems: list[Problem]) -> None:
    if outcome.problem is not None:
        problems.append(outcome.problem)
        return
    summary.pictures += 1
    summary.characters += outcome.characters
    summary.unknown += outcome.unknown
    summary.without += not outcome.characters
