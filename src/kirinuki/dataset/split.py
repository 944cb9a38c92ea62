"""Split a data set into training and validation: by group, balanced over the classes, seeded.

Groups (clips, folders, a pattern) are never parted, and near-identical pictures count as one group
whatever their names; see `grouping` and `balance`. Where whole clips cannot give a usable split,
such as one folder of numbered pictures, they are cut into runs of consecutive frames, and the
result says so.

Not covered: copying pictures; a third part for testing (split the training part again).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kirinuki.dataset.balance import hold_out
from kirinuki.dataset.grouping import Groups, cut_into_runs, group_by_name, join
from kirinuki.errors import DatasetError, OutputError
from kirinuki.formats.coco import Annotation, CocoDataset, CocoImage, write_coco
from kirinuki.formats.labelled import relative_to
from kirinuki.images.fingerprint import Fingerprint, near_pairs, read_fingerprints
from kirinuki.work.progress import Track, no_progress

FAR_OFF = 2.0
"""A share of validation pictures this many times too small or too large will not do."""


@dataclass(frozen=True)
class Split:
    """The two parts of a data set.

    Attributes:
        train, val: the parts; ids and categories are those of the whole.
        groups: how many groups there were to choose from.
        cut_clips: clips that were cut into runs of consecutive frames, for want of others.
    """

    train: CocoDataset
    val: CocoDataset
    groups: int
    cut_clips: tuple[str, ...] = ()


def split_dataset(
    dataset: CocoDataset,
    val_share: float = 0.2,
    seed: int = 0,
    group_by: str = "clip",
    alike: Iterable[tuple[int, int]] = (),
) -> Split:
    """Hold out about `val_share` of the pictures, and of every class, for validation.

    Args:
        val_share: 0 < share < 1.
        seed: the same seed and data set give the same split.
        group_by: "clip", "folder", "picture" or a regular expression (`grouping.group_by_name`).
        alike: pairs of indices into `dataset.images` that must stay together, such as those of
            `near_identical`.

    Raises:
        DatasetError: nothing can be held out without parting a group.
    """
    if not 0 < val_share < 1:
        raise DatasetError(f"--val is {val_share:g}; expected a share between 0 and 1")
    names = [image.file_name.replace("\\", "/") for image in dataset.images]
    counts = _contents(dataset)
    pairs = list(alike)
    by_name = group_by_name(names, group_by)
    groups = join(by_name.values(), pairs)
    chosen = _choose(groups, counts, val_share, seed)
    cut: tuple[str, ...] = ()
    if group_by == "clip" and not _acceptable(groups, chosen, counts, val_share):
        length = max(1, round(len(names) * val_share / 2))
        runs = [run for clip in by_name.values() for run in cut_into_runs(names, clip, length)]
        smaller = join(runs, pairs)
        if len(smaller) > len(groups):
            cut = tuple(key for key, clip in by_name.items() if len(clip) > length)
            groups, chosen = smaller, _choose(smaller, counts, val_share, seed)
    if chosen is None:
        raise DatasetError(_cannot(len(names), by_name, group_by))
    held = {i for group, take in zip(groups, chosen, strict=True) if take for i in group}
    return Split(
        train=_part(dataset, [i for i in range(len(names)) if i not in held]),
        val=_part(dataset, sorted(held)),
        groups=len(groups),
        cut_clips=cut,
    )


def near_identical(
    dataset: CocoDataset, track: Track = no_progress
) -> tuple[list[tuple[int, int]], list[str]]:
    """Pairs of indices into `dataset.images` that show nearly the same frame, and one line for
    each picture that could not be read to find out."""
    where: dict[Path, list[int]] = defaultdict(list)
    for i, image in enumerate(dataset.images):
        where[dataset.picture_path(image)].append(i)
    pairs = [(same[0], other) for same in where.values() for other in same[1:]]
    first: dict[str, int] = {}  # flat pictures have no hash, yet may be the same
    bits: list[NDArray[np.bool_] | None] = [None] * len(dataset.images)
    unreadable: list[str] = []
    for path, result in track(read_fingerprints(where), "Pictures", len(where)):
        if isinstance(result, Fingerprint):
            i = where[path][0]
            bits[i] = result.bits
            pairs.append((first.setdefault(result.digest, i), i))
        else:
            unreadable.append(str(result))
    return pairs + list(near_pairs(bits)), unreadable


def _contents(dataset: CocoDataset) -> NDArray[np.float64]:
    """(pictures, 2 + classes): each picture, whether it has no labels, and its shapes by class."""
    column = {category.id: 2 + i for i, category in enumerate(dataset.categories)}
    counts = np.zeros((len(dataset.images), 2 + len(column)))
    counts[:, 0] = 1
    for row, image in zip(counts, dataset.images, strict=True):
        annotations = dataset.annotations_of(image.id)
        row[1] = not annotations
        for annotation in annotations:
            row[column[annotation.category_id]] += 1
    return counts


def _choose(
    groups: Groups, counts: NDArray[np.float64], share: float, seed: int
) -> NDArray[np.bool_] | None:
    if len(groups) < 2:
        return None
    return hold_out(np.array([counts[group].sum(axis=0) for group in groups]), share, seed)


def _acceptable(
    groups: Groups, chosen: NDArray[np.bool_] | None, counts: NDArray[np.float64], share: float
) -> bool:
    """Is the share about right, is something labelled held out, and every class left to learn?"""
    if chosen is None:
        return False
    held = sum(
        counts[group].sum(axis=0) for group, take in zip(groups, chosen, strict=True) if take
    )
    whole = counts.sum(axis=0)
    about_right = share / FAR_OFF <= held[0] / whole[0] <= share * FAR_OFF
    classes = slice(2, None)
    learnt = ((held < whole) | (whole == 0))[classes].all()
    return bool(about_right and held[classes].any() and learnt)


def _cannot(total: int, by_name: dict[str, list[int]], group_by: str) -> str:
    if total < 2:
        return f"the data set has {total} pictures; a split needs at least 2"
    if len(by_name) == 1:
        return (
            f'--group-by "{group_by}" puts all {total} pictures into one group '
            f'("{next(iter(by_name))}"), so none can be held out; use clip, folder, picture or '
            "another pattern"
        )
    return (
        f"all {total} pictures are nearly the same frame, so none can be held out; add pictures "
        "from other scenes"
    )


def _part(dataset: CocoDataset, indices: Sequence[int]) -> CocoDataset:
    images = tuple(dataset.images[i] for i in indices)
    annotations = tuple(a for image in images for a in dataset.annotations_of(image.id))
    return replace(dataset, images=images, annotations=annotations)


def write_split(split: Split, folder: str | Path, overwrite: bool = False) -> tuple[Path, Path]:
    """Write ``train.json`` and ``val.json`` into a folder, with paths that are valid from there.

    Raises:
        OutputError: one of the two exists and `overwrite` is False (then neither is written), or
            cannot be written.
    """
    folder = Path(folder)
    paths = folder / "train.json", folder / "val.json"
    for path in paths:
        if path.exists() and not overwrite:
            raise OutputError(f"{path}: exists already; pass --overwrite to replace it")
    for part, path in zip((split.train, split.val), paths, strict=True):
        write_coco(seen_from(part, folder), path, overwrite)
    return paths


def seen_from(dataset: CocoDataset, folder: Path) -> CocoDataset:
    """The data set with file names relative to another folder. Alpha files follow the COCO file,
    or the pictures where the data set was made in memory."""
    labels = dataset.path.parent if dataset.path else dataset.pictures

    def image(item: CocoImage) -> CocoImage:
        return replace(item, file_name=relative_to(dataset.picture_path(item), folder))

    def annotation(item: Annotation) -> Annotation:
        if item.alpha_file is None:
            return item
        return replace(item, alpha_file=relative_to(labels / item.alpha_file, folder))

    return CocoDataset(
        images=tuple(map(image, dataset.images)),
        annotations=tuple(map(annotation, dataset.annotations)),
        categories=dataset.categories,
        pictures=folder,
    )
