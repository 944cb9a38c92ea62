"""How points, boxes and times are written: ``120,40`` and ``1:23.5``, on a command line and over
HTTP.

Not covered: which options take them (`outputs.options`).
"""

from __future__ import annotations

import re
from fractions import Fraction

TIME = r"(\d+:){0,2}(\d+(\.\d+)?|\.\d+)"
"""Pattern of a point in time: 83.5, .5, 1:23.5 or 0:01:23.5."""
LATEST = 10**7
"""Seconds: 115 days. What seeks in a film counts in 64 bits of its smallest unit."""


def seconds_of(text: str) -> Fraction | None:
    """A point in time in seconds; None where it is none, or beyond `LATEST`."""
    if not re.fullmatch(TIME, text, re.ASCII):
        return None
    seconds = Fraction(0)
    for part in text.split(":"):
        seconds = seconds * 60 + Fraction(part)
    return seconds if seconds <= LATEST else None


def numbers_of(text: str, form: str) -> tuple[int, ...] | None:
    """Whole numbers with commas between them, as many as a form such as ``X,Y`` has; None where it
    is anything else."""
    parts = text.split(",")
    if len(parts) != form.count(",") + 1 or not all(
        part.strip().isascii() and part.strip().isdecimal() for part in parts
    ):
        return None
    return tuple(map(int, parts))
