"""Draw the pictures of this folder again: ``python examples/make_examples.py``.

Needs the drawing studio: ``pip install . ./packages/kirinuki-draw``. Same Skia, same pixels.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from kirinuki.formats.labelled import LabelledInstance, LabelledPicture
from kirinuki.formats.picture_ref import FileRef
from kirinuki.formats.registry import FORMATS
from kirinuki_draw.draw import (
    AFTERNOON,
    SUNSET,
    CharacterSpec,
    Figure,
    Hour,
    Scene,
    draw_scene,
)
from kirinuki_draw.strokes.colour import rgb
from kirinuki_draw.strokes.spec import Arm, Pose


@dataclass(frozen=True)
class Example:
    """What one example shows: the figures, the one furthest back first."""

    figures: tuple[Figure, ...]
    size_hw: tuple[int, int]
    seed: int
    hour: Hour = AFTERNOON

    def drawn(self) -> Scene:
        """The picture and its truth."""
        return draw_scene(self.figures, self.size_hw, self.seed, self.hour)


def scene() -> Example:
    """Three friends on the promenade: the picture that people see first."""
    boy = CharacterSpec(
        girl=False, hair_style="short", hair=rgb("#39436b"), eyes=rgb("#b9762f"), seed=2,
        yaw=0.6, tilt=5, wind=0.7, mood="smile", outfit="shirt", bottom="trousers",
        accent=rgb("#3f74b5"),
        second=rgb("#3d4157"),
        pose=Pose(left=Arm(16, -112, 0, "fist", held="popsicle"), right=Arm(14, 6), lean=-3),
    )  # fmt: skip
    girl = CharacterSpec(
        hair_style="long", hair=rgb("#b0606e"), hair_length=225, eyes=rgb("#3a8fd0"), seed=1,
        yaw=-0.5, tilt=-5, wind=0.95, mood="laugh",
        extras=frozenset({"bow"}), accent=rgb("#e03a50"),
        second=rgb("#31447c"),
        pose=Pose(left=Arm(20, -4, 0, "fist", held="bag"), right=Arm(52, 150, 12, "open"), sway=6),
    )  # fmt: skip
    friend = CharacterSpec(
        hair_style="long", hair=rgb("#ecc983"), hair_length=150, eyes=rgb("#45a276"), seed=5,
        yaw=-0.55, tilt=4, wind=0.8, mood="smile", outfit="dress",
        extras=frozenset({"straw hat"}),
        second=rgb("#4f93d0"), accent=rgb("#4f93d0"),
        pose=Pose(
            left=Arm(12, -88, 0, "fist", held="sunflower"), right=Arm(126, 76, 10, "open"), lean=3,
        ),
    )  # fmt: skip
    figures = (
        Figure(boy, 400, 290, 158),
        Figure(friend, 925, 335, 150),
        Figure(girl, 640, 305, 166),
    )
    return Example(figures, (720, 1280), seed=1)


def sunset() -> Example:
    """Two girls close up in the last light: hair over hair."""
    tails = CharacterSpec(
        hair_style="twintails", hair=rgb("#e9b9c8"), hair_length=190, eyes=rgb("#c25a8a"), seed=12,
        yaw=0.45, tilt=-6, wind=0.9, mood="laugh", accent=rgb("#5a6fc8"), second=rgb("#4a4678"),
        pose=Pose(left=Arm(30, 120, 0, "open"), right=Arm(12, 6)),
    )  # fmt: skip
    dark = CharacterSpec(
        hair_style="bob", hair=rgb("#4a4468"), eyes=rgb("#8a63c8"), seed=21,
        yaw=-0.45, tilt=6, wind=0.9, mood="closed",
        extras=frozenset({"bow"}), accent=rgb("#e0596b"),
        second=rgb("#4a4678"), pose=Pose(left=Arm(12, 8), right=Arm(14, 6)),
    )  # fmt: skip
    return Example(
        (Figure(tails, 300, 360, 230), Figure(dark, 540, 385, 235)), (540, 810), 4, SUNSET
    )


def chibi() -> Example:
    """Three small figures with large heads, one of them hidden in part."""
    cat = CharacterSpec(
        age=0.12, hair_style="ponytail", hair=rgb("#d98a5c"), hair_length=95, eyes=rgb("#3f9f8f"),
        seed=31, yaw=0.3, wind=0.5, mood="laugh", second=rgb("#7a3f5c"), accent=rgb("#f0b43c"),
        pose=Pose(left=Arm(120, 30, 0, "open"), right=Arm(40, 10, 0, "open")),
    )  # fmt: skip
    boy = CharacterSpec(
        girl=False, age=0.12, hair_style="short", hair=rgb("#8fa7b8"), eyes=rgb("#4a6fc0"),
        seed=32, yaw=-0.3, wind=0.5, mood="surprised", outfit="shirt",
        bottom="trousers", second=rgb("#5a4a3f"),
        accent=rgb("#c8503c"), pose=Pose(left=Arm(30, 40, 0, "open"), right=Arm(60, 60, 0, "open")),
    )  # fmt: skip
    hat = CharacterSpec(
        age=0.12, hair_style="long", hair=rgb("#5d4a44"), hair_length=120, eyes=rgb("#b0703a"),
        seed=33, yaw=-0.4, tilt=4, wind=0.6, mood="smile", outfit="dress",
        extras=frozenset({"straw hat"}),
        second=rgb("#e0707f"), cloth=rgb("#fff3c4"),
        pose=Pose(left=Arm(14, 0), right=Arm(14, -100, 0, "fist", held="sunflower")),
    )  # fmt: skip
    figures = (Figure(boy, 322, 275, 130), Figure(cat, 175, 300, 135), Figure(hat, 462, 300, 135))
    return Example(figures, (480, 640), 7)


EXAMPLES: dict[str, Callable[[], Example]] = {"scene": scene, "sunset": sunset, "chibi": chibi}


def write(name: str, drawn: Scene, folder: Path) -> None:
    """NAME.png, NAME.json (COCO) and alpha/NAME_1.png, … in the order of the figures."""
    height, width = drawn.picture.shape[:2]
    (folder / "alpha").mkdir(parents=True, exist_ok=True)
    Image.fromarray(drawn.picture).save(folder / f"{name}.png", optimize=True)
    instances: list[LabelledInstance] = []
    for i, alpha in enumerate(drawn.alphas, start=1):
        file = f"alpha/{name}_{i}.png"
        Image.fromarray(alpha).save(folder / file, optimize=True)
        found = LabelledInstance.from_mask(alpha >= 128, "character", alpha=folder / file)
        instances.append(found)
    ref = FileRef(folder / f"{name}.png")
    picture = LabelledPicture(ref, (height, width), tuple(instances), f"{name}.png")
    list(FORMATS["coco"].write([picture], ["character"], folder / f"{name}.json", True))


def main() -> None:
    """Write all examples into a folder, this one by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    folder = parser.parse_args().folder
    for name, draw in EXAMPLES.items():
        write(name, draw().drawn(), folder)
        print(folder / f"{name}.png")


if __name__ == "__main__":
    main()
