"""`Summary`: what a run of a long job did, whatever its items are.

Not covered: saying it (`cli`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from kirinuki.work.planned import Problem
from kirinuki.work.taking import Walked


@dataclass
class Summary:
    """What a run did.

    Attributes:
        counts: of everything that was done in this run, by what it is: "pictures", "characters" …
        done: items done in this run.
        skipped: items that were done before.
        unreached: items that the run did not come to.
        problems: inputs that failed, or of which something was wrong.
        walked: what was found in the input folders.
        interrupted: it was asked to stop.
        lines: for stdout, about inputs that were not come to.
    """

    counts: Counter[str] = field(default_factory=Counter)
    done: int = 0
    skipped: int = 0
    unreached: int = 0
    problems: list[Problem] = field(default_factory=list)
    walked: Walked = field(default_factory=Walked)
    interrupted: bool = False
    lines: list[str] = field(default_factory=list)


def counted(number: int, what: str) -> str:
    """A number and what it counts: 1 picture, 2 pictures."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
