"""Chooses the `Parts`, the hair and the held things of a random character.

About two in five characters stay plain. Not covered: body, pose and clothes (`variety`).
"""

from __future__ import annotations

import colorsys
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from kirinuki_draw.strokes.colour import Colour
from kirinuki_draw.strokes.parts import Parts
from kirinuki_draw.strokes.spec import Arm, CharacterSpec, HairStyle, Held, Pose

_T = TypeVar("_T")

_GIRL_HAIR: dict[HairStyle, float] = {
    "long": 22, "blown": 16, "bob": 9, "ponytail": 7, "twintails": 10, "short": 7, "drills": 6,
    "buns": 7, "braids": 7, "side tail": 6, "high tail": 7, "spiky": 1,
}  # fmt: skip
_BOY_HAIR: dict[HairStyle, float] = {
    "short": 42, "spiky": 30, "long": 7, "blown": 8, "ponytail": 4, "high tail": 4, "bob": 4,
    "braids": 1,
}  # fmt: skip
# Odds of each part among characters that are not plain, for girls and for boys.
_ODDS: dict[str, tuple[float, float]] = {
    "cape": (0.16, 0.30), "wings": (0.17, 0.12), "tail": (0.13, 0.10), "ears": (0.17, 0.08),
    "horns": (0.08, 0.12), "halo": (0.05, 0.03), "bow": (0.20, 0.02), "hat": (0.30, 0.26),
    "glasses": (0.12, 0.20), "armour": (0.09, 0.24), "scarf": (0.15, 0.20),
    "streamers": (0.17, 0.09), "gear": (0.10, 0.18), "fringe": (0.6, 0.5),
}  # fmt: skip
_KINDS: dict[str, dict[Any, float]] = {
    "cape": {"cloak": 5, "tattered": 3, "short": 2},
    "wings": {"feather": 5, "bat": 3, "butterfly": 1.5, "fairy": 1.5},
    "tail": {"cat": 3, "fox": 3, "dragon": 2, "devil": 2},
    "ears": {"cat": 3, "fox": 3, "rabbit": 3, "elf": 2},
    "horns": {"devil": 3, "ram": 2, "oni": 2},
    "bow": {"head": 4, "back": 3, "waist": 3},
    "hat": {"witch": 4, "wide": 3, "cap": 3, "crown": 2, "helmet": 2, "beret": 2, "top hat": 2,
            "veil": 2, "hood": 3},
    "glasses": {"round": 3, "square": 4, "sun": 1.5, "goggles": 1.5},
    "armour": {"light": 1, "heavy": 1},
    "gear": {"sheath": 3, "quiver": 1.5, "backpack": 2},
    "fringe": {"hime": 2, "parted": 3, "swept": 3, "one eye": 2, "back": 1.5},
}  # fmt: skip
_HELD: dict[Held, float] = {
    "sword": 3, "katana": 3, "great sword": 2, "staff": 3, "spear": 2, "scythe": 1.5, "gun": 2,
    "pistol": 1.5, "shield": 2, "umbrella": 2, "closed umbrella": 1.5, "book": 2, "open book": 1,
    "phone": 3, "broom": 2, "guitar": 2, "fan": 2, "bouquet": 2, "flag": 1.5, "balloon": 0.7,
    "popsicle": 1, "sunflower": 1, "bag": 3,
}  # fmt: skip


def adorn(spec: CharacterSpec) -> CharacterSpec:
    """The same character with hair, parts and things in its hands, chosen by its seed."""
    rng = np.random.default_rng((spec.seed, 8))
    if rng.uniform() < 0.3:
        return spec
    if rng.uniform() < 0.4:
        spec = replace(spec, hair=_dyed(rng))
    hats_off = "straw hat" in spec.extras
    parts = _parts(rng, spec.girl, hats_off) if rng.uniform() < 0.8 else Parts()
    style = _weighted(rng, _GIRL_HAIR if spec.girl else _BOY_HAIR)
    updraft = float(rng.choice([0.0, 0.0, 0.5, 1.0, 1.6])) if style != "long" else 0.0
    extras = spec.extras
    if parts != Parts():
        extras = extras - {"cape", "cat ears", "headphones", "glasses"}
    if parts.bow != "none":
        extras = extras - {"bow"}
    return replace(
        spec,
        hair_style=style,
        hair_length=_length(rng, spec.girl, style),
        extras=extras,
        parts=replace(parts, updraft=updraft, strays=float(rng.uniform(0, 1))),
        pose=_holding(rng, spec.pose) if rng.uniform() < 0.35 else spec.pose,
    )


def _dyed(rng: np.random.Generator) -> Colour:
    """Hair of any hue, seldom as bright as a toy."""
    light, vivid = rng.uniform(0.2, 0.85), rng.uniform(0.15, 0.7)
    return colorsys.hls_to_rgb(float(rng.uniform()), float(light), float(vivid))


def _weighted(rng: np.random.Generator, weights: dict[_T, float]) -> _T:
    odds = np.array(list(weights.values()))
    return list(weights)[int(rng.choice(len(odds), p=odds / odds.sum()))]


def _length(rng: np.random.Generator, girl: bool, style: HairStyle) -> float:
    """Short to floor-long; the longest are rare."""
    if style == "spiky":
        return float(rng.uniform(60, 200))
    if not girl:
        return float(rng.uniform(80, 240 if style in ("blown", "high tail") else 150))
    top = 520.0 if rng.uniform() < 0.2 else 300.0
    return float(rng.uniform(90, top))


def _parts(rng: np.random.Generator, girl: bool, hats_off: bool) -> Parts:
    worn: dict[str, Any] = {}
    for name, (for_girls, for_boys) in _ODDS.items():
        if rng.uniform() >= (for_girls if girl else for_boys):
            continue
        if name == "scarf":
            worn[name] = float(rng.uniform(90, 330))
        elif name == "streamers":
            worn[name] = int(rng.integers(1, 5))
        elif name == "halo":
            worn[name] = True
        else:
            worn[name] = _weighted(rng, _KINDS[name])
    if worn.get("hat") == "hood":
        worn["cape"] = "cloak"
    if hats_off or worn.get("ears", "elf") != "elf" or "horns" in worn:
        worn.pop("hat", None)
    if "hat" in worn or hats_off:
        worn.pop("halo", None)
    if worn.get("bow") == "head" and ("hat" in worn or hats_off):
        worn["bow"] = "back"
    if "wings" in worn:
        worn.pop("cape", None)
    if "armour" in worn and "cape" not in worn and rng.uniform() < 0.3:
        worn["cape"] = "cloak"
    return Parts(size=float(rng.uniform(0.75, 1.3)), **worn)


def _holding(rng: np.random.Generator, pose: Pose) -> Pose:
    """Something in one hand, or different things in both."""
    left_first = bool(rng.uniform() < 0.5)
    both = bool(rng.uniform() < 0.12)
    left = _with_held(rng, pose.left) if left_first or both else pose.left
    right = _with_held(rng, pose.right) if not left_first or both else pose.right
    return replace(pose, left=left, right=right)


def _with_held(rng: np.random.Generator, arm: Arm) -> Arm:
    held = _weighted(rng, _HELD)
    if held == "bag" and arm.upper + arm.fore > 30:
        held = "book"  # a bag hangs down
    if held == "umbrella" and arm.upper + arm.fore < 60:
        held = "closed umbrella"  # an open one would hide the face
    return replace(arm, pose="fist", held=held)
