"""What is written of a video, and the pictures of each of its streams.

Under a stem ``ep01`` there may be ``ep01_overlay.mkv``, ``ep01_cutout.webm`` (all characters,
transparent), ``ep01_background.mkv``, ``ep01_mask.mkv`` (a matte: white where a character is),
``ep01_1.webm``, ``ep01_2.webm``, … (each character, by id) and ``ep01_tracks.json``. Transparent
streams may be folders of PNG pictures in place of files: ``ep01_cutout/000001.png``.

Not covered: how a stream is encoded (`video`), when and where it is written (`segments`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import mask_to_box
from kirinuki.instances import Instances
from kirinuki.render.cutout import (
    Background,
    cutout,
    decontaminate,
    on_background,
    parse_background,
    union_alpha,
)
from kirinuki.render.overlay import overlay
from kirinuki.video import Frame

Transparent = Literal["webm", "mov", "png"]
"""What transparent streams are: VP9 in WebM, ProRes 4444 in MOV, or a folder of PNG pictures."""
ALPHA_STYLES = {"webm": "vp9-alpha", "mov": "prores-alpha"}
"""Style of `video.styles` of each transparent container."""

MARGIN = 40
"""Pixels around the characters that are looked at for the colours of their edges."""

Paint = Callable[[Frame, Instances], NDArray[np.uint8]]
"""Frame and its characters → (H, W, 3) RGB or (H, W, 4) RGBA uint8, straight alpha."""


@dataclass(frozen=True)
class ClipOutputs:
    """What is written of a video."""

    overlay: bool = True
    """The video with every character coloured and numbered."""
    cutout: bool = True
    """All characters, transparent around them."""
    mask: bool = False
    """A matte: grey video, white where a character is."""
    background: str | None = None
    """All characters on a colour, a picture or "blur", as `parse_background` reads it."""
    each: bool = False
    """A transparent clip of each character, as long as it is there."""
    tracks: bool = False
    """A CocoVID file: masks, boxes and ids of every frame."""
    transparent: Transparent = "webm"
    codec: str | None = None
    """Name of an opaque style of `video.styles`; None chooses by the source."""
    crf: int | None = None
    """Quality of the encoder, lower is better; None is the style's own."""

    @cached_property
    def backdrop(self) -> Background | None:
        """The new background, read once.

        Raises:
            PictureError: it is no colour, and no picture that can be read.
        """
        return None if self.background is None else parse_background(self.background)

    def streams(self) -> dict[str, Paint]:
        """Name of each stream that shows the whole frame → how its pictures are painted."""
        paints: dict[str, Paint] = {}
        if self.overlay:
            paints["overlay"] = _overlay
        if self.cutout:
            paints["cutout"] = everyone
        backdrop = self.backdrop
        if backdrop is not None:
            paints["background"] = lambda f, found: on_background(f.rgb, found, backdrop)
        if self.mask:
            paints["mask"] = lambda f, found: np.dstack([union_alpha(found)] * 3)
        return paints


def is_transparent(stream: str) -> bool:
    """Whether the pictures of a stream are RGBA."""
    return stream == "cutout"


def everyone(frame: Frame, instances: Instances) -> NDArray[np.uint8]:
    """All characters of a frame in their places, (H, W, 4) uint8 RGBA, straight alpha; transparent
    pixels are (0, 0, 0, 0)."""
    alpha = union_alpha(instances)
    if frame.alpha is not None:
        alpha = np.minimum(alpha, frame.alpha)
    rgba = np.zeros((*alpha.shape, 4), np.uint8)
    box = mask_to_box(alpha > 0)
    if box is None:
        return rgba
    x1, y1, x2, y2 = box
    around = np.s_[max(0, y1 - MARGIN) : y2 + MARGIN, max(0, x1 - MARGIN) : x2 + MARGIN]
    rgba[around][..., :3] = decontaminate(frame.rgb[around], alpha[around])
    rgba[..., 3] = alpha
    rgba[alpha == 0] = 0
    return rgba


def one(frame: Frame, instances: Instances, index: int) -> NDArray[np.uint8]:
    """One character of a frame in its place, (H, W, 4) uint8 RGBA, straight alpha."""
    return cutout(frame.rgb, instances, index, full_frame=True, picture_alpha=frame.alpha)


def _overlay(frame: Frame, instances: Instances) -> NDArray[np.uint8]:
    # A number that changes with every frame cannot be read: labels without score.
    return overlay(frame.rgb, replace(instances, scores=np.ones_like(instances.scores)))
