"""Labelled and composed pictures in shares, in batches of one size.

Not covered: either kind by itself (`dataset`, `composed`).
"""

from __future__ import annotations

from kirinuki.training.pictures.composed import ComposedPictures
from kirinuki.training.pictures.dataset import LabelledPictures
from kirinuki.training.pictures.scene import Pictures, Scene


class MixedPictures(Pictures):
    """Of all numbers, the share `labelled_share` are labelled pictures, spread evenly; each kind
    has numbers of its own, so that none comes twice, however often training is stopped."""

    def __init__(
        self, labelled: LabelledPictures, composed: ComposedPictures, labelled_share: float
    ) -> None:
        self.labelled = labelled
        self.composed = composed
        self.labelled_share = labelled_share
        self.seed = composed.seed

    def __len__(self) -> int:
        return len(self.composed)

    def describe(self, index: int) -> str:
        """Which picture it is, for messages."""
        number = self.number_of_labelled(index)
        return (self.composed if number is None else self.labelled).describe(
            index if number is None else number
        )

    def number_of_labelled(self, index: int) -> int | None:
        """How many labelled pictures come before this one; None if it is a composed one."""
        before = int(index * self.labelled_share)
        return before if int((index + 1) * self.labelled_share) > before else None

    def scene(self, index: int) -> Scene:
        number = self.number_of_labelled(index)
        if number is None:
            return self.composed.scene(index)
        return self.labelled.framed_scene(number, self.composed.size_hw(index))
