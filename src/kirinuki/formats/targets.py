"""Label targets: write labelled pictures as COCO, LabelMe or YOLO. Nothing is overwritten unasked.

Folders below the pictures' common folder are kept; names never collide. LabelMe and YOLO have no
word for COCO's crowd regions: these are left out.

Not covered: reading (`sources`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kirinuki.errors import KirinukiError, OutputError
from kirinuki.formats.coco import CocoImage, write_coco
from kirinuki.formats.labelled import LabelledPicture, build_dataset, relative_to
from kirinuki.formats.labelme import annotations_to_labelme, write_labelme
from kirinuki.formats.yolo import write_text, write_yaml, yolo_line
from kirinuki.images.picture import write_atomically


@dataclass(frozen=True)
class Written:
    """What became of one picture: holes that had to be filled, or the line of its failure."""

    holes: int = 0
    failure: str | None = None


def coco_path(out: Path) -> Path:
    """The COCO file to write: `out` itself, or ``annotations.json`` in it when it is no .json."""
    return out if out.suffix.lower() == ".json" else out / "annotations.json"


def write_coco_target(
    pictures: Sequence[LabelledPicture], names: Sequence[str], out: Path, overwrite: bool
) -> None:
    """All pictures as one COCO file, see `coco_path`.

    Raises:
        OutputError: it exists and `overwrite` is False, or cannot be written.
    """
    path = coco_path(out)
    write_coco(build_dataset(pictures, names, path.parent), path, overwrite)


def write_labelme_target(
    pictures: Sequence[LabelledPicture], out: Path, overwrite: bool
) -> Iterator[Written]:
    """One LabelMe file a picture, in the folder `out`.

    Raises:
        OutputError: before anything is written, when a file exists and `overwrite` is False.
    """
    places = unique_places([picture.picture for picture in pictures])
    targets = [out / place.with_suffix(".json") for place in places]
    refuse_existing(targets, overwrite)
    for picture, target in zip(pictures, targets, strict=True):
        image = CocoImage(0, picture.picture.name, picture.height, picture.width)
        image_path = relative_to(picture.picture, target.parent)
        try:
            record = annotations_to_labelme(image, picture.single_characters, image_path)
            write_labelme(record, target, overwrite)
        except KirinukiError as error:
            yield Written(failure=f"{picture.picture}: {error}")
        else:
            yield Written()


def write_yolo_target(
    pictures: Sequence[LabelledPicture], names: Sequence[str], out: Path, overwrite: bool
) -> Iterator[Written]:
    """``images/`` (copies), ``labels/`` and ``data.yaml`` in the folder `out`.

    Raises:
        OutputError: before anything is written, when a file exists and `overwrite` is False.
    """
    places = unique_places([picture.picture for picture in pictures])
    labels = [out / "labels" / place.with_suffix(".txt") for place in places]
    copies = [out / "images" / place for place in places]
    refuse_existing([out / "data.yaml", *labels, *copies], overwrite)
    write_yaml(out / "data.yaml", names, overwrite)
    class_indices = {name: index for index, name in enumerate(names)}
    for picture, label, copy in zip(pictures, labels, copies, strict=True):
        try:
            yield _write_yolo_picture(picture, class_indices, label, copy, overwrite)
        except KirinukiError as error:
            yield Written(failure=f"{picture.picture}: {error}")


def _write_yolo_picture(
    picture: LabelledPicture,
    class_indices: dict[str, int],
    label: Path,
    copy: Path,
    overwrite: bool,
) -> Written:
    lines = []
    holes = 0
    for name, annotation in picture.single_characters:
        written = yolo_line(annotation, class_indices[name], (picture.height, picture.width))
        if written is not None:
            lines.append(written[0] + "\n")
            holes += written[1]
    if picture.picture.is_file() and not _same_file(picture.picture, copy):
        with write_atomically(copy, overwrite) as temporary:
            shutil.copyfile(picture.picture, temporary)
    write_text(label, "".join(lines), overwrite)
    return Written(holes)


def _same_file(first: Path, second: Path) -> bool:
    return second.exists() and first.samefile(second)


def unique_places(pictures: Sequence[Path]) -> list[Path]:
    """A relative path for each picture, below the folder that all share. Two that differ only in
    suffix or case (``1.png``, ``1.JPG``) get different names: ``1.png``, ``1_JPG.JPG``."""
    # Not resolve(): a link to a picture keeps its own name and place.
    absolute = [Path(os.path.abspath(picture)) for picture in pictures]  # noqa: PTH100
    try:
        base = os.path.commonpath([path.parent for path in absolute]) if absolute else ""
        places = [path.relative_to(base) for path in absolute]
    except ValueError:  # Windows: several drives
        places = [Path(path.name) for path in absolute]
    taken: set[str] = set()
    unique = []
    for place in places:
        stem, suffix, count = place.stem, place.suffix, 1
        while str(place.with_suffix("")).casefold() in taken:
            ending = suffix[1:] if count == 1 else f"{suffix[1:]}{count}"
            place = place.with_name(f"{stem}_{ending}{suffix}")
            count += 1
        taken.add(str(place.with_suffix("")).casefold())
        unique.append(place)
    return unique


def refuse_existing(targets: Sequence[Path], overwrite: bool) -> None:
    """Stop before a long job would stop halfway.

    Raises:
        OutputError: one of them exists and `overwrite` is False.
    """
    existing = [] if overwrite else [path for path in targets if os.path.lexists(path)]
    if existing:
        more = f" (and {len(existing) - 1} more)" if len(existing) > 1 else ""
        raise OutputError(f"{existing[0]}{more}: exists already; pass --overwrite to replace it")
