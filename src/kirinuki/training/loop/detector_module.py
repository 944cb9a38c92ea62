"""`DetectorModule`: one training step, one validation epoch and the optimiser of a detector."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import lightning
import numpy as np
import torch
from torch import Tensor, distributed

from kirinuki.errors import TrainingError
from kirinuki.evaluation.metrics import mask_ap
from kirinuki.evaluation.predictions import Prediction
from kirinuki.formats.labelled import LabelledInstance, LabelledPicture, LabelledSet
from kirinuki.formats.picture_ref import FileRef
from kirinuki.geometry import mask_to_rle
from kirinuki.training.config import TrainConfig
from kirinuki.training.loop.optimiser import adamw_with_cosine
from kirinuki.training.networks.limits import MIN_SCORE
from kirinuki.training.networks.model import build_detector, total_loss
from kirinuki.training.pictures.sampler import rank_and_world

Batch = tuple[list[Tensor], list[dict[str, Tensor]]]

SHOWN_SCORE = 0.5
"""Score from which a detection in a picture without characters counts as false."""


class DetectorModule(lightning.LightningModule):
    """A detector under training; `model` is the network that gets exported."""

    def __init__(self, config: dict[str, Any], pretrained: bool = True) -> None:
        super().__init__()
        self.save_hyperparameters({"config": config}, logger=False)
        self.config = TrainConfig.from_dict(config)
        self.model = build_detector(
            self.config.arch, len(self.config.names), pretrained, self.config.trainable_layers
        )
        self._truth: list[LabelledPicture] = []
        self._found: list[list[Prediction]] = []

    def forward(self, pictures: list[Tensor]) -> list[dict[str, Tensor]]:
        found: list[dict[str, Tensor]] = self.model(_scaled(pictures))
        return found

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        # Which proposals are sampled follows from seed, epoch and batch, so that a resumed run
        # needs no state of the generator.
        numbers = self.config.seed, self.current_epoch, batch_idx, rank_and_world()[0]
        torch.manual_seed(int(np.random.SeedSequence(numbers).generate_state(1)[0]))
        pictures, targets = batch
        losses: dict[str, Tensor] = self.model(_scaled(pictures), targets)
        loss = total_loss(losses)
        if not math.isfinite(loss.item()):
            raise TrainingError(self._not_finite(losses, targets, batch_idx))
        size = len(pictures)
        parts = {f"train/{name}": value.detach() for name, value in losses.items()}
        self.log_dict(parts, on_step=True, on_epoch=True, batch_size=size)
        self.log(
            "train/loss", loss.detach(), on_step=True, on_epoch=True, prog_bar=True, batch_size=size
        )
        return loss

    def _not_finite(
        self, losses: dict[str, Tensor], targets: list[dict[str, Tensor]], batch_idx: int
    ) -> str:
        parts = ", ".join(f"{name} {value.item():.3g}" for name, value in losses.items())
        pictures = cast(Any, self.trainer.train_dataloader).dataset
        names = ", ".join(pictures.describe(int(target["image_id"])) for target in targets)
        return (
            f"epoch {self.current_epoch + 1}, batch {batch_idx + 1}: the loss is not finite "
            f"({parts}); lower `learning_rate`, or look at the pictures of this batch: {names}"
        )

    def validation_step(self, batch: Batch, batch_idx: int) -> dict[str, list[list[Prediction]]]:
        """ "found": predictions from score 0.05 on, a list for each picture of the batch."""
        outputs = []
        for picture, target, found in zip(*batch, self(batch[0]), strict=True):
            self._truth.append(truth(target, picture.shape[1:], self.config.names))
            outputs.append(_predictions(found, self.config.names))
            self._found.append(outputs[-1])
        return {"found": outputs}

    def on_validation_epoch_end(self) -> None:
        both = _gathered(list(zip(self._truth, self._found, strict=True)))
        once = {picture.name: (picture, found) for picture, found in both}  # devices share some
        pictures = tuple(picture for picture, _ in once.values())
        predictions = [found for _, found in once.values()]
        empty = [found for picture, found in once.values() if not picture.instances]
        false_finds = sum(p.score >= SHOWN_SCORE for found in empty for p in found)
        numbers = mask_ap(LabelledSet(self.config.names, pictures), predictions)
        values = {
            "val/mask_ap": float(numbers.ap or 0),
            "val/mask_ap50": float(numbers.ap_50 or 0),
        }
        if empty:
            values["val/false_per_empty"] = false_finds / len(empty)
        self.log_dict(values)  # the same on every device
        self._truth.clear()
        self._found.clear()

    def configure_optimizers(self) -> Any:
        return adamw_with_cosine(self, self.config, self._class_scores())

    def _class_scores(self) -> torch.nn.Module | None:
        """The layer that tells classes apart, where it has to learn that: fine-tuned at the rate of
        all others, it called two thirds of one new class by the other's name (docs/LOG.md)."""
        if self.config.init and len(self.config.names) > 1:
            layer: torch.nn.Module = self.model.roi_heads.box_predictor.cls_score
            return layer
        return None


def truth(
    target: dict[str, Tensor], size_hw: Sequence[int], names: Sequence[str]
) -> LabelledPicture:
    """A target (see `scene.Sample`) as a labelled picture, named by its number; what it leaves open
    is a crowd, on which any detection may lie."""
    masks = target["masks"].cpu().numpy().astype(np.bool_)
    instances = tuple(
        LabelledInstance.from_mask(mask, names[label - 1])
        for mask, label in zip(masks, target["labels"].tolist(), strict=True)
    )
    unsure = target["unsure"][0].cpu().numpy().astype(np.bool_)
    if unsure.any():
        instances += tuple(LabelledInstance.from_mask(unsure, name, crowd=True) for name in names)
    number = str(int(target["image_id"]))
    height, width = size_hw
    return LabelledPicture(FileRef(Path(number)), (height, width), instances, number)


def _gathered(mine: list[Any]) -> list[Any]:
    """What all devices have, in one order."""
    _, world = rank_and_world()
    if world == 1:
        return mine
    everyone: list[list[Any]] = [[] for _ in range(world)]
    distributed.all_gather_object(everyone, mine)
    return [item for theirs in everyone for item in theirs]


def _scaled(pictures: list[Tensor]) -> list[Tensor]:
    return [picture.float() / 255 for picture in pictures]


def _predictions(found: dict[str, Tensor], names: Sequence[str]) -> list[Prediction]:
    kept = found["scores"] >= MIN_SCORE
    masks = (found["masks"][kept, 0] >= 0.5).cpu().numpy()
    boxes = found["boxes"][kept].float().tolist()
    scores, labels = found["scores"][kept].tolist(), found["labels"][kept].tolist()
    return [
        Prediction(names[label - 1], score, (x1, y1, x2, y2), mask_to_rle(mask))
        for mask, (x1, y1, x2, y2), score, label in zip(masks, boxes, scores, labels, strict=True)
    ]
