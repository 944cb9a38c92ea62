"""JSON files with labels: which ones a folder holds, what is in one, and whether it is COCO.

Not covered: what the content means (`labelme`, `coco`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from kirinuki.errors import DatasetError, LabelError


def find_label_files(folder: Path) -> list[Path]:
    """All JSON files in a folder and the folders in it, sorted; links to folders are not followed.

    A link that leads nowhere is among them, so that reading it says so. Names that start with a dot
    are not: macOS's ``._a.json``, notebooks' checkpoints.
    """
    inside = sorted((path.relative_to(folder) for path in folder.rglob("*")), key=_in_order)
    return [
        folder / path
        for path in inside
        if path.suffix.lower() == ".json"
        and not any(part.startswith(".") for part in path.parts)
        and _may_be_read(folder / path)
    ]


def _in_order(path: Path) -> tuple[str, ...]:
    return path.parts


def _may_be_read(path: Path) -> bool:
    """Not a folder, nor a pipe, which would be waited for."""
    try:
        return path.is_file() or not path.exists()
    except OSError:  # a loop of links: reading it says so
        return True


def read_json(path: Path) -> Any:
    """The content of a JSON file in UTF-8, or in UTF-16 with its mark as Windows' editors write it.

    Raises:
        LabelError: it cannot be read, is no JSON, or names one thing twice, of which one would be
            lost.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise LabelError(f"{path}: cannot be read: {error.strerror or error}") from None
    if not raw.strip():
        raise LabelError(f"{path}: is empty; label its picture again")
    try:
        text = raw.decode(json.detect_encoding(raw))
    except UnicodeDecodeError:  # LabelMe 3 wrote the encoding of the system
        raise LabelError(
            f"{path}: is not UTF-8 text; open it in a text editor and save it as UTF-8"
        ) from None
    try:
        return json.loads(text, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise LabelError(f"{path}: is not valid JSON ({error}); save it again") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'"{twice}" occurs twice in one object')
    return record


def json_kind(path: Path) -> Literal["labelme", "coco"] | None:
    """What a JSON file is, by its keys; None for anything else, damaged files included."""
    try:
        content = read_json(path)
    except LabelError:
        return None
    if not isinstance(content, dict):
        return None
    if "shapes" in content:
        return "labelme"
    return "coco" if "images" in content else None


def only_coco(folder: Path, files: Sequence[Path]) -> Path | None:
    """The COCO file among the JSON files of a folder; None where one of them is a LabelMe file
    (then a COCO file is what an earlier conversion or split wrote), or none is COCO.

    Raises:
        DatasetError: there are several.
    """
    coco = []
    for path in files:
        kind = json_kind(path)
        if kind == "labelme":
            return None
        coco += [path] if kind == "coco" else []
    if len(coco) > 1:
        names = ", ".join(path.relative_to(folder).as_posix() for path in coco[:5])
        raise DatasetError(f"{folder}: holds {len(coco)} COCO files ({names}); name one of them")
    return coco[0] if coco else None


def one_line(text: str) -> str:
    """Text from a label file for a message: names may hold line breaks, and characters that move
    a terminal's cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
