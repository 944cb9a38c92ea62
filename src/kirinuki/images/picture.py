"""Open and save pictures safely: whatever users have comes in as upright 8-bit RGB plus alpha.

Reads PNG (APNG), JPEG, WebP, AVIF, GIF, BMP and TIFF, recognised by content and never by suffix,
and PIL images, arrays and binary streams. Of an animation the first frame is taken, and a note
says so. Embedded colour profiles are converted to sRGB. 16-bit pictures are scaled, not clipped.

Transparent pictures: `Picture.rgb` is the picture on white, because the colours that editors leave
under alpha 0 are arbitrary (often black or noise) and a detector should see what a viewer shows.
Nothing is lost: `Picture.alpha` is kept and ``cutout.cutout`` takes the white out again.

Thread-safe: Pillow's globals are left as they are; its plugins are called directly, so our own
`MAX_PIXELS` holds and not ``PIL.Image.MAX_IMAGE_PIXELS``.

Not covered: finding pictures in folders (`work.plan`), frames of a video (`video`), HEIC, SVG, PSD.
"""

from __future__ import annotations

import os
import stat
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from kirinuki.errors import OutputError, PictureError
from kirinuki.files import write_atomically as write_atomically
from kirinuki.images.pixels import split_alpha, upright_rgb

MAX_PIXELS = 144_000_000
"""Largest picture that is read: 12,000 × 12,000. Larger ones are refused by their header."""

PICTURE_SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".avif", ".gif", ".bmp"}
    | {".tif", ".tiff"}
)
"""Suffixes, in lower case, of the files that a folder search should offer to `read_picture`."""

FORMATS = "PNG, JPEG, WebP, AVIF, GIF, BMP or TIFF"

PictureSource: TypeAlias = "str | Path | bytes | Image.Image | NDArray[np.uint8] | BinaryIO"

# Pillow warns about damaged metadata that does not concern us (EXIF, TIFF tags, APNG chunks). Set
# once at import and only for those modules: `warnings.catch_warnings` is not thread-safe.
warnings.filterwarnings("ignore", module=r"PIL\.(Jpeg|Tiff|Png|Gif|WebP|Avif|Bmp)ImagePlugin")

_PNG_LEVEL = 4
"""Half the time of the usual level 6 for files 3 % larger, measured on a 1280×720 overlay."""

_large_tiff_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as the rest of the program sees it.

    Attributes:
        rgb: (H, W, 3) uint8, RGB, upright; on white where the picture is transparent.
        alpha: (H, W) uint8, 255 = opaque; None when the whole picture is opaque.
        notes: what the user should know, such as "first of 12 frames".
        path: where it came from; None for streams, arrays and PIL images.
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None
    notes: tuple[str, ...] = ()
    path: Path | None = None


