"""Which files of a folder a job takes: pictures, videos, and what is left, counted.

Not covered: going through the folders (`walk`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kirinuki.images.picture import PICTURE_SUFFIXES
from kirinuki.video.info import VIDEO_SUFFIXES, is_video
from kirinuki.work.inputs import EVERYTHING, Inputs, Want
from kirinuki.work.names import File, stem_and_suffix
from kirinuki.work.planned import Problem


@dataclass
class Walked:
    """What a walk has come upon so far."""

    pictures: int = 0
    """Pictures that are planned."""
    videos: int = 0
    """Videos that are planned."""
    videos_left: int = 0
    """Videos in folders, which were not asked for."""
    results_left: int = 0
    """Results of earlier runs."""
    ignored: int = 0
    """Other files in the folders."""
    problems: list[Problem] = field(default_factory=list)
    ended: bool = False
    """Whether there is nothing more to come."""

    @property
    def planned(self) -> int:
        """Inputs found so far."""
        return self.pictures + self.videos


@dataclass
class Taking:
    """Takes files and counts them."""

    walked: Walked = field(default_factory=Walked)
    gave: Counter[int] = field(default_factory=Counter)
    """Files that are taken for each input, by its number."""
    left: Counter[int] = field(default_factory=Counter)
    """Videos that are left, by number of the input."""

    def named(self, path: Path, pictures: bool) -> File:
        """Take a file that is named, whatever its suffix."""
        # Only a plain file is looked into: reading a pipe would use it up.
        moves = not pictures or (path.is_file() and is_video(path))
        return self._taken(File(path.name, moves, path.parent))

    def found(self, folder: Path, name: str, wants: Sequence[Want], is_named: bool) -> File | None:
        """Take a file that a folder holds, if it is asked for; one that is named is taken already,
        and only counts for the inputs that ask for it too."""
        suffix = stem_and_suffix(name)[1].lower()
        first: File | None = None
        asking = [want for want in wants if want.takes(name)]
        for want in asking:
            moves = _moves(folder, name, suffix, want)
            if moves is not None:
                self.gave[want.number] += 1
                first = first or File(name, moves, want.shown)
        if is_named or not asking:
            return None
        if first is not None:
            return self._taken(first)
        if suffix in VIDEO_SUFFIXES:
            self.walked.videos_left += 1
            self.left.update({want.number for want in asking})
        else:
            self.walked.ignored += 1
        return None

    def _taken(self, file: File) -> File:
        self.walked.videos += file.moves
        self.walked.pictures += not file.moves
        return file

    def gave_nothing(self, inputs: Inputs) -> list[Problem]:
        """The folders and patterns that no file is taken for."""
        wants = sorted((want for some in inputs.wants.values() for want in some), key=_number)
        return [self._nothing(inputs, want) for want in wants if not self.gave[want.number]]

    def _nothing(self, inputs: Inputs, want: Want) -> Problem:
        what = " or ".join(["picture"] * want.pictures + ["video"] * want.videos)
        if want.pattern == EVERYTHING:
            reason = f"no {what}s in this folder"
        else:
            reason = f"no {what} matches this pattern"
        left = self.left[want.number]
        if left:
            reason += f", but {left:,} video" + "s" * (left > 1)
        return Problem(inputs.texts[want.number], reason)


def _number(want: Want) -> int:
    return want.number


def _moves(folder: Path, name: str, suffix: str, want: Want) -> bool | None:
    """Whether a file is a video for an input; None where it is nothing that this asks for."""
    if want.pictures and suffix in PICTURE_SUFFIXES:
        return want.videos and suffix in VIDEO_SUFFIXES and is_video(folder / name)
    return True if want.videos and suffix in VIDEO_SUFFIXES else None
