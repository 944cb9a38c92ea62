"""The journal of a results folder: which outputs of which inputs were begun, are done, and how.

One JSON object a line, appended and flushed at once, so that a job killed at any moment loses at
most what it was at:

- ``{"run": {"format": 3, "made": {…}, "outputs": {NAME: {…}}}}`` a run starts: what everything is
  made with, and each output's options as far as they are not the default
- ``{"begin": stem, "source": {…}, "outputs": [names], "files": [names]}`` files are about to be
  written
- ``{"part": stem, "pieces": {NAME: […]}, "state": {…}}`` a stretch of a long input is done
- ``{"done": stem, "source": {…}, "files": {NAME: [names]}, "records": {NAME: …}}`` all written

Held in memory is where an input's lines stand, not what they say. A half-written last line is
passed over. A lock keeps two jobs out of one folder.

Not covered: whether anything must be made anew (`cutting.due`), the lock itself (`lock`).
"""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import IO, Any

from kirinuki.errors import OutputError
from kirinuki.work.lock import busy, open_alone, try_lock
from kirinuki.work.results import JOURNAL_NAME
from kirinuki.work.source import Source

FORMAT = 3
"""Of the lines above; 0.4.0 and 0.5.0 wrote none."""

Facts = dict[str, Any]
"""Anything that is plain JSON."""


@dataclass(frozen=True)
class Made:
    """One output of one input, done.

    Attributes:
        source: the input it was made from.
        made: what it was made with: model, score …
        options: of the output, where they are not the default.
        files: names relative to the results' folder; ours to replace.
        record: what `Journal.done` was given beside.
    """

    source: Source
    made: Facts
    options: Facts
    files: tuple[str, ...]
    record: Any = None


@dataclass
class Begun:
    """Outputs of one input that were begun and are not done.

    Attributes:
        source, made, options: as in `Made`, options by output.
        files: names that may be there, half of them perhaps; ours to replace.
        parts: the stretches that are done, in order.
    """

    source: Source
    made: Facts
    options: dict[str, Facts]
    files: tuple[str, ...]
    parts: list[Facts] = field(default_factory=list)


@dataclass
class Entry:
    """What the journal knows of the results under one stem."""

    done: dict[str, Made] = field(default_factory=dict)
    begun: Begun | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """All names that are ours to replace."""
        names = [name for made in self.done.values() for name in made.files]
        return tuple(dict.fromkeys([*names, *(self.begun.files if self.begun else ())]))


