"""Composed pictures: cutouts with alpha over backgrounds, with masks exact by construction.

The characters of a picture lie on layers. Whatever lies in front takes its share away from the
alpha behind it, so the visible alphas of a picture never add up to more than 255 at any pixel, and
the hard mask behind an occluder is exactly what can be seen.

    library = Library.load(sprites, backgrounds, objects)
    composed = compose(library, Recipe(), seed=7)

The same call feeds training on the fly and `kirinuki data compose` (`compose_dataset`): one seed,
one picture, on every machine with the same versions of the libraries.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.data import placement
from kirinuki.data.canvas import MIN_PIXELS, Canvas, shown
from kirinuki.data.effects import apply_effects, dialogue_box
from kirinuki.data.library import Library, Piece, load_background, load_cutout
from kirinuki.data.paint import Rgb, Rgba, halo, recoloured, relit, shadow, shift_colours
from kirinuki.data.recipe import Recipe

PLACE_ATTEMPTS = 6


@dataclass(frozen=True)
class Composed:
    """A composed picture and its truth.

    Attributes:
        picture: (H, W, 3) uint8 RGB.
        alphas: one (H, W) uint8 visible soft alpha per character, back to front; sum ≤ 255.
        names: class name of each character.
        genders: "female", "male" or "" (unknown, neither) of each character.
        distractors: one (H, W) uint8 visible soft alpha per object, which is no character, back to
            front; together with `alphas` sum ≤ 255.
    """

    picture: Rgb
    alphas: tuple[NDArray[np.uint8], ...]
    names: tuple[str, ...]
    genders: tuple[str, ...]
    distractors: tuple[NDArray[np.uint8], ...]


def compose(library: Library, recipe: Recipe, seed: int) -> Composed:
    """One picture of the recipe.

    Raises:
        DatasetError, PictureError: when a piece of the library cannot be used; names the file.
    """
    rng = np.random.default_rng(seed)
    size_hw = _draw_size(recipe, rng)
    drawn = _draw_characters(library, recipe, rng)
    cutouts = [cutout for cutout, _ in drawn]
    canvas = Canvas(_draw_background(library, recipe, size_hw, cutouts, rng))
    shot = _draw_shot(recipe, rng)
    objects = int(rng.integers(1, 5)) if library.objects and rng.random() < recipe.objects else 0
    order = rng.permutation([True] * len(drawn) + [False] * objects)
    middles = iter(_spread(len(drawn), rng))
    waiting = iter(drawn)
    for is_character in order:
        if is_character:
            _add_character(canvas, *next(waiting), shot, next(middles), recipe, rng)
        else:
            _add_object(canvas, _pick(library.objects, rng), recipe, rng)
    if rng.random() < recipe.dialogue_box:
        _add_dialogue_box(canvas, recipe, rng)
    picture = apply_effects(_to_uint8(canvas.colours), recipe, rng)
    characters = shown(canvas.characters)
    return Composed(
        picture=picture,
        alphas=tuple(alpha for alpha, _ in characters),
        names=(recipe.name,) * len(characters),
        genders=tuple(piece.gender for _, piece in characters),
        distractors=tuple(alpha for alpha, _ in shown(canvas.objects)),
    )


def _to_uint8(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(values, 0, 255).astype(np.uint8)


def _draw_size(recipe: Recipe, rng: np.random.Generator) -> tuple[int, int]:
    side = int(rng.integers(recipe.side[0], recipe.side[1] + 1))
    wide, high = recipe.aspects[int(rng.integers(len(recipe.aspects)))]
    scale = side / max(wide, high)
    return round(high * scale), round(wide * scale)


def _draw_shot(recipe: Recipe, rng: np.random.Generator) -> placement.Shot:
    kind = rng.random()
    if kind < recipe.close_up:
        return placement.CLOSE_UP
    return placement.SMALL if kind < recipe.close_up + recipe.small else placement.MEDIUM


def _pick(pieces: tuple[Piece, ...], rng: np.random.Generator) -> Piece:
    return pieces[int(rng.integers(len(pieces)))]


def _draw_characters(
    library: Library, recipe: Recipe, rng: np.random.Generator
) -> list[tuple[Rgba, Piece]]:
    chances = np.array(recipe.counts) / sum(recipe.counts)
    count = int(rng.choice(len(chances), p=chances))
    weights = library.character_weights(recipe.style_shares)
    drawn = []
    for index in rng.choice(len(weights), size=count, p=weights):
        piece = library.characters[int(index)]
        cutout = load_cutout(piece.path)
        if rng.random() < recipe.recolour:
            cutout = recoloured(cutout, rng)
        if rng.random() < recipe.bend:
            cutout = placement.bent(cutout, rng)
        drawn.append((cutout, piece))
    return drawn


def _draw_background(
    library: Library,
    recipe: Recipe,
    size_hw: tuple[int, int],
    cutouts: list[Rgba],
    rng: np.random.Generator,
) -> Rgb:
    if rng.random() < recipe.plain_background:
        background = _plain(size_hw, rng)
    else:
        background = _crop(load_background(_pick(library.backgrounds, rng).path), size_hw, rng)
    if rng.random() < 0.4:
        change = (
            float(rng.normal(0, 15)),
            float(rng.uniform(0.5, 1.3)),
            float(rng.uniform(0.6, 1.2)),
        )
        background = shift_colours(background, *change)
    if cutouts and rng.random() < recipe.same_hue:
        solid = cutouts[0][cutouts[0][..., 3] == 255]
        if len(solid):
            hue = solid[int(rng.integers(len(solid))), :3].astype(np.float32)
            background = _to_uint8(background * 0.5 + hue * 0.5)
    if rng.random() < recipe.background_blur:
        background = np.asarray(
            cv2.GaussianBlur(background, (0, 0), float(rng.uniform(0.8, 6))), np.uint8
        )
    return background


def _plain(size_hw: tuple[int, int], rng: np.random.Generator) -> Rgb:
    height, width = size_hw
    first, second = rng.integers(0, 256, (2, 3)).astype(np.float32)
    if rng.random() < 0.35:
        first = second = np.full(3, 255.0, np.float32)
    angle = rng.uniform(0, 2 * math.pi)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    ramp = (x * math.cos(angle) + y * math.sin(angle)) / max(height, width)
    if rng.random() < 0.3:
        ramp = (np.floor(ramp * rng.integers(4, 30)) % 2).astype(np.float32)
    ramp = np.clip(ramp, 0, 1)[..., None]
    return _to_uint8(first * (1 - ramp) + second * ramp)


def _crop(background: Rgb, size_hw: tuple[int, int], rng: np.random.Generator) -> Rgb:
    height, width = size_hw
    h, w = background.shape[:2]
    cover = max(height / h, width / w)
    part = 1 / (cover * rng.uniform(1, 1.8))  # background pixels per picture pixel
    crop_h, crop_w = min(h, round(height * part)), min(w, round(width * part))
    top, left = int(rng.integers(h - crop_h + 1)), int(rng.integers(w - crop_w + 1))
    cropped = background[top : top + crop_h, left : left + crop_w]
    if rng.random() < 0.5:
        cropped = cropped[:, ::-1]
    how = cv2.INTER_AREA if part > 1 else cv2.INTER_LINEAR
    return np.asarray(
        cv2.resize(np.ascontiguousarray(cropped), (width, height), interpolation=how), np.uint8
    )


def _spread(count: int, rng: np.random.Generator) -> list[float | None]:
    """Where the characters' middles go, as shares of the width: mostly side by side, jittered."""
    if count < 2 or rng.random() < 0.25:
        return [None] * count
    slots = (np.arange(count) + 0.5) / count + rng.normal(0, 0.35 / count, count)
    return [float(s) for s in rng.permutation(slots)]


