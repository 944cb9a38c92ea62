"""The classic detectors: torchvision's own Mask R-CNN on ResNet-50, from COCO weights, with both
heads really replaced.
"""

from __future__ import annotations

from torch import nn
from torchvision.models import detection, get_model_weights
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor
from torchvision.models.detection.mask_rcnn import MaskRCNNPredictor
from torchvision.ops import FrozenBatchNorm2d

from kirinuki.errors import TrainingError
from kirinuki.training.networks.limits import SHARED_OPTIONS

STRIDES = (4, 8, 16, 32)


def build(arch: str, num_classes: int, pretrained: bool, trainable_layers: int) -> MaskRCNN:
    """See `registry`."""
    # Built without weights, which are loaded afterwards: torchvision makes other BatchNorm layers
    # with weights than without, and a checkpoint must fit whichever way its network was made.
    model: MaskRCNN = getattr(detection, arch)(
        weights=None, weights_backbone=None, **SHARED_OPTIONS
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
            "use `arch` lite, which needs no download"
        ) from error


def _freeze_resnet(body: nn.Module, trainable_layers: int) -> None:
    """Train only the last stages; the stem counts as the first of five."""
    stages = (("conv1", "bn1"), ("layer1",), ("layer2",), ("layer3",), ("layer4",))
    for stage in stages[: len(stages) - trainable_layers]:
        for name in stage:
            body.get_submodule(name).requires_grad_(False)
