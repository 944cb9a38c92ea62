"""Which of the model's classes is which of the data set's, by name.

Where no name is shared (a model that knows "character", labels that say "waifu"), every class on
both sides counts as one: finding and cutting can still be measured, telling apart cannot. That is
decided here, and said in words that the report repeats.

Not covered: renaming classes in label files (``kirinuki data convert --map``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kirinuki.formats.labelled import LabelledPicture, LabelledSet

ONE_CLASS = "character"
"""The class that stands for all of them when no name is shared."""


@dataclass(frozen=True)
class ClassMatch:
    """How the classes of a model and of a data set go together.

    Attributes:
        dataset: the data set to measure against; with one class only when `agnostic`.
        names: for each of the model's labels the data set's name, None where there is none.
        agnostic: all classes count as one.
        notes: sentences for the reader, empty when the names agree.
    """

    dataset: LabelledSet
    names: tuple[str | None, ...]
    agnostic: bool
    notes: tuple[str, ...]


def match_classes(names: Sequence[str], dataset: LabelledSet) -> ClassMatch:
    """Match the model's class names to the data set's; upper and lower case are the same.

    Args:
        names: the model's class names, in order of its labels.
        dataset: the labelled data set.
    """
    by_name = {_key(name): name for name in dataset.names}
    known = tuple(by_name.get(_key(name)) for name in names)
    if not any(name is not None for name in known):
        return _as_one_class(names, dataset)
    notes = []
    if extra := [n for n, found in zip(names, known, strict=True) if found is None]:
        notes.append(
            f"not measured, because the data set has no such class: {_list(extra)} "
            "(predictions of it are left out)"
        )
    used = {one.name for picture in dataset for one in picture.instances}
    unknown = [name for name in dataset.names if name in used and name not in known]
    if unknown:
        notes.append(f"the model does not know: {_list(unknown)} (counted as missed)")
    return ClassMatch(dataset, known, agnostic=False, notes=tuple(notes))


def _as_one_class(names: Sequence[str], dataset: LabelledSet) -> ClassMatch:
    note = (
        f"all classes count as one: the model knows {_list(names)}, the data set "
        f"{_list(dataset.names)}, and no name is shared"
    )
    pictures = tuple(map(_renamed, dataset))
    one = replace(dataset, names=(ONE_CLASS,), pictures=pictures)
    return ClassMatch(one, (ONE_CLASS,) * len(names), agnostic=True, notes=(note,))


def _renamed(picture: LabelledPicture) -> LabelledPicture:
    instances = tuple(replace(one, name=ONE_CLASS) for one in picture.instances)
    return replace(picture, instances=instances)


def _key(name: str) -> str:
    return name.strip().casefold()


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:8])
    return shown + (f" and {len(names) - 8} more" if len(names) > 8 else "")
