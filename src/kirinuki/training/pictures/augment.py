"""Change a labelled picture at random, and keep its masks and boxes true.

The changes are torchvision's (``transforms.v2``): picture and masks are turned, sheared, cropped
and scaled together; boxes are computed from the masks afterwards, so they are always tight.

Not covered: compression (`dataset`), composing new pictures (`compose.compose`), resizing for
measuring (`dataset`).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional

GREY = 127
"""What a turned picture's empty corners and a widened picture's border are filled with."""
KEPT_SHARE = 0.12
"""A character of which a crop leaves less than this share is no longer labelled."""
SMALLEST = 24
"""Nor is one with fewer pixels than this."""
CROP_SIDES = (0.45, 0.95)
"""A crop's sides as shares of the picture's."""
WIDEN_SIDES = (1.05, 1.6)
"""A widened picture's sides as multiples of the picture's."""

_TURN = v2.RandomApply(
    [
        v2.RandomAffine(
            degrees=10,
            translate=(0.05, 0.05),
            scale=(0.9, 1.1),
            shear=5,
            interpolation=v2.InterpolationMode.BILINEAR,
            fill={tv_tensors.Image: GREY, tv_tensors.Mask: 0},
        )
    ],
    p=0.35,
)
_COLOURS = v2.Compose(
    [
        v2.RandomApply([v2.ColorJitter(0.25, 0.25, 0.4, 0.06)], p=0.6),
        v2.RandomGrayscale(p=0.05),
        v2.RandomApply([v2.GaussianBlur(5, (0.3, 1.3))], p=0.1),
    ]
)


def augment(picture: Tensor, masks: Tensor, long_side: int) -> tuple[Tensor, Tensor, Tensor]:
    """A picture and its masks, changed at random; draws from torch's global generator.

    Args:
        picture: (3, H, W) uint8 RGB.
        masks: (N, H, W) bool, one a character; N may be 0.
        long_side: long side in pixels of what comes out.

    Returns:
        picture (3, h, w) uint8; masks (M, h, w) bool; (M,) int64 indices of the characters that are
        still to be seen.
    """
    image, there = tv_tensors.Image(picture), tv_tensors.Mask(masks.to(torch.uint8))
    image, there = v2.RandomHorizontalFlip(0.5)(image, there)
    image, there = _TURN(image, there)
    image, there = _crop_or_widen(image, there)
    scale = long_side / max(image.shape[-2:])
    size = [max(1, round(side * scale)) for side in image.shape[-2:]]
    image = functional.resize(image, size, antialias=True)
    there = functional.resize(there, size, interpolation=v2.InterpolationMode.NEAREST_EXACT)
    pixels, before = there.flatten(1).sum(1), masks.flatten(1).sum(1)
    seen = (pixels >= SMALLEST) & (pixels / scale**2 >= KEPT_SHARE * before)
    left = torch.nonzero(seen)[:, 0]
    return _COLOURS(image).as_subclass(Tensor), there.as_subclass(Tensor)[left].bool(), left


def _crop_or_widen(
    image: tv_tensors.Image, masks: tv_tensors.Mask
) -> tuple[tv_tensors.Image, tv_tensors.Mask]:
    """Closer, as it is, or from farther away: scale jitter that keeps the picture's side."""
    kind = float(torch.rand(()))
    height, width = image.shape[-2:]
    if kind < 0.45:
        sides = torch.empty(2).uniform_(*CROP_SIDES).tolist()
        h, w = max(1, round(height * sides[0])), max(1, round(width * sides[1]))
        top = int(torch.randint(height - h + 1, ()))
        left = int(torch.randint(width - w + 1, ()))
        box = top, left, h, w
        return functional.crop(image, *box), functional.crop(masks, *box)
    if kind < 0.65:
        more = float(torch.empty(()).uniform_(*WIDEN_SIDES)) - 1
        pad_x, pad_y = round(width * more), round(height * more)
        left, top = int(torch.randint(pad_x + 1, ())), int(torch.randint(pad_y + 1, ()))
        padding = [left, top, pad_x - left, pad_y - top]
        return functional.pad(image, padding, fill=GREY), functional.pad(masks, padding, fill=0)
    return image, masks
