"""Packets to decoded frames, past whatever is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import av

_TRIES = 20
"""Times in a row that a container may fail to give a packet before it counts as ended."""


def tag(stream: Any, name: str) -> str | None:
    """A tag of a stream, its name in lower case."""
    return next((v for k, v in stream.metadata.items() if k.lower() == name), None)


def decoder_of(stream: Any) -> Any:
    """What decodes a stream's packets: its own decoder, or for transparent VP8 and VP9 libvpx, as
    FFmpeg's own decoders leave the alpha out."""
    own = stream.codec_context
    if tag(stream, "alpha_mode") == "1" and own.codec.canonical_name in ("vp8", "vp9"):
        name = {"vp8": "libvpx", "vp9": "libvpx-vp9"}[own.codec.canonical_name]
        return av.CodecContext.create(name, "r")
    if not own.is_open:
        own.thread_type = "AUTO"
    return own


def decoded(container: Any, stream: Any, broken: Callable[[], None]) -> Iterator[Any]:
    """Frames from where a container stands; `broken` is called for each thing left out."""
    decoder = decoder_of(stream)
    for packet in _packets(container, stream, broken):
        if packet is not None and packet.is_corrupt:
            broken()
        try:
            frames = decoder.decode(packet)
        except av.FFmpegError:
            broken()
            continue
        yield from frames


def _packets(container: Any, stream: Any, broken: Callable[[], None]) -> Iterator[Any]:
    """Packets, and None at the end. Empty ones, by which AVI says that a frame is shown on, would
    end the decoding."""
    packets, failed = container.demux(stream), 0
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            failed += 1
            if failed == 1:
                broken()
            if failed == _TRIES:
                break
            packets = container.demux(stream)
            continue
        except IndexError:
            break  # PyAV, at the end of a file in which another stream began midway
        if packet is None:
            break
        failed = 0
        if packet.size:
            yield packet
    yield None
