"""Where the pixels of a picture file come from: Pillow, but FFmpeg for HDR, whose depth Pillow
leaves out, and OpenCV for a WebP that stands still, of which Pillow holds four copies.

Not covered: making them upright RGB (`pixels`).
"""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.images.deep import measured, read_hdr
from kirinuki.images.hdr import tone_mapped
from kirinuki.images.opening import load
from kirinuki.images.pixels import Rows


def stored_rows(image: Image.Image, file: BinaryIO) -> tuple[Rows | None, tuple[str, ...]]:
    """Decode a picture of which the header is read.

    Returns:
        Its rows; None where they are in the image itself, which then is loaded; notes for the user.
    """
    if image.format == "WEBP" and not getattr(image, "is_animated", False):
        return _webp_rows(file), ()
    found = read_hdr(file, str(image.format))
    if found is None:
        load(image)
        return None, ()
    coded, hdr = found
    image.info.pop("icc_profile", None)  # what the file says of its numbers goes before a profile
    if coded is None or coded.shape[:2] != (image.height, image.width):
        load(image)
        coded = np.asarray(image.convert("RGB")).astype(np.uint16) * 257
        hdr = replace(hdr, white=65_535)
    rgb = tone_mapped(coded, measured(hdr, [coded]))
    del coded, found
    gc.collect()  # PyAV's frame and its side data hold each other
    return _rows_of(rgb, _alpha(image)), (hdr.note,)


def _alpha(image: Image.Image) -> NDArray[np.uint8] | None:
    if not image.has_transparency_data:
        return None
    load(image)
    return np.asarray(image.convert("RGBA").getchannel("A"))


def _rows_of(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8] | None) -> Rows:
    def rows(top: int, bottom: int) -> Image.Image:
        if alpha is None:
            return Image.fromarray(rgb[top:bottom])
        return Image.fromarray(np.dstack([rgb[top:bottom], alpha[top:bottom]]))

    return rows


def _webp_rows(file: BinaryIO) -> Rows:
    file.seek(0)
    bgr = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_UNCHANGED)
    if bgr is None:
        raise OSError("its pixels cannot be decoded")
    transparent = bgr.shape[2] == 4
    order = cv2.COLOR_BGRA2RGBA if transparent else cv2.COLOR_BGR2RGB

    def rows(top: int, bottom: int) -> Image.Image:
        return Image.fromarray(cv2.cvtColor(bgr[top:bottom], order))

    return rows
