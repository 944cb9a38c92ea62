"""The body under the clothes: joints, limbs, neck and hands.

The frame of a body: origin at the pit of the neck, the chin 22 above it, 100 units to a head.

Not covered: the head (`face`, `hair`) and what the figure wears (`clothes`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kirinuki.data.drawing.brush import Brush
from kirinuki.data.drawing.colour import Colour, line, mix, skin_line
from kirinuki.data.drawing.curves import Points, along, capsule, curve, ellipse, join, profile, sides, tube
from kirinuki.data.drawing.face import skin_shadow
from kirinuki.data.drawing.held import hold
from kirinuki.data.drawing.spec import Arm, CharacterSpec, HandPose, Held


@dataclass(frozen=True)
class Body:
    """Measures and joints of one figure, (x, y) in the frame of the body."""

    spec: CharacterSpec
    shoulder: float
    waist: float
    hip: float
    waist_y: float = 112.0
    hip_y: float = 160.0
    chin: float = 0.0
    """x of the chin, which a tilted head moves aside; in the frame of the body."""

    @classmethod
    def of(cls, spec: CharacterSpec, chin: float = 0.0) -> Body:
        """The measures that go with a character."""
        if spec.girl:
            return cls(spec, shoulder=45.0, waist=29.0, hip=41.0, chin=chin)
        return cls(
            spec, shoulder=56.0, waist=38.0, hip=40.0, waist_y=118.0, hip_y=162.0, chin=chin
        )

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


def draw_neck(brush: Brush, body: Body) -> None:
    """Neck and the skin of the upper chest, with the shadow of the chin on it."""
    spec = body.spec
    skin, dark = spec.skin, skin_shadow(spec.skin)
    half = 10.5 if spec.girl else 14.5
    s, x = body.shoulder, body.chin
    left = curve((x - half, -40), (x * 0.6 - half, -18), (-half - 5, -5), (-s * 0.72, 6), (-s, 22))
    right = curve((x + half, -40), (x * 0.6 + half, -18), (half + 5, -5), (s * 0.72, 6), (s, 22))
    shape = join(left, (-s + 15, 70), (s - 15, 70), right[::-1])
    brush.outline([shape], colour=skin_line(skin))
    brush.fill(shape, skin)
    with brush.within(shape):
        jaw = curve(
            (x - 40, -46), (x - 30, -28), (x - 9, -8.5), (x + 4, -4.0), (x + 16, -7.5), (x + 36, -26), (x + 40, -46)
        )  # fmt: skip
        brush.fill(jaw + np.array([-brush.light[0] * 7, 4.0]), dark)
        ink = skin_line(skin, 0.45)
        m = body.middle(8)
        brush.ink(curve((m - 6, 6), (m - 18, 4.5), (m - 30, 8)), 1.1, ink, (0.2, 0.8))
        brush.ink(curve((m + 6, 6), (m + 18, 4.5), (m + 30, 8)), 1.1, ink, (0.2, 0.8))
        brush.ink(curve((m - 1.5, 9), (m, 5)), 1.0, ink)


def draw_bare_arm(brush: Brush, body: Body, side: float, start: float = 0.0) -> None:
    """Skin of an arm from a place on it down to the wrist, its hand and what it holds.

    From the shoulder on (`start` 0) its lines fade in, for there it joins the chest.
    """
    spec = body.spec
    spine, heading = body.arm(side)
    width, t = body.arm_width(spine), along(spine)
    keep = t >= start
    arm = capsule(spine[keep][::-1], width[keep][::-1])
    dark, ink, weight = skin_shadow(spec.skin), skin_line(spec.skin), brush.weight * 0.9
    wrist = (float(spine[-1, 0]), float(spine[-1, 1]))
    size = 1.0 if spec.girl else 1.14
    pose = body.arm_of(side)
    upward = np.sin(np.deg2rad(heading)) < -0.3
    hand = Hand.posed(pose.pose, -side if upward else side)
    if start > 0:
        brush.outline([arm], weight, ink)
    with brush.at(*wrist, heading, size) as local:
        local.outline(hand.shapes, weight, ink)
    brush.fill(arm, spec.skin)
    brush.crescent(arm, np.asarray(brush.light) * 4.5, dark)
    if start == 0:
        for edge in sides(spine, width):
            brush.ink(edge[int(0.12 * len(edge)) :], 1.9 * brush.weight, ink, (0.3, 0.01))
    if abs(pose.fore) > 40:
        brush.ink(part_of(spine, 0.5, 0.54), 1.0, skin_line(spec.skin, 0.5), (0.2, 0.8))
    with brush.at(*wrist, heading, size) as local:
        hand.draw(local, spec.skin, pose.held)


def arm_outline(brush: Brush, body: Body, side: float) -> None:
    """The outer line of a bare arm, to be drawn before the chest that it joins."""
    spine, _ = body.arm(side)
    shape = capsule(spine[::-1], body.arm_width(spine)[::-1])
    brush.outline([shape], colour=skin_line(body.spec.skin))


def draw_legs(brush: Brush, body: Body) -> None:
    """Bare legs with the shadow of the skirt on them, socks and shoes."""
    skin, dark = body.spec.skin, skin_shadow(body.spec.skin)
    for side in (1.0, -1.0) if body.spec.yaw <= 0 else (-1.0, 1.0):
        spine = body.leg(side)
        half = body.leg_width(spine)
        shape = tube(spine, half)
        foot = tuple(float(v) for v in spine[-1])
        draw_shoe(brush, foot[0], foot[1], side, body.spec.second)
        brush.outline([shape], colour=skin_line(skin))
        brush.fill(shape, skin)
        brush.crescent(shape, np.asarray(brush.light) * 7, dark)
        with brush.within(shape):
            brush.fill(ellipse(body.shift(200), 190, 92, 47), dark, 0.9)
        knee = spine[int(0.5 * len(spine))]
        stroke = curve(knee + [-6, 2], knee + [-1, 5], knee + [5, 3])
        brush.ink(stroke, 1.0, skin_line(skin, 0.5))
        high = 0.66 if body.spec.outfit == "sailor" else 0.86
        sock = along(spine) >= high
        cloth = mix(body.spec.cloth, (1.0, 1.0, 1.0), 0.5)
        brush.cel(tube(spine[sock], half[sock] + 0.8), cloth, depth=4)


def draw_shoe(brush: Brush, x: float, y: float, side: float, colour: Colour) -> None:
    """A loafer seen from the front, its toe turned out."""
    leather = mix(colour, (0.20, 0.12, 0.10), 0.55)
    shape = curve(
        (x - 7, y - 4), (x + 7, y - 4), (x + 9 + side * 3, y + 9), (x + 10 + side * 6, y + 20),
        (x + side * 6, y + 25), (x - 10 + side * 6, y + 20), (x - 9 + side * 3, y + 9), closed=True,
    )  # fmt: skip
    brush.cel(shape, leather, depth=4)
    tongue = curve((x - 8 + side * 3, y + 11), (x + side * 4, y + 6), (x + 8 + side * 3, y + 11))
    brush.ink(tongue, 1.3, line(leather), (0.1, 0.1))


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

    def draw(self, brush: Brush, skin: Colour, held: Held = "nothing") -> None:
        """Skin, inner lines and the thing held; the outer line is drawn before, from `shapes`."""
        if self.pose == "none":
            return
        dark, ink = skin_shadow(skin), skin_line(skin)
        if self.pose == "open":
            self._fingers(brush, skin, ink, dark)
        brush.fill(self.palm, skin)
        with brush.within(self.palm):
            brush.crescent(self.palm, np.asarray(brush.light) * 3.0, dark, 0.8)
        brush.fill(self.wrist, skin)
        hold(brush, held, self.thumb)
        if self.pose != "open":
            self._fingers(brush, skin, ink, dark)

    def _fingers(self, brush: Brush, skin: Colour, ink: Colour, dark: Colour) -> None:
        for spine, half, finger in zip(self.spines, self.halves, self.fingers, strict=True):
            brush.fill(finger, skin)
            cut = int(0.22 * len(spine))
            rim = capsule(spine[cut:], half[cut:])
            brush.crescent(rim, np.asarray(brush.light) * 1.6, dark)
            brush.ink(rim[:-1], 1.15, ink, (0.22, 0.22))
