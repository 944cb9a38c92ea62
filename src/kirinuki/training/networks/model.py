"""Detectors: torchvision's Mask R-CNN (He et al. 2017), of any architecture in `registry`.

Inputs are lists of (3, h, w) float32 RGB in [0, 1], already at the size the network is to see:
resizing belongs to the data set and the segmenter, so that both do it alike. Labels inside torch
are 1-based (0 is the background); everywhere else in kirinuki they are 0-based.

Not covered: what each architecture is made of (the files that `registry` names).
"""

from __future__ import annotations

import math
from importlib import import_module

import torch
from torch import Tensor
from torchvision.models.detection import MaskRCNN
from torchvision.ops.poolers import initLevelMapper

from kirinuki.errors import TrainingError
from kirinuki.training.networks.ignoring import ignore_regions
from kirinuki.training.networks.registry import DETECTORS


def build_detector(
    arch: str, num_classes: int, pretrained: bool = True, trainable_layers: int = 5
) -> MaskRCNN:
    """A detector for `num_classes` classes (the background not counted).

    Args:
        arch: one of `DETECTORS`.
        pretrained: the light ones: ImageNet weights from an installed package; the classic two:
            COCO weights from torchvision's hub.
        trainable_layers: backbone stages trained, counted from the last (0 to 5).

    Raises:
        TrainingError: for an unknown architecture, or when COCO weights cannot be downloaded.
        MissingExtraError: the package with the weights is not installed.
    """
    if arch not in DETECTORS:
        raise TrainingError(f'no such architecture: "{arch}"; choose from {", ".join(DETECTORS)}')
    made_in = import_module(f"{__package__}.{DETECTORS[arch]}")
    model: MaskRCNN = made_in.build(arch, num_classes, pretrained, trainable_layers)
    # The pictures come at the right size; torchvision's own resizing would undo that.
    model.transform.resize = _as_it_is
    ignore_regions(model)
    _fix_strides(model, made_in.STRIDES)
    return model


def _fix_strides(model: MaskRCNN, strides: tuple[int, ...]) -> None:
    """Tell the RoI pooling the strides of its levels. By itself it infers them from the first
    batch, for good, and wrongly where padding more than doubles a thin picture's area."""
    levels = round(math.log2(strides[0])), round(math.log2(strides[-1]))
    for pooler in (model.roi_heads.box_roi_pool, model.roi_heads.mask_roi_pool):
        pooler.scales = [1 / stride for stride in strides]
        pooler.map_levels = initLevelMapper(*levels)


def _as_it_is(
    image: Tensor, target: dict[str, Tensor] | None = None
) -> tuple[Tensor, dict[str, Tensor] | None]:
    return image, target


def total_loss(losses: dict[str, Tensor]) -> Tensor:
    """The sum that is minimised; box regression counts double, it is what falls last."""
    weights = {"loss_box_reg": 2.0}
    return torch.stack([loss * weights.get(name, 1.0) for name, loss in losses.items()]).sum()
