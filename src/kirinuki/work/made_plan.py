"""The plan of 0.5.0, held whole: pictures alone, or videos alone. It goes with the jobs that use
it; `plan` is what comes in its place.

Names. Results are laid out like the inputs, seen from the deepest folder that holds all of them:
``pics/a/1.png`` and ``pics/b/1.png`` become ``OUT/a/1…`` and ``OUT/b/1…``; a single folder or
picture gives no extra level. Where two pictures would share a name (``1.jpg`` beside ``1.png``),
both keep their suffix in it (``OUT/1.jpg…``, ``OUT/1.png…``); where even that is the same on a
file system that ignores case (``A.png`` beside ``a.png``), a ``~2`` follows. The names depend on
the inputs alone, never on what is done already.

Not covered: opening the pictures (`images`); writing results (`batch`). Links to folders inside a
folder are not followed, hidden files and folders are left out.
"""

from __future__ import annotations

import glob
import os
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from kirinuki.errors import OutputError
from kirinuki.images.picture import PICTURE_SUFFIXES


@dataclass(frozen=True)
class Planned:
    """One picture of a job."""

    source: Path
    """The picture, as the caller named it."""
    stem: str
    """Beginning of the names of its results, relative to the results' folder: ``a/1``."""


@dataclass(frozen=True)
class Problem:
    """Something that could not be used, in one line."""

    source: str
    reason: str

    def __str__(self) -> str:
        return self.reason if self.source in self.reason else f"{self.source}: {self.reason}"


@dataclass(frozen=True)
class Plan:
    """All the pictures of a job, sorted by stem; no two stems differ in case alone."""

    out: Path
    pictures: tuple[Planned, ...]
    problems: tuple[Problem, ...] = ()
    """Inputs that gave no picture."""
    ignored: int = 0
    """Files in the input folders that are not pictures."""


@dataclass
class _Found:
    """Pictures found so far, by absolute path, and the folders that the inputs named."""

    real_out: Path
    suffixes: Collection[str]
    what: str
    pictures: dict[Path, Path] = field(default_factory=dict)
    bases: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: set[Path] = field(default_factory=set)


def make_plan(
    inputs: Sequence[str | Path],
    out: str | Path,
    suffixes: Collection[str] = PICTURE_SUFFIXES,
    what: str = "picture",
) -> Plan:
    """Find the pictures, or what else, that the inputs name, and name their results.

    Args:
        inputs: pictures, folders (searched recursively) and glob patterns. A path that exists is
            never taken for a pattern. A picture that was named is planned whatever its suffix;
            files of folders and patterns that are not pictures are counted as ignored.
        out: folder of the results; found inside an input folder, it is not read.
        suffixes: of the files that folders and patterns are searched for, in lower case.
        what: the word for one of them, for messages.

    Raises:
        OutputError: when an input folder is the results' folder or lies inside it.
    """
    found = _Found(Path(os.path.realpath(out)), suffixes, what)
    for item in map(str, inputs):
        _find(item, found)
    root = _common_root(found.bases)
    sources = sorted(found.pictures, key=lambda path: _relative(path, root).as_posix())
    stems = _stems([_relative(path, root) for path in sources])
    pictures = (
        Planned(found.pictures[path], stem) for path, stem in zip(sources, stems, strict=True)
    )
    return Plan(Path(out), tuple(pictures), tuple(found.problems), len(found.ignored))


def path_key(path: str | Path) -> str:
    """A path as a file system that ignores case and Unicode form sees it."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 (resolve() would follow links)


def _find(item: str, found: _Found) -> None:
    path = Path(item)
    # Unlike `Path`'s methods, these do not raise where a name is too long or a folder is locked.
    if os.path.isdir(path):  # noqa: PTH112
        _start_folder(path, found)
        if not _search_folder(path, found):
            found.problems.append(Problem(item, f"no {found.what}s in this folder"))
    elif os.path.lexists(path):
        found.bases.append(_absolute(path).parent)
        found.pictures.setdefault(_absolute(path), path)
    elif glob.has_magic(item):
        _find_pattern(item, found)
    else:
        found.problems.append(Problem(item, "no such file or folder"))


def _start_folder(path: Path, found: _Found) -> None:
    base = _absolute(path)
    real = Path(os.path.realpath(path))
    if found.real_out in (real, *real.parents):
        raise OutputError(
            f"{path}: results would be written among the inputs; choose another folder with -o"
        )
    found.bases.append(base)


def _find_pattern(pattern: str, found: _Found) -> None:
    fixed = Path()
    for part in Path(pattern).parts[:-1]:
        if glob.has_magic(part):
            break
        fixed /= part
    _start_folder(fixed, found)
    count = 0
    for match in map(Path, sorted(glob.glob(pattern, recursive=True))):  # noqa: PTH207 ("**" + hidden)
        if os.path.isdir(match):  # noqa: PTH112
            count += _search_folder(match, found)
        elif found.real_out not in Path(os.path.realpath(match)).parents:
            count += _take(match, found)
    if not count:
        found.problems.append(Problem(pattern, f"no {found.what} matches this pattern"))


def _search_folder(folder: Path, found: _Found) -> int:
    """Take every picture under a folder; how many there are."""

    def refuse(error: OSError) -> None:
        found.problems.append(Problem(str(error.filename), f"cannot be read ({error.strerror})"))

    count = 0
    for here, folders, files in os.walk(folder, onerror=refuse):
        if os.path.realpath(here) == str(found.real_out):
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        count += sum(
            _take(Path(here, name), found) for name in sorted(files) if not name.startswith(".")
        )
    return count


def _take(path: Path, found: _Found) -> bool:
    """Take a file that a search came upon, if it is of the kind searched for."""
    absolute = _absolute(path)
    if path.suffix.lower() not in found.suffixes:
        found.ignored.add(absolute)
        return False
    found.pictures.setdefault(absolute, path)
    return True


def _common_root(bases: Sequence[Path]) -> Path | None:
    """Deepest folder that holds all, or None on several drives."""
    try:
        return Path(os.path.commonpath(bases)) if bases else None
    except ValueError:
        return None


def _relative(path: Path, root: Path | None) -> PurePath:
    if root is not None:
        return path.relative_to(root)
    return PurePath(path.drive.strip(":\\/").replace("\\", "/"), *path.parts[1:])


def _stems(relatives: Sequence[PurePath]) -> list[str]:
    """A stem for each picture, unique also where the file system ignores case."""
    shared = Counter(path_key(path.with_suffix("").as_posix()) for path in relatives)
    taken: set[str] = set()
    stems = []
    for path in relatives:
        short = path.with_suffix("").as_posix()
        stem = short if shared[path_key(short)] == 1 else path.as_posix()
        stems.append(next(name for name in _variants(stem) if path_key(name) not in taken))
        taken.add(path_key(stems[-1]))
    return stems


def _variants(stem: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}~{number}"
        number += 1
