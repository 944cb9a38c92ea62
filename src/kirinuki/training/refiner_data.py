"""Crops that the refiner learns on: characters of composed pictures with coarse masks.

One item is a picture's worth of crops: composing costs more than cropping, so every picture gives
`CROPS_PER_PICTURE`, the same character several times if need be, each under another coarse mask.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from kirinuki.data.compose import Composed
from kirinuki.geometry import mask_to_box
from kirinuki.instances import HARD_MASK_ALPHA
from kirinuki.refine import Crop
from kirinuki.training.coarse import coarse_mask, shaky_box
from kirinuki.training.composed import ComposedPictures
from kirinuki.training.refiner import MARGIN

CROPS_PER_PICTURE = 3

Crops = tuple[Tensor, Tensor]
"""Crops (B, 4, S, S) and alphas (B, 1, S, S), both float32 in [0, 1]."""


class RefinerCrops(Dataset[Crops]):
    """Crops of composed pictures; a picture without characters gives none, (0, 4, S, S)."""

    def __init__(self, pictures: ComposedPictures, size: int) -> None:
        self.pictures = pictures
        self.size = size

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> Crops:
        cv2.setNumThreads(0)  # the worker processes are the parallelism
        rng = np.random.default_rng((self.pictures.seed, 2, index))
        return crops_of(self.pictures.compose(index), self.size, rng)


def crops_of(composed: Composed, size: int, rng: np.random.Generator) -> Crops:
    """Crops and true alphas of the characters of one picture, drawn with replacement."""
    crops, alphas = [], []
    if composed.alphas:
        for index in rng.integers(len(composed.alphas), size=CROPS_PER_PICTURE):
            crop, alpha = _crop(composed, int(index), size, rng)
            crops.append(crop)
            alphas.append(alpha)
    stacked = np.stack(crops) if crops else np.zeros((0, 4, size, size), np.float32)
    truth = np.stack(alphas) if alphas else np.zeros((0, 1, size, size), np.float32)
    return torch.from_numpy(stacked), torch.from_numpy(truth)


def _crop(
    composed: Composed, index: int, size: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    alpha = composed.alphas[index]
    size_hw = (alpha.shape[0], alpha.shape[1])
    tight = mask_to_box(alpha >= HARD_MASK_ALPHA)
    assert tight is not None  # compose leaves out characters of which nothing shows
    box = shaky_box(tight, size_hw, rng)
    others = [a for i, a in enumerate(composed.alphas) if i != index]
    neighbours = np.maximum.reduce(others) if others else np.zeros_like(alpha)
    coarse = coarse_mask(alpha, neighbours, box, rng)
    crop = Crop.around(box, MARGIN, size, size_hw)
    feed = np.empty((4, size, size), np.float32)
    feed[:3] = crop.of(composed.picture).transpose(2, 0, 1) / np.float32(255)
    feed[3] = crop.of_mask(coarse, box)
    truth = crop.of(np.repeat(alpha[..., None], 3, axis=2))[None, ..., 0].astype(np.float32)
    return feed, truth / np.float32(255)


def collate_crops(items: list[Crops]) -> Crops:
    """All crops of a few pictures as one batch."""
    crops, alphas = zip(*items, strict=True)
    return torch.cat(crops), torch.cat(alphas)
