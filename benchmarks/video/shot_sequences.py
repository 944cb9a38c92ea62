"""Sequences of frames whose cuts are known.

Each kind of sequence asks one question: whether cuts are found that hardly change the colours, and
whether flashes, fast cameras and effects are taken for cuts. The same arguments give the same
frames. No cut is nearer than eight frames to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from shot_studio import SIZE_HW, Rgb, Studio, put, view

from kirinuki.compose.library import Library


@dataclass
class Sequence:
    """Frames and where shots begin.

    Attributes:
        frames: (H, W, 3) uint8 RGB.
        cuts: indices of the first frames of new shots.
        open: ranges of frames, the last included, in which one cut may be told or none: a dissolve.
    """

    frames: list[Rgb] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    open: list[tuple[int, int]] = field(default_factory=list)

    def cut_to(self, frames: list[Rgb]) -> None:
        if self.frames:
            self.cuts.append(len(self.frames))
        self.frames += frames

    def go_on(self, frames: list[Rgb]) -> None:
        self.frames += frames


def lit(frame: NDArray[np.generic], gain: Any, more: Any = 0.0) -> Rgb:
    """The frame times `gain` plus `more`, numbers or one for each channel."""
    return np.clip(frame * np.float32(gain) + np.float32(more), 0, 255).astype(np.uint8)


def cuts(studio: Studio) -> Sequence:
    made = Sequence()
    for _ in range(8):
        made.cut_to(studio.shot())
    return made


def framings(studio: Studio) -> Sequence:
    """The same place and light, seen from nearer or elsewhere."""
    made, place = Sequence(), studio.place()
    for zoom in (0.95, 0.5, 0.75, 0.45, 0.95, 0.6):
        at = studio.rng.uniform(0, 1, 2)
        person, x, y, steps = studio.person()
        frames = []
        for i in range(16):
            frame = view(place, zoom, at)
            put(frame, person, x + steps[i // 3, 0], y)
            frames.append(frame)
        made.cut_to(frames)
    return made


def dark(studio: Studio) -> Sequence:
    made = Sequence()
    for _ in range(8):
        gain = float(studio.rng.uniform(0.08, 0.2))
        made.cut_to([lit(f, gain) for f in studio.shot()])
    return made


def like_colours(studio: Studio) -> Sequence:
    """Each shot has the mean and spread of the colours of the first."""
    made, first = Sequence(), None
    for _ in range(8):
        frames = studio.shot()
        mean, spread = frames[0].mean(axis=(0, 1)), frames[0].std(axis=(0, 1)) + 1
        first = first or (mean, spread)
        gain = np.clip(first[1] / spread, 0.3, 3)
        made.cut_to([lit(f - mean, gain, first[0]) for f in frames])
    return made


def line_art(studio: Studio) -> Sequence:
    """Black lines on white, as a manga filmed page by page."""
    made = Sequence()
    for _ in range(8):
        frames = []
        for frame in studio.shot():
            grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
            how = cv2.ADAPTIVE_THRESH_GAUSSIAN_C
            ink = cv2.adaptiveThreshold(grey, 255, how, cv2.THRESH_BINARY, 9, 4)
            frames.append(np.asarray(cv2.cvtColor(ink, cv2.COLOR_GRAY2RGB), np.uint8))
        made.cut_to(frames)
    return made


def flashes(studio: Studio) -> Sequence:
    """White frames, lightning, and impact frames in inverse colours."""
    made = Sequence()
    for _ in range(4):
        frames = studio.shot(40)
        for at, kind in zip((8, 18, 28), studio.rng.permutation(4), strict=False):
            for i in range(at, at + int(studio.rng.integers(1, 4))):
                usual = frames[i]
                changed = (usual | 255, lit(usual, 1.3, 70), lit(usual, 0.35), 255 - usual)
                frames[i] = changed[kind]
        made.cut_to(frames)
    return made


def pans(studio: Studio) -> Sequence:
    """Fast and very fast pans, blurred as they are drawn."""
    made = Sequence()
    for share in (0.02, 0.04, 0.07, 0.12):
        place, zoom = studio.place(), 0.4
        way = share * zoom / (1 - zoom)
        reach = int(min(30, 0.9 / way))
        start, rest = np.linspace(0, 1, 5), np.zeros(8)
        speeds = np.concatenate([rest, start, np.ones(reach), start[::-1], rest])
        blur = max(1, round(share * SIZE_HW[1] / 2))
        frames = [view(place, zoom, np.array([at, 0.5])) for at in np.cumsum(speeds) * way]
        for i in range(9, len(frames) - 8):
            frames[i] = np.asarray(cv2.blur(frames[i], (blur, 1)), np.uint8)
        made.cut_to(frames)
    return made


def zooms(studio: Studio) -> Sequence:
    made = Sequence()
    for steps in (24, 12, 6):
        place, at = studio.place(), studio.rng.uniform(0.3, 0.7, 2)
        zoom = np.concatenate([np.full(8, 0.95), np.geomspace(0.95, 0.4, steps), np.full(8, 0.4)])
        made.cut_to([view(place, float(z), at) for z in zoom])
    return made


def shakes(studio: Studio) -> Sequence:
    made = Sequence()
    for _ in range(3):
        place = studio.place()
        offsets = studio.rng.normal(0, 0.05, (24, 2))
        person, x, y, _steps = studio.person()
        frames = []
        for offset in offsets:
            frame = view(place, 0.7, 0.5 + offset)
            put(frame, person, x + int(600 * offset[0]), y + int(300 * offset[1]))
            frames.append(frame)
        made.cut_to(frames)
    return made


def fades(studio: Studio) -> Sequence:
    """To black and back into the same shot or, which may be told, into another."""
    made, takes = Sequence(), 14
    made.cut_to(studio.shot(14))
    for other in (False, True, True, False):
        last = made.frames[-1]
        ramp = np.linspace(1, 0, takes)
        frames = studio.shot(14) if other else [last] * 14
        start = len(made.frames)
        made.go_on([lit(last, float(v)) for v in ramp] + [np.zeros_like(last)] * 6)
        made.go_on([lit(frames[0], float(v)) for v in ramp[::-1]])
        if other:
            made.open.append((start, len(made.frames)))
        made.go_on(frames)
    return made


def dissolves(studio: Studio) -> Sequence:
    made, takes = Sequence(), 12
    made.cut_to(studio.shot(14))
    for _ in range(4):
        last, frames = made.frames[-1], studio.shot(14)
        start = len(made.frames)
        for share in np.linspace(0, 1, takes):
            between = cv2.addWeighted(frames[0], share, last, 1 - share, 0)
            made.frames.append(np.asarray(between, np.uint8))
        made.open.append((start, len(made.frames)))
        made.go_on(frames)
    return made


def crossings(studio: Studio) -> Sequence:
    """Somebody near walks through the picture fast."""
    made = Sequence()
    for _ in range(4):
        frames = studio.shot(36)
        cutout = studio.character(int(SIZE_HW[0] * studio.rng.uniform(1.8, 2.6)))
        width, takes = cutout.shape[1], int(studio.rng.integers(8, 20))
        for i in range(takes):
            put(frames[10 + i], cutout, round(-width / 2 + (SIZE_HW[1] + width) * i / takes), 500)
        made.cut_to(frames)
    return made


def explosions(studio: Studio) -> Sequence:
    """Light that grows over the picture and flickers there."""
    made, rng = Sequence(), studio.rng
    across, down = np.meshgrid(np.arange(SIZE_HW[1]), np.arange(SIZE_HW[0]))
    for _ in range(3):
        frames = studio.shot(44)
        x, y = rng.uniform(0.3, 0.7, 2) * SIZE_HW[::-1]
        away = np.hypot(across - x, down - y)
        for i in range(20):
            radius = 420 * min(1, (i + 1) / 9)
            coarse = rng.uniform(0, 1, (12, 20)).astype(np.float32)
            noise = cv2.resize(coarse, SIZE_HW[::-1], interpolation=cv2.INTER_CUBIC)
            fire = np.clip(np.array([255, 140, 60]) + noise[..., None] * [0, 130, 200], 0, 255)
            share = np.clip((radius - away) / 60 + noise - 0.5, 0, 1) * min(1, (20 - i) / 8)
            mixed = frames[12 + i] * (1 - share[..., None]) + fire * share[..., None]
            frames[12 + i] = np.asarray(mixed, np.uint8)
        made.cut_to(frames)
    return made


def speed_lines(studio: Studio) -> Sequence:
    """Somebody before lines that are drawn anew every second frame."""
    made, rng = Sequence(), studio.rng
    for _ in range(3):
        colours = rng.integers(60, 256, (2, 3))
        person, x, y, steps = studio.person()
        frames: list[Rgb] = []
        for i in range(24):
            if i % 2 == 0:
                lines = rng.random((SIZE_HW[0], 1, 1)) ** 3
                row = colours[0] * (1 - lines) + colours[1] * lines
                streaks = np.repeat(row, SIZE_HW[1], axis=1)
                frame = np.asarray(cv2.GaussianBlur(streaks, (1, 5), 0), np.uint8)
                put(frame, person, x + steps[i // 2, 0], y)
            frames.append(frame)
        made.cut_to(frames)
    return made


HARD: tuple[Callable[[Studio], Sequence], ...] = (cuts, framings, dark, like_colours, line_art)
"""Where cuts are to be found."""
TRAPS: tuple[Callable[[Studio], Sequence], ...] = (
    flashes, pans, zooms, shakes, fades, dissolves, crossings, explosions, speed_lines,
)  # fmt: skip
"""Where something else may be taken for a cut; the shots of a sequence are cut hard, too."""


def sequences(library: Library | None, rounds: Iterable[int]) -> Iterator[tuple[str, Sequence]]:
    """All kinds once for each round, a seed, each with the name of its kind."""
    for seed in rounds:
        for number, kind in enumerate((*HARD, *TRAPS)):
            yield kind.__name__.replace("_", " "), kind(Studio(library, 100 * seed + number))
