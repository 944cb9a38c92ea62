"""Hips and legs of a figure in a stance, with what is worn on them. Frame of the body.

Not covered: the trunk and the order of parts (`posed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from kirinuki_draw.strokes.brush import Brush, merged
from kirinuki_draw.strokes.colour import Colour, line, mix, shadow, skin_line, skin_shadow
from kirinuki_draw.strokes.curves import Points, along, curve, profile
from kirinuki_draw.strokes.figure import Body, part_of
from kirinuki_draw.strokes.skeleton import Skeleton
from kirinuki_draw.strokes.solids import chain, facing, hull, largest
from kirinuki_draw.strokes.yukata import scatter_flowers

_SKIRT_SHAPES = {"pleated": (64.0, 47.0, 40.0), "flared": (100.0, 66.0, 56.0),
                 "robe": (252.0, 21.0, 24.0)}  # fmt: skip
"""Length from the hip joint along the leg, and how far the hem stands off it: aside, ahead."""


def draw_lower(brush: Brush, body: Body, bones: Skeleton) -> None:
    """Legs, shoes, and skirt, shorts or trousers."""
    spec = body.spec
    worn = {"sailor": "pleated", "dress": "flared", "yukata": "robe"}.get(spec.outfit, spec.bottom)
    worn = "pleated" if worn == "skirt" else worn
    order = [int(i) for i in np.argsort(bones.legs[:, 1:, 2].mean(axis=1))]
    if worn in _SKIRT_SHAPES:
        skirt = _Skirt(body, bones, worn)
        skirt.draw_inside(brush)
        for i in order:
            _bare_leg(brush, body, bones, i)
        skirt.draw_outside(brush)
        return
    reach = 0.98 if worn == "trousers" else 0.36
    if worn == "shorts":
        for i in order:
            _bare_leg(brush, body, bones, i)
    else:
        for i in order:
            _shoe(brush, body, bones, i)
    _trousers(brush, body, bones, order, reach)


def leg_spine(body: Body, bones: Skeleton, i: int) -> Points:
    """Spine of leg `i` from hip to ankle, (N, 2)."""
    hip, knee, ankle = bones.legs[i, :3, :2]
    before, after = knee + 0.12 * (hip - knee), knee + 0.12 * (ankle - knee)
    soft = 0.25 * before + 0.5 * knee + 0.25 * after
    spine = curve(hip, (hip + knee) / 2, before, soft, after, knee + 0.45 * (ankle - knee), ankle)
    return part_of(spine, 0.0, 1.0)


def _bare_leg(brush: Brush, body: Body, bones: Skeleton, i: int) -> None:
    spec = body.spec
    skin, dark = spec.skin, skin_shadow(spec.skin)
    spine = leg_spine(body, bones, i)
    half = body.leg_width(spine)
    shape = chain(spine, half)
    toward = bones.legs[i, 3, 2] > bones.legs[i, 2, 2] + 8
    if not toward:
        _shoe(brush, body, bones, i)
    brush.outline([shape], colour=skin_line(skin))
    brush.fill(shape, skin)
    brush.crescent(shape, np.asarray(brush.light) * 7, dark)
    sock = along(spine) >= (0.66 if spec.outfit == "sailor" else 0.86)
    cloth = mix(spec.cloth, (1.0, 1.0, 1.0), 0.5)
    brush.cel(chain(spine[sock], half[sock] + 0.8), cloth, depth=4)
    if toward:
        _shoe(brush, body, bones, i)


def _shoe(brush: Brush, body: Body, bones: Skeleton, i: int) -> None:
    """A shoe around heel and toes, whichever way they point."""
    spec = body.spec
    colour = spec.accent if spec.outfit == "yukata" else spec.second
    leather = mix(colour, (0.20, 0.12, 0.10), 0.55)
    ankle, toe = bones.legs[i, 2, :2], bones.legs[i, 3, :2]
    knee = bones.legs[i, 1, :2]
    shin = (ankle - knee) / max(float(np.linalg.norm(ankle - knee)), 1e-6)
    foot = toe - ankle
    heel = ankle + 5 * shin - 0.12 * foot
    shape = chain(np.array([ankle - 2 * shin, heel, ankle + 0.5 * foot + 5 * shin, toe + 3 * shin]),
                  [7.6, 9.0, 9.0, 7.4])  # fmt: skip
    brush.cel(shape, leather, depth=4)
    top = ankle + 0.42 * foot
    across = np.array([-foot[1], foot[0]]) / max(float(np.linalg.norm(foot)), 1e-6)
    brush.ink(curve(top - 8 * across, top + 0.12 * foot, top + 8 * across), 1.3, line(leather),
              (0.1, 0.1))  # fmt: skip


def _ring(frame: Points, centre: Points, wide: float, deep: float, count: int = 40) -> Points:
    """A level ring around the body, (count, 3)."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)[:, None]
    right, forward = frame[:, 0], frame[:, 2]
    ring: Points = centre + wide * np.cos(angle) * right + deep * np.sin(angle) * forward
    return ring


