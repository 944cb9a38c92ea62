"""Open picture files and look at their headers: formats by content, limits, errors of one line.

Every format's size is read from its header and held against `MAX_PIXELS` before a pixel is decoded.
Thread-safe: Pillow's globals are left as they are; its plugins are called directly, so our own
limit holds and not ``PIL.Image.MAX_IMAGE_PIXELS``, and none of its warnings is shown.

Not covered: pixels (`pixels`, `hdr`).
"""

from __future__ import annotations

import logging
import os
import stat
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

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

from kirinuki.errors import PictureError
from kirinuki.images.headers import LONGEST_HEADER, declared_sizes

MAX_PIXELS = 144_000_000
"""Largest picture that is read: 12,000 × 12,000. Larger ones are refused by their header."""
MAX_BYTES = 8 * MAX_PIXELS
"""Most that is taken from a stream: the largest picture, four channels of 16 bits, uncompressed."""
_IN_MEMORY = 64 << 20
"""Bytes of a stream that are held; longer ones wait in a temporary file."""
_CHUNK = 1 << 20

FORMATS = "PNG, JPEG, WebP, AVIF, GIF, BMP or TIFF"
_TOO_LARGE = f"at most {MAX_PIXELS // 1_000_000} (12000×12000) are read; make it smaller first"

# Pillow warns about damaged metadata that does not concern us (EXIF, TIFF tags, APNG chunks). Set
# once at import and only for those modules: `warnings.catch_warnings` is not thread-safe.
warnings.filterwarnings("ignore", module=r"PIL\.(Jpeg|Tiff|Png|Gif|WebP|Avif|Bmp)ImagePlugin")

# And it logs what else it finds, which Python prints where nobody listens.
logging.getLogger("PIL").addHandler(logging.NullHandler())

_tiff_lock = threading.Lock()


@contextmanager
def opened(source: Path | BytesIO) -> Iterator[Image.Image]:
    """A picture of which only the header is read: its size, how many frames it has. For whoever
    would call ``PIL.Image.open``, whose limit is another than ours and whose error no `OSError`.

    Raises:
        PictureError: as `read_picture`, also for what goes wrong in the block.
    """
    if isinstance(source, BytesIO):
        with opened_file(source, "picture") as image:
            yield image
    else:
        with file_at(source) as file, opened_file(file, str(source)) as image:
            yield image


@contextmanager
def file_at(path: Path) -> Iterator[BinaryIO]:
    """The regular file of this path, open."""
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


@contextmanager
def file_of(stream: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """What a stream holds to its end; one that never ends, or begins as no picture does, is not
    read on."""
    if getattr(stream, "closed", False):
        raise PictureError(f"{name}: is a closed stream; open it again")
    if isinstance(stream, BytesIO):
        content = stream.read()
        if not content and stream.tell():
            raise PictureError(f"{name}: is a stream at its end; call its seek(0) first")
        yield BytesIO(content)
        return
    with SpooledTemporaryFile(_IN_MEMORY) as file:
        try:
            chunk, size = stream.read(_CHUNK), 0
            while chunk:
                if not isinstance(chunk, bytes):
                    raise PictureError(
                        f"{name}: got a text stream; expected a binary one (mode 'rb')"
                    )
                if not size and len(chunk) >= 16 and _plugin_for(chunk[:16]) is None:
                    raise _no_picture(name)
                size += file.write(chunk)
                if size > MAX_BYTES:
                    raise PictureError(
                        f"{name}: holds more than {MAX_BYTES // 1_000_000:,} MB; no picture that "
                        "is read is so large"
                    )
                chunk = stream.read(_CHUNK)
        except OSError as error:
            raise PictureError(f"{name}: cannot be read: {error.strerror or error}") from None
        file.seek(0)
        yield cast(BinaryIO, file)


@contextmanager
def opened_file(file: BinaryIO, name: str) -> Iterator[Image.Image]:
    """Pillow's image of an open file, its header read and its size within the limit."""
    prefix = file.read(16)
    if not prefix:
        raise PictureError(f"{name}: is empty (0 bytes); expected {FORMATS}")
    plugin = _plugin_for(prefix)
    if plugin is None:
        raise _no_picture(name)
    if plugin in (WebPImagePlugin.WebPImageFile, AvifImagePlugin.AvifImageFile):
        for width, height in declared_sizes(prefix + file.read(LONGEST_HEADER)):
            if width * height > MAX_PIXELS:
                check_size(width, height, name)
    file.seek(0)
    with damage_named(name), plugin(file) as image:
        check_size(*image.size, name)
        yield image


@contextmanager
def damage_named(name: str) -> Iterator[None]:
    """Whatever a decoder raises, as one line that names the picture."""
    try:
        yield
    except PictureError:
        raise
    except MemoryError:
        raise PictureError(f"{name}: is too large for the memory of this computer") from None
    except Image.DecompressionBombError:  # some of Pillow's plugins look at its own limit first
        raise PictureError(f"{name}: has more megapixels than are read: {_TOO_LARGE}") from None
    except Exception as error:  # decoders raise nearly anything on damaged files
        reason = " ".join(str(error).split()) or type(error).__name__
        raise PictureError(
            f"{name}: is damaged or cut off ({reason}); save or download it again"
        ) from None


def _no_picture(name: str) -> PictureError:
    return PictureError(f"{name}: is not a picture that can be read; expected {FORMATS}")


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


def check_size(width: int, height: int, name: str) -> None:
    """Refuse what is too large, or nothing at all."""
    if width < 1 or height < 1:
        raise PictureError(f"{name}: is {width}×{height} pixels; expected at least 1×1")
    if width * height > MAX_PIXELS:
        raise PictureError(
            f"{name}: is {width}×{height} = {width * height / 1e6:,.0f} megapixels; {_TOO_LARGE}"
        )


def load(image: Image.Image) -> None:
    """Decode the pixels. Pillow repeats its size warning when it loads a TIFF, ours is the limit
    that counts, and libtiff writes what it finds damaged to the terminal itself; the lock keeps
    `catch_warnings` and the standard error safe, and is taken for TIFF alone."""
    if image.format == "TIFF":
        with _tiff_lock, warnings.catch_warnings(), _silence():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image.load()
    else:
        image.load()
    if isinstance(image, AvifImagePlugin.AvifImageFile) and image.fp is not None:
        image.fp.close()  # Pillow holds the pixels there once more


@contextmanager
def _silence() -> Iterator[None]:
    """What a library in C writes to the standard error of the process is lost."""
    try:
        kept = os.dup(2)
    except OSError:  # there is none
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
