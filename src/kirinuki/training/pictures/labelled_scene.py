"""One labelled picture read as a `Scene`: soft alpha where its labels have it, else its masks.

Not covered: which picture, and how it is changed (`dataset`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from kirinuki.errors import DatasetError
from kirinuki.formats.labelled import LabelledInstance, LabelledPicture
from kirinuki.images.picture import read_picture
from kirinuki.segmenter.detector import resize, resize_to
from kirinuki.training.pictures.scene import Alpha, Scene


def read_scene(picture: LabelledPicture, names: Sequence[str], edge_trust: float) -> Scene:
    """A labelled picture at the size of its file; crowds are ignored.

    Args:
        names: the classes; a character's label is its place among them.
        edge_trust: as in `Scene`.

    Raises:
        DatasetError: picture or alpha are of another size than the labels say.
        LabelError, PictureError: one of them cannot be read.
    """
    rgb = picture.read().rgb
    _expect_size(picture.path, rgb.shape, picture)
    crowds = [one for one in picture.instances if one.crowd]
    return Scene(
        picture=rgb,
        alphas=shared_out([_alpha(picture, one) for one in picture.characters]),
        labels=tuple(names.index(one.name) for one in picture.characters),
        genders=tuple(one.kind or "" for one in picture.characters),
        ignored=tuple(_hard(picture, one) for one in crowds),
        edge_trust=edge_trust,
    )


def shared_out(alphas: Sequence[Alpha]) -> tuple[Alpha, ...]:
    """Alphas (H, W) uint8 that nowhere add up to more than 255: where they do, each gives in
    proportion."""
    if len(alphas) < 2:
        return tuple(alphas)
    total = np.sum(alphas, axis=0, dtype=np.uint16)
    if total.max() <= 255:
        return tuple(alphas)
    share = np.minimum(1, 255 / np.maximum(total, 1).astype(np.float32))
    return tuple((alpha * share).astype(np.uint8) for alpha in alphas)


def resized(scene: Scene, long_side: int) -> Scene:
    """The scene with its longer side at so many pixels."""
    picture = resize_to(scene.picture, long_side)
    size = picture.shape[1], picture.shape[0]
    return replace(
        scene,
        picture=picture,
        alphas=tuple(resize(alpha, size) for alpha in scene.alphas),
        ignored=tuple(resize(alpha, size) for alpha in scene.ignored),
    )


def _alpha(picture: LabelledPicture, one: LabelledInstance) -> Alpha:
    if one.alpha is None:
        return _hard(picture, one)
    alpha = read_picture(one.alpha).rgb[:, :, 0]
    _expect_size(one.alpha, alpha.shape, picture)
    return np.ascontiguousarray(alpha)


def _hard(picture: LabelledPicture, one: LabelledInstance) -> Alpha:
    return one.mask(picture.size_hw).astype(np.uint8) * 255


def _expect_size(path: Path, shape: tuple[int, ...], picture: LabelledPicture) -> None:
    height, width = picture.size_hw
    if shape[:2] != picture.size_hw:
        raise DatasetError(
            f"{path}: is {shape[1]}×{shape[0]}, but its labels say "
            f"{width}×{height}; see: kirinuki data check"
        )
