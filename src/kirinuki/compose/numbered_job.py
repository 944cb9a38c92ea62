"""Jobs that fill a folder with numbered things: in several processes, and on after a stop.

What is done stands in the folder's journal. While a job runs, ``.parts/`` holds a record of each
finished thing, which ``annotations.json`` is made of at the end.

Not covered: what the things are (`compose_dataset`, `clips.dataset`).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import cv2

from kirinuki.compose.library import Library
from kirinuki.errors import OutputError, in_json
from kirinuki.files import write_atomically
from kirinuki.work.journal import Facts, Journal
from kirinuki.work.loop import ended, in_order
from kirinuki.work.stop import asked_to_stop

CLIPS = r"clip_\d{4,}\.mp4"
PICTURES = r"\d{6,}(_\d+)?\.(png|jpg)"
OURS = {
    "": CLIPS,
    "images": PICTURES,
    "alpha": PICTURES,
    ".parts": r"\d{4,}\.jsonl?|job\.json",
}
"""What jobs write, by folder; ``job.json`` is 0.5.0's."""
HALF_WRITTEN = r"\.kirinuki-[0-9a-f]{16}\.\w+"
OUTPUT = "composed"
"""Name of what is made, in the journal."""
SET = "annotations"
"""Stands in the journal for the set as a whole."""


class NumberedJob(Protocol):
    """What is to be made, and where to. It travels to other processes."""

    @property
    def out(self) -> Path: ...

    @property
    def count(self) -> int: ...

    def make(self, number: int) -> None:
        """Make one thing (from 1), and its record in ``.parts/``."""
        ...

    def facts(self) -> Facts:
        """What must be the same for a stopped job to go on."""
        ...


class NumberedRun:
    """One run of a job, in a ``with`` block, in which nobody else writes into its folder.

    Args:
        resume: go on with what is there.
        overwrite: replace what an earlier job wrote there.

    Raises:
        OutputError: the folder holds a set already, or a stopped job of other options.

    Attributes:
        todo: numbers of what is still to be made.
        known: what `complete` was given, where the set is complete already.
    """

    def __init__(self, job: NumberedJob, *, resume: bool, overwrite: bool) -> None:
        self._job = job
        self._overwrite = overwrite
        self._facts: Facts = json.loads(json.dumps(job.facts()))
        self._journal = Journal(job.out)
        self._refuse(resume)
        known = self._done(SET)
        if known and not (job.out / "annotations.json").exists():
            overwrite = self._overwrite = True  # it was complete, and no record is left of it
        numbers = range(1, job.count + 1)
        self.todo = [n for n in numbers if overwrite or not self._done(_stem(n))]
        self.known: Facts | None = None if self.todo or not known else known[0]

    def __enter__(self) -> NumberedRun:
        self._journal.start(self._facts, {OUTPUT: {}})
        names = dict.fromkeys(OURS, HALF_WRITTEN)
        if self._overwrite:
            for stem in list(self._journal.stems()):  # from here on none of it is done
                self._journal.begin(stem, {}, [OUTPUT], [])
            (self._job.out / "annotations.json").unlink(missing_ok=True)
            names = {folder: f"{ours}|{HALF_WRITTEN}" for folder, ours in OURS.items()}
        for folder, pattern in names.items():
            for file in (self._job.out / folder).glob("*"):
                if re.fullmatch(pattern, file.name):
                    file.unlink()
        if self.known is not None:
            self._remove_parts()  # a kill may have left some, after all was written down
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._journal.close()

    def made(self, workers: int, here: Callable[[int], None] | None = None) -> Iterator[int]:
        """Make what is still to be made; numbers as they get finished, in order.

        Args:
            here: makes one thing in this process, where one process is enough.

        Raises:
            KeyboardInterrupt: after Ctrl-C, when all that was begun is finished.
        """
        with (
            asked_to_stop() as stopping,
            _beginning(self._job, here or self._job.make, min(workers, len(self.todo))) as begin,
        ):
            for number, work in in_order(self.todo, begin, beside=2 * workers, stopping=stopping):
                work.result()
                self._journal.done(_stem(number), {}, {OUTPUT: []}, {})
                yield number
            if stopping():
                raise KeyboardInterrupt

    def complete(self, facts: Facts) -> None:
        """The set's own files are written; `facts` are kept for `known`."""
        self._journal.done(SET, {}, {OUTPUT: []}, {OUTPUT: facts})
        self._remove_parts()

    def _remove_parts(self) -> None:
        shutil.rmtree(self._job.out / ".parts", ignore_errors=True)

    def _done(self, stem: str) -> list[Any]:
        """What is kept of a thing that is done with these settings; empty where it is not."""
        made = self._journal.entry(stem).done.get(OUTPUT)
        return [] if made is None or made.made != self._facts else [made.record]

    def _refuse(self, resume: bool) -> None:
        out, runs = self._job.out, self._journal.runs
        if self._overwrite:
            return
        if not runs and (out / ".parts" / "job.json").exists():
            raise OutputError(
                f"{out}: holds a stopped job of kirinuki 0.5, with which this version cannot go "
                "on; finish it with that version, or pass `overwrite` to start anew"
            )
        if not runs and (out / "annotations.json").exists():
            raise OutputError(
                f"{out}: holds a data set already; pass `overwrite` to replace it, or choose "
                "another folder (`out`)"
            )
        if runs and not resume:
            raise OutputError(
                f"{out}: holds a data set or a stopped job already; pass `resume` or `overwrite`"
            )
        begun = runs[-1]["made"] if runs else self._facts
        for what, (then, now) in _differences(begun, self._facts):
            raise OutputError(
                f"{out}: was begun with another {what}: {then}, now it is {now}; repeat its "
                "options, or pass `overwrite` to start anew"
            )


