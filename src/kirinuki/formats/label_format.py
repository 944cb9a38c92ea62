"""`LabelFormat`: what a file or folder of this room fulfils, and what goes in and out of it.

Not covered: which formats there are (`registry`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol

from kirinuki.errors import LabelError
from kirinuki.formats.labelled import Fault, LabelledPicture
from kirinuki.outside_text import read_json

Feature = Literal["crowds", "scores", "kinds", "alphas", "tracks", "embedded pictures"]
"""What a format may keep of labels beside classes and masks, which all of them keep."""


@dataclass
class Reading:
    """Labels about to be read, a picture at a time.

    Attributes:
        format: the name of the format.
        source: the file or folder.
        items: begins to read: pictures, and faults that cost a whole picture or file.
        names: the classes that the source declares, in its order; empty where the labels
            themselves are all there is (LabelMe).
        notes: what had to be decided about many labels, a line each; complete once all is read.
    """

    format: str
    source: Path
    items: Callable[[], Iterator[LabelledPicture | Fault]]
    names: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[LabelledPicture | Fault]:
        return self.items()


@dataclass(frozen=True)
class Written:
    """One picture that was written, or why it was not."""

    failure: str | None = None


class LabelFormat(Protocol):
    """One format.

    Attributes:
        name: the word for it in commands.
        title: what people call it.
        keeps: the features that come back when it is written and read.
        target: how the name of what is written ends (".json"), "" where that is a folder.
        video: it is for frames of videos alone.
    """

    name: str
    title: str
    keeps: frozenset[Feature]
    target: str
    video: bool

    def sniff(self, candidate: Candidate) -> Candidate | None:
        """The file or folder to read, where this is of the format."""

    def read(self, candidate: Candidate, pictures: Path | None) -> Reading:
        """Read what `sniff` gave; `pictures` is the folder of the pictures, where that is known.

        Raises:
            LabelError, DatasetError: nothing of it can be used.
        """

    def names_in(self, target: Path) -> tuple[str, ...]:
        """The classes of what lies at a target already, in order."""

    def write(
        self,
        pictures: Iterable[LabelledPicture],
        names: Sequence[str],
        target: Path,
        replace: bool,
    ) -> Iterator[Written]:
        """Write labels, one item a picture. Nothing is written where something is in the way, or
        where no picture can be.

        Raises:
            OutputError: it exists and `replace` is False, or cannot be written.
        """


class Candidate:
    """A file or folder that may hold labels. What is in it is read once, whoever asks."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def is_folder(self) -> bool:
        return self.path.is_dir()

    @cached_property
    def content(self) -> Any:
        """What a JSON file says; a LabelError, not raised, where it is none."""
        if self.path.suffix.lower() in (".xml", ".yaml", ".yml", ".txt"):
            return LabelError(f"{self.path}: holds no labels")
        try:
            return read_json(self.path)
        except LabelError as error:
            return error

    def has(self, key: str) -> bool:
        """Whether it is a JSON object with this key."""
        return not self.is_folder and isinstance(self.content, dict) and key in self.content

    @cached_property
    def json_files(self) -> tuple[Path, ...]:
        return tuple(find_files(self.path, ".json")) if self.is_folder else ()

    @cached_property
    def coco(self) -> Candidate | None:
        """The COCO file that this is, or that stands for this folder; None where one of the JSON
        files is a LabelMe file (then a COCO file is what an earlier conversion or split wrote).

        Raises:
            LabelError: there are several.
        """
        if not self.is_folder:
            return self if self.has("images") and not self.has("shapes") else None
        found = []
        for path in self.json_files:
            inside = Candidate(path)
            if inside.has("shapes"):
                return None
            found += [inside] if inside.has("images") else []
        if len(found) > 1:
            names = ", ".join(one.path.relative_to(self.path).as_posix() for one in found[:5])
            raise LabelError(
                f"{self.path}: holds {len(found)} COCO files ({names}); name one of them"
            )
        return found[0] if found else None


def find_files(folder: Path, suffix: str) -> list[Path]:
    """All files with a suffix in a folder and the folders in it, sorted; links to folders are not
    followed.

    A link that leads nowhere is among them, so that reading it says so. Names that start with a dot
    are not: macOS's ``._a.json``, notebooks' checkpoints.
    """
    inside = sorted((path.relative_to(folder) for path in folder.rglob("*")), key=_in_order)
    return [
        folder / path
        for path in inside
        if path.suffix.lower() == suffix
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
