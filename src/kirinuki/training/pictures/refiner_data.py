"""Crops that the refiner learns on: characters of labelled and composed pictures with coarse masks.

One item is a picture's worth of crops: a picture costs more than cropping, so every one gives
`CROPS_PER_PICTURE`. They come either from the truth, with boxes and masks shaken as a detector
would (`coarse`), or from the detections of a real detector (`finds`), which errs as only it can.
Distracting objects are among them: what is no character is to be known for what it is.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from kirinuki.geometry import mask_iou, mask_to_box
from kirinuki.instances import HARD_MASK_ALPHA
from kirinuki.segmenter.detector import Detections, Detector
from kirinuki.segmenter.model_file import open_session
from kirinuki.segmenter.refiner import Crop
from kirinuki.training.networks.refiner import MARGIN
from kirinuki.training.pictures.coarse import coarse_mask, shaky_box
from kirinuki.training.pictures.scene import Pictures, Scene

CROPS_PER_PICTURE = 3
OBJECT_SHARE = 0.25
"""Chance that a crop shows an object in place of a character, if the picture has one."""
FINDS_SHARE = 0.5
"""Chance that a picture's crops are detections of the detector, if one is given."""
FINDS_SCORE = 0.15
"""Score from which a detection of the detector is worth a crop."""
SAME = 0.4
"""IoU from which the coarse mask of a detection shows a character: its alpha can be learnt from
it."""
IGNORED = 0.5
"""A detection of which more than this share lies in ignored regions is neither right nor wrong."""

UNKNOWN = float("nan")
FEMALE = {"female": 1.0, "male": 0.0}


class Crops(NamedTuple):
    """B crops and what is true of them; all float32 but for `learnt`.

    Attributes:
        crops: (B, 4, S, S) in [0, 1], RGB and coarse mask.
        alphas: (B, 1, S, S) in [0, 1]; all 0 where there is no character.
        outside: (B,) area of the character outside the crop as a share of its area inside.
        learnt: (B,) bool, whether the alpha is to be learnt: not where nobody could tell from the
            coarse mask who is meant.
        female: (B,) 1 presents as female, 0 as male, NaN not known.
        unsure: (B, 1, S, S) 1 where nobody knows whose the pixel is, else 0.
        edge_trust: (B,) in [0, 1], as in `Scene`.
    """

    crops: Tensor
    alphas: Tensor
    outside: Tensor
    learnt: Tensor
    female: Tensor
    unsure: Tensor
    edge_trust: Tensor


Item = tuple[NDArray[np.float32], NDArray[np.float32], float, bool, float, NDArray[np.float32]]
"""One crop, as the rows of `Crops`."""


class RefinerCrops(Dataset[Crops]):
    """Crops of pictures; one with nothing to crop gives none, (0, 4, S, S).

    Args:
        detector: model file of a detector whose detections are among the crops; "" for none.
    """

    def __init__(self, pictures: Pictures, size: int, detector: str = "") -> None:
        self.pictures = pictures
        self.size = size
        self._detector_path = detector
        self._detector: Detector | None = None

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> Crops:
        cv2.setNumThreads(0)  # the worker processes are the parallelism
        rng = np.random.default_rng((self.pictures.seed, 2, index))
        scene = self.pictures.scene(index)
        if self._detector_path and rng.random() < FINDS_SHARE:
            if self._detector is None:  # opened in the worker: sessions do not survive a fork
                self._detector = Detector(*open_session(self._detector_path, threads=1))
            found = self._detector(scene.picture, FINDS_SCORE)
            return crops_of_finds(scene, found, self.size, rng)
        return crops_of(scene, self.size, rng)


def crops_of(scene: Scene, size: int, rng: np.random.Generator) -> Crops:
    """Crops of the characters and objects of one picture, drawn with replacement."""
    items = []
    for _ in range(CROPS_PER_PICTURE):
        wants_object = rng.random() < (OBJECT_SHARE if scene.alphas else 0.5)
        shown = scene.distractors if wants_object else scene.alphas
        if shown:
            items.append(_shaken(scene, shown, int(rng.integers(len(shown))), size, rng))
    return _stacked(items, size, scene.edge_trust)


def crops_of_finds(scene: Scene, found: Detections, size: int, rng: np.random.Generator) -> Crops:
    """Crops of what a detector found in the picture, each with the character it shows most of."""
    order = rng.permutation(len(found))[:CROPS_PER_PICTURE]
    items = [_found(scene, found, int(i), size) for i in order]
    return _stacked([item for item in items if item is not None], size, scene.edge_trust)


