"""What a job over one video has done, so that it can go on after a kill.

Beside the results stands a hidden folder with the segments that are finished. A segment counts when
its record ``00003.json`` is there; everything else in the folder is left over from a kill. The
folder goes when the results are put together.

Not covered: what is in a segment (`segments`), when one ends (`job`).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from kirinuki.errors import OutputError
from kirinuki.files import write_atomically

Record = dict[str, Any]
"""One finished segment, as JSON."""

_JOB = "job.json"


class ClipJournal:
    """The segments of one video, on disk.

    Attributes:
        folder: where the segments lie.
        records: one for each finished segment, in order.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records: list[Record] = []

    @property
    def exists(self) -> bool:
        """Whether an unfinished job is there."""
        return (self.folder / _JOB).is_file()

    def start(self, settings: Record) -> None:
        """Begin a job, forgetting any other.

        Raises:
            OutputError: the folder cannot be written.
        """
        self.remove()
        _write(settings, self.folder / _JOB)

    def resume(self, settings: Record) -> None:
        """Go on with the job that is there.

        Raises:
            OutputError: it was begun with other settings, or its files cannot be read.
        """
        try:
            begun = json.loads((self.folder / _JOB).read_text(encoding="utf-8"))
            paths = sorted(self.folder.glob("[0-9]*.json"))
            records = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
        except (OSError, ValueError) as error:
            raise OutputError(
                f"{self.folder}: cannot be read ({error}); pass --overwrite to begin again"
            ) from None
        if begun != settings:
            different = sorted(k for k in {*begun, *settings} if begun.get(k) != settings.get(k))
            raise OutputError(
                f"{self.folder}: was begun with other settings ({', '.join(different)}); pass the "
                "same ones, or --overwrite to begin again"
            )
        self.records = records
        self._remove_leftovers()

    def add(self, record: Record) -> None:
        """Note a segment whose files are complete.

        Raises:
            OutputError: the folder cannot be written.
        """
        _write(record, self.folder / f"{len(self.records):05d}.json")
        self.records.append(record)

    def files(self, stream: str) -> list[Path]:
        """The files of a stream in all segments, in order."""
        names = [name for record in self.records for name in record["files"].get(stream, ())]
        return [self.folder / name for name in names]

    def remove(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.records = []

    def _remove_leftovers(self) -> None:
        kept = {_JOB, *(f"{number:05d}.json" for number in range(len(self.records)))}
        for record in self.records:
            for names in record["files"].values():
                kept.update(names)
        for path in self.folder.iterdir():
            if path.name not in kept:
                path.unlink()


def _write(content: Record, path: Path) -> None:
    with write_atomically(path, overwrite=True) as temporary:
        temporary.write_text(json.dumps(content), encoding="utf-8")
