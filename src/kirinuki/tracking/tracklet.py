"""`Track`: what is remembered of one character, and where it should be by now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.geometry import mask_to_rle, rle_to_mask
from kirinuki.instances import HARD_MASK_ALPHA, Instances
from kirinuki.tracking.appearance import Look, blend, from_text, look_of, to_text

CELLS = 256
"""Cells of the grid that masks are compared on, along the longer side of the picture."""
STEADY = 0.5
"""Share of the last step in the velocity."""
DAMPING = 0.9
"""What is left of the velocity after each frame without a sight."""
LEARNING = 0.03
"""Share of the last sight in the look."""
RELIABLE = 0.55
"""Overlap with what was expected from which a sight may change the look: not one of two."""
JUMP = 1.3
"""A box that grew or shrank by more from one sight to the next is doubted: two found as one, or a
part …"""
DOUBTS = 2
"""… for so many sights; then it is believed."""


@dataclass(frozen=True, eq=False)
class Sight:
    """One detection in one frame. Lengths in longer sides of the picture, so that they hold when
    its size changes.

    Attributes:
        box: (4,) float64, xyxy.
        mask: (h, w) bool, on a grid of `CELLS` along the longer side.
        corner: cell x, y of the top left of the mask.
        look: colours, see `appearance`.
    """

    box: NDArray[np.float64]
    mask: NDArray[np.bool_]
    corner: tuple[int, int]
    look: Look

    @property
    def centre(self) -> NDArray[np.float64]:
        """(2,) x, y."""
        middle: NDArray[np.float64] = (self.box[:2] + self.box[2:]) / 2
        return middle

    @property
    def area(self) -> float:
        """Of the box."""
        return float(np.prod(self.box[2:] - self.box[:2]))

    def to_json(self) -> dict[str, Any]:
        return {
            "box": self.box.tolist(),
            "mask": mask_to_rle(self.mask),
            "corner": list(self.corner),
            "look": to_text(self.look),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Sight:
        return cls(
            box=np.array(data["box"], np.float64),
            mask=rle_to_mask(data["mask"]["size"], data["mask"]["counts"]),
            corner=(data["corner"][0], data["corner"][1]),
            look=from_text(data["look"]),
        )


def sight_of(rgb: NDArray[np.uint8], instances: Instances, index: int) -> Sight:
    """One of the instances as the tracker sees it; `rgb` is (H, W, 3) uint8."""
    longer = max(instances.size_hw)
    x1, y1, x2, y2 = instances.window(index)
    alpha = instances.alphas[index]
    step = CELLS / longer
    size_wh = (max(1, round((x2 - x1) * step)), max(1, round((y2 - y1) * step)))
    small = cv2.resize(alpha, size_wh, interpolation=cv2.INTER_AREA)
    return Sight(
        box=instances.boxes[index].astype(np.float64) / longer,
        mask=np.asarray(small) >= HARD_MASK_ALPHA,
        corner=(round(x1 * step), round(y1 * step)),
        look=look_of(rgb, (x1, y1, x2, y2), alpha),
    )


@dataclass(eq=False)
class Track:
    """One character over time.

    Attributes:
        id: 1 or more.
        last: its last sight; the look in it is that of the whole track.
        velocity: (2,) float64, how far the centre moves from frame to frame.
        sights: how many there were.
        missed: frames since the last.
        doubted: how many sights in a row were not believed.
        logits: sum of the logits of the probability to be female.
        opinions: how many of them.
        labels: how often it was given each class.
    """

    id: int
    last: Sight
    velocity: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    sights: int = 1
    missed: int = 0
    doubted: int = 0
    logits: float = 0.0
    opinions: int = 0
    labels: dict[int, int] = field(default_factory=dict)

    def shift(self) -> NDArray[np.float64]:
        """(2,) how far it should be from its last sight in the next frame."""
        steps = (1 - DAMPING ** (self.missed + 1)) / (1 - DAMPING)
        moved: NDArray[np.float64] = self.velocity * steps
        return moved

    def see(self, sight: Sight, overlap: float) -> None:
        """Take in the next sight; `overlap` is its IoU with what was expected."""
        if self._is_doubtful(sight):
            self._go_on()
        else:
            self._believe(sight, overlap)
        self.sights += 1
        self.missed = 0

    def _is_doubtful(self, sight: Sight) -> bool:
        growth = sight.area / self.last.area
        jumps = max(growth, 1 / growth) > JUMP
        return jumps and self.sights > 1 and self.doubted < DOUBTS

    def _go_on(self) -> None:
        """Move as expected."""
        shift = self.shift()
        x, y = (np.array(self.last.corner) + np.round(shift * CELLS).astype(int)).tolist()
        self.last = replace(self.last, box=self.last.box + np.tile(shift, 2), corner=(x, y))
        self.doubted += 1

    def _believe(self, sight: Sight, overlap: float) -> None:
        step = (sight.centre - self.last.centre) / (self.missed + 1)
        share = 1.0 if self.sights == 1 else STEADY
        self.velocity = (1 - share) * self.velocity + share * step
        look = self.last.look
        if overlap >= RELIABLE:
            look = blend(look, sight.look, max(LEARNING, 1 / (self.sights + 1)))
        self.last = replace(sight, look=look)
        self.doubted = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "last": self.last.to_json(),
            "velocity": self.velocity.tolist(),
            "sights": self.sights,
            "missed": self.missed,
            "doubted": self.doubted,
            "logits": self.logits,
            "opinions": self.opinions,
            "labels": [[label, count] for label, count in self.labels.items()],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Track:
        return cls(
            id=data["id"],
            last=Sight.from_json(data["last"]),
            velocity=np.array(data["velocity"], np.float64),
            sights=data["sights"],
            missed=data["missed"],
            doubted=data["doubted"],
            logits=data["logits"],
            opinions=data["opinions"],
            labels=dict(data["labels"]),
        )
