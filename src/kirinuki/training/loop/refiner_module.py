"""`RefinerModule`: losses, validation and optimiser of the refiner.

The loss of the alpha is L1 + binary cross-entropy + the gradient's L1 (edges, Sobel) + L1 of a
Laplacian pyramid (Hou & Liu 2019, "Context-Aware Image Matting") + ½ Dice (Milletari et al. 2016).
Quality is learnt by cross-entropy with the IoU that the alpha reaches now, kind with the manifest's
word where it has one.
"""

from __future__ import annotations

from typing import Any

import lightning
import torch
from torch import Tensor
from torch.nn import functional

from kirinuki.errors import TrainingError
from kirinuki.training.config import TrainConfig
from kirinuki.training.loop.optimiser import adamw_with_cosine
from kirinuki.training.networks.refiner import Refined, RefinerNetwork
from kirinuki.training.pictures.refiner_data import Crops

PYRAMID_LEVELS = 4
BAND = 4
"""How far from an edge of a crop, in its pixels, a label that was drawn may be wrong."""
QUALITY_WEIGHT = 0.5
KIND_WEIGHT = 0.2
"""Kind says little about edges, and there are few people to learn it from."""


class RefinerModule(lightning.LightningModule):
    """A refiner under training; `model` is the network that gets exported."""

    def __init__(self, config: dict[str, Any], pretrained: bool = True) -> None:
        super().__init__()
        self.save_hyperparameters({"config": config})
        self.config = TrainConfig.from_dict(config)
        self.model = RefinerNetwork(pretrained)

    def training_step(self, batch: Crops, batch_idx: int) -> Tensor | None:
        if not len(batch.crops):
            return None
        said = self.model.logits(batch.crops)
        losses = refiner_losses(Refined(*(part.float() for part in said)), batch)
        loss = torch.stack(list(losses.values())).sum()
        if not torch.isfinite(loss):
            raise TrainingError(
                f"epoch {self.current_epoch}, batch {batch_idx}: the loss is not finite; "
                "lower `learning_rate`"
            )
        size = len(batch.crops)
        self.log_dict({f"train/{k}": v.detach() for k, v in losses.items()}, batch_size=size)
        self.log("train/loss", loss.detach(), prog_bar=True, batch_size=size)
        return loss

    def validation_step(self, batch: Crops, batch_idx: int) -> None:
        if not len(batch.crops):
            return
        said = Refined(*(part.float() for part in self.model(batch.crops)))
        target = quality_of(said.alpha, batch)
        self._mean("val/quality_error", (said.quality - target).abs())
        shown = batch.learnt
        alpha, truth = said.alpha[shown], batch.alphas[shown]
        self._mean("val/iou", _iou(alpha, truth))
        self._mean("val/coarse_iou", _iou(batch.crops[shown, 3:], truth))
        self._mean("val/mae", (alpha - truth).abs().mean(dim=(1, 2, 3)))
        known = ~batch.female.isnan()
        right = (said.female >= 0.5) == (batch.female >= 0.5)
        self._mean("val/kind_accuracy", right[known].float())

    def _mean(self, name: str, values: Tensor) -> None:
        if len(values):
            self.log(name, values.mean(), prog_bar=True, batch_size=len(values))

    def configure_optimizers(self) -> Any:
        return adamw_with_cosine(self, self.config)


def refiner_losses(said: Refined, batch: Crops) -> dict[str, Tensor]:
    """All parts of the loss, weighted; `said` holds logits."""
    losses = {}
    if batch.learnt.any():
        losses = alpha_losses(
            said.alpha[batch.learnt],
            batch.alphas[batch.learnt],
            1 - batch.unsure[batch.learnt],
            batch.edge_trust[batch.learnt],
        )
    target = quality_of(torch.sigmoid(said.alpha.detach()), batch)
    quality = functional.binary_cross_entropy_with_logits(said.quality, target)
    losses["quality"] = QUALITY_WEIGHT * quality
    known = ~batch.female.isnan()
    if known.any():
        kind = functional.binary_cross_entropy_with_logits(said.female[known], batch.female[known])
        losses["kind"] = KIND_WEIGHT * kind
    return losses


def alpha_losses(
    logits: Tensor, truth: Tensor, counts: Tensor, edge_trust: Tensor
) -> dict[str, Tensor]:
    """The five parts of the alpha's loss for logits and alpha. A label whose edges are not exact
    counts less in a band about them, and says nothing of gradients and details.

    Args:
        logits, truth: (B, 1, S, S).
        counts: (B, 1, S, S), 0 where a pixel is not asked for, else 1.
        edge_trust: (B,) in [0, 1], as in `Crops`.
    """
    trust = edge_trust[:, None, None, None]
    alpha, truth = torch.sigmoid(logits) * counts, truth * counts
    weight = counts * torch.where(beside_edges(truth), trust, 1.0)
    overlap = (alpha * truth).sum(dim=(1, 2, 3))
    dice = (2 * overlap + 1) / ((alpha + truth).sum(dim=(1, 2, 3)) + 1)
    exact = (trust >= 1).to(alpha)
    return {
        "l1": ((alpha - truth).abs() * weight).mean(),
        "bce": functional.binary_cross_entropy_with_logits(logits, truth, weight=weight),
        "gradient": ((_sobel(alpha) - _sobel(truth)) * exact).abs().mean(),
        "laplacian": _laplacian_loss(alpha * exact, truth * exact),
        "dice": 0.5 * (1 - dice.mean()),
    }


def beside_edges(alpha: Tensor) -> Tensor:
    """Pixels no further than `BAND` from an edge of the hard mask, (B, 1, S, S) bool."""
    wide = functional.max_pool2d(alpha, 2 * BAND + 1, 1, BAND)
    thin = -functional.max_pool2d(-alpha, 2 * BAND + 1, 1, BAND)
    return (wide > 0.5) & (thin < 0.5)


def quality_of(alpha: Tensor, batch: Crops) -> Tensor:
    """IoU in [0, 1] of the hard masks with the whole character, also the part outside the crop,
    (B,). Where the alpha is not learnt, nobody can trust it: there the coarse mask counts. Unsure
    pixels are neither right nor wrong."""
    shown = torch.where(batch.learnt[:, None, None, None], alpha, batch.crops[:, 3:])
    counts = 1 - batch.unsure
    return _iou(shown * counts, batch.alphas * counts, batch.outside)


def _iou(alpha: Tensor, truth: Tensor, outside: Tensor | float = 0.0) -> Tensor:
    """IoU of hard masks, (B,); `outside` (B,) as in `Crops`."""
    ours, theirs = alpha >= 0.5, truth >= 0.5
    overlap = (ours & theirs).sum(dim=(1, 2, 3))
    union = (ours | theirs).sum(dim=(1, 2, 3)) + outside * theirs.sum(dim=(1, 2, 3))
    return overlap / union.clamp(min=1)


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
