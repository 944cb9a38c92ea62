"""Outputs that are pictures: one painter for a picture and for the frames of a video.

A picture becomes NAME_KEY.png; a video a file NAME_KEY.mkv, encoded in segments, or a folder of
PNG pictures NAME_KEY/000001.png. What is painted is the same.

Not covered: the painting (`overlay`, `cutout` …), how a video is encoded and joined (`video`).
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.cutting.outputs.output import Output, Piece, Place, Shown, Writer
from kirinuki.images.picture import save_png
from kirinuki.instances import Instances
from kirinuki.video.assemble import assemble
from kirinuki.video.encoder import Encoder
from kirinuki.video.styles import STYLES, TRANSPARENT, Style, style_for

if TYPE_CHECKING:
    from kirinuki.cutting.results import Sink

Paint = Callable[[], "NDArray[np.uint8] | Image.Image"]
"""Makes (H, W, 3) RGB or (H, W, 4) RGBA uint8, straight alpha, or a picture for a PNG file."""


class Rendering(Output):
    """An output that is painted.

    Attributes:
        of_nobody: whether there is something to show of a picture without characters: no label is
            a label too, an unchanged picture is no result.
    """

    of_nobody: ClassVar[bool] = False

    @abstractmethod
    def paints(self, options: Any, shown: Shown) -> dict[str, Paint]:
        """The pictures of a frame, by the ends of their files' names: NAME_END."""

    def style(self, options: Any, place: Place) -> Style | None:
        """How a video is encoded; None is a folder of pictures."""
        assert place.info is not None
        if not hasattr(options, "transparent"):
            return style_for(place.info, options.codec)
        if options.transparent == "png":
            return None
        return STYLES[TRANSPARENT[f".{options.transparent}"]]

    def several(self, options: Any) -> bool:
        """Whether it is a file a character: its videos are silent, and as long as that is there."""
        return False

    def exact(self, options: Any) -> bool:
        """Whether its numbers must not change: no lossy format holds it."""
        return False

    def expected(self, options: Any, place: Place) -> list[str]:
        if not self.several(options):
            return [self.file_of(options, place, self.name)]
        if not place.moves:  # who is in it is soon known, and folders of pictures are large
            return []
        folder, name = (place.out / place.stem).parent, Path(place.stem).name
        end = "" if self.name == "each" else f"_{self.name}"
        suffix = re.escape(end + Path(self.file_of(options, place, "1")).suffix)
        pattern = re.compile(re.escape(name) + r"_\d+" + suffix)
        there = sorted(path.name for path in folder.glob("*") if pattern.fullmatch(path.name))
        return [Path(place.stem).with_name(found).as_posix() for found in there]

    def file_of(self, options: Any, place: Place, end: str) -> str:
        """Name of a result, relative to the results' folder."""
        suffix = ".png"
        if place.moves:
            style = self.style(options, place)
            suffix = "" if style is None else style.suffix
        return f"{place.stem}_{end}{suffix}"

    def open(self, options: Any, place: Place, number: int, before: Sequence[Piece]) -> Writer:
        if not place.moves:
            return super().open(options, place, number, before)
        style = self.style(options, place)
        if style is None:
            return _Folders(partial(self.paints, options), place)
        return _Videos(self, options, place, style, number, before)

    def names(self, options: Any, place: Place, pieces: Sequence[Piece]) -> list[str]:
        return [self.file_of(options, place, end) for end in self._made(options, place, pieces)]

    def join(self, options: Any, place: Place, pieces: Sequence[Piece], sink: Sink) -> list[str]:
        made = self._made(options, place, pieces)
        notes: list[str] = []
        for end, content in made.items():
            name = self.file_of(options, place, end)
            if callable(content):
                with sink.open(name) as file:
                    save_png(content(), file)
            elif content:
                sound = not self.several(options)
                notes += _assemble(place, content, *sink.target(name), sound)
            else:  # a folder, which is there
                sink.files.append(name)
        return notes

    def _made(self, options: Any, place: Place, pieces: Sequence[Piece]) -> Mapping[str, Any]:
        """What there is by ends of names: a painter, the files of a video in order, or none."""
        if not place.moves:
            shown: Shown = pieces[0]["shown"]
            nobody = not len(shown.instances) and not self.of_nobody
            return {} if nobody else self.paints(options, shown)
        ends = dict.fromkeys(piece["end"] for piece in pieces)
        order = sorted(ends, key=_by_number)
        return {
            end: [place.work / p["file"] for p in pieces if p["end"] == end and "file" in p]
            for end in order
        }


