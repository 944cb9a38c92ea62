"""Options of a job and its outputs: fields of frozen dataclasses, from which the flags are made.

Not covered: the flags themselves (`cli.output_flags`).
"""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field, fields
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from kirinuki.video.styles import STYLES

CODECS = tuple(name for name, style in STYLES.items() if not style.alpha)
Transparent = Literal["webm", "mov", "png"]
"""What transparent videos are: VP9 in WebM, ProRes 4444 in MOV, or a folder of PNG pictures."""


def option(default: Any, help: str, **kind: Any) -> Any:
    """A field with its help; `kind` is ``choices=…``, ``range=(low, high)``, ``metavar=…`` or
    ``flag=…``, the name of its flag where that is another."""
    return field(default=default, metadata={"help": help, **kind})


def own_value(default: Any = MISSING, **kind: Any) -> Any:
    """The field `value`: what an output's own flag takes; with a default, its flag may take
    nothing."""
    return field(default=default, metadata=kind)


@dataclass(frozen=True)
class VideoOptions:
    """Of all videos."""

    crf: int | None = option(
        None,
        "Quality of videos, lower is better.  [default: one that keeps lines clean]",
        range=(0, 63),
    )


@dataclass(frozen=True)
class OpaqueOptions(VideoOptions):
    """Of videos that are not transparent."""

    codec: str | None = option(
        None,
        "Codec of videos that are not transparent.  [default: one that suits the video's file]",
        choices=CODECS,
    )


@dataclass(frozen=True)
class TransparentOptions(VideoOptions):
    """Of transparent videos."""

    transparent: Transparent = option(
        "webm",
        "What transparent videos are: VP9 for browsers, ProRes 4444 for editors, or a folder of "
        "PNG pictures.",
        choices=("webm", "mov", "png"),
    )


@dataclass(frozen=True)
class NoOptions:
    """Nothing to choose."""


def flag_of(one: Field[Any]) -> str:
    """What the command line and the journal call a field."""
    return str(one.metadata.get("flag", one.name.replace("_", "-")))


def told(options: Any) -> dict[str, Any]:
    """Options as the journal keeps them: those that are not the default, as plain JSON."""
    return {
        flag_of(one): _plain(getattr(options, one.name))
        for one in fields(options)
        if getattr(options, one.name) != one.default
    }


def _plain(given: Any) -> Any:
    if isinstance(given, tuple):
        return sorted(given)
    if isinstance(given, Fraction):  # seconds, as one writes them
        return f"{float(given):g}" if given == Fraction(f"{float(given):g}") else str(given)
    return str(given) if isinstance(given, Path) else given
