"""The body under the clothes: joints, limbs, neck and hands.

The frame of a body: origin at the pit of the neck, the chin 22 above it, 100 units to a head.

Not covered: the head (`face`, `hair`) and what the figure wears (`clothes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kirinuki.data.drawing.brush import Brush
from kirinuki.data.drawing.colour import Colour, line
from kirinuki.data.drawing.curves import Points, along, capsule, curve, join, profile, tube
from kirinuki.data.drawing.face import skin_shadow
from kirinuki.data.drawing.spec import Arm, CharacterSpec, HandPose


@dataclass(frozen=True)
class Body:
    """Measures and joints of one figure, (x, y) in the frame of the body."""

    spec: CharacterSpec
    shoulder: float
    waist: float
    hip: float
    waist_y: float = 112.0
    hip_y: float = 160.0
    crotch_y: float = 186.0

    @classmethod
    def of(cls, spec: CharacterSpec) -> Body:
        if spec.girl:
            return cls(spec, shoulder=45.0, waist=29.0, hip=41.0)
        return cls(spec, shoulder=56.0, waist=38.0, hip=40.0, waist_y=118.0, hip_y=162.0)

    def shift(self, y: float) -> float:
        """How far the middle of the body lies aside at a height: the hips sway, the chest turns."""
        t = float(np.clip(y / self.hip_y, 0, 1))
        return self.spec.pose.sway * t * t * (3 - 2 * t)

    def middle(self, y: float) -> float:
        """x of the front seam: the chest turns a little with the face."""
        t = float(np.clip(1 - y / self.hip_y, 0, 1))
        return self.shift(y) + 7.0 * self.spec.yaw * (0.35 + 0.65 * t)

    def arm(self, side: float) -> tuple[Points, float]:
        """Spine of an arm from shoulder to wrist, and the heading of its hand in degrees."""
        arm = self.arm_of(side)
        size = 1.0 if self.spec.girl else 1.1
        start = np.array([side * (self.shoulder - 11), 23.5])
        upper, fore = np.deg2rad(arm.upper), np.deg2rad(arm.upper + arm.fore)
        elbow = start + 84 * size * np.array([side * np.sin(upper), np.cos(upper)])
        reach = 76 * size * arm.reach
        wrist = elbow + reach * np.array([side * np.sin(fore), np.cos(fore)])
        before, after = elbow + 0.14 * (start - elbow), elbow + 0.14 * (wrist - elbow)
        soft = before * 0.25 + elbow * 0.5 + after * 0.25
        spine = curve(start, (start + elbow) / 2, before, soft, after, (after + wrist) / 2, wrist)
        total = arm.upper + arm.fore + arm.hand
        return spine, 90.0 - side * total

    def arm_of(self, side: float) -> Arm:
        """The pose of the arm on one side: -1 the viewer's left, 1 the right."""
        return self.spec.pose.left if side < 0 else self.spec.pose.right

    def arm_width(self, spine: Points) -> Points:
        """Half width of a bare arm along its spine."""
        k = 1.0 if self.spec.girl else 1.22
        stops = ((0, 11.5), (0.25, 11.0), (0.5, 9.0), (0.64, 9.4), (1, 6.0))
        return profile(spine, *[(t, w * k) for t, w in stops])

    def leg(self, side: float) -> Points:
        """Spine of a leg from hip to ankle."""
        x = self.shift(self.hip_y) + side * self.hip * 0.5
        out = side * self.spec.pose.stance
        return curve(
            (x, self.hip_y),
            (x + out * 0.3, self.hip_y + 70),
            (x + out * 0.55, self.hip_y + 138),
            (x + out * 0.9 + side * 2, self.hip_y + 195),
            (x + out, self.hip_y + 278),
            steps=16,
        )

    def leg_width(self, spine: Points) -> Points:
        """Half width of a bare leg along its spine."""
        k = 1.0 if self.spec.girl else 1.05
        stops = ((0, 21.0), (0.2, 20.5), (0.5, 12.6), (0.58, 12.4), (0.72, 13.0), (1, 6.6))
        return profile(spine, *[(t, w * k) for t, w in stops])


def part_of(spine: Points, start: float, end: float) -> Points:
    """The part of a spine between two places, 0 to 1."""
    t = along(spine)
    place = np.linspace(start, end, 28)
    return np.stack([np.interp(place, t, spine[:, i]) for i in (0, 1)], axis=1)


