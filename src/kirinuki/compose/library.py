"""`Library`: the cutouts, objects and backgrounds that training pictures are composed from.

A library is three folders of pictures and, if there is one, a manifest (CSV) that says of each file
its source, style and character. Characters are drawn by style first (`Recipe.style_shares`), then
so that no character with many files drowns the others.

Not covered: where the pieces go (`placement`), what happens to the finished picture (`effects`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import DatasetError
from kirinuki.images.picture import PICTURE_SUFFIXES, read_picture
from kirinuki.outside_text import read_csv

MAX_SIDE = 720
"""Pieces are kept in memory no larger than this: composed pictures seldom show them larger."""
GENDERS = ("female", "male")
"""What a manifest's column `gender` may say; anything else counts as not known."""
CACHED_PIECES = 700
"""Decoded pieces kept per process; at `MAX_SIDE` about 1 MB each."""


@dataclass(frozen=True)
class Piece:
    """One file of a library.

    Attributes:
        path: the picture file.
        source: who or what it comes from; validation holds out whole sources. Where the manifest
            does not say, the first folder on the way to the file, or else the file's own name.
        style: e.g. anime, anime3d, painted; empty without a manifest.
        character: the same for all files that show one character.
        gender: "female" or "male" presenting; empty where it is neither or not known.
        framing: "full", "half", "bust" or "chibi": how much of a figure it shows; empty: not known.
    """

    path: Path
    source: str = ""
    style: str = ""
    character: str = ""
    gender: str = ""
    framing: str = ""


@dataclass(frozen=True)
class Library:
    """Pieces to compose pictures from; all three tuples are sorted by path.

    Attributes:
        characters: cutouts with alpha, one character each.
        objects: cutouts with alpha that are no characters; may be empty.
        backgrounds: pictures without characters.
    """

    characters: tuple[Piece, ...]
    objects: tuple[Piece, ...]
    backgrounds: tuple[Piece, ...]

    @classmethod
    def load(
        cls,
        sprites: Path,
        backgrounds: Path,
        objects: Path | None = None,
        manifest: Path | None = None,
    ) -> Library:
        """The library in these folders.

        Args:
            sprites: folder of character cutouts (pictures with alpha).
            backgrounds: folder of scenes without characters.
            objects: folder of cutouts that are not characters.
            manifest: CSV with the columns file and source, and if known style, character_id,
                gender and framing; `file` is matched by its name, so the CSV may stand anywhere.

        Raises:
            DatasetError: when a folder holds no picture, or the manifest lacks a column.
        """
        facts = _read_manifest(manifest) if manifest else {}
        return cls(
            characters=_pieces(sprites, facts),
            objects=_pieces(objects, facts) if objects else (),
            backgrounds=_pieces(backgrounds, facts),
        )

    def split(self, held_out: Iterable[str]) -> tuple[Library, Library]:
        """This library without the pieces of the held-out sources, and one of only those.

        Raises:
            DatasetError: when a source is not in the library, or one side is left without
                characters or backgrounds.
        """
        names = set(held_out)
        known = {p.source for p in (*self.characters, *self.objects, *self.backgrounds)}
        if unknown := sorted(names - known):
            raise DatasetError(f'no such source in the library: "{unknown[0]}"')
        return self._where(names, inside=False), self._where(names, inside=True)

    def _where(self, sources: set[str], inside: bool) -> Library:
        def kept(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
            return tuple(p for p in pieces if (p.source in sources) == inside)

        part = Library(kept(self.characters), kept(self.objects), kept(self.backgrounds))
        if not part.characters or not part.backgrounds:
            side = "held-out" if inside else "training"
            raise DatasetError(f"the {side} sources hold no character or no background")
        return part

    def character_weights(self, style_shares: Mapping[str, float]) -> NDArray[np.float64]:
        """Chance of each character to be drawn, (N,) summing to 1.

        A style that is not named has the share of its files among all; what is left the named
        styles share as asked. Within a style a character with k files weighs √k, so that many files
        of one count for more, but not in proportion.
        """
        styles, of_style, within = self._weights_within_styles
        by_files = np.bincount(of_style) / len(of_style)
        asked = np.array([style_shares.get(style, 0.0) for style in styles])
        unnamed = np.where(asked > 0, 0.0, by_files)
        left = (1 - unnamed.sum()) / (asked.sum() or 1.0)
        weights = within * (unnamed + left * asked)[of_style]
        normalised: NDArray[np.float64] = weights / weights.sum()
        return normalised

    @cached_property  # asked for every picture
    def _weights_within_styles(
        self,
    ) -> tuple[list[str], NDArray[np.intp], NDArray[np.float64]]:
        """The styles, which of them each character has, and its chance among those that have it."""
        per_character = Counter((p.style, p.character) for p in self.characters)
        weights = np.array(
            [
                per_character[p.style, p.character] ** -0.5 if p.character else 1.0
                for p in self.characters
            ]
        )
        styles, of_style = np.unique([p.style for p in self.characters], return_inverse=True)
        sums = np.bincount(of_style, weights)
        return styles.tolist(), of_style, weights / sums[of_style]


def _pieces(folder: Path, facts: dict[str, dict[str, str]]) -> tuple[Piece, ...]:
    files = [f for f in folder.rglob("*") if f.suffix.lower() in PICTURE_SUFFIXES]
    if not files:
        raise DatasetError(f"{folder}: no pictures here; expected a folder of PNG, WebP or JPEG")
    pieces = []
    for file in sorted(files):
        fact = facts.get(file.name, {})
        gender = fact.get("gender", "")
        pieces.append(
            Piece(
                path=file,
                source=fact.get("source") or file.relative_to(folder).parts[0],
                style=fact.get("style", ""),
                character=fact.get("character_id", ""),
                gender=gender if gender in GENDERS else "",
                framing=fact.get("framing", ""),
            )
        )
    return tuple(pieces)


def _read_manifest(path: Path) -> dict[str, dict[str, str]]:
    rows = read_csv(path, DatasetError)
    for column in ("file", "source"):
        if not rows or column not in rows[0]:
            raise DatasetError(f'{path}: the manifest has no column "{column}"')
    return {Path(row["file"] or "").name: row for row in rows}


@lru_cache(maxsize=CACHED_PIECES)
def load_cutout(path: Path) -> NDArray[np.uint8]:
    """A cutout as premultiplied (h, w, 4) uint8 RGBA, trimmed to its alpha, ≤ `MAX_SIDE`.

    Raises:
        DatasetError: when the picture has no alpha or nothing in it is opaque.
        PictureError: when it cannot be read.
    """
    picture = read_picture(path)
    if picture.alpha is None:
        raise DatasetError(f"{path}: a cutout needs transparency around the character; has none")
    rows, columns = np.nonzero(picture.alpha >= 8)
    if not len(rows):
        raise DatasetError(f"{path}: nothing in this cutout is visible")
    window = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    alpha = picture.alpha[window]
    colour = picture.rgb[window].astype(np.float32) * (alpha[..., None] / 255)
    return _shrunk(np.dstack([colour.round().astype(np.uint8), alpha]))


@lru_cache(maxsize=CACHED_PIECES)
def load_background(path: Path) -> NDArray[np.uint8]:
    """A background as (h, w, 3) uint8 RGB, longer side ≤ 2 × `MAX_SIDE`."""
    return _shrunk(read_picture(path).rgb, 2 * MAX_SIDE)


def _shrunk(picture: NDArray[np.uint8], max_side: int = MAX_SIDE) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1:
        return picture
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
