"""How points, boxes and times are written: ``120,40`` and ``1:23.5``, on a command line and over
HTTP.

Not covered: which options take them (`outputs.options`).
"""

from __future__ import annotations

import re
from fractions import Fraction

from kirinuki.arguments import MOST_SECONDS

TIME = r"(\d+:){0,2}(\d+(\.\d+)?|\.\d+)"
"""Pattern of a point in time: 83.5, .5, 1:23.5 or 0:01:23.5."""
_LONGEST = 100
"""Characters of a number; Python refuses to read thousands of digits."""


def seconds_of(text: str) -> Fraction | None:
    """A point in time in seconds; None where it is none, or later than `MOST_SECONDS`."""
    if len(text) > _LONGEST or not re.fullmatch(TIME, text, re.ASCII):
        return None
    seconds = Fraction(0)
    for part in text.split(":"):
        seconds = seconds * 60 + Fraction(part)
    return seconds if seconds <= MOST_SECONDS else None


def numbers_of(text: str, form: str) -> tuple[int, ...] | None:
    """Whole numbers with commas between them, as many as a form such as ``X,Y`` has; None where it
    is anything else."""
    parts = text.split(",")
    if len(parts) != form.count(",") + 1 or not all(map(_is_number, parts)):
        return None
    return tuple(map(int, parts))


def _is_number(text: str) -> bool:
    return len(text) <= _LONGEST and text.isascii() and text.strip().isdecimal()
