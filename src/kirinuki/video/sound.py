"""Encode one sound track anew, in step with the video."""

from __future__ import annotations

from typing import Any

import av

_RATES = {"libopus": 48000}
"""Sample rates that an encoder insists on."""


class Reencoder:
    """Decodes the packets of a stream and writes them with another codec.

    Args:
        stream: of the source.
        container: takes the new stream.
        encoder: FFmpeg's name of the encoder.
    """

    def __init__(self, stream: Any, container: Any, encoder: str) -> None:
        self._source = stream
        self._container = container
        rate = _RATES.get(encoder, stream.codec_context.sample_rate)
        layout = stream.codec_context.layout.name
        self._stream = container.add_stream(encoder, rate=rate, layout=layout)
        self._stream.metadata.update(stream.metadata)

    def take(self, packet: Any) -> None:
        """Decode and write a packet; a damaged one is passed over."""
        try:
            frames = self._source.codec_context.decode(packet)
        except av.FFmpegError:
            return
        for frame in frames:
            self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Write what is still inside."""
        for frame in self._source.codec_context.decode(None):
            self._container.mux(self._stream.encode(frame))
        self._container.mux(self._stream.encode(None))
