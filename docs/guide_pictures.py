"""Make the pictures of the guide: ``python docs/guide_pictures.py [RUN]``.

The frames that `kirinuki data frames` picks from the example clip, and how to label, from the drawn
show's own label files. With RUN, the folder of a training on episodes 1 to 3 of the show as the
guide says, with best.onnx in it, also its last validation sheet, what it finds in episode 4
beside what the default model finds, and what it cuts out there.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from kirinuki import Segmenter
from kirinuki.images.picture import read_picture
from kirinuki.render.cutout import cutout
from kirinuki.render.fonts import font_of
from kirinuki.render.overlay import overlay

ROOT = Path(__file__).parent.parent
SHOW = ROOT / "examples" / "own_show"
FOLDER = ROOT / "docs" / "pictures"
COLOURS = ("#ff4d6d", "#2f7bff", "#19a974", "#f5a300")
PANEL_WH = (620, 420)
TITLE = 46
GAP = 12
CUT_OUT = (3, 6, 7)
"""Pictures of episode 4 whose characters are shown cut out."""
INK, PAPER = "#1d2230", "#ffffff"


@dataclass(frozen=True)
class Lesson:
    """A part of a labelled picture, what it teaches, and the labels shown, by number from 0."""

    picture: str
    crop: tuple[int, int, int, int]
    title: str
    shapes: tuple[int, ...]


LESSONS = (
    Lesson(
        "episode_1/episode_1_03",
        (150, 0, 512, 245),
        "Hair, hat and what is held belong to them",
        (0, 1, 2),
    ),
    Lesson(
        "episode_2/episode_2_05",
        (150, 60, 410, 236),
        "In front of each other: each as far as it is seen",
        (0, 1, 2, 3),
    ),
    Lesson(
        "episode_2/episode_2_09",
        (290, 70, 512, 220),
        "Two parts, one character: the same group_id",
        (0, 1, 2, 3, 4),
    ),
    Lesson(
        "episode_4/episode_4_04",
        (130, 40, 500, 288),
        "No label: things on stands, a cauldron, a plant",
        (0, 1, 2, 3),
    ),
)


def lesson(one: Lesson) -> Image.Image:
    """A panel: the crop, enlarged, with outlines and their points as LabelMe shows them."""
    picture = Image.open(SHOW / f"{one.picture}.jpg").convert("RGB")
    record = json.loads((SHOW / f"{one.picture}.json").read_text(encoding="utf-8"))
    x1, y1, x2, y2 = one.crop
    scale = min(PANEL_WH[0] / (x2 - x1), PANEL_WH[1] / (y2 - y1))
    size = round((x2 - x1) * scale), round((y2 - y1) * scale)
    large = picture.crop(one.crop).resize(size, Image.Resampling.LANCZOS)
    layer = Image.new("RGBA", size)
    draw = ImageDraw.Draw(layer)
    groups: list[object] = []
    for number, shape in enumerate(record["shapes"]):
        if number not in one.shapes:
            continue
        key = shape["group_id"] or f"shape {number}"
        if key not in groups:
            groups.append(key)
        colour = COLOURS[groups.index(key) % len(COLOURS)]
        points = [((x + 0.5 - x1) * scale, (y + 0.5 - y1) * scale) for x, y in shape["points"]]
        draw.polygon(points, fill=f"{colour}38")
        draw.line([*points, points[0]], fill=colour, width=3, joint="curve")
        for x, y in points:
            draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill=PAPER, outline=colour, width=2)
    large.paste(layer, mask=layer)
    panel = Image.new("RGB", (PANEL_WH[0], PANEL_WH[1] + TITLE), PAPER)
    panel.paste(large, ((PANEL_WH[0] - size[0]) // 2, TITLE))
    ImageDraw.Draw(panel).text((8, TITLE // 2), one.title, INK, font_of(23), anchor="lm")
    return panel


def grid(panels: list[Image.Image], columns: int) -> Image.Image:
    """Panels of one size in rows."""
    width, height = panels[0].size
    rows = -(-len(panels) // columns)
    sheet = Image.new("RGB", (columns * (width + GAP) + GAP, rows * (height + GAP) + GAP), PAPER)
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        sheet.paste(panel, (GAP + column * (width + GAP), GAP + row * (height + GAP)))
    return sheet


def chosen_frames() -> Image.Image:
    """What `kirinuki data frames` keeps of the example clip, with its names."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from kirinuki.cli import main; main()"]
        clip = ROOT / "examples" / "clip.mp4"
        subprocess.run([*command, "data", "frames", str(clip), "-o", folder], check=True)
        return grid([named(path, 400) for path in sorted(Path(folder).rglob("*.png"))], 3)


