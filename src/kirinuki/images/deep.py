"""HDR stills: which pictures are PQ or HLG, and their colours in full depth, which Pillow leaves.

Not covered: what the numbers mean (`hdr`), transparency and orientation (`pixels`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import av
import numpy as np
from av.sidedata.sidedata import Type
from numpy.typing import NDArray

from kirinuki.images.hdr import HLG, PQ, Hdr, brightest

_MATRICES = {1: 1, 5: 5, 6: 5, 9: 9}
"""Matrix (H.273, table 4) → libswscale's number of it; a still has no others."""


def hdr_of(frame: Any) -> Hdr | None:
    """How the numbers of a decoded frame mean HDR light; None where they do not."""
    transfer = int(frame.color_trc)
    if transfer not in (PQ, HLG):
        return None
    return Hdr(transfer, int(frame.color_primaries), _peak(frame), _white(frame))


def _white(frame: Any) -> int:
    """Number of 16 bits that libswscale makes of white: its own of limited range, and of full range
    that of the source moved up, which both fall short of the whole (measured)."""
    form = frame.format
    if form.is_rgb or form.has_palette:
        return 65_535
    bits = form.components[0].bits
    return ((1 << bits) - 1) << (16 - bits) if int(frame.color_range) == 2 else 65_283


def _peak(frame: Any) -> float | None:
    """cd/m² of the brightest pixel, as far as a frame says: the content's own, else that of the
    display on which it was made."""
    try:
        side_data = frame.side_data
    except ValueError:  # PyAV, of a kind that it does not know: nothing beside it can be asked for
        return None
    level = side_data.get(Type.CONTENT_LIGHT_LEVEL)
    if level is not None and (most := struct.unpack_from("<I", bytes(level))[0]):
        return float(most)
    display = side_data.get(Type.MASTERING_DISPLAY_METADATA)
    if display is not None:
        # Fractions: 3 primaries and the white, x and y each, the darkest, the brightest; 2 flags.
        numbers = struct.unpack_from("<22i", bytes(display))
        if numbers[21] and numbers[18] > 0 and numbers[19] > 0:
            return float(numbers[18] / numbers[19])
    return None


def read_hdr(file: BinaryIO, form: str) -> tuple[NDArray[np.uint16] | None, Hdr] | None:
    """Colours of an HDR picture as they are stored, R'G'B' (h, w, 3) uint16 of full range, perhaps
    not in this machine's order of bytes; None where FFmpeg cannot decode them.

    Args:
        file: the picture; left where it stands.
        form: Pillow's name of its format.

    Returns:
        None for any other picture.
    """
    if form not in ("PNG", "AVIF"):
        return None
    stands = file.tell()
    try:
        if form == "PNG" and not _png_is_hdr(file):
            return None
        file.seek(0)
        with av.open(file, "r", metadata_errors="replace") as container:
            return _decoded(container)
    except (av.FFmpegError, IndexError):  # IndexError: no picture in it
        return None
    finally:
        file.seek(stands)


def _decoded(container: Any) -> tuple[NDArray[np.uint16] | None, Hdr] | None:
    stream = container.streams.video[0]
    context = stream.codec_context
    if int(context.color_trc) not in (PQ, HLG) and context.name != "png":
        return None
    context.thread_count = 1  # more hold the picture more than once
    try:
        frame = next(container.decode(stream))
    except (av.FFmpegError, StopIteration):
        return None, Hdr(int(context.color_trc), int(context.color_primaries))
    hdr = hdr_of(frame)
    return None if hdr is None else (deep_rgb(frame), hdr)


def measured(hdr: Hdr, seen: Iterable[NDArray[np.uint16]]) -> Hdr:
    """With a peak: what the file says, else the brightest of these pictures."""
    if hdr.peak is not None:
        return hdr
    return replace(hdr, peak=max((brightest(coded, hdr) for coded in seen), default=None))


def deep_rgb(frame: Any) -> NDArray[np.uint16]:
    """Colours of a decoded frame, R'G'B' (h, w, 3) uint16 of full range and of either order of
    bytes."""
    channels = {"rgb48be": 3, "rgba64be": 4}.get(frame.format.name)
    if channels is not None:  # as PNG has it: no copy
        return _pixels(frame, channels, ">u2")
    shown = frame.reformat(
        format="rgb48le",
        src_colorspace=_MATRICES.get(int(frame.colorspace), 9),
        src_color_range=int(frame.color_range) or 1,  # of RGB it says nothing
        dst_color_range=2,
    )
    return _pixels(shown, 3, "<u2")


def _pixels(frame: Any, channels: int, kind: str) -> NDArray[np.uint16]:
    plane = frame.planes[0]
    shape, strides = (frame.height, frame.width, channels), (plane.line_size, 2 * channels, 2)
    whole: NDArray[np.uint16] = np.ndarray(shape, kind, plane, strides=strides)
    return whole[..., :3]


def _png_is_hdr(file: BinaryIO) -> bool:
    """Whether a PNG says so in its chunk cICP: primaries, transfer, matrix, range, a byte each."""
    return any(kind == b"cICP" and body[1:2] in (b"\x10", b"\x12") for kind, body in _heads(file))


def _heads(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Names of the chunks before the pixels of a PNG, and what begins them."""
    file.seek(8)
    while len(head := file.read(8)) == 8 and head[4:] != b"IDAT":
        yield head[4:], file.read(4)
        file.seek(int.from_bytes(head[:4]), 1)  # what is left of it, and its checksum
