"""A segmenter that needs no model, and pictures that tell it what to find."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.segmenter.model_file import ModelInfo

KIND_SCORES = np.array([[0.9, 0.1], [0.1, 0.9], [0.5, 0.5]], np.float32)


@dataclass
class FakeSegmenter:
    """Finds as many characters, side by side, as the tens of red in the first pixel: see `draw`.
    The first presents as female, the second as male, of the third it is unknown, and so on."""

    score: float = 0.5
    names: tuple[str, ...] = ("girl", "boy")
    provider: str = "cpu"
    refiner_info: ModelInfo | None = None
    tells_kinds: bool = False
    seen: list[Path | None] = field(default_factory=list)
    """Pictures asked for, in order."""

    @property
    def info(self) -> ModelInfo:
        return ModelInfo("detector", self.names, 64, arch="fake", version="1")

    def __call__(self, picture: Picture) -> Instances:
        self.seen.append(picture.path)
        height, width = picture.rgb.shape[:2]
        count = int(picture.rgb[0, 0, 0]) // 10
        if count == 0:
            return Instances.empty((height, width), self.names)
        step = width // count
        boxes = [(i * step, 2, i * step + step - 1, height - 2) for i in range(count)]
        alpha = np.full((height - 4, step - 1), 255, np.uint8)
        alpha[0] = 100
        return Instances(
            size_hw=(height, width),
            boxes=np.array(boxes, np.float32),
            alphas=(alpha,) * count,
            scores=np.linspace(0.9, 0.6, count).astype(np.float32),
            labels=np.arange(count, dtype=np.int64) % 2,
            names=self.names,
            kind_scores=np.resize(KIND_SCORES, (count, 2)) if self.tells_kinds else None,
        )


def draw(path: Path, characters: int = 1, size_wh: tuple[int, int] = (40, 24)) -> Path:
    """Write a picture in which `FakeSegmenter` finds so many characters."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size_wh, (characters * 10 + 5, 120, 200)).save(path)
    return path


def files_under(folder: Path) -> list[str]:
    """All files of a folder but the journal, relative, sorted."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".jsonl"
    )


def find_left_half(picture: Picture) -> Instances:
    """All that is asked of a segmenter: no names, no score, nothing about a model."""
    height, width = picture.rgb.shape[:2]
    return Instances(
        size_hw=(height, width),
        boxes=np.array([[0, 0, width // 2, height]], np.float32),
        alphas=(np.full((height, width // 2), 255, np.uint8),),
        scores=np.ones(1, np.float32),
        labels=np.zeros(1, np.int64),
        names=("character",),
    )
