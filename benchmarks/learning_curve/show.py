"""Draw the show: pictures of episodes with exact labels, as COCO.

    python benchmarks/learning_curve/show.py FOLDER

200 pictures of ten episodes to learn from (``train.json``), 60 of three other episodes to measure
on (``test.json``), and ``watch.json``, 8 of a fourteenth, on which a run watches itself. The same
cast in all; places, poses, framing and light are new in each episode. Same Skia, same pixels.

Not covered: the strokes (`cast`, `familiars`, `places`), training (`run`).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from cast import HELD, WITCHES, Action, witch
from familiars import FAMILIARS
from numpy.typing import NDArray
from PIL import Image
from places import GROUND, Place, place

from kirinuki.formats.labelled import LabelledInstance, LabelledPicture
from kirinuki.formats.picture_ref import FileRef
from kirinuki.formats.registry import FORMATS
from kirinuki_draw.draw import visible
from kirinuki_draw.strokes.brush import Brush, paint_layer

SIZE_HW = (288, 512)
FINER = 2
"""Painted so many times larger and averaged down."""
CLASSES = ("witch", "familiar")
SETS = {"train": (range(1, 11), 20), "test": (range(11, 14), 20), "watch": (range(14, 15), 8)}
"""Episodes and pictures of each, by set."""
LEAST_PIXELS = 150
"""Who shows fewer is not labelled: nobody would draw a line around a fingertip."""
JPEG_QUALITY = 88


@dataclass(frozen=True)
class Part:
    """Somebody in a picture: number in the cast, class (0 or 1), feet, and pixels a unit."""

    number: int
    label: int
    x: float
    y: float
    scale: float
    action: Action


@dataclass(frozen=True)
class Shot:
    """What the camera sees: the place, its pan and zoom, and who is there, furthest back first."""

    place: Place
    pan: tuple[float, float]
    zoom: float
    parts: tuple[Part, ...]
    before: bool
    tint: tuple[float, float, float]


def shot(episode: int, number: int) -> Shot:
    """Picture `number` of an episode; depends on the two alone."""
    rng = np.random.default_rng((2026, episode, number))
    story = np.random.default_rng((2026, episode))
    kinds = story.permutation(["room", "forest", "town", "sky"])[:3]
    seeds = story.integers(0, 1 << 30, 3)
    tint = story.uniform(0.88, 1.06, 3)
    which = int(rng.integers(3))
    zoom = float(rng.uniform(0.75, 1.7))
    pan = (float(rng.uniform(-90, 90)), float(rng.uniform(-15, 10)))
    count = int(rng.choice([0, 1, 2, 3, 4], p=[0.08, 0.30, 0.34, 0.18, 0.10]))
    air = str(kinds[which]) == "sky"
    parts = sorted((_part(rng, i, count, zoom, air) for i in range(count)), key=lambda p: p.y)
    where = place(str(kinds[which]), int(seeds[which]))
    r, g, b = (float(v) for v in tint)
    return Shot(where, pan, zoom, tuple(parts), bool(rng.random() < 0.4), (r, g, b))


def _part(rng: np.random.Generator, i: int, count: int, zoom: float, air: bool) -> Part:
    label = int(rng.random() < 0.45)
    close = rng.random() < 0.2
    scale = zoom * float(rng.uniform(0.8, 1.15)) * (1.9 if close else 1.0) * (1.15 if label else 1)
    x = SIZE_HW[1] * (i + 0.5 + float(rng.uniform(-0.45, 0.45))) / max(count, 1)
    y = 144 + (GROUND - 144) * zoom + float(rng.uniform(-8, 30)) + (70 * scale if close else 0)
    flying = label == 0 and rng.random() < (0.8 if air else 0.12)
    if air or flying:
        y = float(rng.uniform(0.45, 0.95)) * SIZE_HW[0]
    arms = tuple(float(v) for v in rng.choice([12, 25, 50, 90, 130, 155], 2))
    held = HELD[0] if flying else HELD[int(rng.integers(len(HELD)))]
    action = Action(
        facing=float(rng.uniform(-1, 1)),
        back=bool(rng.random() < 0.12),
        arms=(arms[0], arms[1]),
        held=held,
        seated=bool(not flying and rng.random() < 0.2),
        flying=flying,
        swing=float(rng.uniform(-7, 7)),
        blink=bool(rng.random() < 0.12),
    )
    number = int(rng.integers(len(FAMILIARS if label else WITCHES)))
    return Part(number, label, x, min(y, SIZE_HW[0] + 60 * scale), scale, action)


def draw(shown: Shot) -> tuple[NDArray[np.uint8], tuple[NDArray[np.uint8], ...]]:
    """A picture (H, W, 3) uint8 RGB, and of each part its visible alpha (H, W) uint8."""
    picture = _layer(shown.place.behind, shown)[..., :3]
    layers = [_layer(lambda brush, p=part: _play(brush, p), None) for part in shown.parts]
    if shown.before:
        layers.append(_layer(shown.place.before, shown))
    light = np.asarray(shown.tint) * (0.5 + 0.5 * shown.place.light)
    for layer in layers:
        alpha = layer[..., 3:] / 255
        picture = picture * (1 - alpha) + layer[..., :3] * light  # premultiplied
    alphas = visible([np.round(layer[..., 3]).astype(np.uint8) for layer in layers])
    return np.round(np.clip(picture, 0, 255)).astype(np.uint8), alphas[: len(shown.parts)]


def _play(brush: Brush, part: Part) -> None:
    turn = 2.2 * part.action.swing if part.action.flying else 0.6 * part.action.swing
    with brush.at(part.x, part.y, turn, part.scale) as local:
        if part.label == 0:
            witch(local, WITCHES[part.number], part.action)
        else:
            creature, colour = FAMILIARS[part.number]
            creature(local, colour, part.action)


def _layer(paint: Callable[[Brush], None], shown: Shot | None) -> NDArray[np.float32]:
    """What `paint` draws, (H, W, 4) in 0..255, premultiplied; seen by a shot's camera if given."""
    height, width = SIZE_HW

    def drawn(brush: Brush) -> None:
        with brush.at(0, 0, 0, FINER) as whole:
            if shown is None:
                paint(whole)
                return
            x = width / 2 - (width / 2 + shown.pan[0]) * shown.zoom
            y = height / 2 * (1 - shown.zoom) + shown.pan[1]
            with whole.at(x, y, 0, shown.zoom) as camera:
                paint(camera)

    large = paint_layer((height * FINER, width * FINER), (-0.64, -0.77), drawn)
    small = cv2.resize(large.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def write_set(folder: Path, name: str) -> Path:
    """Draw a set into ``FOLDER/episode_…/`` and write its labels; what is there is replaced."""
    episodes, count = SETS[name]
    pictures: list[LabelledPicture] = []
    for episode in episodes:
        (folder / f"episode_{episode:02d}").mkdir(parents=True, exist_ok=True)
        for number in range(1, count + 1):
            file = f"episode_{episode:02d}/{number:02d}.jpg"
            one = shot(episode, number)
            picture, alphas = draw(one)
            Image.fromarray(picture).save(folder / file, quality=JPEG_QUALITY)
            masks = [(part, alpha >= 128) for part, alpha in zip(one.parts, alphas, strict=True)]
            instances = tuple(
                LabelledInstance.from_mask(mask, CLASSES[part.label])
                for part, mask in masks
                if np.count_nonzero(mask) >= LEAST_PIXELS
            )
            pictures.append(LabelledPicture(FileRef(folder / file), SIZE_HW, instances, file))
    path = folder / f"{name}.json"
    list(FORMATS["coco"].write(pictures, CLASSES, path, True))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    for name in SETS:
        print(write_set(folder, name))


if __name__ == "__main__":
    main()
