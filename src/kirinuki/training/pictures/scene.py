"""`Scene`: a picture to learn from, labelled or composed, before it becomes tensors.

Detector and refiner learn from the same scenes: the one from hard masks (`target_of`), the other
from crops with soft alpha (`refiner_data`).

Not covered: where scenes come from (`dataset`, `composed`, `mixed`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from kirinuki.geometry import mask_to_box
from kirinuki.instances import HARD_MASK_ALPHA

Sample = tuple[Tensor, dict[str, Tensor]]
"""Picture (3, h, w) uint8 RGB; target: boxes (N, 4) float32 xyxy, labels (N,) int64 from 1, masks
(N, h, w) uint8 of 0 and 1, image_id () int64, the index it was asked for by, and what nobody may be
blamed for: ignored (K, 4) float32 xyxy boxes, unsure (1, h, w) uint8, 1 where a mask is not known.
"""

Alpha = NDArray[np.uint8]

KEPT_SHARE = 0.12
"""A character of which a crop or a neighbour leaves less than this share is not asked for."""
SMALLEST = 24
"""Nor is one with fewer pixels than this."""


@dataclass(frozen=True)
class Scene:
    """A picture and all that is known of it.

    Attributes:
        picture: (H, W, 3) uint8 RGB.
        alphas: one (H, W) uint8 visible soft alpha per character.
        labels: class of each character, from 0.
        genders: "female", "male" or "" (not known) of each character.
        distractors: one (H, W) uint8 visible soft alpha per object that is no character.
        ignored: one (H, W) uint8 region each that is neither somebody nor nobody: crowds, figures
            too small or too hidden to ask for, areas that the labels leave open.
        edge_trust: what a pixel beside an edge of `alphas` counts, in [0, 1]; 1 for exact edges.
    """

    picture: NDArray[np.uint8]
    alphas: tuple[Alpha, ...]
    labels: tuple[int, ...]
    genders: tuple[str, ...]
    distractors: tuple[Alpha, ...] = ()
    ignored: tuple[Alpha, ...] = ()
    edge_trust: float = 1.0

    @property
    def size_hw(self) -> tuple[int, int]:
        return self.picture.shape[0], self.picture.shape[1]

    def unsure(self) -> NDArray[np.bool_]:
        """Where the ignored regions are and none of the known characters is, (H, W) bool."""
        if not self.ignored:
            return np.zeros(self.size_hw, np.bool_)
        known = [alpha >= HARD_MASK_ALPHA for alpha in self.alphas]
        open_to_doubt = np.any([alpha >= HARD_MASK_ALPHA for alpha in self.ignored], axis=0)
        return np.asarray(open_to_doubt & ~np.any(known, axis=0) if known else open_to_doubt)


class Pictures(Dataset[Sample]):
    """Scenes by number; any number from 0 on has one, the same in whichever process."""

    seed: int

    def __len__(self) -> int:
        """Pictures an epoch."""
        raise NotImplementedError

    def scene(self, index: int) -> Scene:
        """The scene behind an index."""
        raise NotImplementedError

    def describe(self, index: int) -> str:
        """Which picture it is, for messages."""
        raise NotImplementedError

    def __getitem__(self, index: int) -> Sample:
        cv2.setNumThreads(0)  # the worker processes are the parallelism
        scene = self.scene(index)
        planes = scene.picture.transpose(2, 0, 1).copy()  # Pillow's arrays are read-only
        return torch.from_numpy(planes), target_of(scene, index)


def without_remnants(scene: Scene, before: list[float]) -> Scene:
    """The scene in which characters of which too little is left are ignored.

    Args:
        before: pixels that each character had, on the scale of this scene.
    """
    left = [pixels_of(alpha) for alpha in scene.alphas]
    seen = [n >= max(SMALLEST, KEPT_SHARE * was) for n, was in zip(left, before, strict=True)]
    kept = [i for i, is_seen in enumerate(seen) if is_seen]
    remnants = [i for i, is_seen in enumerate(seen) if not is_seen and left[i]]
    return replace(
        scene,
        alphas=tuple(scene.alphas[i] for i in kept),
        labels=tuple(scene.labels[i] for i in kept),
        genders=tuple(scene.genders[i] for i in kept),
        ignored=(*scene.ignored, *(scene.alphas[i] for i in remnants)),
    )


def pixels_of(alpha: Alpha) -> int:
    """Pixels of an alpha's hard mask."""
    return int(np.count_nonzero(alpha >= HARD_MASK_ALPHA))


def target_of(scene: Scene, index: int) -> dict[str, Tensor]:
    """Target of torchvision's detectors; empty masks are left out, boxes are tight, half-open."""
    masks = [alpha >= HARD_MASK_ALPHA for alpha in scene.alphas]
    found = [
        (mask, label, box)
        for mask, label in zip(masks, scene.labels, strict=True)
        if (box := mask_to_box(mask))
    ]
    regions = [mask_to_box(alpha >= HARD_MASK_ALPHA) for alpha in scene.ignored]
    stacked = np.stack([m for m, _, _ in found]) if found else np.zeros((0, *scene.size_hw), bool)
    return {
        "boxes": _boxes([box for _, _, box in found]),
        "labels": torch.tensor([label + 1 for _, label, _ in found], dtype=torch.int64),
        "masks": torch.from_numpy(stacked.astype(np.uint8)),
        "image_id": torch.tensor(index),
        "ignored": _boxes([box for box in regions if box]),
        "unsure": torch.from_numpy(scene.unsure()[None].astype(np.uint8)),
    }


def _boxes(boxes: list[tuple[int, int, int, int]]) -> Tensor:
    return torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
