"""Encode one sound track anew, in step with the video."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import Any

import av
import numpy as np

_RATES = {"libopus": 48000}
"""Sample rates that an encoder insists on."""
_BITS = {"libopus": 80_000, "aac": 96_000}
"""Bits a second and channel."""
_LAYOUTS = ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1")
"""Of one channel and more: the loudspeakers that every encoder here knows."""
_TOLERANCE = Fraction(1, 25)
"""Seconds by which sound may be off before silence is put in or sound is left out: rounded times
are off by less, and the next frame's make up for it."""


class Reencoder:
    """Decodes the packets of a stream and writes them with another codec.

    Args:
        source: the stream.
        container: takes the new stream.
        encoder: FFmpeg's name of the encoder.

    Attributes:
        stream: the new one.
    """

    def __init__(self, source: Any, container: Any, encoder: str) -> None:
        self._source = source
        self._container = container
        rate = _RATES.get(encoder, source.codec_context.sample_rate)
        channels = min(source.codec_context.channels, len(_LAYOUTS))
        self._layout = _LAYOUTS[channels - 1]
        self.stream = container.add_stream(encoder, rate=rate, layout=self._layout)
        if encoder in _BITS:
            self.stream.bit_rate = _BITS[encoder] * channels
        self._rate: int = rate
        self._resampler: Any = None
        self._input: tuple[Any, ...] | None = None
        self._written: int | None = None

    def take(self, packet: Any) -> None:
        """Decode and write a packet; a damaged one is passed over."""
        try:
            frames = self._source.codec_context.decode(packet)
        except av.FFmpegError:
            return
        for frame in frames:
            self._write(frame)

    def finish(self) -> None:
        """Write what is still inside."""
        with suppress(av.FFmpegError):  # a damaged end, or nothing ever came
            for frame in self._source.codec_context.decode(None):
                self._write(frame)
        if self._resampler is not None:
            self._encode(self._resampler.resample(None))
        self._container.mux(self.stream.encode(None))

    def _write(self, frame: Any) -> None:
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if kind != self._input:
            form = self.stream.codec_context.format
            self._resampler = av.AudioResampler(form, self._layout, self._rate)
            self._input = kind
        if frame.pts is not None and self._late(round(frame.pts * frame.time_base * self._rate)):
            return
        frame.pts = None
        self._encode(self._resampler.resample(frame))

    def _late(self, due: int) -> bool:
        """Put silence where the source has a hole; whether the sound of this sample's time, counted
        from zero, is already written."""
        if self._written is None:
            self._written = due
        hole = due - self._written
        if hole > _TOLERANCE * self._rate:
            self._encode([self._silence(hole)])
        return -hole > _TOLERANCE * self._rate

    def _silence(self, samples: int) -> Any:
        form = self.stream.codec_context.format
        channels = _LAYOUTS.index(self._layout) + 1
        shape = (channels, samples) if form.is_planar else (1, samples * channels)
        kinds = {"s16": np.int16, "s32": np.int32, "flt": np.float32}
        zeros = np.zeros(shape, kinds[form.name.removesuffix("p")])
        silence = av.AudioFrame.from_ndarray(zeros, form.name, self._layout)
        silence.sample_rate = self._rate
        return silence

    def _encode(self, frames: list[Any]) -> None:
        for frame in frames:
            frame.pts, frame.time_base = self._written, Fraction(1, self._rate)
            self._written = (self._written or 0) + frame.samples
            self._container.mux(self.stream.encode(frame))
