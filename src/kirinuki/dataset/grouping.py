"""Which pictures belong together, so that a split never parts them.

Frames of one clip look alike; with one in training and its neighbour in validation the numbers
would praise memory. Pictures are grouped by name (clip, folder or a pattern), and groups that share
near-identical pictures are joined.

Not covered: deciding which group goes where (`split`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from kirinuki.errors import DatasetError

Groups = list[list[int]]
"""Indices of pictures, one list a group; every picture is in exactly one."""

NAMED_GROUPINGS = ("clip", "folder", "picture")

_TIME = re.compile(r"(?<!\d)(\d{1,2})[-_.:h](\d{2})[-_.:m](\d{2})(?:[-_.,:s](\d{1,9}))?[\])}s]*$")
_NUMBER = re.compile(r"(\d+)[\])}]*$")


def frame_of(file_name: str) -> tuple[str, int | None]:
    """Clip and frame number (or time in order) of a file name.

    The clip is the folder and the stem before its last number: ``ep01/shot_0042.png`` is frame 42
    of ``ep01/shot_``, and ``Show 03 [00_12_33.5].jpg`` lies at its time in ``Show 03 [``. A name
    that does not end in a number is a clip of its own, without a frame number.
    """
    path = PurePosixPath(file_name.replace("\\", "/"))
    folder = "" if str(path.parent) == "." else f"{path.parent}/"
    time = _TIME.search(path.stem)
    if time:
        hours, minutes, seconds, fraction = time.groups()
        moment = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
        # Fractions as nanoseconds keep .5 before .75 and the order a whole number.
        return folder + path.stem[: time.start()], moment * 10**9 + int(
            (fraction or "0").ljust(9, "0")
        )
    number = _NUMBER.search(path.stem)
    if number:
        return folder + path.stem[: number.start()], int(number.group(1))
    return folder + path.stem, None


def group_by_name(names: Sequence[str], group_by: str) -> dict[str, list[int]]:
    """Indices of the names under the key of their group.

    Args:
        names: file names with forward slashes.
        group_by: "clip", "folder", "picture" (each for itself), or a regular expression; then the
            key is its first capture group, or the whole match where it has none.

    Raises:
        DatasetError: the pattern is not a regular expression, or does not match a name.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    pattern = None if group_by in NAMED_GROUPINGS else _compile(group_by)
    for i, name in enumerate(names):
        if pattern:
            match = pattern.search(name)
            if match is None:
                raise DatasetError(
                    f'{name}: does not match `group_by` "{group_by}"; use a pattern that matches '
                    "every picture, or clip, folder or picture"
                )
            key = str(match.group(1) if pattern.groups else match.group(0))
        elif group_by == "clip":
            key = frame_of(name)[0]
        elif group_by == "folder":
            key = str(PurePosixPath(name).parent)
        else:
            key = name
        groups[key].append(i)
    return dict(groups)


def _compile(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise DatasetError(
            f'`group_by` "{text}": is not a regular expression ({error}); use clip, folder, '
            "picture or a pattern"
        ) from None


def cut_into_runs(names: Sequence[str], clip: Sequence[int], length: int) -> Groups:
    """The frames of one clip as runs of `length` consecutive frames."""
    in_order = sorted(clip, key=lambda i: (frame_of(names[i])[1] or 0, names[i]))
    return [in_order[start : start + length] for start in range(0, len(in_order), length)]


def join(groups: Iterable[Sequence[int]], pairs: Iterable[tuple[int, int]]) -> Groups:
    """Groups with those joined that a pair of pictures ties together (union-find), in order of
    their first picture."""
    parent: dict[int, int] = {}

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for group in groups:
        for i in group:
            parent[i] = group[0]
    for i, j in pairs:
        parent[root(j)] = root(i)
    joined: dict[int, list[int]] = defaultdict(list)
    for i in sorted(parent):
        joined[root(i)].append(i)
    return sorted(joined.values())
