"""How `Instances` and an `Instance` look in a notebook: the overlay, and the cutout.

`kirinuki` tells IPython of `png_of` when it is imported there; the types know nothing of it.

Not covered: other notebooks than IPython's (Jupyter, Colab, VS Code): they show the repr.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.errors import PictureError
from kirinuki.images.picture import save_png
from kirinuki.instances import Instance, Instances
from kirinuki.render.overlay import overlay

LONGEST_SIDE = 960
"""Pixels: as wide as a notebook's column; its file keeps every picture that it shows."""


def png_of(shown: Instances | Instance) -> bytes | None:
    """A PNG file; None, and the repr is shown, where the instances refer to no picture."""
    if isinstance(shown, Instances):
        return None if shown.picture is None else _png(overlay(shown.picture.rgb, shown))
    try:
        return _png(shown.image)
    except PictureError:
        return None


def _png(array: NDArray[np.uint8]) -> bytes:
    image = Image.fromarray(array)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    encoded = BytesIO()
    save_png(image, encoded)
    return encoded.getvalue()
