"""Composed clips: characters that move over backgrounds, with masks and ids true by construction.

    for frame in compose_clip(library, ClipRecipe(), Format((720, 1280), Fraction(24), 96), seed=7):
        ...

Drawings are held as animators hold them, on ones, twos or threes; the camera may move on every
frame. Whatever is in front takes its share away from what is behind, so the mask of somebody half
hidden is exactly what can be seen. A character keeps its id within a shot, also when it leaves and
comes back; after a cut everybody has a new one. In a white frame, and in the dark of a fade, nobody
can be seen, and nobody is in the truth.

Not covered: files (`file`, `dataset`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.compose import effects
from kirinuki.compose.canvas import MIN_PIXELS, Canvas
from kirinuki.compose.clips.cast import draw_cast
from kirinuki.compose.clips.motion import Pose
from kirinuki.compose.clips.recipe import ClipRecipe
from kirinuki.compose.clips.shot import Shot, draw_place, draw_shot
from kirinuki.compose.clips.stage import Figure
from kirinuki.compose.library import Library
from kirinuki.compose.paint import Rgb, Rgba
from kirinuki.compose.placement import warp
from kirinuki.compose.warp import margin_of
from kirinuki.instances import HARD_MASK_ALPHA

DARK = 0.12
"""Light below which nobody can be made out."""
SHORTEST = 0.5
"""Share of the shortest shot's length that a rest of the clip must have to be a shot of its own."""


@dataclass(frozen=True)
class Format:
    """Size of the frames in pixels, frames a second, and how many."""

    size_hw: tuple[int, int]
    fps: Fraction
    frames: int


@dataclass(frozen=True, eq=False)
class Seen:
    """A character in a frame: its visible soft alpha (H, W) uint8, its id and "female", "male" or
    "" as in `Piece.gender`."""

    alpha: NDArray[np.uint8]
    track_id: int
    gender: str


@dataclass(frozen=True, eq=False)
class ClipFrame:
    """One frame and its truth.

    Attributes:
        picture: (H, W, 3) uint8 RGB.
        seen: the characters, back to front; their alphas add up to at most 255.
        shot: number of the shot, from 0.
        repeats: whether it was drawn as the frame before; grain and compression may differ.
    """

    picture: Rgb
    seen: tuple[Seen, ...]
    shot: int
    repeats: bool


def compose_clip(
    library: Library, recipe: ClipRecipe, form: Format, holds: tuple[int, ...], seed: int
) -> Iterator[ClipFrame]:
    """The frames of one clip, one by one; no more than a shot is planned ahead.

    Args:
        holds: for how many frames drawings are held, one of these for each character.

    Raises:
        DatasetError, PictureError: when a piece of the library cannot be used; names the file.
    """
    rng = np.random.default_rng((seed, 0))
    cast = draw_cast(library, recipe, holds, rng)
    fps = float(form.fps)
    grain = float(rng.uniform(1.5, 4)) if rng.random() < recipe.grain else 0.0
    place = draw_place(library, rng)
    done, number, next_id = 0, 0, 1
    while done < form.frames:
        length = _length(recipe, form.frames - done, fps, rng)
        if number and rng.random() >= recipe.same_place:
            place = draw_place(library, rng)
        of_shot = np.random.default_rng((seed, 1, number))
        shot = draw_shot(library, recipe, cast, holds, place, length, fps, form.size_hw, of_shot)
        player = Player(shot, fps, form.size_hw, next_id)
        last: Rgb | None = None
        for f in range(length):
            picture, seen = player.frame(f)
            repeats = last is not None and np.array_equal(picture, last)
            last = picture
            yield ClipFrame(_grained(picture, grain, seed, done + f), seen, number, repeats)
        next_id = player.next_id
        done += length
        number += 1


def _length(recipe: ClipRecipe, left: int, fps: float, rng: np.random.Generator) -> int:
    """Frames of the next shot, of those that are left; a short rest is not left alone."""
    low, high = recipe.shot_seconds
    length = max(1, round(float(rng.uniform(low, high)) * fps))
    return left if left - length < SHORTEST * low * fps else length


def _grained(picture: Rgb, strength: float, seed: int, number: int) -> Rgb:
    if not strength:
        return picture
    rng = np.random.default_rng((seed, 2, number))
    noise = rng.standard_normal(picture.shape[:2], np.float32) * np.float32(strength)
    return np.clip(picture + noise[..., None], 0, 255).astype(np.uint8)