def numbers_of(instances: Instances) -> list[int]:
    """The number of each character in names of results: its place in a picture, its id in a
    video."""
    ids = instances.track_ids
    return list(range(1, len(instances) + 1)) if ids is None else [int(i) for i in ids]


def _by_number(end: str) -> tuple[int, str]:
    first = end.partition("_")[0]
    return (int(first) if first.isdigit() else 0), end


def _assemble(
    place: Place, files: list[Path], target: Path, replace: bool, sound: bool
) -> list[str]:
    """By its path, not into a stream: FFmpeg opens an MP4 again by its name to move its index to
    the front."""
    start, end = place.span
    if not sound:
        assemble(target, files, None, start=Fraction(0), overwrite=replace)
        return []
    said = assemble(target, files, place.info, start=start, end=end, overwrite=replace)
    return [f"{target.name}: {line}" for line in said]


class _Folders:
    """Folders of pictures, numbered through all segments, written where they will stay."""

    def __init__(self, paints: Callable[[Shown], dict[str, Paint]], place: Place) -> None:
        self._paints = paints
        self._place = place
        self._ends: dict[str, None] = {}

    def add(self, shown: Shown) -> None:
        for end, paint in self._paints(shown).items():
            folder = self._place.out / f"{self._place.stem}_{end}"
            save_png(paint(), folder / f"{shown.number + 1:06d}.png", overwrite=True)
            self._ends[end] = None

    def close(self) -> list[Piece]:
        return [{"end": end} for end in self._ends]

    def abort(self) -> None:
        """Each picture is whole; the next run writes it anew."""


class _Videos:
    """A file for each end of a name and stretch of frames in which it is there.

    When a character leaves, one empty frame follows, which a player shows until it comes back: the
    clip costs nothing while nobody is in it.
    """

    def __init__(
        self,
        rendering: Rendering,
        options: Any,
        place: Place,
        style: Style,
        number: int,
        before: Sequence[Piece],
    ) -> None:
        self._paints: Callable[[Shown], dict[str, Paint]] = partial(rendering.paints, options)
        self._prefix = f"{number:05d}.{rendering.name}"
        self._place = place
        self._style = style
        self._crf = options.crf
        self._open: dict[str, Encoder] = {}
        self._left = {piece["end"] for piece in before if piece["open"]}
        self._pieces: list[Piece] = []

    def add(self, shown: Shown) -> None:
        paints = self._paints(shown)
        for end in [*self._open, *sorted(self._left)]:
            if end not in paints:
                channels = 4 if self._style.alpha else 3
                self._write(end, shown, np.zeros((*self._place.size_hw, channels), np.uint8))
                self._open.pop(end).close()
        self._left.clear()
        for end, paint in paints.items():
            self._write(end, shown, np.asarray(paint()))

    def _write(self, end: str, shown: Shown, picture: NDArray[np.uint8]) -> None:
        if end not in self._open:
            assert self._place.info is not None
            suffix = self._style.segment_suffix
            file = f"{self._prefix}.{end}.{len(self._pieces):04d}{suffix}"
            path, info = self._place.work / file, self._place.info
            encoder = Encoder(path, self._style, info, self._place.size_hw, crf=self._crf)
            self._open[end] = encoder
            self._pieces.append({"end": end, "file": file})
        self._open[end].write(picture, shown.pts, shown.duration)

    def close(self) -> list[Piece]:
        for encoder in self._open.values():
            encoder.close()
        last = {piece["end"]: piece["file"] for piece in self._pieces}
        return [
            {**piece, "open": piece["end"] in self._open and last[piece["end"]] == piece["file"]}
            for piece in self._pieces
        ]

    def abort(self) -> None:
        for encoder in self._open.values():
            encoder.abort()
        for piece in self._pieces:
            (self._place.work / piece["file"]).unlink(missing_ok=True)
