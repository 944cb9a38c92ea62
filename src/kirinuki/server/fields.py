"""Fields of a request: all that ``kirinuki cut`` has flags for and that one answer can have, made
from the same dataclasses. What is not offered is named, with the reason.

Not covered: what is asked for by them (`wishes`), the answer's media type (`answers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache
from typing import Any

from kirinuki.cutting.edges import Edges
from kirinuki.cutting.outputs.options import flag_of
from kirinuki.cutting.outputs.output import Output
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.part import Part
from kirinuki.cutting.selection import Selection
from kirinuki.errors import ARGUMENT
from kirinuki.server import values
from kirinuki.server.problems import ProblemError
from kirinuki.server.values import Value

LONGEST_VALUE = 200
"""Characters of a field's value."""
MOST_VALUES = 16
"""Values of a field that takes several."""
NOT_OFFERED = {
    "coco": "a file of a whole job, at a path",
    "jsonl": "lines on stdout; Accept: application/json says the same",
    "name": "names of files are not for strangers to choose",
}
"""Outputs and options that are no fields, and why."""
_LOWER = {"padding": 512, "grow": 32, "shrink": 32, "feather": 32, "height": 2160}
"""Ceilings below the command's: a few bytes of request must not make gigabytes of nothing, or
minutes of work."""


@dataclass(frozen=True)
class RequestField:
    """One field.

    Attributes:
        about: what it does, in one sentence.
        value: what it may be.
        default: what it is where it is not given; None is nothing.
        several: it may be given several times.
        commas: one text may be several values.
    """

    about: str
    value: Value
    default: Any = None
    several: bool = False
    commas: bool = False

    @property
    def schema(self) -> dict[str, Any]:
        """JSON schema, with a description."""
        schema = dict(self.value.schema)
        if self.default is not None:
            schema["default"] = self.default
        if self.several:
            schema = {"type": "array", "items": schema, "maxItems": MOST_VALUES}
        return {**schema, "description": self.about}

    def read(self, name: str, texts: Sequence[str]) -> Any:
        """What texts mean.

        Raises:
            ProblemError: 422, it cannot have that value, or is given two where it takes one.
        """
        if self.commas:
            texts = [word.strip() for text in texts for word in text.split(",") if word.strip()]
            if not texts:
                raise ProblemError(422, f"field {name}: is empty; leave it out for everyone")
        if not self.several:
            first, *others = [self._one(name, text) for text in texts]
            if any(other != first for other in others):
                two = " and ".join(repr(text) for text in dict.fromkeys(texts))
                raise ProblemError(422, f"field {name}: got {two}; expected one value")
            return first
        if len(texts) > MOST_VALUES:
            raise ProblemError(422, f"field {name}: is given more than {MOST_VALUES} times")
        return tuple(dict.fromkeys(self._one(name, text) for text in texts))

    def _one(self, name: str, text: str) -> Any:
        if len(text) > LONGEST_VALUE:
            raise ProblemError(422, f"field {name}: is longer than {LONGEST_VALUE} characters")
        try:
            return self.value.read(text)
        except ValueError as error:
            raise ProblemError(422, f"field {name}: got {text!r}; expected {error}") from None


_BY_HAND = {
    "only": RequestField(
        "Keep these alone: waifu (or female), husbando (or male), or classes of the model.",
        values.WORD,
        several=True,
        commas=True,
    ),
    "limit": RequestField(
        "Keep at most so many characters a picture, the best ones.", values.whole_number(1, None)
    ),
    "background": RequestField(
        "Write the characters on a colour such as white or #00b140, two of them from top to bottom "
        "(white..#8cf), their own picture, blurred (blur), or nothing (transparent).",
        values.BACKDROP,
    ),
}
"""Fields whose flags have no help of their own, or say more than is offered here."""


@cache
def request_fields() -> dict[str, RequestField]:
    """Every field by its name, in the order of the command's flags."""
    made = {name: _BY_HAND.get(name) or _of_output(output) for name, output in offered().items()}
    for one in options():
        if one.name not in NOT_OFFERED:
            made.setdefault(name_of(one), _BY_HAND.get(one.name) or _of_option(one))
    return made


def offered() -> dict[str, Output]:
    """Outputs that may be asked for."""
    return {name: output for name, output in OUTPUTS.items() if name not in NOT_OFFERED}


def options() -> Iterator[Field[Any]]:
    """Every option of the outputs and of the job, as often as it is there."""
    for output in OUTPUTS.values():
        yield from (one for one in fields(output.options) if one.name != "value")
    for kind in (Edges, Part, Selection):
        yield from fields(kind)


def name_of(one: Field[Any]) -> str:
    """What a field of a request is called: as the flag, with underscores."""
    return flag_of(one).replace("-", "_")


def in_fields(message: str) -> str:
    """A message of the library in the words of the fields."""
    called = {one.name: name_of(one) for one in options()}
    return ARGUMENT.sub(lambda found: called.get(found[1], found[1]), message)


def _of_output(output: Output) -> RequestField:
    own = next((one for one in fields(output.options) if one.name == "value"), None)
    value = values.YES_OR_NO
    if own is not None:
        value = values.one_of(own.metadata["choices"], alone=own.default is not MISSING)
    return RequestField(output.help, value)


def _of_option(one: Field[Any]) -> RequestField:
    about, several = one.metadata, one.default == ()
    default = None if several or one.default is False else one.default
    text = " ".join(about["help"].replace("; may be repeated.", ".").split())
    commas = several and "numbers" not in about
    return RequestField(text, _value(one), default, several, commas)


def _value(one: Field[Any]) -> Value:
    about = one.metadata
    if "numbers" in about:
        return values.numbers(about["metavar"])
    if "choices" in about:
        return values.one_of(about["choices"])
    if "range" in about:
        low, high = about["range"]
        return values.whole_number(low, _LOWER.get(one.name, high))
    if "Fraction" in str(one.type):
        return values.POINT_IN_TIME
    return values.YES_OR_NO if one.default is False else values.WORD
