"""What a request asks for by its fields: outputs with their options, who counts, which edges.

Not covered: the fields themselves (`fields`), the answer's media type (`answers`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from kirinuki.cutting.edges import Edges
from kirinuki.cutting.part import Part
from kirinuki.cutting.selection import Selection
from kirinuki.server.fields import LONGEST_VALUE, name_of, offered, request_fields
from kirinuki.server.problems import ProblemError


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Attributes:
        outputs: options by output.
        selection, edges, part: as those of `cutting.cut`.
    """

    outputs: dict[str, Any]
    selection: Selection
    edges: Edges
    part: Part


def wish_of(pairs: Iterable[tuple[str, str]], defaults: Mapping[str, Mapping[str, Any]]) -> Wish:
    """What fields ask for.

    Args:
        defaults: options by output, where no output is asked for.

    Raises:
        ProblemError: 422, there is no such field, or it cannot have that value.
        KirinukiError: two of them contradict each other.
    """
    known = request_fields()
    given: dict[str, list[str]] = {}
    for name, text in pairs:
        if name not in known:
            expected = ", ".join(known)
            raise ProblemError(
                422, f"field {name[:LONGEST_VALUE]!r}: is not known; expected {expected}"
            )
        given.setdefault(name, []).append(text)
    read = {name: known[name].read(name, texts) for name, texts in given.items()}
    part = _made(Part, read)
    if part.start is not None and part.end is not None and part.end <= part.start:
        raise ProblemError(422, "field to: is not later than from; expected a later time")
    for left, top, right, bottom in read.get("box", ()):
        if left >= right or top >= bottom:
            raise ProblemError(
                422,
                f"field box: got {left},{top},{right},{bottom}, which has nothing in it; expected "
                "X1,Y1,X2,Y2 with X1 < X2 and Y1 < Y2",
            )
    return Wish(_outputs(read, defaults), _made(Selection, read), _made(Edges, read), part)


def _outputs(read: Mapping[str, Any], defaults: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    asked: dict[str, Mapping[str, Any]] = {
        name: {} if read[name] is True else {"value": read[name]}
        for name in offered()
        if read.get(name, False) is not False
    }
    return {
        name: _made(offered()[name].options, read, **own)
        for name, own in (asked or defaults).items()
    }


def _made(kind: type[Any], read: Mapping[str, Any], **own: Any) -> Any:
    """Options of a kind, as the fields say them, and `own`."""
    said = {one.name: read[name_of(one)] for one in fields(kind) if name_of(one) in read}
    return kind(**{**said, **own})
