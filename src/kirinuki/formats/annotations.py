"""`Annotation`: one character in one picture and its mask, as COCO says it, and what it refers to.

Not covered: files of them (`coco`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import DatasetError, KirinukiError
from kirinuki.geometry import Rle, mask_to_box, mask_to_rle, polygons_to_mask, rle_to_mask

Segmentation: TypeAlias = "list[list[float]] | Rle"
"""Polygons, flat ``[x1, y1, x2, y2, ...]`` each, or a compressed RLE."""


@dataclass(frozen=True)
class Category:
    """A class of characters. Ids of files that kirinuki writes run from 1."""

    id: int
    name: str


@dataclass(frozen=True)
class CocoImage:
    """A picture: its size is that of the EXIF-upright picture, in pixels."""

    id: int
    file_name: str
    height: int
    width: int


@dataclass(frozen=True)
class Annotation:
    """One character in one picture.

    Attributes:
        segmentation: polygons or a compressed RLE.
        bbox: x, y, width, height in pixels, half-open, around the true mask.
        area: pixels of the true mask.
        iscrowd: 1 only in foreign files: a region of many, not to be trained on.
        score: of a prediction, in [0, 1]; None for labels.
        alpha_file: full-size grey PNG of the soft alpha, relative to the COCO file; None without.
        kind: how the character presents: "female", "male", or, in predictions, "unknown"; None
            where nobody says.
    """

    id: int
    image_id: int
    category_id: int
    segmentation: Segmentation
    bbox: tuple[float, float, float, float]
    area: float
    iscrowd: int = 0
    score: float | None = None
    alpha_file: str | None = None
    kind: str | None = None

    def mask(self, size_hw: tuple[int, int]) -> NDArray[np.bool_]:
        """Hard mask (H, W) bool at the size of the picture, equal to pycocotools' ``annToMask``.

        Raises:
            DatasetError: the RLE has another size, or its runs do not add up.
        """
        if not isinstance(self.segmentation, dict):
            return polygons_to_mask(self.segmentation, size_hw)
        size = (int(self.segmentation["size"][0]), int(self.segmentation["size"][1]))
        if size != tuple(size_hw):
            raise DatasetError(
                f"annotation {self.id}: its RLE is {size[1]}×{size[0]}, "
                f"the picture {size_hw[1]}×{size_hw[0]}; label it again"
            )
        try:
            return rle_to_mask(size, self.segmentation["counts"])
        except ValueError as error:
            raise DatasetError(f"annotation {self.id}: {error}") from None


def annotation_from_mask(
    mask: NDArray[np.bool_],
    *,
    id: int,
    image_id: int,
    category_id: int,
    score: float | None = None,
    segmentation: Segmentation | None = None,
) -> Annotation:
    """Annotation of a hard mask (H, W) bool: exact, as RLE, unless another segmentation is given.

    Raises:
        KirinukiError: the mask is empty.
    """
    box = mask_to_box(mask)
    if box is None:
        raise KirinukiError(f"annotation {id}: the mask is empty; leave the character out")
    x1, y1, x2, y2 = box
    return Annotation(
        id=id,
        image_id=image_id,
        category_id=category_id,
        segmentation=mask_to_rle(mask) if segmentation is None else segmentation,
        bbox=(x1, y1, x2 - x1, y2 - y1),
        area=int(np.count_nonzero(mask)),
        score=score,
    )
