"""The witches of the drawn show: six of them, as paper puppets.

Flat shapes, thick lines, round heads without noses: no anime face, so the model in the package,
which has learnt from those, misses many. Drawn in units of about a hundredth of a witch, standing
on (0, 0), x right and y down.

Not covered: the other half of the cast (`familiars`), places and pictures (`show`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kirinuki_draw.strokes.brush import Brush
from kirinuki_draw.strokes.colour import Colour, mix, rgb
from kirinuki_draw.strokes.curves import capsule, curve, ellipse, flow, join, tube

Hat = Literal["tall", "bent", "wide", "hood", "none"]
Hair = Literal["long", "bob", "puffs", "braid"]
Held = Literal["nothing", "staff", "book", "lamp", "broom"]

HELD: tuple[Held, ...] = ("nothing", "staff", "book", "lamp", "broom")
LINE = rgb("#2a2036")
EDGE = 1.3
"""Half the width of all outlines."""
WHITE = rgb("#fbf7ee")


@dataclass(frozen=True)
class Look:
    """What stays the same for a witch from episode to episode."""

    skin: Colour
    hair: Colour
    cloth: Colour
    trim: Colour
    hat: Hat
    hair_style: Hair
    wide: float = 1.0


@dataclass(frozen=True)
class Action:
    """What somebody does in one picture: arms in degrees from straight down, outwards.

    `facing` is -1 (left) to 1 (right); who turns the `back` to us shows no face.
    """

    facing: float = 0.0
    back: bool = False
    arms: tuple[float, float] = (20.0, 20.0)
    held: Held = "nothing"
    seated: bool = False
    flying: bool = False
    swing: float = 0.0
    blink: bool = False


def look(codes: str, hat: Hat, hair_style: Hair, wide: float = 1.0) -> Look:
    """A look from four colours: skin, hair, cloth, trim."""
    skin, hair, cloth, trim = (rgb(code) for code in codes.split())
    return Look(skin, hair, cloth, trim, hat, hair_style, wide)


WITCHES = (
    look("#f3cfae #3f7f6d #5b3f8c #f0b43c", "tall", "long"),
    look("#c98f63 #efe3c0 #a8324a #3a3550", "wide", "puffs", 1.15),
    look("#e9e2d6 #c4552f #2f5d8a #e8d9a0", "bent", "braid", 0.9),
    look("#8c5a3c #2c2440 #dfa23c #6b2f5a", "hood", "bob", 1.05),
    look("#b9d6c2 #8d5fb0 #2f3b46 #7fd0b0", "bent", "bob", 0.95),
    look("#f6d9c6 #e0a0b8 #6d8f3c #f7f0d8", "none", "puffs", 1.1),
)


def witch(brush: Brush, who: Look, action: Action) -> None:
    """A witch, about 100 high without the hat."""
    if action.flying:
        _broom(brush, (-62, -24), (66, -30))
    drop = 22.0 if action.seated else 0.0
    _legs(brush, who, action)
    with brush.at(0, drop):
        _hair_behind(brush, who, action)
        _arm(brush, who, action, -1)
        _cloak(brush, who, action)
        _head(brush, who, action)
        _arm(brush, who, action, 1)


def cel(brush: Brush, outline: ArrayLike, colour: Colour, depth: float = 3.0) -> None:
    """A flat shape with its line around it, and a shadow `depth` wide on the far side."""
    points = np.asarray(outline, np.float64)
    brush.outline([points], EDGE, LINE)
    brush.fill(points, colour)
    if depth:
        lx, ly = brush.light
        brush.crescent(points, (lx * depth, ly * depth), mix(colour, LINE, 0.28))


def _legs(brush: Brush, who: Look, action: Action) -> None:
    for side in (-1, 1):
        if action.flying:
            spine = curve((side * 5, -30), (side * 9 - 10, -16), (side * 9 - 22, -8))
        elif action.seated:
            spine = curve((side * 8, -10), (side * 18, -10), (side * 21, -3))
        else:
            spine = curve((side * 7, -22), (side * 8 + action.swing * side, -3))
        cel(brush, capsule(spine, 4.6), mix(who.trim, LINE, 0.6), 0)


def _cloak(brush: Brush, who: Look, action: Action) -> None:
    half, s = 25 * who.wide, action.swing
    hem = curve((half + s, -9), (half / 2, -6), (0, -10), (-half / 2, -6), (-half + s, -9))
    right = curve((6, -66), (14 * who.wide, -52), (half + s, -9))
    left = curve((-half + s, -9), (-14 * who.wide, -52), (-6, -66))
    body = join(right, hem, left)
    cel(brush, body, who.cloth, 4)
    with brush.within(body):
        band = join(np.add(hem, (0, 2)), np.subtract(hem, (0, 6))[::-1])
        brush.fill(band, who.trim)
        if not action.back:
            middle = 6 * action.facing
            brush.ink(curve((middle, -62), (middle + s / 2, -10)), 1.6, LINE)
            for y in (-50, -40, -30):
                brush.fill(ellipse(middle + 4, y, 1.9, 1.9), who.trim)


def _arm(brush: Brush, who: Look, action: Action, side: int) -> None:
    angle = np.deg2rad(action.arms[0 if side < 0 else 1])
    shoulder = np.array([side * 11.0 * who.wide, -58.0])
    hand = shoulder + 33 * np.array([side * np.sin(angle), np.cos(angle)])
    elbow = (shoulder + hand) / 2 + (side * 3, 3)
    if side > 0 and action.held != "nothing":
        _held(brush, who, action.held, hand)
    cel(brush, ellipse(hand[0], hand[1], 4.4, 4.4), who.skin, 0)
    sleeve = curve(shoulder, elbow, shoulder + (hand - shoulder) * 0.9)
    cel(brush, tube(sleeve, np.linspace(5, 8, len(sleeve))), mix(who.cloth, WHITE, 0.08), 2.5)


def _held(brush: Brush, who: Look, thing: Held, hand: NDArray[np.float64]) -> None:
    x, y = hand
    if thing == "staff":
        cel(brush, tube(curve((x - 2, y + 46), (x + 1, y), (x, y - 52)), 1.9), rgb("#7a5233"), 0)
        cel(brush, ellipse(x, y - 58, 7.5, 7.5), who.trim, 2)
    elif thing == "book":
        cover = [(x - 12, y - 13), (x + 10, y - 15), (x + 12, y + 8), (x - 10, y + 10)]
        cel(brush, cover, rgb("#7d2f3a"), 2)
        cel(brush, ellipse(x, y - 3, 4, 4), rgb("#e8c35a"), 0)
    elif thing == "lamp":
        brush.ink(curve((x, y), (x, y + 8)), 1.6, LINE)
        cel(brush, [(x - 6, y + 8), (x + 6, y + 8), (x + 8, y + 24), (x - 8, y + 24)], LINE, 0)
        brush.fill(ellipse(x, y + 16, 5, 6), rgb("#ffd970"))
    else:
        _broom(brush, (x + 4, y + 34), (x - 6, y - 46))


def _broom(brush: Brush, tail: tuple[float, float], tip: tuple[float, float]) -> None:
    a, b = np.array(tail, float), np.array(tip, float)
    cel(brush, tube(np.linspace(a, b, 8), 1.9), rgb("#8a6238"), 0)
    way = (b - a) / np.linalg.norm(b - a)
    across = np.array([-way[1], way[0]])
    root = a + way * 4
    bristles = [root + across * 3, a - way * 26 + across * 11, a - way * 30]
    cel(brush, [*bristles, a - way * 26 - across * 11, root - across * 3], rgb("#d6a64c"), 2)


def _hair_behind(brush: Brush, who: Look, action: Action) -> None:
    if who.hair_style == "long":
        s = action.swing
        back = curve((-22, -84), (-29 + s, -50), (-24 + 2 * s, -24), (0 + s, -30), closed=False)
        front = curve((24 + 2 * s, -24), (29 + s, -50), (22, -84))
        cel(brush, join(back, front), who.hair, 4)
    elif who.hair_style == "puffs":
        for side in (-1, 1):
            cel(brush, ellipse(side * 25, -86, 12, 13), who.hair, 3)
    elif who.hair_style == "braid":
        spine = flow((14, -72), 80 + 2 * action.swing, 44, bend=10 * np.sign(action.swing + 0.1))
        cel(brush, tube(spine, 5 + 1.4 * np.sin(np.linspace(0, 18, len(spine)))), who.hair, 2)
    else:
        cel(brush, ellipse(0, -80, 25, 21), who.hair, 3)


def _head(brush: Brush, who: Look, action: Action) -> None:
    turn = 7 * action.facing
    head = ellipse(0, -82, 20, 18.5)
    cel(brush, head, who.hair if action.back else who.skin, 3)
    if not action.back:
        for side in (-1, 1):
            x = turn + side * 7.5
            if action.blink:
                brush.ink(curve((x - 4, -79), (x, -77), (x + 4, -79)), 1.8, LINE)
            else:
                brush.fill(ellipse(x, -79, 2.6, 4.0), LINE)
            brush.fill(ellipse(turn + side * 12, -72, 3.4, 2.0), rgb("#e06a5c"), 0.55)
        brush.ink(curve((turn - 3, -70), (turn, -68.5), (turn + 3, -70)), 1.5, LINE)
        fringe = join(
            curve((-20, -82), (-14, -101), (0, -104), (14, -101), (20, -82)),
            curve((12, -90), (turn + 2, -86), (turn - 4, -92), (-14, -87)),
        )
        cel(brush, fringe, who.hair, 0)
    _hat(brush, who, turn)


def _hat(brush: Brush, who: Look, turn: float) -> None:
    if who.hat == "none":
        cel(brush, ellipse(turn * 0.5, -103, 8, 7), who.hair, 2)
        return
    if who.hat == "hood":
        cowl = join(
            curve((-24, -66), (-27, -92), (-10, -112), (6, -122)),
            curve((10, -110), (26, -92), (24, -66)),
            curve((18, -74), (16, -94), (0, -98), (-16, -94), (-18, -74)),
        )
        cel(brush, cowl, mix(who.cloth, LINE, 0.15), 3)
        return
    reach = 40 if who.hat == "wide" else 31
    tip = {"tall": (turn * -0.5, -152), "bent": (26 - turn, -134), "wide": (-6, -122)}[who.hat]
    middle = (tip[0] * 0.2, (tip[1] - 96) / 2)
    sides = [curve((-17, -94), (middle[0] - 9, middle[1]), tip)]
    sides.append(curve(tip, (middle[0] + 9, middle[1] + 2), (17, -94)))
    cel(brush, join(*sides), who.cloth, 4)
    cel(brush, ellipse(0, -95, reach, 6.5), mix(who.cloth, LINE, 0.12), 2)
    brush.fill(join(curve((-16, -99), (0, -97), (16, -99)), [(15, -105), (-15, -105)]), who.trim)
