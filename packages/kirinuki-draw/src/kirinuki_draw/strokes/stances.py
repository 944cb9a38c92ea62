"""Stances to choose from at random: standing, walking, running, jumping, sitting, lying, flying.

Not covered: the rest of a character (`variety`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kirinuki_draw.strokes.stance import Direction, Limb, Stance

# Arms: upper arm and forearm, (out, down, forward) of the trunk.
_HANG = Limb((0.22, 1, 0.0), (0.1, 1, 0.15))
_HIP = Limb((0.8, 0.75, -0.15), (-0.85, 0.62, 0.2))
_FOLDED = Limb((0.3, 0.95, 0.3), (-0.95, 0.05, 0.45))
_UP = Limb((0.35, -1, 0.0), (0.05, -1, 0.1))
_WIDE = Limb((1, 0.1, 0.0), (1, -0.1, 0.1))
_WAVE = Limb((0.7, 0.6, 0.1), (0.45, -1, 0.2))
_POINT = Limb((0.35, 0.25, 0.9), (0.15, 0.1, 1))
_REACH = Limb((0.6, -0.35, 0.6), (0.45, -0.5, 0.7))
_CHEST = Limb((0.3, 0.9, 0.25), (-0.6, -0.45, 0.6))
_CHIN = Limb((0.25, 0.9, 0.35), (-0.35, -0.95, 0.4))
_BACK = Limb((0.45, 0.9, -0.3), (-0.6, 0.65, -0.4))
_NAPE = Limb((0.9, -0.55, 0.0), (-0.9, -0.35, -0.2))
_GUARD = Limb((0.3, 0.8, 0.4), (-0.1, -0.75, 0.75))
_PUNCH = Limb((0.5, 0.1, 0.85), (0.1, -0.05, 1))
_SWING = Limb((0.25, 0.75, 0.65), (-0.15, -0.45, 0.9))
_SWUNG = Limb((0.35, 0.7, -0.65), (0.1, 0.75, 0.5))
_LAP = Limb((0.3, 0.9, 0.25), (-0.4, 0.55, 0.75))
_KNEES = Limb((0.2, 0.75, 0.65), (-0.35, 0.55, 0.7))
_PROP = Limb((0.4, 0.85, -0.5), (0.15, 0.9, -0.3))
_SWEPT = Limb((0.5, 0.85, -0.35), (0.35, 0.9, -0.25))
_AHEAD = Limb((0.25, -1, 0.2), (0.05, -1, 0.1))
_GROUND = Limb((0.2, 0.4, 0.9), (0.1, 0.45, 0.9))

# Legs: thigh and shin, (out, down, forward) of the hips.
_STRAIGHT = Limb((0.08, 1, 0.02), (0.04, 1, -0.03))
_EASY = Limb((0.16, 1, 0.16), (0.1, 1, -0.16))
_WIDE_LEG = Limb((0.3, 1, 0.05), (0.26, 1, -0.05))
_STEP = Limb((0.06, 0.93, 0.38), (0.05, 1, -0.05))
_LEFT_BEHIND = Limb((0.06, 0.97, -0.22), (0.05, 0.85, -0.55))
_STRIDE = Limb((0.08, 0.5, 0.9), (0.06, 0.9, -0.4))
_PUSH = Limb((0.08, 0.9, -0.45), (0.06, 0.25, -1))
_TUCK = Limb((0.25, 0.6, 0.8), (0.1, 0.75, -0.75))
_KICKED_UP = Limb((0.12, 1, -0.1), (0.08, 0.3, -1))
_SIT = Limb((0.16, 0.15, 1), (0.06, 1, 0.05))
_CROSSED = Limb((-0.12, -0.02, 1), (0.25, 0.95, 0.2))
_OUT = Limb((0.14, 0.08, 1), (0.05, 0.1, 1))
_DRAWN_UP = Limb((0.14, -0.6, 0.85), (0.04, 1, 0.25))
_TAILOR = Limb((0.85, 0.1, 0.7), (-1, 0.15, 0.3))
_SEIZA = Limb((0.12, 0.12, 1), (0.04, 0.16, -1))
_BESIDE = Limb((0.4, 0.15, 0.95), (0.6, 0.12, -0.85))
_SQUAT = Limb((0.42, 0.1, 0.95), (0.05, 1, -0.5))
_KNEEL_UP = Limb((0.1, 0.05, 1), (0.05, 1, -0.02))
_KNEEL_DOWN = Limb((0.12, 1, 0.0), (0.06, 0.12, -1))
_STANCE_FRONT = Limb((0.45, 0.75, 0.5), (0.15, 1, -0.2))
_STANCE_BACK = Limb((0.5, 0.8, -0.35), (0.3, 0.95, -0.35))
_KICK = Limb((0.55, 0.05, 0.85), (0.55, -0.02, 0.85))
_TRAIL = Limb((0.07, 1, -0.06), (0.05, 1, -0.2))
_BENT = Limb((0.14, 0.8, 0.55), (0.06, 0.65, -0.8))


@dataclass(frozen=True)
class _Kind:
    """A kind of stance: arms to draw from, pairs of legs, and the ranges of its angles."""

    weight: float
    arms: tuple[Limb, ...]
    legs: tuple[tuple[Limb, Limb], ...]
    views: tuple[float, ...] = (0, 25, -25, 50, -50)
    above: tuple[float, float] = (-4, 10)
    pitch: tuple[float, float] = (-3, 3)
    roll: tuple[float, float] = (-3, 3)
    bend: tuple[float, float] = (-4, 6)
    upright: float = 0.4
    point: float = 0.15
    paired: bool = False
    """The two arms are neighbours in `arms` and belong together."""


_TALK = (_HANG, _HIP, _FOLDED, _UP, _WIDE, _WAVE, _POINT, _REACH, _CHEST, _CHIN, _BACK, _NAPE)
_AROUND = (0.0, 30.0, -30.0, 65.0, -65.0, 130.0, -130.0, 180.0)
_SIDES = (85.0, -85.0, 60.0, -60.0, 35.0, -35.0, 115.0, -115.0)
KINDS: dict[str, _Kind] = {
    "stand": _Kind(
        5, _TALK, ((_STRAIGHT, _EASY), (_EASY, _STRAIGHT), (_WIDE_LEG, _WIDE_LEG)), _AROUND,
    ),
    "hands on hips": _Kind(1.2, (_HIP,), ((_STRAIGHT, _EASY), (_WIDE_LEG, _WIDE_LEG)), _AROUND),
    "walk": _Kind(
        1.5, (_SWING, _HANG, _HANG, _WAVE), ((_STEP, _LEFT_BEHIND), (_LEFT_BEHIND, _STEP)),
        (*_SIDES, 150, -150, 20, -20),
    ),
    "run": _Kind(
        3, (_SWING, _SWUNG), ((_PUSH, _STRIDE),), (*_SIDES, 15, -15), bend=(8, 24), pitch=(3, 14),
        upright=0.7, paired=True,
    ),
    "jump": _Kind(
        2, (_UP, _WIDE, _REACH, _SWEPT, _UP), ((_TUCK, _TUCK), (_KICKED_UP, _TUCK),
        (_STRIDE, _PUSH), (_KICKED_UP, _KICKED_UP), (_WIDE_LEG, _TUCK)), (*_AROUND, 40, -40),
        roll=(-16, 16), point=0.7,
    ),
    "sit": _Kind(
        2.5, (_LAP, _LAP, _CHIN, _PROP, _WAVE, _HANG),
        ((_SIT, _SIT), (_SIT, _CROSSED), (_CROSSED, _SIT), (_SIT, _KICKED_UP)),
        (25, -25, 45, -45, 70, -70, 90, -90, 160), (8, 24), bend=(-4, 16),
    ),
    "sit on the ground": _Kind(
        2.5, (_LAP, _PROP, _PROP, _KNEES, _CHIN, _WAVE),
        ((_OUT, _OUT), (_OUT, _DRAWN_UP), (_DRAWN_UP, _OUT), (_BESIDE, _BESIDE),
         (_TAILOR, _TAILOR)),
        (20, -20, 45, -45, 75, -75, 180), (14, 34), pitch=(-16, 2), bend=(0, 14),
    ),
    "hug the knees": _Kind(
        0.8, (_KNEES,), ((_DRAWN_UP, _DRAWN_UP),), (40, -40, 65, -65, 90, -90), (8, 22),
        bend=(16, 34), upright=0.6,
    ),
    "seiza": _Kind(
        1.5, (_LAP, _LAP, _CHEST, _WAVE), ((_SEIZA, _SEIZA), (_BESIDE, _BESIDE)),
        (10, -10, 35, -35, 65, -65, 90, -90, 180), (10, 26), point=0.85,
    ),
    "kneel": _Kind(
        1.2, (_LAP, _HANG, _POINT, _CHEST), ((_KNEEL_UP, _KNEEL_DOWN), (_KNEEL_DOWN, _KNEEL_UP)),
        (30, -30, 55, -55, 85, -85, 150), (6, 20), bend=(0, 16),
    ),
    "crouch": _Kind(
        1.8, (_KNEES, _GROUND, _GUARD, _CHIN), ((_SQUAT, _SQUAT), (_SQUAT, _KNEEL_UP)),
        (15, -15, 40, -40, 65, -65, 90, 170), (4, 22), pitch=(6, 18), bend=(10, 32), upright=0.7,
    ),
    "fight": _Kind(
        2, (_GUARD, _PUNCH, _GUARD, _SWEPT, _UP),
        ((_STANCE_FRONT, _STANCE_BACK), (_STANCE_BACK, _STANCE_FRONT), (_WIDE_LEG, _KICK),
         (_KICK, _STRAIGHT)), (20, -20, 50, -50, 75, -75, 140, -140), bend=(2, 18), upright=0.6,
    ),
    "fly": _Kind(
        2.5, (_AHEAD, _SWEPT, _WIDE, _AHEAD, _SWEPT), ((_TRAIL, _TRAIL), (_TRAIL, _BENT),
        (_BENT, _KICKED_UP)), (60, -60, 85, -85, 40, -40, 110, -110), (-12, 14), pitch=(42, 84),
        roll=(-12, 12), bend=(-16, 4), upright=0.55, point=0.95,
    ),
    "float": _Kind(
        2, (_WIDE, _REACH, _SWEPT, _CHEST, _UP), ((_TRAIL, _BENT), (_BENT, _TRAIL),
        (_TUCK, _BENT), (_TRAIL, _TRAIL)), (*_AROUND, 20, -20), (-14, 10), pitch=(-28, 26),
        roll=(-40, 40), bend=(-10, 14), point=0.9,
    ),
    "fall": _Kind(
        0.8, (_WIDE, _REACH, _UP), ((_BENT, _TRAIL), (_TUCK, _KICKED_UP)), (0, 40, -40, 90, -90),
        roll=(110, 250), pitch=(-20, 20), upright=0.0, point=0.8,
    ),
    "lie on the side": _Kind(
        1.5, (_CHIN, _LAP, _GROUND, _NAPE), ((_EASY, _BENT), (_BENT, _BENT), (_TRAIL, _BENT)),
        (0, 15, -15, 160), (2, 22), roll=(78, 98), upright=0.15, point=0.7,
    ),
    "lie on the back": _Kind(
        1.5, (_HANG, _WIDE, _NAPE, _LAP, _UP), ((_STRAIGHT, _EASY), (_TRAIL, _DRAWN_UP),
        (_WIDE_LEG, _EASY)), (75, -75, 90, -90), (10, 30), pitch=(-92, -82), upright=0.0,
        point=0.4,
    ),
    "lie, seen from above": _Kind(
        1.5, (_HANG, _WIDE, _NAPE, _CHEST, _UP), ((_STRAIGHT, _EASY), (_EASY, _EASY),
        (_WIDE_LEG, _EASY)), (0, 12, -12), roll=(-180, 180), upright=0.0, point=0.6,
    ),
    "lie on the front": _Kind(
        1, (_GROUND, _AHEAD, _AHEAD), ((_TRAIL, _TRAIL), (_TRAIL, _KICKED_UP),
        (_KICKED_UP, _KICKED_UP)), (60, -60, 80, -80, 90, -90), (6, 22), pitch=(82, 90),
        bend=(-34, -14), upright=0.5, point=0.9,
    ),
}  # fmt: skip


def random_stance(rng: np.random.Generator, kind: str | None = None) -> Stance:
    """A stance of a kind, or of any; angles and directions differ a little each time."""
    names = list(KINDS)
    if kind is None:
        odds = np.array([KINDS[name].weight for name in names])
        kind = names[int(rng.choice(len(names), p=odds / odds.sum()))]
    of = KINDS[kind]
    stance = Stance(
        view=float(rng.choice(of.views) + rng.normal(0, 6)),
        above=float(rng.uniform(*of.above)),
        pitch=float(rng.uniform(*of.pitch)),
        roll=float(rng.uniform(*of.roll)),
        bend=float(rng.uniform(*of.bend)),
        lean=float(rng.normal(0, 4)),
        head_turn=float(rng.normal(0, 18)),
        upright=of.upright,
        point=float(np.clip(of.point + rng.normal(0, 0.08), 0, 1)),
    )
    first = 0 if of.paired else int(rng.integers(len(of.arms)))
    second = 1 if of.paired else int(rng.integers(len(of.arms)))
    left, right = of.legs[int(rng.integers(len(of.legs)))]
    stance = replace(
        stance,
        left_arm=_loose(rng, of.arms[first], 0.11),
        right_arm=_loose(rng, of.arms[second], 0.11),
        left_leg=_loose(rng, left, 0.06),
        right_leg=_loose(rng, right, 0.06),
    )
    return mirrored(stance) if rng.uniform() < 0.5 else stance


def mirrored(stance: Stance) -> Stance:
    """The same stance with left and right exchanged."""
    return replace(
        stance,
        left_arm=stance.right_arm,
        right_arm=stance.left_arm,
        left_leg=stance.right_leg,
        right_leg=stance.left_leg,
        view=-stance.view,
        roll=-stance.roll,
        lean=-stance.lean,
        head_turn=-stance.head_turn,
    )


def _loose(rng: np.random.Generator, limb: Limb, amount: float) -> Limb:
    """The limb a little off."""

    def moved(direction: Direction) -> Direction:
        out, down, forward = (float(v) for v in np.add(direction, rng.normal(0, amount, 3)))
        return out, down, forward

    return Limb(moved(limb.upper), moved(limb.lower))
