"""``--cutout``: all characters of a video with nothing around them.

Of a picture a cutout is a file a character: there it means `each`, but where one file is asked for
(`one_file`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kirinuki.cutting.outputs.options import CropOptions
from kirinuki.cutting.outputs.output import Shown
from kirinuki.cutting.outputs.rendering import Paint, Rendering
from kirinuki.render.crop import trimmed
from kirinuki.render.cutout import everyone


@dataclass(frozen=True)
class CutoutOptions(CropOptions):
    """How large, and how it is encoded."""


class Cutout(Rendering):
    """NAME_cutout."""

    name = "cutout"
    help = (
        "Write the characters with nothing around them: of a picture a PNG of each, of a video all "
        "in one transparent video."
    )
    options = CutoutOptions

    def paints(self, options: CutoutOptions, shown: Shown) -> dict[str, Paint]:
        return {"cutout": lambda: _paint(options, shown)}


def _paint(options: CutoutOptions, shown: Shown) -> NDArray[np.uint8]:
    rgba = everyone(shown.picture.rgb, shown.instances, shown.picture.alpha)
    if options.crops and shown.instances.track_ids is None:
        return options.cropped(trimmed(rgba), framed=False)
    return options.cropped(rgba, framed=True)
