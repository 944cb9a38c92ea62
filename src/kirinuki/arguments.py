"""Numbers that a caller gives: in their range, or refused in one line that names the argument.

Not covered: arrays, whose contracts are `Instances`' (a `ValueError`), flags (click looks at them).
"""

from __future__ import annotations

from numbers import Integral, Real

from kirinuki.errors import KirinukiError

MOST_SECONDS = 10**7
"""115 days: up to where a point in time of a video is looked for. What seeks in a film counts in 64
bits of its smallest unit."""


def check_whole(argument: str, given: object, low: int, high: int | None = None) -> None:
    """Raise KirinukiError unless it is a whole number from `low` to `high`; None is no end."""
    is_whole = isinstance(given, Integral) and not isinstance(given, bool)
    if not is_whole or given < low or (high is not None and given > high):  # type: ignore[operator]
        wanted = f"from {low} on" if high is None else f"from {low} to {high}"
        raise KirinukiError(f"`{argument}` is {given!r}, expected a whole number {wanted}")


def check_number(argument: str, given: object, low: float, high: float) -> None:
    """Raise KirinukiError unless it is a number from `low` to `high`."""
    is_number = isinstance(given, Real) and not isinstance(given, bool)
    if not is_number or not low <= given <= high:  # type: ignore[operator]
        raise KirinukiError(f"`{argument}` is {given!r}, expected {low:g} to {high:g}")
