"""One input becomes one file: ``kirinuki cut in.png -o out.webp``, or a stream.

What is painted is what the outputs of a job paint; the suffix says in which format. There is no
journal and nothing to go on with, and the file is whole or not at all: a long video is a job with
a folder.

Not covered: many inputs, many results (`job`), the frames of a video (`one_video`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from kirinuki.cutting.edges import Edges
from kirinuki.cutting.found import Found
from kirinuki.cutting.outputs.background import TRANSPARENT
from kirinuki.cutting.outputs.layered import Layered
from kirinuki.cutting.outputs.output import Place, Shown
from kirinuki.cutting.outputs.registry import OUTPUTS
from kirinuki.cutting.outputs.rendering import Rendering
from kirinuki.cutting.part import Part
from kirinuki.cutting.selection import Selection
from kirinuki.errors import OutputError
from kirinuki.files import write_atomically
from kirinuki.images.encode import EXACT, OPAQUE, SUFFIXES, encode
from kirinuki.images.picture import PICTURE_SUFFIXES, read_picture
from kirinuki.segmenter.segments import Segments
from kirinuki.video import styles
from kirinuki.video.info import VIDEO_SUFFIXES
from kirinuki.video.write_animation import ANIMATIONS

TRANSPARENT_VIDEOS = tuple(styles.TRANSPARENT)
OPAQUE_VIDEOS = tuple(suffix for suffix in styles.OPAQUE if suffix not in TRANSPARENT_VIDEOS)
VIDEOS = (*TRANSPARENT_VIDEOS, *OPAQUE_VIDEOS)
LAYERED = {f".{name}": name for name, output in OUTPUTS.items() if isinstance(output, Layered)}
"""Outputs that are a file of layers, by its suffix."""
READ_ONLY = (PICTURE_SUFFIXES | VIDEO_SUFFIXES) - {*SUFFIXES, *VIDEOS}
"""Suffixes of inputs that no result has."""


def is_one_file(out: Path) -> bool:
    """Whether results are asked for as one file, as a suffix says, and not as a folder."""
    known = {*SUFFIXES, *VIDEOS, *LAYERED}
    return out.suffix.lower() in known and not out.is_dir()


def output_of(out: Path) -> str:
    """The output that a file means by itself."""
    return LAYERED.get(out.suffix.lower(), "cutout")


@dataclass(frozen=True)
class OneFile:
    """What is asked for of one input.

    Attributes:
        source: a file, or a stream with a picture.
        target: a file, or a stream for a PNG.
        moves: whether the source is a video.
        output: name of a `Rendering`, or of one of `LAYERED`.
        options: of that output.
        edges: what becomes of everybody's edges.
        part: of a video.
        overwrite: replace a file that exists.

    Raises:
        OutputError: such a file cannot hold that; or it is there already, or is the input.
    """

    source: Path | BinaryIO
    target: Path | BinaryIO
    moves: bool
    output: str
    options: Any
    edges: Edges = field(default_factory=Edges)
    part: Part = field(default_factory=Part)
    overwrite: bool = False

    def __post_init__(self) -> None:
        reason = self._refusal()
        if reason is not None:
            raise OutputError(f"{self.place.out / self.place.stem}{self.suffix}: {reason}")
        OUTPUTS[self.output].refuse(self.options, self.moves)  # raises what is wrong with options
        if not isinstance(self.target, Path) or not self.target.exists():
            return
        if isinstance(self.source, Path) and self.target.samefile(self.source):
            raise OutputError(f"{self.target}: is the input; choose another name (`out`)")
        if not self.overwrite:
            raise OutputError(f"{self.target}: exists already; pass `overwrite` to replace it")

    @property
    def suffix(self) -> str:
        """Of the file, in lower case; a stream takes a PNG."""
        return self.target.suffix.lower() if isinstance(self.target, Path) else ".png"

    @property
    def place(self) -> Place:
        """For `Found`; of a video without what is known of it."""
        target = self.target if isinstance(self.target, Path) else Path("stdout")
        source = self.source if isinstance(self.source, Path) else Path("stdin")
        return Place(target.parent, target.stem, source, None, (0, 0))

    def _refusal(self) -> str | None:
        """Why the file cannot be what is asked for."""
        layered = LAYERED.get(self.suffix)
        if layered != (self.output if self.output in LAYERED.values() else None):
            wanted = f"holds layers; leave `{self.output}` out" if layered else "holds no layers"
            return f"{wanted}, or choose another suffix"
        moving = (*VIDEOS, *ANIMATIONS)
        if self.moves and self.suffix not in moving:
            return f"holds no video; take one of {', '.join(moving)}"
        if self.moves and not isinstance(self.target, Path):
            return "is for pictures; write a video to a file (`out`), such as out.webm"
        if not self.moves and self.suffix in VIDEOS:
            return "is a video, and the input is a picture; take .png"
        clear = self.output == "cutout" or getattr(self.options, "value", "") == TRANSPARENT
        if clear and self.suffix in (*OPAQUE, *OPAQUE_VIDEOS):
            better = " or ".join(TRANSPARENT_VIDEOS) if self.moves else ".png"
            return f"{self.suffix} has no transparency; take {better}, or `background` COLOUR"
        output = OUTPUTS[self.output]
        exact = isinstance(output, Rendering) and output.exact(self.options)
        if exact and (self.moves or self.suffix not in EXACT):
            return f"`{self.output}` is a PNG or TIFF of a picture; of a video it is a folder"
        return None

    def cut_picture(self, model: Segments, selection: Selection) -> Found:
        """Find the characters of the picture, and write the file.

        Raises:
            KirinukiError: the picture cannot be read, has not the places asked for, or the file
                cannot be written.
        """
        picture = read_picture(self.source)
        selection.check_picture(picture.rgb.shape[:2], str(self.place.source))
        everyone = model(picture)
        instances = self.edges(selection(everyone))
        self._save(self.encoded(Shown(0, picture, instances)))
        found = Found(self.place, notes=[*picture.notes])
        found.count_picture(instances, selection.unknown(everyone))
        return found

    def encoded(self, shown: Shown) -> bytes:
        """The file of a picture.

        Raises:
            OutputError: the format does not hold such a picture.
        """
        output = OUTPUTS[self.output]
        if isinstance(output, Layered):
            return output.encoded(shown)
        paints = cast(Rendering, output).paints(self.options, shown)
        return encode(paints[self.output](), self.suffix)

    def _save(self, content: bytes) -> None:
        if isinstance(self.target, Path):
            with write_atomically(self.target, self.overwrite) as temporary:
                temporary.write_bytes(content)
            return
        try:
            self.target.write(content)
        except OSError as error:
            raise OutputError(f"stdout: cannot be written: {error.strerror or error}") from None
