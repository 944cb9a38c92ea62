"""One whole character in a `Stance`, from any side, back to front.

The trunk is drawn as for a front view and laid over the bones by an affine map; arms and legs
follow their joints; the head is drawn from the front, the side or behind.

Not covered: joints (`skeleton`), hips and legs (`lower`), a character without a stance
(`character`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from kirinuki_draw.strokes import adornment, extras, figure, nape, portrait, profile, yukata
from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.clothes import bow
from kirinuki_draw.strokes.colour import mix, shadow, skin_line, skin_shadow
from kirinuki_draw.strokes.curves import Points, curve, ellipse
from kirinuki_draw.strokes.face import Head
from kirinuki_draw.strokes.figure import Body, part_of
from kirinuki_draw.strokes.lower import draw_lower
from kirinuki_draw.strokes.skeleton import Skeleton
from kirinuki_draw.strokes.solids import chain
from kirinuki_draw.strokes.spec import Arm, CharacterSpec
from kirinuki_draw.strokes.stance import Stance
from kirinuki_draw.strokes.wardrobe import WEAR, arm_outline, draw_arm, sleeve_of

_DEPTH = 0.62
"""Depth of a trunk as a share of its width."""


@dataclass(frozen=True)
class PosedBody(Body):
    """A body whose arms follow a skeleton; `side` is the figure's own, -1 or 1."""

    bones: Skeleton | None = None

    def arm(self, side: float) -> tuple[Points, float]:
        """Spine of an arm from shoulder to wrist, and the heading of its hand in degrees."""
        assert self.bones is not None
        start, elbow, wrist = self.bones.arms[0 if side < 0 else 1, :, :2]
        before, after = elbow + 0.2 * (start - elbow), elbow + 0.2 * (wrist - elbow)
        soft = before * 0.25 + elbow * 0.5 + after * 0.25
        spine = curve(start, (start + elbow) / 2, before, soft, after, (after + wrist) / 2, wrist)
        dx, dy = wrist - elbow
        return spine, float(np.rad2deg(np.arctan2(dy, dx))) - side * self.arm_of(side).hand


@dataclass(frozen=True)
class TrunkBody(Body):
    """The same body in the frame of its trunk; `side` is the viewer's."""

    arms: tuple[Points, Points] | None = None
    seam: float = 0.0
    """How far the front seam has moved aside, because the trunk is turned."""

    def arm(self, side: float) -> tuple[Points, float]:
        """Spine of the arm on one side, in the frame of the trunk."""
        assert self.arms is not None
        spine = self.arms[0 if side < 0 else 1]
        return spine, 90.0

    def middle(self, y: float) -> float:
        """x of the front seam."""
        t = float(np.clip(1 - y / self.hip_y, 0, 1))
        return self.seam * (0.5 + 0.5 * t)


def draw(brush: Brush, spec: CharacterSpec, stance: Stance) -> None:
    """Draw a character whose pit of the neck is the origin and whose head is 100 high."""
    _Figure(spec, stance).draw(brush)


