"""Composed pictures as torch data sets: made on the fly while training, fixed for validation.

Not covered: labelled data sets (`dataset`), composing itself (`kirinuki.compose.compose`).
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from kirinuki.compose.compose import Composed, compose
from kirinuki.compose.library import Library
from kirinuki.compose.recipe import Recipe
from kirinuki.geometry import mask_to_box
from kirinuki.instances import HARD_MASK_ALPHA

SIDE_STEP = 64
"""Sides of a batch differ by multiples of this: for every new shape oneDNN compiles its kernels
anew, which costs more than the step itself when each batch has another one."""

Sample = tuple[Tensor, dict[str, Tensor]]
"""Picture (3, h, w) uint8 RGB; target: boxes (N, 4) float32 xyxy, labels (N,) int64 from 1, masks
(N, h, w) uint8 of 0 and 1, and image_id () int64, the index it was asked for by."""


def to_target(
    masks: list[NDArray[np.bool_]], labels: list[int], size_hw: tuple[int, int], index: int
) -> dict[str, Tensor]:
    """Target of torchvision's detectors from hard masks and 0-based labels; empty masks are left
    out, boxes are tight and half-open."""
    found = [
        (mask, label, box)
        for mask, label in zip(masks, labels, strict=True)
        if (box := mask_to_box(mask))
    ]
    stacked = np.stack([m for m, _, _ in found]) if found else np.zeros((0, *size_hw), np.bool_)
    return {
        "boxes": torch.tensor([box for _, _, box in found], dtype=torch.float32).reshape(-1, 4),
        "labels": torch.tensor([label + 1 for _, label, _ in found], dtype=torch.int64),
        "masks": torch.from_numpy(stacked.astype(np.uint8)),
        "image_id": torch.tensor(index),
    }


class ComposedPictures(Dataset[Sample]):
    """`length` pictures of a recipe, each made when it is asked for; seed and index say which.

    The pictures of one batch share size and shape, so that none of them needs padding: on a CPU
    that halves the work of a batch that mixes wide and tall pictures.
    """

    def __init__(
        self, library: Library, recipe: Recipe, length: int, seed: int, batch_size: int
    ) -> None:
        self.library = library
        self.recipe = recipe
        self.length = length
        self.seed = seed
        self.batch_size = batch_size

    def __len__(self) -> int:
        return self.length

    def describe(self, index: int) -> str:
        """Which picture it is, for messages."""
        return f"composed picture {index} of seed {self.seed}"

    def compose(self, index: int) -> Composed:
        """The composed picture behind one index; any index has one (see `sampler.NewEachEpoch`)."""
        shape = np.random.default_rng((self.seed, 1, index // self.batch_size))
        low, high = self.recipe.side
        side = low + SIDE_STEP * int(shape.integers((high - low) // SIDE_STEP + 1))
        aspect = self.recipe.aspects[int(shape.integers(len(self.recipe.aspects)))]
        recipe = replace(self.recipe, side=(side, side), aspects=(aspect,))
        return compose(self.library, recipe, seed=self.seed * 1_000_003 + index)

    def __getitem__(self, index: int) -> Sample:
        cv2.setNumThreads(0)  # the worker processes are the parallelism
        composed = self.compose(index)
        masks = [alpha >= HARD_MASK_ALPHA for alpha in composed.alphas]
        target = to_target(masks, [0] * len(masks), composed.picture.shape[:2], index)
        planes = composed.picture.transpose(2, 0, 1).copy()  # Pillow's arrays are read-only
        return torch.from_numpy(planes), target
