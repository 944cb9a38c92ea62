"""Recipes as JSON files: what a file leaves out keeps its default, what it says wrongly is named.

Not covered: what is in them (`recipe`, `clips.recipe`).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from kirinuki.errors import DatasetError
from kirinuki.outside_text import read_json


@dataclass(frozen=True)
class JsonRecipe:
    """A frozen dataclass of numbers, texts, tuples and dicts that a JSON file can hold."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """The recipe in a JSON file; fields it does not name keep their defaults.

        Raises:
            DatasetError: for a file that is not JSON, an unknown field or an impossible value.
        """
        return cls.from_dict(read_json(path, DatasetError), str(path))

    @classmethod
    def from_dict(cls, values: object, where: str = "recipe") -> Self:
        """The recipe that `to_dict` wrote."""
        if not isinstance(values, dict):
            raise DatasetError(f"{where}: expected a JSON object, got {type(values).__name__}")
        known = {entry.name: entry for entry in fields(cls)}
        if unknown := sorted(set(values) - set(known)):
            raise DatasetError(f'{where}: no such recipe field: "{unknown[0]}"')
        given: dict[str, Any] = {key: _tupled(value) for key, value in values.items()}
        try:
            return cls(**given)
        except DatasetError as error:
            raise DatasetError(f"{where}: {error}") from None

    def to_dict(self) -> dict[str, object]:
        """The recipe as JSON can hold it."""
        return asdict(self)

    def expect_chances(self) -> None:
        """Every field whose default is a fraction must be a chance in [0, 1]."""
        for entry in fields(self):
            if isinstance(entry.default, float):
                chance = getattr(self, entry.name)
                is_chance = are_numbers((chance,)) and 0 <= chance <= 1
                expect(is_chance, entry.name, "a chance in [0, 1]")


def are_numbers(values: object, whole: bool = False) -> bool:
    """Whether this is a tuple of finite numbers (JSON's true and false are none)."""
    kinds = (int,) if whole else (int, float)
    return isinstance(values, tuple) and all(
        isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)
        for value in values
    )


def expect(holds: bool, name: str, expected: str) -> None:
    """DatasetError that names the field, unless `holds`."""
    if not holds:
        raise DatasetError(f"recipe field {name}: expected {expected}")


def _tupled(value: object) -> object:
    return tuple(_tupled(v) for v in value) if isinstance(value, list) else value
