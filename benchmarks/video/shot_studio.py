"""Places, people and shots to compose sequences from: drawn by this project, or from a library."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.compose.library import Library, load_background, load_cutout
from kirinuki_draw.draw import AFTERNOON, SUNSET, draw_character, head_for, random_spec
from kirinuki_draw.strokes import scene

Rgb = NDArray[np.uint8]
SIZE_HW = (360, 640)
DRAWN_CHARACTERS, DRAWN_PLACES = 16, 12


class Studio:
    """Places and characters to compose shots from."""

    def __init__(self, library: Library | None, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self._library = library

    def place(self) -> Rgb:
        """A place about twice as large as a frame."""
        rng = self.rng
        if self._library is not None:
            pieces = self._library.backgrounds
            picture = load_background(pieces[int(rng.integers(len(pieces)))].path)
        elif rng.random() < 0.5:
            picture = drawn_place(int(rng.integers(DRAWN_PLACES)))
        else:
            picture = room(int(rng.integers(2**31)))
        picture = picture[:, ::-1] if rng.random() < 0.5 else picture
        return fitted(picture, (2 * SIZE_HW[0], 2 * SIZE_HW[1]))

    def character(self, height: int) -> NDArray[np.float32]:
        """A cutout of this height, premultiplied RGBA."""
        rng = self.rng
        if self._library is not None:
            pieces = self._library.characters
            cutout = load_cutout(pieces[int(rng.integers(len(pieces)))].path)
        else:
            cutout = drawn_character(int(rng.integers(DRAWN_CHARACTERS)))
        scale = height / cutout.shape[0]
        size = (max(1, round(cutout.shape[1] * scale)), height)
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(cutout, size, interpolation=how), np.float32)

    def shot(self, frames: int | None = None, place: Rgb | None = None) -> list[Rgb]:
        """A shot as most are: a still or slowly moving view, people who move on twos."""
        rng = self.rng
        frames = frames or int(rng.integers(12, 36))
        place = self.place() if place is None else place
        zoom = float(rng.uniform(0.5, 1.0))
        at = rng.uniform(0, 1, 2)
        way = rng.normal(0, 0.004, 2) if rng.random() < 0.4 else np.zeros(2)
        people = [self.person() for _ in range(int(rng.choice([0, 1, 1, 2])))]
        shown = []
        for i in range(frames):
            picture = view(place, zoom, at + way * i)
            for cutout, x, y, steps in people:
                across, down = steps[i // 2 % len(steps)]
                put(picture, cutout, x + across, y + down)
            shown.append(picture)
        return shown

    def person(self) -> tuple[NDArray[np.float32], int, int, NDArray[np.int64]]:
        """A cutout, where its middle is and its foot, and its steps from there."""
        rng = self.rng
        height = int(SIZE_HW[0] * rng.choice([0.4, 0.7, 1.0, 1.8]))
        x, y = int(rng.uniform(0.15, 0.85) * SIZE_HW[1]), int(rng.uniform(0.0, 0.25) * SIZE_HW[0])
        walk = np.array([rng.integers(-6, 7), 0])
        steps = np.cumsum(rng.integers(-4, 5, (30, 2)) + walk, axis=0)
        return self.character(height), x, y, steps


@cache
def drawn_place(seed: int) -> Rgb:
    return scene.paint((540, 960), seed, (AFTERNOON, SUNSET)[seed % 2])


@cache
def drawn_character(seed: int) -> Rgb:
    cutout = draw_character(seed, head_for(random_spec(seed), 500)).astype(np.float32)
    cutout[..., :3] *= cutout[..., 3:] / 255
    return np.asarray(cutout.round(), np.uint8)


@cache
def room(seed: int) -> Rgb:
    """Walls, furniture and gradients of a few colours."""
    rng = np.random.default_rng(seed)
    base = rng.uniform(30, 230, 3)
    colours = np.clip(base + rng.normal(0, 35, (4, 5, 3)), 0, 255).astype(np.float32)
    picture = cv2.resize(colours, (960, 540), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(rng.integers(6, 25))):
        middle, size = rng.uniform((0, 0), (960, 540)), rng.uniform(20, 220, 2)
        corners = cv2.boxPoints((tuple(middle), tuple(size), float(rng.choice([0, 0, 0, 20, 70]))))
        colour = np.clip(base + rng.normal(0, 55, 3), 0, 255)
        cv2.fillPoly(picture, [corners.astype(np.int32)], tuple(map(float, colour)), cv2.LINE_AA)
    return np.clip(picture, 0, 255).astype(np.uint8)


def fitted(picture: Rgb, size_hw: tuple[int, int]) -> Rgb:
    """Cover this size, cut in the middle."""
    height, width = picture.shape[:2]
    scale = max(size_hw[0] / height, size_hw[1] / width)
    size = (max(size_hw[1], round(width * scale)), max(size_hw[0], round(height * scale)))
    large = cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_LINEAR)
    top, left = (size[1] - size_hw[0]) // 2, (size[0] - size_hw[1]) // 2
    return np.asarray(large[top : top + size_hw[0], left : left + size_hw[1]], np.uint8)


def view(place: Rgb, zoom: float, at: NDArray[np.float64]) -> Rgb:
    """A frame of a place: `zoom` is the share of it that is seen, `at` in [0, 1] where."""
    height, width = place.shape[:2]
    seen = np.array([width, height]) * zoom
    corner = np.clip(at, 0, 1) * (np.array([width, height]) - seen)
    scale = seen[0] / SIZE_HW[1]
    matrix = np.array([[scale, 0, corner[0]], [0, scale, corner[1]]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    frame = cv2.warpAffine(place, matrix, SIZE_HW[::-1], flags=how, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(frame, np.uint8)


def put(picture: Rgb, cutout: NDArray[np.float32], x: int, foot: int) -> None:
    """Lay a cutout over a picture; `x` of its middle, `foot` below the lower border."""
    height, width = cutout.shape[:2]
    left, top = int(x - width // 2), int(SIZE_HW[0] + foot - height)
    x1, y1 = max(0, left), max(0, top)
    x2, y2 = min(SIZE_HW[1], left + width), min(SIZE_HW[0], top + height)
    if x1 < x2 and y1 < y2:
        part = cutout[y1 - top : y2 - top, x1 - left : x2 - left]
        under = picture[y1:y2, x1:x2]
        under[:] = np.round(under * (1 - part[..., 3:] / 255) + part[..., :3])
