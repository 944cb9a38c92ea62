"""From a decoded PIL image of any mode to upright 8-bit RGB and alpha.

Not covered: opening files, limits and errors fit for users (`images`).
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

_ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_EXIF_ORIENTATION = 0x0112
_TIFF_BITS_PER_SAMPLE = 258


def upright_rgb(
    image: Image.Image,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None, tuple[str, ...]]:
    """Pixels of a loaded image as the rest of the program wants them.

    Returns:
        RGB (H, W, 3) uint8, on white where the image is transparent; alpha (H, W) uint8, or None
        when all of it is opaque; notes for the user.
    """
    notes: list[str] = []
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        rgb, alpha = _split_deep(image)
    else:
        rgb, alpha = split_alpha(_to_srgb(image, notes))
    how = _ORIENTATIONS.get(_orientation(image))
    if how is not None:
        rgb = _turn(rgb, how)
        alpha = None if alpha is None else _turn(alpha, how)
    return rgb, alpha, tuple(notes)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # damaged EXIF: viewers show the picture as stored
        return 1


def _turn(array: NDArray[np.uint8], how: Image.Transpose) -> NDArray[np.uint8]:
    return np.array(Image.fromarray(array).transpose(how))


def _to_srgb(image: Image.Image, notes: list[str]) -> Image.Image:
    """Colours of an embedded ICC profile converted to sRGB; without a profile, the image itself."""
    profile_bytes = image.info.get("icc_profile")
    if not profile_bytes or image.mode not in ("RGB", "RGBA", "CMYK", "LAB"):
        return image
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(profile_bytes))
        if "sRGB" in ImageCms.getProfileDescription(profile):
            return image
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, profile, srgb, outputMode=mode)
        assert converted is not None  # None only comes back from in-place conversions
        return converted
    except (ImageCms.PyCMSError, OSError):
        notes.append("unreadable colour profile ignored")
        return image


def split_alpha(image: Image.Image) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """RGB (H, W, 3) on white and alpha (H, W), or None when opaque, of an 8-bit image."""
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


def _split_deep(image: Image.Image) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """RGB and alpha of a one-channel image of more than 8 bits."""
    values = np.asarray(image)
    grey = _scale_to_8_bits(values, _bits(image))
    key = image.info.get("transparency")  # PNG: the one grey that is transparent
    if not isinstance(key, int) or not (hidden := values == key).any():
        return np.repeat(grey[:, :, None], 3, axis=2), None
    grey[hidden] = 255
    return np.repeat(grey[:, :, None], 3, axis=2), np.where(hidden, 0, 255).astype(np.uint8)


def _bits(image: Image.Image) -> int:
    """Bits of a grey, 16 unless a TIFF says less: Pillow leaves 12 bits as they are."""
    said = getattr(image, "tag_v2", {}).get(_TIFF_BITS_PER_SAMPLE, (16,))
    return min(int(said[0]), 16)


def _scale_to_8_bits(values: NDArray[np.generic], bits: int) -> NDArray[np.uint8]:
    """Greys of up to 16 bits to 8, rounded. Of 32-bit integers and floats the full range is not
    known: taken as 0…1 (floats), 0…255 or 0…65535 where they fit, else stretched."""
    if values.dtype.kind == "u":
        white = 2**bits - 1
        rounded = (np.minimum(values, white).astype(np.uint32) * 255 + white // 2) // white
        return np.asarray(rounded, np.uint8)
    floats = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(floats.min()), float(floats.max())
    tops = (1.0, 255.0, 65535.0) if values.dtype.kind == "f" else (255.0, 65535.0)
    top = next((t for t in tops if low >= 0 and high <= t), None)
    if top is None:
        floats, top = floats - low, high - low
    return np.asarray(np.rint(floats * (255.0 / max(top, 1e-30))), np.uint8)
