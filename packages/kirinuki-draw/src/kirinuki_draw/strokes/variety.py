"""Choose a character at random, reproducibly.

Poses and outlines vary most: they are what a detector has to learn.
"""

from __future__ import annotations

import colorsys
from dataclasses import replace
from typing import TypeVar, get_args

import numpy as np

from kirinuki_draw.strokes.adorn import adorn
from kirinuki_draw.strokes.colour import Colour, rgb
from kirinuki_draw.strokes.spec import (
    Arm,
    Bottom,
    CharacterSpec,
    Extra,
    HairStyle,
    HandPose,
    Leg,
    Mood,
    Outfit,
    Pose,
)
from kirinuki_draw.strokes.stances import random_stance

_T = TypeVar("_T")

_SKINS = ("#ffe3d1", "#ffe9dc", "#f7d3b8", "#e6b48f", "#c08a66", "#8f5f45")
_HAIRS = (
    "#8a5a4a", "#3a4263", "#e8c27a", "#4b3a44", "#a8626a", "#c9a0c8", "#7fb0cf", "#d98a5c",
    "#5f8f86", "#d9d6e2", "#2c2a33", "#e79ab0",
)  # fmt: skip
_GIRL_STYLES: tuple[HairStyle, ...] = ("long", "long", "bob", "ponytail", "twintails", "short")
_BOY_STYLES: tuple[HairStyle, ...] = ("short", "short", "short", "long", "ponytail")
_GIRL_WEAR: tuple[Outfit, ...] = ("sailor", "sailor", "dress", "hoodie", "yukata", "shirt")
_BOY_WEAR: tuple[Outfit, ...] = ("shirt", "shirt", "hoodie", "yukata")
_GIRL_BOTTOMS: tuple[Bottom, ...] = ("skirt", "skirt", "shorts", "trousers")
_BOY_BOTTOMS: tuple[Bottom, ...] = ("trousers", "trousers", "shorts")
# Upper arm and forearm: hanging, on the hip, waving, to the chest, raised, stretched, crossed.
_ARMS = (
    (12, 6),
    (38, -74),
    (24, 118),
    (40, 95),
    (14, -118),
    (118, 30),
    (150, 20),
    (84, 10),
    (8, -95),
)
# Thigh and knee: standing, wide, a step, a kick, on one leg, running.
_LEGS = ((2, 1), (2, 1), (10, -4), (16, 0), (30, -24), (48, -70), (26, -84), (62, -20))


_STANCES = 0.64
"""Share of characters drawn in a stance; the rest stand before us, as in most drawings."""


def random_spec(seed: int) -> CharacterSpec:
    """A character for a seed; the same seed always gives the same one."""
    rng = np.random.default_rng((seed, 0))
    girl = bool(rng.uniform() < 0.6)
    outfit = _one(rng, _GIRL_WEAR if girl else _BOY_WEAR)
    bottom = _one(rng, _GIRL_BOTTOMS if girl else _BOY_BOTTOMS)
    legs_free = outfit in ("shirt", "hoodie") and bottom != "skirt"
    plain = CharacterSpec(
        girl=girl,
        age=float(rng.choice([1.0, 1.0, 1.0, 0.75, 0.45, 0.2])),
        yaw=float(rng.uniform(-0.9, 0.9)),
        tilt=float(rng.normal(0, 7)),
        wind=float(rng.uniform(-1, 1)),
        seed=seed,
        skin=rgb(str(rng.choice(_SKINS, p=[0.3, 0.25, 0.2, 0.12, 0.08, 0.05]))),
        hair=rgb(str(rng.choice(_HAIRS))),
        hair_style=_one(rng, _GIRL_STYLES if girl else _BOY_STYLES),
        hair_length=float(rng.uniform(80, 270) if girl else rng.uniform(70, 140)),
        eyes=_vivid(rng, 0.45, 0.6),
        eye_open=float(rng.uniform(0.8, 1.1)),
        mood=_one(rng, get_args(Mood)),
        outfit=outfit,
        cloth=_cloth(rng, outfit),
        second=_vivid(rng, float(rng.uniform(0.2, 0.5)), float(rng.uniform(0.1, 0.5))),
        accent=_vivid(rng, 0.5, 0.65),
        bottom=bottom,
        long_sleeves=bool(rng.uniform() < 0.4),
        extras=_extras(rng, girl),
        pose=_pose(rng, 1.0 if legs_free else 0.35),
    )
    return _in_space(adorn(plain))


def _in_space(spec: CharacterSpec) -> CharacterSpec:
    """Most characters in a stance, of any build from chibi to eight heads; the rest stand."""
    rng = np.random.default_rng((spec.seed, 12))
    if rng.uniform() >= _STANCES:
        return spec
    return replace(
        spec,
        age=float(rng.choice([0.15, 0.4, 0.7, 1.0, 1.0, 1.15, 1.4])),
        stance=random_stance(rng),
        pose=replace(spec.pose, lean=0.0),
    )


def _one(rng: np.random.Generator, choices: tuple[_T, ...]) -> _T:
    return choices[int(rng.integers(len(choices)))]


def _vivid(rng: np.random.Generator, light: float, saturation: float) -> Colour:
    return colorsys.hls_to_rgb(float(rng.uniform()), light, saturation)


def _cloth(rng: np.random.Generator, outfit: Outfit) -> Colour:
    """Uniforms are white or nearly so, everything else has any colour."""
    if outfit in ("sailor", "shirt") and rng.uniform() < 0.7:
        return _vivid(rng, 0.94, 0.35)
    return _vivid(rng, float(rng.uniform(0.25, 0.9)), float(rng.uniform(0.15, 0.55)))


def _extras(rng: np.random.Generator, girl: bool) -> frozenset[Extra]:
    odds: dict[Extra, float] = {
        "bow": 0.3 if girl else 0.0,
        "cat ears": 0.12,
        "glasses": 0.15,
        "headphones": 0.1,
        "cape": 0.12,
    }
    worn = {extra for extra, odd in odds.items() if rng.uniform() < odd}
    return frozenset({"straw hat"} if girl and rng.uniform() < 0.15 else worn)


def _pose(rng: np.random.Generator, legs: float) -> Pose:
    """`legs`: how far legs may leave the vertical, 1 freely, 0 not at all."""
    return Pose(
        left=_arm(rng),
        right=_arm(rng),
        lean=float(rng.normal(0, 7)),
        sway=float(rng.normal(0, 6)),
        left_leg=_leg(rng, legs),
        right_leg=_leg(rng, legs),
    )


def _arm(rng: np.random.Generator) -> Arm:
    upper, fore = _one(rng, _ARMS)
    pose: HandPose = _one(rng, ("relaxed", "open", "fist"))
    return Arm(
        upper=float(upper + rng.normal(0, 9)),
        fore=float(fore + rng.normal(0, 11)),
        hand=float(rng.normal(0, 12)),
        pose=pose,
        front=bool(rng.uniform() < 0.9),
        reach=float(rng.uniform(0.75, 1.0)),
    )


def _leg(rng: np.random.Generator, free: float) -> Leg:
    out, knee = _one(rng, _LEGS)
    return Leg(
        out=float(free * (out + rng.normal(0, 4))),
        knee=float(free * (knee + rng.normal(0, 6))),
        reach=float(1 - free * rng.uniform(0, 0.25)),
    )
