"""`interop.to_torchvision` gives what torchvision's own Mask R-CNN learns from."""

from __future__ import annotations

import numpy as np
import pytest

from kirinuki.instances import Instances
from kirinuki.interop import from_torchvision, to_torchvision

torch = pytest.importorskip("torch")
detection = pytest.importorskip("torchvision.models.detection")


def test_torchvisions_mask_rcnn_takes_it_and_its_finds_come_back() -> None:
    found = Instances(
        size_hw=(96, 128),
        boxes=np.array([[10, 20, 60, 90]], np.float32),
        alphas=(np.full((70, 50), 255, np.uint8),),
        scores=np.ones(1, np.float32),
        labels=np.zeros(1, np.int64),
        names=("girl",),
    )
    torch.manual_seed(0)
    model = detection.maskrcnn_resnet50_fpn(
        weights=None,
        weights_backbone=None,
        num_classes=2,
        min_size=96,
        max_size=128,
        box_score_thresh=0.0,
        box_detections_per_img=3,
    )
    picture = torch.rand(3, 96, 128)
    target = {key: torch.from_numpy(value) for key, value in to_torchvision(found).items()}
    losses = model([picture], [target])
    assert set(losses) > {"loss_mask", "loss_classifier"}
    assert all(torch.isfinite(loss) for loss in losses.values())

    with torch.inference_mode():
        (predicted,) = model.eval()([picture])
    back = from_torchvision(predicted, names=["girl"])
    assert len(back) == len(predicted["scores"]) > 0
    assert back.size_hw == (96, 128)
    np.testing.assert_allclose(back.scores, predicted["scores"].numpy())