class _Figure:
    """The parts of one figure and the order in which they lie."""

    def __init__(self, spec: CharacterSpec, stance: Stance) -> None:
        size = 0.42 + 0.58 * spec.age
        bones = Skeleton.of(Body.of(spec), stance)
        self.bones, self.size = bones, size
        up, forward = bones.head_up, bones.head_forward
        chin = 20 * size * up + 5 * size * forward
        self.head_at = chin + 50 * up + 4 * forward
        self.tilt = float(np.rad2deg(np.arctan2(up[0], -up[1])))
        right = np.array([np.cos(np.deg2rad(self.tilt)), np.sin(np.deg2rad(self.tilt)), 0])
        self.look = float(np.rad2deg(np.arctan2(forward @ right, forward[2])))
        self.spec = _hands_only(
            replace(spec, yaw=float(np.clip(self.look / 52, -1, 1)), tilt=self.tilt)
        )
        plain = Body.of(self.spec)
        self.body = PosedBody(
            self.spec, plain.shoulder, plain.waist, plain.hip, plain.waist_y, plain.hip_y,
            bones=bones,
        )  # fmt: skip
        self._lay_trunk(plain)

    def _lay_trunk(self, plain: Body) -> None:
        """The affine map from the frame of the trunk, and the trunk in that frame."""
        bones = self.bones
        down = (bones.hip - bones.neck)[:2] / plain.hip_y
        along = down / max(float(np.linalg.norm(down)), 1e-6)
        across = np.array([along[1], -along[0]])
        right = bones.trunk[:, 0]
        turned = float(right[:2] @ across)
        self.away = turned < 0
        wide = np.hypot(turned, _DEPTH * np.sqrt(max(0.0, 1 - turned * turned)))
        skew = float(np.clip(right[:2] @ along, -0.3, 0.3)) * (-1 if self.away else 1)
        self.right, self.down = across * wide + along * skew, down
        back = np.linalg.inv(np.stack([self.right, self.down], axis=1))
        spines = [self.body.arm(side)[0] @ back.T for side in (-1.0, 1.0)]
        left, other = spines[::-1] if self.away else spines
        ahead = float(bones.trunk[:2, 2] @ across)
        chin = back @ (self.size * (20 * bones.head_up + 5 * bones.head_forward))[:2] / self.size
        self.trunk = TrunkBody(
            self.spec, plain.shoulder, plain.waist, plain.hip, plain.waist_y, plain.hip_y,
            chin=float(np.clip(chin[0], -24, 24)), arms=(left, other),
            seam=float(np.clip(32 * ahead, -26, 26)),
        )  # fmt: skip

    def draw(self, brush: Brush) -> None:
        bones = self.bones
        middle = (bones.neck[2] + bones.hip[2]) / 2
        reach = {s: self._depth_of_arm(s) - middle for s in (-1.0, 1.0)}
        knees = float(bones.legs[:, 1:3, 2].mean() - bones.hip[2])
        legs_ahead = knees > 38 or bones.legs[:, 1, 2].mean() - bones.hip[2] > 60
        head_far = self.head_at[2] / self.size < middle - 60
        hair_back = abs(self.look) < 115

        if not self.away:
            self._in_trunk(brush, self._behind)
        if hair_back or head_far:
            self._on_head(brush, portrait.draw_behind if hair_back else self._back_of_head)
        with brush.at(0, 0, 0, self.size) as local:
            for side in sorted(reach, key=lambda s: reach[s]):
                if reach[side] < -6:
                    self._arm(local, side)
                else:
                    arm_outline(local, self.body, side)
            if not legs_ahead:
                draw_lower(local, self.body, bones)
            self._neck(local)
            self._top(local)
            if legs_ahead:
                draw_lower(local, self.body, bones)
        if self.away:
            self._in_trunk(brush, self._behind)
        over = [s for s in reach if reach[s] >= -6]
        late = [s for s in over if self._before_head(s)]
        with brush.at(0, 0, 0, self.size) as local:
            for side in sorted(set(over) - set(late), key=lambda s: reach[s]):
                self._arm(local, side)
            if not self.away:
                self._front(local)
        if not (head_far and not hair_back):
            self._on_head(brush, self._face if hair_back else self._back_of_head)
        with brush.at(0, 0, 0, self.size) as local:
            for side in late:
                self._arm(local, side)

    def _arm(self, brush: Brush, side: float) -> None:
        """An arm; a bare one has no line where it joins the shoulder."""
        if sleeve_of(self.spec):
            draw_arm(brush, self.body, side)
            return
        spine, _ = self.body.arm(side)
        shoulder = ellipse(float(spine[0, 0]), float(spine[0, 1]), 15, 15)
        with brush.without(shoulder):
            figure.draw_bare_arm(brush, self.body, side, 1e-3)
        with brush.within(shoulder):
            brush.fill(chain(spine[:12], self.body.arm_width(spine)[:12]), self.spec.skin)

    def _depth_of_arm(self, side: float) -> float:
        joints = self.bones.arms[0 if side < 0 else 1]
        return float(0.35 * joints[1, 2] + 0.65 * joints[2, 2])

    def _before_head(self, side: float) -> bool:
        wrist = self.bones.arms[0 if side < 0 else 1, 2]
        head = self.head_at / self.size
        near = float(np.hypot(*(wrist - head)[:2])) < 95 / self.size
        return near and wrist[2] > head[2] + 20

    def _in_trunk(self, brush: Brush, part: Callable[[Brush, Body], None]) -> None:
        with (
            brush.at(0, 0, 0, self.size) as local,
            local.warped((0.0, 0.0), self.right, self.down) as warped,
        ):
            part(warped, self.trunk)

    def _on_head(self, brush: Brush, part: Callable[[Brush, Head], None]) -> None:
        x, y = (float(v) for v in self.head_at[:2])
        with brush.at(x, y, self.tilt) as local:
            part(local, Head(self.spec))

    def _behind(self, brush: Brush, body: Body) -> None:
        """Cape, wings and tail."""
        if "cape" in self.spec.extras:
            extras.cape(brush, body)
        adornment.behind_body(brush, body)

    def _neck(self, brush: Brush) -> None:
        """A neck wherever the head is: the drawn one of the trunk knows an upright head only."""
        skin = self.spec.skin
        half = 10.0 if self.spec.girl else 14.0
        spine = np.array([[0.0, 6.0], self.head_at[:2] / self.size * 0.75])
        spine[0] = 6 * self.down
        shape = chain(part_of(spine, 0, 1)[::4], half)
        brush.outline([shape], colour=skin_line(skin))
        brush.fill(shape, skin_shadow(skin))

    def _top(self, brush: Brush) -> None:
        """The clothes of the trunk."""
        with brush.warped((0.0, 0.0), self.right, self.down) as local:
            figure.draw_neck(local, self.trunk)
            WEAR[self.spec.outfit].bodice(local, self.trunk)
            if self.away:
                self._nape(local)

    def _nape(self, brush: Brush) -> None:
        """Collar and spine of a back."""
        spec, s = self.spec, self.trunk.shoulder
        cloth = spec.second if spec.outfit == "sailor" else spec.cloth
        if spec.outfit == "dress":
            return
        if spec.outfit in ("sailor", "hoodie"):
            low = 46.0 if spec.outfit == "sailor" else 36.0
            flap = curve((-s * 0.66, -4), (0, -9), (s * 0.66, -4), (s * 0.6, low), (0, low + 6),
                         (-s * 0.6, low), closed=True)  # fmt: skip
        else:
            flap = curve((-17, -12), (0, -15), (17, -12), (20, 4), (0, 8), (-20, 4), closed=True)
        brush.cel(flap, cloth, depth=4)
        if spec.outfit == "yukata":
            yukata.draw_sash(brush, self.trunk)
            bow(brush, 0, self.trunk.waist_y, 0.75, spec.accent, wind=spec.wind, tails=60)
        ink = shadow(shadow(spec.cloth))
        brush.ink(curve((0, 50), (0, 100)), 1.6, mix(ink, spec.cloth, 0.3), (0.5, 0.5))

    def _front(self, brush: Brush) -> None:
        """What lies over the sleeves."""
        front = WEAR[self.spec.outfit].front
        with brush.warped((0.0, 0.0), self.right, self.down) as local:
            if front and abs(self.trunk.seam) < 25:
                front(local, self.trunk)
            elif self.spec.outfit == "yukata":
                yukata.draw_sash(local, self.trunk)
            if "cape" in self.spec.extras:
                extras.cape_collar(local, self.trunk)
            adornment.over_body(local, self.trunk)

    def _face(self, brush: Brush, head: Head) -> None:
        if abs(self.look) < 66:
            portrait.draw_head(brush, head)
        else:
            profile.draw_profile(brush, head)

    def _back_of_head(self, brush: Brush, head: Head) -> None:
        nape.draw_back_of_head(brush, head)


def _hands_only(spec: CharacterSpec) -> CharacterSpec:
    """Arms that hang, with the hands and the held things of the pose: the rest is the stance's."""

    def kept(arm: Arm) -> Arm:
        return Arm(hand=arm.hand, pose=arm.pose, held=arm.held, front=True)

    pose = replace(spec.pose, left=kept(spec.pose.left), right=kept(spec.pose.right), sway=0.0)
    return replace(spec, pose=pose)
