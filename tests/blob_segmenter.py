"""A segmenter for videos that needs no model: every patch of red is a character."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.segmenter.model_file import ModelInfo

RED = (230, 30, 30)


@dataclass
class BlobSegmenter:
    """Finds patches of red of 12 pixels and more, the largest first."""

    score: float = 0.5
    names: tuple[str, ...] = ("character",)
    provider: str = "cpu"
    refiner_info: ModelInfo | None = None
    tells_kinds: bool = False
    calls: list[str] = field(default_factory=list)
    """What was asked, in order: "look" or "refresh"."""
    refreshes: bool = True

    @property
    def info(self) -> ModelInfo:
        return ModelInfo("detector", self.names, 64, arch="blobs", version="1")

    def __call__(self, picture: Picture) -> Instances:
        self.calls.append("look")
        count, numbers, stats, _ = cv2.connectedComponentsWithStats(_red(picture.rgb))
        kept = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] >= 12]
        kept.sort(key=lambda i: -int(stats[i, cv2.CC_STAT_AREA]))
        boxes, alphas = [], []
        for i in kept:
            x, y, w, h = stats[i, :4].tolist()
            boxes.append((x, y, x + w, y + h))
            alphas.append((numbers[y : y + h, x : x + w] == i).astype(np.uint8) * 255)
        return Instances(
            size_hw=(picture.rgb.shape[0], picture.rgb.shape[1]),
            boxes=np.array(boxes, np.float32).reshape(-1, 4),
            alphas=tuple(alphas),
            scores=np.full(len(kept), 0.9, np.float32),
            labels=np.zeros(len(kept), np.int64),
            names=self.names,
        )

    def refresh(
        self,
        picture: Picture,
        instances: Instances,
        which: NDArray[np.integer],
        redo: NDArray[np.bool_] | None = None,
    ) -> Instances | None:
        self.calls.append("refresh")
        if not self.refreshes:
            return None
        alphas = list(instances.alphas)
        for i in which.tolist():
            x1, y1, x2, y2 = instances.window(i)
            alphas[i] = _red(picture.rgb[y1:y2, x1:x2]) * np.uint8(255)
        return replace(instances, alphas=tuple(alphas))


def _red(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    red = rgb[..., 0].astype(int) - rgb[..., 1:].max(axis=-1)
    return np.ascontiguousarray((red > 80).astype(np.uint8))
