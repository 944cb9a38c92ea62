"""Twelve drawn scenes for the sheet of results: characters of every kind, drawn by code alone.

Not covered: cutting them and laying out the sheet (`make_pictures`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki_draw.draw import AFTERNOON, SUNSET, CharacterSpec, Figure, Hour, draw_scene
from kirinuki_draw.strokes.colour import rgb
from kirinuki_draw.strokes.parts import Parts
from kirinuki_draw.strokes.spec import Arm, Held, Leg, Pose

SIZE_HW = (400, 640)
NIGHT = replace(
    SUNSET,
    sky=((0.0, "#0b1030"), (0.3, "#16204f"), (0.5, "#2b3a73"), (0.6, "#4a5a94")),
    glow="#c9d6ff",
    wisps="#3a4678",
    cloud=((0.0, "#141a3a"), (0.5, "#232c58"), (1.0, "#46538a")),
    water=((0.0, "#45548c"), (0.25, "#1c2757"), (1.0, "#0a1030")),
    ripple="#5a6aa8",
    haze="#4a5aa0",
    rim=(0.6, 0.7, 1.0),
    tint=(0.50, 0.54, 0.78),
)


@dataclass(frozen=True)
class DrawnScene:
    """A title, the figures from back to front, the light, and what happens to the picture."""

    title: str
    figures: tuple[Figure, ...]
    hour: Hour = AFTERNOON
    finish: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] | None = None

    def picture(self, seed: int) -> NDArray[np.uint8]:
        """(400, 640, 3) uint8 RGB."""
        drawn = draw_scene(self.figures, SIZE_HW, seed, self.hour).picture
        return self.finish(drawn) if self.finish else drawn


def _manga(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey with harder contrast and a dot screen in the middle tones."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float64) / 255
    y, x = np.mgrid[: grey.shape[0], : grey.shape[1]]
    dots = 0.5 + 0.25 * (np.cos((x + y) * np.pi / 2.5) + np.cos((x - y) * np.pi / 2.5))
    grey = np.clip((grey - 0.5) * 1.35 + 0.56, 0, 1)
    middle = np.clip(1 - np.abs(grey - 0.5) / 0.35, 0, 1)
    inked = np.clip(grey + (dots - 0.5) * 0.35 * middle, 0, 1)
    result: NDArray[np.uint8] = (inked[..., None].repeat(3, axis=2) * 255).astype(np.uint8)
    return result


def _worn(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As a film that was compressed too often."""
    small = cv2.resize(picture, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 28])
    back = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]
    result: NDArray[np.uint8] = cv2.resize(back, (picture.shape[1], picture.shape[0]))
    return result


_STAND = Pose(left=Arm(12, 6), right=Arm(14, 5))
_OUT = Pose(left=Arm(80, 12, 0, "open"), right=Arm(62, 40, 0, "open"), left_leg=Leg(16, -6))
_RUN = Pose(
    left=Arm(52, -60, 0, "fist"), right=Arm(38, 78, 0, "fist"), lean=8,
    left_leg=Leg(42, -72), right_leg=Leg(30, -10),
)  # fmt: skip
_RED, _BLUE, _TEAL, _GOLD, _PLUM = (
    rgb(code) for code in ("#c8323f", "#3557b7", "#2e8f86", "#d9a13a", "#6b3a78")
)


def _holding(held: Held, upper: float = 46, fore: float = 66) -> Pose:
    return Pose(left=Arm(upper, fore, 0, "fist", held=held), right=Arm(16, 8), right_leg=Leg(8, -2))


