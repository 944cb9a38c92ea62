"""The picture of a LabelMe file: where it is, and how large.

Not covered: the shapes drawn on it (`labelme`).
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path, PureWindowsPath
from typing import Any

from kirinuki.errors import LabelError, PictureError
from kirinuki.formats.labelled import picture_size, upright_size
from kirinuki.images.picture import MAX_PIXELS, PICTURE_SUFFIXES, opened


def is_text(value: str) -> bool:
    r"""Not with halves of characters, which JSON can say ("\ud83d") and no file can hold."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def find_picture(path: Path, record: Mapping[str, Any]) -> Path:
    """The picture of a LabelMe file; where it should be, if it is not there.

    Understands Windows separators and drives, names in another Unicode form (macOS), and files
    moved together with their picture.
    """
    named = record.get("imagePath")
    if not isinstance(named, str) or not named.strip():
        siblings = (path.with_suffix(suffix) for suffix in sorted(PICTURE_SUFFIXES))
        found = next((sibling for sibling in siblings if sibling.is_file()), None)
        if found is None:
            raise LabelError(f'{path}: has no "imagePath"; name the picture in it')
        return found
    if not is_text(named) or "\0" in named:
        raise LabelError(f"{path}: imagePath {named!r} is not a file name")
    windows = PureWindowsPath(named)
    moved = path.parent / windows.name
    usual = moved if windows.drive else path.parent / windows.as_posix()
    spellings = [
        path.parent / unicodedata.normalize(form, windows.as_posix()) for form in ("NFC", "NFD")
    ]
    for candidate in (usual, path.parent / named, *spellings, moved):
        try:
            if candidate.is_file():
                return candidate
        except (OSError, ValueError):  # too long, or a null character
            raise LabelError(f"{path}: imagePath {named!r} is not a file name") from None
    return usual


def labelled_size(path: Path, record: Mapping[str, Any], picture: Path) -> tuple[int, int]:
    """Height and width: the file's own, checked against the picture, or else the picture's.

    Raises:
        LabelError: the two differ, none is known, or the picture is damaged.
    """
    stated = stated_size(path, record)
    actual = _actual_size(path, record, picture, needed=stated is None)
    if stated is not None and actual is not None and stated != actual:
        raise LabelError(
            f"{path}: says {stated[1]}×{stated[0]} pixels, but {picture.name} is "
            f"{actual[1]}×{actual[0]} (upright); label the picture again or put the right one there"
        )
    size = stated or actual
    assert size is not None  # _actual_size raises when it is needed and not to be had
    return size


def stated_size(path: Path, record: Mapping[str, Any]) -> tuple[int, int] | None:
    """Height and width that a LabelMe file states, or None.

    Raises:
        LabelError: they are no numbers of pixels, or more than are read.
    """
    height, width = record.get("imageHeight"), record.get("imageWidth")
    if height is None or width is None:
        return None
    for value in (height, width):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 <= value < 1e6:
            raise LabelError(f"{path}: imageWidth and imageHeight are {width!r} and {height!r}")
    if int(height) * int(width) > MAX_PIXELS:
        raise LabelError(
            f"{path}: says {width}×{height} pixels; at most {MAX_PIXELS:,} pixels are read"
        )
    return int(height), int(width)


def _actual_size(
    path: Path, record: Mapping[str, Any], picture: Path, needed: bool
) -> tuple[int, int] | None:
    """Size of the picture beside the file, else of the embedded one (decoded only if needed)."""
    if picture.is_file():
        try:
            return picture_size(picture)
        except PictureError as error:
            raise LabelError(f"{path}: its picture {error}") from None
    if not needed:
        return None
    try:
        embedded = base64.b64decode(record.get("imageData") or "")
        with opened(BytesIO(embedded)) as image:
            return upright_size(image)
    except (TypeError, ValueError, PictureError):
        raise LabelError(
            f"{path}: has no imageWidth and imageHeight, and its picture {picture} is not there; "
            "put the picture beside it"
        ) from None