class Player:
    """Draws the frames of one shot, in any order; what does not change is drawn once.

    Attributes:
        next_id: the first track id that nobody has yet.
    """

    def __init__(self, shot: Shot, fps: float, size_hw: tuple[int, int], next_id: int) -> None:
        self._shot = shot
        self._fps = fps
        self._size_hw = size_hw
        self._drawings = [_Drawing(figure, fps, size_hw) for figure in shot.figures]
        self._ids: dict[int, int] = {}
        self.next_id = next_id

    def frame(self, number: int) -> tuple[Rgb, tuple[Seen, ...]]:
        """Picture (H, W, 3) uint8 without grain, and who can be seen in it."""
        shot = self._shot
        canvas = Canvas(self._background(number))
        laid = []
        for i, drawing in enumerate(self._drawings):
            share = 0.0 if drawing.figure.walks_with_camera else 1.0
            layer = drawing.layer(number, shot.camera.matrix(number, share, self._size_hw))
            if not cv2.countNonZero(layer[..., 3]):
                continue
            if shot.casts_shadows and drawing.figure.is_whole:
                _cast_shadow(canvas, layer[..., 3])
            if drawing.figure.is_character:
                canvas.add_character(layer, drawing.figure.gender)
                laid.append(i)
            else:
                canvas.add_object(layer)
        if shot.box is not None:
            canvas.cover(shot.box)
        picture = np.clip(canvas.colours, 0, 255).astype(np.uint8)
        if number == shot.white or shot.light[number] < DARK:
            return self._finished(picture, number), ()
        alphas = (layer.visible() for layer in canvas.characters)
        seen = [
            self._seen(i, alpha) for i, alpha in zip(laid, alphas, strict=True) if _shows(alpha)
        ]
        return self._finished(picture, number), tuple(seen)

    def _background(self, number: int) -> Rgb:
        shot = self._shot
        height, width = self._size_hw
        matrix = shot.camera.matrix(number, shot.camera.depth, self._size_hw)[:2].copy()
        matrix[:, 2] += matrix[:, :2] @ np.array(shot.corner)
        if np.array_equal(matrix, np.eye(2, 3)):
            return shot.background
        how = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
        return np.asarray(
            cv2.warpAffine(
                shot.background, matrix, (width, height), flags=how[0], borderMode=how[1]
            ),
            np.uint8,
        )

    def _seen(self, i: int, alpha: NDArray[np.uint8]) -> Seen:
        if i not in self._ids:
            self._ids[i] = self.next_id
            self.next_id += 1
        return Seen(alpha, self._ids[i], self._drawings[i].figure.gender)

    def _finished(self, picture: Rgb, number: int) -> Rgb:
        """The picture after all that lies on the glass."""
        shot = self._shot
        if number == shot.white:
            return np.full_like(picture, 255)
        if shot.look:
            change = effects.night if shot.look == "night" else effects.grade
            picture = change(picture, np.random.default_rng(shot.seed))
        if shot.light[number] < 1:
            picture = (picture * shot.light[number]).astype(np.uint8)
        if shot.subtitle and shot.subtitle[0] <= number < shot.subtitle[1]:
            picture = effects.subtitle(picture, np.random.default_rng(shot.seed + 1))
        return picture


class _Drawing:
    """The drawings of one figure: a new one only when its hold is over and something has moved."""

    def __init__(self, figure: Figure, fps: float, size_hw: tuple[int, int]) -> None:
        self.figure = figure
        self._fps = fps
        self._size_hw = size_hw
        self._cel: tuple[tuple[Pose, float, float], Rgba] | None = None
        self._layer: tuple[NDArray[np.float64], Rgba, Rgba] | None = None

    def layer(self, number: int, camera: NDArray[np.float64]) -> Rgba:
        """The figure in the picture of a frame, premultiplied (H, W, 4) uint8."""
        figure = self.figure
        drawn_at = number // figure.hold * figure.hold
        seconds = drawn_at / self._fps
        walking = figure.walking(seconds, self._size_hw[1])
        what = figure.body.pose(seconds, walking), figure.lids[drawn_at], figure.mouth[drawn_at]
        if self._cel is None or self._cel[0] != what:
            self._cel = what, figure.puppet.drawn(*what)
        cel = self._cel[1]
        x, y, tall = figure.way.at(seconds).tolist()
        y -= tall * figure.body.lift(seconds, walking)
        matrix = (camera @ self._on_stage(x, y, tall))[:2]
        last = self._layer
        if last is None or last[1] is not cel or not np.array_equal(last[0], matrix):
            self._layer = matrix, cel, warp(cel, matrix, self._size_hw)
        assert self._layer is not None
        return self._layer[2]

    def _on_stage(self, x: float, y: float, tall: float) -> NDArray[np.float64]:
        """The (3, 3) matrix from the drawing to the stage: its lower edge's middle to x, y."""
        h, w = self.figure.puppet.cutout.shape[:2]
        margin = margin_of((h, w))
        scale = tall / h
        across = -scale if self.figure.mirrored else scale
        return np.array(
            [
                [across, 0, x - across * (margin + w / 2)],
                [0, scale, y - scale * (margin + h)],
                [0, 0, 1],
            ]
        )


def _shows(alpha: NDArray[np.uint8]) -> bool:
    return int(np.count_nonzero(alpha >= HARD_MASK_ALPHA)) >= MIN_PIXELS


def _cast_shadow(canvas: Canvas, alpha: NDArray[np.uint8]) -> None:
    """A soft flat shadow under an (H, W) alpha whose feet are inside the frame."""
    x, y, w, h = cv2.boundingRect(alpha)
    if y + h >= len(alpha):
        return
    shadow = np.zeros(alpha.shape, np.float32)
    middle, axes = (x + w // 2, y + h), (max(1, round(0.36 * w)), max(1, round(0.022 * h)))
    cv2.ellipse(shadow, middle, axes, 0, 0, 360, 0.45, -1)
    soft = cv2.GaussianBlur(shadow, (0, 0), max(1.0, 0.012 * h))
    canvas.blend(np.zeros(3, np.float32), np.asarray(soft, np.float32))
