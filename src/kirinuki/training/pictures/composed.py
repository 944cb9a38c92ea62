"""Composed pictures as training sees them: made on the fly, fixed for validation.

Not covered: labelled data sets (`dataset`), composing itself (`kirinuki.compose.compose`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kirinuki.compose.compose import Composed, compose, draw_size
from kirinuki.compose.library import Library
from kirinuki.compose.recipe import Recipe
from kirinuki.training.pictures.scene import Pictures, Scene

SIDE_STEP = 64
"""Sides of a batch differ by multiples of this: for every new shape oneDNN compiles its kernels
anew, which costs more than the step itself when each batch has another one."""


class ComposedPictures(Pictures):
    """`length` pictures of a recipe, each made when it is asked for; seed and index say which.

    The pictures of one batch share size and shape, so that none of them needs padding: on a CPU
    that halves the work of a batch that mixes wide and tall pictures.
    """

    def __init__(
        self,
        library: Library,
        recipe: Recipe,
        length: int,
        seed: int,
        batch_size: int,
        label: int = 0,
    ) -> None:
        self.library = library
        self.recipe = recipe
        self.length = length
        self.seed = seed
        self.batch_size = batch_size
        self.label = label

    def __len__(self) -> int:
        return self.length

    def describe(self, index: int) -> str:
        """Which picture it is, for messages."""
        return f"composed picture {index} of seed {self.seed}"

    def size_hw(self, index: int) -> tuple[int, int]:
        """Height and width of the pictures in the batch of an index."""
        return draw_size(self._shaped(index), np.random.default_rng(0))

    def compose(self, index: int) -> Composed:
        """The composed picture behind one index; any index has one (see `sampler.NewEachEpoch`)."""
        return compose(self.library, self._shaped(index), seed=self.seed * 1_000_003 + index)

    def scene(self, index: int) -> Scene:
        composed = self.compose(index)
        labels = (self.label,) * len(composed.alphas)
        return Scene(
            composed.picture,
            composed.alphas,
            labels,
            composed.genders,
            composed.distractors,
            composed.too_little,
        )

    def _shaped(self, index: int) -> Recipe:
        """The recipe with the one size of this index's batch."""
        shape = np.random.default_rng((self.seed, 1, index // self.batch_size))
        low, high = self.recipe.side
        side = low + SIDE_STEP * int(shape.integers((high - low) // SIDE_STEP + 1))
        aspect = self.recipe.aspects[int(shape.integers(len(self.recipe.aspects)))]
        return replace(self.recipe, side=(side, side), aspects=(aspect,))
