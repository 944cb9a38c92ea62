"""`LabelledPicture`: one picture and its characters, whatever kind of label file they came from.
The one shape in which every room has labels; `LabelledSet` is several of them in memory.

Not covered: reading and writing the kinds of files (`registry`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kirinuki.errors import KirinukiError, LabelError, one_line
from kirinuki.formats.picture_ref import FileRef, FrameRef, PictureRef
from kirinuki.geometry import Rle, mask_to_box, mask_to_rle, polygons_to_mask, rle_to_mask
from kirinuki.images.picture import Picture, opened
from kirinuki.instances import Instances

Segmentation: TypeAlias = "list[list[float]] | Rle"
"""Polygons, flat ``[x1, y1, x2, y2, ...]`` each, or a compressed RLE."""
Box: TypeAlias = tuple[float, float, float, float]
"""x1, y1, x2, y2 in pixels, half-open."""
Points: TypeAlias = "NDArray[np.float64]"
"""(N, 2) x, y in pixels."""

FAR = 1e6
"""Pixels: coordinates beyond this are damage, and would take gigabytes to rasterise."""
_EXIF_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Fault:
    """What is wrong with a label file, or a label in it, that it cannot be used.

    Attributes:
        kind: "unreadable-labels", "broken-label", "missing-picture" or "size-mismatch".
        file: the label file.
        message: what was found, what was expected and what to do, in one line.
        picture: the picture inside that file, or None.
        shape: the shape inside that, such as ``shape 2 ("hair")``, or None.
    """

    kind: str
    file: str
    message: str
    picture: str | None = None
    shape: str | None = None

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.file, self.picture, self.shape) if part)
        return one_line(f"{where}: {self.message}")


@dataclass(frozen=True)
class LabelledInstance:
    """One character in one picture.

    Attributes:
        name: its class.
        segmentation: polygons or a compressed RLE, at the size of the picture.
        box: around the true mask.
        area: pixels of the true mask.
        where: how to find it in its file, such as ``shape 2 ("hair")``.
        crowd: a region of many (only in foreign files): neither right nor wrong, in training and
            in measuring.
        score: of a prediction, in [0, 1]; None for labels.
        kind: how the character presents: "female", "male", or, in predictions, "unknown"; None
            where nobody says.
        alpha: full-size grey PNG of its soft alpha; None without.
        track_id: the same for the same character through a video; None in pictures.
        drawn: outlines as somebody drew them, where the segmentation is another.
    """

    name: str
    segmentation: Segmentation
    box: Box
    area: float
    where: str = ""
    crowd: bool = False
    score: float | None = None
    kind: str | None = None
    alpha: Path | None = None
    track_id: int | None = None
    drawn: tuple[Points, ...] = field(default=(), compare=False)

    @classmethod
    def from_mask(
        cls,
        mask: NDArray[np.bool_],
        name: str,
        segmentation: Segmentation | None = None,
        **more: Any,
    ) -> LabelledInstance:
        """Of a hard mask (H, W) bool: exact, as RLE, unless another segmentation is given.

        Raises:
            LabelError: the mask is empty.
        """
        box = mask_to_box(mask)
        if box is None:
            raise LabelError("covers no pixel of the picture; move or delete it")
        said = mask_to_rle(mask) if segmentation is None else segmentation
        around = float(box[0]), float(box[1]), float(box[2]), float(box[3])
        return cls(name, said, around, int(np.count_nonzero(mask)), **more)

    @property
    def outlines(self) -> tuple[Points, ...]:
        """As drawn, or else the polygons; empty for a mask."""
        if self.drawn or isinstance(self.segmentation, dict):
            return self.drawn
        return tuple(np.array(flat, np.float64).reshape(-1, 2) for flat in self.segmentation)

    def mask(self, size_hw: tuple[int, int]) -> NDArray[np.bool_]:
        """Hard mask (H, W) bool at the size of the picture, equal to pycocotools' ``annToMask``.

        Raises:
            LabelError: the RLE has another size, or its runs do not add up.
        """
        return mask_of(self.segmentation, size_hw, self.where or self.name)


def mask_of(segmentation: Segmentation, size_hw: tuple[int, int], where: str) -> NDArray[np.bool_]:
    """Hard mask (H, W) bool of polygons or an RLE; raises LabelError as `LabelledInstance.mask`."""
    if not isinstance(segmentation, dict):
        return polygons_to_mask(segmentation, size_hw)
    size = (int(segmentation["size"][0]), int(segmentation["size"][1]))
    if size != tuple(size_hw):
        raise LabelError(
            f"{where}: its RLE is {size[1]}×{size[0]}, the picture {size_hw[1]}×{size_hw[0]}; "
            "label it again"
        )
    try:
        return rle_to_mask(size, segmentation["counts"])
    except ValueError as error:
        raise LabelError(f"{where}: {error}") from None


@dataclass(frozen=True)
class LabelledPicture:
    """One picture and its characters.

    Attributes:
        picture: where it is: a file, embedded in its labels, or a frame of a video.
        size_hw: height and width of the EXIF-upright picture, in pixels.
        instances: its characters, those that could be understood.
        name: the picture as seen from its labels, with forward slashes.
        file: the label file, for messages.
        alone: the label file is about this picture and no other.
        faults: what is wrong with its labels; whoever needs all of them leaves the picture out.
    """

    picture: PictureRef
    size_hw: tuple[int, int]
    instances: tuple[LabelledInstance, ...]
    name: str
    file: str = ""
    alone: bool = False
    faults: tuple[Fault, ...] = ()

    @property
    def path(self) -> Path:
        """Where the picture lies, or would lie as a file."""
        return self.picture.path

    @property
    def frame(self) -> FrameRef | None:
        """Which frame of a video it is; None for pictures."""
        return self.picture if isinstance(self.picture, FrameRef) else None

    @property
    def inside(self) -> str | None:
        """The picture's name inside its label file; None where that has no other."""
        return None if self.alone else self.name

    @property
    def characters(self) -> tuple[LabelledInstance, ...]:
        """The instances without crowds, each of which stands for many."""
        return tuple(instance for instance in self.instances if not instance.crowd)

    def read(self) -> Picture:
        """The picture itself.

        Raises:
            PictureError, VideoError, LabelError: it cannot be read.
        """
        return self.picture.read()

    def fault(self, kind: str, message: str, shape: str | None = None) -> Fault:
        """A fault of this picture's labels."""
        return Fault(kind, self.file, message, self.inside, shape)

    def without(self, refused: Iterable[tuple[str, str]]) -> LabelledPicture:
        """The picture, where some of its labels cannot be used: where each is, and why."""
        faults = (self.fault("broken-label", message, where) for where, message in refused)
        return replace(self, faults=tuple(faults))


