"""One whole character on a brush, back to front.

Not covered: pixels (`kirinuki_draw.draw`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes import (
    adornment,
    casual,
    extras,
    figure,
    outfits,
    portrait,
    posed,
    skirts,
)
from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.curves import capsule
from kirinuki_draw.strokes.face import Head
from kirinuki_draw.strokes.figure import Body
from kirinuki_draw.strokes.spec import CharacterSpec
from kirinuki_draw.strokes.wardrobe import WEAR, Wear, arm_outline, draw_arm


def draw(brush: Brush, spec: CharacterSpec) -> None:
    """Draw a character whose pit of the neck is the origin and whose head is 100 high."""
    if spec.stance:
        posed.draw(brush, spec, spec.stance)
        return
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
        portrait.draw_behind(local, head)
    with brush.at(0, -22 * (1 - size), 0, size) as local:
        _body(local, body)
    with brush.at(*place) as local:
        portrait.draw_head(local, head)
    with brush.at(0, -22 * (1 - size), 0, size) as local:
        for side in (-1.0, 1.0):
            if _layer(body, side) == 2:
                _arm_again(local, body, side)


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
    wear = WEAR[body.spec.outfit]
    layers = {side: _layer(body, side) for side in (-1.0, 1.0)}
    for side, layer in layers.items():
        if layer == 0:
            draw_arm(brush, body, side)
        else:
            arm_outline(brush, body, side)
    _below(brush, body, wear)
    figure.draw_neck(brush, body)
    wear.top(brush, body)
    for side, layer in layers.items():
        if layer > 0:
            draw_arm(brush, body, side)
    if wear.front:
        wear.front(brush, body)
    if "cape" in body.spec.extras:
        extras.cape_collar(brush, body)
    adornment.over_body(brush, body)


def _below(brush: Brush, body: Body, wear: Wear) -> None:
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


def _arm_again(brush: Brush, body: Body, side: float) -> None:
    """The lower part of an arm once more, in front of collar and hair; the shoulder stays under."""
    upper = figure.part_of(body.arm(side)[0], 0.0, 0.3)
    with brush.without(capsule(upper[::-1], 20.0)):
        draw_arm(brush, body, side)
