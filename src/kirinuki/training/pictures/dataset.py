"""Labelled pictures as a torch data set: every character stays an instance of its own.

An item is asked for by a number that runs on from epoch to epoch (`sampler.NewEachEpoch`). From it
and the seed follow the picture and how it is changed, in whichever process it is made, so a resumed
training sees what an uninterrupted one would have seen.

Not covered: composing pictures (`composed`), what the changes are (`augment`), finding and checking
the label files (`sources`).
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from kirinuki.compose.effects import jpeg
from kirinuki.errors import DatasetError
from kirinuki.formats.labelled import LabelledPicture, LabelledSet
from kirinuki.segmenter.detector import resize, resize_to
from kirinuki.training.pictures.augment import augment
from kirinuki.training.pictures.composed import Sample, to_target

SMALL_SET = 200
"""A data set with fewer pictures is repeated within an epoch: a step or two between two
measurements would only measure noise."""
COMPRESSED = 0.25
"""Share of the changed pictures that go through JPEG. Not by torchvision: its codec is leaving."""
WORKING_SIDE = 1.5
"""Pictures are shrunk to this multiple of the input size before they are changed: a crop of them
still has the pixels, and 4K frames cost no more than others."""


class LabelledPictures(Dataset[Sample]):
    """The pictures of a labelled data set with the long side at `input_size`.

    Crowds are left out. Pictures without characters have empty targets.
    """

    def __init__(
        self,
        dataset: LabelledSet,
        names: tuple[str, ...],
        input_size: int,
        seed: int = 0,
        *,
        augmented: bool = False,
        at_least: int = 0,
    ) -> None:
        """
        Args:
            names: class names of the model; label i + 1 is ``names[i]``.
            augmented: shuffle, and change every picture anew each time; else as they are.
            at_least: pictures an epoch, if the data set has fewer.

        Raises:
            DatasetError: there are no pictures, or an annotated class is not in `names`.
        """
        if not len(dataset):
            raise DatasetError(f"{dataset}: holds no pictures")
        unknown = {one.name for picture in dataset for one in picture.instances} - set(names)
        if unknown:
            raise DatasetError(
                f'{dataset}: class "{min(unknown)}" is not one of the model\'s '
                f"({', '.join(names)}); rename it with: kirinuki data convert --map"
            )
        self.dataset = dataset
        self.input_size = input_size
        self.seed = seed
        self.augmented = augmented
        self.length = max(len(dataset), at_least if augmented else 0)
        self._names = names

    def __len__(self) -> int:
        return self.length

    def picture_of(self, index: int) -> LabelledPicture:
        """The picture behind an index; any index ≥ 0 has one. Augmented, every run through the
        data set has its own order."""
        count = len(self.dataset)
        turn, place = divmod(index, count)
        if self.augmented:
            place = int(np.random.default_rng((self.seed, 3, turn)).permutation(count)[place])
        return self.dataset.pictures[place]

    def describe(self, index: int) -> str:
        """The picture's file, for messages."""
        return str(self.picture_of(index).path)

    def __getitem__(self, index: int) -> Sample:
        cv2.setNumThreads(0)  # the worker processes are the parallelism
        rgb, masks, labels = self._load(self.picture_of(index))
        if self.augmented:
            picture, masks, kept = self._changed(rgb, masks, index)
            labels = [labels[i] for i in kept]
        else:
            picture = torch.from_numpy(resize_to(rgb, self.input_size)).permute(2, 0, 1)
            size = picture.shape[2], picture.shape[1]
            masks = [resize(m.astype(np.uint8) * 255, size) >= 128 for m in masks]
        size_hw = picture.shape[1], picture.shape[2]
        target = to_target(masks, labels, size_hw, index)
        return picture.contiguous(), target

    def _load(
        self, picture: LabelledPicture
    ) -> tuple[NDArray[np.uint8], list[NDArray[np.bool_]], list[int]]:
        """Picture (H, W, 3), masks and 0-based labels at the size of the picture's file."""
        rgb = picture.read().rgb
        height, width = picture.size_hw
        if rgb.shape[:2] != picture.size_hw:
            raise DatasetError(
                f"{picture.path}: is {rgb.shape[1]}×{rgb.shape[0]}, but its labels say "
                f"{width}×{height}; see: kirinuki data check"
            )
        masks = [one.mask(picture.size_hw) for one in picture.characters]
        return rgb, masks, [self._names.index(one.name) for one in picture.characters]

    def _changed(
        self, rgb: NDArray[np.uint8], masks: list[NDArray[np.bool_]], index: int
    ) -> tuple[Tensor, list[NDArray[np.bool_]], list[int]]:
        side = min(max(rgb.shape[:2]), round(self.input_size * WORKING_SIDE))
        rgb = resize_to(rgb, side)
        height, width = rgb.shape[:2]
        masks = [resize(m.astype(np.uint8) * 255, (width, height)) >= 128 for m in masks]
        stacked = np.stack(masks) if masks else np.zeros((0, height, width), np.bool_)
        picture = torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed * 1_000_003 + index)
            picture, changed, kept = augment(picture, torch.from_numpy(stacked), self.input_size)
        rng = np.random.default_rng((self.seed, 5, index))
        if rng.random() < COMPRESSED:
            compressed = jpeg(picture.permute(1, 2, 0).numpy(), rng)
            picture = torch.from_numpy(compressed).permute(2, 0, 1)
        return picture, list(changed.numpy()), kept.tolist()
