"""A small library of cutouts for tests: flat shapes of known colours, drawn here."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

COLOURS = {"red": (230, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 230)}


def figure(
    colour: tuple[int, int, int], size_hw: tuple[int, int] = (80, 40), soft: bool = False
) -> NDArray[np.uint8]:
    """An upright diamond of one colour, (h, w, 4) RGBA, with a hard or a soft edge."""
    height, width = size_hw
    alpha = np.zeros((height, width), np.uint8)
    x, y = width // 2, height // 2
    cv2.fillPoly(alpha, [np.array([[x, 3], [width - 4, y], [x, height - 4], [3, y]])], 255)
    if soft:
        alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1.2), np.uint8)
    return np.dstack([np.full((height, width, 3), colour, np.uint8), alpha])


def half_figure(colour: tuple[int, int, int] = (200, 120, 40)) -> NDArray[np.uint8]:
    """The upper half of a figure: cut flush at the bottom."""
    return figure(colour, (120, 60))[:60]


def make_library(folder: Path, soft: bool = False) -> dict[str, Path]:
    """Folders sprites/<colour>/figure.png, backgrounds/<n>/scene.png and objects/<n>/thing.png;
    keyword arguments of `Library.load`."""
    for name, colour in COLOURS.items():
        save(figure(colour, soft=soft), folder / "sprites" / name / "figure.png")
    for i in range(3):
        grey = np.full((90, 120, 3), 90 + 20 * i, np.uint8)
        save(grey, folder / "backgrounds" / f"place_{i}" / "scene.png")
    save(figure((250, 250, 0), (30, 30)), folder / "objects" / "food" / "thing.png")
    return {name: folder / name for name in ("sprites", "backgrounds", "objects")}


def save(array: NDArray[np.uint8], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)
