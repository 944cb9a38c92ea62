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
from kirinuki.dataset.fingerprints import fingerprints
from kirinuki.dataset.grouping import Groups, cut_into_runs, group_by_name, join
from kirinuki.errors import DatasetError, OutputError
from kirinuki.formats.labelled import LabelledSet
from kirinuki.formats.picture_ref import PictureRef
from kirinuki.formats.places import refuse_existing
from kirinuki.formats.registry import FORMATS
from kirinuki.images.fingerprint import Fingerprint, near_pairs
from kirinuki.work.progress import Progress, no_progress

FAR_OFF = 2.0
"""A share of validation pictures this many times too small or too large will not do."""


@dataclass(frozen=True)
class Split:
    """The two parts of a data set.

    Attributes:
        train, val: the parts; the classes are those of the whole.
        groups: how many groups there were to choose from.
        cut_clips: clips that were cut into runs of consecutive frames, for want of others.
    """

    train: LabelledSet
    val: LabelledSet
    groups: int
    cut_clips: tuple[str, ...] = ()


def split_dataset(
    dataset: LabelledSet,
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
        alike: pairs of indices of pictures that must stay together, such as those of
            `near_identical`.

    Raises:
        DatasetError: nothing can be held out without parting a group.
    """
    if not 0 < val_share < 1:
        raise DatasetError(f"`val_share` is {val_share:g}; expected a share between 0 and 1")
    names = [picture.name for picture in dataset]
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
    dataset: LabelledSet, track: Progress = no_progress
) -> tuple[list[tuple[int, int]], list[str]]:
    """Pairs of indices of pictures that show nearly the same frame, and one line for
    each picture that could not be read to find out."""
    where: dict[PictureRef, list[int]] = defaultdict(list)
    for i, picture in enumerate(dataset):
        where[picture.picture].append(i)
    pairs = [(same[0], other) for same in where.values() for other in same[1:]]
    first: dict[str, int] = {}  # flat pictures have no hash, yet may be the same
    bits: list[NDArray[np.bool_] | None] = [None] * len(dataset)
    unreadable: list[str] = []
    for ref, result in track(fingerprints(where), "Pictures", len(where)):
        if isinstance(result, Fingerprint):
            i = where[ref][0]
            bits[i] = result.bits
            pairs.append((first.setdefault(result.digest, i), i))
        else:
            unreadable.append(str(result))
    return pairs + list(near_pairs(bits)), unreadable


def _contents(dataset: LabelledSet) -> NDArray[np.float64]:
    """(pictures, 2 + classes): each picture, whether it has no labels, and its shapes by class."""
    column = {name: 2 + i for i, name in enumerate(dataset.names)}
    counts = np.zeros((len(dataset), 2 + len(column)))
    counts[:, 0] = 1
    for row, picture in zip(counts, dataset, strict=True):
        row[1] = not picture.instances
        for instance in picture.instances:
            row[column[instance.name]] += 1
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
            f'`group_by` "{group_by}" puts all {total} pictures into one group '
            f'("{next(iter(by_name))}"), so none can be held out; use clip, folder, picture or '
            "another pattern"
        )
    return (
        f"all {total} pictures are nearly the same frame, so none can be held out; add pictures "
        "from other scenes"
    )


def _part(dataset: LabelledSet, indices: Sequence[int]) -> LabelledSet:
    return replace(dataset, pictures=tuple(dataset.pictures[i] for i in indices))


def write_split(split: Split, folder: str | Path, overwrite: bool = False) -> tuple[Path, Path]:
    """Write ``train.json`` and ``val.json`` into a folder, with paths that are valid from there:
    COCO, or CocoVID where all are frames of videos.

    Raises:
        OutputError: one of the two exists and `overwrite` is False (then neither is written), or
            cannot be written.
    """
    folder = Path(folder)
    paths = folder / "train.json", folder / "val.json"
    refuse_existing(paths, overwrite)
    video = all(picture.frame for part in (split.train, split.val) for picture in part)
    to = FORMATS["coco_video" if video else "coco"]
    for part, path in zip((split.train, split.val), paths, strict=True):
        for written in to.write(part, part.names, path, overwrite):
            if written.failure:
                raise OutputError(written.failure)
    return paths
