"""Labelled pictures as training sees them: every character stays an instance of its own.

A scene is asked for by a number that runs on from epoch to epoch (`sampler.NewEachEpoch`). From it
and the seed follow the picture and how it is changed, in whichever process it is made, so a resumed
training sees what an uninterrupted one would have seen.

Not covered: composing pictures (`composed`), what the changes are (`augment`), reading the labels
of one picture (`labelled_scene`), finding and checking the label files (`sources`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from kirinuki.compose.effects import jpeg
from kirinuki.errors import DatasetError
from kirinuki.formats.labelled import LabelledPicture, LabelledSet
from kirinuki.training.pictures.augment import augment
from kirinuki.training.pictures.groups import Guest, cut_out, scattered, with_guests
from kirinuki.training.pictures.labelled_scene import read_scene, resized
from kirinuki.training.pictures.order import WeightedOrder, balanced_weights
from kirinuki.training.pictures.provenance import Provenance, provenance_of
from kirinuki.training.pictures.scene import Pictures, Scene

SMALL_SET = 200
"""A data set with fewer pictures is repeated within an epoch: a step or two between two
measurements would only measure noise."""
COMPRESSED = 0.25
"""Share of the changed pictures that go through JPEG. Not by torchvision: its codec is leaving."""
SETTLED = 0.5
"""Share of the pictures with nobody in them that get a few small figures."""
WORKING_SIDE = 1.5
"""Pictures are shrunk to this multiple of the input size before they are changed: a crop of them
still has the pixels, and 4K frames cost no more than others."""


class LabelledPictures(Pictures):
    """The pictures of a labelled data set with the long side at `input_size`.

    Crowds are ignored. Pictures without characters have empty targets.
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
        provenance: Mapping[str, Provenance] | None = None,
        pasted: float = 0.0,
    ) -> None:
        """
        Args:
            names: class names of the model; label i + 1 is ``names[i]``.
            augmented: shuffle, and change every picture anew each time; else as they are.
            at_least: pictures an epoch, if the data set has fewer.
            provenance: balance the shares of sources and of empty pictures by this; None shows
                every picture once a turn.
            pasted: share of the pictures with somebody that get others of the set pasted in.

        Raises:
            DatasetError: there are no pictures, or an annotated class is not in `names`.
        """
        if not len(dataset):
            raise DatasetError(f"{dataset}: holds no pictures")
        unknown = {one.name for one in dataset.instances} - set(names)
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
        self.names = names
        known = provenance or {}
        self._provenance = [provenance_of(picture.path, known) for picture in dataset]
        self.pasted = pasted
        weights = self._weights(balanced=provenance is not None)
        self._order = WeightedOrder(weights, seed)
        self._guests = np.where(self.is_empty(), 0.0, weights)

    def _weights(self, balanced: bool) -> NDArray[np.float64]:
        if not balanced:
            return np.ones(len(self.dataset))
        sources = [known.source for known in self._provenance]
        return balanced_weights(self.is_empty(), sources, SETTLED if self.pasted else 0.0)

    def is_empty(self) -> NDArray[np.bool_]:
        """Whether nobody is in a picture, (pictures,) bool."""
        return np.array([not picture.instances for picture in self.dataset])

    def __len__(self) -> int:
        return self.length

    def place_of(self, index: int) -> int:
        """Where the picture behind an index stands in the data set; any index ≥ 0 has one.
        Augmented, every run through the data set has its own order."""
        return self._order[index] if self.augmented else index % len(self.dataset)

    def picture_of(self, index: int) -> LabelledPicture:
        """The picture behind an index."""
        return self.dataset.pictures[self.place_of(index)]

    def describe(self, index: int) -> str:
        """The picture's file, for messages."""
        return str(self.picture_of(index).path)

    def read(self, place: int) -> Scene:
        """A picture of the data set as it is, but no larger than it is worth.

        Raises:
            DatasetError, LabelError, PictureError: its files are not what its labels say.
        """
        trust = self._provenance[place].edge_trust
        scene = read_scene(self.dataset.pictures[place], self.names, trust)
        largest = round(self.input_size * (WORKING_SIDE if self.augmented else 1))
        return resized(scene, min(max(scene.size_hw), largest) if self.augmented else largest)

    def scene(self, index: int) -> Scene:
        return self.framed_scene(index, None)

    def framed_scene(self, index: int, size_hw: tuple[int, int] | None) -> Scene:
        """The scene behind an index, with the long side at `input_size`, or of exactly this size
        where the pictures of a batch are to share one."""
        scene = self.read(self.place_of(index))
        if not self.augmented:
            return scene
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed * 1_000_003 + index)
            scene = augment(scene, self.input_size, size_hw)
        scene = self._grouped(scene, np.random.default_rng((self.seed, 6, index)))
        rng = np.random.default_rng((self.seed, 5, index))
        if rng.random() >= COMPRESSED:
            return scene
        return replace(scene, picture=jpeg(scene.picture, rng))

    def _grouped(self, scene: Scene, rng: np.random.Generator) -> Scene:
        """With other characters of the set in it: `pasted` of the scenes with somebody, and then
        `SETTLED` of those with nobody."""
        chances = self._guests / (self._guests.sum() or 1.0)

        def draw() -> Guest | None:
            return cut_out(self.read(int(rng.choice(len(chances), p=chances))), rng)

        is_empty = not scene.alphas and not scene.ignored
        settled = SETTLED if is_empty and self.pasted else 0.0
        share = self.pasted if scene.alphas else settled
        if not chances.any() or rng.random() >= share:
            return scene
        return scattered(scene, draw, rng) if is_empty else with_guests(scene, draw, rng)
