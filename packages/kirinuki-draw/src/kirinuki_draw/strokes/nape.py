"""A head seen from behind: hair that falls from the whorl. Frame of the head.

Not covered: tails, plaits and long hair in the wind, which `hair` draws from any side.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kirinuki_draw.strokes import adornment, clothes, extras, hair, hats, portrait
from kirinuki_draw.strokes.brush import Brush, Ramp
from kirinuki_draw.strokes.colour import mix
from kirinuki_draw.strokes.curves import curve, flow, join
from kirinuki_draw.strokes.face import Head
from kirinuki_draw.strokes.locks import Lock, Tint, lock, paint_locks, sheen_on


def draw_back_of_head(brush: Brush, head: Head) -> None:
    """Hair, ears and hat of a head that looks away from us, and all hair that hangs from it."""
    spec = head.spec
    parts = replace(spec.parts, glasses="none")
    head = Head(replace(spec, yaw=0.0, parts=parts))
    spec, tint = head.spec, Tint.of(head.spec.hair)
    adornment.behind_head(brush, head)
    if "straw hat" in spec.extras:
        hats.straw_hat_back(brush, portrait.hat_tilt(spec))
    hair.back_hair(brush, head)
    adornment.under_fringe(brush, head)
    if "cat ears" in spec.extras:
        extras.cat_ears(brush, head)
    _skull(brush, head, tint)
    hair.tail_over_nape(brush, head)
    if "headphones" in spec.extras:
        extras.headphones(brush, head)
    if "bow" in spec.extras:
        clothes.bow(brush, 0, -34, 0.8, spec.accent, wind=spec.wind, tails=70)
    if "straw hat" in spec.extras:
        hats.straw_hat(brush, portrait.hat_tilt(spec), spec.second, spec.wind)
    adornment.over_head(brush, head)


def _skull(brush: Brush, head: Head, tint: Tint) -> None:
    """The round of the head and the locks over it."""
    spec = head.spec
    rng = np.random.default_rng((spec.seed, 31))
    dome = curve(
        (-44, 10), (-46.5, -14), (-42, -36), (-27, -53), (0, -60), (27, -53), (42, -36),
        (46.5, -14), (44, 10), (30, 34), (0, 40), (-30, 34), closed=True,
    )  # fmt: skip
    low = {"long": 104.0, "blown": 92.0, "bob": 54.0}.get(spec.hair_style, 44.0)
    ramp = Ramp((0, -58), (0, low), (tint.base, tint.base, mix(tint.base, tint.dark, 0.3)))
    locks = [_fall(u, low, spec.wind, rng) for u in np.linspace(-1, 1, 11)]
    order = sorted(range(11), key=lambda i: -abs(i - 5))
    brush.outline([dome], 1.2, tint.ink)
    brush.fill(dome, ramp)
    paint_locks(brush, [locks[i] for i in order], tint, ramp)
    for u in np.linspace(-0.8, 0.8, 7):
        stroke = curve((u * 6, -56), (u * 34, -40), (u * 46, -8))
        brush.ink(stroke, 1.1, tint.dark, (0.4, 0.6))
    band = curve((-38, -22), (-14, -14), (14, -14), (38, -22))
    with brush.within(dome):
        brush.fill(join(band, (band + np.array([0, 7.0]))[::-1]), tint.light, 0.5)
    sheen_on(brush, locks[2:9:2], tint, rng)


def _fall(u: float, low: float, wind: float, rng: np.random.Generator) -> Lock:
    """One lock over the back of the head, `u` from -1 left to 1 right."""
    spine = flow(
        (u * 36, -34 + 12 * u * u),
        90 - 16 * u,
        (low + 34) * (1 - 0.12 * u * u) + rng.uniform(-5, 5),
        bend=34 * u - wind * 10,
    )
    return replace(lock(spine, rng.uniform(18, 24), 0.8, 0.5, keen=0.9), ink_from=0.4)
