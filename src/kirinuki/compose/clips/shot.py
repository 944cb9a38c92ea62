"""One shot of a clip as it is planned: stage, background, camera, and what lies over it.

Not covered: who does what (`stage`), drawing the frames (`compose`).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.compose.clips.cast import Cast, draw_thing
from kirinuki.compose.clips.recipe import ClipRecipe
from kirinuki.compose.clips.stage import FAR, Figure, Stage
from kirinuki.compose.effects import dialogue_box
from kirinuki.compose.library import Library, load_background
from kirinuki.compose.paint import Rgb, Rgba, shift_colours


@dataclass(frozen=True, eq=False)
class Camera:
    """What the camera does.

    Attributes:
        path: (frames, 3): how far it has moved to the right and down, in pixels of the stage, and
            its zoom, at least 1.
        depth: how much of its moves the background takes part in, above 0; less is farther away.
    """

    path: NDArray[np.float64]
    depth: float

    def matrix(self, frame: int, share: float, size_hw: tuple[int, int]) -> NDArray[np.float64]:
        """The (3, 3) matrix from the stage to the picture for what takes part in its moves to this
        share: 1 for the characters, 0 for what moves with the camera."""
        x, y, zoom = self.path[frame]
        scale = 1 + (zoom - 1) * share
        middle = np.array([size_hw[1], size_hw[0]]) / 2
        moved = middle - scale * (middle + np.array([x, y]) * share)
        return np.array([[scale, 0, moved[0]], [0, scale, moved[1]], [0, 0, 1]])


@dataclass(frozen=True, eq=False)
class Shot:
    """All that is needed to draw the frames of a shot.

    Attributes:
        background: (h, w, 3) uint8, larger than the picture by what the camera sees of it.
        corner: x, y of the stage where the background begins.
        box: a dialogue box, premultiplied (H, W, 4), or None.
        light: (frames,) in [0, 1]: 0 is black.
        white: the frame that is white, or None.
        subtitle: first frame and frame after the last of a subtitle, or None.
        look: "night", "grade" or "".
        seed: of what is drawn anew in each frame, but alike.
    """

    frames: int
    figures: tuple[Figure, ...]
    camera: Camera
    background: Rgb
    corner: tuple[int, int]
    casts_shadows: bool
    box: Rgba | None
    light: NDArray[np.float64]
    white: int | None
    subtitle: tuple[int, int] | None
    look: str
    seed: int


def draw_place(library: Library, rng: np.random.Generator) -> Rgb:
    """A place for a shot: a background, sometimes at another time of day."""
    chosen = library.backgrounds[int(rng.integers(len(library.backgrounds)))]
    place = load_background(chosen.path)
    if rng.random() < 0.5:
        place = np.ascontiguousarray(place[:, ::-1])
    if rng.random() < 0.3:
        change = rng.normal(0, 10), rng.uniform(0.6, 1.2), rng.uniform(0.7, 1.1)
        place = shift_colours(place, *map(float, change))
    return place


def draw_shot(
    library: Library,
    recipe: ClipRecipe,
    cast: Cast,
    holds: tuple[int, ...],
    place: Rgb,
    frames: int,
    fps: float,
    size_hw: tuple[int, int],
    rng: np.random.Generator,
) -> Shot:
    """A shot of so many frames at this place."""
    ambient = place.mean(axis=(0, 1)).astype(np.uint8)
    stage = Stage(cast, recipe, frames, fps, size_hw, ambient, rng)
    is_empty = not stage.figures
    if library.objects and rng.random() < (recipe.impostors if is_empty else recipe.objects):
        things = [draw_thing(library, holds, rng) for _ in range(int(rng.integers(1, 4)))]
        stage.add_things(things, are_large=is_empty)
    camera = _draw_camera(recipe, stage.travels, frames, fps, size_hw, rng)
    background, corner = _scenery(place, camera, stage, size_hw, rng)
    if rng.random() < recipe.background_blur and stage.scale is not FAR:
        radius = float(rng.uniform(0.002, 0.006)) * size_hw[0]
        background = np.asarray(cv2.GaussianBlur(background, (0, 0), radius), np.uint8)
    look = rng.random()
    is_night, is_graded = look < recipe.night, look < recipe.night + recipe.grade
    flashes = rng.random() < recipe.flash and frames > 12
    return Shot(
        frames=frames,
        figures=tuple(stage.figures),
        camera=camera,
        background=background,
        corner=corner,
        casts_shadows=bool(rng.random() < recipe.shadow),
        box=_box(size_hw, rng) if rng.random() < recipe.dialogue_box else None,
        light=_draw_light(recipe, frames, fps, rng),
        white=int(rng.integers(5, frames - 5)) if flashes else None,
        subtitle=_draw_subtitle(recipe, frames, rng),
        look="night" if is_night else "grade" if is_graded else "",
        seed=int(rng.integers(2**32)),
    )


def _draw_camera(
    recipe: ClipRecipe,
    travels: bool,
    frames: int,
    fps: float,
    size_hw: tuple[int, int],
    rng: np.random.Generator,
) -> Camera:
    height, width = size_hw
    path = np.tile([0.0, 0.0, 1.0], (frames, 1))
    time = np.linspace(0, 1, frames) if frames > 1 else np.zeros(1)
    eased = time * time * (3 - 2 * time)
    depth = float(rng.uniform(0.45, 0.9))
    chances = np.array(list(recipe.cameras.values())) / sum(recipe.cameras.values())
    move = str(rng.choice(list(recipe.cameras), p=chances))
    if travels:
        way = float(rng.choice([-1, 1]) * rng.uniform(0.14, 0.26)) * width * frames / fps
        path[:, 0] = way * (time - 0.5)
        depth = 1.0
    elif move == "pan":
        way = float(rng.choice([-1, 1]) * rng.uniform(0.06, 0.2)) * width
        path[:, 0] = way * (eased - 0.5)
    elif move == "zoom":
        zoom = 1 + float(rng.uniform(0.08, 0.25)) * eased
        path[:, 2] = zoom if rng.random() < 0.6 else zoom[::-1]
    elif move == "shake":
        start = int(rng.uniform(0, 0.7) * frames)
        fading = np.exp(-np.arange(frames - start) / (0.18 * fps))
        path[start:, :2] = rng.normal(0, 0.008 * height, (frames - start, 2)) * fading[:, None]
        path[start:, :2] *= fading[:, None] > 0.05
        path[:, :2] = np.clip(path[:, :2], -0.02 * height, 0.02 * height)
    return Camera(path, depth)


def _scenery(
    place: Rgb, camera: Camera, stage: Stage, size_hw: tuple[int, int], rng: np.random.Generator
) -> tuple[Rgb, tuple[int, int]]:
    """The background over all that the camera will see, and where on the stage it begins."""
    height, width = size_hw
    reach = np.abs(camera.path[:, :2]).max(axis=0) * camera.depth
    margin_x, margin_y = (int(np.ceil(r)) + 2 if r else 0 for r in reach)
    wide, high = width + 2 * margin_x, height + 2 * margin_y
    h, w = place.shape[:2]
    scale = max(high / h, wide / w) * float(rng.uniform(*stage.scale.crop))
    crop_h, crop_w = min(h, round(high / scale)), min(w, round(wide / scale))
    left = int(rng.integers(w - crop_w + 1))
    # The floor is below, and so are feet; faces of a near shot are before what is higher up.
    lowness = rng.uniform(0.8, 1) if stage.scale is FAR else rng.uniform(0.2, 0.8)
    top = round(lowness * (h - crop_h))
    cropped = np.ascontiguousarray(place[top : top + crop_h, left : left + crop_w])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = np.asarray(cv2.resize(cropped, (wide, high), interpolation=how), np.uint8)
    return resized, (-margin_x, -margin_y)


def _box(size_hw: tuple[int, int], rng: np.random.Generator) -> Rgba:
    look, opacity = dialogue_box(size_hw, rng)
    covered = (look * opacity[..., None]).astype(np.uint8)
    return np.dstack([covered, (opacity * 255).astype(np.uint8)])


def _draw_light(
    recipe: ClipRecipe, frames: int, fps: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    light = np.ones(frames)
    if rng.random() < recipe.fade:
        takes = min(frames // 2, round(float(rng.uniform(0.3, 0.7)) * fps))
        ramp = np.linspace(0, 1, takes, endpoint=False)
        if rng.random() < 0.5:
            light[:takes] = ramp
        elif takes:
            light[-takes:] = ramp[::-1]
    return light


def _draw_subtitle(
    recipe: ClipRecipe, frames: int, rng: np.random.Generator
) -> tuple[int, int] | None:
    if rng.random() >= recipe.subtitles:
        return None
    first, last = sorted((rng.uniform(0, 0.5), rng.uniform(0.6, 1)))
    return int(first * frames), int(last * frames)