def named(path: Path, width: int) -> Image.Image:
    """A picture of this width with its name above it."""
    picture = Image.open(path).convert("RGB")
    picture = picture.resize((width, picture.height * width // picture.width))
    panel = Image.new("RGB", (width, picture.height + TITLE), PAPER)
    panel.paste(picture, (0, TITLE))
    ImageDraw.Draw(panel).text((4, TITLE // 2), path.name, INK, font_of(20), anchor="lm")
    return panel


def cutouts(model: Path) -> Image.Image:
    """Some characters of the held-out episode, cut out, on a light colour."""
    segmenter = Segmenter.load(model)
    panels = []
    for number in CUT_OUT:
        rgb = read_picture(SHOW / "episode_4" / f"episode_4_{number:02d}.jpg").rgb
        found = segmenter(rgb)
        for i in range(len(found)):
            cut = Image.fromarray(cutout(rgb, found, i)).convert("RGBA")
            scale = 300 / max(cut.size)
            cut = cut.resize((round(cut.width * scale), round(cut.height * scale)))
            panel = Image.new("RGB", (300, 300), "#dbeee6")
            panel.paste(cut, ((300 - cut.width) // 2, (300 - cut.height) // 2), cut)
            panels.append(panel)
    return grid(panels, len(panels))


def before_and_after(model: Path) -> Image.Image:
    """Pictures of the held-out episode: what the default model finds, and what the new one does."""
    pictures = [SHOW / "episode_4" / f"episode_4_{number:02d}.jpg" for number in (1, 2, 5, 6, 9)]
    panels = []
    for title, segmenter in (
        ("the default model", Segmenter.load()),
        ("fine-tuned on 27 pictures", Segmenter.load(model)),
    ):
        for number, path in enumerate(pictures):
            rgb = read_picture(path).rgb
            panel = Image.new("RGB", (rgb.shape[1], rgb.shape[0] + TITLE), PAPER)
            panel.paste(Image.fromarray(np.asarray(overlay(rgb, segmenter(path)))), (0, TITLE))
            text = title if number == 0 else ""
            ImageDraw.Draw(panel).text((8, TITLE // 2), text, INK, font_of(26), anchor="lm")
            panels.append(panel.resize((panel.width * 3 // 4, panel.height * 3 // 4)))
    return grid(panels, len(pictures))


def main() -> None:
    chosen_frames().save(FOLDER / "frames.jpg", quality=84)
    grid([lesson(one) for one in LESSONS], 2).save(FOLDER / "labelling.jpg", quality=86)
    if len(sys.argv) > 1:
        run = Path(sys.argv[1])
        model = run / "best.onnx"
        sheet = Image.open(max((run / "validation").glob("*.png"))).convert("RGB")
        sheet.resize((sheet.width * 2 // 3, sheet.height * 2 // 3)).save(
            FOLDER / "validation.jpg", quality=84
        )
        before_and_after(model).save(FOLDER / "own_model.jpg", quality=84)
        cutouts(model).save(FOLDER / "own_cutouts.jpg", quality=84)


if __name__ == "__main__":
    main()
