"""Detectors: torchvision's Mask R-CNN (He et al. 2017) with a light or a classic backbone.

``lite`` is ours: EfficientNet-Lite0, a feature pyramid from stride 8 up (characters are large; the
stride-4 level would cost half of all the time), 128 channels with BatchNorm (the backbone's maps
differ in scale by a factor of seven; folded into the convolutions at export, so free).

The classic two are torchvision's, from COCO weights, with both heads really replaced.

Inputs are lists of (3, h, w) float32 RGB in [0, 1], already at the size the network is to see:
resizing belongs to the data set and the segmenter, so that both do it alike. Labels inside torch
are 1-based (0 is the background); everywhere else in kirinuki they are 0-based.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import detection, get_model_weights
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.rpn import RPNHead
from torchvision.ops import FeaturePyramidNetwork, FrozenBatchNorm2d, MultiScaleRoIAlign
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool
from torchvision.ops.poolers import initLevelMapper

from kirinuki.errors import TrainingError
from kirinuki.training.config import DETECTORS
from kirinuki.training.networks.backbone import MEAN, STD, build_lite0

ARCHS = DETECTORS
LITE_WIDTH = 128
MIN_SCORE = 0.05
"""Detections below are dropped inside the network: COCO's AP is computed from here up."""
MAX_DETECTIONS = 50


class LiteBackbone(nn.Module):
    """EfficientNet-Lite0 with a feature pyramid: (B, 3, H, W) → four maps at strides 8 to 64."""

    out_channels = LITE_WIDTH

    def __init__(self, pretrained: bool, trainable_layers: int) -> None:
        super().__init__()
        self.body = build_lite0(out_indices=(2, 3, 4), pretrained=pretrained)
        _freeze_stages(self.body, trainable_layers)
        self.fpn = FeaturePyramidNetwork(
            [40, 112, 320],
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


def build_detector(
    arch: str, num_classes: int, pretrained: bool = True, trainable_layers: int = 5
) -> MaskRCNN:
    """A detector for `num_classes` classes (the background not counted).

    Args:
        arch: one of `ARCHS`.
        pretrained: lite: ImageNet weights from the installed package; the classic two: COCO weights
            from torchvision's hub.
        trainable_layers: backbone stages trained, counted from the last (0 to 5).

    Raises:
        TrainingError: for an unknown architecture, or when COCO weights cannot be downloaded.
    """
    if arch not in ARCHS:
        raise TrainingError(f'no such architecture: "{arch}"; choose from {", ".join(ARCHS)}')
    if arch == "lite":
        model = _build_lite(num_classes, pretrained, trainable_layers)
    else:
        model = _build_classic(arch, num_classes, pretrained, trainable_layers)
    # The pictures come at the right size; torchvision's own resizing would undo that.
    model.transform.resize = _as_it_is
    _fix_strides(model, (8, 16, 32) if arch == "lite" else (4, 8, 16, 32))
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


def _build_lite(num_classes: int, pretrained: bool, trainable_layers: int) -> MaskRCNN:
    anchors = AnchorGenerator(
        sizes=((24, 40), (64, 96), (144, 208), (288, 400)),
        aspect_ratios=((0.6, 1.2, 2.4),) * 4,  # height / width: people stand more than they lie
    )
    levels = ["0", "1", "2"]
    return MaskRCNN(
        LiteBackbone(pretrained, trainable_layers),
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
        **_shared_options(),
    )


def _shared_options() -> dict[str, object]:
    return {
        "box_score_thresh": MIN_SCORE,
        "box_nms_thresh": 0.6,  # overlapping characters have overlapping boxes
        "box_detections_per_img": MAX_DETECTIONS,
    }


def _build_classic(
    arch: str, num_classes: int, pretrained: bool, trainable_layers: int
) -> MaskRCNN:
    # Built without weights, which are loaded afterwards: torchvision makes other BatchNorm layers
    # with weights than without, and a checkpoint must fit whichever way its network was made.
    model: MaskRCNN = getattr(detection, arch)(
        weights=None, weights_backbone=None, **_shared_options()
    )
    if arch == "maskrcnn_resnet50_fpn":
        _freeze_statistics(model.backbone.body)
    if pretrained:
        _load_coco(model, arch)
    _freeze_resnet(model.backbone.body, trainable_layers)
    box = model.roi_heads.box_predictor
    model.roi_heads.box_predictor = FastRCNNPredictor(box.cls_score.in_features, num_classes + 1)
    mask = model.roi_heads.mask_predictor.conv5_mask
    model.roi_heads.mask_predictor = MaskRCNNPredictor(
        mask.in_channels, mask.out_channels, num_classes + 1
    )
    return model


def _freeze_statistics(body: nn.Module) -> None:
    """BatchNorm with fixed statistics and eps 0, as the network of the COCO weights has it."""
    for name, child in body.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(body, name, FrozenBatchNorm2d(child.num_features, eps=0.0))
        else:
            _freeze_statistics(child)


def _load_coco(model: MaskRCNN, arch: str) -> None:
    weights = get_model_weights(arch)["COCO_V1"]
    try:
        model.load_state_dict(weights.get_state_dict(progress=False, check_hash=True))
    except OSError as error:
        raise TrainingError(
            f"{arch}: its COCO weights cannot be downloaded ({error}); "
            "use --arch lite, which needs no download"
        ) from error


def _freeze_resnet(body: nn.Module, trainable_layers: int) -> None:
    """Train only the last stages; the stem counts as the first of five."""
    stages = (("conv1", "bn1"), ("layer1",), ("layer2",), ("layer3",), ("layer4",))
    for stage in stages[: len(stages) - trainable_layers]:
        for name in stage:
            body.get_submodule(name).requires_grad_(False)


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


def total_loss(losses: dict[str, Tensor]) -> Tensor:
    """The sum that is minimised; box regression counts double, it is what falls last."""
    weights = {"loss_box_reg": 2.0}
    return torch.stack([loss * weights.get(name, 1.0) for name, loss in losses.items()]).sum()
