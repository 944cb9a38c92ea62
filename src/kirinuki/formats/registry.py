"""The formats that there are, and what does not depend on which: finding out, reading, writing.

A format is a file of this room that fulfils `label_format.LabelFormat`, and a line here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from kirinuki.errors import DatasetError, LabelError
from kirinuki.formats.coco import Coco
from kirinuki.formats.coco_video import CocoVideo
from kirinuki.formats.cvat import Cvat
from kirinuki.formats.label_format import Candidate, LabelFormat, Reading
from kirinuki.formats.labelled import Fault, LabelledPicture, LabelledSet, names_of
from kirinuki.formats.labelme import LabelMe
from kirinuki.formats.picture_ref import EmbeddedRef
from kirinuki.formats.yolo import Yolo

FORMATS: dict[str, LabelFormat] = {
    one.name: one for one in (Yolo(), CocoVideo(), Coco(), Cvat(), LabelMe())
}
"""By name, in the order in which a folder that could be several is taken for one."""


def titles() -> str:
    """The formats in words."""
    *others, last = sorted(one.title for one in FORMATS.values())
    return f"{', '.join(others)} and {last}"


def open_labels(source: str | Path, pictures: str | Path | None = None) -> Reading:
    """Find out what a file or folder is, and get ready to read it.

    Args:
        pictures: folder of the pictures, where it is not that of the labels.

    Raises:
        DatasetError: it holds no labels, or several sets of them.
        LabelError: nothing of it can be read.
    """
    path = Path(source)
    if not path.exists():
        raise DatasetError(f"{path}: no such file or folder")
    candidate = Candidate(path)
    for one in FORMATS.values():
        found = one.sniff(candidate)
        if found is not None:
            return one.read(found, None if pictures is None else Path(pictures))
    if candidate.is_folder:
        raise DatasetError(f"{path}: holds no labels; {titles()} are read")
    if isinstance(candidate.content, LabelError):
        raise candidate.content
    raise LabelError(f"{path}: holds no labels that are known; {titles()} are read")


def load_set(source: str | Path, pictures: str | Path | None = None) -> LabelledSet:
    """Read a data set into memory; arguments and errors are `open_labels`'s.

    Raises:
        LabelError: a label is wrong: the first one, with its place.
    """
    reading = open_labels(source, pictures)
    read: list[LabelledPicture] = []
    for item in reading:
        faults = (item,) if isinstance(item, Fault) else item.faults
        if faults:
            raise LabelError(str(faults[0]))
        assert isinstance(item, LabelledPicture)
        read.append(item)
    if not read:
        raise DatasetError(f"{source}: holds no labelled pictures")
    names = names_of(read, reading.names)
    return LabelledSet(names, tuple(read), Path(source), tuple(reading.notes))


def format_of_target(target: Path, video: bool) -> LabelFormat | None:
    """The format that the name of what is to be written says: by its suffix (a COCO file of frames
    is CocoVID), or a folder named after it (``my_yolo``, ``my.yolo``); None where it does not."""
    words = re.split(r"[^a-z0-9]+", target.name.lower())
    for one in FORMATS.values():
        if one.target and target.suffix.lower() == one.target and one.video == video:
            return one
        if not one.target and target.suffix in ("", f".{one.name}") and one.name in words:
            return one
    return FORMATS["yolo"] if target.name in ("data.yaml", "data.yml") else None


def lost(pictures: Iterable[LabelledPicture], to: LabelFormat) -> Counter[str]:
    """How many of what a format cannot keep is in pictures, by feature."""
    counts: Counter[str] = Counter()
    for picture in pictures:
        counts["embedded pictures"] += isinstance(picture.picture, EmbeddedRef)
        for instance in picture.instances:
            counts["crowds"] += instance.crowd
            counts["scores"] += instance.score is not None
            counts["kinds"] += instance.kind is not None
            counts["alphas"] += instance.alpha is not None
            counts["tracks"] += instance.track_id is not None
    return Counter({name: n for name, n in counts.items() if n and name not in to.keeps})
