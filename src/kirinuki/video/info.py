"""What is known of a video before it is read: `probe`.

Not covered: its frames (`reader`).
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from kirinuki.errors import PictureError, VideoError
from kirinuki.images.deep import hdr_of
from kirinuki.images.hdr import Hdr
from kirinuki.images.picture import opened as opened_picture
from kirinuki.video.animation import Animation
from kirinuki.video.colour import Colour
from kirinuki.video.decoding import decoded, tag
from kirinuki.video.peak import with_peak

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mkv", ".webm", ".mov", ".avi", ".ts", ".m2ts", ".mpg", ".mpeg", ".wmv"}
    | {".flv", ".ogv", ".3gp", ".y4m", ".nut", ".gif", ".apng"}
)
"""Suffixes, in lower case, by which folders are searched."""
_MAYBE_STILL = {".gif", ".apng", ".png", ".webp", ".avif"}
"""Suffixes of pictures that may move."""
_PICTURES = {"mjpeg", "png", "bmp", "webp", "tiff"}
"""Codecs that beside another video stream are cover pictures, whether marked so or not."""
_DAMAGED = (av.error.InvalidDataError, av.error.EOFError)


@dataclass(frozen=True)
class VideoInfo:
    """A video as it is stored.

    Attributes:
        path: the file.
        size_hw: height and width of its frames in pixels, upright.
        time_base: seconds of one unit of its frames' times.
        frame_rate: frames a second on average; None when nobody knows.
        frames: about how many there are; None when nobody knows.
        duration: seconds; None when nobody knows.
        start: time of its first frame in seconds of its own clock.
        codec: FFmpeg's name.
        pix_fmt: FFmpeg's name of the pixel format.
        colour: what its numbers mean.
        sample_aspect_ratio: width of a pixel by its height.
        rotation: degrees counterclockwise by which stored frames are turned to be upright.
        interlaced: whether its frames are made of two half pictures.
        has_alpha: whether it can be transparent.
        audio: sound tracks; those of which the file has nothing are not counted.
        announced: sound tracks of which the file has nothing.
        subtitles: subtitle tracks.
        container: FFmpeg's names of the container.
        hdr: how HDR numbers mean light; None for others. Frames are read as SDR.
    """

    path: Path
    size_hw: tuple[int, int]
    time_base: Fraction
    frame_rate: Fraction | None
    frames: int | None
    duration: Fraction | None
    start: Fraction
    codec: str
    pix_fmt: str
    colour: Colour
    sample_aspect_ratio: Fraction
    rotation: int
    interlaced: bool
    has_alpha: bool
    audio: int
    subtitles: int
    container: str
    hdr: Hdr | None = None
    announced: int = 0

    @property
    def notes(self) -> list[str]:
        """What the user should know before the video is read."""
        notes = []
        if self.interlaced:
            notes.append("is interlaced; deinterlace it first for clean edges")
        if self.hdr is not None:
            notes.append(f"is {self.hdr.note}")
        if self.announced:
            notes.append("a sound track of which there is nothing is left out")
        return notes


def is_video(path: str | Path) -> bool:
    """Whether a file is to be taken for a video: by its name, and where that may also mean a
    picture, by whether it has more than one frame."""
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _MAYBE_STILL:
        return suffix in VIDEO_SUFFIXES
    try:
        with opened_picture(path) as image:
            return int(getattr(image, "n_frames", 1)) > 1
    except PictureError:  # reading it as a picture says why
        return False


def probe(path: str | Path) -> VideoInfo:
    """Look at a video and its first frame.

    Raises:
        VideoError: it cannot be opened, has no video in it, or no frame that can be decoded.
    """
    path = Path(path)
    film = Animation.of(path)
    if film is not None:
        return _of_animation(path, film)
    with opened(path) as container:
        stream = video_stream(container, path)
        frame = _first_frame(container, stream, path)
        hdr = hdr_of(frame)
        turned = frame.rotation % 180 != 0
        rate = stream.average_rate or stream.guessed_rate
        duration = duration_of(container, stream)
        announced = sum(map(holds_nothing, container.streams.audio))
        return VideoInfo(
            path=path,
            size_hw=(frame.width, frame.height) if turned else (frame.height, frame.width),
            time_base=Fraction(stream.time_base),
            frame_rate=None if not rate else Fraction(rate),
            frames=stream.frames or (round(duration * rate) if duration and rate else None),
            duration=duration,
            start=(frame.pts or 0) * Fraction(stream.time_base),
            codec=str(stream.codec_context.codec.canonical_name),
            pix_fmt=frame.format.name,
            colour=_colour(frame),
            sample_aspect_ratio=_pixel_shape(stream, turned),
            rotation=frame.rotation % 360,
            interlaced=bool(frame.interlaced_frame),
            has_alpha=has_alpha(stream, frame.format.name),
            audio=len(container.streams.audio) - announced,
            subtitles=len(container.streams.subtitles),
            container=container.format.name,
            hdr=hdr and with_peak(hdr, container, stream, duration),
            announced=announced,
        )


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The container of a file.

    Raises:
        VideoError: it cannot be opened.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe might never end
            raise VideoError(f"{path}: is no file")
        if path.is_file() and path.stat().st_size == 0:
            raise VideoError(f"{path}: is empty")
        # With "file:", a colon in a name names no protocol; a playlist must not fetch anything.
        container = av.open(
            f"file:{path}",
            metadata_errors="replace",
            container_options={"protocol_whitelist": "file"},
        )
    except (av.FFmpegError, OSError) as error:
        what = error.strerror or "cannot be opened"
        if isinstance(error, _DAMAGED) or getattr(error, "errno", None) == errno.EIO:
            what = "is no video, or a damaged one"
        raise VideoError(f"{path}: {what}") from None
    with container:
        yield container


def video_stream(container: Any, path: Path) -> Any:
    """The stream that is watched: not a cover picture.

    Raises:
        VideoError: there is none, or its codec is not known.
    """
    streams = [s for s in container.streams.video if "attached_pic" not in str(s.disposition)]
    for stream in sorted(streams, key=_is_picture):  # stable: else the first
        if stream.codec_context is None:
            raise VideoError(f"{path}: its video has a codec that is not known here")
        return stream
    what = "only sound" if container.streams.audio else "nothing that can be read"
    raise VideoError(f"{path}: no video in it, {what}")


def _is_picture(stream: Any) -> bool:
    context = stream.codec_context
    return context is not None and context.codec.canonical_name in _PICTURES


def duration_of(container: Any, stream: Any) -> Fraction | None:
    """Seconds of a video stream, else of the whole file."""
    if stream.duration:
        return Fraction(stream.duration * stream.time_base)
    if container.duration:
        return Fraction(container.duration, av.time_base)
    return None


def end_of(stream: Any) -> Fraction | None:
    """When the last frame of a stream ends, in seconds of its own clock; None where the file does
    not say. What it says of the whole file may concern its sound."""
    if stream.duration:
        return Fraction((stream.start_time or 0) + stream.duration) * Fraction(stream.time_base)
    text = tag(stream, "duration")
    if text is None:
        return None
    try:
        hours, minutes, seconds = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)
    except ValueError:
        return None


def holds_nothing(stream: Any) -> bool:
    """Whether a container announces a sound track without a packet by which its sound is known."""
    context = stream.codec_context if stream.type == "audio" else None
    return context is not None and not (context.sample_rate and context.channels)


def has_alpha(stream: Any, pix_fmt: str) -> bool:
    """Whether a stream can be transparent. VP8 and VP9 keep alpha beside the picture, and only
    their container's tags say so."""
    if tag(stream, "alpha_mode") == "1":
        return True
    return bool(av.VideoFormat(pix_fmt).has_palette) or any(
        c.is_alpha for c in av.VideoFormat(pix_fmt).components
    )


