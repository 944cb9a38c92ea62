"""The journal of a results folder: what was begun, what is done, with which settings.

One JSON object a line, appended and flushed at once, so that a job killed at any moment loses at
most the picture it was at:

- ``{"run": {…settings…}}`` a run starts; the lines after it were made with these settings
- ``{"begin": stem, "source": …, "outputs": [names]}`` results are about to be written
- ``{"done": stem, "outputs": [names], "record": {…}}`` all of them are written

Paths of pictures are relative to the results' folder where they can be, so that both can move
together. A half-written last line is passed over.

Not covered: two jobs that write into one folder at the same time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import IO, Any

from kirinuki.errors import OutputError
from kirinuki.work.made_plan import Planned

JOURNAL_NAME = "kirinuki-journal.jsonl"

Settings = dict[str, Any]


@dataclass
class Entry:
    """What the journal knows of the results under one stem."""

    source: str
    outputs: tuple[str, ...]
    """Names relative to the results' folder; ours to replace, written or half written."""
    settings: Settings
    done: bool = False
    record: dict[str, Any] = field(default_factory=dict)
    """What `Journal.done` was given."""


class Journal:
    """The journal of one results folder, read at construction; `start` opens it for writing.

    Raises:
        OutputError: when the file is not a journal or cannot be read or written.
    """

    def __init__(self, out: Path) -> None:
        self.path = out / JOURNAL_NAME
        self.entries: dict[str, Entry] = {}
        """Latest entry of each stem."""
        self.runs: list[Settings] = []
        """Settings of every run so far."""
        self._out = out
        self._file: IO[str] | None = None
        if self.path.exists():
            self._read()

    def is_done(self, planned: Planned, settings: Settings) -> bool:
        """Whether a picture is done with these very settings."""
        entry = self.entries.get(planned.stem)
        return (
            entry is not None
            and entry.done
            and entry.source == relative_to_folder(planned.source, self._out)
            and entry.settings == settings
        )

    def start(self, settings: Settings) -> None:
        """Begin a run: what follows is made with these settings."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            torn = self.path.exists() and _is_torn(self.path)
            self._file = self.path.open("a", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written ({error.strerror})") from error
        if torn:
            self._file.write("\n")
        self._write({"run": settings})

    def begin(self, planned: Planned, outputs: Sequence[str]) -> None:
        """The results of a picture are about to be written, under these names at most."""
        source = relative_to_folder(planned.source, self._out)
        self._write({"begin": planned.stem, "source": source, "outputs": list(outputs)})

    def done(self, planned: Planned, outputs: Sequence[str], record: dict[str, Any]) -> None:
        """All the results of a picture are written; `record` is kept beside."""
        self._write({"done": planned.stem, "outputs": list(outputs), "record": record})

    def close(self) -> None:
        """Close the file; the entries stay."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, line: dict[str, Any]) -> None:
        if self._file is None:
            raise RuntimeError("Journal.start comes first")
        text = json.dumps(line)  # ASCII, so that file names that are not valid Unicode pass
        try:
            self._file.write(text + "\n")
            self._file.flush()
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written ({error.strerror})") from error
        self._apply(json.loads(text))  # just as a later run will read it

    def _read(self) -> None:
        try:
            with self.path.open(encoding="utf-8", errors="replace") as file:
                for number, text in enumerate(file, 1):
                    self._read_line(number, text)
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be read ({error.strerror})") from error

    def _read_line(self, number: int, text: str) -> None:
        try:
            line = json.loads(text)
        except ValueError:  # torn by a kill
            return
        try:
            self._apply(line)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise OutputError(
                f"{self.path}, line {number}: not a line of a kirinuki journal; "
                "move this file away or choose another folder with -o"
            ) from error

    def _apply(self, line: dict[str, Any]) -> None:
        if "run" in line:
            self.runs.append(dict(line["run"]))
        elif "begin" in line:
            outputs = _names(line["begin"], line["outputs"])
            self.entries[line["begin"]] = Entry(str(line["source"]), outputs, self.runs[-1])
        else:
            entry = self.entries[line["done"]]
            entry.outputs = _names(line["done"], line["outputs"])
            entry.done, entry.record = True, dict(line["record"])


def _names(stem: str, outputs: Sequence[str]) -> tuple[str, ...]:
    """Names of results, which are files to replace or remove: never outside the folder."""
    for name in outputs:
        parts = PurePath(name).parts
        if not name.startswith(stem) or PurePath(name).is_absolute() or ".." in parts:
            raise ValueError(f"{name} is not a result of {stem}")
    return tuple(outputs)


def _is_torn(path: Path) -> bool:
    """Whether the last line of a file is unfinished."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 1))
        return file.read() not in (b"", b"\n")


def relative_to_folder(path: Path, folder: Path) -> str:
    """A path as seen from a folder, with forward slashes; absolute where drives differ."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return Path(os.path.abspath(path)).as_posix()  # noqa: PTH100