def _draw_pose(
    cutout: Rgba, shot: placement.Shot, canvas: Canvas, recipe: Recipe, rng: np.random.Generator
) -> placement.Pose:
    height, width = canvas.size_hw
    tall = rng.uniform(shot.low, shot.high) * height
    upright_only = any(placement.flush_sides(cutout))
    if upright_only:  # half-body art: its frame shows half a figure, so scale it as half a figure
        tall *= 0.75
    scale = tall / cutout.shape[0]
    scale = min(scale, 2.2 * width / cutout.shape[1])
    turn = rng.random()
    # Turned close-ups would show a leg and nothing to know it by.
    if upright_only or shot is placement.CLOSE_UP or turn > recipe.upside_down + recipe.lying:
        angle = rng.normal(0, 4 if upright_only else 8)
    elif turn < recipe.upside_down:
        angle = rng.uniform(-180, 180)
    else:
        angle = rng.uniform(-100, 100)
    stretch = math.exp(rng.normal(0, 0.08))
    return placement.Pose(
        scale_x=scale * stretch,
        scale_y=scale / stretch,
        angle=float(angle),
        shear=float(rng.normal(0, 0.05)),
        mirrored=bool(rng.random() < 0.5),
    )


def _add_character(
    canvas: Canvas,
    cutout: Rgba,
    piece: Piece,
    shot: placement.Shot,
    middle: float | None,
    recipe: Recipe,
    rng: np.random.Generator,
) -> None:
    for attempt in range(PLACE_ATTEMPTS):
        pose = _draw_pose(cutout, shot, canvas, recipe, rng)
        where = middle if attempt < PLACE_ATTEMPTS // 2 else None
        matrix = placement.place(cutout, pose, canvas.size_hw, rng, where)
        layer = placement.warp(cutout, matrix, canvas.size_hw)
        alpha = layer[..., 3]
        enough = alpha.sum(dtype=np.int64) >= 255 * MIN_PIXELS
        if enough and canvas.leaves_enough(alpha, recipe.min_visible):
            break
    else:
        return
    if rng.random() < recipe.relight:
        layer = relit(layer, canvas.colours.mean(axis=(0, 1)), rng)
    if rng.random() < recipe.reflection:
        _reflect(canvas, layer, rng)
    if rng.random() < recipe.shadow:
        canvas.blend(np.zeros(3), shadow(layer[..., 3], rng))
    if rng.random() < recipe.outline:
        canvas.blend(*halo(layer[..., 3], rng))
    canvas.add(layer, piece, is_character=True)


