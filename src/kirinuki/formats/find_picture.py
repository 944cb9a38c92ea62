"""The picture that a label file names: found where exactly one file fits.

Understood are Windows separators and drives, names in another Unicode form (macOS) or case, files
that moved together with their picture, and pictures in ``images/`` in or beside the labels' folder,
as CVAT, Datumaro and YOLO lay them out.

Not covered: pictures embedded in label files (`labelme`).
"""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from pathlib import Path, PureWindowsPath

from kirinuki.formats.picture_ref import FileRef
from kirinuki.images.picture import PICTURE_SUFFIXES
from kirinuki.outside_text import is_text


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


class PictureFinder:
    """Finds pictures by the names in the label files of one folder."""

    def __init__(self, folder: Path, pictures: Path | None = None) -> None:
        """
        Args:
            folder: of the label files.
            pictures: where the pictures are; then nowhere else is looked.
        """
        self._roots = (
            [folder, folder / "images", folder.parent / "images"]
            if pictures is None
            else [pictures]
        )
        self._deep = pictures is not None
        self._taken: dict[Path, str] = {}

    def find(self, named: str) -> FileRef:
        """The file, or where it should be and why it is not to be had."""
        if not is_file_name(named):
            return FileRef(self._roots[0], "is not there: its name is no file name")
        windows = PureWindowsPath(named)
        relative = windows.name if windows.drive else windows.as_posix()
        for root in self._roots:
            for spelling in (relative, named):
                if _is_file(root / spelling):
                    return FileRef(root / spelling)
        parts = [part for part in windows.parts if part not in (windows.anchor, "..", ".")]
        for same in (_composed, _folded):
            found = self._like(parts, same)
            if len(found) > 1:
                names = ", ".join(map(str, found[:3]))
                return FileRef(found[0], f"may be any of {len(found)} files ({names}); rename some")
            if found and self._taken.setdefault(found[0], named) == named:
                return FileRef(found[0])
        looked = ", ".join(str(root) for root in self._roots if root.is_dir())
        should = self._roots[0] / relative
        return FileRef(
            should,
            f"is not there (looked in {looked or self._roots[0]}); put it there, or name its "
            "folder with `pictures`",
        )

    def _like(self, parts: list[str], same: Callable[[str], str]) -> list[Path]:
        """Files whose path ends as the name does, as far as both go."""
        wanted = [same(part) for part in reversed(parts)]
        fitting = []
        for inside, path in self._index.get(_folded(parts[-1]) if parts else "", ()):
            there = [same(part) for part in reversed(inside)]
            if all(a == b for a, b in zip(wanted, there, strict=False)):
                fitting.append(path)
        return sorted(set(fitting))

    @cached_property
    def _index(self) -> dict[str, list[tuple[tuple[str, ...], Path]]]:
        """All pictures by folded name: their parts below a root, and where they are."""
        index: dict[str, list[tuple[tuple[str, ...], Path]]] = defaultdict(list)
        for number, root in enumerate(self._roots):
            for here, folders, files in os.walk(root):
                if number == 0 and not self._deep:
                    folders.clear()  # of the labels' own folder nothing but what lies in it
                for name in files:
                    path = Path(here, name)
                    if path.suffix.lower() in PICTURE_SUFFIXES:
                        index[_folded(name)].append((path.relative_to(root).parts, path))
        return index


def is_file_name(named: str) -> bool:
    """Whether a file system could hold it."""
    if not is_text(named) or "\0" in named or not named.strip():
        return False
    return all(len(part.encode()) < 256 for part in PureWindowsPath(named).parts)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, a loop of links, or a null character
        return False
