"""Hands: open, relaxed or a fist around something. Lengths in head units.

Not covered: arms (`figure`) and what is held (`held`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import Colour, skin_line, skin_shadow
from kirinuki_draw.strokes.curves import Points, capsule, curve, profile
from kirinuki_draw.strokes.held import COVERS, hold
from kirinuki_draw.strokes.spec import HandPose, Held

# Hands lie in the frame of the wrist: x towards the finger tips, y towards the thumb.
# Per pose: palm outline, then fingers from the back to the front as (points, half width).
_PALM = (
    (-2.0, -6.4), (7.0, -8.4), (17.0, -9.8), (23.0, -9.0), (25.0, 0.0), (23.5, 8.0), (14.0, 9.5),
    (5.0, 8.0), (-2.0, 6.4),
)  # fmt: skip
_OPEN = (
    (((8, 5), (14, 12.5), (20, 16.5), (26, 18.5)), 3.3),
    (((19, -7.6), (30, -11.5), (39, -15)), 2.5),
    (((21, -2.8), (34, -4.4), (46, -6.4)), 2.8),
    (((21, 2.2), (35, 3.2), (48, 3.6)), 2.9),
    (((19, 6.6), (32, 10.0), (43.5, 12.5)), 2.8),
)
_RELAXED = (
    (((19, -6.6), (28, -8.0), (35, -5.5)), 2.5),
    (((20, -2.6), (31, -3.8), (40, -0.8)), 2.7),
    (((20, 1.6), (32, 1.4), (41.5, 4.0)), 2.8),
    (((19, 5.6), (30, 6.4), (38, 8.8)), 2.8),
    (((6, 5), (13, 10.0), (20, 12.0), (27, 11.0)), 3.2),
)
_FIST = (
    (((13, -7.4), (21, -9.2), (23.5, -7.4), (18, -6.4)), 3.0),
    (((14, -3.0), (23.5, -4.0), (26, -2.2), (19, -1.6)), 3.2),
    (((14, 1.6), (24.5, 1.4), (27, 3.0), (20, 3.4)), 3.3),
    (((13, 6.0), (23.5, 6.6), (25.5, 8.4), (18.5, 8.4)), 3.2),
    (((4, 6), (11, 11.4), (18, 10.4), (22, 6.4)), 3.2),
)
_FINGERS: dict[HandPose, tuple[tuple[tuple[tuple[float, float], ...], float], ...]] = {
    "open": _OPEN,
    "relaxed": _RELAXED,
    "fist": _FIST,
    "none": (),
}


@dataclass(frozen=True)
class Hand:
    """A hand in the frame of its wrist: its palm and its fingers from the back to the front."""

    pose: HandPose
    palm: Points
    wrist: Points
    spines: tuple[Points, ...]
    halves: tuple[Points, ...]
    thumb: float

    @classmethod
    def posed(cls, pose: HandPose, thumb: float) -> Hand:
        """`thumb` is the sign of y on which the thumb lies."""
        flip = np.array([1.0, thumb])
        spines = tuple(curve(*points, steps=7) * flip for points, _ in _FINGERS[pose])
        halves = tuple(
            profile(spine, (0, half * 1.06), (0.6, half), (1, half * 0.72))
            for spine, (_, half) in zip(spines, _FINGERS[pose], strict=True)
        )
        wrist = np.array([[-5.0, -5.9], [5.0, -7.4], [12.0, 0.0], [5.0, 7.0], [-5.0, 5.9]]) * flip
        return cls(pose, curve(*_PALM, closed=True, steps=5) * flip, wrist, spines, halves, thumb)

    @property
    def fingers(self) -> tuple[Points, ...]:
        """Outlines of the fingers."""
        return tuple(capsule(s, h) for s, h in zip(self.spines, self.halves, strict=True))

    @property
    def shapes(self) -> tuple[Points, ...]:
        """All outlines; empty when the hand is hidden."""
        return (self.palm, *self.fingers) if self.pose != "none" else ()

    def draw(self, brush: Brush, skin: Colour, held: Held, tone: Colour) -> None:
        """Skin, inner lines and the thing held, `tone` in colour; the outer line comes before."""
        if self.pose == "none":
            return
        dark, ink = skin_shadow(skin), skin_line(skin)
        if self.pose == "open":
            self._fingers(brush, skin, ink, dark)
        brush.fill(self.palm, skin)
        with brush.within(self.palm):
            brush.crescent(self.palm, np.asarray(brush.light) * 3.0, dark, 0.8)
        brush.fill(self.wrist, skin)
        if held not in COVERS:
            hold(brush, held, self.thumb, tone)
        if self.pose != "open":
            self._fingers(brush, skin, ink, dark)
        if held in COVERS:
            hold(brush, held, self.thumb, tone)

    def _fingers(self, brush: Brush, skin: Colour, ink: Colour, dark: Colour) -> None:
        for spine, half, finger in zip(self.spines, self.halves, self.fingers, strict=True):
            brush.fill(finger, skin)
            cut = int(0.22 * len(spine))
            rim = capsule(spine[cut:], half[cut:])
            brush.crescent(rim, np.asarray(brush.light) * 1.6, dark)
            brush.ink(rim[:-1], 1.15, ink, (0.22, 0.22))
