"""Where the picture of labels is: a file, embedded in its label file, or a frame of a video.

Not covered: finding the file that a label file names (`find_picture`).
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

from kirinuki.errors import LabelError, PictureError
from kirinuki.files import write_atomically
from kirinuki.images.picture import Picture, read_picture, save_png
from kirinuki.outside_text import read_json


@dataclass(frozen=True)
class FileRef:
    """A picture file.

    Attributes:
        path: where it lies, or should lie.
        missing: why it is not to be had, and where was looked; None where it is there.
    """

    path: Path
    missing: str | None = None

    def read(self) -> Picture:
        """The picture; raises PictureError."""
        if self.missing:
            raise PictureError(f"{self.path}: {self.missing}")
        return read_picture(self.path)

    def copy_to(self, path: Path, overwrite: bool) -> None:
        """Write it to a file; one that is there already, by another name, is left."""
        if self.missing:
            raise PictureError(f"{self.path}: {self.missing}")
        if path.exists() and path.samefile(self.path):
            return
        with write_atomically(path, overwrite) as temporary:
            shutil.copyfile(self.path, temporary)


@dataclass(frozen=True)
class EmbeddedRef:
    """A picture inside its LabelMe file, read when it is wanted.

    Attributes:
        path: where the file says that the picture lies.
        labels: the label file.
    """

    path: Path
    labels: Path
    missing: str | None = None

    def content(self) -> bytes:
        """The bytes of the picture file; raises LabelError."""
        try:
            return base64.b64decode(read_json(self.labels)["imageData"])
        except (TypeError, KeyError, ValueError):
            raise LabelError(f"{self.labels}: its embedded picture is damaged") from None

    def read(self) -> Picture:
        """The picture; raises PictureError or LabelError."""
        try:
            return read_picture(BytesIO(self.content()))
        except PictureError as error:
            raise PictureError(f"{self.labels}: its embedded picture: {error}") from None

    def copy_to(self, path: Path, overwrite: bool) -> None:
        """Write it to a file, if it is not there already; raises LabelError or OutputError."""
        content = self.content()
        if path.is_file() and path.read_bytes() == content:
            return
        with write_atomically(path, overwrite) as temporary:
            temporary.write_bytes(content)


@dataclass(frozen=True)
class FrameRef:
    """A frame of a video.

    Attributes:
        path: where it would lie as a picture, such as ``clip/000001.png``.
        video: the video file.
        number: which frame, from 0.
        time: in seconds of the video; None where nobody says.
        fps: frames a second of the video, where they are constant.
        shot: the number of the stretch between two cuts, from 0; None where nobody says.
        repeats: of a composed clip, whether the frame was drawn as the one before.
    """

    path: Path
    video: Path
    number: int
    time: float | None = None
    fps: float | None = None
    shot: int | None = None
    repeats: bool | None = None
    missing: str | None = None

    def read(self) -> Picture:
        """The frame, or the picture of it that lies at `path`. Quick in order, slow out of it.

        Raises:
            VideoError, PictureError: it cannot be read.
        """
        if self.path.is_file():
            return read_picture(self.path)
        return read_picture(_frames.frame(self.video, self.number))

    def copy_to(self, path: Path, overwrite: bool) -> None:
        """Write it to a PNG file."""
        save_png(self.read().rgb, path, overwrite)


class _Frames:
    """The video that was read from last, where it was left."""

    def __init__(self) -> None:
        self._video: Path | None = None
        self._next = 0
        self._rest: Iterator[Any] = iter(())

    def frame(self, video: Path, number: int) -> Any:
        """Frame (H, W, 3) uint8 RGB; raises VideoError or PictureError."""
        from kirinuki.video.reader import read  # PyAV is slow to load, and few labels are of videos

        if video != self._video or number < self._next:
            self._video, self._next, self._rest = video, 0, iter(read(video))
        for frame in self._rest:
            self._next += 1
            if self._next > number:
                return frame.rgb
        self._video = None
        raise PictureError(
            f"{video}: has no frame {number}; are these the labels of another video?"
        )


_frames = _Frames()

PictureRef: TypeAlias = FileRef | EmbeddedRef | FrameRef
