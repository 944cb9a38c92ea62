"""The metadata of a model file as values: JSON that anybody may have written, so it is bounded.

Not covered: which keys there are, and which values make sense (`model_file`).
"""

from __future__ import annotations

from typing import Any

from kirinuki.errors import ModelError
from kirinuki.outside_text import parse_json

PREFIX = "kirinuki."
LONGEST = 1_000_000
"""Characters of one value; of ours the longest, `training_data`, has some thousand."""
MOST = 1e9
"""No number of a model is larger."""
QUOTED = 60
"""Characters of a wrong value that a message repeats."""


def read_value(metadata: dict[str, str], key: str, kind: type | tuple[type, ...]) -> Any:
    """The value of a key, of this kind.

    Raises:
        ModelError: there is none, it is no JSON, too long, deep or large, or of another kind.
    """
    text = metadata.get(PREFIX + key)
    if text is None or len(text) > LONGEST:
        raise _wrong(key, text)
    try:
        value = parse_json(text)
    except ValueError:
        raise _wrong(key, text) from None
    endless = isinstance(value, int | float) and not abs(value) < MOST  # not a number, too
    if not isinstance(value, kind) or isinstance(value, bool) or endless:
        raise _wrong(key, text)
    return value


def read_names(metadata: dict[str, str]) -> tuple[str, ...]:
    """The names of the classes."""
    names = read_value(metadata, "names", list)
    if not all(isinstance(name, str) for name in names):
        raise _wrong("names", metadata[PREFIX + "names"])
    return tuple(names)


def _wrong(key: str, text: str | None) -> ModelError:
    shown = repr(text) if text is None or len(text) <= QUOTED else f"{text[:QUOTED]!r}…"
    return ModelError(f"metadata {PREFIX}{key} is {shown}; export the model file anew")
