"""Who plays in a clip: a few characters and things of the library, the same in all of its shots.

Not covered: what they do (`stage`).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kirinuki.compose.cast import CUT_SHORT, cut_sides
from kirinuki.compose.clips.cel import Face, Puppet, find_face
from kirinuki.compose.clips.recipe import ClipRecipe
from kirinuki.compose.library import Library, Piece, load_cutout
from kirinuki.compose.paint import Rgba, recoloured, relit, thrice
from kirinuki.compose.warp import Flush

CAST = 4
"""Characters of a clip."""
ATTEMPTS = 12
"""Draws for a character that is not in the cast yet, and for one that is shown whole."""
BUST = 0.62
"""Cut art at least this wide for its height shows little more than head and shoulders."""


@dataclass(frozen=True, eq=False)
class Member:
    """Somebody, or some thing, of a clip.

    Attributes:
        cutout: premultiplied (h, w, 4) uint8, in the colours of this clip.
        flush: which of its sides are straight cuts.
        gender: as `Piece.gender`; empty for things.
        is_chibi: whether it is drawn with a large head and a small body.
        hold: for how many frames each of its drawings is held.
    """

    cutout: Rgba
    flush: Flush
    face: Face | None
    gender: str
    is_chibi: bool
    hold: int

    @property
    def is_whole(self) -> bool:
        """Whether it can stand inside the frame, on the ground."""
        return not any(self.flush)

    @property
    def is_bust(self) -> bool:
        height, width = self.cutout.shape[:2]
        return not self.is_whole and width / height >= BUST

    def puppet(self, tall: float, ambient: Rgba | None, rng: np.random.Generator) -> Puppet:
        """It, about `tall` pixels high; in the light of the colour `ambient` (3,), if given."""
        cutout = _sized(self.cutout, tall)
        if ambient is not None:
            cutout = relit(cutout, ambient.astype(np.float32), rng)
        return Puppet(cutout, self.flush, self.face)


@dataclass(frozen=True, eq=False)
class Cast:
    """The characters of a clip; `whole` are those of them who can stand on the ground."""

    members: tuple[Member, ...]

    @property
    def whole(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.is_whole)


def draw_cast(
    library: Library, recipe: ClipRecipe, holds: tuple[int, ...], rng: np.random.Generator
) -> Cast:
    """The characters of a clip, of whom, if the library can, one or two are shown whole."""
    weights = library.character_weights(recipe.style_shares)
    pieces: list[Piece] = []

    def one() -> Piece:
        return library.characters[int(rng.choice(len(weights), p=weights))]

    def is_new(piece: Piece) -> bool:
        return all(
            p != piece and (not p.character or p.character != piece.character) for p in pieces
        )

    at_least = int(rng.integers(1, 3))
    for place in range(CAST):
        for _ in range(ATTEMPTS):
            piece = one()
            fits = place >= at_least or _is_whole(piece)
            if fits and is_new(piece):
                break
        if is_new(piece):
            pieces.append(piece)
    return Cast(tuple(_member(piece, recipe, holds, rng) for piece in pieces))


def draw_thing(library: Library, holds: tuple[int, ...], rng: np.random.Generator) -> Member:
    """One of the library's objects."""
    piece = library.objects[int(rng.integers(len(library.objects)))]
    none = False, False, False, False
    return Member(load_cutout(piece.path), none, None, "", False, int(rng.choice(holds)))


def _is_whole(piece: Piece) -> bool:
    return piece.framing not in CUT_SHORT and not any(cut_sides(piece.path))


def _member(
    piece: Piece, recipe: ClipRecipe, holds: tuple[int, ...], rng: np.random.Generator
) -> Member:
    cutout = load_cutout(piece.path)
    left, top, right, bottom = cut_sides(piece.path)
    face = find_face(cutout)
    if rng.random() < recipe.recolour:
        cutout = recoloured(cutout, rng)
    flush = left, top, right, bottom or piece.framing in CUT_SHORT
    is_chibi = piece.framing == "chibi"
    return Member(cutout, flush, face, piece.gender, is_chibi, int(rng.choice(holds)))


def _sized(cutout: Rgba, tall: float) -> Rgba:
    """The cutout at its size on the screen: once, and with a better filter than each frame could
    afford."""
    height, width = cutout.shape[:2]
    size = max(8, round(width * tall / height)), max(8, round(tall))
    if tall < height:
        return np.asarray(cv2.resize(cutout, size, interpolation=cv2.INTER_AREA), np.uint8)
    larger = cv2.resize(cutout.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    # A cubic filter overshoots at edges; premultiplied colours must stay those of their alpha.
    alpha = np.clip(larger[..., 3], 0, 255)
    share = np.divide(alpha, larger[..., 3], out=np.zeros_like(alpha), where=larger[..., 3] > 1)
    rgb = np.minimum(larger[..., :3] * thrice(share), thrice(alpha))
    whole = np.clip(np.dstack([rgb, alpha]).round(), 0, 255)
    return np.asarray(whole, np.uint8)
