"""``lite``: Mask R-CNN on EfficientNet-Lite0 (Liu et al. 2020), light enough to train on
a processor.

A feature pyramid from stride 8 up (characters are large; the stride-4 level would cost half of all
the time), 128 channels with BatchNorm (the backbone's maps differ in scale by a factor of seven;
folded into the convolutions at export, so free).
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import Any

from torch import Tensor, nn
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.rpn import RPNHead
from torchvision.ops import FeaturePyramidNetwork, MultiScaleRoIAlign
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from kirinuki.training.networks.backbone import MEAN, STD, build_lite0
from kirinuki.training.networks.limits import SHARED_OPTIONS

STRIDES = (8, 16, 32)
INDICES = (2, 3, 4)
"""Maps of the body at `STRIDES`."""
LITE_WIDTH = 128
"""Channels of the pyramid."""


def build(arch: str, num_classes: int, pretrained: bool, trainable_layers: int) -> MaskRCNN:
    """See `registry`."""
    body = build_lite0(INDICES, pretrained=pretrained)
    return light_mask_rcnn(LiteBackbone(body, trainable_layers), num_classes)


class LiteBackbone(nn.Module):
    """An EfficientNet-Lite with a feature pyramid: (B, 3, H, W) → four maps at strides 8 to 64."""

    out_channels = LITE_WIDTH

    def __init__(self, body: Any, trainable_layers: int) -> None:
        super().__init__()
        self.body = body
        _freeze_stages(self.body, trainable_layers)
        self.fpn = FeaturePyramidNetwork(
            body.feature_info.channels(),
            LITE_WIDTH,
            extra_blocks=LastLevelMaxPool(),
            norm_layer=partial(nn.BatchNorm2d, momentum=0.03),
        )
        self.train()  # Lightning leaves every module in the mode that it was made in

    def train(self, mode: bool = True) -> LiteBackbone:
        """Training mode; the body's BatchNorm keeps its ImageNet statistics (batches are small)."""
        super().train(mode)
        for module in self.body.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        maps = self.body(pictures)
        named = OrderedDict((str(i), level) for i, level in enumerate(maps))
        pyramid: dict[str, Tensor] = self.fpn(named)
        return pyramid


def light_mask_rcnn(backbone: LiteBackbone, num_classes: int) -> MaskRCNN:
    """The light detector on a backbone whose maps have `STRIDES`."""
    anchors = AnchorGenerator(
        sizes=((24, 40), (64, 96), (144, 208), (288, 400)),
        aspect_ratios=((0.6, 1.2, 2.4),) * 4,  # height / width: people stand more than they lie
    )
    levels = ["0", "1", "2"]
    return MaskRCNN(
        backbone,
        rpn_anchor_generator=anchors,
        rpn_head=RPNHead(LITE_WIDTH, anchors.num_anchors_per_location()[0]),
        rpn_pre_nms_top_n_train=600,
        rpn_post_nms_top_n_train=300,
        rpn_pre_nms_top_n_test=300,
        rpn_post_nms_top_n_test=100,
        box_roi_pool=MultiScaleRoIAlign(levels, output_size=7, sampling_ratio=2),
        box_head=TwoMLPHead(LITE_WIDTH * 7 * 7, 512),
        box_predictor=FastRCNNPredictor(512, num_classes + 1),
        box_batch_size_per_image=64,
        mask_roi_pool=MultiScaleRoIAlign(levels, output_size=14, sampling_ratio=2),
        mask_head=MaskRCNNHeads(LITE_WIDTH, (LITE_WIDTH,) * 4, 1),
        mask_predictor=MaskRCNNPredictor(LITE_WIDTH, LITE_WIDTH, num_classes + 1),
        image_mean=list(MEAN),
        image_std=list(STD),
        **SHARED_OPTIONS,
    )


def _freeze_stages(body: Any, trainable_layers: int) -> None:
    """Train only the last stages: the stem counts as the first of five."""
    stages: list[list[nn.Module]] = [
        [body.conv_stem, body.bn1, body.blocks[0]],
        [body.blocks[1]],
        [body.blocks[2]],
        [body.blocks[3], body.blocks[4]],
        [body.blocks[5], body.blocks[6]],
    ]
    for stage in stages[: len(stages) - trainable_layers]:
        for module in stage:
            module.requires_grad_(False)
