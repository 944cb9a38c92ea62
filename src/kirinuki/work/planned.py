"""`Planned`, an input of a job, and `Problem`, one that could not be used.

Not covered: how they are found (`plan`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kirinuki.errors import one_line


@dataclass(frozen=True, slots=True)
class Planned:
    """One input of a job."""

    source: Path
    """The file, as the caller named it."""
    stem: Path
    """Beginning of the names of its results, relative to the results' folder: ``a/1``. No two of a
    plan differ in case or Unicode form alone."""
    moves: bool
    """Whether it is a video."""


@dataclass(frozen=True)
class Problem:
    """Something that could not be used, in one line."""

    where: str
    """The file, folder or input."""
    reason: str

    def __str__(self) -> str:
        where = one_line(self.where)
        reason = one_line(self.reason)
        return reason if where in reason else one_line(f"{where}: {reason}")
