"""Open and save pictures safely: whatever users have comes in as upright 8-bit RGB plus alpha.

Reads PNG (APNG), JPEG, WebP, AVIF, GIF, BMP and TIFF, recognised by content and never by suffix,
and PIL images, arrays and binary streams. Of an animation the first frame is taken, and a note
says so. Embedded colour profiles are converted to sRGB. 16-bit pictures are scaled, not clipped,
HDR ones (PQ, HLG) tone-mapped, and a note says so.

Transparent pictures: `Picture.rgb` is the picture on white, because the colours that editors leave
under alpha 0 are arbitrary (often black or noise) and a detector should see what a viewer shows.
Nothing is lost: `Picture.alpha` is kept and ``cutout.cutout`` takes the white out again.

Not covered: finding pictures in folders (`work.plan`), frames of a video (`video`), HEIC, SVG, PSD.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.errors import OutputError, PictureError
from kirinuki.files import write_atomically as write_atomically
from kirinuki.images.encode import encode
from kirinuki.images.opening import MAX_PIXELS as MAX_PIXELS
from kirinuki.images.opening import check_size, damage_named, file_at, file_of, load, opened_file
from kirinuki.images.opening import opened as opened
from kirinuki.images.pixels import split_alpha, upright_rgb
from kirinuki.images.stored import stored_rows

PICTURE_SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".avif", ".gif", ".bmp"}
    | {".tif", ".tiff"}
)
"""Suffixes, in lower case, of the files that a folder search should offer to `read_picture`."""

PictureSource: TypeAlias = (
    "str | Path | bytes | bytearray | memoryview | Image.Image | NDArray[np.uint8] | BinaryIO"
)


@dataclass(frozen=True, eq=False, repr=False)
class Picture:
    """A picture as the rest of the program sees it.

    Attributes:
        rgb: (H, W, 3) uint8, RGB, upright; on white where the picture is transparent.
        alpha: (H, W) uint8, 255 = opaque; None when the whole picture is opaque.
        notes: what the user should know, such as "first of 12 frames".
        path: where it came from; None for streams, arrays and PIL images.

    Raises:
        ValueError: an array is not of this shape and type.
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None
    notes: tuple[str, ...] = ()
    path: Path | None = None

    def __post_init__(self) -> None:
        if self.rgb.dtype != np.uint8 or self.rgb.ndim != 3 or self.rgb.shape[2] != 3:
            raise ValueError(
                f"rgb must be (H, W, 3) uint8, but got {self.rgb.shape} {self.rgb.dtype}"
            )
        alpha = self.alpha
        if alpha is not None and (alpha.shape != self.rgb.shape[:2] or alpha.dtype != np.uint8):
            raise ValueError(
                f"alpha must be {self.rgb.shape[:2]} uint8, but got {alpha.shape} {alpha.dtype}"
            )

    def __repr__(self) -> str:
        height, width = self.rgb.shape[:2]
        clear = "" if self.alpha is None else ", transparent"
        return f"Picture({width}×{height}{clear}{'' if self.path is None else f', {self.path}'})"


def read_picture(source: PictureSource | Picture) -> Picture:
    """Read one picture.

    Args:
        source: a path, a file's bytes, a PIL image, a uint8 array (H, W) grey, (H, W, 3) RGB or
            (H, W, 4) RGBA (straight alpha), or a binary stream, which is read from where it stands
            to its end. A `Picture` comes back as it is.

    Raises:
        PictureError: one line that names the source and says what is wrong with it.
    """
    if isinstance(source, Picture):
        return source
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        with damage_named("PIL image"):
            return _from_image(source, "PIL image")
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        with file_at(path) as file, opened_file(file, str(path)) as image:
            return _from_file(image, file, str(path), path)
    if isinstance(source, bytes | bytearray | memoryview):
        source = BytesIO(source)
    if hasattr(source, "read"):
        return _from_stream(source)
    raise PictureError(
        f"picture: got {type(source).__name__}; expected a path, bytes, a PIL image, a "
        "uint8 array or a binary stream"
    )


