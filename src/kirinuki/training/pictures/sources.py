"""The data of a training run: found, checked and split before the first step.

`prepare` turns what the user asked for into a configuration that names everything (classes,
held-out sources, a validation set); `labelled` and `library` open what such a configuration names,
so that a resumed run finds exactly what the first one had.

Not covered: turning pictures into data sets (`opening`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kirinuki.compose.held_out import choose_sources
from kirinuki.compose.library import Library, load_background, load_cutout
from kirinuki.compose.recipe import Recipe
from kirinuki.dataset.check import check_dataset, check_training
from kirinuki.dataset.findings import Finding
from kirinuki.dataset.split import Split, near_identical, split_dataset, write_split
from kirinuki.errors import DatasetError, PictureError, TrainingError
from kirinuki.formats.labelled import LabelledSet, names_of
from kirinuki.formats.registry import load_set
from kirinuki.training.config import TrainConfig
from kirinuki.training.pictures.provenance import read_provenance
from kirinuki.work.progress import Progress, no_progress

VAL_SHARE = 0.2
"""Share of the labelled pictures held out where no validation set is named."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """A checked configuration, and the split that is still to be written."""

    config: TrainConfig
    split: Split | None = None

    def write(self, out: Path) -> TrainConfig:
        """Write ``train.json`` and ``val.json`` into `out` where a split was made; the
        configuration that names them."""
        if self.split is None:
            return self.config
        train, val = write_split(self.split, out, overwrite=True)
        return replace(self.config, data=(str(train),), val=str(val), pictures="")


def prepare(
    config: TrainConfig, track: Progress = no_progress, say: Say = lambda _: None
) -> Prepared:
    """The configuration of a new run, with everything decided that was left open: class names, and
    without a validation set a split, or held-out sources of the library. Nothing is written.

    Args:
        say: told in one line what was decided.

    Raises:
        TrainingError: it names no data, or mixes kinds that have no class in common.
        DatasetError, LabelError, PictureError: the data are empty or broken; in the words of
            ``kirinuki data check``.
    """
    composed = bool(config.sprites or config.backgrounds)
    if not (config.data or composed) or (composed and not (config.sprites and config.backgrounds)):
        raise TrainingError(
            "name what to train on: labelled data sets, or both `sprites` and `backgrounds`, or all"
        )
    if config.val or config.data:
        _refuse_broken(config, track)
    if composed:
        config = _prepare_composed(config, track, say)
    return _prepare_labelled(config, track, say) if config.data else Prepared(config)


def refuse_missing(config: TrainConfig) -> None:
    """The quick check before a run goes on: everything is still there.

    Raises:
        DatasetError: in the words of ``kirinuki data check``.
    """
    for source in _label_sources(config):
        findings = check_dataset(source, config.pictures or None, open_pictures=False)
        _refuse([f for f in findings if f.level == "error"], [source])


def labelled(config: TrainConfig) -> tuple[LabelledSet | None, LabelledSet | None]:
    """The labelled training and validation set that a prepared configuration names, if it does."""
    pictures = config.pictures or None
    sets = [[load_set(s, pictures) for s in part if s] for part in (config.data, (config.val,))]
    train, val = (merged(part) if part else None for part in sets)
    return train, val


def library(config: TrainConfig) -> Library:
    """The library that a configuration names.

    Raises:
        DatasetError: a folder holds no pictures.
    """
    return Library.load(
        Path(config.sprites),
        Path(config.backgrounds),
        Path(config.objects) if config.objects else None,
        Path(config.manifest) if config.manifest else None,
    )


def merged(datasets: Sequence[LabelledSet]) -> LabelledSet:
    """Several data sets as one: classes joined by name, pictures named by their absolute paths."""
    names = dict.fromkeys(name for dataset in datasets for name in dataset.names)
    pictures = tuple(
        replace(picture, name=picture.path.absolute().as_posix())
        for dataset in datasets
        for picture in dataset
    )
    notes = tuple(note for dataset in datasets for note in dataset.notes)
    return LabelledSet(tuple(names), pictures, notes=notes)


def _prepare_labelled(config: TrainConfig, track: Progress, say: Say) -> Prepared:
    train = merged([load_set(data, config.pictures or None) for data in config.data])
    for note in train.notes:
        say(note)
    if config.label_manifest:
        _refuse_other_pictures(Path(config.label_manifest), train)
    used = set(names_of(train))
    names = tuple(name for name in train.names if name in used)
    if not names:
        raise DatasetError(f"{config.data[0]}: not one usable shape; label some first")
    config = replace(config, names=_joined(names, config))
    if config.val:
        return Prepared(config)
    alike, _ = near_identical(train, track)
    try:
        split = split_dataset(train, VAL_SHARE, config.seed, alike=alike)
    except DatasetError as error:
        raise DatasetError(
            f"nothing to validate on: none of the {len(train)} pictures can be held out, as "
            "all are of one clip or nearly the same frame; name a set with `val`"
        ) from error
    say(
        f"{len(split.val)} of {len(train)} pictures are held out for validation; "
        "name a set of your own with `val`"
    )
    return Prepared(config, split)


def _refuse_other_pictures(table: Path, dataset: LabelledSet) -> None:
    known = read_provenance(table)
    if not any(picture.path.name in known for picture in dataset):
        raise DatasetError(
            f"{table}: names none of the {len(dataset)} labelled pictures, such as "
            f"{dataset.pictures[0].path.name}; was another list meant?"
        )


def _joined(names: tuple[str, ...], config: TrainConfig) -> tuple[str, ...]:
    """The classes of the labelled sets, and of what is composed beside them. A refiner tells no
    classes apart: whatever they are called, it learns from them."""
    composed = Recipe.from_dict(config.recipe).name
    if not config.sprites or composed in names:
        return names
    if config.arch == "refiner":
        return (*names, composed)
    raise TrainingError(
        f'the labels say {", ".join(names)}, but composed characters are "{composed}"; name them '
        "alike, in the recipe (name) or with: kirinuki data convert --map"
    )


def _prepare_composed(config: TrainConfig, track: Progress, say: Say) -> TrainConfig:
    recipe = Recipe.from_dict(config.recipe)
    pieces = library(config)
    _refuse_bad_pieces(pieces, track)
    config = replace(config, names=(recipe.name,))
    if config.held_out:
        pieces.split(config.held_out)  # names a source that is not there
    elif not (config.val or config.data):
        held_out = choose_sources(pieces, seed=config.seed)
        more = f" and {len(held_out) - 4} more" if held_out[4:] else ""
        say(f"held out for validation: {', '.join(held_out[:4])}{more}; `held_out` names others")
        config = replace(config, held_out=held_out)
    return config


def _refuse_bad_pieces(pieces: Library, track: Progress) -> None:
    loads = [(load_cutout, piece) for piece in (*pieces.characters, *pieces.objects)]
    loads += [(load_background, piece) for piece in pieces.backgrounds]
    bad: list[str] = []
    for load, piece in track(loads, "Pieces", len(loads)):
        try:
            load(piece.path)
        except (DatasetError, PictureError) as error:
            bad.append(str(error))
    if bad:
        more = f" (and {len(bad) - 1} more pieces)" if bad[1:] else ""
        raise DatasetError(f"{bad[0]}{more}")


def _label_sources(config: TrainConfig) -> list[str]:
    return [*config.data, *([config.val] if config.val else [])]


def _refuse_broken(config: TrainConfig, track: Progress) -> None:
    sources = _label_sources(config)
    findings = check_training(config.data, config.val or None, config.pictures or None, track=track)
    _refuse([finding for finding in findings if finding.level == "error"], sources)


def _refuse(errors: list[Finding], sources: Sequence[str]) -> None:
    if not errors:
        return
    more = f"{len(errors) - 1} more faults" if errors[1:] else "nothing else is wrong"
    command = " ".join(["kirinuki data check", *sources])
    raise DatasetError(f"{errors[0]} ({more}; see: {command})")
