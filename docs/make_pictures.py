"""Draws the pictures of the README with the package's model: the demo's, the clip, twelve scenes.

python docs/make_pictures.py
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from twelve_scenes import scenes

from kirinuki import Segmenter, read_picture
from kirinuki.cli.demo import EXAMPLE
from kirinuki.instances import Instances
from kirinuki.render.cutout import cutout, everyone
from kirinuki.render.fonts import font_of
from kirinuki.render.overlay import overlay
from kirinuki.tracking import track
from kirinuki.video import read

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


def cutouts_in_a_row(
    picture: NDArray[np.uint8], found: Instances, size: tuple[int, int]
) -> Image.Image:
    """Every character for itself, from left to right, on a checkerboard (width, height)."""
    board = checkerboard(*size)
    order = np.argsort(found.boxes[:, 0])
    shares = np.maximum(found.boxes[order, 2] - found.boxes[order, 0], 1)
    x = 0.0
    for index, share in zip(order, shares / max(float(shares.sum()), 1), strict=True):
        room = share * size[0]
        character = Image.fromarray(cutout(picture, found, int(index)))
        character.thumbnail((max(round(room) - 8, 1), size[1] - 8))
        corner = round(x + (room - character.width) / 2), (size[1] - character.height) // 2
        board.paste(character, corner, character)
        x += room
    return board


def twelve_results(segmenter: Segmenter) -> Image.Image:
    """Twelve drawn scenes, two a row: each picture with what was found, and its cutouts."""
    half = (WIDTH - GAP) // 2
    wide, title = (half - 4) // 2, 20
    high = round(wide * 400 / 640)
    drawn = scenes()
    page = Image.new("RGB", (WIDTH, (len(drawn) + 1) // 2 * (high + title + GAP)), PAPER)
    pen = ImageDraw.Draw(page)
    for i, scene in enumerate(drawn):
        picture = scene.picture(i)
        found = segmenter(picture)
        x, y = i % 2 * (half + GAP), i // 2 * (high + title + GAP)
        pen.text((x + 2, y + 3), scene.title, fill=(52, 56, 70), font=font_of(13))
        shown = Image.fromarray(overlay(picture, found)).resize(
            (wide, high), Image.Resampling.LANCZOS
        )
        page.paste(shown, (x, y + title))
        page.paste(cutouts_in_a_row(picture, found, (wide, high)), (x + wide + 4, y + title))
    return page


SHOWN = (20, 42, 80, 130)
"""Frames of the example clip that are shown."""


def clip_results(segmenter: Segmenter) -> Image.Image:
    """Four frames of the example clip: above with ids, below all characters cut out."""
    wide = (WIDTH - GAP * (len(SHOWN) - 1)) // len(SHOWN)
    high = round(wide * 9 / 16)
    page = Image.new("RGB", (WIDTH, 2 * high + GAP), PAPER)
    with read(ROOT / "examples" / "clip.mp4") as video:
        for number, tracked in enumerate(track(segmenter, video)):
            if number not in SHOWN:
                continue
            x = SHOWN.index(number) * (wide + GAP)
            found = tracked.instances
            numbered = replace(found, scores=np.ones_like(found.scores))
            shown = Image.fromarray(overlay(tracked.frame.rgb, numbered))
            page.paste(shown.resize((wide, high), Image.Resampling.LANCZOS), (x, 0))
            alone = Image.fromarray(everyone(tracked.frame.rgb, found, tracked.frame.alpha))
            alone = alone.resize((wide, high), Image.Resampling.LANCZOS)
            board = checkerboard(wide, high)
            board.paste(alone, (0, 0), alone)
            page.paste(board, (x, high + GAP))
    return page


def main() -> None:
    folder = ROOT / "docs" / "pictures"
    folder.mkdir(exist_ok=True)
    segmenter = Segmenter.load()
    picture = read_picture(EXAMPLE).rgb
    before_after(picture, segmenter).save(folder / "before_after.jpg", quality=88)
    twelve_results(segmenter).save(folder / "twelve_results.jpg", quality=82)
    clip_results(segmenter).save(folder / "clip_results.jpg", quality=86)


if __name__ == "__main__":
    main()
