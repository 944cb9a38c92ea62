"""Options of a job and its outputs: fields of frozen dataclasses, from which the flags are made.

Not covered: the flags themselves (`cli.output_flags`).
"""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, field, fields
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kirinuki.cutting.outputs.naming import check_template
from kirinuki.errors import KirinukiError
from kirinuki.render.crop import outlined, padded, shrunk, squared
from kirinuki.render.cutout import colour_named
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
class CropOptions(TransparentOptions):
    """Of cutouts. Frames of a video keep its size; all but the outline is of pictures alone.

    Raises:
        KirinukiError: two of them contradict each other, the colour is none, the name cannot be.
    """

    full_frame: bool = option(
        False, "Keep the characters of a picture at its size, as those of a video are."
    )
    padding: int | None = option(
        None,
        "Pixels of nothing around each character of a picture.  [default: 0]",
        range=(0, 4096),
        metavar="N",
    )
    square: bool = option(False, "Put each character of a picture into the middle of a square.")
    max_side: int | None = option(
        None,
        "Make cutouts of pictures smaller, with the longer side at most N pixels.",
        range=(1, None),
        metavar="N",
    )
    outline: int = option(
        0, "A line of N pixels around characters, as stickers have.", range=(0, 256), metavar="N"
    )
    outline_colour: str = option("white", "Colour of the outline.", metavar="COLOUR")
    name: str | None = option(
        None,
        "What cutouts of pictures are called: {stem}, which comes first, is the input, {n} the "
        "number, {kind} female, male or unknown, {class} the class.  [default: {stem}_{n}]",
        metavar="TEMPLATE",
    )

    def __post_init__(self) -> None:
        if self.full_frame and self.crops:
            raise KirinukiError(
                "`full_frame` and `padding`, `square` or `max_side` contradict each other"
            )
        if self.name is not None:
            check_template(self.name)
        if colour_named(self.outline_colour) is None:
            raise KirinukiError(
                f"`outline_colour` {self.outline_colour!r}: is no colour (a CSS name or #rrggbb)"
            )

    @property
    def crops(self) -> bool:
        """Whether the size of cutouts is asked for."""
        return self.padding is not None or self.square or self.max_side is not None

    def cropped(self, rgba: NDArray[np.uint8], *, framed: bool) -> NDArray[np.uint8]:
        """A cutout (H, W, 4) uint8 RGBA as it is asked for.

        Args:
            framed: it keeps its size.
        """
        if self.outline:
            colour = colour_named(self.outline_colour)
            assert colour is not None  # held by the constructor
            rgba = rgba if framed else padded(rgba, self.outline + 1)
            rgba = outlined(rgba, self.outline, colour)
        if framed:
            return rgba
        rgba = padded(rgba, self.padding or 0)
        rgba = squared(rgba) if self.square else rgba
        return rgba if self.max_side is None else shrunk(rgba, self.max_side)


@dataclass(frozen=True)
class NoOptions:
    """Nothing to choose."""


def flag_of(one: Field[Any]) -> str:
    """What the command line and the journal call a field."""
    return str(one.metadata.get("flag", one.name.replace("_", "-")))


def told(options: Any) -> dict[str, Any]:
    """Options as the journal keeps them: those that are not the default, as plain JSON."""
    return {
        flag_of(one): _plain(getattr(options, one.name), several=one.default == ())
        for one in fields(options)
        if getattr(options, one.name) != one.default
    }


def _plain(given: Any, *, several: bool) -> Any:
    if isinstance(given, tuple):
        plain = [list(one) if isinstance(one, tuple) else one for one in given]
        return sorted(plain) if several else plain
    if isinstance(given, Fraction):  # seconds, as one writes them
        return f"{float(given):g}" if given == Fraction(f"{float(given):g}") else str(given)
    return str(given) if isinstance(given, Path) else given