def _from_array(array: NDArray[np.uint8]) -> Picture:
    shaped = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
    if array.dtype != np.uint8 or not shaped:
        raise PictureError(
            f"picture array: got shape {array.shape} {array.dtype}; expected uint8 of shape "
            "(H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA"
        )
    check_size(array.shape[1], array.shape[0], "picture array")
    if array.ndim == 2:
        return Picture(rgb=np.repeat(array[:, :, None], 3, axis=2))
    if array.shape[2] == 3:
        return Picture(rgb=np.ascontiguousarray(array))
    return Picture(*split_alpha(Image.fromarray(np.ascontiguousarray(array))))


def _from_stream(stream: BinaryIO) -> Picture:
    name = str(getattr(stream, "name", "picture stream"))
    with file_of(stream, name) as file, opened_file(file, name) as image:
        return _from_file(image, file, name)


def _from_file(image: Image.Image, file: BinaryIO, name: str, path: Path | None = None) -> Picture:
    """A picture of which the header is read."""
    notes = _frame_notes(image)
    rows, more = stored_rows(image, file)
    check_size(*image.size, name)  # a GIF frame may grow the canvas
    rgb, alpha, pixel_notes = upright_rgb(image, rows)
    return Picture(rgb=rgb, alpha=alpha, notes=(*notes, *more, *pixel_notes), path=path)


def _from_image(image: Image.Image, name: str) -> Picture:
    """What somebody else has opened, and may go on with."""
    check_size(*image.size, name)
    notes = _frame_notes(image)
    load(image)
    rgb, alpha, pixel_notes = upright_rgb(image)
    return Picture(rgb=rgb, alpha=alpha, notes=(*notes, *pixel_notes))


def _frame_notes(image: Image.Image) -> tuple[str, ...]:
    try:
        count = int(getattr(image, "n_frames", 1))
    except Exception:  # a damaged later frame does not concern the first
        return ()
    if count <= 1:
        return ()
    unit = "page" if image.format == "TIFF" else "frame"
    position = image.tell()
    return (f"first of {count} {unit}s" if position == 0 else f"{unit} {position + 1} of {count}",)


def save_png(
    array: NDArray[np.uint8] | Image.Image, target: str | Path | BinaryIO, overwrite: bool = False
) -> None:
    """Write a PNG: an array (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA, uint8, or a PIL image.

    Raises:
        OutputError: the file exists and `overwrite` is False, it cannot be written or is named as
            another format, or the array is none of these.
    """
    _refuse_other(array)
    if isinstance(target, str | os.PathLike):
        if Path(target).suffix.lower() in PICTURE_SUFFIXES - {".png", ".apng"}:
            raise OutputError(f"{target}: a PNG is written; choose a name that ends in .png")
    elif not hasattr(target, "write"):
        raise OutputError(f"`target`: got {type(target).__name__}, expected a path or a stream")
    encoded = encode(array, ".png")  # whole first, so that a stream never gets half a picture
    if isinstance(target, str | os.PathLike):
        with write_atomically(target, overwrite) as temporary:
            temporary.write_bytes(encoded)
        return
    try:
        target.write(encoded)
    except (OSError, ValueError) as error:  # a closed stream is a ValueError
        name, reason = getattr(target, "name", "output stream"), getattr(error, "strerror", None)
        raise OutputError(f"{name}: cannot be written: {reason or error}") from None


def _refuse_other(array: object) -> None:
    """Raise OutputError for what is no picture that a PNG holds."""
    if isinstance(array, Image.Image):
        return
    got = type(array).__name__
    if isinstance(array, np.ndarray):
        shaped = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
        if shaped and array.dtype == np.uint8 and array.size:
            return
        got = f"{array.shape} {array.dtype}"
    raise OutputError(
        f"`array`: got {got}, expected uint8 of (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA, or a "
        "PIL image"
    )
