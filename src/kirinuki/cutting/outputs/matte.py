"""``--matte``: grey, white where a character is, for editors: of everyone, or of each alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.cutting.outputs.options import OpaqueOptions, option, own_value
from kirinuki.cutting.outputs.output import Place, Shown
from kirinuki.cutting.outputs.rendering import Paint, Rendering, numbers_of
from kirinuki.render.cutout import union_alpha
from kirinuki.video.styles import Style


@dataclass(frozen=True)
class MatteOptions(OpaqueOptions):
    """Of whom, and how it is encoded."""

    value: Literal["everyone", "each"] = own_value(default="everyone", choices=("everyone", "each"))
    bits: Literal[8, 16] = option(
        8,
        "Bits of a matte. Of 16 the values are those of 8, in the files that editors ask for: PNG, "
        "of a video a folder of them.",
        choices=(8, 16),
    )


class Matte(Rendering):
    """NAME_matte; of each NAME_1_matte, NAME_2_matte …, numbered as `Each` does."""

    name = "matte"
    help = (
        "Write a matte: white where a character is, grey at soft edges; of everyone together, or "
        "of each alone.  [alone: everyone]"
    )
    options = MatteOptions
    of_nobody = True

    def paints(self, options: MatteOptions, shown: Shown) -> dict[str, Paint]:
        instances = shown.instances
        if options.value == "everyone":
            return {"matte": lambda: _paint(union_alpha(instances), options, shown)}
        return {
            f"{number}_matte": partial(_paint_one, i, options, shown)
            for i, number in enumerate(numbers_of(instances))
        }

    def style(self, options: MatteOptions, place: Place) -> Style | None:
        """No video has 16 bits."""
        return None if options.bits == 16 else super().style(options, place)

    def several(self, options: MatteOptions) -> bool:
        return options.value == "each"

    def exact(self, options: MatteOptions) -> bool:
        return options.bits == 16


def _paint_one(index: int, options: MatteOptions, shown: Shown) -> NDArray[np.uint8] | Image.Image:
    return _paint(shown.instances.full_alpha(index), options, shown)


def _paint(
    alpha: NDArray[np.uint8], options: MatteOptions, shown: Shown
) -> NDArray[np.uint8] | Image.Image:
    if options.bits == 16:
        return Image.fromarray(alpha.astype(np.uint16) * 257)
    return alpha if shown.instances.track_ids is None else np.dstack([alpha] * 3)
