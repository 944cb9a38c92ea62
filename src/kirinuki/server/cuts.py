"""All that the server asks of the rest of the house: a picture becomes files.

Not covered: HTTP (`app`), processes (`children`), which outputs are asked for (`wishes`), videos
(`video_cuts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kirinuki.cutting.one_file import OneFile
from kirinuki.cutting.outputs.options import CropOptions
from kirinuki.cutting.outputs.output import Place, Shown
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.results import Sink
from kirinuki.errors import PictureError
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.render.cutout import cutout

STEM = "picture"
"""How files of a picture begin: never by a name from outside."""


def one_file(name: str, options: Any, suffix: str, *, moves: bool = False) -> OneFile:
    """What is asked for, as ``kirinuki cut -o FILE`` asks for it; no file is looked at.

    Raises:
        KirinukiError: such a file cannot hold that, or an option is wrong.
    """
    source = Path("video") if moves else BytesIO()
    return OneFile(source, Path(f"cut{suffix}"), moves, name, options, overwrite=True)


def files_of(
    picture: Picture, instances: Instances, outputs: Mapping[str, Any], names: tuple[str, ...]
) -> dict[str, bytes]:
    """What the outputs write of a picture, by name: the same bytes as the command writes."""
    with TemporaryDirectory(prefix="kirinuki-") as folder:
        out = Path(folder)
        place = Place(out, STEM, out / STEM, None, instances.size_hw, names)
        sink = Sink(out, (), overwrite=False)
        for name, options in outputs.items():
            OUTPUTS[name].refuse(options, moves=False)  # raises what is wrong with it
            writer = OUTPUTS[name].open(options, place, 0, ())
            writer.add(Shown(0, picture, instances))
            OUTPUTS[name].join(options, place, writer.close(), sink)
        return {name: (out / name).read_bytes() for name in sink.files}


def check_squares(outputs: Mapping[str, Any], instances: Instances, pixels: int) -> None:
    """Raise PictureError where a square around a character, or around all of them in one, has more
    pixels than that: of a wide picture it has many times those of the picture."""
    for name, options in outputs.items():
        if not (isinstance(options, CropOptions) and options.square and len(instances)):
            continue
        begins, ends = instances.boxes[:, :2], instances.boxes[:, 2:]
        if name != "each":
            begins, ends = begins.min(axis=0), ends.max(axis=0)
        side = round(float((ends - begins).max())) + 2 * ((options.padding or 0) + options.outline)
        if side * side > pixels:
            raise PictureError(
                f"picture: `square` makes {side}×{side} pixels of it; at most "
                f"{pixels / 1e6:,.1f} megapixels are made here; leave it out"
            )


def own_colours(picture: Picture, instances: Instances, index: int) -> NDArray[np.uint8]:
    """A character's own colours (`render.cutout`), and the picture's where it is not, (h, w, 3)
    uint8 RGB in its window: what it takes to change its alpha later."""
    x1, y1, x2, y2 = instances.window(index)
    colours = picture.rgb[y1:y2, x1:x2].copy()
    rgba = cutout(picture.rgb, instances, index, picture_alpha=picture.alpha)
    there = rgba[..., 3] > 0
    colours[there] = rgba[there, :3]
    return colours
