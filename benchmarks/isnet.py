"""A network of IS-Net's size and shape, with random weights: a stand-in to take the time of.

IS-Net (Qin et al. 2022, "Highly Accurate Dichotomous Image Segmentation") is what background
removers run at 1024². Its weights are in no package that we could install, and the time of its
convolutions does not depend on them. Written from the papers: six stages of residual U-blocks
(U²-Net, Qin et al. 2020) behind a convolution of stride 2, five stages back, a side output of
each, 44 million parameters. Of its outputs only the finest is computed, as ONNX Runtime would
leave the others out, too.

Not covered: what it finds. With random weights that means nothing.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE = 1024


def convolution(channels_in: int, channels_out: int, dilation: int = 1) -> nn.Sequential:
    """3×3 convolution, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, padding=dilation, dilation=dilation),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(),
    )


class ResidualUBlock(nn.Module):
    """A small U-Net of `depth` levels inside a residual connection (U²-Net, figure 2).

    `flat` widens the dilation from level to level in place of shrinking the picture.
    """

    def __init__(
        self, depth: int, channels_in: int, middle: int, channels_out: int, flat: bool = False
    ) -> None:
        super().__init__()
        self.flat = flat
        dilations = [2**i if flat else 1 for i in range(depth - 1)]
        widths = [channels_out] + [middle] * (depth - 1)
        self.enter = convolution(channels_in, channels_out)
        self.down = nn.ModuleList(
            convolution(a, b, d) for (a, b), d in zip(pairwise(widths), dilations, strict=True)
        )
        self.bottom = convolution(middle, middle, 2 ** (depth - 1) if flat else 2)
        outs = [middle] * (depth - 2) + [channels_out]
        self.up = nn.ModuleList(
            convolution(2 * middle, out, d)
            for out, d in zip(outs, reversed(dilations), strict=True)
        )

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        entered: Tensor = self.enter(x)
        x = entered
        kept = []
        for i, block in enumerate(self.down):
            if i and not self.flat:
                x = functional.max_pool2d(x, 2, ceil_mode=True)
            x = block(x)
            kept.append(x)
        x = self.bottom(x)
        for block, skipped in zip(self.up, reversed(kept), strict=True):
            x = block(torch.cat([enlarged(x, skipped), skipped], dim=1))
        return x + entered


class IsNet(nn.Module):
    """Picture (B, 3, 1024, 1024) → probability (B, 1, 1024, 1024)."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv2d(3, 64, 3, stride=2, padding=1)
        self.encoder = nn.ModuleList(
            [
                ResidualUBlock(7, 64, 32, 64),
                ResidualUBlock(6, 64, 32, 128),
                ResidualUBlock(5, 128, 64, 256),
                ResidualUBlock(4, 256, 128, 512),
                ResidualUBlock(4, 512, 256, 512, flat=True),
                ResidualUBlock(4, 512, 256, 512, flat=True),
            ]
        )
        self.decoder = nn.ModuleList(
            [
                ResidualUBlock(4, 1024, 256, 512, flat=True),
                ResidualUBlock(4, 1024, 128, 256),
                ResidualUBlock(5, 512, 64, 128),
                ResidualUBlock(6, 256, 32, 64),
                ResidualUBlock(7, 128, 16, 64),
            ]
        )
        self.side = nn.Conv2d(64, 1, 3, padding=1)

    def forward(self, picture: Tensor) -> Tensor:
        x = self.enter(picture)  # (B, 64, 512, 512)
        kept = []
        for i, block in enumerate(self.encoder):
            if i:
                x = functional.max_pool2d(x, 2, ceil_mode=True)
            x = block(x)
            kept.append(x)
        for block, skipped in zip(self.decoder, reversed(kept[:-1]), strict=True):
            x = block(torch.cat([enlarged(x, skipped), skipped], dim=1))
        return torch.sigmoid(enlarged(self.side(x), picture))


def enlarged(x: Tensor, like: Tensor) -> Tensor:
    """`x` at the height and width of `like`."""
    return functional.interpolate(x, size=like.shape[2:], mode="bilinear")


def save_onnx(path: Path) -> int:
    """Write the stand-in as ONNX; how many parameters it has."""
    torch.manual_seed(0)
    network = IsNet().eval()
    torch.onnx.export(
        network,
        (torch.zeros(1, 3, SIDE, SIDE),),
        str(path),
        input_names=["picture"],
        output_names=["alpha"],
        opset_version=17,
        dynamo=False,
    )
    return sum(parameter.numel() for parameter in network.parameters())
