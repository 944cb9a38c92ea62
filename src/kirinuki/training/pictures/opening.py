"""`open_pictures`: what a prepared configuration trains and measures on, as data sets.

Not covered: finding, checking and splitting what it names (`sources`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kirinuki.compose.recipe import Recipe
from kirinuki.formats.labelled import LabelledSet
from kirinuki.training.config import TrainConfig
from kirinuki.training.pictures.composed import ComposedPictures
from kirinuki.training.pictures.dataset import SMALL_SET, LabelledPictures
from kirinuki.training.pictures.mixed import MixedPictures
from kirinuki.training.pictures.provenance import read_provenance
from kirinuki.training.pictures.scene import Pictures
from kirinuki.training.pictures.sources import labelled, library

VALIDATION_SEED = 9001
"""Added to the seed, so that validation pictures are never composed as training pictures are."""
CROPS_ACROSS = 2
"""A refiner's labelled pictures are so many times as wide as its crops."""


def open_pictures(config: TrainConfig) -> tuple[Pictures, Pictures]:
    """The pictures to learn from, labelled, composed or mixed, and those to measure on: a labelled
    set if one is named, else pictures composed from held-out sources."""
    train_set, validation_set = labelled(config)
    composed = _composed(config) if config.sprites else None
    if validation_set is not None:
        checks: Pictures = LabelledPictures(validation_set, config.names, _side(config))
    else:
        assert composed is not None  # held by `prepare`
        checks = composed[1]
    if train_set is None:
        assert composed is not None
        return composed[0], checks
    pictures = _labelled(train_set, config, is_mixed=composed is not None)
    if composed is None:
        return pictures, checks
    return MixedPictures(pictures, composed[0], config.labelled_share), checks


def _labelled(dataset: LabelledSet, config: TrainConfig, is_mixed: bool) -> LabelledPictures:
    named = read_provenance(Path(config.label_manifest)) if config.label_manifest else {}
    return LabelledPictures(
        dataset,
        config.names,
        _side(config),
        config.seed,
        augmented=True,
        at_least=min(SMALL_SET, config.pictures_per_epoch),
        provenance=named if named or is_mixed else None,
        pasted=config.pasted,
    )


def _composed(config: TrainConfig) -> tuple[ComposedPictures, ComposedPictures]:
    pieces = held_out = library(config)
    if config.held_out:
        pieces, held_out = pieces.split(config.held_out)
    recipe, batch = Recipe.from_dict(config.recipe), config.batch_size
    checked = recipe
    if config.arch != "refiner":
        checked = replace(recipe, side=(config.input_size, config.input_size))
    label = config.names.index(recipe.name)
    return (
        ComposedPictures(pieces, recipe, config.pictures_per_epoch, config.seed, batch, label),
        ComposedPictures(
            held_out,
            checked,
            config.validation_pictures,
            config.seed + VALIDATION_SEED,
            batch,
            label,
        ),
    )


def _side(config: TrainConfig) -> int:
    """Long side of labelled pictures."""
    return config.input_size * (CROPS_ACROSS if config.arch == "refiner" else 1)
