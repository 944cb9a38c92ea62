"""`LabelledPicture`: one picture and its characters, whatever kind of label file they came from,
and the rules that turn labels into classes. Every conversion goes through here.

Not covered: reading and writing the kinds of files (`labelme`, `coco`, `yolo`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from PIL import Image

from kirinuki.errors import LabelError
from kirinuki.formats.coco import Annotation, Category, CocoDataset, CocoImage
from kirinuki.images.picture import opened

_NUMBERED = re.compile(r"(.*\S)_(\d{1,18})")
_EXIF_ORIENTATION = 0x0112


@dataclass(frozen=True)
class LabelRules:
    """How labels become classes.

    Attributes:
        rename: label to class name, such as girl to waifu.
        classes: the only classes allowed, in the order of their ids; empty allows all.
        numbered_labels: ``waifu_1``, ``waifu_2`` are the class waifu; the number says which one.
        skip_bad_shapes: leave bad shapes out and count them, instead of refusing the file.
    """

    rename: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    numbered_labels: bool = False
    skip_bad_shapes: bool = False

    def name_of(self, label: str) -> tuple[str, str | None]:
        """Class name, and the number of the character if the label carries one."""
        number = None
        if self.numbered_labels and (match := _NUMBERED.fullmatch(label)):
            label, number = match[1], match[2]
        return self.rename.get(label, label), number

    def class_of(self, label: str) -> tuple[str, str | None]:
        """As `name_of`, of an allowed class.

        Raises:
            LabelError: the class is not among `classes`.
        """
        name, number = self.name_of(label)
        if self.classes and name not in self.classes:
            raise LabelError(
                f'"{name}" is not among --classes {",".join(self.classes)}; add it, '
                f'pass --map "{name}=..." or --skip-bad-shapes'
            )
        return name, number


@dataclass(frozen=True)
class LabelledPicture:
    """One picture and its characters.

    Attributes:
        source: the label file, for messages.
        picture: where the picture lies, or should lie.
        height, width: of the EXIF-upright picture, in pixels.
        characters: class name and annotation (ids not yet given) of each character.
        skipped: one line for each bad shape that was left out.
    """

    source: Path
    picture: Path
    height: int
    width: int
    characters: tuple[tuple[str, Annotation], ...]
    skipped: tuple[str, ...] = ()

    @property
    def single_characters(self) -> tuple[tuple[str, Annotation], ...]:
        """The characters without COCO's crowd regions, each of which stands for many."""
        return tuple(pair for pair in self.characters if not pair[1].iscrowd)


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


def class_names(pictures: Iterable[LabelledPicture]) -> list[str]:
    """Names of the classes that occur, sorted."""
    return sorted({name for picture in pictures for name, _ in picture.characters})


def build_dataset(
    pictures: Iterable[LabelledPicture], names: Sequence[str], folder: Path
) -> CocoDataset:
    """A data set with ids from 1 in the order given, for a COCO file in `folder`.

    File names and alpha files are made relative to `folder`, with forward slashes.
    """
    category_ids = {name: number for number, name in enumerate(names, 1)}
    images: list[CocoImage] = []
    annotations: list[Annotation] = []
    for picture in pictures:
        image_id = len(images) + 1
        file_name = relative_to(picture.picture, folder)
        images.append(CocoImage(image_id, file_name, picture.height, picture.width))
        for name, annotation in picture.characters:
            alpha = annotation.alpha_file
            numbered = replace(
                annotation,
                id=len(annotations) + 1,
                image_id=image_id,
                category_id=category_ids[name],
                alpha_file=None if alpha is None else relative_to(Path(alpha), folder),
            )
            annotations.append(numbered)
    return CocoDataset(
        images=tuple(images),
        annotations=tuple(annotations),
        categories=tuple(Category(number, name) for name, number in category_ids.items()),
        pictures=folder,
    )


def relative_to(path: Path, folder: Path) -> str:
    """`path` as seen from `folder`, with forward slashes; absolute where Windows has two drives."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.absolute().as_posix()
