"""From a decoded picture of any mode to upright 8-bit RGB and alpha, some rows at a time: beside
the decoded picture, memory holds the result alone.

Not covered: opening files, limits and errors fit for users (`opening`), HDR (`hdr`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

Rows = Callable[[int, int], Image.Image]
"""Gives the rows of a decoded picture from one to before another."""
Pixels = tuple[NDArray[np.uint8], NDArray[np.uint8] | None]
"""RGB (H, W, 3) on white, and alpha (H, W), None where all is opaque."""

_AT_ONCE = 1 << 20
"""Pixels that are converted at a time."""
_AS_STORED: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: np.fliplr,
    3: lambda upright: upright[::-1, ::-1],
    4: np.flipud,
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: upright[::-1, ::-1].swapaxes(0, 1),
    8: lambda upright: np.rot90(upright, 3),
}
"""EXIF orientation → the view of an upright array in which the file's rows are rows."""
_SIDEWAYS = 5
"""Orientations from here on swap width and height."""
_EXIF_ORIENTATION = 0x0112
_TIFF_BITS_PER_SAMPLE = 258


def upright_rgb(
    image: Image.Image, rows: Rows | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None, tuple[str, ...]]:
    """Pixels of a loaded image as the rest of the program wants them.

    Args:
        rows: where they are if not in the image, which then gives metadata alone.

    Returns:
        RGB (H, W, 3) uint8, on white where the image is transparent; alpha (H, W) uint8, or None
        when all of it is opaque; notes for the user.
    """
    notes: list[str] = []
    given = rows or (lambda top, bottom: image.crop((0, top, image.width, bottom)))
    mode = image.mode if rows is None else rows(0, 1).mode
    if mode.startswith("I;16") or mode in ("I", "F"):
        split = _deep_splitter(image, given)
    else:
        to_srgb = _to_srgb(image, notes)
        split = lambda top, bottom: split_alpha(to_srgb(given(top, bottom)))  # noqa: E731
    rgb, alpha = _filled(image, split)
    return rgb, alpha, tuple(notes)


def _filled(image: Image.Image, split: Callable[[int, int], Pixels]) -> Pixels:
    """The upright picture, from what `split` gives of its rows."""
    orientation = orientation_of(image)
    size = (image.height, image.width) if orientation < _SIDEWAYS else image.size
    rgb, alpha = np.empty((*size, 3), np.uint8), None
    for top, bottom in strips(image.height, image.width):
        part, part_alpha = split(top, bottom)
        as_stored(rgb, orientation)[top:bottom] = part
        if part_alpha is None:
            continue
        if alpha is None:
            alpha = np.full(size, 255, np.uint8)
        as_stored(alpha, orientation)[top:bottom] = part_alpha
    return rgb, alpha


def strips(height: int, width: int) -> Iterator[tuple[int, int]]:
    """First row and the one after the last of parts that together are a whole picture."""
    step = max(1, _AT_ONCE // width)
    return ((top, min(height, top + step)) for top in range(0, height, step))


def orientation_of(image: Image.Image) -> int:
    """Its EXIF orientation, 1 to 8."""
    try:
        said = int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # damaged EXIF: viewers show the picture as stored
        return 1
    return said if said in _AS_STORED else 1


def as_stored(upright: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """A view of an upright array that has the rows of the file."""
    view = _AS_STORED.get(orientation)
    return upright if view is None else view(upright)


def _to_srgb(image: Image.Image, notes: list[str]) -> Callable[[Image.Image], Image.Image]:
    """Converts colours of an embedded ICC profile to sRGB; without a profile, nothing."""
    profile_bytes = image.info.get("icc_profile")
    if not profile_bytes or image.mode not in ("RGB", "RGBA", "CMYK", "LAB"):
        return lambda part: part
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(profile_bytes))
        if "sRGB" in ImageCms.getProfileDescription(profile):
            return lambda part: part
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        srgb = ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(profile, srgb, image.mode, mode)
    except (ImageCms.PyCMSError, OSError):
        notes.append("unreadable colour profile ignored")
        return lambda part: part

    def converted(part: Image.Image) -> Image.Image:
        result = ImageCms.applyTransform(part, transform)
        assert result is not None  # None only comes back from in-place conversions
        return result

    return converted


def split_alpha(image: Image.Image) -> Pixels:
    """RGB on white and alpha of an 8-bit image."""
    if not image.has_transparency_data:
        return np.array(image.convert("RGB")), None
    if image.mode == "La":  # Pillow has no direct way from there
        image = image.convert("LA")
    image = image.convert("RGBA")
    band = image.getchannel("A")
    if band.getextrema() == (255, 255):
        return np.array(image.convert("RGB")), None
    on_white = Image.new("RGB", image.size, (255, 255, 255))
    on_white.paste(image, mask=band)
    return np.array(on_white), np.array(band)


def _deep_splitter(image: Image.Image, rows: Rows) -> Callable[[int, int], Pixels]:
    """RGB and alpha of the rows of a one-channel image of more than 8 bits."""
    key = image.info.get("transparency")  # PNG: the one grey that is transparent
    if image.mode.startswith("I;16"):
        scaled = _whole_numbers(_bits(image))
    else:
        scaled = _wide_numbers(image, rows)

    def split(top: int, bottom: int) -> Pixels:
        values = np.asarray(rows(top, bottom))
        grey = scaled(values)
        if not isinstance(key, int) or not (hidden := values == key).any():
            return np.repeat(grey[:, :, None], 3, axis=2), None
        grey[hidden] = 255
        return np.repeat(grey[:, :, None], 3, axis=2), np.where(hidden, 0, 255).astype(np.uint8)

    return split


def _bits(image: Image.Image) -> int:
    """Bits of a grey, 16 unless a TIFF says less: Pillow leaves 12 bits as they are."""
    said = getattr(image, "tag_v2", {}).get(_TIFF_BITS_PER_SAMPLE, (16,))
    return min(int(said[0]), 16)


Scaled = Callable[[NDArray[Any]], NDArray[np.uint8]]


def _whole_numbers(bits: int) -> Scaled:
    """Greys of up to 16 bits to 8, rounded."""
    white = 2**bits - 1

    def scaled(values: NDArray[Any]) -> NDArray[np.uint8]:
        rounded = (np.minimum(values, white).astype(np.uint32) * 255 + white // 2) // white
        return np.asarray(rounded, np.uint8)

    return scaled


def _wide_numbers(image: Image.Image, rows: Rows) -> Scaled:
    """32-bit integers and floats, whose full range is not known: taken as 0…1 (floats), 0…255 or
    0…65535 where they fit, else stretched."""
    parts = (_finite(np.asarray(rows(*part))) for part in strips(image.height, image.width))
    ends = [(float(part.min()), float(part.max())) for part in parts]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    tops = (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0)
    top = next((t for t in tops if low >= 0 and high <= t), None)
    zero, share = (0.0, 255.0 / top) if top else (low, 255.0 / max(high - low, 1e-30))

    def scaled(values: NDArray[Any]) -> NDArray[np.uint8]:
        return np.asarray(np.rint((_finite(values) - zero) * share), np.uint8)

    return scaled


def _finite(values: NDArray[Any]) -> NDArray[np.float32]:
    return np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
