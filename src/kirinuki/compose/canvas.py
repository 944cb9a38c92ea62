"""`Canvas`: a picture under construction, and what can be seen of each thing laid upon it.

Whatever is laid in front takes its share away from the alpha of all behind it, so the visible
alphas never add up to more than 1 at any pixel.

Not covered: what is laid where (`compose`), the finished picture (`effects`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.compose.paint import Rgb, Rgba, thrice
from kirinuki.instances import HARD_MASK_ALPHA

MIN_PIXELS = 80
"""A thing with fewer visible pixels is not worth a label."""

Window = tuple[slice, slice]


@dataclass
class Layer:
    """A character or an object on a canvas.

    Attributes:
        alpha: what can be seen of it so far, (H, W) float32 in [0, 1].
        area: sum of its alpha when it was laid.
        seen: sum of its alpha now.
        gender: of a character, as `Piece.gender`.
    """

    alpha: NDArray[np.float32]
    area: float
    seen: float
    gender: str

    def visible(self) -> NDArray[np.uint8]:
        """What can be seen of it, (H, W) uint8; rounded down, or two shares of one pixel could add
        up to 256."""
        return np.asarray(self.alpha * 255, np.uint8)


class Canvas:
    """Colours so far, (H, W, 3) float32 in [0, 255], and the layers of characters and objects."""

    def __init__(self, background: Rgb) -> None:
        self.colours = background.astype(np.float32)
        self.characters: list[Layer] = []
        self.objects: list[Layer] = []

    @property
    def size_hw(self) -> tuple[int, int]:
        return self.colours.shape[0], self.colours.shape[1]

    def leaves_enough(self, alpha: NDArray[np.uint8], min_visible: float) -> bool:
        """Whether every character so far keeps enough of itself under a new (H, W) alpha."""
        window = bounds(alpha)
        share = _share(alpha[window])
        for layer in self.characters:
            lost = _sum(layer.alpha[window] * share)
            if layer.seen - lost < min_visible * layer.area:
                return False
        return True

    def cover(self, picture: Rgba) -> None:
        """Lay a premultiplied (H, W, 4) picture over all."""
        window = bounds(picture[..., 3])
        through = 1 - _share(picture[..., 3][window])
        colours = self.colours[window]
        colours *= thrice(through)
        colours += picture[window][..., :3]
        for layer in (*self.characters, *self.objects):
            below = layer.alpha[window]
            before = _sum(below)
            below *= through
            layer.seen -= before - _sum(below)

    def add_character(self, picture: Rgba, gender: str) -> None:
        """`cover`, and keep track of what can be seen of it from now on."""
        self.characters.append(self._laid(picture, gender))

    def add_object(self, picture: Rgba) -> None:
        """The same for what is no character."""
        self.objects.append(self._laid(picture, ""))

    def _laid(self, picture: Rgba, gender: str) -> Layer:
        self.cover(picture)
        alpha = _share(picture[..., 3])
        area = _sum(alpha)
        return Layer(alpha, area, area, gender)

    def blend(self, colour: NDArray[Any], strength: NDArray[np.float32]) -> None:
        """Mix a float32 colour (3,) or (H, W, 3) in, without changing what belongs to whom."""
        self.colours += (colour - self.colours) * thrice(strength)


def shown(layers: list[Layer]) -> list[tuple[NDArray[np.uint8], str]]:
    """Visible alpha (H, W) uint8 and gender of those layers of which enough can be seen."""
    pairs = [(layer.visible(), layer.gender) for layer in layers]
    return [p for p in pairs if np.count_nonzero(p[0] >= HARD_MASK_ALPHA) >= MIN_PIXELS]


def hardly_shown(layers: list[Layer]) -> tuple[NDArray[np.uint8], ...]:
    """Visible alphas (H, W) uint8 of the others, if anything of them can be seen."""
    alphas = (layer.visible() for layer in layers)
    counts = ((alpha, np.count_nonzero(alpha >= HARD_MASK_ALPHA)) for alpha in alphas)
    return tuple(alpha for alpha, count in counts if 0 < count < MIN_PIXELS)


def bounds(alpha: NDArray[np.uint8]) -> Window:
    """The smallest window of an (H, W) alpha that holds all of it."""
    x, y, width, height = cv2.boundingRect(alpha)
    return slice(y, y + height), slice(x, x + width)


def _share(alpha: NDArray[np.uint8]) -> NDArray[np.float32]:
    return alpha.astype(np.float32) / np.float32(255)


def _sum(values: NDArray[np.float32]) -> float:
    """In float64, and far faster than numpy's."""
    return float(cv2.sumElems(values)[0])
