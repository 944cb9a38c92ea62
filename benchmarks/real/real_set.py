"""Pictures with a mask for every character, read from a folder with a ``list.csv``.

Two layouts are known by their columns:

- ``id, kind, n_characters``: ``ID.png`` (jpg, jpeg, webp) and ``ID.gt0.png``, ``ID.gt1.png``, …
- ``file, state, characters, split, kind``: ``file`` is a path in the folder, the masks are
  ``alphas/STEM.0.png``, …; only rows of one split count, labelled or empty.

A mask is grey, hard or soft. Soft ones that meet are shared out, so that a pixel has one owner.

Not covered: COCO files and LabelMe folders (``kirinuki eval``).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kirinuki.errors import DatasetError
from kirinuki.images.picture import Picture, read_picture
from kirinuki.instances import HARD_MASK_ALPHA
from kirinuki.segmenter.sharing import share_out

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
FLAT = {"id", "kind", "n_characters"}
SPLIT = {"file", "state", "characters", "split", "kind"}
"""Columns that each layout needs; it may have others."""
MEASURED_STATES = ("labelled", "empty")


@dataclass(frozen=True)
class LabelledPicture:
    """One picture of the set; `masks` holds a file for each character, none where nobody is."""

    name: str
    kind: str
    path: Path
    masks: tuple[Path, ...]

    def read(self) -> tuple[Picture, NDArray[np.bool_]]:
        """The picture, and its characters' hard masks (G, H, W).

        Raises:
            PictureError: a file cannot be read.
            DatasetError: a mask is of another size than the picture.
        """
        picture = read_picture(self.path)
        size = picture.rgb.shape[:2]
        alphas = [read_picture(mask).rgb[:, :, 0] for mask in self.masks]
        for mask, alpha in zip(self.masks, alphas, strict=True):
            if alpha.shape != size:
                raise DatasetError(
                    f"{mask}: is {alpha.shape[1]}×{alpha.shape[0]}, but its picture is "
                    f"{size[1]}×{size[0]}; make the mask anew"
                )
        return picture, hard_masks(alphas, size)


def hard_masks(alphas: list[NDArray[np.uint8]], size_hw: tuple[int, ...]) -> NDArray[np.bool_]:
    """Alphas (H, W) as hard masks (G, H, W); where several meet, the strongest goes first."""
    height, width = size_hw
    whole = (0, 0, width, height)
    shared = share_out([(whole, a) for a in alphas], lambda i: alphas[i].astype(np.float32))
    masks = [alpha >= HARD_MASK_ALPHA for _, alpha in shared]
    return np.array(masks, np.bool_).reshape(len(masks), height, width)


def read_set(folder: Path, split: str = "val") -> list[LabelledPicture]:
    """Every picture that is to be measured, in the list's order.

    Raises:
        DatasetError: the list or a file that it names is missing, or they contradict each other.
    """
    path = folder / "list.csv"
    if not path.is_file():
        raise DatasetError(f"{path}: no such file; give a folder with list.csv, see README.md")
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        columns, rows = set(reader.fieldnames or ()), list(reader)
    if columns >= FLAT:
        pictures = [_flat(folder, row) for row in rows]
    elif columns >= SPLIT:
        wanted = [r for r in rows if r["split"] == split and r["state"] in MEASURED_STATES]
        pictures = [_of_split(folder, row) for row in wanted]
    else:
        raise DatasetError(
            f"{path}: has the columns {', '.join(sorted(columns))}; expected at least "
            f"{', '.join(sorted(FLAT))}, or {', '.join(sorted(SPLIT))}"
        )
    if not pictures:
        raise DatasetError(f'{path}: lists no labelled or empty picture of the split "{split}"')
    return pictures


def _flat(folder: Path, row: Mapping[str, str]) -> LabelledPicture:
    name = row["id"]
    found = [folder / f"{name}{s}" for s in SUFFIXES if (folder / f"{name}{s}").is_file()]
    if not found:
        raise DatasetError(f"{folder}: list.csv names {name}, but no {name}.png or .jpg is there")
    masks = _masks(folder, f"{name}.gt", row["n_characters"])
    return LabelledPicture(name, row["kind"], found[0], masks)


def _of_split(folder: Path, row: Mapping[str, str]) -> LabelledPicture:
    path = folder / row["file"]
    if not path.is_file():
        raise DatasetError(f"{path}: list.csv names it, but it is not there")
    masks = _masks(folder / "alphas", f"{path.stem}.", row["characters"])
    return LabelledPicture(path.stem, row["kind"], path, masks)


def _masks(folder: Path, start: str, said: str) -> tuple[Path, ...]:
    """The masks of one picture, as many as the list says, numbered from 0 without a gap."""
    if not said.isdecimal():
        raise DatasetError(f'{folder / start}…: list.csv says "{said}" characters, not a number')
    masks = [folder / f"{start}{k}.png" for k in range(int(said) + 1)]
    there = [mask.is_file() for mask in masks]
    if not all(there[:-1]):
        missing = masks[there.index(False)]
        raise DatasetError(f"{missing}: no such mask, but list.csv says {said} characters")
    if there[-1]:
        raise DatasetError(f"{masks[-1]}: is one mask more than list.csv says ({said})")
    return tuple(masks[:-1])
