"""What is wrong with the shapes of one picture: empty, crossing itself, outside, tiny, twice.

Not covered: the picture file itself and anything between pictures (`check`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kirinuki.dataset.findings import Finding, Level
from kirinuki.dataset.outlines import overhang, signed_area, worst_crossing
from kirinuki.formats.labelled import LabelledInstance, LabelledPicture
from kirinuki.geometry import box_iou, mask_iou, mask_to_box

TINY_AREA = 64.0
"""Pixels below which a shape is tiny: 8 × 8, one cell of a detector's finest usual grid."""
SAME_SHAPE_IOU = 0.9
"""Two shapes that overlap more than this are one character labelled twice."""
SLIP_SHARE = 0.01
"""A crossing that cuts off less than this share of the shape is a slip, not a wrong label."""
OUTSIDE_TOLERANCE = 1.0
"""Pixels by which points may lie outside: rounding by label programs."""
OUTSIDE_SHARE = 0.01
"""Points farther out than this share of the picture's side are no slip of the hand."""


class _Shape:
    """A character with what is judged of it, each worked out once."""

    def __init__(self, instance: LabelledInstance, size_hw: tuple[int, int]) -> None:
        self.where = instance.where
        self.outlines = instance.outlines
        self._instance, self._size_hw = instance, size_hw

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """(H, W) bool."""
        return self._instance.mask(self._size_hw)

    @cached_property
    def area(self) -> float:
        """Square pixels: of the outlines, or of the mask where there are none."""
        if self.outlines:
            return sum(abs(signed_area(points)) for points in self.outlines)
        return float(np.count_nonzero(self.mask))

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """x1, y1, x2, y2 around outlines or mask; zeros for an empty mask."""
        if self.outlines:
            points = np.vstack(self.outlines)
            (x1, y1), (x2, y2) = points.min(axis=0), points.max(axis=0)
            return float(x1), float(y1), float(x2), float(y2)
        return mask_to_box(self.mask) or (0.0, 0.0, 0.0, 0.0)


def shape_faults(picture: LabelledPicture) -> Iterator[Finding]:
    """Everything wrong with the characters of one picture; crowds may be and overlap as they do."""
    sound: list[_Shape] = []
    file, name = picture.file, picture.inside
    for instance in picture.characters:
        shape = _Shape(instance, picture.size_hw)
        faults = list(_faults_of_one(shape, picture.size_hw))
        for kind, level, message in faults:
            yield Finding(kind, level, file, message, name, shape.where)
        if not any(kind == "empty-shape" for kind, _, _ in faults):
            sound.append(shape)
    for first, second, iou in _drawn_twice(sound):
        message = f"covers the same as {first.where} (IoU {iou:.2f}); delete one of the two"
        yield Finding("duplicate-shape", "error", file, message, name, second.where)


def _faults_of_one(shape: _Shape, size_hw: tuple[int, int]) -> Iterator[tuple[str, Level, str]]:
    crossings = [c for c in map(worst_crossing, shape.outlines) if c is not None]
    if crossings:
        worst = max(crossings, key=lambda crossing: crossing.share)
        i, j = (edge + 1 for edge in worst.edges)  # people count points from 1
        yield (
            "self-crossing",
            "error" if worst.share >= SLIP_SHARE else "warning",
            f"its outline crosses itself at ({worst.x:.0f}, {worst.y:.0f}), after points {i} and "
            f"{j}, and cuts off {worst.share:.1%}; drag these points apart",
        )
    elif shape.area < 0.5:
        yield "empty-shape", "error", "covers no pixel; delete it or draw it again"
        return
    outside = _outside(shape, size_hw)
    if outside:
        yield outside
    elif not crossings and shape.area < TINY_AREA:
        yield (
            "tiny-shape",
            "warning",
            f"covers {shape.area:.0f} px (fewer than {TINY_AREA:.0f}); a slip of the mouse?",
        )


def _outside(shape: _Shape, size_hw: tuple[int, int]) -> tuple[str, Level, str] | None:
    if not shape.outlines:
        return None
    height, width = size_hw
    x1, y1, x2, y2 = shape.box
    if x2 <= 0 or y2 <= 0 or x1 >= width or y1 >= height:
        return (
            "empty-shape",
            "error",
            f"lies wholly outside the picture of {width}×{height} (x {x1:.0f} to {x2:.0f}, "
            f"y {y1:.0f} to {y2:.0f}); delete it or draw it again",
        )
    distances = np.concatenate([overhang(points, size_hw) for points in shape.outlines])
    farthest = float(distances.max())
    if farthest <= OUTSIDE_TOLERANCE:
        return None
    count = int(np.count_nonzero(distances > OUTSIDE_TOLERANCE))
    return (
        "points-outside",
        "error" if farthest > OUTSIDE_SHARE * max(size_hw) else "warning",
        f"{count} of {len(distances)} points lie outside the picture of {width}×{height}, up to "
        f"{farthest:.3g} px; move them to its edge",
    )


def _drawn_twice(shapes: Sequence[_Shape]) -> Iterator[tuple[_Shape, _Shape, float]]:
    """Pairs with mask IoU > `SAME_SHAPE_IOU`, the earlier shape first."""
    if len(shapes) < 2:
        return
    boxes = np.array([shape.box for shape in shapes], np.float32)
    # Masks are drawn only where the boxes are alike: drawing costs, and shapes alike to 90 % have
    # boxes alike to 50 % unless one of them has a spike.
    for i, j in np.argwhere(np.triu(box_iou(boxes, boxes) > 0.5, k=1)).tolist():
        iou = mask_iou(shapes[i].mask, shapes[j].mask)
        if iou > SAME_SHAPE_IOU:
            yield shapes[i], shapes[j], iou
