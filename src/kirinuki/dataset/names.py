"""Class names that look like one name written two ways: ``waifu`` and ``wiafu``.

Compared without case, width and separators; a number at the end says which character it is and not
which class, so ``waifu_1`` and ``waifu_2`` are not alike.

Not covered: synonyms ("girl", "woman") and names of three letters or fewer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_NUMBER_AT_END = re.compile(r"\d+$")
_SEPARATORS = re.compile(r"[\s_\-.]+")


def similar_names(names: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of different names that are probably meant to be one, in the order given."""
    keys = [_key(name) for name in names]
    return [
        (names[i], names[j])
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if names[i] != names[j] and _alike(keys[i], keys[j])
    ]


def _key(name: str) -> tuple[str, str]:
    """What is compared, and the number at the end."""
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", name).casefold())
    number = _NUMBER_AT_END.search(plain)
    return (plain[: number.start()], number.group()) if number else (plain, "")


def _alike(first: tuple[str, str], second: tuple[str, str]) -> bool:
    (a, a_number), (b, b_number) = first, second
    if a == b:
        return a_number == b_number
    shorter = min(len(a), len(b))
    allowed = 0 if shorter < 4 else 1 if shorter < 8 else 2
    return abs(len(a) - len(b)) <= allowed and edit_distance(a, b) <= allowed


def edit_distance(a: str, b: str) -> int:
    """Letters to insert, delete, replace, or swap with their neighbour to turn `a` into `b`
    (optimal string alignment; Damerau 1964). difflib counts a swap as two, like two replacements,
    and swapped letters are the commonest slip."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        row = [i]
        for j, other in enumerate(b, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