def draw_neck(brush: Brush, body: Body, chin: Sequence[float]) -> None:
    """Neck and the skin of the upper chest, with the shadow of the chin on it."""
    spec = body.spec
    skin, dark = spec.skin, skin_shadow(spec.skin)
    half = 10.5 if spec.girl else 14.5
    s, x = body.shoulder, chin[0]
    left = curve((x - half, -40), (x * 0.6 - half, -18), (-half - 5, -5), (-s * 0.72, 6), (-s, 22))
    right = curve((x + half, -40), (x * 0.6 + half, -18), (half + 5, -5), (s * 0.72, 6), (s, 22))
    shape = join(left, (-s + 4, 70), (s - 4, 70), right[::-1])
    brush.outline([shape], colour=line(skin, 0.62))
    brush.fill(shape, skin)
    with brush.within(shape):
        shade = curve(
            (x - 30, -40), (x - half - 3, -14), (x * 0.5 - 2, 1), (x + half + 3, -10), (x + 30, -40)
        )
        brush.fill(shade, dark)
        ink = line(skin, 0.35)
        m = body.middle(8)
        brush.ink(curve((m - 6, 6), (m - 18, 4.5), (m - 30, 8)), 1.1, ink, (0.2, 0.8))
        brush.ink(curve((m + 6, 6), (m + 18, 4.5), (m + 30, 8)), 1.1, ink, (0.2, 0.8))
        brush.ink(curve((m - 1.5, 9), (m, 5)), 1.0, ink)


def draw_bare_arm(brush: Brush, body: Body, side: float, start: float = 0.0) -> None:
    """Skin of an arm from a place on it down to the wrist, then its hand."""
    spine, heading = body.arm(side)
    width = body.arm_width(spine)
    t = along(spine)
    keep = t >= start
    skin = body.spec.skin
    arm = capsule(spine[keep][::-1], width[keep][::-1])
    pose = body.arm_of(side).pose
    brush.cel(arm, skin, dark=skin_shadow(skin), depth=4.5, edge=brush.weight * 0.9)
    bend = body.arm_of(side).fore
    if abs(bend) > 40:
        elbow = part_of(spine, 0.5, 0.54)
        brush.ink(elbow, 1.0, line(skin, 0.4), (0.2, 0.8))
    if pose != "none":
        wrist = spine[-1]
        size = 1.0 if body.spec.girl else 1.14
        with brush.at(float(wrist[0]), float(wrist[1]), heading, size) as hand:
            draw_hand(hand, pose, skin, thumb=-side)


def draw_legs(brush: Brush, body: Body) -> None:
    """Bare legs, knees and ankles."""
    skin, dark = body.spec.skin, skin_shadow(body.spec.skin)
    for side in (1.0, -1.0) if body.spec.yaw <= 0 else (-1.0, 1.0):
        spine = body.leg(side)
        shape = tube(spine, body.leg_width(spine))
        brush.cel(shape, skin, dark=dark, depth=7)
        knee = spine[int(0.5 * len(spine))]
        stroke = curve(knee + [-6, 2], knee + [-1, 5], knee + [5, 3])
        brush.ink(stroke, 1.0, line(skin, 0.3))


# Hands lie in the frame of the wrist: x towards the finger tips, y towards the thumb.
# Per pose: palm outline, then fingers from the back to the front as (points, half width).
_PALM = ((-2.0, -6.4), (7.0, -8.4), (17.0, -9.8), (23.0, -9.0), (25.0, 0.0), (23.5, 8.0), (14.0, 9.5), (5.0, 8.0), (-2.0, 6.4))  # fmt: skip
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


def draw_hand(brush: Brush, pose: HandPose, skin: Colour, thumb: float) -> None:
    """A hand in the frame of its wrist; `thumb` is the sign of y on which the thumb lies."""
    flip = np.array([1.0, thumb])
    ink, dark = line(skin, 0.62), skin_shadow(skin)
    palm = curve(*_PALM, closed=True, steps=5) * flip
    fingers = []
    for points, half in _FINGERS[pose]:
        spine = curve(*points, steps=7) * flip
        fingers.append(
            capsule(spine, profile(spine, (0, half * 1.06), (0.6, half), (1, half * 0.72)))
        )
    weight = brush.weight * 0.85
    brush.outline([palm, *fingers], weight, ink)
    front = fingers if pose in ("fist", "relaxed") else []
    for finger in fingers:
        if not any(finger is other for other in front):
            brush.outline([finger], weight * 0.8, ink)
            brush.fill(finger, skin)
            brush.crescent(finger, np.asarray(brush.light) * 1.8, dark)
    brush.fill(palm, skin)
    brush.crescent(palm, np.asarray(brush.light) * 3.0, dark)
    for finger in front:
        brush.outline([finger], weight * 0.75, ink)
        brush.fill(finger, skin)
        brush.crescent(finger, np.asarray(brush.light) * 1.8, dark)
    wrist = np.array([[-3.0, -5.6], [7.0, -6.6], [12.0, 0.0], [7.0, 5.8], [-3.0, 5.6]]) * flip
    brush.fill(wrist, skin)
