"""Who is in a composed picture: characters drawn from the library, in new shapes and colours.

Not covered: where they stand (`placement`), what covers what (`compose`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from kirinuki.compose.library import Library, Piece, load_cutout
from kirinuki.compose.looks.adornments import adorned
from kirinuki.compose.looks.part_colours import recoloured_parts
from kirinuki.compose.paint import Rgba, recoloured
from kirinuki.compose.placement import CLOSE_UP, MEDIUM, SMALL, Shot, flush_sides
from kirinuki.compose.recipe import Recipe
from kirinuki.compose.warp import Flush, Reshaping, reshaped
from kirinuki.geometry import Window

HALF_HEIGHT = 0.75
"""Half-body art shows half a figure, so it is this much as tall as a whole one in its place."""
CUT_SHORT = ("half", "bust")
"""Framings whose lower edge is a cut, also where it is not straight enough to be seen as one."""


@dataclass(frozen=True)
class Actor:
    """A character as it will stand in one picture.

    Attributes:
        cutout: premultiplied (h, w, 4), hardly larger than it will be shown.
        piece: whose it is.
        flush: which of its sides are straight cuts, and belong at or beyond the frame.
        body: where in the cutout the figure is, without what was put on it.
        tall: height at which that is to appear, in pixels of the picture.
        is_close_up: whether figures of this picture are larger than the frame.
    """

    cutout: Rgba
    piece: Piece
    flush: Flush
    body: Window
    tall: float
    is_close_up: bool

    @property
    def body_hw(self) -> tuple[int, int]:
        """Height and width of the figure in pixels of the cutout."""
        left, top, right, bottom = self.body
        return bottom - top, right - left


def draw_cast(
    library: Library,
    recipe: Recipe,
    height: int,
    is_group: bool,
    rng: np.random.Generator,
    looks: np.random.Generator,
) -> list[Actor]:
    """The characters of a picture of this height, in no order; those of a group are of one size.

    Args:
        looks: generator of `compose.looks`.
    """
    chances = np.array(recipe.counts) / sum(recipe.counts)
    count = int(rng.choice(len(chances), p=chances))
    weights = library.character_weights(recipe.style_shares)
    chosen = rng.choice(len(weights), size=count, p=weights)
    if count > 1 and rng.random() < recipe.twins:
        chosen[1] = chosen[0]
    shot = _draw_shot(recipe, rng)
    common = rng.uniform(shot.low, shot.high)
    actors = []
    for index in chosen:
        share = common * rng.uniform(0.9, 1.1) if is_group else rng.uniform(shot.low, shot.high)
        piece = library.characters[int(index)]
        actor = _actor(piece, share * height, shot is CLOSE_UP, recipe, rng)
        actors.append(_dressed_up(actor, recipe, looks))
    return actors


def _draw_shot(recipe: Recipe, rng: np.random.Generator) -> Shot:
    kind = rng.random()
    if kind < recipe.close_up:
        return CLOSE_UP
    return SMALL if kind < recipe.close_up + recipe.small else MEDIUM


def _actor(
    piece: Piece, tall: float, is_close_up: bool, recipe: Recipe, rng: np.random.Generator
) -> Actor:
    whole = load_cutout(piece.path)
    left, top, right, bottom = cut_sides(piece.path)
    flush = left, top, right, bottom or piece.framing in CUT_SHORT
    tall *= HALF_HEIGHT if any(flush) else 1
    cutout = fitted(whole, tall)
    chances = recipe.limbs, recipe.perspective, recipe.bend
    reshaping = Reshaping(*(bool(rng.random() < chance) for chance in chances))
    if reshaping != Reshaping():
        cutout = reshaped(cutout, reshaping, flush, rng)
    if rng.random() < recipe.recolour:
        cutout = recoloured(cutout, rng)
    body = 0, 0, cutout.shape[1], cutout.shape[0]
    return Actor(cutout, piece, flush, body, tall, is_close_up)


def _dressed_up(actor: Actor, recipe: Recipe, rng: np.random.Generator) -> Actor:
    """In other colours part by part, and with something that flows or is held."""
    cutout, body = actor.cutout, actor.body
    if rng.random() < recipe.recolour_parts:
        cutout = recoloured_parts(cutout, rng)
    if rng.random() < recipe.adorn:
        cutout, body = adorned(cutout, actor.flush, rng)
    return replace(actor, cutout=cutout, body=body)


@cache
def cut_sides(path: Path) -> Flush:
    """`flush_sides` of a cutout of the library."""
    return flush_sides(load_cutout(path))


def fitted(cutout: Rgba, tall: float) -> Rgba:
    """The cutout, made smaller where it has far more pixels than will be shown: all that is done to
    it then costs less."""
    height, width = cutout.shape[:2]
    scale = 1.2 * tall / height
    if scale > 0.8:
        return cutout
    size = max(8, round(width * scale)), max(8, round(height * scale))
    return np.asarray(cv2.resize(cutout, size, interpolation=cv2.INTER_AREA), np.uint8)
