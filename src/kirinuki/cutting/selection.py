"""Which of the characters found count: those of some classes or kinds, at some place, the best few,
and in which order.

Not covered: the score from which a character is found at all (`segmenter`).
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kirinuki.cutting.outputs.options import option
from kirinuki.errors import KirinukiError
from kirinuki.geometry import Window
from kirinuki.instances import HARD_MASK_ALPHA, UNKNOWN_KIND, Instances

KIND_WORDS = {"waifu": "female", "female": "female", "husbando": "male", "male": "male"}
"""What people call the kinds of `Instances.kinds`."""
Order = Literal["score", "left", "right", "top", "size"]
"""The surest first, the one furthest to that side, or the largest."""


@dataclass(frozen=True)
class Selection:
    """A choice among the characters of a picture: by id, class, kind, size and place first, then by
    number, then sorted."""

    only: tuple[str, ...] = ()
    """Names of classes, and words for kinds: waifu, female, husbando, male; in any case. Where both
    are given a character must be of one of the classes and of one of the kinds; what is not given
    may be anything. A word that names a class of the model means the class."""
    limit: int | None = field(default=None, metadata={"flag": "max"})
    """At most so many a picture, the best ones; None is all."""
    track_ids: tuple[int, ...] = option(
        (),
        "Of videos, keep the character with this id alone, as an overlay shows it; may be "
        "repeated.",
        flag="track",
        range=(1, None),
        metavar="ID",
    )
    """Of a video only these; empty is all."""
    at: tuple[tuple[int, int], ...] = option(
        (),
        "Of a picture, keep the character at this pixel alone; may be repeated.",
        numbers=True,
        metavar="X,Y",
    )
    """Of a picture only those at these pixels, or where nobody is just there, whose box is the
    smallest around it."""
    box: tuple[tuple[int, int, int, int], ...] = option(
        (),
        "Of a picture, keep the characters alone that are mostly in this box; may be repeated.",
        numbers=True,
        metavar="X1,Y1,X2,Y2",
    )
    """Of a picture only those of whose hard mask more than half is in one of these, xyxy,
    half-open, pixels."""
    min_size: int = option(
        0,
        "Of a picture, leave out characters whose longer side has fewer than N pixels.",
        range=(0, None),
        metavar="N",
    )
    """Pixels of the longer side of a box."""
    sort: Order = option(
        "score",
        "How the characters of a picture are numbered: the surest first, from a side, or the "
        "largest first.",
        choices=("score", "left", "right", "top", "size"),
    )

    def __call__(self, instances: Instances) -> Instances:
        kinds = self._kinds(instances.names)
        said = instances.kinds
        kept = [i for i in self._of_class(instances) if not kinds or said[i] in kinds]
        if instances.track_ids is None:
            kept = [i for i in self._of_place(instances) if i in kept]
            return _sorted(instances[kept[: self.limit]], self.sort)
        return instances[kept[: self.limit]]

    def unknown(self, instances: Instances) -> int:
        """How many are left out only because their kind is unknown."""
        if not self._kinds(instances.names):
            return 0
        said = instances.kinds
        return sum(said[i] == UNKNOWN_KIND for i in self._of_class(instances))

    def absent(self, seen: Container[int]) -> list[str]:
        """Who is asked for in vain of a video in which these ids were seen, in words."""
        missing = [str(i) for i in self.track_ids if i not in seen]
        return [f"nobody in it has the id {' or '.join(missing)}"] if missing else []

    def check_picture(self, size_hw: tuple[int, int], name: str) -> None:
        """Raise KirinukiError when a picture of this size does not have a place asked for: nobody
        can be there.

        Args:
            name: what the picture is called.
        """
        height, width = size_hw
        for where, places in (("at", self.at), ("box", self.box)):
            for place in places:
                if place[0] >= width or place[1] >= height:
                    raise KirinukiError(
                        f"{name}: `{where}` {','.join(map(str, place))} is outside of its {width} "
                        f"× {height} pixels; expected X below {width} and Y below {height}"
                    )

    def check(self, names: Sequence[str], tells_kinds: bool) -> None:
        """Raise KirinukiError when the model lacks what is asked for.

        Args:
            names: the model's classes.
            tells_kinds: whether it says how a character presents.
        """
        for word in self.only:
            if _class_of(word, names) is not None:
                continue
            if word.casefold() not in KIND_WORDS:
                known = [*names, *(KIND_WORDS if tells_kinds else ())]
                raise KirinukiError(
                    f'`only`: the model knows no "{word}", only: {", ".join(known)}'
                )
            if not tells_kinds:
                raise KirinukiError(
                    f"`only` {word}: the model does not say how a character presents; leave it out "
                    "or use another model"
                )

    def check_video(self) -> None:
        """Raise KirinukiError when a place is asked for: in a video, places change."""
        if self.at or self.box:
            where = "`at`" if self.at else "`box`"
            raise KirinukiError(f"{where} is for pictures; of a video take `track_ids`")

    def _of_class(self, instances: Instances) -> list[int]:
        names = {_class_of(word, instances.names) for word in self.only} - {None}
        ids = instances.track_ids
        indices = [
            i
            for i in range(len(instances))
            if ids is None or not self.track_ids or ids[i] in self.track_ids
        ]
        return [i for i in indices if not names or instances[i].name in names]

    def _kinds(self, names: Sequence[str]) -> set[str]:
        words = {word.casefold() for word in self.only if _class_of(word, names) is None}
        return {KIND_WORDS[word] for word in words if word in KIND_WORDS}

    def _of_place(self, instances: Instances) -> list[int]:
        kept = list(range(len(instances)))
        if self.at or self.box:
            there = {_at(instances, point) for point in self.at}
            there |= {i for i in kept for box in self.box if _inside(instances, i, box)}
            kept = [i for i in kept if i in there]
        return [i for i in kept if max(instances.alphas[i].shape) >= self.min_size]


def _class_of(word: str, names: Sequence[str]) -> str | None:
    """The class that a word names: as it is written, or in another case."""
    alike = [name for name in names if name.casefold() == word.casefold()]
    return word if word in alike else next(iter(alike), None)


def _at(instances: Instances, point: tuple[int, int]) -> int | None:
    """Who is at a pixel."""
    x, y = point
    around = []
    for i, alpha in enumerate(instances.alphas):
        x1, y1, x2, y2 = instances.window(i)
        if x1 <= x < x2 and y1 <= y < y2:
            around.append((-int(alpha[y - y1, x - x1]), (x2 - x1) * (y2 - y1), i))
    seen = [one for one in around if -one[0] >= HARD_MASK_ALPHA]
    if seen:
        return min(seen)[2]
    return min(around, key=lambda one: one[1])[2] if around else None


def _inside(instances: Instances, index: int, box: Window) -> bool:
    """Whether more than half of a hard mask is in a box."""
    hard = instances.mask(index)
    x1, y1, x2, y2 = box
    return bool(2 * hard[y1:y2, x1:x2].sum() > hard.sum())


def _sorted(instances: Instances, order: Order) -> Instances:
    x1, y1, x2, y2 = instances.boxes.T
    by = {"left": x1, "right": -x2, "top": y1, "size": -(x2 - x1) * (y2 - y1)}.get(order)
    return instances if by is None else instances[by.argsort(kind="stable")]
