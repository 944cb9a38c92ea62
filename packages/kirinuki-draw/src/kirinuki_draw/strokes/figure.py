"""The body under the clothes: joints, limbs and neck.

The frame of a body: origin at the pit of the neck, the chin 22 above it, 100 units to a head.

Not covered: hands (`hand`), the head (`face`, `hair`) and what the figure wears (`clothes`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import Colour, line, mix, skin_line, skin_shadow
from kirinuki_draw.strokes.curves import (
    Points,
    along,
    capsule,
    curve,
    ellipse,
    join,
    profile,
    sides,
    tube,
)
from kirinuki_draw.strokes.hand import Hand
from kirinuki_draw.strokes.spec import Arm, CharacterSpec


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
        return cls(spec, shoulder=56.0, waist=38.0, hip=40.0, waist_y=118.0, hip_y=162.0, chin=chin)

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
        leg = self.spec.pose.left_leg if side < 0 else self.spec.pose.right_leg
        hip = np.array([self.shift(self.hip_y) + side * self.hip * 0.5, self.hip_y])
        thigh, shin = np.deg2rad(leg.out), np.deg2rad(leg.out + leg.knee)
        down = 138 * leg.reach * np.array([side * np.sin(thigh), np.cos(thigh)])
        knee = hip + down
        foot = np.array([side * np.sin(shin), np.cos(shin)])
        calf = knee + 56 * foot + np.array([side * 1.5, 0.0])
        return curve(hip, hip + 0.5 * down, knee, calf, knee + 140 * foot, steps=16)

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
            (x - 40, -46), (x - 30, -28), (x - 9, -8.5), (x + 4, -4.0), (x + 16, -7.5),
            (x + 36, -26), (x + 40, -46),
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
        hand.draw(local, spec.skin, pose.held, spec.accent)


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
        stroke = knee + curve((-6, 2), (-1, 5), (5, 3))
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
