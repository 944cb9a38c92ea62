"""Options of outputs: fields of frozen dataclasses, from which the flags are made.

Not covered: the flags themselves (`cli.output_flags`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from kirinuki.video.styles import STYLES

CODECS = tuple(name for name, style in STYLES.items() if not style.alpha)
Transparent = Literal["webm", "mov", "png"]
"""What transparent videos are: VP9 in WebM, ProRes 4444 in MOV, or a folder of PNG pictures."""


def option(default: Any, help: str, **kind: Any) -> Any:
    """A field with its help; `kind` is ``choices=…`` or ``range=(low, high)`` or ``metavar=…``."""
    return field(default=default, metadata={"help": help, **kind})


def own_value(**kind: Any) -> Any:
    """The field `value`: what an output's own flag takes."""
    return field(metadata=kind)


@dataclass(frozen=True)
class OpaqueOptions:
    """Of videos that are not transparent."""

    codec: str | None = option(
        None,
        "Codec of videos that are not transparent.  [default: one that suits the video's file]",
        choices=CODECS,
    )
    crf: int | None = option(
        None,
        "Quality of videos, lower is better.  [default: one that keeps lines clean]",
        range=(0, 63),
    )


@dataclass(frozen=True)
class TransparentOptions:
    """Of transparent videos."""

    transparent: Transparent = option(
        "webm",
        "What transparent videos are: VP9 for browsers, ProRes 4444 for editors, or a folder of "
        "PNG pictures.",
        choices=("webm", "mov", "png"),
    )
    crf: int | None = option(
        None,
        "Quality of videos, lower is better.  [default: one that keeps lines clean]",
        range=(0, 63),
    )


@dataclass(frozen=True)
class NoOptions:
    """Nothing to choose."""


def told(options: Any) -> dict[str, Any]:
    """Options as the journal keeps them: those that are not the default, as plain JSON."""
    said = {f.name: getattr(options, f.name) for f in fields(options)}
    defaults = {f.name: f.default for f in fields(options)}
    return {
        name: str(given) if isinstance(given, Path) else given
        for name, given in said.items()
        if given != defaults[name]
    }
