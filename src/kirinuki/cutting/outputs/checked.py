"""Options as they come from Python, where no flag has looked at them: each is of its field's type,
one of its choices, and in its range.

Not covered: options that contradict each other (their constructors).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields
from fractions import Fraction
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from kirinuki.errors import KirinukiError


def check_values(options: Any, where: str = "") -> None:
    """Look at every field of a dataclass whose fields are `option`s.

    Args:
        where: begins the message.

    Raises:
        KirinukiError: one is not what it must be; names it.
    """
    hints = get_type_hints(type(options))
    for one in fields(options):
        given = getattr(options, one.name)
        if not _fits(given, hints[one.name]) or not _in_range(given, one):
            raise KirinukiError(f"{where}`{one.name}` is {given!r}, expected {_expected(one)}")


def check_names(kind: type[Any], given: Iterable[object], where: str) -> None:
    """Look at the names of options before their dataclass is made.

    Raises:
        KirinukiError: there is no such option, or one is missing that has no default.
    """
    known = {one.name: one.default is MISSING for one in fields(kind)}
    unknown = [name for name in given if name not in known]
    if unknown:
        only = f", only: {', '.join(known)}" if known else "; it has none"
        raise KirinukiError(f"{where}has no option {unknown[0]!r}{only}")
    missing = [name for name, needed in known.items() if needed and name not in given]
    if missing:
        raise KirinukiError(f"{where}`{missing[0]}` is missing")


def checked_settings(kind: type[Any], given: Any, argument: str) -> Any:
    """Settings of a kind, the usual ones for None.

    Raises:
        KirinukiError: they are of another kind, or a value of theirs is not what it must be.
    """
    if given is None:
        return kind()
    if not isinstance(given, kind):
        raise KirinukiError(
            f"`{argument}`: got {type(given).__name__}, expected {kind.__name__}(…)"
        )
    check_values(given, f"`{argument}`: ")
    return given


def _fits(given: Any, hint: Any) -> bool:
    kinds = get_args(hint)
    match get_origin(hint):
        case origin if origin in (Union, UnionType):
            return any(_fits(given, kind) for kind in kinds)
        case origin if origin is Literal:
            return any(type(given) is type(one) and given == one for one in kinds)
        case origin if origin is tuple:
            if not isinstance(given, tuple | list):
                return False
            if kinds[-1] is Ellipsis:
                return all(_fits(one, kinds[0]) for one in given)
            return len(given) == len(kinds) and all(map(_fits, given, kinds))
    if isinstance(given, bool) and hint is not bool:
        return False
    return isinstance(given, int | float | Fraction if hint is Fraction else hint)


def _in_range(given: Any, one: Field[Any]) -> bool:
    if "choices" in one.metadata and given not in (*one.metadata["choices"], one.default):
        return False
    if "range" not in one.metadata or given is None:
        return True
    low, high = one.metadata["range"]
    numbers = given if isinstance(given, tuple | list) else [given]
    return all(number >= low and (high is None or number <= high) for number in numbers)


def _expected(one: Field[Any]) -> str:
    about: Mapping[str, Any] = one.metadata
    if "choices" in about:
        return " or ".join(map(str, about["choices"]))
    if "range" in about:
        low, high = about["range"]
        return f"whole numbers from {low} on" if high is None else f"{low} to {high}"
    return str(one.type)
