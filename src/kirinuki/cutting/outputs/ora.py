"""``--ora``: an OpenRaster file, in which painters find each character on a layer of its own above
the picture, which is hidden (https://www.openraster.org: a zip of PNG layers and ``stack.xml``).

Not covered: videos.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import BinaryIO
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.cutting.outputs.layered import Layered, layer_names
from kirinuki.cutting.outputs.output import Shown
from kirinuki.images.encode import encode
from kirinuki.render.cutout import cutout, everyone

THUMBNAIL = 256
"""Longest side that the format allows for the small picture which file managers show."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every member: the same picture gives the same file."""


class Ora(Layered):
    """NAME.ora."""

    name = "ora"
    help = "Write an OpenRaster file of each picture: a layer a character above the hidden picture."
    format = "an OpenRaster file"

    def encoded(self, shown: Shown) -> bytes:
        encoded = BytesIO()
        _write(encoded, shown)
        return encoded.getvalue()


def _write(file: BinaryIO, shown: Shown) -> None:
    picture, instances = shown.picture, shown.instances
    flat = everyone(picture.rgb, instances, picture.alpha)
    small = Image.fromarray(flat)
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    with zipfile.ZipFile(file, "w") as archive:
        _add(archive, "mimetype", b"image/openraster")
        _add(archive, "stack.xml", _stack(instances.size_hw, [*layer_names(shown), "picture"]))
        for number, pixels in enumerate(_layers(shown)):
            _add(archive, f"data/layer{number}.png", encode(pixels, ".png"))
        _add(archive, "mergedimage.png", encode(flat, ".png"))
        _add(archive, "Thumbnails/thumbnail.png", encode(small, ".png"))


def _layers(shown: Shown) -> Iterator[NDArray[np.uint8]]:
    """Every character in its place, the surest on top, and the picture, on white where it is
    transparent; one at a time."""
    picture = shown.picture
    for i in range(len(shown.instances)):
        yield cutout(picture.rgb, shown.instances, i, full_frame=True, picture_alpha=picture.alpha)
    yield picture.rgb


def _stack(size_hw: tuple[int, int], names: Sequence[str]) -> bytes:
    image = ElementTree.Element("image", version="0.0.3", h=str(size_hw[0]), w=str(size_hw[1]))
    stack = ElementTree.SubElement(image, "stack")
    for number, name in enumerate(names):
        src = f"data/layer{number}.png"
        seen = "hidden" if number == len(names) - 1 else "visible"
        ElementTree.SubElement(stack, "layer", name=name, src=src, x="0", y="0", visibility=seen)
    return bytes(ElementTree.tostring(image, encoding="UTF-8", xml_declaration=True))


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """A member, stored as it is: PNG is compressed, and the format wants the first one so."""
    archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
