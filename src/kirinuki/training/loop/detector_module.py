"""`DetectorModule`: one training step, one validation epoch and the optimiser of a detector."""

from __future__ import annotations

import math
from typing import Any, cast

import lightning
import numpy as np
import torch
from torch import Tensor, distributed

from kirinuki.errors import TrainingError
from kirinuki.evaluation.metrics import mask_ap
from kirinuki.evaluation.predictions import Prediction
from kirinuki.formats.coco import Annotation, Category, CocoDataset, CocoImage, annotation_from_mask
from kirinuki.geometry import mask_to_rle
from kirinuki.training.config import TrainConfig
from kirinuki.training.loop.optimiser import adamw_with_cosine
from kirinuki.training.networks.model import MIN_SCORE, build_detector, total_loss
from kirinuki.training.pictures.sampler import rank_and_world

Batch = tuple[list[Tensor], list[dict[str, Tensor]]]

SHOWN_SCORE = 0.5
"""Score from which a find in a picture without characters counts as false."""


class DetectorModule(lightning.LightningModule):
    """A detector under training; `model` is the network that gets exported."""

    def __init__(self, config: dict[str, Any], pretrained: bool = True) -> None:
        super().__init__()
        self.save_hyperparameters({"config": config}, logger=False)
        self.config = TrainConfig.from_dict(config)
        self.model = build_detector(
            self.config.arch, len(self.config.names), pretrained, self.config.trainable_layers
        )
        self._truth: list[tuple[CocoImage, list[Annotation]]] = []
        self._found: list[Prediction] = []

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
            f"({parts}); lower --learning-rate, or look at the pictures of this batch: {names}"
        )

    def validation_step(self, batch: Batch, batch_idx: int) -> dict[str, list[list[Prediction]]]:
        """ "found": predictions from score 0.05 on, a list for each picture of the batch."""
        outputs = []
        for picture, target, found in zip(*batch, self(batch[0]), strict=True):
            number = int(target["image_id"]) + 1
            height, width = picture.shape[1:]
            image = CocoImage(id=number, file_name=str(number), height=height, width=width)
            self._truth.append((image, truths(target, number)))
            outputs.append(_predictions(found, number))
            self._found.extend(outputs[-1])
        return {"found": outputs}

    def on_validation_epoch_end(self) -> None:
        truth, found = _gathered(self._truth), _gathered(self._found)
        images = tuple(image for image, _ in truth)
        annotations = tuple(a for _, listed in truth for a in listed)
        names = self.config.names
        categories = tuple(Category(id=i + 1, name=name) for i, name in enumerate(names))
        empty = {i.id for i, listed in truth if not listed}
        false_finds = sum(p.image_id in empty and p.score >= SHOWN_SCORE for p in found)
        numbers = mask_ap(CocoDataset(images, annotations, categories), found)
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


def truths(target: dict[str, Tensor], image_id: int) -> list[Annotation]:
    """The annotated characters of a target (see `composed.Sample`); all ids are 0."""
    masks = target["masks"].cpu().numpy().astype(np.bool_)
    return [
        annotation_from_mask(mask, id=0, image_id=image_id, category_id=label)
        for mask, label in zip(masks, target["labels"].tolist(), strict=True)
    ]


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


def _predictions(found: dict[str, Tensor], image_id: int) -> list[Prediction]:
    kept = found["scores"] >= MIN_SCORE
    masks = (found["masks"][kept, 0] >= 0.5).cpu().numpy()
    boxes = found["boxes"][kept].float().tolist()
    scores, labels = found["scores"][kept].tolist(), found["labels"][kept].tolist()
    return [
        Prediction(image_id, label, score, (x1, y1, x2 - x1, y2 - y1), mask_to_rle(mask))
        for mask, (x1, y1, x2, y2), score, label in zip(masks, boxes, scores, labels, strict=True)
    ]
