"""What the inputs of a job ask for: files by name, folders, patterns.

A path that exists is never taken for a pattern. Links to folders inside a folder are not followed,
nor hidden files and folders taken; what is named is, and what a pattern's part names.

Not covered: looking into the folders (`walk`).
"""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from kirinuki.errors import OutputError
from kirinuki.video.info import VIDEO_SUFFIXES
from kirinuki.work.planned import Problem

EVERYTHING = ("**",)
"""The pattern of a folder that is searched whole."""


@dataclass(frozen=True)
class Want:
    """What one input wants of one folder."""

    number: int
    """Of the input, from 0."""
    shown: Path
    """The folder, as the caller named it."""
    pattern: tuple[str, ...]
    """Parts of a pattern, as `glob` knows them, that are still to be matched from here."""
    pictures: bool
    videos: bool

    def here(self) -> tuple[Want, ...]:
        """This, and what it means without the ``**`` at its beginning, which may match nothing."""
        if self.pattern[0] != "**" or len(self.pattern) == 1:
            return (self,)
        return (self, *self._next(self.shown, self.pattern[1:]).here())

    def takes(self, name: str) -> bool:
        """Whether a file of this folder is meant, going by its name."""
        return len(self.pattern) == 1 and _fits(self.pattern[0], name)

    def below(self, name: str, is_link: bool) -> Want | None:
        """What is wanted of a folder inside this one; None is nothing."""
        first, *rest = self.pattern
        if not _fits(first, name) or (first == "**" and is_link):
            return None
        pattern = self.pattern if first == "**" else tuple(rest) or EVERYTHING
        return self._next(self.shown / name, pattern)

    def _next(self, shown: Path, pattern: tuple[str, ...]) -> Want:
        return Want(self.number, shown, pattern, self.pictures, self.videos)


def _fits(part: str, name: str) -> bool:
    if name.startswith(".") and not part.startswith("."):
        return False
    return part == "**" or fnmatch(name, part)


@dataclass
class Inputs:
    """All that is asked for, by absolute path of the folder. Grows with the inputs alone."""

    texts: tuple[str, ...]
    """The inputs, as given."""
    wants: dict[Path, list[Want]] = field(default_factory=dict)
    named: dict[Path, dict[str, Path]] = field(default_factory=dict)
    """Files that are named: name → path as the caller gave it."""
    bases: list[Path] = field(default_factory=list)
    """The folders that the inputs name, those of named files too."""
    problems: list[Problem] = field(default_factory=list)


def read_inputs(
    inputs: str | Path | Sequence[str | Path], out: Path, *, pictures: bool, videos: bool
) -> Inputs:
    """Understand the inputs; looks at nothing but whether they exist. One path is one input.

    Raises:
        OutputError: an input folder is the results' folder or lies inside it.
    """
    several = [inputs] if isinstance(inputs, str | os.PathLike) else inputs
    asked = Inputs(tuple(map(str, several)))
    real_out = Path(os.path.realpath(out))
    for number, item in enumerate(asked.texts):
        path = Path(item)
        # Unlike `Path`'s methods, these do not raise where a name is too long or a folder locked.
        if os.path.isdir(path):  # noqa: PTH112
            want = Want(number, path, EVERYTHING, pictures, videos)
            _add_folder(want, asked, real_out)
        elif os.path.lexists(path):
            folder = absolute(path).parent
            asked.bases.append(folder)
            asked.named.setdefault(folder, {}).setdefault(absolute(path).name, path)
        elif glob.has_magic(item):
            _add_folder(_pattern(number, item, pictures, videos), asked, real_out)
        else:
            asked.problems.append(Problem(item, "no such file or folder"))
    return asked


def _pattern(number: int, item: str, pictures: bool, videos: bool) -> Want:
    """A pattern that names a video's suffix asks for videos, and for nothing else unless the suffix
    may be a picture's too."""
    parts = Path(item).parts
    magic = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    pattern = parts[magic:] + EVERYTHING * item.endswith(os.sep)  # "a/*/" means folders
    asks_videos = Path(item).suffix.lower() in VIDEO_SUFFIXES
    return Want(number, Path(*parts[:magic]), pattern, pictures, videos or asks_videos)


def _add_folder(want: Want, asked: Inputs, real_out: Path) -> None:
    real = Path(os.path.realpath(want.shown))
    if real_out in (real, *real.parents):
        raise OutputError(
            f"{want.shown}: results would be written among the inputs; choose another folder"
        )
    folder = absolute(want.shown)
    asked.bases.append(folder)
    asked.wants.setdefault(folder, []).append(want)


def absolute(path: str | Path) -> Path:
    """An absolute path through the links that `path` goes through; `Path.resolve` leaves them."""
    return Path(os.path.abspath(path))  # noqa: PTH100