@dataclass(frozen=True)
class LabelledSet:
    """Labelled pictures in memory.

    Attributes:
        names: the classes, in order.
        pictures: in the order of their source.
        source: the file or folder they came from; None when made in memory.
        notes: what the reader had to decide, one line each.
    """

    names: tuple[str, ...]
    pictures: tuple[LabelledPicture, ...]
    source: Path | None = None
    notes: tuple[str, ...] = ()

    @property
    def instances(self) -> tuple[LabelledInstance, ...]:
        """All of all pictures."""
        return tuple(one for picture in self.pictures for one in picture.instances)

    def __str__(self) -> str:
        return str(self.source or "data set")

    def __iter__(self) -> Iterator[LabelledPicture]:
        return iter(self.pictures)

    def __len__(self) -> int:
        return len(self.pictures)


def names_of(pictures: Iterable[LabelledPicture], first: Iterable[str] = ()) -> tuple[str, ...]:
    """The classes: those of `first`, in that order, then others that occur, sorted."""
    others = {instance.name for picture in pictures for instance in picture.instances}
    return tuple(dict.fromkeys([*first, *sorted(others)]))


def labelled(instances: Instances, picture: PictureRef, name: str) -> LabelledPicture:
    """What a model found in a picture, as labels with scores; masks are exact. Characters whose
    hard mask is empty are left out."""
    found = []
    for i in range(len(instances)):
        mask = instances.mask(i)
        if mask.any():
            found.append(
                LabelledInstance.from_mask(
                    mask,
                    instances[i].name,
                    score=round(float(instances.scores[i]), 6),
                    kind=None if instances.kind_scores is None else instances.kinds[i],
                    track_id=None if instances.track_ids is None else int(instances.track_ids[i]),
                )
            )
    return LabelledPicture(picture, instances.size_hw, tuple(found), name)


def size_fault(picture: LabelledPicture) -> Fault | None:
    """What is wrong with the size of a picture that is there, read from its header alone."""
    if not isinstance(picture.picture, FileRef) or picture.picture.missing:
        return None
    try:
        height, width = picture_size(picture.path)
    except KirinukiError as error:
        return picture.fault("unreadable-picture", f"its picture {error}")
    if (height, width) == picture.size_hw:
        return None
    return picture.fault(
        "size-mismatch",
        f"says {picture.size_hw[1]}×{picture.size_hw[0]} pixels, but {picture.path.name} is "
        f"{width}×{height} (upright); label the picture again or put the right one there",
    )


def picture_size(path: Path) -> tuple[int, int]:
    """Height and width of a picture as it is shown (EXIF-upright), read from its header only.

    Raises:
        PictureError: it is missing, too large to be read, or no picture.
    """
    with opened(path) as image:
        return upright_size(image)


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Height and width of an opened picture after its EXIF rotation."""
    try:
        turned = image.getexif().get(_EXIF_ORIENTATION, 1) in (5, 6, 7, 8)
    except Exception:  # damaged EXIF: viewers show the picture as stored
        turned = False
    width, height = image.size
    return (width, height) if turned else (height, width)
