"""`Parts`: what a character carries besides body, clothes and hair: wings, capes, hats, armour.

All of it belongs to the character's alpha. Not covered: things in the hand (`spec.Held`), drawing
(`wings`, `tails`, `capes`, `ribbons`, `headgear`, `ears`, `armour`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WingKind = Literal["none", "feather", "bat", "butterfly", "fairy"]
TailKind = Literal["none", "cat", "fox", "dragon", "devil"]
EarKind = Literal["none", "cat", "fox", "rabbit", "elf"]
HornKind = Literal["none", "devil", "ram", "oni"]
CapeKind = Literal["none", "cloak", "tattered", "short"]
BowKind = Literal["none", "head", "back", "waist"]
HatKind = Literal[
    "none", "witch", "wide", "cap", "crown", "helmet", "beret", "top hat", "veil", "hood"
]
GlassesKind = Literal["none", "round", "square", "sun", "goggles"]
ArmourKind = Literal["none", "light", "heavy"]
GearKind = Literal["none", "sheath", "quiver", "backpack"]
FringeKind = Literal["usual", "hime", "parted", "swept", "one eye", "back"]


@dataclass(frozen=True)
class Parts:
    """The parts of one character; all defaults draw nothing.

    Attributes:
        size: of wings, tail, cape, bow and hat, about 0.7 to 1.4.
        scarf: length of its ends in head units, 0 for no scarf.
        streamers: how many long ribbons fly from the waist.
        updraft: lifts hair, capes and ribbons: 0 hanging, 1 level with the wind, 2 upwards.
        gear: what hangs at the hip or on the back.
        fringe: how the hair falls over the forehead.
        strays: share of hair that has left the mass, 0 to 1.
    """

    wings: WingKind = "none"
    tail: TailKind = "none"
    ears: EarKind = "none"
    horns: HornKind = "none"
    halo: bool = False
    cape: CapeKind = "none"
    bow: BowKind = "none"
    hat: HatKind = "none"
    glasses: GlassesKind = "none"
    armour: ArmourKind = "none"
    gear: GearKind = "none"
    fringe: FringeKind = "usual"
    size: float = 1.0
    scarf: float = 0.0
    streamers: int = 0
    updraft: float = 0.0
    strays: float = 0.0