def waist_of(body: Body, bones: Skeleton) -> Points:
    """The middle of the waist, (3,)."""
    return bones.neck + (bones.hip - bones.neck) * (body.waist_y / body.hip_y)


def _trousers(
    brush: Brush, body: Body, bones: Skeleton, order: Sequence[int], reach: float
) -> None:
    colour = body.spec.second
    long = reach > 0.5
    stops = ((0, 25.0), (0.2, 24.0), (0.5, 18.5), (1, 17.0)) if long else ((0, 26.0), (1, 24.0))
    legs = {}
    for i in order:
        piece = part_of(leg_spine(body, bones, i), 0.0, reach)
        legs[i] = (piece, chain(piece, profile(piece, *stops)))
    waist = _ring(bones.trunk, waist_of(body, bones), body.waist + 1, 0.7 * body.waist)
    hips = _ring(bones.pelvis, bones.hip, body.hip + 3, 0.78 * body.hip)
    seat = hull(np.concatenate([waist, hips, bones.legs[:, 0] + 18 * bones.pelvis[:, 1]])[:, :2])
    brush.outline([*(shape for _, shape in legs.values()), seat], colour=line(colour))

    def paint_seat() -> None:
        brush.fill(seat, colour)
        brush.crescent(seat, np.asarray(brush.light) * 7, shadow(colour))

    ahead = bones.legs[:, 1, 2].mean() > bones.hip[2] + 30
    if ahead:
        paint_seat()
    for i in order:
        spine, shape = legs[i]
        brush.outline([shape], 0.7, line(colour))
        brush.fill(shape, colour)
        brush.crescent(shape, np.asarray(brush.light) * 9, shadow(colour))
        if long:
            brush.ink(spine[8:], 1.1, shadow(colour, 1.4), (0.3, 0.3))
            _knee_folds(brush, spine, colour)
    if not ahead:
        paint_seat()


def _knee_folds(brush: Brush, spine: Points, colour: Colour) -> None:
    """Creases at a bent knee."""
    first, last = spine[9] - spine[4], spine[22] - spine[17]
    cosine = float(first @ last) / max(float(np.linalg.norm(first) * np.linalg.norm(last)), 1e-6)
    if cosine > 0.8:
        return
    knee = spine[13]
    inner = (spine[4] + spine[22]) / 2 - knee
    inner = inner / max(float(np.linalg.norm(inner)), 1e-6)
    for aside in (-0.7, 0.0, 0.7):
        way = np.array([inner[0] - aside * inner[1], inner[1] + aside * inner[0]])
        stroke = curve(knee + 14 * inner, knee + 6 * inner - 2 * way, knee - 7 * way)
        brush.ink(stroke, 1.5, shadow(colour, 1.5), (0.1, 0.9))


