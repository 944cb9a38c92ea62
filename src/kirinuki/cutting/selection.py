"""Which of the characters found count: those of some classes or kinds, the best few.

Not covered: the score from which a character is found at all (`segmenter`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kirinuki.cutting.outputs.options import option
from kirinuki.errors import KirinukiError
from kirinuki.instances import UNKNOWN_KIND, Instances

KIND_WORDS = {"waifu": "female", "female": "female", "husbando": "male", "male": "male"}
"""What people call the kinds of `Instances.kinds`."""


@dataclass(frozen=True)
class Selection:
    """A choice among the characters of a picture, by id, class and kind first, then by number."""

    only: tuple[str, ...] = ()
    """Names of classes, and words for kinds: waifu, female, husbando, male. Where both are given a
    character must be of one of the classes and of one of the kinds; what is not given may be
    anything. A word that names a class of the model means the class."""
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

    def __call__(self, instances: Instances) -> Instances:
        kinds = self._kinds(instances.names)
        said = instances.kinds
        kept = [i for i in self._of_class(instances) if not kinds or said[i] in kinds]
        return instances[kept[: self.limit]]

    def unknown(self, instances: Instances) -> int:
        """How many are left out only because their kind is unknown."""
        if not self._kinds(instances.names):
            return 0
        said = instances.kinds
        return sum(said[i] == UNKNOWN_KIND for i in self._of_class(instances))

    def check(self, names: Sequence[str], tells_kinds: bool) -> None:
        """Raise KirinukiError when the model lacks what is asked for.

        Args:
            names: the model's classes.
            tells_kinds: whether it says how a character presents.
        """
        for word in self.only:
            if word in names:
                continue
            if word not in KIND_WORDS:
                known = [*names, *(KIND_WORDS if tells_kinds else ())]
                raise KirinukiError(f'the model knows no "{word}", only: {", ".join(known)}')
            if not tells_kinds:
                raise KirinukiError(
                    f"--only {word}: the model does not say how a character presents; leave it out "
                    "or use another model"
                )

    def _of_class(self, instances: Instances) -> list[int]:
        classes = {word for word in self.only if word in instances.names}
        ids = instances.track_ids
        indices = [
            i
            for i in range(len(instances))
            if ids is None or not self.track_ids or ids[i] in self.track_ids
        ]
        return [i for i in indices if not classes or instances[i].name in classes]

    def _kinds(self, names: Sequence[str]) -> set[str]:
        return {KIND_WORDS[w] for w in self.only if w not in names and w in KIND_WORDS}
