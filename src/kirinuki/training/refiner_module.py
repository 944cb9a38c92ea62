"""`RefinerModule`: losses, validation and optimiser of the refiner.

The loss is L1 + binary cross-entropy + the gradient's L1 (edges, Sobel) + L1 of a Laplacian pyramid
(Hou & Liu 2019, "Context-Aware Image Matting") + ½ Dice (Milletari et al. 2016).
"""

from __future__ import annotations

from typing import Any

import lightning
import torch
from torch import Tensor
from torch.nn import functional

from kirinuki.errors import TrainingError
from kirinuki.training.config import TrainConfig
from kirinuki.training.optimiser import adamw_with_cosine
from kirinuki.training.refiner import Refiner
from kirinuki.training.refiner_data import Crops

PYRAMID_LEVELS = 4


class RefinerModule(lightning.LightningModule):
    """A refiner under training; `model` is the network that gets exported."""

    def __init__(self, config: dict[str, Any], pretrained: bool = True) -> None:
        super().__init__()
        self.save_hyperparameters({"config": config})
        self.config = TrainConfig.from_dict(config)
        self.model = Refiner(pretrained)

    def training_step(self, batch: Crops, batch_idx: int) -> Tensor | None:
        crops, truth = batch
        if not len(crops):
            return None
        losses = refiner_losses(self.model.logits(crops).float(), truth)
        loss = torch.stack(list(losses.values())).sum()
        if not torch.isfinite(loss):
            raise TrainingError(
                f"epoch {self.current_epoch}, batch {batch_idx}: the loss is not finite; "
                "lower --learning-rate"
            )
        self.log_dict({f"train/{k}": v.detach() for k, v in losses.items()}, batch_size=len(crops))
        self.log("train/loss", loss.detach(), prog_bar=True, batch_size=len(crops))
        return loss

    def validation_step(self, batch: Crops, batch_idx: int) -> None:
        crops, truth = batch
        if not len(crops):
            return
        alpha = self.model(crops).float()
        values = {
            "val/iou": _iou(alpha, truth).mean(),
            "val/coarse_iou": _iou(crops[:, 3:], truth).mean(),
            "val/mae": (alpha - truth).abs().mean(),
        }
        self.log_dict(values, prog_bar=True, batch_size=len(crops))

    def configure_optimizers(self) -> Any:
        return adamw_with_cosine(self, self.config)


def refiner_losses(logits: Tensor, truth: Tensor) -> dict[str, Tensor]:
    """The five parts of the loss for logits and alpha, both (B, 1, S, S)."""
    alpha = torch.sigmoid(logits)
    overlap = (alpha * truth).sum(dim=(1, 2, 3))
    dice = (2 * overlap + 1) / ((alpha + truth).sum(dim=(1, 2, 3)) + 1)
    return {
        "l1": (alpha - truth).abs().mean(),
        "bce": functional.binary_cross_entropy_with_logits(logits, truth),
        "gradient": (_sobel(alpha) - _sobel(truth)).abs().mean(),
        "laplacian": _laplacian_loss(alpha, truth),
        "dice": 0.5 * (1 - dice.mean()),
    }


def _iou(alpha: Tensor, truth: Tensor) -> Tensor:
    """IoU of hard masks, (B,)."""
    ours, theirs = alpha >= 0.5, truth >= 0.5
    overlap = (ours & theirs).sum(dim=(1, 2, 3))
    return overlap / (ours | theirs).sum(dim=(1, 2, 3)).clamp(min=1)


def _sobel(alpha: Tensor) -> Tensor:
    """Horizontal and vertical derivative, (B, 2, S, S)."""
    across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]], device=alpha.device) / 4
    kernels = torch.stack([across, across.T])[:, None]  # (2, 1, 3, 3)
    return functional.conv2d(functional.pad(alpha, (1, 1, 1, 1), mode="replicate"), kernels)


def _laplacian_loss(alpha: Tensor, truth: Tensor) -> Tensor:
    loss = alpha.new_zeros(())
    difference = alpha - truth  # the pyramid is linear, so it may be built of the difference
    for level in range(PYRAMID_LEVELS):
        smaller = functional.avg_pool2d(difference, 2)
        detail = difference - functional.interpolate(smaller, scale_factor=2.0, mode="bilinear")
        loss = loss + detail.abs().mean() * 2**level
        difference = smaller
    return loss
