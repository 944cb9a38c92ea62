"""`CharacterSpec`: everything that tells one drawn character from another.

Not covered: choosing one at random (`draw.random_spec`) and drawing it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kirinuki_draw.strokes.colour import Colour
from kirinuki_draw.strokes.parts import Parts
from kirinuki_draw.strokes.stance import Stance

HairStyle = Literal[
    "long", "bob", "ponytail", "twintails", "short", "blown", "drills", "buns", "braids",
    "side tail", "high tail", "spiky",
]  # fmt: skip
Mood = Literal["smile", "laugh", "calm", "surprised", "closed"]
Outfit = Literal["sailor", "shirt", "dress", "hoodie", "yukata"]
Bottom = Literal["skirt", "trousers", "shorts"]
Extra = Literal["bow", "straw hat", "cat ears", "glasses", "headphones", "cape"]
Gender = Literal["female", "male"]
HandPose = Literal["relaxed", "open", "fist", "none"]
Held = Literal[
    "nothing", "popsicle", "sunflower", "bag", "sword", "katana", "great sword", "staff", "spear",
    "scythe", "gun", "pistol", "shield", "umbrella", "closed umbrella", "book", "open book",
    "phone", "broom", "guitar", "fan", "bouquet", "flag", "balloon",
]  # fmt: skip


@dataclass(frozen=True)
class Arm:
    """Degrees from straight down, outwards positive; `hand` is turned against the forearm.

    What is `held` needs a fist around it. An arm that is not in `front` lies behind the body.
    """

    upper: float = 14.0
    fore: float = 4.0
    hand: float = 0.0
    pose: HandPose = "relaxed"
    front: bool = True
    held: Held = "nothing"
    reach: float = 1.0
    """Length of the forearm seen by the viewer: below 1 it points towards us."""


@dataclass(frozen=True)
class Leg:
    """Degrees from straight down, outwards positive; the shin turns by `knee` against the thigh."""

    out: float = 2.5
    knee: float = 0.5
    reach: float = 1.0
    """Length of the thigh seen by the viewer: below 1 the knee comes towards us."""


@dataclass(frozen=True)
class Pose:
    """How the figure stands. Left and right are the viewer's."""

    left: Arm = field(default_factory=Arm)
    right: Arm = field(default_factory=Arm)
    lean: float = 0.0
    sway: float = 0.0
    left_leg: Leg = field(default_factory=Leg)
    right_leg: Leg = field(default_factory=Leg)


@dataclass(frozen=True)
class CharacterSpec:
    """One character. Lengths in head units (head = 100), angles in degrees.

    Attributes:
        girl: build of the body: narrow shoulders and wide hips, or the other way round.
        age: 1 for a teenager of six and a half heads; 0 for a chibi of three.
        yaw: the way the face looks, -1 (three quarters to the left) to 1.
        tilt: of the head, clockwise.
        wind: blows hair, skirts and ribbons to the left (negative) or right, about -1 to 1.
        seed: small differences: where locks fall, how wide they are.
        stance: a pose in space; with it, of `pose` only the hands and what they hold count, and
            `yaw` and `tilt` follow from it.
        bottom: worn under a shirt or hoodie; the other outfits have their own.
    """

    girl: bool = True
    age: float = 1.0
    yaw: float = 0.4
    tilt: float = 0.0
    wind: float = 0.5
    seed: int = 0
    skin: Colour = (1.000, 0.890, 0.820)
    hair: Colour = (0.541, 0.353, 0.290)
    hair_style: HairStyle = "long"
    hair_length: float = 190.0
    eyes: Colour = (0.247, 0.561, 0.816)
    eye_open: float = 1.0
    mood: Mood = "smile"
    outfit: Outfit = "sailor"
    cloth: Colour = (0.984, 0.980, 0.969)
    second: Colour = (0.184, 0.247, 0.431)
    accent: Colour = (0.847, 0.204, 0.290)
    bottom: Bottom = "skirt"
    long_sleeves: bool = False
    extras: frozenset[Extra] = frozenset()
    parts: Parts = field(default_factory=Parts)
    pose: Pose = field(default_factory=Pose)
    stance: Stance | None = None

    @property
    def gender(self) -> Gender:
        """How the character presents; hair, clothes, face and build follow it, with overlap."""
        return "female" if self.girl else "male"
