"""Through the folders that a job's inputs ask for, one after the other, in order of the names.

Held is one folder at a time, with those that it lies in: a job over millions of files needs the
memory of its largest folders. A folder that several inputs mean is read once, its files are planned
once. Folders whose names are one where case does not count (``B`` beside ``b``) are named together,
so that no result takes another's place.

Not covered: what the inputs mean (`inputs`), which files are taken (`taking`), what their results
are called (`names`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from pathlib import Path
from typing import NamedTuple, TypeAlias

from kirinuki.work.inputs import EVERYTHING, Inputs, Want
from kirinuki.work.names import File, folder_of, path_key, renamed, stem_of
from kirinuki.work.planned import Planned, Problem
from kirinuki.work.results import JOURNAL_NAME, Results
from kirinuki.work.taking import Taking, Walked


class Entry(NamedTuple):
    """A name in a folder."""

    name: str
    is_folder: bool
    is_link: bool


Listing = Callable[[Path], list[Entry]]
"""What is in a folder, in any order. Raises OSError where it cannot be read."""


def list_folder(folder: Path) -> list[Entry]:
    """What is in a folder on disk."""
    with os.scandir(folder) as entries:
        return [Entry(entry.name, _is_folder(entry), entry.is_symlink()) for entry in entries]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link into a folder that is locked
        return False


@dataclass(frozen=True)
class _Place:
    """A folder, and what is wanted of it because of the folders that it lies in."""

    path: Path
    stem: Path
    """Beginning of its files' stems."""
    wants: tuple[Want, ...] = ()
    results: tuple[Results, ...] = ()
    """Of the folders that it lies in."""


@dataclass
class _Seen:
    """What is taken of a folder, in order of the names."""

    files: list[File] = field(default_factory=list)
    below: list[_Place] = field(default_factory=list)


_Steps: TypeAlias = "Iterator[Planned | _Steps]"
"""A folder's files, and the steps through each folder in it."""


