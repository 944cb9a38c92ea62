"""Where written labels and their pictures go: names that never collide, nothing replaced unasked.

Not covered: what is written (the formats).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from kirinuki.errors import OutputError
from kirinuki.files import write_atomically
from kirinuki.formats.labelled import LabelledPicture
from kirinuki.formats.picture_ref import FileRef
from kirinuki.outside_text import as_text
from kirinuki.work.source import relative_to_folder


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


def refuse_existing(targets: Iterable[Path], replace: bool) -> None:
    """Stop before a long job would stop halfway.

    Raises:
        OutputError: one of them exists and `replace` is False.
    """
    existing = [] if replace else [path for path in targets if os.path.lexists(path)]
    if existing:
        more = f" (and {len(existing) - 1} more)" if len(existing) > 1 else ""
        raise OutputError(f"{existing[0]}{more}: exists already; pass `overwrite` to replace it")


def seen_from(picture: LabelledPicture, folder: Path, replace: bool) -> str:
    """The name of a picture in a label file of `folder`. A picture that is embedded in its labels
    is written out for that, into ``images/``.

    Raises:
        OutputError: it cannot be written, or another file is in its place.
    """
    if isinstance(picture.picture, FileRef) or picture.path.is_file():
        return as_text(relative_to_folder(picture.path, folder))
    if picture.frame is not None and not picture.frame.video.is_file():
        return picture.name
    name = Path("images", *(part for part in Path(picture.name).parts if part not in ("..", "/")))
    picture.picture.copy_to(folder / name, replace)
    return name.as_posix()


def write_text(path: Path, text: str, replace: bool = False) -> None:
    """Write a text file, whole or not at all."""
    with write_atomically(path, replace) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
