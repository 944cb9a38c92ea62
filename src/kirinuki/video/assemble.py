"""Join the segments of a video, and give it the sound of its source: packets are copied as they are.

Not covered: encoding the segments (`encoder`), sound that a container cannot hold (`sound`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from kirinuki.errors import OutputError
from kirinuki.files import write_atomically
from kirinuki.video.companions import Companions
from kirinuki.video.info import VideoInfo

_DEPTH = {"h264": 2, "hevc": 2}
"""Frames by which decoding runs ahead of showing: x264 and x265 refer to B-frames one level deep. Not
taken from the file, which guesses it from its first frames."""


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
        start: seconds of the source where the part asked for begins. The result then begins at 0;
            None keeps the source's own times.
        end: seconds of the source after which sound is left out; None is its end.

    Returns:
        What the user should know, such as sound that had to be encoded anew.

    Raises:
        OutputError: the file exists and `overwrite` is False, or it cannot be written.
    """
    if not segments:
        raise ValueError("segments must not be empty")
    notes: list[str] = []
    with write_atomically(out, overwrite) as temporary:
        try:
            _write(temporary, segments, source, start, end, notes)
        except OutputError:
            raise
        except (av.FFmpegError, OSError) as error:
            raise OutputError(f"{out}: cannot be written: {error.strerror}") from error
    return notes


def _write(
    path: Path,
    segments: Sequence[Path],
    source: VideoInfo | None,
    start: Fraction | None,
    end: Fraction | None,
    notes: list[str],
) -> None:
    first = _first_time(segments[0])
    shift = Fraction(0) if start is None else -first
    with av.open(str(segments[0])) as template:
        like = template.streams.video[0]
        # In MP4 and MOV, where the first frame stands is told in units of the movie's time scale.
        options = {"movie_timescale": str(_timescale(like))} if _is_mp4(path) else {}
        with av.open(str(path), "w", options=options) as container:
            stream = container.add_stream_from_template(like, opaque=True)
            stream.time_base = like.time_base
            stream.metadata.update(like.metadata)
            companions: Companions | None = None
            if source is not None:
                companions = Companions(source, container, shift, first if start else None, end)
                notes += companions.notes
            try:
                for packet in _video_packets(segments):
                    assert packet.dts is not None
                    time = packet.dts * packet.time_base
                    if companions is not None:
                        companions.mux_until(time)
                    _shift(packet, shift)
                    packet.stream = stream
                    container.mux_one(packet)
                if companions is not None:
                    companions.mux_until(None)
            finally:
                if companions is not None:
                    companions.close()


def _timescale(stream: Any) -> int:
    return min(int(stream.time_base.denominator), 2**31 - 1)


def _is_mp4(path: Path) -> bool:
    return path.suffix.lower() in (".mp4", ".mov", ".m4v")


def _first_time(segment: Path) -> Fraction:
    """When the first frame of a segment is shown, in seconds."""
    with av.open(str(segment)) as container:
        stream = container.streams.video[0]
        times = [p.pts * p.time_base for p in container.demux(stream) if p.pts is not None]
    return Fraction(min(times))


def _shift(packet: Any, shift: Fraction) -> None:
    if shift:
        units = round(shift / packet.time_base)
        packet.pts += units
        packet.dts += units


def _video_packets(segments: Sequence[Path]) -> Iterator[Any]:
    """The packets of all segments in order, with decoding times anew.

    Every encoder begins with decoding times of its own, which overlap at the seams. The sorted
    presentation times, late by the depth of reordering, are always valid ones: they increase, and
    no frame is shown before it is decoded.
    """
    late: deque[int] = deque()
    for segment in segments:
        with av.open(str(segment)) as container:
            stream = container.streams.video[0]
            packets = [p for p in container.demux(stream) if p.pts is not None]
            if not packets:
                continue
            shown = sorted(p.pts for p in packets)
            depth = _DEPTH.get(stream.codec_context.name, 0)
            if not late:
                step = max(1, shown[1] - shown[0] if len(shown) > 1 else packets[0].duration or 1)
                late.extend(shown[0] - step * i for i in range(depth, 0, -1))
            late.extend(shown)
            for packet in packets:
                packet.dts = late.popleft()
                yield packet
