"""The refiner: a small U-Net (Ronneberger et al. 2015) from a crop and a coarse mask to soft alpha.

(B, 4, S, S) → (B, 1, S, S): RGB in [0, 1] and the coarse mask in [0, 1] → alpha in [0, 1]. S is a
multiple of 32. The encoder is EfficientNet-Lite0 with a fourth input channel; the decoder uses
plain 3 × 3 convolutions on few channels, and sees the crop itself again at full resolution, where
single strands of hair are decided.

A second look at the character costs next to nothing there, so a small head on the encoder also says
how good the mask is (the IoU that the alpha will have, 0 for what is no character; Huang et al.
2019, "Mask Scoring R-CNN") and whether the character presents as female.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from kirinuki.training.networks.backbone import MEAN, STD, build_lite0

MARGIN = 0.15
"""How far the crop reaches beyond the detected box on each side, as a share of its size: room for
what the box cut off."""

ENCODER_CHANNELS = (16, 24, 40, 112, 320)
"""Channels of the encoder at strides 2, 4, 8, 16, 32."""
DECODER_CHANNELS = (16, 32, 48, 64, 128)
"""Channels of the decoder at strides 1, 2, 4, 8, 16."""


HEAD_WIDTH = 96
"""Hidden units of the head for quality and kind."""


class Refined(NamedTuple):
    """What the refiner says of B crops: logits from `logits`, in [0, 1] from `forward`.

    Attributes:
        alpha: (B, 1, S, S).
        quality: (B,) expected IoU of the alpha with a character; 0 where there is none.
        female: (B,) probability that the character presents as female.
    """

    alpha: Tensor
    quality: Tensor
    female: Tensor


class _Up(nn.Module):
    """Twice the size, joined with the encoder's map of that size: (B, C, h, w) → (B, D, 2h, 2w)."""

    def __init__(self, channels: int, skip: int, out: int) -> None:
        super().__init__()
        self.reduce = nn.Sequential(
            nn.Conv2d(channels, out, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU()
        )
        self.fuse = nn.Sequential(
            nn.Conv2d(out + skip, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU()
        )

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        larger = functional.interpolate(self.reduce(x), scale_factor=2.0, mode="bilinear")
        fused: Tensor = self.fuse(torch.cat([larger, skip], dim=1))
        return fused


class _Head(nn.Module):
    """Deepest map (B, C, h, w) and coarse mask (B, 1, S, S) → logits (B, 2) of quality and kind.

    The map is averaged over the whole crop and over the coarse mask, so that the head knows both
    whom it is asked about and what is around."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2 * channels, HEAD_WIDTH), nn.ReLU(), nn.Linear(HEAD_WIDTH, 2)
        )

    def forward(self, deep: Tensor, coarse: Tensor) -> Tensor:
        weights = functional.avg_pool2d(coarse, coarse.shape[-1] // deep.shape[-1])
        everywhere = deep.mean(dim=(2, 3))
        inside = (deep * weights).sum(dim=(2, 3)) / (weights.sum(dim=(2, 3)) + 1e-3)
        logits: Tensor = self.layers(torch.cat([everywhere, inside], dim=1))
        return logits


class RefinerNetwork(nn.Module):
    """Crop and coarse mask → `Refined`; `logits` is what training uses."""

    mean: Tensor
    std: Tensor

    def __init__(self, pretrained: bool = True) -> None:
        super().__init__()
        self.encoder = build_lite0((0, 1, 2, 3, 4), in_channels=4, pretrained=pretrained)
        skips = (4, *ENCODER_CHANNELS)  # the input itself counts as the map at stride 1
        widths = (*DECODER_CHANNELS, ENCODER_CHANNELS[-1])
        self.ups = nn.ModuleList(
            _Up(widths[level + 1], skips[level], widths[level]) for level in reversed(range(5))
        )
        self.head = nn.Conv2d(DECODER_CHANNELS[0], 1, 1)
        self.judge = _Head(ENCODER_CHANNELS[-1])
        self.register_buffer("mean", torch.tensor([*MEAN, 0.5]).view(1, 4, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor([*STD, 0.5]).view(1, 4, 1, 1), persistent=False)

    def logits(self, crops: Tensor) -> Refined:
        """All outputs before the sigmoid."""
        x = (crops - self.mean) / self.std
        maps = [x, *self.encoder(x)]
        quality, female = self.judge(maps[-1], crops[:, 3:]).unbind(dim=1)
        deep = maps[-1]
        for up, skip in zip(self.ups, reversed(maps[:-1]), strict=True):
            deep = up(deep, skip)
        return Refined(self.head(deep), quality, female)

    def forward(self, crops: Tensor) -> Refined:
        return Refined(*(torch.sigmoid(part) for part in self.logits(crops)))
