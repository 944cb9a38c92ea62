"""``--background``: all characters on something new."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kirinuki.cutting.outputs.options import OpaqueOptions, own_value
from kirinuki.cutting.outputs.output import Shown
from kirinuki.cutting.outputs.rendering import Paint, Rendering
from kirinuki.render.cutout import on_background, parse_background


@dataclass(frozen=True, kw_only=True)
class BackgroundOptions(OpaqueOptions):
    """On what."""

    value: str = own_value(metavar="COLOUR|PICTURE|blur")


class Background(Rendering):
    """NAME_background."""

    name = "background"
    help = (
        "Write the characters on something new: a colour such as white or #00b140 (green screen), "
        "a picture, or their own picture or video, blurred."
    )
    options = BackgroundOptions

    def refuse(self, options: BackgroundOptions, moves: bool) -> str | None:
        _backdrop(options.value)  # one that cannot be read is found out before the work
        return None

    def paints(self, options: BackgroundOptions, shown: Shown) -> dict[str, Paint]:
        behind = _backdrop(options.value)
        return {"background": lambda: on_background(shown.picture.rgb, shown.instances, behind)}


_backdrop = lru_cache(maxsize=1)(parse_background)
"""What comes behind, read once."""
