"""What travels with a video: its sound, subtitles, fonts, chapters and titles, copied from the
source packet by packet.

Not covered: sound that the result's container cannot hold is encoded anew by `sound`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from kirinuki.video.info import VideoInfo
from kirinuki.video.sound import Reencoder

_SOUND = {
    ".webm": {"opus", "vorbis"},
    ".mp4": {"aac", "mp3", "ac3", "eac3", "opus", "flac", "alac"},
    ".mov": {"aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s24le", "pcm_f32le"},
}
"""Codecs of sound that a container holds and players play; others hold everything."""
_SUBTITLES = {".webm": {"webvtt"}, ".mp4": {"mov_text"}, ".mov": {"mov_text"}}
_STAND_IN = {".webm": "libopus", ".mp4": "aac", ".mov": "pcm_s16le"}
"""What sound is encoded to where it cannot be copied."""

Take = Callable[[Any], None]
"""Takes one packet of a stream."""


class Companions:
    """Adds streams to a container, and writes their packets as far as the video has come.

    Args:
        shift: seconds added to all times.
        start: seconds of the source before which packets are left out; None is none.
        end: seconds of the source from which on packets are left out; None is none.

    Attributes:
        notes: what could not be copied.
    """

    def __init__(
        self,
        source: VideoInfo,
        container: Any,
        shift: Fraction,
        start: Fraction | None,
        end: Fraction | None,
    ) -> None:
        self.notes: list[str] = []
        self._source = av.open(str(source.path))
        self._out = container
        self._suffix = Path(container.name).suffix.lower()
        self._shift = shift
        self._start = start
        self._end = end
        self._takes: dict[int, Take] = {}
        self._reencoders: list[Reencoder] = []
        for stream in self._source.streams:
            self._add(stream)
        self._copy_titles()
        taken = [s for s in self._source.streams if s.index in self._takes]
        self._packets: Iterator[Any] = self._source.demux(taken) if taken else iter(())
        self._next = next(self._packets, None)

    def mux_until(self, time: Fraction | None) -> None:
        """Write what comes before this time of the source in seconds; None is all that is left."""
        while self._next is not None:
            packet = self._next
            if packet.dts is not None:
                when = packet.dts * packet.time_base
                if time is not None and when > time:
                    return
                self._take(packet, when)
            self._next = next(self._packets, None)
        if time is None:
            for reencoder in self._reencoders:
                reencoder.finish()

    def close(self) -> None:
        """Let go of the source."""
        self._source.close()

    def _take(self, packet: Any, when: Fraction) -> None:
        if self._start is not None and when < self._start:
            return
        if self._end is not None and when >= self._end:
            return
        if self._shift:
            units = round(self._shift / packet.time_base)
            packet.dts += units
            if packet.pts is not None:
                packet.pts += units
        self._takes[packet.stream_index](packet)

    def _add(self, stream: Any) -> None:
        if stream.type == "audio":
            self._add_sound(stream)
        elif stream.type == "subtitle":
            allowed = _SUBTITLES.get(self._suffix)
            name = _codec(stream)
            if allowed is None or name in allowed:
                self._copy(stream)
            else:
                self.notes.append(f"{name} subtitles are left out: {self._suffix} cannot hold them")
        elif stream.type == "attachment" and self._suffix == ".mkv":
            self._out.add_stream_from_template(stream)

    def _add_sound(self, stream: Any) -> None:
        allowed = _SOUND.get(self._suffix)
        name = _codec(stream)
        if allowed is None or name in allowed:
            self._copy(stream)
            return
        encoder = _STAND_IN[self._suffix]
        reencoder = Reencoder(stream, self._out, encoder)
        self._reencoders.append(reencoder)
        self._takes[stream.index] = reencoder.take
        self.notes.append(f"{name} sound became {encoder.removeprefix('lib')}, which fits in")

    def _copy(self, stream: Any) -> None:
        copied = self._out.add_stream_from_template(stream, opaque=True)
        copied.metadata.update(stream.metadata)
        with suppress(AttributeError, TypeError):
            copied.disposition = stream.disposition

        def take(packet: Any) -> None:
            packet.stream = copied
            self._out.mux_one(packet)

        self._takes[stream.index] = take

    def _copy_titles(self) -> None:
        for key, value in self._source.metadata.items():
            if key in ("title", "artist", "date", "comment", "show", "episode_id"):
                self._out.metadata[key] = value
        if self._start is None and self._end is None and self._suffix != ".webm":
            chapters = self._source.chapters()
            if chapters:
                self._out.set_chapters(chapters)


def _codec(stream: Any) -> str:
    """FFmpeg's name of a codec, whichever decoder it has."""
    context = stream.codec_context
    return "unknown" if context is None else str(context.codec.canonical_name)
