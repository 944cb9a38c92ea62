"""What the results of the files of one folder are called: the file's name without its suffix, where
no other file of the folder would get the same.

Where two pictures would share a name (``1.jpg`` beside ``1.png``), both keep their suffix in it;
where even that is the same on a file system that ignores case (``A.png`` beside ``a.png``), a
``~2`` follows. Pictures choose first, so that a video beside them renames none: ``ep.png`` stays
``ep``, and ``ep.mkv`` keeps its suffix. A name so long that no result would fit, or that is not
UTF-8, is cut, with a hash of the whole at its end; one that Windows takes for a device (``NUL``)
gets a ``_``. The names depend on the files alone, never on what is done.

Not covered: which files are taken, and the folders before the names (`walk`).
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

MOST_BYTES = 220
"""Of a stem: names of files have 255, of which results take some (``_background.webm``, ``~2``)."""
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[1-9¹²³]|lpt[1-9¹²³])(?= *(\.|$))", re.IGNORECASE
)
"""Names that are devices on Windows, whatever suffix follows."""


class File(NamedTuple):
    """A file that is taken."""

    name: str
    """Without its folder."""
    moves: bool
    """Whether it is a video."""
    shown: Path
    """Its folder, as the caller named it."""


def path_key(path: str | Path) -> str:
    """A path as a file system that ignores case and Unicode form sees it."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def stem_and_suffix(name: str) -> tuple[str, str]:
    """The two parts of a file's name, as `PurePath` tells them apart, at a tenth of the time."""
    dot = name.rfind(".")
    return (name[:dot], name[dot:]) if 0 < dot < len(name) - 1 else (name, "")


def stem_of(name: str) -> str:
    """What the results are called where nothing else would be called so."""
    return _fitting(stem_and_suffix(name)[0])


def fits(source: Path, stem: Path) -> bool:
    """Whether an input and its folders have names that results can have."""
    folders = source.parent.parts[-len(stem.parts) + 1 :] if len(stem.parts) > 1 else ()
    return stem_of(source.name) == stem_and_suffix(source.name)[0] and all(
        folder_of(name) == name for name in folders
    )


def folder_of(name: str) -> str:
    """What the folder of the results of a folder's files is called. Windows drops dots and spaces
    at the end."""
    return _fitting(name.rstrip(". ") or "_")


def _fitting(stem: str) -> str:
    """A stem, or one that a file can be called by everywhere."""
    stem = _DEVICE.sub(r"\1_", stem, count=1) if _DEVICE.match(stem) else stem
    if stem.isascii() and len(stem) <= MOST_BYTES:
        return stem
    whole = os.fsencode(stem)
    if len(whole) <= MOST_BYTES and whole.decode("utf-8", "ignore") == stem:
        return stem
    begin = whole[: MOST_BYTES - 9].decode("utf-8", "ignore")
    return f"{begin}~{hashlib.blake2b(whole, digest_size=4).hexdigest()}"


def renamed(folders: Sequence[Sequence[File]], own: int) -> dict[str, str]:
    """Files of a folder whose results cannot be called by `stem_of` → what they are called.

    Args:
        folders: the files of one folder, sorted by name; or those of several that are one on a file
            system that ignores case, in the order of the folders' names.
        own: number of the folder that is asked for.
    """
    files = [file for folder in folders for file in folder]
    if len({path_key(stem_of(file.name)) for file in files}) == len(files):
        return {}
    pictures = Counter(path_key(stem_of(file.name)) for file in files if not file.moves)
    every = Counter(path_key(stem_of(file.name)) for file in files)
    taken: set[str] = set()
    names: dict[str, str] = {}
    for moves, shared in ((False, pictures), (True, every)):
        for number, folder in enumerate(folders):
            for file in folder:
                if file.moves == moves:
                    name = _free(file.name, shared, taken)
                    taken.add(path_key(name))
                    if number == own:
                        names[file.name] = name
    return names


def _free(name: str, shared: Counter[str], taken: set[str]) -> str:
    short = stem_of(name)
    wish = short if shared[path_key(short)] == 1 else _fitting(name)
    return next(variant for variant in _variants(wish) if path_key(variant) not in taken)


def _variants(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}~{number}"
        number += 1
