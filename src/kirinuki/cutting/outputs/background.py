"""``--background``: all characters on something new."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kirinuki.cutting.outputs.options import OpaqueOptions, own_value
from kirinuki.cutting.outputs.output import Place, Shown
from kirinuki.cutting.outputs.rendering import Paint, Rendering
from kirinuki.errors import KirinukiError
from kirinuki.render.cutout import Background as Backdrop
from kirinuki.render.cutout import Gradient, everyone, on_background, parse_background
from kirinuki.video.styles import STYLES, Style

TRANSPARENT = "transparent"
Colours = tuple[tuple[int, int, int], ...]
"""A colour, R, G, B in 0…255, or two from top to bottom."""


@dataclass(frozen=True, kw_only=True)
class BackgroundOptions(OpaqueOptions):
    """On what: what the user means, which may be a path (`parse_background`), or colours, which
    never are."""

    value: str | Colours = own_value(metavar="COLOUR|COLOUR..COLOUR|PICTURE|blur|transparent")


class Background(Rendering):
    """NAME_background."""

    name = "background"
    help = (
        "Write all characters in their places on something new: a colour such as white or #00b140 "
        "(green screen), two of them from top to bottom, a picture, their own picture or video, "
        "blurred, or nothing."
    )
    options = BackgroundOptions

    def refuse(self, options: BackgroundOptions, moves: bool) -> str | None:
        if options.value != TRANSPARENT:
            _backdrop(options.value)  # one that cannot be read is found out before the work
        return None

    def paints(self, options: BackgroundOptions, shown: Shown) -> dict[str, Paint]:
        picture, instances = shown.picture, shown.instances
        if options.value == TRANSPARENT:
            return {"background": lambda: everyone(picture.rgb, instances, picture.alpha)}
        behind = _backdrop(options.value)
        return {"background": lambda: on_background(picture.rgb, instances, behind)}

    def style(self, options: BackgroundOptions, place: Place) -> Style | None:
        """Transparent videos are VP9 in WebM; `Cutout` has others to choose from."""
        if options.value == TRANSPARENT:
            return STYLES["vp9-alpha"]
        return super().style(options, place)


@lru_cache(maxsize=1)
def _backdrop(value: str | Colours) -> Backdrop:
    """What comes behind, read once."""
    if isinstance(value, str):
        return parse_background(value)
    if not 1 <= len(value) <= 2 or not all(0 <= one <= 255 for colour in value for one in colour):
        raise KirinukiError(
            f"`background` {value!r}: expected one colour or two, R, G, B in 0 to 255"
        )
    return value[0] if len(value) == 1 else Gradient(*value)
