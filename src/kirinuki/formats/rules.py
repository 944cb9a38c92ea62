"""`LabelRules`: how labels become classes when they are converted.

Not covered: reading and writing (`registry`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kirinuki.formats.labelled import Fault, LabelledInstance, LabelledPicture
from kirinuki.formats.trace import segmentation_of

_NUMBERED = re.compile(r"(.*\S)_(\d{1,18})")


@dataclass(frozen=True)
class LabelRules:
    """How labels become classes.

    Attributes:
        rename: label to class name, such as girl to waifu.
        classes: the only classes allowed, in the order of their ids; empty allows all.
        numbered_labels: ``waifu_1``, ``waifu_2`` are the class waifu; the number says which one,
            so that what has the same number in a picture is one character.
    """

    rename: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    numbered_labels: bool = False

    def name_of(self, label: str) -> tuple[str, int | None]:
        """Class name, and the number of the character if the label carries one."""
        number = None
        if self.numbered_labels and (match := _NUMBERED.fullmatch(label)):
            label, number = match[1], int(match[2])
        return self.rename.get(label, label), number

    def applied(self, picture: LabelledPicture) -> LabelledPicture:
        """The picture with classes for labels; those that are not allowed become faults."""
        kept: dict[object, LabelledInstance] = {}
        faults: list[Fault] = []
        for i, instance in enumerate(picture.instances):
            name, number = self.name_of(instance.name)
            if self.classes and name not in self.classes:
                message = (
                    f'"{name}" is not among `classes` {",".join(self.classes)}; add it, '
                    f'pass `rename` "{name}=..." or `skip_bad_shapes`'
                )
                faults.append(picture.fault("broken-label", message, instance.where))
                continue
            key = i if number is None else (name, number)
            named = replace(instance, name=name)
            kept[key] = _joined(kept[key], named, picture.size_hw) if key in kept else named
        instances = tuple(kept.values())
        return replace(picture, instances=instances, faults=(*picture.faults, *faults))


def _joined(
    first: LabelledInstance, second: LabelledInstance, size_hw: tuple[int, int]
) -> LabelledInstance:
    """Two parts of one character."""
    mask = first.mask(size_hw) | second.mask(size_hw)
    where = f"{first.where} and {second.where}"
    drawn = first.outlines + second.outlines
    return LabelledInstance.from_mask(
        mask, first.name, segmentation_of(mask), where=where, drawn=drawn, track_id=first.track_id
    )
