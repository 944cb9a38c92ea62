"""``--background``: all characters on something new."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kirinuki.cutting.outputs.options import OpaqueOptions, own_value
from kirinuki.cutting.outputs.output import Place, Shown
from kirinuki.cutting.outputs.rendering import Paint, Rendering
from kirinuki.render.cutout import everyone, on_background, parse_background
from kirinuki.video.styles import STYLES, Style

TRANSPARENT = "transparent"


@dataclass(frozen=True, kw_only=True)
class BackgroundOptions(OpaqueOptions):
    """On what."""

    value: str = own_value(metavar="COLOUR|COLOUR..COLOUR|PICTURE|blur|transparent")


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


_backdrop = lru_cache(maxsize=1)(parse_background)
"""What comes behind, read once."""
