"""A straw hat: the far side of its brim behind the head, the rest in front. Frame of the head.

Not covered: the hair under it (`hair`).
"""

from __future__ import annotations

import numpy as np

from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.clothes import bow
from kirinuki_draw.strokes.colour import Colour, glow, line, mix, rgb, shadow
from kirinuki_draw.strokes.curves import Points, curve, ellipse, join

_STRAW = rgb("#efcb85")


def straw_hat_back(brush: Brush, tilt: float) -> None:
    """The underside of the brim, seen behind the head; frame of the head."""
    brim = ellipse(0, -30, 79, 19, tilt)
    brush.cel(brim, mix(shadow(_STRAW), rgb("#a06a4a"), 0.35), depth=0)


def straw_hat(brush: Brush, tilt: float, ribbon: Colour, wind: float) -> None:
    """Crown, upper side of the brim and ribbon of a straw hat that is pushed back a little."""
    side = -1.0 if tilt < 0 else 1.0
    with brush.at(0, -36, tilt) as hat:
        crown = curve(
            (-43, 0), (-44.5, -20), (-39, -42), (-22, -52), (0, -54), (22, -52), (39, -42),
            (44.5, -20), (43, 0), (0, 9), closed=True,
        )  # fmt: skip
        upper = ellipse(0, 0, 80, 16.5)
        lower = ellipse(0, 3.2, 79, 16.0)
        hat.outline([crown, upper, lower], colour=line(_STRAW))
        hat.fill(lower, mix(shadow(_STRAW), rgb("#a06a4a"), 0.2))
        hat.fill(upper, Ramp((-80, 0), (80, 0), (glow(_STRAW, 0.4), _STRAW, shadow(_STRAW, 0.6))))
        with hat.within(upper):
            for k in (0.93, 0.84, 0.75, 0.66):
                hat.ink(ellipse(0, 0, 80 * k, 16.5 * k), 0.8, shadow(_STRAW), (0.01, 0.01), 0.7)
            hat.fill(ellipse(10, 3, 52, 11), shadow(_STRAW), 0.8)
        hat.fill(crown, Ramp((-40, 0), (44, 0), (glow(_STRAW, 0.35), _STRAW, _STRAW)))
        with hat.within(crown):
            for k in range(1, 8):
                y = -52 + k * 7.5
                hat.ink(
                    curve((-48, y - 4), (0, y + 5), (48, y - 4)), 0.8, shadow(_STRAW), alpha=0.8
                )
            hat.crescent(crown, np.asarray(hat.light) * 13, shadow(_STRAW))
            band = join(curve((-48, -20), (0, -11), (48, -20)), curve((50, -3), (0, 10), (-50, -3)))
            hat.fill(band, ribbon)
            hat.crescent(band, np.asarray(hat.light) * 7, shadow(ribbon))
        hat.ink(curve((-44, -19), (0, -11), (44, -19)), 1.1, line(ribbon), (0.05, 0.05))
        hat.ink(curve((-43, -1), (0, 9), (43, -1)), 1.2, line(ribbon), (0.05, 0.05))
        bow(hat, side * 38, -10, 0.55, ribbon, wind=wind, tails=60)


def hat_shade(brush: Brush, tilt: float, on: Points) -> None:
    """The shadow that the brim throws on hair and forehead."""
    with brush.within(on):
        brush.fill(ellipse(4, -24, 62, 17, tilt), rgb("#3a2448"), 0.34)
