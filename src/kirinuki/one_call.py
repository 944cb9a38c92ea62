"""The main job in one call, for a picture: `cutout`, `cutouts` and `overlay`.

>>> import kirinuki
>>> everyone = kirinuki.cutout("picture.png")  # (H, W, 4) uint8 RGBA
>>> kirinuki.save_png(everyone, "cutout.png")

The same pixels as ``kirinuki cut`` writes: `cutout` is what ``cut -`` gives of a picture and
``--cutout`` of a frame, `cutouts` is ``--each``, `overlay` is ``--overlay``. The model is opened by
the first call and kept for the next; calls from several threads are welcome.

Not covered: files and folders of results (`cutting.cut`), videos (`tracking.track`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kirinuki.images.picture import Picture, PictureSource, read_picture
from kirinuki.instances import Instances, expect_instances
from kirinuki.render import cutout as render
from kirinuki.render.overlay import overlay as render_overlay
from kirinuki.segmenter.segments import Described, Segments
from kirinuki.segmenter.warm import warm

Model: TypeAlias = "str | Path | Segments | None"
"""A model file or folder as `Segmenter.load` takes it, a segmenter, or None for the package's."""


def cutout(
    picture: PictureSource | Picture, instances: Instances | None = None, *, model: Model = None
) -> NDArray[np.uint8]:
    """Everyone in a picture, in their places, with nothing around them.

    Args:
        picture: a path, a file's bytes, a binary stream, a PIL image, a `Picture`, or a uint8 array
            (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA with straight alpha. OpenCV's BGR must be
            turned to RGB first.
        instances: who is in it, or those who should be shown, ``found[:1]``; None: everyone whom
            the model finds.
        model: who looks, where `instances` is None: a model file, a folder of them, a `Segmenter`,
            any function from `Picture` to `Instances`; None is the model inside the package.

    Returns:
        (H, W, 4) uint8 RGBA in the picture's size, straight alpha; where nobody is, and of a
        picture without anybody, (0, 0, 0, 0).

    Raises:
        PictureError: the picture cannot be read.
        ModelError: the model cannot be opened, fails, or gives what is not of this picture.
        KirinukiError: `instances` are none.
        ValueError: the instances are of a picture of another size.
    """
    seen, found = _look(picture, instances, model)
    return render.everyone(seen.rgb, found, seen.alpha)


def cutouts(
    picture: PictureSource | Picture, instances: Instances | None = None, *, model: Model = None
) -> list[NDArray[np.uint8]]:
    """Each character of a picture alone, with nothing around it.

    Args:
        picture, instances, model: as in `cutout`.

    Returns:
        For each instance, in order, (h, w, 4) uint8 RGBA, straight alpha, filling its window
        (`Instance.window`); an empty list of a picture without anybody.

    Raises:
        KirinukiError, ValueError: as in `cutout`.
    """
    seen, found = _look(picture, instances, model)
    return [render.cutout(seen.rgb, found, i, picture_alpha=seen.alpha) for i in range(len(found))]


def overlay(
    picture: PictureSource | Picture, instances: Instances | None = None, *, model: Model = None
) -> NDArray[np.uint8]:
    """A picture with everyone coloured and named, to look at.

    Args:
        picture, instances, model: as in `cutout`.

    Returns:
        (H, W, 3) uint8 RGB; a transparent picture is shown on white.

    Raises:
        KirinukiError, ValueError: as in `cutout`.
    """
    seen, found = _look(picture, instances, model)
    return render_overlay(seen.rgb, found)


def _look(
    source: PictureSource | Picture, instances: Instances | None, model: Model
) -> tuple[Picture, Instances]:
    picture = read_picture(source)
    if instances is None:
        segmenter = warm(model) if model is None or isinstance(model, str | Path) else model
        return picture, Described(segmenter).look(picture)
    expect_instances(instances)
    return picture, instances
