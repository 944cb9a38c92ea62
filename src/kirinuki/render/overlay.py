"""Pictures for people to look at: an overlay of the characters found, and contact sheets.

Every character has its own colour, stable by its track id, or by its index in a single picture.

Not covered: cutouts, masks and new backgrounds (`cutout`), plots of numbers (`evaluation.plots`).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from kirinuki.errors import escaped
from kirinuki.geometry import Window
from kirinuki.instances import UNKNOWN_KIND, Instances
from kirinuki.render.fonts import font_of

Colour = tuple[int, int, int]
"""R, G, B in 0…255."""

_COLOURS: tuple[Colour, ...] = (
    (255, 77, 109),  # rose
    (38, 178, 255),  # sky
    (255, 176, 0),  # amber
    (139, 92, 246),  # violet
    (34, 197, 94),  # green
    (255, 115, 41),  # orange
    (6, 182, 180),  # teal
    (236, 72, 193),  # pink
    (74, 108, 250),  # blue
    (163, 201, 23),  # lime
    (192, 132, 252),  # lilac
    (180, 106, 60),  # brown
)
_INK: Colour = (24, 26, 32)
_WHITE: Colour = (255, 255, 255)
_FILL = 0.32
"""Share of the character's colour in the fill: the drawing under it stays readable."""


def colour_of(index: int) -> Colour:
    """Colour of the character with this index or track id: 12 well-separated hues, then the same
    hues lighter, then darker; it repeats after 36."""
    colour = np.array(_COLOURS[index % len(_COLOURS)])
    shade = index // len(_COLOURS) % 3
    if shade:
        colour = (colour + (0, 255, 30)[shade]) // 2
    red, green, blue = colour.tolist()
    return red, green, blue


def overlay(picture_rgb: NDArray[np.uint8], instances: Instances) -> NDArray[np.uint8]:
    """The picture with a soft fill, a thin contour and a label for each character.

    The label reads "name 0.93", with the track id and the kind where there is one, and without the
    score where it is exactly 1, as in hand-made labels. Pictures too small for legible text get no
    labels.

    Args:
        picture_rgb: (H, W, 3) uint8 RGB; not changed.
        instances: characters of this picture.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        ValueError: the instances are of a picture of another size.
    """
    if picture_rgb.shape[:2] != instances.size_hw:
        raise ValueError(
            f"instances are of a picture of {instances.size_hw} (height, width), "
            f"but got one of {picture_rgb.shape[:2]}"
        )
    drawn = picture_rgb.copy()
    line_width = max(1.2, max(instances.size_hw) / 600)
    for i in reversed(range(len(instances))):  # the surest character is drawn last, on top
        _draw_mask(
            drawn, instances.window(i), instances.alphas[i], _colour(instances, i), line_width
        )
    return _draw_labels(drawn, instances)


def _colour(instances: Instances, index: int) -> Colour:
    ids = instances.track_ids
    return colour_of(index if ids is None else int(ids[index]))


def _draw_mask(
    drawn: NDArray[np.uint8],
    window: Window,
    alpha: NDArray[np.uint8],
    colour: Colour,
    line_width: float,
) -> None:
    """Blend fill and contour into `drawn`, in the window of the mask grown by the line."""
    height, width = drawn.shape[:2]
    x1, y1, x2, y2 = window
    pad = int(np.ceil(line_width)) + 1
    left, top, right, bottom = (min(pad, v) for v in (x1, y1, width - x2, height - y2))
    area = drawn[y1 - top : y2 + bottom, x1 - left : x2 + right]
    padded = np.pad(alpha, ((top, bottom), (left, right)))
    weight = np.maximum(padded * np.float32(_FILL / 255), _contour(padded, line_width))[..., None]
    area[:] = np.rint(area + weight * (np.array(colour, np.float32) - area)).astype(np.uint8)


def _contour(alpha: NDArray[np.uint8], line_width: float) -> NDArray[np.float32]:
    """Anti-aliased line along alpha = 0.5, (H, W) float32 in [0, 1]: the distance to the level is
    taken as (alpha − 0.5) / |gradient|, which stays smooth where a polygon would be a staircase."""
    sigma = max(0.8, line_width / 2)
    # Where the picture cuts the character off, the replicated border draws no line along the cut.
    soft = cv2.GaussianBlur(
        alpha.astype(np.float32) / 255, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE
    )
    slope_x = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
    slope_y = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8, borderType=cv2.BORDER_REPLICATE)
    distance = np.abs(soft - 0.5) / np.maximum(cv2.magnitude(slope_x, slope_y), 0.04)
    line: NDArray[np.float32] = np.clip(line_width / 2 + 0.5 - distance, 0, 1)
    return line


