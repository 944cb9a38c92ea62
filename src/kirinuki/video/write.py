"""`write`: frames in, a finished video out, with the sound of the one they came from.

>>> with read("in.mkv") as video:
...     write("out.mkv", map(paint, video), like=video.info)

Not covered: going on after a kill (`cutting`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from kirinuki.arguments import check_whole
from kirinuki.errors import KirinukiError, OutputError
from kirinuki.video.assemble import assemble
from kirinuki.video.encoder import Encoder
from kirinuki.video.frames import Frame, frames_in
from kirinuki.video.info import VideoInfo
from kirinuki.video.styles import OPAQUE, STYLES, TRANSPARENT, Style

MOST_CRF = 63
"""The worst quality that any codec knows."""


def write(
    path: str | Path,
    frames: Iterable[Frame],
    *,
    like: VideoInfo,
    codec: str | None = None,
    crf: int | None = None,
    sound: bool = True,
    start: Fraction | None = None,
    end: Fraction | None = None,
    overwrite: bool = False,
) -> list[str]:
    """Write a video.

    Args:
        path: .mp4, .mkv, .mov or .webm; transparent frames need .webm or .mov.
        frames: in the order of their times; all of one size. Where the first has an alpha, all must
            have one, and their colours must be straight: not mixed with any background.
        like: the video they come from: its time base, colour tags and pixel shape are kept.
        codec: name of a style of `video.styles`; None chooses one for the container.
        crf: quality, lower is better; None is the style's own.
        sound: whether sound, subtitles, fonts and chapters are copied from `like`.
        start: seconds where the frames begin, if `like` was not read from its beginning.
        end: seconds where they end, if it was not read to its end.

    Returns:
        What the user should know, such as sound that had to be encoded anew.

    Raises:
        OutputError: there are no frames, the file exists and `overwrite` is False, its suffix names
            no container for them, or it cannot be written.
        KirinukiError: there is no such codec or quality, or `like` is no `VideoInfo`.
    """
    if not isinstance(like, VideoInfo):
        raise KirinukiError(
            f"`like`: got {type(like).__name__}, expected the info of what read_video gives"
        )
    if crf is not None:
        check_whole("crf", crf, 0, MOST_CRF)
    if codec is not None and codec not in STYLES:
        raise KirinukiError(f"`codec` is {codec!r}, expected one of {', '.join(STYLES)}")
    path = Path(path)
    waiting = frames_in(frames)
    first = next(waiting, None)
    if first is None:
        raise OutputError(f"{path}: there are no frames to write")
    style = _style(path, codec, first.alpha is not None)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = TemporaryDirectory(prefix=".kirinuki-", dir=path.parent)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
    with folder as name:
        segment = Path(name, f"all{style.segment_suffix}")
        with Encoder(segment, style, like, first.rgb.shape[:2], crf=crf) as encoder:
            for frame in chain([first], waiting):
                encoder.write(_picture(frame, style), frame.pts, frame.duration)
        source = like if sound else None
        return assemble(path, [segment], source, start=start, end=end, overwrite=overwrite)


def _style(path: Path, codec: str | None, alpha: bool) -> Style:
    suffix = path.suffix.lower()
    fitting = TRANSPARENT if alpha else OPAQUE
    if suffix not in fitting:
        what = "transparent video" if alpha else "video"
        raise OutputError(f"{path}: {what} cannot be written there; use {' or '.join(fitting)}")
    style = STYLES[codec or fitting[suffix]]
    if style.alpha and suffix != style.suffix:
        raise OutputError(f"{path}: {codec} goes into {style.suffix}")
    return replace(style, suffix=suffix)


def _picture(frame: Frame, style: Style) -> NDArray[np.uint8]:
    if not style.alpha:
        return frame.rgb
    opaque = np.full(frame.rgb.shape[:2], 255, np.uint8)
    return np.dstack([frame.rgb, opaque if frame.alpha is None else frame.alpha])
