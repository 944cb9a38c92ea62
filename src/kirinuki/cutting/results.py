"""The results of one picture: which files there are, what they are called, what is in them.

Under a stem ``a/1`` there may be ``a/1_1.png``, ``a/1_2.png``, … (cutouts, best score first),
``a/1_overlay.png``, ``a/1_background.png``, ``a/1_mask.png`` and ``a/1.json``. All can be told
apart by their ends, so two stems never share a name. Of a picture without characters there are
only the mask and the JSON file: no label is a label too, an unchanged picture is no result.

Not covered: which pictures, when, and what exists already (`batch`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.formats.labelme import instances_to_labelme, write_labelme
from kirinuki.images.picture import Picture, save_png
from kirinuki.instances import Instances
from kirinuki.render.cutout import Background, cutout, mask_image, on_background, parse_background
from kirinuki.render.overlay import overlay
from kirinuki.work.journal import relative_to_folder
from kirinuki.work.made_plan import Planned


@dataclass(frozen=True)
class Outputs:
    """What is written for each picture."""

    cutouts: bool = True
    """A transparent PNG of each character."""
    overlay: bool = True
    """The picture with every character coloured and named."""
    mask: bool = False
    """One PNG with the number of the character in each pixel, 0 = none."""
    labels: bool = False
    """A LabelMe file."""
    background: str | None = None
    """All characters on a colour, a picture or "blur", as `parse_background` reads it."""
    full_frame: bool = False
    """Cutouts at the size of the picture instead of a tight crop."""

    @cached_property
    def backdrop(self) -> Background | None:
        """The new background, read once.

        Raises:
            PictureError: it is no colour, and no picture that can be read.
        """
        return None if self.background is None else parse_background(self.background)


@dataclass(frozen=True)
class Result:
    """One file to write."""

    name: str
    """Relative to the results' folder."""
    write: Callable[[Path, bool], None]
    """Makes it: path, whether to replace what is there."""


def results_of(
    picture: Picture, instances: Instances, planned: Planned, outputs: Outputs, out: Path
) -> list[Result]:
    """All the files of one picture; each is made only when it is written."""
    stem = planned.stem
    results: list[Result] = []

    def add(end: str, make: Callable[[], NDArray[np.uint8] | Image.Image]) -> None:
        results.append(Result(stem + end, lambda path, replace: save_png(make(), path, replace)))

    if outputs.cutouts:
        for i in range(len(instances)):
            add(f"_{i + 1}.png", partial(_cutout, picture, instances, i, outputs.full_frame))
    if outputs.overlay and len(instances):
        add("_overlay.png", lambda: overlay(picture.rgb, instances))
    backdrop = outputs.backdrop
    if backdrop is not None and len(instances):
        add("_background.png", lambda: on_background(picture.rgb, instances, backdrop))
    if outputs.mask:
        add("_mask.png", lambda: mask_image(instances))
    if outputs.labels:
        name = f"{stem}.json"
        image_path = relative_to_folder(planned.source, (out / name).parent)
        results.append(
            Result(
                name,
                lambda path, replace: write_labelme(
                    instances_to_labelme(instances, image_path), path, replace
                ),
            )
        )
    return results


def everyone(picture: Picture, instances: Instances) -> NDArray[np.uint8]:
    """All characters of a picture in their places, (H, W, 4) uint8 RGBA, straight alpha."""
    light = np.zeros((*instances.size_hw, 4), np.float32)  # colours times alpha; alpha, in 0…255
    for i in range(len(instances)):
        rgba = _cutout(picture, instances, i, full_frame=True).astype(np.float32)
        light[..., :3] += rgba[..., :3] * (rgba[..., 3:] / 255)
        light[..., 3] += rgba[..., 3]
    light[..., :3] /= np.maximum(light[..., 3:] / 255, 1e-6)
    together: NDArray[np.uint8] = np.clip(np.rint(light), 0, 255).astype(np.uint8)
    return together


def _cutout(
    picture: Picture, instances: Instances, index: int, full_frame: bool
) -> NDArray[np.uint8]:
    return cutout(picture.rgb, instances, index, full_frame=full_frame, picture_alpha=picture.alpha)
