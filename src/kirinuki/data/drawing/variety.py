"""Choose a character at random, reproducibly."""

from __future__ import annotations

import colorsys
from typing import cast

import numpy as np

from kirinuki.data.drawing.colour import Colour, rgb
from kirinuki.data.drawing.spec import Arm, CharacterSpec, HairStyle, HandPose, Mood, Pose

_SKINS = ("#ffe3d1", "#ffe9dc", "#f7d3b8", "#e6b48f", "#c08a66", "#8f5f45")
_HAIRS = (
    "#8a5a4a", "#3a4263", "#e8c27a", "#4b3a44", "#a8626a", "#c9a0c8", "#7fb0cf", "#d98a5c",
    "#5f8f86", "#d9d6e2", "#2c2a33", "#e79ab0",
)  # fmt: skip


def random_spec(seed: int) -> CharacterSpec:
    """A character for a seed; the same seed always gives the same one."""
    rng = np.random.default_rng((seed, 0))
    girl = bool(rng.uniform() < 0.6)
    styles = ("long", "long", "bob", "ponytail", "twintails") if girl else ("short",)
    outfit = ("sailor", "dress")[int(rng.integers(2))] if girl else "shirt"
    return CharacterSpec(
        girl=girl,
        age=float(rng.choice([1.0, 1.0, 1.0, 0.75, 0.45, 0.2])),
        yaw=float(rng.uniform(-0.9, 0.9)),
        tilt=float(rng.normal(0, 6)),
        wind=float(rng.uniform(-1, 1)),
        seed=seed,
        skin=rgb(str(rng.choice(_SKINS, p=[0.3, 0.25, 0.2, 0.12, 0.08, 0.05]))),
        hair=rgb(str(rng.choice(_HAIRS))),
        hair_style=cast(HairStyle, str(rng.choice(styles))),
        hair_length=float(rng.uniform(90, 260)),
        eyes=_vivid(rng, 0.45, 0.6),
        eye_open=float(rng.uniform(0.8, 1.1)),
        mood=cast(Mood, str(rng.choice(["smile", "laugh", "calm", "surprised", "closed"]))),
        outfit=cast("HandPose", outfit),  # type: ignore[arg-type]
        cloth=_vivid(rng, 0.93, 0.4),
        second=_vivid(rng, float(rng.uniform(0.2, 0.5)), 0.45),
        accent=_vivid(rng, 0.5, 0.7),
        bow=girl and bool(rng.uniform() < 0.4),
        hat=girl and bool(rng.uniform() < 0.2),
        pose=_pose(rng),
    )


def _vivid(rng: np.random.Generator, light: float, saturation: float) -> Colour:
    return colorsys.hls_to_rgb(float(rng.uniform()), light, saturation)


def _pose(rng: np.random.Generator) -> Pose:
    return Pose(
        left=_arm(rng),
        right=_arm(rng),
        lean=float(rng.normal(0, 5)),
        sway=float(rng.normal(0, 6)),
        stance=float(rng.uniform(2, 26)),
    )


def _arm(rng: np.random.Generator) -> Arm:
    """Hanging, bent to the chest or the hip, raised, stretched out."""
    upper, fore = [(12, 6), (22, -60), (24, 118), (40, 95), (118, 30), (84, 10), (8, -95)][
        int(rng.integers(7))
    ]
    return Arm(
        upper=float(upper + rng.normal(0, 8)),
        fore=float(fore + rng.normal(0, 10)),
        hand=float(rng.normal(0, 12)),
        pose=cast(HandPose, str(rng.choice(["relaxed", "open", "fist"]))),
        front=True,
    )
