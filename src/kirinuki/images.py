"""Open and save pictures safely: whatever users have comes in as upright 8-bit RGB plus alpha.

Reads PNG (APNG), JPEG, WebP, AVIF, GIF, BMP and TIFF, recognised by content and never by suffix,
and PIL images, arrays and binary streams. Of an animation the first frame is taken, and a note
says so. Embedded colour profiles are converted to sRGB. 16-bit pictures are scaled, not clipped.

Transparent pictures: `Picture.rgb` is the picture on white, because the colours that editors leave
under alpha 0 are arbitrary (often black or noise) and a detector should see what a viewer shows.
Nothing is lost: `Picture.alpha` is kept and ``cutout.cutout`` takes the white out again.

Thread-safe: Pillow's globals are left as they are; its plugins are called directly, so our own
`MAX_PIXELS` holds and not ``PIL.Image.MAX_IMAGE_PIXELS``.

Not covered: finding pictures in folders (`batch`), frames of a video (`video`), HEIC, SVG, PSD.
"""

from __future__ import annotations

import errno
import os
import secrets
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
    ImageCms,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from kirinuki.errors import OutputError, PictureError

MAX_PIXELS = 144_000_000
"""Largest picture that is read: 12,000 × 12,000. Larger ones are refused by their header."""

PICTURE_SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".avif", ".gif", ".bmp", ".dib"}
    | {".tif", ".tiff"}
)
"""Suffixes, in lower case, of the files that a folder search should offer to `read_picture`."""

FORMATS = "PNG, JPEG, WebP, AVIF, GIF, BMP or TIFF"

PictureSource: TypeAlias = "str | Path | Image.Image | NDArray[np.uint8] | BinaryIO"

# Pillow warns about damaged metadata that does not concern us (EXIF, TIFF tags, APNG chunks). Set
# once at import and only for those modules: `warnings.catch_warnings` is not thread-safe.
warnings.filterwarnings("ignore", module=r"PIL\.(Jpeg|Tiff|Png|Gif|WebP|Avif|Bmp)ImagePlugin")

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
        source: a path, a PIL image, a uint8 array (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA
            (straight alpha), or a binary stream, which is read to its end.

    Raises:
        PictureError: one line that names the source and says what is wrong with it.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _from_image(source, "PIL image")
    if isinstance(source, (str, os.PathLike)):
        return _from_path(Path(source))
    if hasattr(source, "read"):
        return _from_stream(source)
    raise PictureError(
        f"picture: got {type(source).__name__}; expected a path, a PIL image, a uint8 array "
        "or a binary stream"
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
    return Picture(*_split_alpha(Image.fromarray(np.ascontiguousarray(array))))


def _from_path(path: Path) -> Picture:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise PictureError(f"{path}: is a folder; expected a picture")
        if not stat.S_ISREG(mode):
            raise PictureError(f"{path}: is not a regular file; pass a stream to read from a pipe")
        with path.open("rb") as file:
            return _decode(file, str(path), path)
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
    return _decode(BytesIO(content), name)


def _decode(file: BinaryIO, name: str, path: Path | None = None) -> Picture:
    prefix = file.read(16)
    if not prefix:
        raise PictureError(f"{name}: is empty (0 bytes); expected {FORMATS}")
    file.seek(0)
    plugin = _plugin_for(prefix)
    if plugin is None:
        raise PictureError(f"{name}: is not a picture that can be read; expected {FORMATS}")
    try:
        with plugin(file) as image:
            return _from_image(image, name, path)
    except PictureError:
        raise
    except MemoryError:
        raise PictureError(f"{name}: is too large for the memory of this computer") from None
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
    notes: list[str] = []
    frame_note = _frame_note(image)
    if frame_note:
        notes.append(frame_note)
    _load(image)
    _check_size(*image.size, name)  # a GIF frame may grow the canvas
    orientation = _orientation(image)
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        rgb, alpha = _split_deep(image)
    else:
        rgb, alpha = _split_alpha(_to_srgb(image, notes))
    if orientation in _ORIENTATIONS:
        rgb = _turn(rgb, _ORIENTATIONS[orientation])
        alpha = None if alpha is None else _turn(alpha, _ORIENTATIONS[orientation])
    return Picture(rgb=rgb, alpha=alpha, notes=tuple(notes), path=path)


def _frame_note(image: Image.Image) -> str | None:
    try:
        count = int(getattr(image, "n_frames", 1))
    except Exception:  # a damaged later frame does not concern the first
        return None
    if count <= 1:
        return None
    unit = "pages" if image.format == "TIFF" else "frames"
    position = image.tell()
    return f"first of {count} {unit}" if position == 0 else f"{unit[:-1]} {position + 1} of {count}"


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


def _split_alpha(image: Image.Image) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """RGB (H, W, 3) on white and alpha (H, W), or None when opaque, of an 8-bit image."""
    if not image.has_transparency_data:
        return np.array(image.convert("RGB")), None
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
    grey = _scale_to_8_bits(values)
    key = image.info.get("transparency")  # PNG: the one grey that is transparent
    if not isinstance(key, int) or not (hidden := values == key).any():
        return np.repeat(grey[:, :, None], 3, axis=2), None
    grey[hidden] = 255
    return np.repeat(grey[:, :, None], 3, axis=2), np.where(hidden, 0, 255).astype(np.uint8)


def _scale_to_8_bits(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """16-bit greys to 8 bits, (v + 128) // 257. Of 32-bit integers and floats the full range is
    not known: taken as 0…1 (floats), 0…255 or 0…65535 where they fit, else stretched."""
    if values.dtype.kind == "u":
        scaled: NDArray[np.uint8] = ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
        return scaled
    floats = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(floats.min()), float(floats.max())
    tops = (1.0, 255.0, 65535.0) if values.dtype.kind == "f" else (255.0, 65535.0)
    top = next((t for t in tops if low >= 0 and high <= t), None)
    if top is None:
        floats, top = floats - low, high - low
    scaled = np.rint(floats * (255.0 / max(top, 1e-30)))
    return scaled.astype(np.uint8)


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


_PNG_LEVEL = 4


@contextmanager
def write_atomically(path: str | Path, overwrite: bool = False) -> Iterator[Path]:
    """A temporary path in the folder of `path`, renamed to `path` when the block ends well and
    removed when it raises. Missing parent folders are made. The suffix is kept.

    Raises:
        OutputError: `path` exists and `overwrite` is False (also when it appears meanwhile), is a
            folder, or cannot be written (rights, full disk).
    """
    path = Path(path)
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; give a file name")
    if not overwrite and os.path.lexists(path):
        raise _exists(path)
    temporary = path.with_name(f".kirinuki-{secrets.token_hex(8)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch(exist_ok=False)  # a folder without write permission is found out here
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        yield temporary
        _move(temporary, path, overwrite)
    except OSError as error:
        if error.filename not in (None, str(temporary)):
            raise  # a failure of the block that concerns some other file
        raise _unwritable(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def _move(temporary: Path, path: Path, overwrite: bool) -> None:
    if overwrite:
        temporary.replace(path)
        return
    try:
        os.link(temporary, path)  # unlike a rename, fails when the target has appeared meanwhile
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EACCES):
            raise
        if os.path.lexists(path):  # a file system without hard links
            raise _exists(path) from None
        temporary.replace(path)


def _exists(path: Path) -> OutputError:
    return OutputError(f"{path}: exists already; pass --overwrite to replace it")


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path}: cannot be written: {error.strerror or error}")