def _draw_labels(drawn: NDArray[np.uint8], instances: Instances) -> NDArray[np.uint8]:
    height, width = instances.size_hw
    size = int(np.clip(min(height, width) / 36, 12, 160))
    canvas = Image.fromarray(drawn)
    draw = ImageDraw.Draw(canvas)
    taken: list[Window] = []
    for i in range(len(instances)):
        text = _label(instances, i)
        font = font_of(size, text.isascii())
        pad = max(2, size // 3)
        chip_width = round(font.getlength(text)) + 2 * pad
        chip_height = round(size * 1.5)
        if chip_width > width or chip_height > height / 2:
            continue
        chip = _place(instances.window(i), (chip_width, chip_height), (width, height), taken)
        taken.append(chip)
        colour = _colour(instances, i)
        canvas.paste(colour, chip, _rounded(chip_width, chip_height, size / 3))
        middle = (chip[0] + pad, (chip[1] + chip[3]) / 2)
        draw.text(middle, text, fill=_text_colour(colour), font=font, anchor="lm")
    return np.array(canvas)


def _rounded(width: int, height: int, radius: float) -> Image.Image:
    """Mask of a rounded rectangle, mode L, anti-aliased by drawing it four times too large."""
    large = Image.new("L", (4 * width, 4 * height))
    box = (0, 0, 4 * width - 1, 4 * height - 1)
    ImageDraw.Draw(large).rounded_rectangle(box, radius=4 * radius, fill=255)
    return large.resize((width, height), Image.Resampling.BOX)


def _label(instances: Instances, index: int) -> str:
    parts = [escaped(instances[index].name)]  # no font draws control characters
    if instances.track_ids is not None:
        parts.append(f"#{int(instances.track_ids[index])}")
    if instances.scores[index] < 1:
        parts.append(f"{instances.scores[index]:.2f}")
    if (kind := instances.kinds[index]) != UNKNOWN_KIND:
        parts.append(kind)
    return " ".join(parts)


def _place(
    window: Window, chip_wh: tuple[int, int], picture_wh: tuple[int, int], taken: Sequence[Window]
) -> Window:
    """Where a label goes: over the character, inside the picture, and the first of a few places
    that does not cover another label; where all are taken, the least covered one."""
    (chip_w, chip_h), (width, height) = chip_wh, picture_wh
    x1, y1, x2, _ = window
    centre = (x1 + x2 - chip_w) // 2
    places = [(centre, y1 - chip_h - 2), (x1, y1 - chip_h - 2), (x2 - chip_w, y1 - chip_h - 2)]
    places += [(x, y) for y in range(y1, max(y1 + 1, height), chip_h + 2) for x in (centre, x1)]
    places += [(x2 - chip_w, y) for y in range(0, height, chip_h + 2)]
    chips: list[Window] = []
    for x, y in places:
        left = int(np.clip(x, 0, width - chip_w))
        top = int(np.clip(y, 0, height - chip_h))
        chips.append((left, top, left + chip_w, top + chip_h))
    return min(chips, key=lambda chip: sum(_overlap(chip, other) for other in taken))


def _overlap(first: Window, second: Window) -> int:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(0, width) * max(0, height)


def _text_colour(background: Colour) -> Colour:
    """Ink or white, whichever reads better (Rec. 709 luma)."""
    luma = float(np.dot(background, (0.2126, 0.7152, 0.0722)))
    return _INK if luma > 140 else _WHITE


def contact_sheet(
    pictures: Sequence[tuple[str, NDArray[np.uint8]]],
    columns: int = 4,
    cell_wh: tuple[int, int] = (320, 240),
) -> NDArray[np.uint8]:
    """Pictures in rows on a light page, each whole, with its title under it.

    Args:
        pictures: (title, array) pairs; arrays are uint8 (H, W) grey, (H, W, 3) RGB or (H, W, 4)
            RGBA, which is shown on a checkerboard. Long titles are shortened in the middle.
        columns: pictures per row at most.
        cell_wh: largest width and height of a picture in pixels; smaller ones are not enlarged
            beyond twice their size.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        ValueError: there are no pictures, or a size is not positive.
    """
    cell_w, cell_h = cell_wh
    if not pictures or columns < 1 or min(cell_wh) < 1:
        raise ValueError(
            f"contact sheet needs at least 1 picture, column and pixel, but got {len(pictures)} "
            f"pictures, {columns} columns, cells of {cell_wh}"
        )
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    size = int(np.clip(cell_w / 20, 11, 20))
    gap, title_h = max(8, cell_w // 20), round(size * 1.9)
    step_x, step_y = cell_w + gap, cell_h + title_h + gap
    page = Image.new("RGB", (gap + columns * step_x, gap + rows * step_y), (243, 244, 247))
    draw = ImageDraw.Draw(page)
    for i, (title, array) in enumerate(pictures):
        x, y = gap + i % columns * step_x, gap + i // columns * step_y
        draw.rectangle((x, y, x + cell_w - 1, y + cell_h - 1), fill=(229, 231, 236))
        image = _fitted(array, cell_wh)
        page.paste(image, (x + (cell_w - image.width) // 2, y + (cell_h - image.height) // 2))
        font = font_of(size, title.isascii())
        shown = _shortened(title, font, cell_w)
        middle = (x + cell_w / 2, y + cell_h + title_h / 2)
        draw.text(middle, shown, fill=_INK, font=font, anchor="mm")
    return np.array(page)


def _fitted(array: NDArray[np.uint8], cell_wh: tuple[int, int]) -> Image.Image:
    image = Image.fromarray(array)
    scale = min(cell_wh[0] / image.width, cell_wh[1] / image.height, 2.0)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    image = image.resize(size, Image.Resampling.LANCZOS)
    if image.mode != "RGBA":
        return image.convert("RGB")
    columns, rows = np.arange(size[0]) // 8, np.arange(size[1])[:, None] // 8
    board = Image.fromarray(np.where((columns + rows) % 2, 205, 255).astype(np.uint8))
    board = board.convert("RGB")
    board.paste(image, mask=image.getchannel("A"))
    return board


def _shortened(title: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """The title on one line; too long, it loses its middle, since names differ at both ends."""
    title = escaped(" ".join(title.split()))
    keep = len(title)
    shown = title
    while keep > 2 and font.getlength(shown) > width:
        keep -= 1
        shown = f"{title[: keep // 2]}…{title[len(title) - (keep - keep // 2) :]}"
    return shown
