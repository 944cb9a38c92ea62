"""Join the segments of a video, and give it the sound of its source: packets are copied.

Not covered: encoding the segments (`encoder`), sound that a container cannot hold (`sound`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from fractions import Fraction
from itertools import pairwise
from math import lcm
from pathlib import Path
from typing import Any

import av

from kirinuki.errors import OutputError
from kirinuki.files import write_atomically
from kirinuki.video.animation import ANIMATIONS, Animation
from kirinuki.video.companions import Companions, kept_tags
from kirinuki.video.info import VideoInfo, end_of, opened, video_stream

_DEPTH = {"h264": 2, "hevc": 2}
"""Frames by which decoding runs ahead of showing: x264 and x265 refer to B-frames one level deep.
Not taken from the file, which guesses it from its first frames."""
_CLOCKS = ("mpegts", "mpeg")
"""Containers whose times are those of the sender's clock: players begin at the first, and an MP4
with these times would begin with nothing."""
_MAX_TIMESCALE = 2**31 - 1
_FINEST = 10_000
"""MP4 doubles a time scale until it is at least this."""


def assemble(
    out: Path,
    segments: Sequence[Path],
    source: VideoInfo | None,
    *,
    start: Fraction | None = None,
    end: Fraction | None = None,
    overwrite: bool = False,
) -> list[str]:
    """Write one file from segments that `Encoder` made with the same settings.

    Args:
        out: the file; its suffix names the container.
        segments: in order; each holds a later stretch than the one before.
        source: where sound, subtitles, fonts, chapters and titles come from; None for none.
        start: seconds of the source where the part asked for begins. The first frame of the result
            is then at 0; None, or a time before the source's first frame, keeps its own times, but
            those of transport streams, which mean nothing, begin at 0 too.
        end: seconds of the source from which on sound is left out; None is its end.

    Returns:
        What the user should know, such as sound that had to be encoded anew.

    Raises:
        OutputError: the file exists and `overwrite` is False, or it cannot be written.
        VideoError: the source cannot be read any more.
    """
    if not segments:
        raise ValueError("segments must not be empty")
    if start is not None and source is not None and start <= source.start:
        start = None
    with write_atomically(out, overwrite) as temporary:
        try:
            return _write(temporary, segments, source, start, end)
        except (av.FFmpegError, OSError) as error:
            why = error.strerror or error
            raise OutputError(f"{out}: cannot be written: {why}") from error


def _write(
    path: Path,
    segments: Sequence[Path],
    source: VideoInfo | None,
    start: Fraction | None,
    end: Fraction | None,
) -> list[str]:
    times = _Times(segments)
    if source is not None and source.container in ANIMATIONS:
        times.end_after(Animation(source.path).shown_for(times.last))
        source = None  # there is nothing beside its frames
    shift = Fraction(0) if start is None else -times.first
    with ExitStack() as stack:
        like = stack.enter_context(av.open(str(segments[0]))).streams.video[0]
        found: Any = None if source is None else stack.enter_context(opened(source.path))
        if source is not None and start is None and source.container in _CLOCKS:
            shift = -Fraction(found.start_time or 0, av.time_base)
        options = _options(path, like, found)
        container = stack.enter_context(av.open(str(path), "w", options=options))
        stream: Any = container.add_stream_from_template(like, opaque=True)
        stream.time_base = like.time_base
        # The template leaves out what the container says of the shape of pixels.
        stream.codec_context.sample_aspect_ratio = like.sample_aspect_ratio or Fraction(1)
        if like.codec_context.codec.canonical_name == "hevc" and _is_mp4(path):
            stream.codec_context.codec_tag = "hvc1"  # the one of both that Apple's players take
        companions = None
        if source is not None:
            original = video_stream(found, source.path)
            stream.metadata.update(kept_tags(original))
            stream.disposition = original.disposition
            times.end_after(_duration_at(source, original.index, times.last))
            begin = None if start is None else times.first
            companions = Companions(found, container, path.suffix.lower(), shift, begin, end)
        stream.metadata.update(
            {k: v for k, v in like.metadata.items() if k.lower() == "alpha_mode"}
        )
        for packet in times.packets(_is_mp4(path)):
            if companions is not None:
                companions.mux_until(packet.dts * packet.time_base)
            units = round(shift / packet.time_base)
            packet.pts, packet.dts = packet.pts + units, packet.dts + units
            packet.stream = stream
            container.mux_one(packet)
        if companions is None:
            return []
        companions.mux_until(None)
        return companions.notes


def _is_mp4(path: Path) -> bool:
    return path.suffix.lower() in (".mp4", ".mov")


def _options(path: Path, like: Any, source: Any) -> dict[str, str]:
    """Of the muxer: times are never moved, and the same packets always give the same file."""
    options = {"avoid_negative_ts": "disabled", "fflags": "+bitexact"}
    if not _is_mp4(path):
        return options
    # Where a track begins is told in units of the whole movie's time scale: it must fit all.
    scale = int(like.time_base.denominator)
    while scale < _FINEST:
        scale *= 2
    for stream in [] if source is None else source.streams.audio:
        both = lcm(scale, stream.codec_context.sample_rate or 1)
        scale = both if both <= _MAX_TIMESCALE else scale
    return {**options, "movie_timescale": str(min(scale, _MAX_TIMESCALE)), "movflags": "+faststart"}


class _Times:
    """The packets of all segments in order, with decoding times and durations anew.

    Every encoder begins with decoding times of its own, which overlap at the seams. The sorted
    presentation times, late by the depth of reordering, are always valid ones: they increase, and
    no frame is shown before it is decoded. Packets are read twice, not kept: ProRes is large.
    """

    def __init__(self, segments: Sequence[Path]) -> None:
        self._segments = segments
        self._shown: list[int] = []
        for segment in segments:
            with av.open(str(segment)) as container:
                stream = container.streams.video[0]
                self._base = Fraction(stream.time_base or 1)
                self._depth = _DEPTH.get(stream.codec_context.codec.canonical_name, 0)
                pts = [p.pts for p in container.demux(stream) if p.pts is not None]
            self._shown += sorted(pts)
        self.first = self._shown[0] * self._base
        shown = self._shown
        self._durations = {a: b - a for a, b in pairwise(shown)}
        self._step = min(self._durations.values(), default=1)
        self._durations[shown[-1]] = self._step

    @property
    def last(self) -> Fraction:
        """When the last frame is shown, in seconds."""
        return self._shown[-1] * self._base

    def end_after(self, shown_for: Fraction | None) -> None:
        """Show the last frame so many seconds, as the source does: segments do not say."""
        if shown_for is not None:
            self._durations[self._shown[-1]] = max(1, round(shown_for / self._base))

    def packets(self, mp4: bool) -> Iterator[Any]:
        """All packets; for MP4, their decoding times add up to the length of the whole."""
        shown = self._shown
        before = [shown[0] - self._step * i for i in range(self._depth, 0, -1)]
        late = [*before, *shown][: len(shown)]
        end = shown[-1] + self._durations[shown[-1]]
        waiting = iter(late)
        for segment in self._segments:
            with av.open(str(segment)) as container:
                for packet in container.demux(container.streams.video[0]):
                    if packet.pts is None:
                        continue
                    packet.dts = next(waiting)
                    packet.duration = self._durations[packet.pts]
                    if mp4 and packet.dts == late[-1]:
                        packet.duration = end - shown[0] + late[0] - late[-1]
                    yield packet


def _duration_at(source: VideoInfo, index: int, time: Fraction) -> Fraction | None:
    """How long the source shows the frame of a time, in seconds; None where it does not say."""
    half = Fraction(1, 2000)  # WebM rounds times to milliseconds
    said: Fraction | None = None
    following: Fraction | None = None
    with opened(source.path) as container:
        stream: Any = container.streams[index]
        with suppress(av.FFmpegError):
            container.seek(round(time / stream.time_base), stream=stream)
            for packet in container.demux(stream):
                if packet.pts is None or packet.dts is None:
                    continue
                shown = Fraction(packet.pts * packet.time_base)
                if abs(shown - time) <= half:
                    said = packet.duration * packet.time_base
                elif shown > time:
                    following = shown if following is None else min(shown, following)
                if following is not None and packet.dts * packet.time_base > following:
                    break
        if following is not None:
            return following - time
        end = end_of(stream)
    # In MP4 a packet says how long decoding waits, not showing; in WebM its length is rounded. The
    # end of the stream is right, but of a file that was cut off it is that of the whole.
    if said is not None and end is not None and 0 < end - time < said + 1:
        return end - time
    return said or None
