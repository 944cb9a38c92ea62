"""The seam: what an output is, what it is given and what it leaves.

A picture is a video of one frame: every output takes `Shown` after `Shown`, in segments, and joins
what the segments left into files. What a new one needs is a file here and a line in `registry`.

Not covered: reading inputs and finding characters (`cutter`, `moving`), which outputs are due
(`due`), how files become whole (`results`).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from kirinuki.cutting.outputs.options import NoOptions
from kirinuki.images.picture import Picture
from kirinuki.instances import Instances
from kirinuki.video import VideoInfo

if TYPE_CHECKING:
    from kirinuki.cutting.results import Sink

Kept = Callable[[], Iterable[Any]]
"""Reads what was kept of an input, line by line."""

Piece = dict[str, Any]
"""What a writer leaves of a segment. Of a video it is plain JSON, for the journal."""
Pieces = dict[str, list[Piece]]
"""What was left of an input, by output."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A frame of the results, or the picture.

    Attributes:
        number: its place in the results, from 0.
        picture: as it was read.
        instances: the characters that are asked for; those of a video have `track_ids`.
        pts, duration, time_base: of a frame, as in `video.Frame`.
    """

    number: int
    picture: Picture
    instances: Instances
    pts: int = 0
    duration: int = 1
    time_base: Fraction = Fraction(1)


@dataclass(frozen=True)
class Place:
    """An input, and where its results go.

    Attributes:
        out: folder of all results.
        stem: beginning of the names of the results, relative to it.
        source: the input.
        info: what is known of a video; None for a picture.
        size_hw: height and width of the results.
        names: classes that the model knows.
        span: beginning and end of the part asked for, in seconds of the source; None is all.
    """

    out: Path
    stem: str
    source: Path
    info: VideoInfo | None
    size_hw: tuple[int, int]
    names: tuple[str, ...] = ()
    span: tuple[Fraction | None, Fraction | None] = (None, None)

    @property
    def moves(self) -> bool:
        """Whether it is a video."""
        return self.info is not None

    @property
    def work(self) -> Path:
        """Folder of the pieces of a video that is under way."""
        return work_folder(self.out, self.stem)


def work_folder(out: Path, stem: str | Path) -> Path:
    """Folder of the pieces of a video that is under way."""
    path = out / stem
    return path.with_name(f".kirinuki-{path.name}")


class Writer(Protocol):
    """Takes the frames of one segment."""

    def add(self, shown: Shown) -> None: ...

    def close(self) -> list[Piece]:
        """Finish, and say what there is."""
        ...

    def abort(self) -> None:
        """Leave nothing half-written behind."""
        ...


class StillWriter:
    """Keeps the picture: it is painted when it is written, so that one result at a time is held."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []

    def add(self, shown: Shown) -> None:
        self._pieces.append({"shown": shown})

    def close(self) -> list[Piece]:
        return self._pieces

    def abort(self) -> None:
        """Nothing is written yet."""


class Output:
    """One kind of result; what a subclass does not say is as for one file of each picture.

    Attributes:
        name: of its flag, and in the journal.
        help: what the flag writes, in one sentence.
        scope: what a file of it is about: an input, or the whole job (`JobOutput`).
        options: a frozen dataclass with a default for all but `value`, which its flag takes if
            there is such a field. Flags, reference and journal are made from it.
    """

    name: ClassVar[str]
    help: ClassVar[str]
    scope: ClassVar[Literal["item", "job"]] = "item"
    options: ClassVar[type[Any]] = NoOptions

    def refuse(self, options: Any, moves: bool) -> str | None:
        """Why there is nothing to give for a picture, or a video; asked before the work."""
        return None

    def expected(self, options: Any, place: Place) -> list[str]:
        """Names of results, as far as they are known before the work: those that other runs have
        left, too."""
        return []

    def open(self, options: Any, place: Place, number: int, before: Sequence[Piece]) -> Writer:
        """A writer for segment `number`; `before` is what the one before it left."""
        return StillWriter()

    def names(self, options: Any, place: Place, pieces: Sequence[Piece]) -> list[str]:
        """What `join` will write, relative to the results' folder."""
        return self.expected(options, place)

    def join(self, options: Any, place: Place, pieces: Sequence[Piece], sink: Sink) -> list[str]:
        """Write the results; what the user should know of them."""
        return []

    def failed(self, source: str, reason: str) -> list[str]:
        """Lines for stdout about an input that failed."""
        return []


class JobOutput(Output):
    """A result of the whole job, made from what is kept of each input. Its option `value` is the
    file."""

    scope = "job"

    @abstractmethod
    def kept(self, options: Any, place: Place, pieces: Sequence[Piece]) -> Iterable[Any]:
        """Lines of JSON to keep of an input."""

    @abstractmethod
    def finish(
        self,
        options: Any,
        kept: Sequence[tuple[str, Kept]],
        names: Sequence[str],
        overwrite: bool,
    ) -> None:
        """Write it.

        Args:
            kept: path of each source as seen from the file's folder, and its lines.
            names: classes of the model.
        """