_PLAIN_GIRL = CharacterSpec(pose=_STAND)
_PLAIN_BOY = CharacterSpec(
    girl=False, hair_style="short", outfit="shirt", bottom="trousers", pose=_STAND
)
_TWINTAILS = replace(
    _PLAIN_GIRL, seed=65, hair=rgb("#e79ab0"), hair_style="twintails", hair_length=230, wind=0.6,
    yaw=0.5,
)  # fmt: skip
_LONG_HAIR = replace(
    _PLAIN_GIRL, seed=66, hair=rgb("#2f3050"), hair_length=280, yaw=-0.5,
    parts=Parts(bow="head"), accent=_RED,
)  # fmt: skip
_YUKATA = replace(
    _PLAIN_BOY, seed=68, hair=rgb("#8fa7b8"), outfit="yukata", cloth=rgb("#35506e"), yaw=-0.4,
    second=_TEAL, pose=Pose(left=Arm(14, 6), right=Arm(20, 100, 0, "open")),
)  # fmt: skip
_READER = replace(
    _PLAIN_BOY, seed=72, hair=rgb("#4b3a44"), parts=Parts(glasses="square"), yaw=-0.3,
    pose=_holding("book"),
)  # fmt: skip
_GUITARIST = replace(
    _PLAIN_BOY, seed=81, hair=rgb("#5f8f86"), hair_style="blown", hair_length=120,
    pose=_holding("guitar", 64, 52),
)  # fmt: skip


def _close_up() -> DrawnScene:
    pale = replace(
        _PLAIN_GIRL, seed=80, hair=rgb("#f1eef4"), hair_length=250, outfit="dress", wind=0.7,
        cloth=rgb("#bcd8ee"),
    )  # fmt: skip
    figures = (Figure(_LONG_HAIR, 420, 300, 190), Figure(pale, 215, 330, 200))
    return DrawnScene("close-up, hair over hair", figures, SUNSET)


def _cape() -> DrawnScene:
    knight = replace(
        _PLAIN_BOY, seed=61, hair=rgb("#d8b24a"), accent=_RED, wind=0.9, outfit="hoodie",
        parts=Parts(cape="cloak", armour="heavy", updraft=0.8), cloth=rgb("#3d4460"),
        pose=_holding("great sword", 60, 40),
    )  # fmt: skip
    return DrawnScene("cape and great sword", (Figure(knight, 330, 125, 60),))


def _night() -> DrawnScene:
    mage = replace(
        _PLAIN_GIRL, seed=79, hair=rgb("#6f7fc8"), hair_style="blown", hair_length=360, wind=0.9,
        outfit="dress", accent=_TEAL, cloth=rgb("#26324f"), pose=_holding("staff"),
        parts=Parts(cape="tattered", updraft=0.9),
    )  # fmt: skip
    butler = replace(
        _PLAIN_BOY, seed=74, hair=rgb("#2c2a33"), parts=Parts(hat="top hat", scarf=120)
    )
    return DrawnScene("night", (Figure(mage, 250, 130, 58), Figure(butler, 480, 140, 60)), NIGHT)


def _wings() -> DrawnScene:
    angel = replace(
        _PLAIN_GIRL, seed=63, hair=rgb("#f0d79a"), hair_length=300, outfit="dress", accent=_GOLD,
        parts=Parts(wings="feather", halo=True), cloth=rgb("#f3efe6"), pose=_OUT,
    )  # fmt: skip
    demon = replace(
        _PLAIN_BOY, seed=64, hair=rgb("#3a3550"), hair_style="spiky", accent=_PLUM, yaw=-0.4,
        parts=Parts(wings="bat", horns="devil", tail="devil"), cloth=rgb("#e9e4ea"), pose=_OUT,
    )  # fmt: skip
    return DrawnScene("wings", (Figure(angel, 190, 135, 52), Figure(demon, 460, 140, 52)))


def _witch() -> DrawnScene:
    witch = replace(
        _PLAIN_GIRL, seed=62, hair=rgb("#7a4f9a"), hair_style="blown", hair_length=260, yaw=-0.3,
        outfit="dress", wind=-0.8, cloth=rgb("#3a2f52"), second=_PLUM, pose=_holding("broom"),
        parts=Parts(hat="witch", size=1.1, updraft=0.4),
    )  # fmt: skip
    fox = replace(
        _PLAIN_GIRL, seed=67, hair=rgb("#e0903f"), hair_length=210, outfit="yukata", second=_BLUE,
        cloth=rgb("#7a4fa0"), parts=Parts(ears="fox", tail="fox", size=1.2), pose=_holding("fan"),
    )  # fmt: skip
    figures = (Figure(witch, 200, 150, 58), Figure(fox, 440, 130, 60))
    return DrawnScene("witch and fox", figures, SUNSET)


