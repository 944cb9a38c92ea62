"""Change a labelled scene at random, and keep its alphas true.

The changes are torchvision's (``transforms.v2``). Picture, alphas and ignored regions are turned,
sheared, cropped and scaled together, as the channels of one image: so soft edges stay soft.

Not covered: compression (`dataset`), composing new pictures (`compose.compose`), resizing for
measuring (`dataset`).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional

from kirinuki.training.pictures.scene import Scene, pixels_of, without_remnants

GREY = 127
"""What a turned picture's empty corners and a widened picture's border are filled with."""
CROP_SIDES = (0.45, 0.95)
"""A crop's sides as shares of the picture's."""
WIDEN_SIDES = (1.05, 1.6)
"""A widened picture's sides as multiples of the picture's."""
TURNED = 0.35
"""Share of the pictures that are turned and sheared."""
_COLOURS = v2.Compose(
    [
        v2.RandomApply([v2.ColorJitter(0.25, 0.25, 0.4, 0.06)], p=0.6),
        v2.RandomGrayscale(p=0.05),
        v2.RandomApply([v2.GaussianBlur(5, (0.3, 1.3))], p=0.1),
    ]
)


def augment(scene: Scene, long_side: int, size_hw: tuple[int, int] | None = None) -> Scene:
    """The scene, changed at random; draws from torch's global generator. A character of which too
    little is left becomes an ignored region.

    Args:
        long_side: long side in pixels of what comes out.
        size_hw: its exact size instead: filled, cropped, or with a border.
    """
    planes = [*scene.picture.transpose(2, 0, 1), *scene.alphas, *scene.ignored]
    image = tv_tensors.Image(torch.from_numpy(np.stack(planes)))
    fill = [GREY] * 3 + [0] * (len(planes) - 3)
    image = v2.RandomHorizontalFlip(0.5)(image)
    image = _turned(image, fill)
    image, scale = _scaled(_crop_or_widen(image, fill), long_side, size_hw)
    if size_hw is not None:
        image = _framed(image, size_hw, fill)
    picture = _COLOURS(tv_tensors.Image(image[:3])).as_subclass(Tensor)
    arrays = image[3:].as_subclass(Tensor).numpy()
    count = len(scene.alphas)
    changed = replace(
        scene,
        picture=np.ascontiguousarray(picture.permute(1, 2, 0).numpy()),
        alphas=tuple(arrays[:count]),
        ignored=tuple(arrays[count:]),
    )
    before = [scale**2 * pixels_of(alpha) for alpha in scene.alphas]
    return without_remnants(changed, before)


def _turned(image: tv_tensors.Image, fill: list[int]) -> tv_tensors.Image:
    turn = v2.RandomAffine(
        degrees=10,
        translate=(0.05, 0.05),
        scale=(0.9, 1.1),
        shear=5,
        interpolation=v2.InterpolationMode.BILINEAR,
        fill=fill,
    )
    changed: tv_tensors.Image = v2.RandomApply([turn], p=TURNED)(image)
    return changed


def _scaled(
    image: tv_tensors.Image, long_side: int, size_hw: tuple[int, int] | None
) -> tuple[tv_tensors.Image, float]:
    """With the long side as asked, or at a scale between fitting into a frame and filling it; and
    the scale."""
    height, width = image.shape[-2:]
    scale = long_side / max(height, width)
    if size_hw is not None:
        fits, fills = sorted((size_hw[0] / height, size_hw[1] / width))
        scale = math.exp(float(torch.empty(()).uniform_(math.log(fits), math.log(fills) + 1e-9)))
    size = [max(1, round(side * scale)) for side in (height, width)]
    return functional.resize(image, size, antialias=True), scale


def _framed(image: tv_tensors.Image, size_hw: tuple[int, int], fill: list[int]) -> tv_tensors.Image:
    """Cropped where it is too large, with a border where it is too small, at a random place."""
    for axis, side in enumerate(size_hw):
        over = image.shape[-2 + axis] - side
        start = int(torch.randint(abs(over) + 1, ()))
        if over > 0:
            image = image.narrow(-2 + axis, start, side)
        elif over < 0:
            before, after = start, -over - start
            padding = [0, before, 0, after] if axis == 0 else [before, 0, after, 0]
            image = functional.pad(tv_tensors.Image(image), padding, fill=fill)
    return tv_tensors.Image(image)


def _crop_or_widen(image: tv_tensors.Image, fill: list[int]) -> tv_tensors.Image:
    """Closer, as it is, or from farther away: scale jitter that keeps the picture's side."""
    kind = float(torch.rand(()))
    height, width = image.shape[-2:]
    if kind < 0.45:
        sides = torch.empty(2).uniform_(*CROP_SIDES).tolist()
        h, w = max(1, round(height * sides[0])), max(1, round(width * sides[1]))
        top = int(torch.randint(height - h + 1, ()))
        left = int(torch.randint(width - w + 1, ()))
        return functional.crop(image, top, left, h, w)
    if kind < 0.65:
        more = float(torch.empty(()).uniform_(*WIDEN_SIDES)) - 1
        pad_x, pad_y = round(width * more), round(height * more)
        left, top = int(torch.randint(pad_x + 1, ())), int(torch.randint(pad_y + 1, ()))
        return functional.pad(image, [left, top, pad_x - left, pad_y - top], fill=fill)
    return image
