"""What travels with a video: its sound, subtitles, fonts, chapters and titles, copied from the
source packet by packet.

Not covered: sound that the result's container cannot hold is encoded anew by `sound`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from io import BytesIO
from typing import Any

import av

from kirinuki.video.info import holds_nothing
from kirinuki.video.sound import Reencoder

_SOUND = {
    ".webm": {"opus", "vorbis"},
    ".mp4": {"aac", "mp3", "ac3", "eac3", "opus", "flac", "alac"},
    ".mov": {"aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s24le", "pcm_f32le"},
}
"""Codecs of sound that a container holds and players play; others hold everything."""
_SUBTITLES = {".webm": {"webvtt"}, ".mp4": {"mov_text"}, ".mov": {"mov_text"}}
_STAND_IN = {".webm": "libopus", ".mp4": "aac", ".mov": "pcm_s16le", ".mkv": "flac"}
"""What sound is encoded to where it cannot be copied."""
_FORMATS = {".webm": "webm", ".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}
"""FFmpeg's names of the containers."""
_OF_THE_FILE = (
    *("duration", "encoder", "handler_name", "vendor_id", "major_brand", "minor_version"),
    *("compatible_brands", "bps", "number_of_", "_statistics_", "alpha_mode", "timecode"),
)
"""Beginnings of the names of tags that say how the source was stored."""

Take = Callable[[Any], None]
"""Takes one packet of a stream."""


class Companions:
    """Adds streams to a container, and writes their packets as far as the video has come.

    Args:
        source: the open container they come from.
        out: the container they go to.
        suffix: of the result, which names its container.
        shift: seconds added to all times.
        start: seconds of the source before which packets are left out; None is none.
        end: seconds of the source from which on packets are left out; None is none.

    Attributes:
        notes: what could not be copied.
    """

    def __init__(
        self,
        source: Any,
        out: Any,
        suffix: str,
        shift: Fraction,
        start: Fraction | None,
        end: Fraction | None,
    ) -> None:
        self.notes: list[str] = []
        self._source = source
        self._out = out
        self._suffix = suffix
        self._shift = shift
        self._start = start
        self._end = end
        self._takes: dict[int, Take] = {}
        self._reencoders: list[Reencoder] = []
        for stream in source.streams:
            self._add(stream)
        out.metadata.update(kept_tags(source))
        self._copy_chapters()
        taken = [s for s in source.streams if s.index in self._takes]
        self._packets: Iterator[Any] = source.demux(taken) if taken else iter(())
        self._next = self._read()

    def mux_until(self, time: Fraction | None) -> None:
        """Write what comes before this time of the source in seconds; None is all that is left."""
        while self._next is not None:
            packet = self._next
            when = packet.dts * packet.time_base
            if time is not None and when > time:
                return
            self._take(packet, when)
            self._next = self._read()
        if time is None:
            for reencoder in self._reencoders:
                reencoder.finish()

    def _read(self) -> Any:
        """The next packet of the source; None at its end, or where it is damaged for good."""
        try:
            for packet in self._packets:
                if packet.dts is None:
                    packet.dts = packet.pts
                if packet.dts is not None:
                    return packet
        except av.FFmpegError as error:
            self._note(f"its sound ends where the file is damaged: {error.strerror}")
        return None

    def _take(self, packet: Any, when: Fraction) -> None:
        if self._end is not None and when >= self._end:
            return
        if self._start is not None and when < self._start:
            if packet.stream.type != "subtitle" or not packet.duration:
                return
            missed = round((self._start - when) / packet.time_base)
            if packet.duration <= missed:
                return
            packet.duration -= missed
            packet.dts, packet.pts = packet.dts + missed, packet.pts + missed
        units = round(self._shift / packet.time_base)
        packet.dts += units
        if packet.pts is not None:
            packet.pts += units
        self._takes[packet.stream_index](packet)

    def _add(self, stream: Any) -> None:
        if stream.type == "attachment":
            if self._suffix == ".mkv":
                self._out.add_stream_from_template(stream)
            else:
                self._note(f"attached files (fonts) are left out: {self._suffix} cannot hold them")
        elif stream.type in ("audio", "subtitle") and not holds_nothing(stream):
            name = codec_of(stream)
            table = _SOUND if stream.type == "audio" else _SUBTITLES
            if name in table.get(self._suffix, {name}) and self._fits(stream):
                self._copy(stream)
            elif stream.type != "audio" or not self._encode_anew(stream, name):
                what = "sound" if stream.type == "audio" else "subtitles"
                self._note(f"its {name} {what} are left out: {self._suffix} cannot hold them")

    def _fits(self, stream: Any) -> bool:
        """Whether the container takes the stream, tried beside it: a header that cannot be written
        would cost the video."""
        try:
            with av.open(BytesIO(), "w", format=_FORMATS[self._suffix]) as scratch:
                scratch.add_stream_from_template(stream, opaque=True)
                scratch.start_encoding()
        except (av.FFmpegError, ValueError):
            return False
        return True

    def _encode_anew(self, stream: Any, name: str) -> bool:
        """Whether it can be."""
        encoder = _STAND_IN[self._suffix]
        if stream.codec_context is None:
            return False
        try:
            reencoder = Reencoder(stream, self._out, encoder)
        except (av.FFmpegError, ValueError):
            return False
        reencoder.stream.metadata.update(kept_tags(stream))
        reencoder.stream.disposition = stream.disposition
        self._reencoders.append(reencoder)
        self._takes[stream.index] = reencoder.take
        became = encoder.removeprefix("lib")
        self._note(f"its {name} sound was encoded anew as {became}: {self._suffix} cannot hold it")
        return True

    def _copy(self, stream: Any) -> None:
        copied = self._out.add_stream_from_template(stream, opaque=True)
        copied.metadata.clear()
        copied.metadata.update(kept_tags(stream))
        copied.disposition = stream.disposition

        def take(packet: Any) -> None:
            packet.stream = copied
            try:
                self._out.mux_one(packet)
            except (av.error.InvalidDataError, av.error.ArgumentError):
                self._note("some of its sound or subtitles is damaged and left out")

        self._takes[stream.index] = take

    def _copy_chapters(self) -> None:
        start = self._start or Fraction(0)
        chapters = []
        for chapter in self._source.chapters():
            base = Fraction(chapter["time_base"])
            begin, end = chapter["start"] * base, chapter["end"] * base
            begin = begin if self._start is None else max(begin, start)
            end = end if self._end is None else min(end, self._end)
            if begin < end:
                shifted = {"start": begin + self._shift, "end": end + self._shift}
                chapters.append({**chapter, **{k: round(v / base) for k, v in shifted.items()}})
        if chapters:
            self._out.set_chapters(chapters)

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def kept_tags(source: Any) -> dict[str, str]:
    """The tags of a container or stream that speak of what is in it."""
    tags = source.metadata.items()
    return {k: v for k, v in tags if not k.lower().startswith(_OF_THE_FILE)}


def codec_of(stream: Any) -> str:
    """FFmpeg's name of a codec, whichever decoder it has."""
    context = stream.codec_context
    return "unknown" if context is None else str(context.codec.canonical_name)