def _stem(number: int) -> str:
    return f"{number:06d}"


def _differences(
    then: Facts, now: Facts, inside: str = ""
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Settings that are not what they were, those of a recipe one by one."""
    for key in sorted({*then, *now}):
        before, after = then.get(key), now.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _differences(before, after, f"{inside}{key}.")
        elif before != after:
            yield f"{inside}{key}", (before, after)


@contextmanager
def _beginning(
    job: NumberedJob, here: Callable[[int], None], workers: int
) -> Iterator[Callable[[int], Future[None]]]:
    """What begins to make a thing: at once in this process, or in one of several."""
    if workers <= 1:
        yield lambda number: ended(partial(here, number))
        return
    # Fresh processes: a copy of this one, with its threads, could lock up.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, (job,))

    def begin(number: int) -> Future[None]:
        with _deaf_to_ctrl_c():  # a process may be started for it
            return pool.submit(_make_in_worker, number)

    try:
        yield begin
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Processes that are started here do not hear Ctrl-C, from their first moment on: the first
    process stops them, when what they are at is finished."""
    if sys.platform == "win32":
        yield
        return
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


_job: NumberedJob | None = None


def _start_worker(job: NumberedJob) -> None:
    global _job
    _job = job
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where `_deaf_to_ctrl_c` does nothing
    cv2.setNumThreads(0)  # the processes are the parallelism


def _make_in_worker(number: int) -> None:
    assert _job is not None
    _job.make(number)


def pieces_hash(library: Library) -> str:
    """A fingerprint of the names and sources of a library's pieces."""
    pieces = (*library.characters, *library.objects, *library.backgrounds)
    names = "\n".join(f"{piece.source}/{piece.path.name}" for piece in pieces)
    return hashlib.sha256(os.fsencode(names)).hexdigest()


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write a file of JSON for people to read, whole, over an older one."""
    with write_atomically(path, overwrite=True) as temporary:
        text = in_json(json.dumps(content, indent=2, ensure_ascii=False))
        temporary.write_text(text + "\n", encoding="utf-8")


def default_workers() -> int:
    """Processes that leave a core for the rest of the machine; at most 8."""
    return max(1, min(8, (os.cpu_count() or 2) - 1))