class Journal:
    """The journal of one results folder, read at construction; `start` opens it for writing.

    Raises:
        OutputError: another job is at work in the folder; or the file is no journal, one of an
            older version, or cannot be read.
    """

    def __init__(self, out: Path) -> None:
        self.path = out / JOURNAL_NAME
        self.runs: list[Facts] = []
        """What every run so far was started with."""
        self._run_at: list[int] = []
        self._done_at: dict[str, tuple[int, ...]] = {}
        self._begun_at: dict[str, tuple[int, ...]] = {}
        self._size = 0
        self._made: list[Path] = []
        self._file: IO[bytes] | None = None
        self._reading: IO[bytes] | None = None
        self._read()

    def begun(self) -> Iterator[str]:
        """Stems of what was begun and is not done."""
        yield from list(self._begun_at)

    def stems(self) -> Iterator[str]:
        """All stems that something is known of, in the order in which they came."""
        yield from {**self._done_at, **self._begun_at}

    def entry(self, stem: str) -> Entry:
        """What is known of a stem; an empty entry where nothing is."""
        entry = Entry()
        for offset in self._done_at.get(stem, ()):
            line, run = self._line(offset)
            for name, files in line["files"].items():
                options, record = run["outputs"].get(name, {}), line["records"].get(name)
                made = Made(line["source"], run["made"], options, tuple(files), record)
                entry.done[name] = made
        for offset in self._begun_at.get(stem, ()):
            line, run = self._line(offset)
            if "part" in line:
                assert entry.begun is not None
                entry.begun.parts.append(line)
            else:
                options = {name: run["outputs"].get(name, {}) for name in line["outputs"]}
                files = tuple(line["files"]) + (entry.begun.files if entry.begun else ())
                parts = entry.begun.parts if entry.begun and line["goes_on"] else []
                entry.begun = Begun(line["source"], run["made"], options, files, parts)
        for name in entry.begun.options if entry.begun else ():
            entry.done.pop(name, None)  # some of its files may be new
        return entry

    def start(self, made: Facts, outputs: Mapping[str, Facts]) -> None:
        """Begin a run: what follows is made with these settings.

        Raises:
            OutputError: another job is at work in the folder, or it cannot be written.
        """
        folder = self.path.parent
        self._made = [one for one in (folder, *folder.parents) if not os.path.lexists(one)]
        file = open_alone(self.path)
        if file.seek(0, 2) != self._size:  # it was at work since this was read
            file.close()
            raise busy(self.path)
        self._close_reading()
        self._file = file
        file.seek(max(0, self._size - 1))
        if file.read(1) not in (b"", b"\n"):  # torn by a kill
            self._append(b"\n")
        self._write({"run": {"format": FORMAT, "made": made, "outputs": dict(outputs)}})

    def begin(
        self,
        stem: str,
        source: Source,
        outputs: Sequence[str],
        files: Sequence[str],
        *,
        goes_on: bool = False,
    ) -> None:
        """Files are about to be written, under these names at most; `goes_on`: the parts that are
        done count."""
        names = {"outputs": list(outputs), "files": list(files), "goes_on": goes_on}
        self._write({"begin": stem, "source": source, **names})

    def part(self, stem: str, facts: Facts) -> None:
        """A stretch of a long input is done."""
        self._write({"part": stem, **facts})

    def done(
        self,
        stem: str,
        source: Source,
        files: Mapping[str, Sequence[str]],
        records: Mapping[str, Any],
    ) -> None:
        """All files of these outputs are written; `records` are kept beside, by output."""
        names = {output: list(those) for output, those in files.items()}
        self._write({"done": stem, "source": source, "files": names, "records": dict(records)})

    def forget(self, stem: str) -> None:
        """What was begun failed, and left nothing: where nothing was there before, it is as if it
        had not been."""
        begun = self.entry(stem).begun
        if begun is None or begun.parts:
            return
        lines = [self._line(offset)[0] for offset in self._done_at.get(stem, ())]
        if not any(line["files"] for line in lines):
            self.done(stem, begun.source, {}, {})

    def close(self) -> None:
        """Close the file; what is known stays. A first run that came to nothing leaves no journal,
        nor folders that it made."""
        if self._file is None:
            return
        self._file.close()
        self._file = None
        nothing = len(self.runs) == 1 and not self._begun_at
        if nothing and not any(self.entry(stem).done for stem in self._done_at):
            self._close_reading()
            self.path.unlink(missing_ok=True)
            with suppress(OSError):  # somebody put something into them
                for folder in self._made:
                    folder.rmdir()

    def _write(self, line: Facts) -> None:
        if self._file is None:
            raise RuntimeError("Journal.start comes first")
        text = json.dumps(line, separators=(",", ":"))  # ASCII: any file name passes
        offset = self._size
        self._append(text.encode() + b"\n")
        self._apply(json.loads(text), offset)

    def _append(self, content: bytes) -> None:
        assert self._file is not None
        try:
            self._file.write(content)
            self._file.flush()
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written ({error.strerror})") from error
        self._size += len(content)

    def _line(self, offset: int) -> tuple[Facts, Facts]:
        """A line, and the run that it belongs to."""
        if self._file is None and self._reading is None:  # closed, and asked all the same
            self._reading = self.path.open("rb")
        file = self._file or self._reading
        assert file is not None
        file.seek(offset)
        run = self.runs[bisect_right(self._run_at, offset) - 1]
        return json.loads(file.readline()), run

    def _read(self) -> None:
        try:
            if not self.path.exists():
                return
            with self.path.open("rb") as file:
                if not try_lock(file):
                    raise busy(self.path)
            self._reading = self.path.open("rb")
            for number, text in enumerate(self._reading, 1):
                self._read_line(number, text)
                self._size += len(text)
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be read ({error.strerror})") from error

    def _close_reading(self) -> None:
        if self._reading is not None:
            self._reading.close()
            self._reading = None

    def _read_line(self, number: int, text: bytes) -> None:
        try:
            line = json.loads(text)
        except ValueError as error:
            if text.lstrip(b"\0").startswith(b"{") or not text.strip(b"\0\n"):  # torn by a kill
                return
            raise self._damaged(number) from error
        if isinstance(line, dict) and "run" in line and "format" not in line["run"]:
            raise OutputError(
                f"{self.path}: was written by kirinuki 0.4 or 0.5, whose jobs this version cannot "
                "go on with; finish them with that version, or choose another folder (`out`)"
            )
        try:
            self._apply(line, self._size)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise self._damaged(number) from error

    def _damaged(self, number: int) -> OutputError:
        return OutputError(
            f"{self.path}, line {number}: not a line of a kirinuki journal; "
            "move this file away or choose another folder (`out`)"
        )

    def _apply(self, line: Facts, offset: int) -> None:
        if "run" in line:
            self.runs.append(dict(line["run"]))
            self._run_at.append(offset)
        elif "begin" in line:
            _check(line["begin"], line["files"])
            self._begun_at[line["begin"]] = (*self._begun_at.get(line["begin"], ()), offset)
        elif "part" in line:
            self._begun_at[line["part"]] = (*self._begun_at[line["part"]], offset)
        else:
            for names in line["files"].values():
                _check(line["done"], names)
            self._begun_at.pop(line["done"], None)
            self._done_at[line["done"]] = (*self._done_at.get(line["done"], ()), offset)


def _check(stem: str, files: Sequence[str]) -> None:
    """Names of results are files to replace or remove: never outside the folder."""
    for name in files:
        parts = PurePath(name).parts
        if not name.startswith(stem) or PurePath(name).is_absolute() or ".." in parts:
            raise ValueError(f"{name} is not a result of {stem}")