def _shaken(
    scene: Scene,
    shown: tuple[NDArray[np.uint8], ...],
    index: int,
    size: int,
    rng: np.random.Generator,
) -> Item:
    alpha = shown[index]
    size_hw = alpha.shape[0], alpha.shape[1]
    tight = mask_to_box(alpha >= HARD_MASK_ALPHA)
    assert tight is not None  # compose leaves out what does not show
    box = shaky_box(tight, size_hw, rng)
    is_character = shown is scene.alphas
    others = [a for i, a in enumerate(scene.alphas) if not is_character or i != index]
    neighbours = np.maximum.reduce(others) if others else np.zeros_like(alpha)
    coarse = coarse_mask(alpha, neighbours, box, rng)
    crop = Crop.around(box, MARGIN, size, size_hw)
    feed, unsure = _feed(scene, crop, coarse, box), _unsure(scene, crop)
    if not is_character:
        return feed, np.zeros((1, size, size), np.float32), 0.0, False, UNKNOWN, unsure
    outside = _outside(crop, alpha)
    return feed, _cropped(crop, alpha), outside, True, _female(scene, index), unsure


def _found(scene: Scene, found: Detections, i: int, size: int) -> Item | None:
    """A detection as a crop; None for one of what is to be ignored."""
    size_hw = scene.picture.shape[0], scene.picture.shape[1]
    box = found.boxes[i]
    crop = Crop.around(box, MARGIN, size, size_hw)
    feed = _feed(scene, crop, found.masks[i], box)
    coarse, unsure = feed[3] >= 0.5, _unsure(scene, crop)
    best, truth, who = 0.0, np.zeros((1, size, size), np.float32), -1
    for index, alpha in enumerate(scene.alphas):
        cropped = _cropped(crop, alpha)
        seen = cropped[0] >= 0.5
        if seen.any() and (iou := mask_iou(coarse, seen)) > best:
            best, truth, who = iou, cropped, index
    if best < SAME and (unsure[0] * coarse).sum() > IGNORED * coarse.sum():
        return None
    if who < 0:
        return feed, truth, 0.0, False, UNKNOWN, unsure
    outside = _outside(crop, scene.alphas[who])
    same = best >= SAME
    return feed, truth, outside, same, _female(scene, who) if same else UNKNOWN, unsure


def _feed(
    scene: Scene, crop: Crop, coarse: NDArray[np.float32], box: NDArray[np.float32]
) -> NDArray[np.float32]:
    feed = np.empty((4, crop.size, crop.size), np.float32)
    feed[:3] = crop.of(scene.picture).transpose(2, 0, 1) / np.float32(255)
    feed[3] = crop.of_mask(coarse, box)
    return feed


def _cropped(crop: Crop, alpha: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Alpha (H, W) as the crop sees it, (1, S, S) in [0, 1]."""
    return crop.of(alpha)[None].astype(np.float32) / np.float32(255)


def _unsure(scene: Scene, crop: Crop) -> NDArray[np.float32]:
    """`Scene.unsure` as the crop sees it, (1, S, S) of 0 and 1."""
    plane = scene.unsure().astype(np.uint8) * 255
    return (crop.of(plane) >= HARD_MASK_ALPHA).astype(np.float32)[None]


def _outside(crop: Crop, alpha: NDArray[np.uint8]) -> float:
    x1, y1, x2, y2 = crop.inside
    inside = float(alpha[y1:y2, x1:x2].sum(dtype=np.int64))
    return (float(alpha.sum(dtype=np.int64)) - inside) / max(inside, 1.0)


def _female(scene: Scene, index: int) -> float:
    return FEMALE.get(scene.genders[index], UNKNOWN)


def _stacked(items: list[Item], size: int, edge_trust: float) -> Crops:
    if not items:
        none = torch.zeros(0)
        planes = torch.zeros((0, 1, size, size))
        crops = torch.zeros((0, 4, size, size))
        return Crops(crops, planes, none, none.bool(), none.clone(), planes.clone(), none.clone())
    feeds, alphas, outside, learnt, female, unsure = zip(*items, strict=True)
    return Crops(
        torch.from_numpy(np.stack(feeds)),
        torch.from_numpy(np.stack(alphas)),
        torch.tensor(outside, dtype=torch.float32),
        torch.tensor(learnt),
        torch.tensor(female, dtype=torch.float32),
        torch.from_numpy(np.stack(unsure)),
        torch.full((len(items),), edge_trust),
    )


def collate_crops(items: list[Crops]) -> Crops:
    """All crops of a few pictures as one batch."""
    return Crops(*(torch.cat(parts) for parts in zip(*items, strict=True)))
