"""Draws the sheet of groups in the guide of training: labelled characters pasted beside others.

    python docs/group_sheet.py

24 pictures as training makes them, of the project's own drawn characters (``examples/``), each
character in a colour of its own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from kirinuki.formats.registry import load_set
from kirinuki.geometry import mask_to_box
from kirinuki.instances import HARD_MASK_ALPHA
from kirinuki.training.pictures.dataset import LabelledPictures
from kirinuki.training.pictures.scene import Scene
from kirinuki.training.pictures.sources import merged

ROOT = Path(__file__).parents[1]
SETS = ("examples/scene.json", "examples/chibi.json", "examples/sunset.json", "examples/own_show")
COLOURS = ((255, 80, 80), (80, 200, 255), (255, 210, 60), (120, 255, 120), (220, 120, 255))
COLUMNS, ROWS = 6, 4
SIZE_HW = 200, 300
QUALITY = 82


def drawn(scene: Scene) -> Image.Image:
    """The scene with the edge of every character in its colour."""
    picture = scene.picture.copy()
    for i, alpha in enumerate(scene.alphas):
        mask = alpha >= HARD_MASK_ALPHA
        inner = mask.copy()
        for axis, step in ((0, 2), (0, -2), (1, 2), (1, -2)):
            inner &= np.roll(mask, step, axis)
        picture[mask & ~inner] = COLOURS[i % len(COLOURS)]
    return Image.fromarray(picture)


def main() -> None:
    whole = merged([load_set(ROOT / name) for name in SETS])
    pictures = LabelledPictures(whole, whole.names, 300, seed=1, augmented=True, pasted=1.0)
    sheet = Image.new("RGB", (COLUMNS * SIZE_HW[1], ROWS * SIZE_HW[0]))
    shown = 0
    for index in range(1000):
        scene = pictures.framed_scene(index, SIZE_HW)
        if len(scene.alphas) < 2 or not all(mask_to_box(a > 0) for a in scene.alphas):
            continue
        place = shown % COLUMNS * SIZE_HW[1], shown // COLUMNS * SIZE_HW[0]
        sheet.paste(drawn(scene), place)
        shown += 1
        if shown == COLUMNS * ROWS:
            break
    sheet.save(ROOT / "docs" / "pictures" / "groups.jpg", quality=QUALITY)


if __name__ == "__main__":
    main()
