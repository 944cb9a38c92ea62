"""`Stance`: a pose in space, and how we look at it. The plain `Pose` only knows a front view.

Directions are (out, down, forward) of the part that a limb hangs from: `out` away from the middle
of the body, on either side. They need not be of unit length. Angles are in degrees.

Not covered: which stances there are (`stances`), where joints end up (`skeleton`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Direction: TypeAlias = tuple[float, float, float]
"""(out, down, forward)."""


@dataclass(frozen=True)
class Limb:
    """An arm or a leg: where its upper and its lower half point."""

    upper: Direction = (0.1, 1.0, 0.0)
    lower: Direction = (0.05, 1.0, 0.0)


@dataclass(frozen=True)
class Stance:
    """A pose in space. Left and right are the viewer's while the figure faces us.

    Attributes:
        view: how far the figure has turned: 0 faces us, 90 looks to the viewer's right, 180 shows
            its back.
        above: how far above the figure we look from.
        pitch: of the whole body, forward: 90 lies on its face.
        roll: of the whole body, clockwise.
        bend: of the trunk against the hips, forward; `lean` the same, sideways.
        head_turn: of the head against the trunk, to the viewer's right as long as it faces us.
        upright: 0 when the head goes on from the trunk, 1 when it is held up straight.
        point: 0 for feet flat on the ground, 1 for toes in line with the shin.
    """

    left_arm: Limb = field(default_factory=Limb)
    right_arm: Limb = field(default_factory=Limb)
    left_leg: Limb = field(default_factory=Limb)
    right_leg: Limb = field(default_factory=Limb)
    view: float = 0.0
    above: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    bend: float = 0.0
    lean: float = 0.0
    head_turn: float = 0.0
    upright: float = 0.4
    point: float = 0.2