class Walk:
    """One walk through all the inputs. Iterate over it once.

    Args:
        pictures: whether what is named may be a picture; else it is a video whatever it is.
    """

    def __init__(
        self, inputs: Inputs, out: Path, pictures: bool = True, listing: Listing = list_folder
    ) -> None:
        self.walked = Walked(problems=[*inputs.problems])
        self._inputs = inputs
        self._pictures = pictures
        self._listing = listing
        self._real_out = Path(os.path.realpath(out))
        self._of_out = Results(self._real_out)
        self._taking = Taking(self.walked)
        self._tops = _tops(inputs.bases)
        self._leads = _leads([*inputs.wants, *inputs.named], set(self._tops))

    def __iter__(self) -> Iterator[Planned]:
        for top, stem in self._tops.items():
            under_way: list[_Steps] = [self._enter([_Place(top, stem)], 0)]
            while under_way:
                step = next(under_way[-1], None)
                if step is None:
                    under_way.pop()
                elif isinstance(step, Planned):
                    yield step
                else:
                    under_way.append(step)
        self.walked.problems += self._taking.gave_nothing(self._inputs)
        self.walked.ended = True

    def _enter(self, twins: Sequence[_Place], own: int) -> _Steps:
        """Steps through one folder: the `own` of those that are one where case does not count."""
        here = twins[own]
        seen = [self._look(place, self._taking if place is here else Taking()) for place in twins]
        names = renamed([one.files for one in seen], own)
        below = _by_key(place for one in seen for place in one.below)
        files: Sequence[File | _Place] = seen[own].files
        folders: Sequence[File | _Place] = seen[own].below
        for step in merge(files, folders, key=_order):
            if isinstance(step, _Place):
                group = below[path_key(step.stem.name)]
                yield self._enter(group, group.index(step))
            else:
                stem = here.stem / names.get(step.name, stem_of(step.name))
                yield Planned(step.shown / step.name, stem, step.moves)

    def _look(self, place: _Place, taking: Taking) -> _Seen:
        """What is taken of a folder."""
        fresh = self._inputs.wants.get(place.path, ())
        wants = tuple(one for want in (*place.wants, *fresh) for one in want.here())
        entries = self._list(place.path, wants, taking.walked) if wants else []
        results = place.results
        if any(entry.name == JOURNAL_NAME for entry in entries):
            results = (*results, Results(place.path))
        named = self._inputs.named.get(place.path, {})
        files = self._named(named, taking)
        inner: dict[str, tuple[Want, ...]] = dict.fromkeys(self._leads.get(place.path, ()), ())
        for entry in entries:
            name = entry.name
            if results and any(place.path / name in one for one in results):
                taking.walked.results_left += name not in named
            elif not entry.is_folder:
                file = taking.found(place.path, name, wants, name in named)
                files += [] if file is None else [file]
            elif asked := self._asked_below(place.path, entry, wants):
                inner[name] = asked
        below = [
            _Place(place.path / name, place.stem / folder_of(name), asked, results)
            for name, asked in inner.items()
        ]
        return _Seen(sorted(files, key=_order), sorted(below, key=_order))

    def _list(self, folder: Path, wants: Sequence[Want], walked: Walked) -> list[Entry]:
        try:
            return self._listing(folder)
        except OSError as error:
            missing = isinstance(error, FileNotFoundError | NotADirectoryError)
            if not missing or any(want.pattern == EVERYTHING for want in wants):
                reason = f"cannot be read ({error.strerror})"
                walked.problems.append(Problem(str(wants[0].shown), reason))
            return []

    def _named(self, named: dict[str, Path], taking: Taking) -> list[File]:
        """The files of a folder that are named; results in the job's own folder are left, which
        ``kirinuki cut *.png -o .`` names the second time."""
        files = []
        for path in named.values():
            if Path(os.path.realpath(path.parent), path.name) in self._of_out:
                taking.walked.results_left += 1
            else:
                files.append(taking.named(path, self._pictures))
        return files

    def _asked_below(self, folder: Path, entry: Entry, wants: Sequence[Want]) -> tuple[Want, ...]:
        """What is wanted of a folder inside another one: nothing of the results'."""
        inner = (want.below(entry.name, entry.is_link) for want in wants)
        asked = tuple(dict.fromkeys(want for want in inner if want is not None))
        may_be_out = entry.is_link or path_key(entry.name) == path_key(self._real_out.name)
        if asked and may_be_out and os.path.realpath(folder / entry.name) == str(self._real_out):
            return ()
        return asked


def _order(step: File | _Place) -> str:
    """Files and folders of one folder in order of the whole paths."""
    return step.name if isinstance(step, File) else step.path.name + "/"


def _by_key(places: Iterable[_Place]) -> dict[str, list[_Place]]:
    """Folders by what their results' are called where case does not count."""
    groups: dict[str, list[_Place]] = {}
    for place in sorted(places, key=lambda place: place.stem.as_posix() + "/"):
        groups.setdefault(path_key(place.stem.name), []).append(place)
    return groups


def _tops(bases: Sequence[Path]) -> dict[Path, Path]:
    """Where walks begin → where its results do: the deepest folder that holds all the inputs; on
    several drives, each drive."""
    try:
        return {Path(os.path.commonpath(bases)): Path()} if bases else {}
    except ValueError:
        drives = {base.anchor: base.drive.strip(":\\/").replace("\\", "/") for base in bases}
        return {Path(anchor): Path(drive) for anchor, drive in drives.items()}


def _leads(folders: Iterable[Path], tops: set[Path]) -> dict[Path, set[str]]:
    """Folders on the way to others → the names to go on to."""
    leads: dict[Path, set[str]] = {}
    for folder in folders:
        while folder not in tops:
            leads.setdefault(folder.parent, set()).add(folder.name)
            folder = folder.parent
    return leads
