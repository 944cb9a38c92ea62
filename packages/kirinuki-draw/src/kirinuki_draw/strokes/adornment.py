"""Puts the `Parts` of a character where they belong: behind the body, over it, on the head.

Not covered: the parts themselves (`wings`, `capes`, `headgear`, …).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes import armour, capes, ears, extras, gear, glasses, headgear, ribbons
from kirinuki_draw.strokes import tails as tail_shapes
from kirinuki_draw.strokes import wings as wing_shapes
from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import Colour, mix, rgb
from kirinuki_draw.strokes.face import Head
from kirinuki_draw.strokes.figure import Body
from kirinuki_draw.strokes.spec import CharacterSpec

_WING_COLOURS = ("#f6f2ec", "#f6f2ec", "#2f2a38", "#7a2a3a", "#4a3a6a")


def behind_body(brush: Brush, body: Body) -> None:
    """Wings, tail, cape and what flies from nape and waist; frame of the body."""
    spec, parts = body.spec, body.spec.parts
    for side in (-1.0, 1.0):
        wing_shapes.draw_wing(brush, parts.wings, side, parts.size, _wing_colour(spec), spec.seed)
    side = -1.0 if spec.yaw > 0 else 1.0
    with brush.at(body.shift(body.hip_y), body.hip_y - 8) as local:
        tail_shapes.draw_tail(local, parts.tail, side, parts.size, _fur(spec), spec.seed)
    if parts.cape != "none":
        capes.draw_cape(
            brush,
            parts.cape,
            body.shoulder,
            spec.accent,
            wind=spec.wind,
            updraft=parts.updraft,
            size=parts.size,
            seed=spec.seed,
        )
    gear.draw_gear(brush, body)
    _flying(brush, body)


def _flying(brush: Brush, body: Body) -> None:
    """Streamers, the bow on the back and the ends of a scarf."""
    spec, parts = body.spec, body.spec.parts
    wind, updraft = spec.wind, parts.updraft
    rng = np.random.default_rng((spec.seed, 26))
    for i in range(parts.streamers):
        ribbons.streamer(
            brush,
            (body.shift(body.waist_y) + (-14.0, 14.0, 0.0, 8.0)[i % 4], body.waist_y),
            rng.uniform(150, 420) * parts.size,
            rng.uniform(12, 26),
            (spec.accent, spec.second)[i % 2],
            wind=wind or 0.4,
            updraft=updraft,
            rng=rng,
        )
    if parts.bow in ("back", "waist"):
        y = 30.0 if parts.bow == "back" else body.waist_y + 6
        wide = parts.size * (1.5 if parts.bow == "back" else 1.15)
        ribbons.big_bow(brush, body.shift(y), y, wide, spec.accent, wind=wind, seed=spec.seed)
    if parts.scarf:
        ribbons.scarf_ends(
            brush, parts.scarf, spec.second, wind=wind, updraft=updraft, seed=spec.seed
        )


def over_body(brush: Brush, body: Body) -> None:
    """Collar of the cape, scarf and plates on the shoulders; frame of the body, under the head."""
    spec, parts = body.spec, body.spec.parts
    if parts.cape != "none":
        extras.cape_collar(brush, body)
    if parts.armour != "none":
        for side in (-1.0, 1.0):
            spine, _ = body.arm(side)
            x, y = (float(v) for v in spine[0])
            angle = body.arm_of(side).upper
            metal = armour.metal_of(spec)
            armour.pauldron(brush, x + side * 3, y - 2, side, angle, parts.armour, metal)
    if parts.scarf:
        ribbons.scarf_wrap(brush, spec.second)


def over_arm(brush: Brush, body: Body, side: float) -> None:
    """The gauntlet of one arm."""
    kind = body.spec.parts.armour
    if kind != "none":
        spine, _ = body.arm(side)
        metal = armour.metal_of(body.spec)
        armour.gauntlet(brush, spine, body.arm_width(spine) + 2.5, kind, metal)


def behind_head(brush: Brush, head: Head) -> None:
    """What lies behind the hair: the far side of hats and of a halo; frame of the head."""
    spec, parts = head.spec, head.spec.parts
    headgear.behind(brush, head)
    if parts.bow == "head":
        x, y, size = _head_bow(head)
        ribbons.bow_tails(brush, x, y, size, spec.accent, wind=spec.wind, seed=spec.seed)
        if not _aside(head):
            ribbons.bow_loops(brush, x, y, size, spec.accent, seed=spec.seed)
    if head.spec.parts.halo:
        ears.halo_back(brush, head)


def under_fringe(brush: Brush, head: Head) -> None:
    """Glasses and ears, before the fringe is drawn."""
    if head.spec.parts.glasses == "round":
        extras.glasses(brush, head)
    elif head.spec.parts.glasses in ("square", "sun"):
        glasses.draw_glasses(brush, head)
    ears.draw_ears(brush, head)


def over_head(brush: Brush, head: Head) -> None:
    """Goggles, horns, bow, hat and the near side of a halo, over all hair."""
    spec, parts = head.spec, head.spec.parts
    if parts.glasses == "goggles":
        glasses.goggles(brush, head)
    ears.draw_horns(brush, head)
    if parts.bow == "head" and _aside(head):
        ribbons.bow_loops(brush, *_head_bow(head), spec.accent, seed=spec.seed)
    headgear.over(brush, head)
    if parts.halo:
        ears.halo_front(brush, head)


def _aside(head: Head) -> bool:
    """Whether a bow sits at the side of the head, seen whole, or behind it."""
    return bool(head.spec.seed % 2)


def _head_bow(head: Head) -> tuple[float, float, float]:
    """x, y and size of a bow on the head."""
    size = head.spec.parts.size
    if _aside(head):
        return head.x(-28, -32), -46.0, 0.6 * size
    return 0.0, -44.0, 1.05 * size


def _wing_colour(spec: CharacterSpec) -> Colour:
    if spec.parts.wings in ("butterfly", "fairy"):
        return spec.accent
    if spec.parts.wings == "bat":
        return mix(rgb("#3a2f45"), spec.accent, 0.35)
    return rgb(_WING_COLOURS[spec.seed % len(_WING_COLOURS)])


def _fur(spec: CharacterSpec) -> Colour:
    return spec.hair if spec.parts.tail in ("cat", "fox") else spec.second
