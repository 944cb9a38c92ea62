"""``--mask``: an index map, the number of the character in each pixel."""

from __future__ import annotations

from kirinuki.cutting.outputs.options import NoOptions
from kirinuki.cutting.outputs.output import Place, Shown
from kirinuki.cutting.outputs.rendering import Paint, Rendering
from kirinuki.render.cutout import mask_image
from kirinuki.video.styles import Style


class Mask(Rendering):
    """NAME_mask.png; of a video a folder of them, in which the number is the character's id."""

    name = "mask"
    help = (
        "Write the number of the character in each pixel, 0 is none: a PNG, of a video a folder of "
        "them with the ids."
    )
    options = NoOptions
    of_nobody = True

    def paints(self, options: NoOptions, shown: Shown) -> dict[str, Paint]:
        return {"mask": lambda: mask_image(shown.instances)}

    def exact(self, options: NoOptions) -> bool:
        return True

    def style(self, options: NoOptions, place: Place) -> Style | None:
        """A video would change the numbers."""
        return None
