"""Outputs that are one file of layers: a character a layer, above the picture, which is hidden: who
opens one sees the cutouts, and only those that were asked for.

Not covered: the formats (`ora`, `psd`), videos.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from kirinuki.cutting.outputs.options import NoOptions
from kirinuki.cutting.outputs.output import Output, Piece, Place, Shown

if TYPE_CHECKING:
    from kirinuki.cutting.results import Sink


class Layered(Output):
    """NAME.SUFFIX, the suffix is the output's name.

    Attributes:
        format: what people call it.
    """

    format: ClassVar[str]

    @abstractmethod
    def encoded(self, shown: Shown) -> bytes:
        """The file."""

    def refuse(self, options: NoOptions, moves: bool) -> str | None:
        return f"{self.format} holds one picture; take `each` for a video" if moves else None

    def expected(self, options: NoOptions, place: Place) -> list[str]:
        return [f"{place.stem}.{self.name}"]

    def join(
        self, options: NoOptions, place: Place, pieces: Sequence[Piece], sink: Sink
    ) -> list[str]:
        with sink.open(f"{place.stem}.{self.name}") as file:
            file.write(self.encoded(pieces[0]["shown"]))
        return []


def layer_names(shown: Shown) -> list[str]:
    """What the layers of the characters are called, the surest first."""
    return [f"{one.name} {i}" for i, one in enumerate(shown.instances, 1)]
