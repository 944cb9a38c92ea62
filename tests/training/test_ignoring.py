"""What is neither somebody nor nobody costs nothing: the losses, with literal boxes."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torchvision.models.detection.roi_heads import maskrcnn_loss  # noqa: E402

from kirinuki.training.networks.ignoring import lies_in, mask_loss  # noqa: E402
from kirinuki.training.networks.model import build_detector  # noqa: E402

CROWD = torch.tensor([[0.0, 0, 64, 64]])


def target(ignored: Any = None, character: Any = None) -> dict[str, Any]:
    """Of a picture of 96 × 64: perhaps one character, perhaps regions to be ignored."""
    boxes = torch.zeros((0, 4)) if character is None else torch.tensor([character])
    masks = torch.zeros((len(boxes), 64, 96), dtype=torch.uint8)
    for mask, (x1, y1, x2, y2) in zip(masks, boxes.int().tolist(), strict=True):
        mask[y1:y2, x1:x2] = 1
    found = {"boxes": boxes, "labels": torch.ones(len(boxes), dtype=torch.int64), "masks": masks}
    return found if ignored is None else {**found, "ignored": ignored}


@pytest.fixture(scope="module")
def detector() -> Any:
    torch.manual_seed(0)
    return build_detector("lite", 1, pretrained=False, trainable_layers=0).train()


def test_a_box_lies_in_a_region_that_covers_most_of_it() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [60, 0, 70, 10], [80, 0, 90, 10], [0, 0, 96, 64]])
    assert lies_in(boxes, CROWD).tolist() == [True, False, False, True]
    assert lies_in(boxes, torch.zeros((0, 4))).tolist() == [False] * 4
    halves = torch.tensor([[0.0, 0, 5, 10], [5, 0, 10, 10]])  # neither holds more than half
    assert lies_in(boxes[:1], halves).tolist() == [False]


def test_anchors_in_a_region_are_no_background(detector: Any) -> None:
    anchors = [torch.tensor([[8.0, 8, 40, 40], [66, 8, 94, 40], [20, 20, 60, 60]])]
    character = [20.0, 20, 60, 60]
    assign = detector.rpn.assign_targets_to_anchors
    assert assign(anchors, [target()])[0][0].tolist() == [0, 0, 0]
    assert assign(anchors, [target(CROWD)])[0][0].tolist() == [-1, 0, -1]
    labels = assign(anchors, [target(CROWD, character)])[0][0].tolist()
    assert labels == [-1, 0, 1]  # a labelled character within a region is still somebody


def test_proposals_in_a_region_are_no_background(detector: Any) -> None:
    proposals = [torch.tensor([[8.0, 8, 40, 40], [66, 8, 94, 40]])]
    seen = {}
    for name, one in (("nothing", target()), ("crowd", target(CROWD))):
        torch.manual_seed(0)
        detector.roi_heads._targets = [one]
        _, labels = detector.roi_heads.assign_targets_to_proposals(
            proposals, [one["boxes"]], [one["labels"]]
        )
        seen[name] = labels[0].tolist()
    assert seen == {"nothing": [0, 0], "crowd": [-1, 0]}


def test_a_picture_that_is_all_region_costs_a_detector_nothing(detector: Any) -> None:
    picture = [torch.rand(3, 64, 96)]
    everywhere = torch.tensor([[-200.0, -200, 300, 300]])
    torch.manual_seed(0)
    blamed = detector(picture, [target()])
    free = detector(picture, [target(everywhere)])
    assert min(blamed["loss_objectness"], blamed["loss_classifier"]) > 0.1
    assert {name: float(value.detach()) for name, value in free.items()} == dict.fromkeys(free, 0.0)


def test_no_mask_is_asked_for_where_nobody_knows() -> None:
    """A character of 32 × 32 whose right half the labels leave open."""
    one = target(character=[16.0, 16, 48, 48])
    boxes, who = [torch.tensor([[16.0, 16, 48, 48]])], [torch.tensor([0])]
    logits = torch.full((1, 2, 28, 28), -4.0)
    logits[..., :14] = 4  # right on the left half, wrong on the right one
    plain = mask_loss(logits, boxes, who, [one])
    theirs = maskrcnn_loss(logits, boxes, [one["masks"]], [one["labels"]], who)
    torch.testing.assert_close(plain, theirs)
    unsure = torch.zeros((1, 64, 96), dtype=torch.uint8)
    unsure[:, :, 32:] = 1
    assert plain > 1.9
    assert mask_loss(logits, boxes, who, [{**one, "unsure": unsure}]) < 0.1
    nothing = mask_loss(logits, boxes, who, [{**one, "unsure": torch.ones_like(unsure)}])
    assert float(nothing) == 0
