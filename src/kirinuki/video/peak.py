"""The brightest of an HDR video whose file does not say it: from frames all along it, so that it is
the same for every frame and every run.

Not covered: what it is for (`images.hdr`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from kirinuki.images.deep import deep_rgb, measured
from kirinuki.images.hdr import Hdr
from kirinuki.video.decoding import decoded

_LOOKS = 12
"""Frames that are looked at."""


def with_peak(hdr: Hdr, container: Any, stream: Any, duration: Fraction | None) -> Hdr:
    """The same with its peak measured where the file does not say, and is of a known length."""
    if hdr.peak is not None or duration is None:
        return hdr
    return measured(hdr, _looks(container, stream, duration))


def _looks(container: Any, stream: Any, duration: Fraction) -> Iterator[NDArray[np.uint16]]:
    """Pixels of frames all along a video: the key frames before evenly spaced times."""
    begin = stream.start_time or 0
    for number in range(_LOOKS):
        time = begin + round(duration * number / _LOOKS / stream.time_base)
        with suppress(av.FFmpegError):
            container.seek(time, stream=stream)
        frame = next(decoded(container, stream, lambda: None), None)
        if frame is not None:
            yield deep_rgb(frame)
