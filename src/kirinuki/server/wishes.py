"""What a request asks for, as fields: those that the command has flags for, made from the same
options (`cutting.outputs`). What is not offered: outputs of whole jobs, values that are paths.

Not covered: the answer's media type (`answers`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from PIL import ImageColor

from kirinuki.cutting.outputs.output import Output
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.server.problems import ProblemError

LONGEST_VALUE = 200
"""Characters of a field's value."""
_ON, _OFF = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
_NOT_OFFERED = {"jsonl"}
"""It writes on stdout: ``Accept: application/json`` says the same."""
_NO_FIELDS = {"name"}
"""Names of files are not for strangers to choose."""
_LOWER = {"padding": 512}
"""Ceilings below the command's: a few bytes of request must not make gigabytes of nothing."""


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Attributes:
        outputs: options by output, those of the answer's media type where none are named.
        only, limit, track: see `cutting.selection.Selection`.
    """

    outputs: dict[str, Any] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    limit: int | None = None
    track: tuple[int, ...] = ()

    def told(self) -> dict[str, dict[str, Any]]:
        """Options as plain JSON."""
        return {name: asdict(options) for name, options in self.outputs.items()}


def offered() -> dict[str, Output]:
    """Outputs of one input that need no path."""
    return {
        name: output
        for name, output in OUTPUTS.items()
        if output.scope == "item"
        and name not in _NOT_OFFERED
        and not any(f.type in (Path, "Path") for f in fields(output.options))
    }


def wish_of(pairs: Iterable[tuple[str, str]]) -> Wish:
    """What fields ask for.

    Raises:
        ProblemError: 422, there is no such field, or it cannot have that value.
    """
    schema = field_schemas()
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in schema:
            known = ", ".join(schema)
            raise ProblemError(
                422, f"field {name[:LONGEST_VALUE]!r}: is not known; expected {known}"
            )
        if len(value) > LONGEST_VALUE:
            raise ProblemError(422, f"field {name}: is longer than {LONGEST_VALUE} characters")
        given.setdefault(name, []).append(value)
    read = {name: _read(name, schema[name], values) for name, values in given.items()}
    return Wish(
        outputs=_outputs(read),
        only=tuple(read.get("only", ())),
        limit=read.get("max"),
        track=tuple(read.get("track", ())),
    )


def _outputs(read: dict[str, Any]) -> dict[str, Any]:
    chosen = {}
    for name, output in offered().items():
        asked = read.get(name)
        if asked is None or asked is False:
            continue
        said = {f.name: read[f.name] for f in fields(output.options) if f.name in read}
        said.pop("value", None)
        if asked is not True:
            said["value"] = asked
        chosen[name] = output.options(**said)
    return chosen


def field_schemas() -> dict[str, dict[str, Any]]:
    """JSON schema of each field, in the order of the command's flags."""
    made: dict[str, dict[str, Any]] = {}
    for name, output in offered().items():
        own = next((f for f in fields(output.options) if f.name == "value"), None)
        kind = {"type": "boolean"} if own is None else _kind(own)
        if own is not None and own.default is not MISSING:  # may stand alone, as a flag
            kind = {"type": "string", "enum": [*kind["enum"], "true", "false"]}
        made[name] = {**kind, "description": _about(output)}
    for output in offered().values():
        for shared in fields(output.options):
            if shared.name != "value" and shared.name not in _NO_FIELDS:
                text = " ".join(shared.metadata["help"].split())
                made.setdefault(shared.name, {**_kind(shared), "description": text})
    words = "Keep these alone: waifu (or female), husbando (or male), or classes of the model."
    made["only"] = {"type": "array", "items": {"type": "string"}, "description": words}
    made["max"] = {
        "type": "integer",
        "minimum": 1,
        "description": "Keep at most so many characters a picture, the best ones.",
    }
    made["track"] = {
        "type": "array",
        "items": {"type": "integer", "minimum": 1},
        "description": "Of a video, keep the characters with these ids alone.",
    }
    return made


def _about(output: Output) -> str:
    if output.name != "background":
        return output.help
    return (
        "Write the characters on a colour such as white or #00b140, two of them from top to bottom "
        "(white..#8cf), their own picture, blurred (blur), or nothing (transparent)."
    )


def _kind(one: Field[Any]) -> dict[str, Any]:
    about = one.metadata
    kind: dict[str, Any] = {"type": "boolean" if one.default is False else "string"}
    if "choices" in about:
        numbers = all(isinstance(choice, int) for choice in about["choices"])
        kind = {"type": "integer" if numbers else "string", "enum": list(about["choices"])}
    elif "range" in about:
        low, high = about["range"]
        high = _LOWER.get(one.name, high)
        kind = {"type": "integer", "minimum": low}
        kind |= {} if high is None else {"maximum": high}
    if one.default not in (MISSING, None, False):
        kind["default"] = one.default
    return kind


def _read(name: str, schema: dict[str, Any], values: list[str]) -> Any:
    """The value of a field; the last one counts, of lists all."""
    if schema["type"] == "array":
        words = [word.strip() for value in values for word in value.split(",")]
        return [_one(name, schema["items"], word) for word in words if word]
    if name == "background":
        return _backdrop(values[-1])
    return _one(name, schema, values[-1])


def _one(name: str, schema: dict[str, Any], value: str) -> Any:
    if "enum" in schema:
        return _choice(name, schema["enum"], value)
    if schema["type"] == "boolean":
        if value.lower() not in _ON | _OFF:
            raise ProblemError(422, f"field {name}: got {value!r}; expected true or false")
        return value.lower() in _ON
    if schema["type"] == "integer":
        low, high = schema["minimum"], schema.get("maximum")
        if not (value.isascii() and value.isdigit() and int(value) >= low):
            raise ProblemError(
                422, f"field {name}: got {value!r}; expected a whole number from {low}"
            )
        if high is not None and int(value) > high:
            raise ProblemError(422, f"field {name}: got {value}; expected at most {high}")
        return int(value)
    return value


def _choice(name: str, choices: list[Any], value: str) -> Any:
    if "true" in choices and value.lower() in _ON | _OFF:
        return value.lower() in _ON
    chosen = next((choice for choice in choices if str(choice) == value), None)
    if chosen is None:
        expected = " or ".join(map(str, choices))
        raise ProblemError(422, f"field {name}: got {value!r}; expected {expected}")
    return chosen


def _backdrop(text: str) -> str:
    """Colours, "blur" or "transparent"; the command also reads a path, which nobody outside may
    name."""
    word = text.strip().lower()
    if word in ("blur", "transparent"):
        return word
    try:
        colours = [ImageColor.getrgb(part.strip())[:3] for part in text.split("..")]
    except ValueError:
        colours = []
    if len(colours) not in (1, 2):
        raise ProblemError(
            422,
            f"field background: got {text!r}; expected a colour (CSS), two (white..#8cf), blur or "
            "transparent",
        )
    return "..".join(f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in colours)
