"""What a job reads and what its results are called: inputs in, a `Plan` out, item by item.

>>> for item in plan(["pics"], "out"):
...     print(item.source, item.stem, item.moves)

Results are laid out like the inputs, seen from the deepest folder that holds all of them:
``pics/a/1.png`` and ``pics/b/1.png`` become ``OUT/a/1…`` and ``OUT/b/1…``; a single folder or file
gives no extra level. Pictures and videos stand in one plan.

Not covered: how folders are gone through (`walk`), how results are told apart (`names`), opening
the files (`images`, `video`).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from kirinuki.images.picture import PICTURE_SUFFIXES
from kirinuki.video.info import VIDEO_SUFFIXES
from kirinuki.work.inputs import read_inputs
from kirinuki.work.names import path_key
from kirinuki.work.planned import Planned, Problem
from kirinuki.work.taking import Walked
from kirinuki.work.walk import Listing, Walk, list_folder

__all__ = ["Plan", "Planned", "Problem", "Walked", "plan"]

AHEAD = 10_000
"""Items found before the first is given: a job up to this size knows at once how many there are."""


class Plan:
    """All the inputs of a job, in order of their names. Every iteration goes through the folders
    anew; what it finds is in `walked`, ahead of what it gives.

    Attributes:
        out: folder of the results.
    """

    def __init__(
        self,
        inputs: str | Path | Sequence[str | Path],
        out: Path,
        *,
        pictures: bool,
        videos: bool,
        listing: Listing,
    ) -> None:
        self.out = out
        self._inputs = read_inputs(inputs, out, pictures=pictures, videos=videos)
        self._pictures = pictures
        self._listing = listing
        self._walked = Walked()
        named = (path for some in self._inputs.named.values() for path in some.values())
        self._named = {_place_key(path) for path in named}
        self._folders = {Path(os.path.realpath(folder)) for folder in self._inputs.wants}

    @property
    def walked(self) -> Walked:
        """What the last iteration has come upon so far."""
        return self._walked

    @property
    def count(self) -> int | None:
        """How many items there are; None while nobody knows."""
        return self._walked.planned if self._walked.ended else None

    def __iter__(self) -> Iterator[Planned]:
        walk = Walk(self._inputs, self.out, self._pictures, self._listing)
        self._walked = walk.walked
        coming = iter(walk)
        ahead = deque(islice(coming, AHEAD))
        while ahead:
            yield ahead.popleft()
            ahead.extend(islice(coming, 1))

    def reads(self, path: Path) -> bool:
        """Whether a file may be one of the inputs, whatever links lead to it. Of folders and
        patterns every picture and video may be, but those of the results' folder."""
        if _place_key(path) in self._named:
            return True
        above = Path(os.path.realpath(path.parent), path.name).parents
        return (
            path.suffix.lower() in PICTURE_SUFFIXES | VIDEO_SUFFIXES
            and os.path.lexists(path)
            and Path(os.path.realpath(self.out)) not in above
            and not self._folders.isdisjoint(above)
        )


def plan(
    inputs: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    pictures: bool = True,
    videos: bool = False,
    listing: Listing = list_folder,
) -> Plan:
    """Understand the inputs of a job; the folders are looked into while the plan is iterated over.

    Args:
        inputs: files, folders (with all folders in them) and glob patterns, or one of them. A path
            that exists is never taken for a pattern. A file that is named is planned whatever its
            suffix.
        out: folder of the results; found inside an input folder, it is not read, and results that
            a journal names are not taken as inputs anywhere.
        pictures: whether folders and patterns are searched for pictures; without, whatever is named
            is a video.
        videos: whether folders are searched for videos. A pattern that ends in a video's suffix is
            in any case.
        listing: how a folder is listed.

    Raises:
        OutputError: an input folder is the results' folder or lies inside it.
    """
    return Plan(inputs, Path(out), pictures=pictures, videos=videos, listing=listing)


def _place_key(path: Path) -> str:
    """Where a file lies, whatever links lead to its folder."""
    return path_key(Path(os.path.realpath(path.parent), path.name))
