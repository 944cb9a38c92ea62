"""``--matte``: grey, white where a character is, for editors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kirinuki.cutting.outputs.options import OpaqueOptions
from kirinuki.cutting.outputs.output import Shown
from kirinuki.cutting.outputs.rendering import Paint, Rendering
from kirinuki.render.cutout import union_alpha


@dataclass(frozen=True)
class MatteOptions(OpaqueOptions):
    """How it is encoded."""


class Matte(Rendering):
    """NAME_matte."""

    name = "matte"
    help = "Write a matte of everyone: white where a character is, grey at soft edges."
    options = MatteOptions
    of_nobody = True

    def paints(self, options: MatteOptions, shown: Shown) -> dict[str, Paint]:
        return {"matte": lambda: _paint(shown)}


def _paint(shown: Shown) -> NDArray[np.uint8]:
    alpha = union_alpha(shown.instances)
    return alpha if shown.instances.track_ids is None else np.dstack([alpha] * 3)
