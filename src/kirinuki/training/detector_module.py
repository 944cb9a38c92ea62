"""`DetectorModule`: one training step, one validation epoch and the optimiser of a detector."""

from __future__ import annotations

import math
from typing import Any

import lightning
import numpy as np
from torch import Tensor

from kirinuki.data.coco import Annotation, Category, CocoDataset, CocoImage, annotation_from_mask
from kirinuki.errors import TrainingError
from kirinuki.geometry import mask_to_rle
from kirinuki.training.config import TrainConfig
from kirinuki.training.metrics import mask_ap
from kirinuki.training.model import MIN_SCORE, build_detector, total_loss
from kirinuki.training.optimiser import adamw_with_cosine
from kirinuki.training.predictions import Prediction

Batch = tuple[list[Tensor], list[dict[str, Tensor]]]


class DetectorModule(lightning.LightningModule):
    """A detector under training; `model` is the network that gets exported."""

    def __init__(self, config: dict[str, Any], pretrained: bool = True) -> None:
        super().__init__()
        self.save_hyperparameters({"config": config})
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
        pictures, targets = batch
        losses: dict[str, Tensor] = self.model(_scaled(pictures), targets)
        loss = total_loss(losses)
        if not math.isfinite(loss.item()):
            parts = ", ".join(f"{name} {value.item():.3g}" for name, value in losses.items())
            raise TrainingError(
                f"epoch {self.current_epoch}, batch {batch_idx}: the loss is not finite ({parts}); "
                "lower --learning-rate, or look at these pictures with 'kirinuki data preview'"
            )
        self.log_dict({f"train/{name}": value.detach() for name, value in losses.items()})
        self.log("train/loss", loss.detach(), prog_bar=True)
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        for picture, target, found in zip(*batch, self(batch[0]), strict=True):
            number = len(self._truth) + 1
            height, width = picture.shape[1:]
            image = CocoImage(id=number, file_name=str(number), height=height, width=width)
            masks = target["masks"].cpu().numpy().astype(np.bool_)
            labels = target["labels"].tolist()
            self._truth.append((image, [
                annotation_from_mask(mask, id=0, image_id=number, category_id=label)
                for mask, label in zip(masks, labels, strict=True)
            ]))  # fmt: skip
            self._found.extend(_predictions(found, number))

    def on_validation_epoch_end(self) -> None:
        images = tuple(image for image, _ in self._truth)
        annotations = tuple(a for _, listed in self._truth for a in listed)
        names = self.config.names
        categories = tuple(Category(id=i + 1, name=name) for i, name in enumerate(names))
        truth = CocoDataset(images, annotations, categories)
        empty = {i.id for i, listed in self._truth if not listed}
        false_finds = sum(p.image_id in empty and p.score >= 0.5 for p in self._found)
        numbers = mask_ap(truth, self._found)
        self.log("val/mask_ap", float(numbers.ap or 0), prog_bar=True)
        self.log("val/mask_ap50", float(numbers.ap_50 or 0), prog_bar=True)
        self.log("val/false_per_empty", false_finds / max(len(empty), 1))
        self._truth.clear()
        self._found.clear()

    def configure_optimizers(self) -> dict[str, Any]:
        return adamw_with_cosine(self, self.config)


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