def _first_frame(container: Any, stream: Any, path: Path) -> Any:
    for frame in decoded(container, stream, lambda: None):
        return frame
    raise VideoError(f"{path}: no frame of it can be decoded")


def _of_animation(path: Path, film: Animation) -> VideoInfo:
    return VideoInfo(
        path=path,
        size_hw=film.size_hw,
        time_base=film.time_base,
        frame_rate=Fraction(len(film.lasts)) / film.duration,
        frames=len(film.lasts),
        duration=film.duration,
        start=Fraction(0),
        codec=film.kind,
        pix_fmt="rgba",
        colour=Colour() if film.hdr is None else Colour(transfer=film.hdr.transfer),
        sample_aspect_ratio=Fraction(1),
        rotation=0,
        interlaced=False,
        has_alpha=True,
        audio=0,
        subtitles=0,
        container=film.kind,
        hdr=film.hdr,
    )


def _colour(frame: Any) -> Colour:
    full = frame.format.name.startswith("yuvj")
    return Colour(
        matrix=int(frame.colorspace),
        range=2 if full else int(frame.color_range),
        primaries=int(frame.color_primaries),
        transfer=int(frame.color_trc),
    )


def _pixel_shape(stream: Any, turned: bool) -> Fraction:
    shape = Fraction(stream.sample_aspect_ratio or 1)
    if shape <= 0:
        return Fraction(1)
    return 1 / shape if turned else shape
