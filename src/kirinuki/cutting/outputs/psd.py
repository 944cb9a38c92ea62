"""``--psd``: a Photoshop file: each character on a layer of its own above the picture, which is
hidden, its soft edge as the layer's mask, so that painting the mask white brings the picture back.

Not covered: videos, files larger than the format's 30,000 pixels a side.
"""

from __future__ import annotations

import logging
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.cutting.outputs.layered import Layered, layer_names
from kirinuki.cutting.outputs.output import Shown
from kirinuki.errors import OutputError
from kirinuki.render.cutout import cutout, everyone

MOST_SIDE = 30_000
"""Pixels a side that the format allows."""
MOST_NAME = 255
"""Characters of a layer's name that it allows."""


class Psd(Layered):
    """NAME.psd."""

    name = "psd"
    help = (
        "Write a Photoshop file of each picture: a layer a character, with its edge as layer mask, "
        "above the hidden picture."
    )
    format = "a Photoshop file"

    def encoded(self, shown: Shown) -> bytes:
        from psd_tools import PSDImage

        # It paints a flat picture of its own, and warns where it lacks the packages for that.
        logging.getLogger("psd_tools.api.psd_image").setLevel(logging.ERROR)
        picture, instances = shown.picture, shown.instances
        if max(instances.size_hw) > MOST_SIDE:
            raise OutputError(
                f"a Photoshop file holds {MOST_SIDE:,} pixels a side, but got "
                f"{max(instances.size_hw):,}; take `ora`"
            )
        flat = _flat(shown)
        psd = PSDImage.frompil(flat)
        psd.create_pixel_layer(Image.fromarray(picture.rgb), name="picture").visible = False
        names = layer_names(shown)
        for i in reversed(range(len(instances))):  # the surest comes on top
            left, top = instances.window(i)[:2]
            layer = psd.create_pixel_layer(_colours(shown, i), top=top, left=left)
            layer.name = names[i][:MOST_NAME]  # unlike the argument, of any script
            layer.create_mask(Image.fromarray(_alpha(shown, i)))
        encoded = BytesIO()
        psd.save(encoded)
        return _with_flat(encoded.getvalue(), flat)


def _flat(shown: Shown) -> Image.Image:
    """What programs show that do not read layers: what is visible of them, on white, as Photoshop
    itself stores it."""
    rgba = Image.fromarray(everyone(shown.picture.rgb, shown.instances, shown.picture.alpha))
    flat = Image.new("RGB", rgba.size, "white")
    flat.paste(rgba, mask=rgba)
    return flat


def _with_flat(encoded: bytes, flat: Image.Image) -> bytes:
    """The file with our flat picture: psd-tools 1.26 paints one without the masks' soft edges."""
    from psd_tools.psd import PSD

    record = PSD.read(BytesIO(encoded))
    record.image_data.set_data([plane.tobytes() for plane in flat.split()], record.header)
    whole = BytesIO()
    record.write(whole)
    return whole.getvalue()


def _alpha(shown: Shown, index: int) -> NDArray[np.uint8]:
    """A character's soft mask in its window, nowhere more opaque than a transparent picture."""
    alpha, limit = shown.instances.alphas[index], shown.picture.alpha
    if limit is None:
        return alpha
    x1, y1, x2, y2 = shown.instances.window(index)
    return np.minimum(alpha, limit[y1:y2, x1:x2])


def _colours(shown: Shown, index: int) -> Image.Image:
    """A character's own colours, and around it the picture's."""
    picture, instances = shown.picture, shown.instances
    x1, y1, x2, y2 = instances.window(index)
    rgba = cutout(picture.rgb, instances, index, picture_alpha=picture.alpha)
    there = rgba[..., 3:] > 0
    return Image.fromarray(np.where(there, rgba[..., :3], picture.rgb[y1:y2, x1:x2]))
