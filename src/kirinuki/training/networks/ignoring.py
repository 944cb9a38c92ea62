"""What is neither somebody nor nobody costs a detector nothing: regions to be ignored.

Targets may have ``ignored``, (K, 4) xyxy boxes: anchors and proposals that lie in one are no
background (as COCO's evaluation treats crowds). And ``unsure``, (1, H, W): pixels where no mask is
asked for. Without them everything is torchvision's Mask R-CNN.

Not covered: which regions these are (`kirinuki.training.pictures.scene`).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.roi_heads import (
    RoIHeads,
    fastrcnn_loss,
    project_masks_on_boxes,
)
from torchvision.models.detection.rpn import RegionProposalNetwork

INSIDE = 0.5
"""A box of which more than this share lies in one ignored region is ignored."""

Targets = list[dict[str, Tensor]]


def ignore_regions(model: MaskRCNN) -> None:
    """Make a detector heed ``ignored`` and ``unsure``, in place: only losses change. By the classes
    of its parts, which are built by torchvision, and keep their weights' names so."""
    model.rpn.__class__ = _ProposalNetwork
    model.roi_heads.__class__ = _Heads


def lies_in(boxes: Tensor, regions: Tensor) -> Tensor:
    """Which of the boxes (N, 4) lie in one of the regions (K, 4), xyxy: (N,) bool."""
    low = torch.maximum(boxes[:, None, :2], regions[None, :, :2])
    high = torch.minimum(boxes[:, None, 2:], regions[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(dim=2)
    areas = (boxes[:, 2:] - boxes[:, :2]).clamp(min=1e-6).prod(dim=1)
    return (shared > INSIDE * areas[:, None]).any(dim=1)


def mask_loss(
    logits: Tensor, proposals: list[Tensor], matched: list[Tensor], targets: Targets
) -> Tensor:
    """Mean cross-entropy of the masks over all pixels that are not unsure.

    Args:
        logits: (P, classes, M, M) of all pictures' positive proposals.
        proposals: their boxes, (Pᵢ, 4) a picture.
        matched: the character that each of them shows, (Pᵢ,) a picture.
    """
    if not len(logits):
        return logits.sum() * 0
    side = logits.shape[-1]
    truth, unsure, labels = [], [], []
    for boxes, who, target in zip(proposals, matched, targets, strict=True):
        truth.append(project_masks_on_boxes(target["masks"], boxes, who, side))
        labels.append(target["labels"][who])
        plane = target.get("unsure")
        if plane is None:
            unsure.append(torch.zeros_like(truth[-1]))
        else:
            unsure.append(project_masks_on_boxes(plane, boxes, torch.zeros_like(who), side))
    which = torch.cat(labels)
    shown = logits[torch.arange(len(which), device=which.device), which]
    sure = (torch.cat(unsure) < 0.5).to(shown)
    losses = functional.binary_cross_entropy_with_logits(
        shown, torch.cat(truth).to(shown), reduction="none"
    )
    return (losses * sure).sum() / sure.sum().clamp(min=1)


class _ProposalNetwork(RegionProposalNetwork):  # type: ignore[misc]  # torchvision is untyped
    """Anchors in ignored regions are asked for nothing."""

    def assign_targets_to_anchors(
        self, anchors: list[Tensor], targets: Targets
    ) -> tuple[list[Tensor], list[Tensor]]:
        labels, boxes = super().assign_targets_to_anchors(anchors, targets)
        for found, label, target in zip(anchors, labels, targets, strict=True):
            _ignore(found, label, target)
        return labels, boxes

    def compute_loss(
        self,
        objectness: Tensor,
        deltas: Tensor,
        labels: list[Tensor],
        regression_targets: list[Tensor],
    ) -> tuple[Tensor, Tensor]:
        if all((label < 0).all() for label in labels):  # torchvision's mean of nothing is NaN
            return objectness.sum() * 0, deltas.sum() * 0
        objects, boxes = super().compute_loss(objectness, deltas, labels, regression_targets)
        return objects, boxes


class _Heads(RoIHeads):  # type: ignore[misc]
    """Proposals in ignored regions are asked for nothing, nor are unsure pixels of masks."""

    def forward(
        self,
        features: dict[str, Tensor],
        proposals: list[Tensor],
        image_shapes: list[tuple[int, int]],
        targets: Targets | None = None,
    ) -> tuple[Targets, dict[str, Tensor]]:
        if not self.training or targets is None:
            found, losses = super().forward(features, proposals, image_shapes, targets)
            return found, losses
        self._targets = targets  # torchvision tells `assign_targets_to_proposals` boxes and labels
        proposals, matched, labels, offsets = self.select_training_samples(proposals, targets)
        pooled = self.box_head(self.box_roi_pool(features, proposals, image_shapes))
        said = self.box_predictor(pooled)
        if any(len(label) for label in labels):
            classes, boxes = fastrcnn_loss(*said, labels, offsets)
        else:
            classes, boxes = (part.sum() * 0 for part in said)
        positive = [label > 0 for label in labels]
        shown = [found[keep] for found, keep in zip(proposals, positive, strict=True)]
        who = [index[keep] for index, keep in zip(matched, positive, strict=True)]
        masks = self.mask_head(self.mask_roi_pool(features, shown, image_shapes))
        loss = mask_loss(self.mask_predictor(masks), shown, who, targets)
        return [], {"loss_classifier": classes, "loss_box_reg": boxes, "loss_mask": loss}

    def assign_targets_to_proposals(
        self, proposals: list[Tensor], gt_boxes: list[Tensor], gt_labels: list[Tensor]
    ) -> tuple[list[Tensor], list[Tensor]]:
        matched, labels = super().assign_targets_to_proposals(proposals, gt_boxes, gt_labels)
        for found, label, target in zip(proposals, labels, self._targets, strict=True):
            _ignore(found, label, target)
        return matched, labels


def _ignore(boxes: Tensor, labels: Tensor, target: dict[str, Tensor]) -> None:
    """Labels of background (0) become -1, which no sampler takes, where boxes are ignored."""
    regions = target.get("ignored")
    if regions is not None and len(regions):
        labels[(labels == 0) & lies_in(boxes, regions.to(boxes))] = -1
