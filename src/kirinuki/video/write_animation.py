"""Animated pictures: WebP, PNG (APNG) and GIF, transparent where they should be.

They are for stickers and short clips: all frames are held until the file is written.

Not covered: videos (`write`), animated pictures as inputs (`reader`).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from kirinuki.errors import OutputError
from kirinuki.files import write_atomically
from kirinuki.images.encode import PNG_LEVEL, with_palette
from kirinuki.video.frames import Frame

_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    ".webp": ("WEBP", {"quality": 90, "method": 4}),
    ".png": ("PNG", {"compress_level": PNG_LEVEL, "disposal": 0, "blend": 0}),
    ".gif": ("GIF", {"disposal": 2}),
}
ANIMATIONS = tuple(_FORMATS)
"""Suffixes of pictures that can move, in lower case."""
MOST_PIXELS = 400_000_000
"""Of all frames together, 1.6 GB in memory: 190 frames of 1920 x 1080, 1,900 of a sticker."""


def write_animation(path: Path, frames: Iterable[Frame], *, overwrite: bool = False) -> None:
    """Write an animated picture that begins again at its end.

    Args:
        path: .webp, .png or .gif.
        frames: in the order of their times, all of one size; those with an alpha are transparent.

    Raises:
        OutputError: there are no frames, or too many; the file exists and `overwrite` is False, or
            it cannot be written.
    """
    name, settings = _FORMATS[path.suffix.lower()]
    images, lasts = _all(path, frames, name)
    encoded = BytesIO()
    first, *others = images
    first.save(
        encoded,
        format=name,
        save_all=True,
        append_images=others,
        duration=lasts,
        loop=0,
        **settings,
    )
    with write_atomically(path, overwrite) as temporary:
        temporary.write_bytes(encoded.getvalue())


def _all(path: Path, frames: Iterable[Frame], name: str) -> tuple[list[Image.Image], list[int]]:
    """The frames, and how many milliseconds each is shown."""
    images: list[Image.Image] = []
    times: list[Fraction] = []
    for frame in frames:
        height, width = frame.rgb.shape[:2]
        if (len(images) + 1) * height * width > MOST_PIXELS:
            raise OutputError(
                f"{path}: more than {len(images)} frames of {width}×{height} are too much for an "
                "animated picture; take .webm or .mov, or make it smaller (`height`)"
            )
        images.append(_image(frame, name))
        times += [frame.time] * (not times) + [frame.time + frame.duration * frame.time_base]
    if not images:
        raise OutputError(f"{path}: there are no frames to write")
    shown = [round(1000 * (time - times[0])) for time in times]  # a sum of rounded ones would drift
    return images, [max(1, later - earlier) for earlier, later in pairwise(shown)]


def _image(frame: Frame, name: str) -> Image.Image:
    if frame.alpha is None:
        return Image.fromarray(frame.rgb)
    rgba = np.dstack([frame.rgb, frame.alpha])
    return with_palette(rgba) if name == "GIF" else Image.fromarray(rgba)