class _Skirt:
    """A skirt as a surface of three rings: waist, hips, and a hem that follows both legs."""

    def __init__(self, body: Body, bones: Skeleton, kind: str) -> None:
        self.body, self.kind = body, kind
        count = 44 if kind == "pleated" else 32
        angle = np.linspace(0, 2 * np.pi, count + 1)[:-1]
        waist = _ring(bones.trunk, waist_of(body, bones), body.waist + 3, 0.72 * body.waist, count)
        hips = _ring(bones.pelvis, bones.hip, body.hip + 8, 0.82 * body.hip, count)
        hem = self._hem(bones, angle)
        self.rings = (waist[:, :2], hips[:, :2], hem[:, :2])
        middle = self.rings[1] * 0.5 + (self.rings[0] + self.rings[2]) * 0.25
        self.edges = [
            curve(self.rings[0][i], middle[i] * 0.3 + self.rings[1][i] * 0.7, self.rings[2][i],
                  steps=6) for i in range(count)
        ]  # fmt: skip

    def _hem(self, bones: Skeleton, angle: Points) -> Points:
        length, wide, deep = _SKIRT_SHAPES[self.kind]
        spec = self.body.spec
        ends, aheads = [], []
        for joints in bones.legs:
            rest, i = length, 0
            steps = [b - a for a, b in pairwise(joints[:3])]
            if rest > np.linalg.norm(steps[0]):
                rest, i = rest - float(np.linalg.norm(steps[0])), 1
            way = steps[i] / np.linalg.norm(steps[i])
            ends.append(joints[i] + way * min(rest, float(np.linalg.norm(steps[i]))))
            ahead = np.cross(bones.pelvis[:, 0], way)
            aheads.append(ahead / max(float(np.linalg.norm(ahead)), 0.3))
        share = np.clip(0.5 + 0.8 * np.cos(angle), 0, 1)[:, None]
        share = share * share * (3 - 2 * share)
        centre = ends[0] * (1 - share) + ends[1] * share
        ahead = aheads[0] * (1 - share) + aheads[1] * share
        hem = centre + wide * np.cos(angle)[:, None] * bones.pelvis[:, 0]
        # a raised thigh carries the cloth: nothing stands off above it
        raised = 1 - np.clip([a @ bones.pelvis[:, 2] for a in aheads], 0, 1)
        lift = (raised[0] * (1 - share) + raised[1] * share)[:, 0]
        depth = deep * np.where(np.sin(angle) > 0, 1 - 0.6 * lift, 1.0) * np.sin(angle)
        hem = hem + depth[:, None] * ahead
        fold = np.where(np.arange(len(angle)) % 2 == 0, 1.0, -1.0)
        wave = fold * 2.5 if self.kind == "pleated" else 6 * np.sin(angle * 7 + spec.seed)
        wave = wave * (0.0 if self.kind == "robe" else 1.0)
        hem[:, 1] += wave
        hem[:, 0] += spec.wind * (14 if self.kind != "robe" else 4)
        return np.asarray(hem)

    def _quads(self, outward: bool) -> list[int]:
        count = len(self.edges)
        return [
            i for i in range(count)
            if (facing(np.concatenate([self.edges[i], self.edges[(i + 1) % count][::-1]])) > 0)
            == outward
        ]  # fmt: skip

    def _face(self, i: int) -> Points:
        return np.concatenate([self.edges[i], self.edges[(i + 1) % len(self.edges)][::-1]])

    @property
    def colour(self) -> Colour:
        spec = self.body.spec
        return spec.cloth if self.kind != "pleated" else spec.second

    def draw_inside(self, brush: Brush) -> None:
        """The far side, whose lining may be seen."""
        faces = [self._face(i) for i in self._quads(outward=False)]
        brush.outline(faces, colour=line(self.colour))
        lining = shadow(shadow(self.colour))
        for face in merged(faces):
            brush.fill(face, lining)

    def draw_outside(self, brush: Brush) -> None:
        """The near side with its folds."""
        near = self._quads(outward=True)
        if not near:
            return
        waist, hips, _ = self.rings
        top = hull(np.concatenate([waist, hips]))
        shapes = merged([*(self._face(i) for i in near), top])
        colour, dark = self.colour, shadow(self.colour)
        brush.outline(shapes, colour=line(colour))
        for shape in shapes:
            brush.fill(shape, colour)
        shape = largest(shapes)
        if self.kind == "robe":
            scatter_flowers(brush, self.body.spec, shape)
        brush.crescent(shape, np.asarray(brush.light) * 12, dark, 0.8)
        with brush.within(shape):
            step = 2 if self.kind == "pleated" else 5
            for i in near:
                if i % step == 1 and self.kind != "robe":
                    brush.fill(self._face(i), dark, 0.85)
                if i % step == 0 or self.kind == "pleated":
                    brush.ink(self.edges[i][3:], 1.3, line(colour, 0.6), (0.6, 0.02))
