"""Which parts each outfit is made of, and arms with their sleeves.

Not covered: the order in which a figure is painted (`character`, `posed`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kirinuki_draw.strokes import adornment, casual, clothes, figure, outfits, yukata
from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import line
from kirinuki_draw.strokes.figure import Body
from kirinuki_draw.strokes.spec import CharacterSpec, Outfit

Part = Callable[[Brush, Body], None]


@dataclass(frozen=True)
class Wear:
    """How an outfit is drawn: its top, then the arms, then what lies over the sleeves."""

    top: Part
    bodice: Part
    """The top without the skirt that hangs from it."""
    front: Part | None
    sleeve: tuple[float, float] | None
    """How far down the arm a sleeve reaches, 0 to 1, and half its width at the end."""
    bare_legs: bool


WEAR: dict[Outfit, Wear] = {
    "sailor": Wear(outfits.sailor, outfits.blouse, outfits.sailor_collar, (0.36, 19.0), True),
    "shirt": Wear(outfits.shirt, outfits.shirt, outfits.shirt_front, (0.42, 21.0), False),
    "dress": Wear(outfits.dress, outfits.dress_top, None, None, True),
    "hoodie": Wear(casual.hoodie, casual.hoodie, casual.hood_front, (0.93, 15.0), False),
    "yukata": Wear(yukata.yukata, yukata.yukata_top, yukata.yukata_front, (0.88, 14.0), False),
}


def sleeve_of(spec: CharacterSpec) -> tuple[float, float] | None:
    sleeve = WEAR[spec.outfit].sleeve
    return (0.94, 13.0) if sleeve and sleeve[0] < 0.5 and spec.long_sleeves else sleeve


def arm_outline(brush: Brush, body: Body, side: float) -> None:
    """The outer line where an arm joins the body; drawn before what it joins is filled."""
    sleeve = sleeve_of(body.spec)
    if sleeve is None:
        figure.arm_outline(brush, body, side)
        return
    shape, _, _ = clothes.sleeve(body, side, *sleeve)
    brush.outline([shape], colour=line(body.spec.cloth))


def draw_arm(brush: Brush, body: Body, side: float) -> None:
    """An arm with its sleeve."""
    spec = body.spec
    sleeve = sleeve_of(spec)
    if sleeve is None:
        figure.draw_bare_arm(brush, body, side)
        return
    figure.draw_bare_arm(brush, body, side, sleeve[0] * 0.6)
    if spec.outfit == "yukata":
        yukata.wide_sleeve(brush, body, side)
        return
    if not body.arm_of(side).front:
        arm_outline(brush, body, side)
    cuff = spec.second if spec.outfit == "sailor" else spec.cloth
    clothes.draw_sleeve(brush, body, side, *sleeve, spec.cloth, cuff)
    adornment.over_arm(brush, body, side)
