"""One whole character on a brush, back to front.

Not covered: pixels (`kirinuki.data.draw`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kirinuki.data.drawing import (
    adornment,
    casual,
    clothes,
    extras,
    face,
    figure,
    fringe,
    hair,
    hats,
    outfits,
    skirts,
    yukata,
)
from kirinuki.data.drawing.brush import Brush
from kirinuki.data.drawing.colour import line, skin_shadow
from kirinuki.data.drawing.curves import capsule
from kirinuki.data.drawing.face import Head
from kirinuki.data.drawing.figure import Body
from kirinuki.data.drawing.spec import CharacterSpec, Outfit

Part = Callable[[Brush, Body], None]


@dataclass(frozen=True)
class _Wear:
    """How an outfit is drawn: its top, then the arms, then what lies over the sleeves."""

    top: Part
    front: Part | None
    sleeve: tuple[float, float] | None
    """How far down the arm a sleeve reaches, 0 to 1, and half its width at the end."""
    bare_legs: bool


_WEAR: dict[Outfit, _Wear] = {
    "sailor": _Wear(outfits.sailor, outfits.sailor_collar, (0.36, 19.0), True),
    "shirt": _Wear(outfits.shirt, outfits.shirt_front, (0.42, 21.0), False),
    "dress": _Wear(outfits.dress, None, None, True),
    "hoodie": _Wear(casual.hoodie, casual.hood_front, (0.93, 15.0), False),
    "yukata": _Wear(yukata.yukata, yukata.yukata_front, (0.88, 14.0), False),
}


def draw(brush: Brush, spec: CharacterSpec) -> None:
    """Draw a character whose pit of the neck is the origin and whose head is 100 high."""
    head = Head(spec)
    tilt = np.deg2rad(spec.tilt)
    pivot = np.array([0.0, -30.0])
    centre = pivot + 42.0 * np.array([np.sin(tilt), -np.cos(tilt)]) + [spec.yaw * 3.0, 0]
    place = (float(centre[0]), float(centre[1]), spec.tilt)
    size = 0.42 + 0.58 * spec.age
    body = Body.of(spec, chin=float(centre[0] - 50 * np.sin(tilt)) / size)

    if "cape" in spec.extras:
        with brush.at(0, -22 * (1 - size), 0, size) as local:
            extras.cape(local, body)
    with brush.at(0, -22 * (1 - size), 0, size) as local:
        adornment.behind_body(local, body)
    with brush.at(*place) as local:
        adornment.behind_head(local, head)
        if "straw hat" in spec.extras:
            hats.straw_hat_back(local, _hat_tilt(spec))
        hair.back_hair(local, head)
    with brush.at(0, -22 * (1 - size), 0, size) as local:
        _body(local, body)
    with brush.at(*place) as local:
        draw_head(local, head)
    with brush.at(0, -22 * (1 - size), 0, size) as local:
        for side in (-1.0, 1.0):
            if _layer(body, side) == 2:
                _arm_again(local, body, side)


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
    return 2 if crosses or float(y) < 25 else 1


def _body(brush: Brush, body: Body) -> None:
    """Everything from the neck down, but for arms that reach over the head."""
    wear = _WEAR[body.spec.outfit]
    layers = {side: _layer(body, side) for side in (-1.0, 1.0)}
    for side, layer in layers.items():
        if layer == 0:
            _arm(brush, body, side)
        else:
            _arm_outline(brush, body, side)
    _below(brush, body, wear)
    figure.draw_neck(brush, body)
    wear.top(brush, body)
    for side, layer in layers.items():
        if layer > 0:
            _arm(brush, body, side)
    if wear.front:
        wear.front(brush, body)
    if "cape" in body.spec.extras:
        extras.cape_collar(brush, body)
    adornment.over_body(brush, body)


def _below(brush: Brush, body: Body, wear: _Wear) -> None:
    """Legs and what is worn on them."""
    spec = body.spec
    if spec.outfit == "yukata":
        return
    if not wear.bare_legs and spec.bottom == "trousers":
        outfits.trousers(brush, body)
        return
    figure.draw_legs(brush, body)
    if not wear.bare_legs and spec.bottom == "shorts":
        casual.shorts(brush, body)
    elif not wear.bare_legs:
        skirts.pleated_skirt(brush, body, body.waist_y + 4, 104, spec.second)


def _sleeve(spec: CharacterSpec) -> tuple[float, float] | None:
    sleeve = _WEAR[spec.outfit].sleeve
    return (0.94, 13.0) if sleeve and sleeve[0] < 0.5 and spec.long_sleeves else sleeve


def _arm_outline(brush: Brush, body: Body, side: float) -> None:
    """The outer line where an arm joins the body; drawn before what it joins is filled."""
    sleeve = _sleeve(body.spec)
    if sleeve is None:
        figure.arm_outline(brush, body, side)
        return
    shape, _, _ = clothes.sleeve(body, side, *sleeve)
    brush.outline([shape], colour=line(body.spec.cloth))


def _arm(brush: Brush, body: Body, side: float) -> None:
    """An arm with its sleeve."""
    spec = body.spec
    sleeve = _sleeve(spec)
    if sleeve is None:
        figure.draw_bare_arm(brush, body, side)
        return
    figure.draw_bare_arm(brush, body, side, sleeve[0] * 0.6)
    if spec.outfit == "yukata":
        yukata.wide_sleeve(brush, body, side)
        return
    if not body.arm_of(side).front:
        _arm_outline(brush, body, side)
    cuff = spec.second if spec.outfit == "sailor" else spec.cloth
    clothes.draw_sleeve(brush, body, side, *sleeve, spec.cloth, cuff)
    adornment.over_arm(brush, body, side)


def _arm_again(brush: Brush, body: Body, side: float) -> None:
    """The lower part of an arm once more, in front of collar and hair; the shoulder stays under."""
    upper = figure.part_of(body.arm(side)[0], 0.0, 0.3)
    with brush.without(capsule(upper[::-1], 20.0)):
        _arm(brush, body, side)


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
    if "glasses" in spec.extras:
        extras.glasses(brush, head)
    adornment.under_fringe(brush, head)
    if "cat ears" in spec.extras:
        extras.cat_ears(brush, head)
    fringe.front_hair(brush, head)
    with brush.layer(0.75):
        face.draw_brows(brush, head)
    if "headphones" in spec.extras:
        extras.headphones(brush, head)
    if "bow" in spec.extras:
        x = head.x(-30, -34)
        away = spec.wind * x > 0
        wind = spec.wind if away else 0.0  # its tails must not hide the face
        clothes.bow(brush, x, -44, 0.72, spec.accent, wind=wind, tails=78 if away else 34)
    if "straw hat" in spec.extras:
        tilt = _hat_tilt(spec)
        hats.hat_shade(brush, tilt, fringe.cap(head))
        hats.straw_hat(brush, tilt, spec.second, spec.wind)
    adornment.over_head(brush, head)
