"""Jobs that fill a folder with numbered things: in several processes, and on after a stop.

While a job runs, ``.parts/`` in its folder holds ``job.json``, what must be the same to go on, and
a record of each finished thing. ``annotations.json`` appears at the end.

Not covered: what the things are (`compose_dataset`, `clips.dataset`).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

import cv2

from kirinuki.compose.library import Library
from kirinuki.errors import OutputError
from kirinuki.files import write_atomically

CLIPS = r"clip_\d{4,}\.mp4"
PICTURES = r"\d{6,}(_\d+)?\.(png|jpg)"
OURS = {
    "": CLIPS,
    "images": PICTURES,
    "alpha": PICTURES,
    ".parts": r"\d{4,}\.jsonl?|job\.json",
}
"""What jobs write, by folder."""
HALF_WRITTEN = r"\.kirinuki-[0-9a-f]{16}\.\w+"


class NumberedJob(Protocol):
    """What is to be made, and where to. It travels to other processes."""

    @property
    def out(self) -> Path: ...

    def make(self, number: int) -> None:
        """Make one thing; the record that says so last."""
        ...

    def facts(self) -> dict[str, Any]:
        """What must be the same for a stopped job to go on."""
        ...


def begin(job: NumberedJob, resume: bool, overwrite: bool) -> None:
    """Make the folder ready, or say why not.

    Raises:
        OutputError: it holds a data set already, or a stopped job of other settings.
    """
    marker = job.out / ".parts" / "job.json"
    facts = json.loads(json.dumps(job.facts()))
    done = (job.out / "annotations.json").exists()
    if resume and marker.exists():
        if json.loads(marker.read_text(encoding="utf-8")) != facts:
            raise OutputError(
                f"{job.out}: holds a stopped job with another recipe, seed, number, format or "
                "library; repeat its options, or pass --overwrite to start anew"
            )
        _remove(job.out, dict.fromkeys(OURS, HALF_WRITTEN))
        return
    if resume and done:
        raise OutputError(f"{job.out}: is complete, there is nothing to go on with")
    if (done or marker.exists()) and not overwrite:
        raise OutputError(
            f"{job.out}: holds a data set or a stopped job already; pass --resume or --overwrite"
        )
    (job.out / "annotations.json").unlink(missing_ok=True)
    _remove(job.out, {folder: f"{ours}|{HALF_WRITTEN}" for folder, ours in OURS.items()})
    write_json(facts, marker)


def _remove(out: Path, names: dict[str, str]) -> None:
    """Remove the files of such names, by folder, and nothing else."""
    for folder, pattern in names.items():
        for file in (out / folder).glob("*"):
            if re.fullmatch(pattern, file.name):
                file.unlink()


@contextmanager
def made(job: NumberedJob, numbers: Sequence[int], workers: int) -> Iterator[Iterable[int]]:
    """Numbers of things as they get finished, in order."""
    if workers <= 1 or len(numbers) < 2:
        yield (_make(job, number) for number in numbers)
        return
    # Fresh processes: a copy of this one, with its threads, could lock up.
    pool = ProcessPoolExecutor(
        min(workers, len(numbers)), get_context("spawn"), _start_worker, (job,)
    )
    try:
        yield pool.map(_make_in_worker, numbers)
    finally:
        pool.shutdown(cancel_futures=True)


def _make(job: NumberedJob, number: int) -> int:
    job.make(number)
    return number


_job: NumberedJob | None = None


def _start_worker(job: NumberedJob) -> None:
    global _job
    _job = job
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process stops the others
    cv2.setNumThreads(0)  # the processes are the parallelism


def _make_in_worker(number: int) -> int:
    assert _job is not None
    return _make(_job, number)


def pieces_hash(library: Library) -> str:
    """A fingerprint of the names and sources of a library's pieces."""
    pieces = (*library.characters, *library.objects, *library.backgrounds)
    names = "\n".join(f"{piece.source}/{piece.path.name}" for piece in pieces)
    return hashlib.sha256(names.encode()).hexdigest()


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write a file of JSON for people to read, whole, over an older one."""
    with write_atomically(path, overwrite=True) as temporary:
        text = json.dumps(content, indent=2, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def default_workers() -> int:
    """Processes that leave a core for the rest of the machine; at most 8."""
    return max(1, min(8, (os.cpu_count() or 2) - 1))
