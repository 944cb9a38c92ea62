"""Text that others wrote: label files, recipes, configurations, metadata; the one reader of it.

A pipe, a device or a folder is refused before it is opened, a file of gigabytes before it is read,
and what is not text, not JSON or not YAML is named with its first wrong byte or line. JSON and YAML
that are nested without end, or YAML that multiplies itself by aliases, end in the same one line.

Not covered: what the text means; files of our own jobs (`work.journal`).
"""

from __future__ import annotations

import csv
import json
import re
import stat
from io import StringIO
from pathlib import Path
from typing import Any

from kirinuki.errors import KirinukiError, LabelError

MAX_BYTES = 512 << 20
"""Largest file: COCO's own largest set of labels has 448 MB."""
_HALVES = re.compile("[\ud800-\udfff]")
MAX_DEPTH = 100
"""Deepest nesting of YAML and XML; Python's JSON parser has a limit of its own."""
MAX_YAML_BYTES = 4 << 20
"""YAML is parsed in Python, a second a megabyte, and ours are lists of names."""

Refusal = type[KirinukiError]


def read_bytes(path: Path, refuse: Refusal = LabelError, most: int = MAX_BYTES) -> bytes:
    """The content of a regular file of at most `most` bytes.

    Raises:
        refuse: one line that begins with the path.
    """
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            what = "a folder" if stat.S_ISDIR(facts.st_mode) else "no regular file"
            raise refuse(f"{path}: is {what}; expected a file of text")
        with path.open("rb") as file:  # it may have grown since, or be one that says it is empty
            content = b"" if facts.st_size > most else file.read(most + 1)
    except OSError as error:
        raise refuse(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError:  # a null character in the name
        raise refuse(f"{str(path)!r}: is not a file name") from None
    if max(len(content), facts.st_size) > most:
        raise refuse(f"{path}: is larger than {most >> 20} MB; at most that much text is read")
    return content


def read_text(path: Path, refuse: Refusal = LabelError, most: int = MAX_BYTES) -> str:
    """The text of a file in UTF-8, or in UTF-16 or UTF-32 as Windows' editors write them.

    Raises:
        refuse: it cannot be read, or is no such text; names its first wrong byte.
    """
    content = read_bytes(path, refuse, most)
    encoding = json.detect_encoding(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:  # LabelMe 3 wrote the encoding of the system
        where = f"byte {error.start + 1:,} is 0x{content[error.start]:02x}"
        raise refuse(
            f"{path}: is not UTF-8 text ({where}); open it in a text editor and save it as UTF-8"
        ) from None


def read_json(path: Path, refuse: Refusal = LabelError) -> Any:
    """The content of a JSON file.

    Raises:
        refuse: as `read_text`, or it is no JSON, or names one thing twice, of which one would be
            lost.
    """
    text = read_text(path, refuse)
    if not text.strip():
        raise refuse(f"{path}: is empty; write it again")
    try:
        return parse_json(text)
    except ValueError as error:
        raise refuse(f"{path}: is not valid JSON ({error}); save it again") from None


def parse_json(text: str) -> Any:
    """What a JSON text says.

    Raises:
        ValueError: it is none, is nested too deeply, or an object has a key twice.
    """
    try:
        return json.loads(text, object_pairs_hook=_each_once)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'"{twice}" occurs twice in one object')
    return record


def read_yaml(path: Path, refuse: Refusal = LabelError) -> Any:
    """The content of a YAML file of plain values.

    Raises:
        refuse: as `read_text`, or it is no YAML, is nested too deeply, or has aliases, of which a
            few lines can make gigabytes.
    """
    import yaml  # type: ignore[import-untyped]  # here: the help of many commands needs none

    text = read_text(path, refuse, MAX_YAML_BYTES)
    try:
        depth = 0
        for event in yaml.parse(text, yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            line = event.start_mark.line + 1
            if isinstance(event, yaml.AliasEvent):
                raise refuse(f"{path}, line {line}: has an alias (*{event.anchor}); write it out")
            if depth > MAX_DEPTH:
                raise refuse(f"{path}, line {line}: is nested too deeply")
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        words = " ".join(str(error).split())
        raise refuse(f"{path}: is not valid YAML: {words}") from None


def read_csv(path: Path, refuse: Refusal = LabelError) -> list[dict[str, str]]:
    """The rows of a CSV file by the names in its first line; a short row has None for the rest.

    Raises:
        refuse: as `read_text`, or it is no CSV.
    """
    text = read_text(path, refuse)
    try:
        return list(csv.DictReader(StringIO(text, newline="")))
    except csv.Error as error:
        raise refuse(f"{path}: is not CSV: {error}") from None


def as_text(name: str) -> str:
    """The name of a file as labels can say it: what of it is not UTF-8 is U+FFFD."""
    return name if is_text(name) else _HALVES.sub("\ufffd", name)


def is_text(value: str) -> bool:
    r"""Not with halves of characters, which JSON can say ("\ud83d") and no file can hold."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
