"""``--coco FILE``: one COCO file of the whole job, pictures and videos alike.

What is kept of an input is a line of facts about it and one for each frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kirinuki.cutting.outputs import frame_labels
from kirinuki.cutting.outputs.options import own_value
from kirinuki.cutting.outputs.output import JobOutput, Kept, Piece, Place, Writer


@dataclass(frozen=True)
class CocoOptions:
    """Where to."""

    value: Path = own_value(metavar="FILE")

    def __post_init__(self) -> None:
        if isinstance(self.value, str):  # as in all that takes a path
            object.__setattr__(self, "value", Path(self.value))


class Coco(JobOutput):
    """The file; image names are as seen from it."""

    name = "coco"
    help = "Write one COCO file of all inputs; frames of videos have ids of characters (CocoVID)."
    options = CocoOptions

    def open(
        self, options: CocoOptions, place: Place, number: int, before: Sequence[Piece]
    ) -> Writer:
        return frame_labels.writer(self.name, place, number)

    def kept(self, options: CocoOptions, place: Place, pieces: Sequence[Piece]) -> Iterator[Any]:
        return frame_labels.kept(place, pieces)

    def finish(
        self,
        options: CocoOptions,
        kept: Sequence[tuple[str, Kept]],
        names: Sequence[str],
        overwrite: bool,
    ) -> None:
        ordered = sorted(kept, key=lambda one: one[0])
        frame_labels.Dataset(ordered).write(options.value, names, overwrite)