def read_picture(source: PictureSource) -> Picture:
    """Read one picture.

    Args:
        source: a path, a file's bytes, a PIL image, a uint8 array (H, W) grey, (H, W, 3) RGB or
            (H, W, 4) RGBA (straight alpha), or a binary stream, which is read to its end.

    Raises:
        PictureError: one line that names the source and says what is wrong with it.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        with _one_line("PIL image"):
            return _from_image(source, "PIL image")
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        with _file(path) as file, _opened(file, str(path)) as image:
            return _from_image(image, str(path), path)
    if isinstance(source, bytes):
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
    _check_size(array.shape[1], array.shape[0], "picture array")
    if array.ndim == 2:
        return Picture(rgb=np.repeat(array[:, :, None], 3, axis=2))
    if array.shape[2] == 3:
        return Picture(rgb=np.ascontiguousarray(array))
    return Picture(*split_alpha(Image.fromarray(np.ascontiguousarray(array))))


@contextmanager
def opened(source: Path | BytesIO) -> Iterator[Image.Image]:
    """A picture of which only the header is read: its size, how many frames it has. For whoever
    would call ``PIL.Image.open``, whose limit is another than ours and whose error no `OSError`.

    Raises:
        PictureError: as `read_picture`, also for what goes wrong in the block.
    """
    if isinstance(source, BytesIO):
        with _opened(source, "picture") as image:
            yield image
    else:
        with _file(source) as file, _opened(file, str(source)) as image:
            yield image


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise PictureError(f"{path}: is a folder; expected a picture")
        if not stat.S_ISREG(mode):
            raise PictureError(f"{path}: is not a regular file; pass a stream to read from a pipe")
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise PictureError(f"{path}: no such file") from None
    except OSError as error:
        raise PictureError(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a null character in the name
        raise PictureError(f"{str(path)!r}: is not a file name: {error}") from None


def _from_stream(stream: BinaryIO) -> Picture:
    name = str(getattr(stream, "name", "picture stream"))
    try:
        content = stream.read()
    except OSError as error:
        raise PictureError(f"{name}: cannot be read: {error.strerror or error}") from None
    if not isinstance(content, bytes):
        raise PictureError(f"{name}: got a text stream; expected a binary one (mode 'rb')")
    with _opened(BytesIO(content), name) as image:
        return _from_image(image, name)


@contextmanager
def _opened(file: BinaryIO, name: str) -> Iterator[Image.Image]:
    prefix = file.read(16)
    if not prefix:
        raise PictureError(f"{name}: is empty (0 bytes); expected {FORMATS}")
    file.seek(0)
    plugin = _plugin_for(prefix)
    if plugin is None:
        raise PictureError(f"{name}: is not a picture that can be read; expected {FORMATS}")
    with _one_line(name), plugin(file) as image:
        _check_size(*image.size, name)
        yield image


@contextmanager
def _one_line(name: str) -> Iterator[None]:
    """Whatever a decoder raises, as one line that names the picture."""
    try:
        yield
    except PictureError:
        raise
    except MemoryError:
        raise PictureError(f"{name}: is too large for the memory of this computer") from None
    except Image.DecompressionBombError:  # some of Pillow's plugins look at its own limit first
        raise PictureError(
            f"{name}: is larger than the {MAX_PIXELS // 1_000_000} megapixels (12000×12000) that "
            "are read; make it smaller first"
        ) from None
    except Exception as error:  # decoders raise nearly anything on damaged files
        reason = " ".join(str(error).split()) or type(error).__name__
        raise PictureError(
            f"{name}: is damaged or cut off ({reason}); save or download it again"
        ) from None


def _plugin_for(prefix: bytes) -> Callable[[BinaryIO], Image.Image] | None:
    """Pillow's class for a file that starts with these 16 bytes. Calling it reads the header."""
    if prefix.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImagePlugin.PngImageFile
    if prefix.startswith(b"\xff\xd8\xff"):
        return JpegImagePlugin.JpegImageFile
    if prefix[:4] == b"RIFF" and prefix[8:12] == b"WEBP":
        return WebPImagePlugin.WebPImageFile
    if prefix[4:8] == b"ftyp" and prefix[8:12] in (b"avif", b"avis", b"mif1", b"msf1"):
        return AvifImagePlugin.AvifImageFile
    if prefix.startswith((b"GIF87a", b"GIF89a")):
        return GifImagePlugin.GifImageFile
    if prefix.startswith(b"BM"):
        return BmpImagePlugin.BmpImageFile
    if prefix.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return TiffImagePlugin.TiffImageFile
    return None


def _check_size(width: int, height: int, name: str) -> None:
    if width < 1 or height < 1:
        raise PictureError(f"{name}: is {width}×{height} pixels; expected at least 1×1")
    if width * height > MAX_PIXELS:
        raise PictureError(
            f"{name}: is {width}×{height} = {width * height / 1e6:,.0f} megapixels; at most "
            f"{MAX_PIXELS // 1_000_000} (12000×12000) are read; make it smaller first"
        )


def _from_image(image: Image.Image, name: str, path: Path | None = None) -> Picture:
    _check_size(*image.size, name)
    notes = _frame_notes(image)
    _load(image)
    _check_size(*image.size, name)  # a GIF frame may grow the canvas
    rgb, alpha, pixel_notes = upright_rgb(image)
    return Picture(rgb=rgb, alpha=alpha, notes=(*notes, *pixel_notes), path=path)


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


def _load(image: Image.Image) -> None:
    """Decode the pixels. Pillow repeats its size warning when it loads a TIFF, ours is the limit
    that counts; the lock keeps `catch_warnings` safe and is taken only for such giants."""
    limit = Image.MAX_IMAGE_PIXELS
    if image.format == "TIFF" and limit and image.width * image.height > limit:
        with _large_tiff_lock, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image.load()
    else:
        image.load()


def save_png(
    array: NDArray[np.uint8] | Image.Image, target: str | Path | BinaryIO, overwrite: bool = False
) -> None:
    """Write a PNG: an array (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA, uint8, or a PIL image.

    Raises:
        OutputError: the file exists and `overwrite` is False, or it cannot be written.
    """
    image = Image.fromarray(array) if isinstance(array, np.ndarray) else array
    if isinstance(target, (str, os.PathLike)):
        with write_atomically(target, overwrite) as temporary:
            image.save(temporary, format="PNG", compress_level=_PNG_LEVEL)
        return
    encoded = BytesIO()  # whole first, so that a stream never gets half a picture by our fault
    image.save(encoded, format="PNG", compress_level=_PNG_LEVEL)
    try:
        target.write(encoded.getvalue())
    except OSError as error:
        name = getattr(target, "name", "output stream")
        raise OutputError(f"{name}: cannot be written: {error.strerror or error}") from None
