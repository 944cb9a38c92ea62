"""Draws the sheet of looks in the guide of composing: pictures without and with them.

    python docs/looks_sheet.py

Figures and scenes are drawn by the project (packages/kirinuki-draw), in a temporary folder.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from kirinuki.compose.compose import compose
from kirinuki.compose.library import Library
from kirinuki.compose.recipe import Recipe
from kirinuki_draw.library import DrawJob, draw_library

ROOT = Path(__file__).parents[1]
RECIPE = Recipe(
    side=(300, 300), aspects=((3, 4),), counts=(0, 0.7, 0.3), close_up=0, small=0, objects=0,
    plain_background=0, dialogue_box=0, text=0, speed_lines=0, manga=0, night=0, compression=0,
    posters=0, outline=0, noise=0, blur=0, cut_off=0, recolour=0, limbs=0, lying=0,
)  # fmt: skip
WITHOUT = replace(RECIPE, recolour_parts=0, adorn=0, illustrate=0)
WITH = replace(RECIPE, recolour_parts=0.8, adorn=0.9, illustrate=0.9)
COLUMNS = 8
QUALITY = 84


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        drawn = Path(folder)
        draw_library(DrawJob(drawn, 24, seed=5))
        library = Library.load(
            drawn / "sprites", drawn / "backgrounds", None, drawn / "manifest.csv"
        )
        rows = [
            np.hstack([compose(library, recipe, seed).picture for seed in range(COLUMNS)])
            for recipe in (WITHOUT, WITH)
        ]
    sheet = Image.fromarray(np.vstack(rows))
    sheet.save(ROOT / "docs" / "pictures" / "looks.jpg", quality=QUALITY)


if __name__ == "__main__":
    main()