def _running() -> DrawnScene:
    boy = replace(
        _PLAIN_BOY, seed=69, hair=rgb("#c0562f"), hair_style="spiky", outfit="hoodie", wind=-0.9,
        bottom="shorts", pose=_RUN, cloth=rgb("#3f7f9f"), second=_BLUE,
        parts=Parts(scarf=280, updraft=1.0),
    )  # fmt: skip
    girl = replace(
        _PLAIN_GIRL, seed=70, hair=rgb("#4f9fb0"), hair_style="high tail", hair_length=240,
        outfit="hoodie", bottom="shorts", cloth=rgb("#e8e2d4"), pose=_RUN, wind=-0.9, second=_PLUM,
    )  # fmt: skip
    return DrawnScene("running", (Figure(girl, 430, 125, 55), Figure(boy, 240, 130, 58)))


def _umbrella() -> DrawnScene:
    girl = replace(
        _PLAIN_GIRL, seed=71, hair=rgb("#a8626a"), hair_style="bob", accent=_RED,
        pose=_holding("umbrella", 30, 95),
    )  # fmt: skip
    figures = (Figure(_READER, 400, 170, 75), Figure(girl, 270, 180, 78))
    return DrawnScene("under an umbrella", figures)


def _grey() -> DrawnScene:
    lady = replace(
        _PLAIN_GIRL, seed=73, hair=rgb("#f0cf7a"), hair_style="drills", hair_length=190, yaw=-0.4,
        outfit="dress", accent=_BLUE, cloth=rgb("#f6dbe4"), parts=Parts(hat="wide"), mood="laugh",
    )  # fmt: skip
    figures = (Figure(_YUKATA, 400, 190, 95), Figure(lady, 240, 200, 98))
    return DrawnScene("grey manga", figures, finish=_manga)


def _small() -> DrawnScene:
    small = replace(_PLAIN_GIRL, age=0.1)
    four = (
        replace(small, seed=75, hair=rgb("#7fb0cf"), hair_style="buns",
                parts=Parts(wings="butterfly")),
        replace(_PLAIN_BOY, age=0.12, seed=76, hair=rgb("#8a5a4a"), accent=_RED,
                parts=Parts(hat="crown", cape="short")),
        replace(small, seed=77, hair=rgb("#d9d6e2"), outfit="dress", cloth=rgb("#f3c3cf"),
                parts=Parts(ears="rabbit")),
        replace(small, seed=78, hair=rgb("#e8c27a"), hair_style="braids", hair_length=170,
                pose=_holding("bouquet")),
    )  # fmt: skip
    figures = [Figure(who, 95 + 150 * i, 200 + 12 * (i % 2), 82) for i, who in enumerate(four)]
    return DrawnScene("small ones", tuple(figures))


def _crowd() -> DrawnScene:
    row = (
        (_YUKATA, 130, 150, 50), (_TWINTAILS, 520, 155, 50), (_GUITARIST, 235, 160, 54),
        (_READER, 420, 165, 54), (_LONG_HAIR, 325, 180, 60),
    )  # fmt: skip
    return DrawnScene("a crowd", tuple(Figure(*placed) for placed in row))


def _worn_film() -> DrawnScene:
    dragon = replace(
        _PLAIN_GIRL, seed=82, hair=rgb("#c8503c"), hair_style="side tail", hair_length=220,
        outfit="hoodie", bottom="shorts", second=_TEAL, pose=_OUT, yaw=-0.3,
        parts=Parts(tail="dragon", horns="ram"),
    )  # fmt: skip
    figures = (Figure(dragon, 390, 140, 60), Figure(_GUITARIST, 200, 150, 64))
    return DrawnScene("worn film", figures, SUNSET, _worn)


def scenes() -> tuple[DrawnScene, ...]:
    """The twelve, from plain to hard."""
    plain = DrawnScene("one figure", (Figure(_TWINTAILS, 320, 130, 62),))
    others = (
        _close_up, _cape, _night, _wings, _witch, _running, _umbrella, _grey, _small, _crowd,
        _worn_film,
    )  # fmt: skip
    return (plain, *(scene() for scene in others))
