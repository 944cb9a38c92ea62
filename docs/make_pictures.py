"""Draws the pictures of the README from examples/ with the model inside the package.

python docs/make_pictures.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki import Segmenter, read_picture
from kirinuki.cutout import cutout
from kirinuki.render import overlay

ROOT = Path(__file__).parents[1]
WIDTH = 1280
GAP = 12
PAPER = (236, 239, 244)


def checkerboard(width: int, height: int, cell: int = 12) -> Image.Image:
    """What transparent means to everyone, (height, width)."""
    rows, columns = np.mgrid[0:height, 0:width] // cell
    light = ((rows + columns) % 2 == 0)[..., None]
    return Image.fromarray(np.where(light, 255, 226).astype(np.uint8).repeat(3, axis=2))


def before_after(picture: NDArray[np.uint8], segmenter: Segmenter) -> Image.Image:
    """The picture and its overlay; below them one cutout per character, from left to right."""
    found = segmenter(picture)
    half = (WIDTH - GAP) // 2
    height = round(half * picture.shape[0] / picture.shape[1])
    order = np.argsort(found.boxes[:, 0])
    cut_width = (WIDTH - GAP * (len(found) - 1)) // max(len(found), 1)
    page = Image.new("RGB", (WIDTH, height + GAP + round(cut_width * 1.3)), PAPER)
    for i, shown in enumerate((picture, overlay(picture, found))):
        page.paste(Image.fromarray(shown).resize((half, height)), (i * (half + GAP), 0))
    for i, index in enumerate(order):
        board = checkerboard(cut_width, page.height - height - GAP)
        character = Image.fromarray(cutout(picture, found, int(index)))
        character.thumbnail((board.width - 20, board.height - 20))
        corner = (board.width - character.width) // 2, board.height - character.height - 10
        board.paste(character, corner, character)
        page.paste(board, (i * (cut_width + GAP), height + GAP))
    return page


def main() -> None:
    folder = ROOT / "docs" / "pictures"
    folder.mkdir(exist_ok=True)
    picture = read_picture(ROOT / "examples" / "scene.png").rgb
    before_after(picture, Segmenter.load()).save(folder / "before_after.jpg", quality=88)


if __name__ == "__main__":
    main()
