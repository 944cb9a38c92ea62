"""``--overlay``: the picture or video with every character coloured and named."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kirinuki.cutting.outputs.options import OpaqueOptions
from kirinuki.cutting.outputs.output import Shown
from kirinuki.cutting.outputs.rendering import Paint, Rendering
from kirinuki.render.overlay import overlay


@dataclass(frozen=True)
class OverlayOptions(OpaqueOptions):
    """How it is encoded."""


class Overlay(Rendering):
    """NAME_overlay."""

    name = "overlay"
    help = "Write the picture or video with the characters coloured and named."
    options = OverlayOptions

    def paints(self, options: OverlayOptions, shown: Shown) -> dict[str, Paint]:
        return {"overlay": lambda: _paint(shown)}


def _paint(shown: Shown) -> NDArray[np.uint8]:
    instances = shown.instances
    if instances.track_ids is not None:
        # A number that changes with every frame cannot be read: labels without score.
        instances = replace(instances, scores=np.ones_like(instances.scores))
    return overlay(shown.picture.rgb, instances)