def _reflect(canvas: Canvas, layer: Rgba, rng: np.random.Generator) -> None:
    rows = np.flatnonzero(layer[..., 3].any(axis=1))
    height = canvas.size_hw[0]
    foot = int(rows[-1])
    depth = min(height - 1 - foot, foot)
    if depth < 8:
        return
    mirrored = layer[foot - depth : foot][::-1]
    strength = mirrored[..., 3].astype(np.float32) / 255 * np.float32(rng.uniform(0.15, 0.4))
    full = np.zeros(canvas.size_hw, np.float32)
    full[foot : foot + depth] = strength
    colour = np.zeros((*canvas.size_hw, 3), np.float32)
    colour[foot : foot + depth] = mirrored[..., :3]
    canvas.blend(colour, full)


def _add_object(canvas: Canvas, piece: Piece, recipe: Recipe, rng: np.random.Generator) -> None:
    cutout = load_cutout(piece.path)
    if rng.random() < recipe.recolour:
        cutout = recoloured(cutout, rng)
    height, width = canvas.size_hw
    scale = math.exp(rng.uniform(math.log(0.08), math.log(0.6))) * height / max(cutout.shape[:2])
    pose = placement.Pose(scale, scale, float(rng.normal(0, 15)), 0.0, bool(rng.random() < 0.5))
    left_top = rng.uniform(-0.1, 0.9, 2) * (width, height)
    layer = placement.warp(
        cutout, np.column_stack([pose.linear(), left_top + _offset(cutout, pose)]), canvas.size_hw
    )
    if canvas.leaves_enough(layer[..., 3], recipe.min_visible):
        canvas.add(layer, piece, is_character=False)


def _offset(cutout: Rgba, pose: placement.Pose) -> NDArray[np.float64]:
    """How far a turned or mirrored cutout must move so that none of it lies left of or above 0."""
    h, w = cutout.shape[:2]
    corners: NDArray[np.float64] = pose.linear() @ np.array([[0, w, 0, w], [0, 0, h, h]])
    return np.asarray(-corners.min(axis=1))


def _add_dialogue_box(canvas: Canvas, recipe: Recipe, rng: np.random.Generator) -> None:
    look, opacity = dialogue_box(canvas.size_hw, rng)
    alpha = (opacity * 255).astype(np.uint8)
    if canvas.leaves_enough(alpha, recipe.min_visible):
        canvas.cover(np.dstack([(look * opacity[..., None]).astype(np.uint8), alpha]))
