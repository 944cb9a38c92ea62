"""``--cutout``: all characters of a video with nothing around them.

Of a picture a cutout is a file a character: there it means `each`.
"""

from __future__ import annotations

from dataclasses import dataclass

from kirinuki.cutting.outputs.options import TransparentOptions
from kirinuki.cutting.outputs.output import Shown
from kirinuki.cutting.outputs.rendering import Paint, Rendering
from kirinuki.render.cutout import everyone


@dataclass(frozen=True)
class CutoutOptions(TransparentOptions):
    """How it is encoded."""


class Cutout(Rendering):
    """NAME_cutout."""

    name = "cutout"
    help = (
        "Write the characters with nothing around them: of a picture a PNG of each, of a video all "
        "in one transparent video."
    )
    options = CutoutOptions

    def paints(self, options: CutoutOptions, shown: Shown) -> dict[str, Paint]:
        picture = shown.picture
        return {"cutout": lambda: everyone(picture.rgb, shown.instances, picture.alpha)}
