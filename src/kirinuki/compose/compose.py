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

from kirinuki.compose import placement
from kirinuki.compose.canvas import MIN_PIXELS, Canvas, hardly_shown, shown
from kirinuki.compose.cast import Actor, cut_sides, draw_cast, fitted
from kirinuki.compose.effects import apply_effects, dialogue_box
from kirinuki.compose.library import Library, load_cutout
from kirinuki.compose.looks.illustration import illustrated
from kirinuki.compose.paint import Rgb, Rgba, halo, recoloured, relit, shadow
from kirinuki.compose.placement import Affine, Spot
from kirinuki.compose.recipe import Recipe
from kirinuki.compose.scenery import draw_background, poster
from kirinuki.compose.warp import Reshaping, reshaped

THINGS = (0.08, 0.8)
"""Sizes of objects among characters, longer side as a share of the picture's height."""
IMPOSTORS = (0.45, 1.3)
"""Sizes of objects in the place of characters."""
LOOKS = 7
"""With the seed, that of the generator of `compose.looks`: without them a picture is what it was
before there were any, and with them it is much the same one."""
PLACE_ATTEMPTS = 6
"""Times that a character is tried, half of them on the spot meant for it, before it is left out."""


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
        too_little: the same of each character of which too little shows to be asked for.
    """

    picture: Rgb
    alphas: tuple[NDArray[np.uint8], ...]
    names: tuple[str, ...]
    genders: tuple[str, ...]
    distractors: tuple[NDArray[np.uint8], ...]
    too_little: tuple[NDArray[np.uint8], ...] = ()


def compose(library: Library, recipe: Recipe, seed: int) -> Composed:
    """One picture of the recipe.

    Raises:
        DatasetError, PictureError: when a piece of the library cannot be used; names the file.
    """
    rng, looks = np.random.default_rng(seed), np.random.default_rng((seed, LOOKS))
    size_hw = draw_size(recipe, rng)
    is_group = bool(rng.random() < recipe.group)
    cast = draw_cast(library, recipe, size_hw[0], is_group, rng, looks)
    canvas = Canvas(draw_background(library, recipe, size_hw, [a.cutout for a in cast], rng))
    if rng.random() < recipe.posters:
        for _ in range(int(rng.integers(1, 4))):
            _add_poster(canvas, rng)
    if not cast and library.objects and rng.random() < recipe.impostors:
        for _ in range(int(rng.integers(1, 4))):
            _add_object(canvas, library, recipe, IMPOSTORS, rng)
    objects = int(rng.integers(1, 5)) if library.objects and rng.random() < recipe.objects else 0
    spots = _group_spots(cast, size_hw, rng) if is_group else _spots(len(cast), recipe, rng)
    waiting = iter(rng.permutation(len(cast)).tolist())
    for is_character in rng.permutation([True] * len(cast) + [False] * objects):
        if is_character:
            i = next(waiting)
            _add_character(canvas, cast[i], spots[i], recipe, rng)
        else:
            _add_object(canvas, library, recipe, THINGS, rng)
    if rng.random() < recipe.dialogue_box:
        _add_dialogue_box(canvas, recipe, rng)
    colours = np.clip(canvas.colours, 0, 255).astype(np.uint8)
    if looks.random() < recipe.illustrate:
        colours = illustrated(colours, looks)
    characters = shown(canvas.characters)
    return Composed(
        picture=apply_effects(colours, recipe, rng),
        alphas=tuple(alpha for alpha, _ in characters),
        names=(recipe.name,) * len(characters),
        genders=tuple(gender for _, gender in characters),
        distractors=tuple(alpha for alpha, _ in shown(canvas.objects)),
        too_little=hardly_shown(canvas.characters),
    )


def draw_size(recipe: Recipe, rng: np.random.Generator) -> tuple[int, int]:
    """Height and width in pixels of a picture of the recipe."""
    side = int(rng.integers(recipe.side[0], recipe.side[1] + 1))
    wide, high = recipe.aspects[int(rng.integers(len(recipe.aspects)))]
    scale = side / max(wide, high)
    return round(high * scale), round(wide * scale)


def _spots(count: int, recipe: Recipe, rng: np.random.Generator) -> list[Spot]:
    """Mostly side by side, jittered; some cut off by the frame."""
    middles: list[float | None] = [None] * count
    if count > 1 and rng.random() >= 0.25:
        slots = (np.arange(count) + 0.5) / count + rng.normal(0, 0.35 / count, count)
        middles = rng.permutation(slots).tolist()
    spots = []
    for middle in middles:
        cut = None
        if rng.random() < recipe.cut_off:
            cut = int(rng.choice(4, p=(0.35, 0.1, 0.35, 0.2))), float(rng.uniform(0.2, 0.6))
        spots.append(Spot(middle, None, cut))
    return spots


def _group_spots(
    cast: list[Actor], size_hw: tuple[int, int], rng: np.random.Generator
) -> list[Spot]:
    """Shoulder to shoulder, overlapping, heads at about one height; some look over from behind."""
    if not cast:
        return []
    widths = np.array([a.tall * a.body_hw[1] / a.body_hw[0] for a in cast])
    steps = (widths[1:] + widths[:-1]) / 2 * rng.uniform(0.4, 0.95, len(cast) - 1)
    middles = np.concatenate([[0.0], np.cumsum(steps)])
    middles += rng.uniform(0.3, 0.7) * size_hw[1] - (middles[0] + middles[-1]) / 2
    tallest = max(a.tall for a in cast)
    top = rng.uniform(0, max(0.05, 1 - tallest / size_hw[0]))
    tops = top + rng.normal(0, 0.05, len(cast)) * tallest / size_hw[0]
    tops -= np.where(rng.random(len(cast)) < 0.2, 0.15, 0) * tallest / size_hw[0]
    return [Spot(float(x / size_hw[1]), float(y)) for x, y in zip(middles, tops, strict=True)]


def _draw_affine(actor: Actor, canvas: Canvas, recipe: Recipe, rng: np.random.Generator) -> Affine:
    h, w = actor.body_hw
    fills = placement.fills_frame((h, w), actor.flush, canvas.size_hw)
    scale = max(min(actor.tall / h, 2.2 * canvas.size_hw[1] / w), fills)
    turn = rng.random()
    # Turned close-ups would show a leg and nothing to know it by.
    upright = any(actor.flush) or actor.is_close_up
    if upright or turn > recipe.upside_down + recipe.lying:
        angle = rng.normal(0, 4 if any(actor.flush) else 8)
    elif turn < recipe.upside_down:
        angle = rng.uniform(-180, 180)
    else:
        angle = rng.uniform(-100, 100)
    reach = 0.15 if rng.random() < recipe.stretch else 0.04
    stretch = math.exp(rng.uniform(-reach, reach))  # of either side: both together up to 1.35
    mirrored = bool(rng.random() < 0.5)
    if fills:
        return Affine(scale, scale, 0.0, 0.0, mirrored)
    shear = float(rng.normal(0, 0.05))
    return Affine(scale * stretch, scale / stretch, float(angle), shear, mirrored)


def _add_character(
    canvas: Canvas, actor: Actor, spot: Spot, recipe: Recipe, rng: np.random.Generator
) -> None:
    for attempt in range(PLACE_ATTEMPTS):
        affine = _draw_affine(actor, canvas, recipe, rng)
        where = spot if attempt < PLACE_ATTEMPTS // 2 else Spot()
        matrix = placement.place(actor.body_hw, affine, actor.flush, canvas.size_hw, where, rng)
        layer, enough = _laid(actor, matrix, canvas.size_hw)
        alpha = layer[..., 3]
        if enough and canvas.leaves_enough(alpha, recipe.min_visible):
            break
    else:
        return
    if rng.random() < recipe.relight:
        layer = relit(layer, canvas.colours.mean(axis=(0, 1)), rng)
    if rng.random() < recipe.reflection:
        _reflect(canvas, layer, rng)
    if rng.random() < recipe.shadow:
        canvas.blend(np.zeros(3, np.float32), shadow(layer[..., 3], rng))
    if rng.random() < recipe.outline:
        canvas.blend(*halo(layer[..., 3], rng))
    canvas.add_character(layer, actor.piece.gender)


def _laid(actor: Actor, matrix: NDArray[np.float64], size_hw: tuple[int, int]) -> tuple[Rgba, bool]:
    """The cutout in a picture of this size, by the matrix of its body; and whether enough of that
    is there, for a ribbon alone is nobody."""
    x1, y1, x2, y2 = actor.body
    body = placement.warp(actor.cutout[y1:y2, x1:x2], matrix, size_hw)
    enough = cv2.sumElems(body[..., 3])[0] >= 255 * MIN_PIXELS
    if actor.body_hw == actor.cutout.shape[:2]:
        return body, enough
    whole = matrix.copy()
    whole[:, 2] -= matrix[:, :2] @ actor.body[:2]
    return placement.warp(actor.cutout, whole, size_hw), enough


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


def _add_object(
    canvas: Canvas,
    library: Library,
    recipe: Recipe,
    sizes: tuple[float, float],
    rng: np.random.Generator,
) -> None:
    """An object of about these sizes, as shares of the picture's height; large ones in the middle,
    as characters are."""
    piece = library.objects[int(rng.integers(len(library.objects)))]
    whole = load_cutout(piece.path)
    height, width = canvas.size_hw
    long_side = math.exp(rng.uniform(*np.log(sizes))) * height
    cutout = fitted(whole, long_side * whole.shape[0] / max(whole.shape[:2]))
    chances = 0, recipe.perspective, recipe.bend
    reshaping = Reshaping(*(bool(rng.random() < chance) for chance in chances))
    if reshaping != Reshaping():
        cutout = reshaped(cutout, reshaping, cut_sides(piece.path), rng)
    if rng.random() < recipe.recolour:
        cutout = recoloured(cutout, rng)
    scale = long_side / max(cutout.shape[:2])
    affine = Affine(scale, scale, float(rng.normal(0, 12)), 0.0, bool(rng.random() < 0.5))
    if sizes is IMPOSTORS:
        middle = rng.uniform((0.2, 0.3), (0.8, 0.8)) * (width, height)
        start = middle - np.array([cutout.shape[1], cutout.shape[0]]) * scale / 2
    else:
        start = rng.uniform(-0.1, 0.9, 2) * (width, height)
    matrix = np.column_stack([affine.linear(), start + _offset(cutout, affine)])
    layer = placement.warp(cutout, matrix, canvas.size_hw)
    is_in_frame = cv2.countNonZero(layer[..., 3]) > 0
    if is_in_frame and canvas.leaves_enough(layer[..., 3], recipe.min_visible):
        canvas.add_object(layer)


def _add_poster(canvas: Canvas, rng: np.random.Generator) -> None:
    height, width = canvas.size_hw
    cutout = poster(round(height * rng.uniform(0.2, 0.9)), rng)
    affine = Affine(1.0, 1.0, float(rng.normal(0, 8)), float(rng.normal(0, 0.15)), mirrored=False)
    start = rng.uniform(-0.1, 0.8, 2) * (width, height) + _offset(cutout, affine)
    layer = placement.warp(cutout, np.column_stack([affine.linear(), start]), canvas.size_hw)
    if cv2.countNonZero(layer[..., 3]):
        canvas.add_object(layer)


def _offset(cutout: Rgba, affine: Affine) -> NDArray[np.float64]:
    """How far a turned or mirrored cutout must move so that none of it lies left of or above 0."""
    h, w = cutout.shape[:2]
    corners: NDArray[np.float64] = affine.linear() @ np.array([[0, w, 0, w], [0, 0, h, h]])
    return np.asarray(-corners.min(axis=1))


def _add_dialogue_box(canvas: Canvas, recipe: Recipe, rng: np.random.Generator) -> None:
    look, opacity = dialogue_box(canvas.size_hw, rng)
    alpha = (opacity * 255).astype(np.uint8)
    if canvas.leaves_enough(alpha, recipe.min_visible):
        canvas.cover(np.dstack([(look * opacity[..., None]).astype(np.uint8), alpha]))
