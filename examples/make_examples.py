"""Draw the pictures of this folder again: ``python examples/make_examples.py``.

Needs the drawing library: ``pip install "kirinuki[dev]"``. Same Skia, same pixels.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PIL import Image

from kirinuki.data.coco import (
    Annotation,
    Category,
    CocoDataset,
    CocoImage,
    annotation_from_mask,
    write_coco,
)
from kirinuki.data.draw import CharacterSpec, Figure, Scene, draw_scene
from kirinuki.data.drawing.colour import rgb
from kirinuki.data.drawing.spec import Arm, Pose


def scene() -> Scene:
    """Three friends on the promenade: the picture that people see first."""
    boy = CharacterSpec(
        girl=False, hair_style="short", hair=rgb("#39436b"), eyes=rgb("#b9762f"), seed=2,
        yaw=0.6, tilt=5, wind=0.7, mood="smile", outfit="shirt", accent=rgb("#3f74b5"),
        second=rgb("#3d4157"),
        pose=Pose(left=Arm(16, -112, 0, "fist", held="popsicle"), right=Arm(14, 6), lean=-3),
    )  # fmt: skip
    girl = CharacterSpec(
        hair_style="long", hair=rgb("#b0606e"), hair_length=225, eyes=rgb("#3a8fd0"), seed=1,
        yaw=-0.5, tilt=-5, wind=0.95, mood="laugh", bow=True, accent=rgb("#e03a50"),
        second=rgb("#31447c"),
        pose=Pose(left=Arm(20, -4, 0, "fist", held="bag"), right=Arm(52, 150, 12, "open"), sway=6),
    )  # fmt: skip
    friend = CharacterSpec(
        hair_style="long", hair=rgb("#ecc983"), hair_length=150, eyes=rgb("#45a276"), seed=5,
        yaw=-0.55, tilt=4, wind=0.8, mood="smile", outfit="dress", hat=True,
        second=rgb("#4f93d0"), accent=rgb("#4f93d0"),
        pose=Pose(left=Arm(12, -88, 0, "fist", held="sunflower"), right=Arm(126, 76, 10, "open"), lean=3),
    )  # fmt: skip
    figures = (
        Figure(boy, 400, 290, 158),
        Figure(friend, 925, 335, 150),
        Figure(girl, 640, 305, 166),
    )
    return draw_scene(figures, (720, 1280), seed=1)


EXAMPLES: dict[str, Callable[[], Scene]] = {"scene": scene}


def write(name: str, drawn: Scene, folder: Path) -> None:
    """NAME.png, NAME.json (COCO) and alpha/NAME_1.png, … in the order of the figures."""
    height, width = drawn.picture.shape[:2]
    (folder / "alpha").mkdir(parents=True, exist_ok=True)
    Image.fromarray(drawn.picture).save(folder / f"{name}.png", optimize=True)
    annotations: list[Annotation] = []
    for i, alpha in enumerate(drawn.alphas, start=1):
        file = f"alpha/{name}_{i}.png"
        Image.fromarray(alpha).save(folder / file, optimize=True)
        made = annotation_from_mask(alpha >= 128, id=i, image_id=1, category_id=1)
        annotations.append(replace(made, alpha_file=file))
    image = CocoImage(1, f"{name}.png", height, width)
    dataset = CocoDataset((image,), tuple(annotations), (Category(1, "character"),))
    write_coco(dataset, folder / f"{name}.json", overwrite=True)


def main() -> None:
    """Write all examples into a folder, this one by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    folder = parser.parse_args().folder
    for name, draw in EXAMPLES.items():
        write(name, draw(), folder)
        print(folder / f"{name}.png")


if __name__ == "__main__":
    main()
