"""A head with everything on it, as seen from the front. Frame of the head.

Not covered: a head seen from behind (`nape`) or from the side (`profile`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes import adornment, clothes, extras, face, fringe, hair, hats
from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import skin_shadow
from kirinuki_draw.strokes.face import Head
from kirinuki_draw.strokes.spec import CharacterSpec


def draw_behind(brush: Brush, head: Head) -> None:
    """What lies behind head and body: the far side of a hat, and hair."""
    adornment.behind_head(brush, head)
    if "straw hat" in head.spec.extras:
        hats.straw_hat_back(brush, hat_tilt(head.spec))
    hair.back_hair(brush, head)


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
        tilt = hat_tilt(spec)
        hats.hat_shade(brush, tilt, fringe.cap(head))
        hats.straw_hat(brush, tilt, spec.second, spec.wind)
    adornment.over_head(brush, head)


def hat_tilt(spec: CharacterSpec) -> float:
    """A hat leans to the side away from which the face looks."""
    return -5.0 if spec.yaw > 0 else 5.0
