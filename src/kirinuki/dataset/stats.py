"""Count what a data set holds: classes, sizes of characters, characters per picture, picture sizes.

Everything is read from the labels; no picture is opened.

Not covered: whether the labels are right (`check`), the plot (`stats_plot`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from kirinuki.formats.labelled import LabelledInstance, LabelledSet

SMALL_AREA = 32**2
"""COCO's limit: characters of fewer pixels are small."""
LARGE_AREA = 96**2
"""COCO's limit: characters of this many pixels or more are large, the others medium."""
SHARE_LIMITS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
"""Limits of the bins of `DatasetStats.shares`: areas as shares of the picture's area."""


@dataclass(frozen=True)
class ClassStats:
    """One class, or all of them together.

    Attributes:
        characters: instances of the class (crowds are not counted).
        pictures: pictures that show at least one.
        small, medium, large: characters by COCO's area limits, in pixels of the true mask.
        median_share: median area as a share of the picture, 0 to 1; None without characters.
    """

    name: str
    characters: int
    pictures: int
    small: int
    medium: int
    large: int
    median_share: float | None


@dataclass(frozen=True)
class DatasetStats:
    """What a data set holds.

    Attributes:
        pictures: number of pictures.
        unlabelled: pictures without a character.
        total: all classes together.
        classes: each class, in the order of the file.
        per_picture: (characters, pictures with that many), ascending.
        shares: pictures' characters by share of the picture, one count for each bin between
            `SHARE_LIMITS` (one more than there are limits).
        sizes: (width, height, pictures of that size), most frequent first.
    """

    pictures: int
    unlabelled: int
    total: ClassStats
    classes: tuple[ClassStats, ...]
    per_picture: tuple[tuple[int, int], ...]
    shares: tuple[int, ...]
    sizes: tuple[tuple[int, int, int], ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {
            "pictures": self.pictures,
            "unlabelled": self.unlabelled,
            "total": _without_name(self.total),
            "classes": [vars(one) for one in self.classes],
            "per_picture": [{"characters": n, "pictures": count} for n, count in self.per_picture],
            "shares": {"limits": list(SHARE_LIMITS), "characters": list(self.shares)},
            "sizes": [{"width": w, "height": h, "pictures": count} for w, h, count in self.sizes],
        }


def _without_name(stats: ClassStats) -> dict[str, Any]:
    return {key: value for key, value in vars(stats).items() if key != "name"}


def dataset_stats(dataset: LabelledSet) -> DatasetStats:
    """Count what a data set holds."""
    counted = [
        _Counted(i, one, one.area / (picture.size_hw[0] * picture.size_hw[1]))
        for i, picture in enumerate(dataset)
        for one in picture.characters
    ]
    per_picture = Counter(len(picture.characters) for picture in dataset)
    sizes = Counter(picture.size_hw[::-1] for picture in dataset)
    classes = (
        _class_stats(name, [one for one in counted if one.instance.name == name])
        for name in dataset.names
    )
    return DatasetStats(
        pictures=len(dataset),
        unlabelled=per_picture[0],
        total=_class_stats("all", counted),
        classes=tuple(classes),
        per_picture=tuple(sorted((n, count) for n, count in per_picture.items() if count)),
        shares=_binned([one.share for one in counted]),
        sizes=tuple(
            (width, height, count)
            for (width, height), count in sorted(
                sizes.items(), key=lambda item: (-item[1], item[0])
            )
        ),
    )


@dataclass(frozen=True)
class _Counted:
    """A character, the number of its picture, and its share of the picture's area."""

    picture: int
    instance: LabelledInstance
    share: float


def _class_stats(name: str, own: Sequence[_Counted]) -> ClassStats:
    small = sum(one.instance.area < SMALL_AREA for one in own)
    large = sum(one.instance.area >= LARGE_AREA for one in own)
    return ClassStats(
        name=name,
        characters=len(own),
        pictures=len({one.picture for one in own}),
        small=small,
        medium=len(own) - small - large,
        large=large,
        median_share=median(one.share for one in own) if own else None,
    )


def _binned(shares: Sequence[float]) -> tuple[int, ...]:
    counts = [0] * (len(SHARE_LIMITS) + 1)
    for share in shares:
        counts[sum(share >= limit for limit in SHARE_LIMITS)] += 1
    return tuple(counts)
