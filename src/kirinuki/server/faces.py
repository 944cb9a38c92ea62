"""A small picture of everyone in a video, for a list of who is in it: the upper part of a box,
where the face is, of the frame in which the character is surest.

Not covered: finding them (`video_cuts`), pictures, whose cutouts the page has (`answers`).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.cutting.part import Part
from kirinuki.images.encode import encode
from kirinuki.video import VideoInfo, read

SIDE = 96
"""Pixels of a face: a list shows them half as large, on screens with twice the pixels."""
MOST = 200
"""People of whom there is one: nobody looks through a longer list."""
_TALL = 1.2
"""Part of a box that is shown, in its widths: a standing figure's head and shoulders."""


def faces_of(info: VideoInfo, part: Part, people: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """A JPEG in base64 by id.

    Args:
        people: ``id``, ``box`` and ``surest`` of each, as `outputs.jsonl` says them.

    Raises:
        VideoError: the video cannot be read.
    """
    wanted: dict[int, list[Mapping[str, Any]]] = {}
    for one in list(people)[:MOST]:
        wanted.setdefault(int(one["surest"]), []).append(one)
    made: dict[str, str] = {}
    if not wanted:
        return made
    start, end = part.span_of(info)
    size_hw = part.size_of(info)
    with read(info.path, start=start, end=end, every=part.every, size_hw=size_hw) as video:
        for number, frame in enumerate(video):
            for one in wanted.pop(number, ()):
                jpeg = encode(_face(frame.picture.rgb, one["box"]), ".jpg")
                made[str(one["id"])] = base64.b64encode(jpeg).decode()
            if not wanted:
                break
    return made


def _face(rgb: NDArray[np.uint8], box: Iterable[float]) -> Image.Image:
    """The square at the top of a box, as much of it as is in the frame, (SIDE, SIDE) RGB."""
    x1, y1, x2, y2 = box
    height, width = rgb.shape[:2]
    side = min(max(1.0, x2 - x1, min(y2 - y1, _TALL * (x2 - x1))), width, height)
    left = min(max((x1 + x2 - side) / 2, 0), width - side)
    top = min(max(y1, 0), height - side)
    image = Image.fromarray(rgb)
    square = (left, top, left + side, top + side)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=square, reducing_gap=2.0)
