"""One whole character on a brush, back to front.

Not covered: pixels (`kirinuki.data.draw`).
"""

from __future__ import annotations

import numpy as np

from kirinuki.data.drawing import clothes, face, figure, fringe, hair, hats, outfits
from kirinuki.data.drawing.brush import Brush
from kirinuki.data.drawing.colour import skin_shadow
from kirinuki.data.drawing.face import Head
from kirinuki.data.drawing.figure import Body
from kirinuki.data.drawing.spec import CharacterSpec

_TOPS = {"sailor": outfits.sailor, "shirt": outfits.shirt, "dress": outfits.dress}
_FRONTS = {"sailor": outfits.sailor_collar, "shirt": outfits.shirt_front}
_SLEEVES = {"sailor": (0.36, 19.0), "shirt": (0.42, 21.0)}


def draw(brush: Brush, spec: CharacterSpec) -> None:
    """Draw a character whose pit of the neck is the origin and whose head is 100 high."""
    head = Head(spec)
    tilt = np.deg2rad(spec.tilt)
    pivot = np.array([0.0, -30.0])
    centre = pivot + 42.0 * np.array([np.sin(tilt), -np.cos(tilt)]) + [spec.yaw * 3.0, 0]
    place = (float(centre[0]), float(centre[1]), spec.tilt)
    size = 0.42 + 0.58 * spec.age
    body = Body.of(spec, chin=float(centre[0] - 50 * np.sin(tilt)) / size)

    with brush.at(*place) as local:
        if spec.hat:
            hats.straw_hat_back(local, _hat_tilt(spec))
        hair.back_hair(local, head)
    with brush.at(0, -22 * (1 - size), 0, size) as local:
        _body(local, body)
    with brush.at(*place) as local:
        draw_head(local, head)
    with brush.at(0, -22 * (1 - size), 0, size) as local:
        for side in (-1.0, 1.0):
            if _layer(body, side) == 2:
                _arm(local, body, side)


def _hat_tilt(spec: CharacterSpec) -> float:
    """A hat leans to the side away from which the face looks."""
    return -5.0 if spec.yaw > 0 else 5.0


def _layer(body: Body, side: float) -> int:
    """0: behind the body. 1: over it, under collar and head. 2: in front of everything."""
    if not body.arm_of(side).front:
        return 0
    spine, _ = body.arm(side)
    x, y = spine[-1]
    crosses = float(x) * side < body.shoulder * 0.75
    return 2 if crosses or float(y) < 0 else 1


def _body(brush: Brush, body: Body) -> None:
    layers = {side: _layer(body, side) for side in (-1.0, 1.0)}
    for side, layer in layers.items():
        if layer == 0:
            _arm(brush, body, side, outline=True)
    if body.spec.girl:
        figure.draw_legs(brush, body)
    if body.spec.outfit not in _SLEEVES:
        for side in (-1.0, 1.0):
            figure.arm_outline(brush, body, side)
    figure.draw_neck(brush, body)
    _TOPS[body.spec.outfit](brush, body)
    for side, layer in layers.items():
        if layer == 1:
            _arm(brush, body, side)
    if body.spec.outfit in _FRONTS:
        _FRONTS[body.spec.outfit](brush, body)


def _arm(brush: Brush, body: Body, side: float, outline: bool = False) -> None:
    spec = body.spec
    if spec.outfit not in _SLEEVES:
        figure.draw_bare_arm(brush, body, side)
        return
    end, wide = _SLEEVES[spec.outfit]
    figure.draw_bare_arm(brush, body, side, end * 0.6)
    if outline:
        brush.outline([clothes.sleeve(body, side, end, wide)[0]])
    cuff = spec.second if spec.outfit == "sailor" else spec.cloth
    clothes.draw_sleeve(brush, body, side, end, wide, spec.cloth, cuff)


def draw_head(brush: Brush, head: Head) -> None:
    """Face, eyes and the hair in front of them; frame of the head."""
    spec = head.spec
    face.draw_face(brush, head)
    dark = skin_shadow(spec.skin)
    fall = np.array([-brush.light[0] * 3.5, 5.0])
    with brush.within(head.face()):
        for part in fringe.fringe(head) + fringe.side_locks(head):
            brush.fill(part.outline + fall, dark)
    face.draw_eyes(brush, head)
    fringe.front_hair(brush, head)
    with brush.layer(0.75):
        face.draw_brows(brush, head)
    if spec.bow:
        clothes.bow(brush, head.x(-30, -34), -44, 0.72, spec.accent, wind=spec.wind, tails=78)
    if spec.hat:
        tilt = _hat_tilt(spec)
        hats.hat_shade(brush, tilt, fringe.cap(head))
        hats.straw_hat(brush, tilt, spec.second, spec.wind)
