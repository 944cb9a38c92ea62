"""Where the joints of a figure in a `Stance` lie in the drawing.

Bones are laid end to end from the pit of the neck, each turned in space and seen from far away; a
bone that points at us keeps a part of its length, as in a drawing. Frame of the body: origin at the
pit of the neck, 100 units to a head, x right, y down; z towards the viewer.

Not covered: flesh and clothes (`posed`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kirinuki_draw.strokes.curves import Points
from kirinuki_draw.strokes.figure import Body
from kirinuki_draw.strokes.stance import Direction, Limb, Stance

UPPER_ARM, FOREARM, THIGH, SHIN, FOOT = 84.0, 76.0, 138.0, 132.0, 30.0
_SHORTEST = 0.34
"""The share of its length that a bone keeps in the drawing, however it points."""


def turn_x(angle: float) -> Points:
    """Rotation matrix that pitches the top of something towards the viewer."""
    c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    return np.array([[1, 0, 0], [0, c, s], [0, -s, c]])


def turn_y(angle: float) -> Points:
    """Rotation matrix that turns something that faces us to the viewer's right."""
    c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def turn_z(angle: float) -> Points:
    """Rotation matrix that turns clockwise in the picture."""
    c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Joints as (x, y, z); a pair holds the figure's own sides, -1 first.

    Attributes:
        trunk: (3, 3), columns right, down and forward of the trunk in the viewer's frame.
        pelvis: the same of the hips.
        neck, hip: pit of the neck and middle of the hips.
        arms: (2, 3, 3): shoulder, elbow, wrist.
        legs: (2, 4, 3): hip joint, knee, ankle, toe.
        head_up, head_forward: unit vectors of the head.
    """

    trunk: Points
    pelvis: Points
    neck: Points
    hip: Points
    arms: Points
    legs: Points
    head_up: Points
    head_forward: Points

    @classmethod
    def of(cls, body: Body, stance: Stance) -> Skeleton:
        """The joints of a body in a stance."""
        look = turn_x(stance.above) @ turn_y(stance.view)
        pelvis = look @ turn_z(stance.roll) @ turn_x(stance.pitch)
        trunk = pelvis @ turn_z(stance.lean) @ turn_x(stance.bend)
        neck = np.zeros(3)
        hip = neck + _bone(trunk[:, 1], body.hip_y, 0.5)
        size = 1.0 if body.spec.girl else 1.1
        arms, legs = [], []
        for side, arm, leg in (
            (-1.0, stance.left_arm, stance.left_leg),
            (1.0, stance.right_arm, stance.right_leg),
        ):
            shoulder = trunk @ np.array([side * (body.shoulder - 11), 23.5, 0.0])
            arms.append(_limb(trunk, side, arm, shoulder, UPPER_ARM * size, FOREARM * size))
            joint = hip + pelvis @ np.array([side * body.hip * 0.5, 2.0, 0.0])
            joints = _limb(pelvis, side, leg, joint, THIGH, SHIN)
            toe = joints[-1] + _bone(_foot(pelvis, side, leg, stance.point), FOOT, 0.2)
            legs.append(np.vstack([joints, toe]))
        up, forward = _head(look, trunk, stance)
        return cls(trunk, pelvis, neck, hip, np.array(arms), np.array(legs), up, forward)


def _bone(direction: Points, length: float, shortest: float = _SHORTEST) -> Points:
    """A bone of a length along a direction, (3,); never drawn shorter than a share of it."""
    bone = np.asarray(direction, np.float64)
    bone = bone / np.linalg.norm(bone)
    seen = float(np.hypot(bone[0], bone[1]))
    if seen < shortest:
        flat = bone[:2] / seen if seen > 1e-6 else np.array([0.0, 1.0])
        bone = np.array([*(flat * shortest), bone[2]])
    return bone * length


def _seen(frame: Points, side: float, direction: Direction) -> Points:
    out, down, forward = direction
    vector: Points = frame @ np.array([side * out, down, forward])
    return vector / np.linalg.norm(vector)


def _limb(
    frame: Points, side: float, limb: Limb, start: Points, upper: float, lower: float
) -> Points:
    middle = start + _bone(_seen(frame, side, limb.upper), upper)
    return np.array([start, middle, middle + _bone(_seen(frame, side, limb.lower), lower)])


def _foot(frame: Points, side: float, leg: Limb, point: float) -> Points:
    """The way the toes point: square to the shin and forward, or in line with it."""
    shin = _seen(frame, side, leg.lower)
    thigh = _seen(frame, side, leg.upper)
    ahead = frame[:, 2] + 0.25 * side * frame[:, 0]
    bent = thigh - shin  # a bent knee tells where the front of the shin is
    if np.linalg.norm(bent) > 0.6:
        ahead = ahead + 2 * bent
    ahead = ahead - (ahead @ shin) * shin
    ahead = ahead / max(float(np.linalg.norm(ahead)), 1e-6)
    return np.asarray((1 - point) * (ahead + 0.25 * shin) + point * shin)


def _head(look: Points, trunk: Points, stance: Stance) -> tuple[Points, Points]:
    """Up and forward of the head: between those of the trunk and those of the world."""
    k = stance.upright
    up = -(1 - k) * trunk[:, 1] - k * look[:, 1]
    up = up / np.linalg.norm(up)
    turned = turn_y(stance.head_turn) @ np.array([0.0, 0.0, 1.0])
    forward = (1 - k) * (trunk @ turned) + k * (look @ turned)
    forward = forward - (forward @ up) * up
    return up, forward / max(float(np.linalg.norm(forward)), 1e-6)
