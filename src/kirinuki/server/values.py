"""Values of fields: what a text may be, as JSON schema, and what it means.

Not covered: which fields there are (`fields`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kirinuki.arguments import MOST_SECONDS
from kirinuki.cutting.notation import TIME, numbers_of, seconds_of
from kirinuki.cutting.outputs.background import TRANSPARENT, Colours
from kirinuki.render.cutout import Gradient, colours_named

_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


@dataclass(frozen=True)
class Value:
    """One kind of value.

    Attributes:
        schema: JSON schema.
        read: what a text means; raises ValueError with what is expected.
    """

    schema: dict[str, Any]
    read: Callable[[str], Any]


WORD = Value({"type": "string"}, str.strip)


def _yes(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise ValueError("true or false")
    return text.lower() in _YES


YES_OR_NO = Value({"type": "boolean"}, _yes)


def one_of(choices: Sequence[Any], *, alone: bool = False) -> Value:
    """One of some words or numbers.

    Args:
        alone: True and False are values, too.
    """
    known = {str(choice): choice for choice in choices}

    def read(text: str) -> Any:
        if alone and text.lower() in _YES | _NO:
            return text.lower() in _YES
        if text not in known:
            raise ValueError(" or ".join(known))
        return known[text]

    numbers = all(isinstance(choice, int) for choice in choices)
    enum = [*choices, "true", "false"] if alone else list(choices)
    return Value({"type": "integer" if numbers else "string", "enum": enum}, read)


def whole_number(low: int, high: int | None) -> Value:
    """A whole number of a range, both ends included; None is no end."""
    expected = f"a whole number from {low}" + ("" if high is None else f" to {high}")

    def read(text: str) -> int:
        number = int(text) if text.isascii() and text.isdecimal() else -1
        if number < low or (high is not None and number > high):
            raise ValueError(expected)
        return number

    schema = {"type": "integer", "minimum": low}
    return Value(schema if high is None else {**schema, "maximum": high}, read)


def numbers(form: str) -> Value:
    """Pixels, such as ``X,Y``."""

    def read(text: str) -> tuple[int, ...]:
        given = numbers_of(text, form)
        if given is None:
            raise ValueError(f"whole numbers from 0, {form}, in pixels")
        return given

    more = form.count(",")
    return Value({"type": "string", "pattern": rf"^\d+(,\d+){{{more}}}$"}, read)


def _time(text: str) -> Any:
    seconds = seconds_of(text)
    if seconds is None:
        raise ValueError(f"seconds or h:mm:ss, such as 1:23.5, of at most {MOST_SECONDS:,} s")
    return seconds


POINT_IN_TIME = Value({"type": "string", "pattern": f"^{TIME}$"}, _time)


def _backdrop(text: str) -> str | Colours:
    """A word, or colours as numbers: of a text the command would also read a path, which nobody
    outside may name."""
    word = text.strip().lower()
    if word in ("blur", TRANSPARENT):
        return word
    colours = colours_named(text.strip())
    if colours is None:
        raise ValueError("a colour (CSS), two (white..#8cf), blur or transparent")
    return tuple(colours) if isinstance(colours, Gradient) else (colours,)


BACKDROP = Value({"type": "string"}, _backdrop)
